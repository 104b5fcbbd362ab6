//! How is the outcome of a batch put down? The counter is taken first, so that writers meet there and nowhere else; then
//! whole batches of new rows, and each changed row by itself.

use diesel::prelude::*;

use crate::db::schema::{vacancies, vacancy_bands, vacancy_events, vacancy_sources};
use crate::db::{DbConn, sequence};
use crate::each_backend;
use crate::error::Result;
use crate::vacancies::life::Status;
use crate::vacancies::model::VacancyRow;
use crate::vacancies::review::{self, Decision, Outcome, Remarks};
use crate::vacancies::store::{self, EventRow, SeenRow};
use crate::vacancies::upsert::memory::{Mark, Memory, ROWS_MAX};

/// How the review of a vacancy ends that its source has put right, or taken back.
const RELEASED: Decision<'_> =
    Decision { outcome: Outcome::Released, reviewer: "role:province", reason: Some("changed by its source") };

/// Writes what has changed.
pub fn write(conn: &mut DbConn, memory: Memory<'_>) -> Result<()> {
    let marked = |mark: Mark| memory.rows.values().filter(move |(_, m)| *m == mark).map(|(seen, _)| seen);
    let (new_rows, changed_rows): (Vec<&SeenRow>, Vec<&SeenRow>) = (marked(Mark::New).collect(), marked(Mark::Changed).collect());
    if memory.events.is_empty() && new_rows.is_empty() && changed_rows.is_empty() {
        return Ok(());
    }
    let first = sequence::take(conn, "vacancy_events", i64::try_from(memory.events.len())?)?;
    let new: Vec<&VacancyRow> = memory.created.iter().filter_map(|id| memory.vacancies.get(id)).map(|(row, _)| row).collect();
    for part in new.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(vacancies::table).values(part).execute(c))?;
    }
    for (vacancy, _) in memory.vacancies.values().filter(|(_, mark)| *mark == Mark::Changed) {
        store::save(conn, vacancy)?;
    }
    for part in new_rows.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(vacancy_sources::table).values(part).execute(c))?;
    }
    for seen in changed_rows {
        let row = vacancy_sources::table.find((&seen.source_id, &seen.reference));
        diesel::update(row).set(seen).execute(conn)?;
    }
    write_bands(conn, &memory)?;
    write_reviews(conn, &memory)?;
    write_events(conn, memory, first)
}

/// Opens a review of what screening holds back, and ends that of what it lets go.
fn write_reviews(conn: &mut DbConn, memory: &Memory<'_>) -> Result<()> {
    let judged = memory.judged.iter().filter_map(|id| memory.vacancies.get(id));
    let (new, known): (Vec<_>, Vec<_>) = judged.partition(|(_, mark)| *mark == Mark::New);
    let waiting = |row: &&VacancyRow| row.status == Status::Submitted;
    let mut new: Vec<&VacancyRow> = new.into_iter().map(|(row, _)| row).filter(waiting).collect();
    new.sort_by(|one, other| one.id.cmp(&other.id));
    review::submit_new(conn, memory.now, &new)?;
    for (vacancy, _) in known {
        match vacancy.status {
            Status::Submitted => review::submit(conn, memory.now, vacancy)?,
            _ => review::decide(conn, memory.now, &vacancy.id, RELEASED, &Remarks::default())?,
        }
    }
    Ok(())
}

fn write_bands(conn: &mut DbConn, memory: &Memory<'_>) -> Result<()> {
    let is_new = |id| memory.vacancies.get(id).is_some_and(|(_, mark)| *mark == Mark::New);
    let mut kept: Vec<_> = memory.bands.iter().collect();
    kept.sort();
    kept.dedup();
    let (new, old): (Vec<_>, Vec<_>) = kept.into_iter().partition(|(_, id)| is_new(id));
    let values = |(band, id): &&(i64, _)| (vacancy_bands::band.eq(*band), vacancy_bands::vacancy_id.eq(Clone::clone(id)));
    for part in new.chunks(ROWS_MAX) {
        let part: Vec<_> = part.iter().map(values).collect();
        each_backend!(&mut *conn, |c| diesel::insert_into(vacancy_bands::table).values(part).execute(c))?;
    }
    for one in &old {
        let row = values(one);
        each_backend!(&mut *conn, |c| {
            diesel::insert_into(vacancy_bands::table).values(row).on_conflict_do_nothing().execute(c)
        })?;
    }
    Ok(())
}

fn write_events(conn: &mut DbConn, memory: Memory<'_>, first: i64) -> Result<()> {
    let (actor, at) = (memory.actor, memory.now);
    let events = memory.events.into_iter().zip(first..).map(|(told, seq)| EventRow {
        seq,
        vacancy_id: told.vacancy,
        revision: told.revision,
        kind: told.event,
        status: told.status,
        actor: actor.clone(),
        reason: told.reason.map(str::to_owned),
        at,
    });
    let events: Vec<EventRow> = events.collect();
    for part in events.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(vacancy_events::table).values(part).execute(c))?;
    }
    Ok(())
}
