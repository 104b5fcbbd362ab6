//! How does a run go on? Part by part: graduates by id, matched on all cores against the vacancies as they stood when this
//! instance took the run up, written with how far the run is. A run is claimed in the database, so that one instance works on
//! it, and one that died loses it after a while; what is written stays written.

use std::sync::Arc;

use rayon::prelude::*;

use crate::db::types::{GraduateId, MatchingRunId, Timestamp, VacancyId};
use crate::db::{Db, claim};
use crate::error::Result;
use crate::graduates::{self, GraduateRow, Profile};
use crate::matching::fit::Fit;
use crate::matching::fold::Folded;
use crate::matching::pool::Pool;
use crate::matching::runs::model::{MatchFound, MatchingRunStatus, ResultRow, RunRow};
use crate::matching::runs::store;

/// How many graduates are matched between two writes.
pub const PART: i64 = 1_000;
/// How long a claim on a run holds without being renewed, in seconds.
const CLAIM_S: i64 = 60;
/// How many runs are looked at in one go.
const RUNS_MAX: i64 = 20;

/// Works off the runs that are waiting or that nobody works on any more; `part` graduates between two writes.
///
/// Gives how many parts were written. A run that fails is ended with its reason.
pub async fn work_off(db: &Db, pool: &Arc<Pool>, region: &str, part: i64, clock: impl Fn() -> Timestamp) -> Result<usize> {
    let mut parts = 0;
    for id in db.read(|conn| store::open(conn, RUNS_MAX)).await? {
        let owner = MatchingRunId::new(clock()).to_string();
        let mut work = Work { db, pool, region, part, owner, id, folded: None };
        loop {
            match work.step(&clock).await {
                Ok(true) => parts += 1,
                Ok(false) => break,
                Err(error) => {
                    tracing::error!("a matching run failed: {error}");
                    work.fail(clock(), error.to_string()).await?;
                    break;
                }
            }
        }
    }
    Ok(parts)
}

/// A run that this instance works on.
struct Work<'w> {
    db: &'w Db,
    pool: &'w Arc<Pool>,
    region: &'w str,
    part: i64,
    owner: String,
    id: MatchingRunId,
    folded: Option<Arc<Folded>>,
}

impl Work<'_> {
    fn claim(&self) -> String {
        format!("matching-run:{}", self.id)
    }

    /// Matches the next graduates; false when the run is over or another's.
    async fn step(&mut self, clock: &impl Fn() -> Timestamp) -> Result<bool> {
        let now = clock();
        let (name, owner, id, part) = (self.claim(), self.owner.clone(), self.id.clone(), self.part);
        let taken = self.db.write(move |conn| {
            if !claim::claim(conn, now, &name, &owner, CLAIM_S)? {
                return Ok(None);
            }
            let row = store::load(conn, &id)?;
            if row.status.is_over() {
                claim::release(conn, &name, &owner)?;
                return Ok(None);
            }
            Ok(Some(row))
        });
        let Some(row) = taken.await? else { return Ok(false) };
        let folded = match &self.folded {
            Some(folded) => folded.clone(),
            None => {
                self.pool.catch_up(self.db).await?;
                let pool = self.pool.clone();
                let folded = tokio::task::spawn_blocking(move || pool.folded(now.day())).await?;
                self.folded.insert(folded).clone()
            }
        };
        let (school, area) = (row.school_id.clone(), row.area.clone());
        let after = row.last_graduate.as_deref().and_then(GraduateId::parse);
        let next = move |conn: &mut _| graduates::looking(conn, school.as_ref(), &area, after.as_ref(), part);
        let people = self.db.read(next).await?;
        let (pool, region, run, of) = (self.pool.clone(), self.region.to_owned(), row.clone(), folded.clone());
        let (people, found) = tokio::task::spawn_blocking(move || matched(&pool, &of, &region, &run, people)).await??;
        let now = clock();
        let row = self.progress(row, &people, &folded, now);
        self.write(row, found, now).await
    }

    /// Says how far the run is when these graduates are done.
    fn progress(&self, row: RunRow, people: &[GraduateRow], folded: &Folded, now: Timestamp) -> RunRow {
        let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
        let over = count < self.part;
        RunRow {
            status: if over { MatchingRunStatus::Succeeded } else { MatchingRunStatus::Running },
            done: row.done + count,
            last_graduate: people.last().map(|row| row.id.to_string()).or(row.last_graduate),
            events: folded.seq,
            revision: row.revision + 1,
            updated_at: now,
            finished_at: over.then_some(now),
            ..row
        }
    }

    /// Writes a part, unless the run has been called off or taken over since.
    async fn write(&self, row: RunRow, found: Vec<ResultRow>, now: Timestamp) -> Result<bool> {
        let (name, owner) = (self.claim(), self.owner.clone());
        let written = self.db.write(move |conn| {
            let before = store::load(conn, &row.id)?;
            if before.revision + 1 != row.revision || before.status.is_over() {
                return Ok(false);
            }
            store::keep(conn, &found)?;
            store::save(conn, &row)?;
            if row.status.is_over() {
                claim::release(conn, &name, &owner)?;
                store::record(conn, now, "service", "matching.finish", &row)?;
            }
            Ok(true)
        });
        written.await
    }

    async fn fail(&self, now: Timestamp, reason: String) -> Result<()> {
        let (name, owner, id) = (self.claim(), self.owner.clone(), self.id.clone());
        let ended = self.db.write(move |conn| {
            let row = store::load(conn, &id)?;
            if row.status.is_over() {
                return Ok(());
            }
            let (revision, finished_at) = (row.revision + 1, Some(now));
            let row =
                RunRow { status: MatchingRunStatus::Failed, reason: Some(reason), revision, updated_at: now, finished_at, ..row };
            store::save(conn, &row)?;
            claim::release(conn, &name, &owner)?;
            store::record(conn, now, "service", "matching.fail", &row)
        });
        ended.await
    }
}

/// Matches graduates, and gives them back.
fn matched(
    pool: &Pool,
    folded: &Folded,
    region: &str,
    run: &RunRow,
    people: Vec<GraduateRow>,
) -> Result<(Vec<GraduateRow>, Vec<ResultRow>)> {
    let read = |row: &GraduateRow| pool.read(row, region).map(|(_, profile)| profile);
    let profiles: Vec<Option<Profile>> = people.par_iter().map(read).collect();
    let readable: Vec<Profile> = profiles.iter().flatten().cloned().collect();
    let mut found = pool.best(folded, &readable, usize::try_from(run.matches)?).into_iter();
    let hits: Vec<Option<Vec<VacancyId>>> = profiles.iter().map(|profile| profile.as_ref().and_then(|_| found.next())).collect();
    let row = |((person, profile), hits): ((&GraduateRow, &Option<Profile>), Option<Vec<VacancyId>>)| {
        let fits = profile.as_ref().zip(hits).map(|(profile, hits)| {
            let fit =
                |vacancy| Some(MatchFound { fit: Fit::of(pool.fit(folded, profile, &vacancy)?, &pool.weights.version), vacancy });
            hits.into_iter().filter_map(fit).collect::<Vec<MatchFound>>()
        });
        let matches = serde_json::to_string(&fits)?;
        Ok(ResultRow { run_id: run.id.clone(), graduate_id: person.id.clone(), events: folded.seq, matches })
    };
    let rows = people.par_iter().zip(&profiles).zip(hits).map(row).collect::<Result<Vec<ResultRow>>>()?;
    Ok((people, rows))
}
