//! How does one run go? Rows come from a source, a file or a push, are read on all cores while those before them land, and
//! the run ends with its counts, whatever happened.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::db::types::Timestamp;
use crate::db::{Db, claim};
use crate::error::{Error, Result};
use crate::ingest::batch::{self, Account, Outcome, Raw, Read, Reading};
use crate::ingest::cursor;
use crate::ingest::mapping::Mapping;
use crate::ingest::model::{RunRow, RunStatus, SourceRow};
use crate::ingest::reading::{self, Ending, Extent};
use crate::ingest::receipt::Receipt;
use crate::ingest::row::Reader;
use crate::ingest::store;
use crate::ingest::sweep;
use crate::lexicon::Lexicon;
use crate::vacancies::Talk;

/// How many rows land in one transaction.
pub const BATCH_ROWS: usize = 2_000;
/// How long a claim on a source holds without being renewed, in seconds.
pub const CLAIM_S: i64 = 60;
/// How long one run may take, in seconds.
const RUN_S_MAX: i64 = 6 * 3600;

/// What every run stands on.
#[derive(Clone)]
pub struct Ground {
    /// The database.
    pub db: Db,
    /// The word lists.
    pub lexicon: Arc<Lexicon>,
    /// The GB/T 2260 prefix that is served.
    pub region: String,
}

/// One run under way.
pub struct Intake {
    ground: Ground,
    source: Arc<SourceRow>,
    mapping: Arc<Option<Mapping>>,
    reader: Arc<Reader>,
    account: Account,
    coming: Option<JoinHandle<Vec<Read>>>,
    receipts: Option<Vec<Receipt>>,
    hasher: RandomState,
    seen: HashSet<u64>,
    newest: Option<String>,
    goes_on_at: Option<String>,
}

/// Reads a source and tells how it went.
pub async fn run_once(ground: &Ground, source: SourceRow, now: Timestamp) -> Result<RunRow> {
    let extent = Extent::usual(&source);
    Intake::begin(ground, source, now).await?.follow(extent).await
}

impl Intake {
    /// Begins a run; a source that another run is reading is refused.
    pub async fn begin(ground: &Ground, source: SourceRow, now: Timestamp) -> Result<Intake> {
        let run = RunRow::begun(now, &source.id);
        Intake::begin_as(ground, source, now, run).await
    }

    /// Begins a run whose row is given.
    pub async fn begin_as(ground: &Ground, source: SourceRow, now: Timestamp, run: RunRow) -> Result<Intake> {
        let (first, name) = (run.clone(), claim_name(&source));
        let begun = ground.db.write(move |conn| match claim::claim(conn, now, &name, first.id.as_str(), CLAIM_S)? {
            true => store::begin_run(conn, &first).map(|()| true),
            false => Ok(false),
        });
        if !begun.await? {
            return Err(Error::conflict("already_running", "此来源正在采集中", "this source is being read"));
        }
        Ok(Intake {
            ground: ground.clone(),
            mapping: Arc::new(source.mapping()?),
            newest: source.feed_cursor.clone(),
            source: Arc::new(source),
            reader: Arc::default(),
            account: Account { run, dropped: BTreeMap::new() },
            coming: None,
            receipts: None,
            hasher: RandomState::new(),
            seen: HashSet::new(),
            goes_on_at: None,
        })
    }

    /// Gives the run as it stands.
    pub fn row(&self) -> &RunRow {
        &self.account.run
    }

    /// Gives the source that is read.
    pub fn source(&self) -> &SourceRow {
        &self.source
    }

    /// Gives how the source speaks, where its row says.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.mapping.as_ref().as_ref()
    }

    /// Tells whether the run has taken longer than any run may.
    pub fn is_too_long(&self) -> bool {
        Timestamp::now().seconds_since(self.account.run.started_at) > RUN_S_MAX
    }

    /// Notes where the next run goes on.
    pub fn go_on_at(&mut self, place: String) {
        self.goes_on_at = Some(place);
    }

    /// Reads the source and ends the run, also where reading fails.
    pub async fn follow(mut self, extent: Extent) -> Result<RunRow> {
        let (status, reason) = match self.read(extent).await {
            Ok(None) => (RunStatus::Succeeded, None),
            Ok(Some(reason)) => (RunStatus::Stopped, Some(reason.to_owned())),
            Err(error) => {
                tracing::error!(source = %self.source.name, "run failed: {error}");
                (RunStatus::Failed, Some(error.to_string()))
            }
        };
        self.end(status, reason).await
    }

    /// Reads the source; what a complete snapshot does not contain is missing. `Some` names why it stopped.
    async fn read(&mut self, extent: Extent) -> Result<Option<&'static str>> {
        let ending = reading::read(self, extent).await?;
        self.settle().await?;
        let (stopped, whole) = match ending {
            Ending::Stopped(reason) => (Some(reason), false),
            Ending::Changes => (None, false),
            Ending::Snapshot => (self.sweep().await?, true),
        };
        if stopped.is_none() {
            let cursor = self.goes_on_at.take().or_else(|| self.newest.take());
            let (id, at) = (self.source.id.clone(), whole.then(Timestamp::now));
            self.ground.db.write(move |conn| store::save_progress(conn, &id, cursor.as_deref(), at)).await?;
        }
        Ok(stopped)
    }

    async fn sweep(&mut self) -> Result<Option<&'static str>> {
        let (seen, hasher) = (std::mem::take(&mut self.seen), self.hasher.clone());
        let was_there = move |reference: &str| seen.contains(&hasher.hash_one(reference));
        let owner = self.account.run.id.to_string();
        match sweep::sweep(&self.ground.db, self.source.clone(), owner, was_there).await? {
            Ok(ended) => {
                self.account.run.closed += i64::try_from(ended)?;
                Ok(None)
            }
            Err(reason) => Ok(Some(reason)),
        }
    }

    /// Lands what is still coming, ends the run and gives its counts.
    pub async fn end(mut self, mut status: RunStatus, mut reason: Option<String>) -> Result<RunRow> {
        if let Err(error) = self.settle().await {
            (status, reason) = (RunStatus::Failed, reason.or_else(|| Some(error.to_string())));
        }
        let mut run = self.account.run;
        (run.status, run.reason, run.finished_at) = (status, reason, Some(Timestamp::now()));
        let (ended, name) = (run.clone(), claim_name(&self.source));
        self.ground
            .db
            .write(move |conn| {
                store::save_run(conn, &ended)?;
                claim::release(conn, &name, ended.id.as_str())
            })
            .await?;
        Ok(run)
    }

    /// Keeps a receipt of each row from now on.
    pub fn with_receipts(mut self) -> Intake {
        self.receipts = Some(Vec::new());
        self
    }

    /// Gives the receipts of the rows landed since the last call, in their order.
    pub fn take_receipts(&mut self) -> Vec<Receipt> {
        self.receipts.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes rows in.
    pub async fn take(&mut self, rows: Vec<Value>) -> Result<()> {
        self.take_raw(rows.into_iter().map(Raw::Row).collect()).await
    }

    /// Takes rows in: they are read while those that came before them land.
    pub async fn take_raw(&mut self, rows: Vec<Raw>) -> Result<()> {
        let mut rows = rows.into_iter();
        loop {
            let part: Vec<Raw> = rows.by_ref().take(BATCH_ROWS).collect();
            if part.is_empty() {
                return Ok(());
            }
            let next = self.start_reading(part);
            self.settle().await?;
            self.coming = Some(next);
        }
    }

    fn start_reading(&self, rows: Vec<Raw>) -> JoinHandle<Vec<Read>> {
        let (lexicon, region) = (self.ground.lexicon.clone(), self.ground.region.clone());
        let (reader, mapping, kind) = (self.reader.clone(), self.mapping.clone(), self.source.kind);
        let day = Timestamp::now().day();
        tokio::task::spawn_blocking(move || {
            let talk = Talk { lexicon: &lexicon, region: &region };
            batch::read_all(rows, &Reading { reader: &reader, kind, mapping: mapping.as_ref().as_ref(), talk, day })
        })
    }

    /// Waits until everything that was taken in has landed.
    pub async fn settle(&mut self) -> Result<()> {
        let Some(coming) = self.coming.take() else { return Ok(()) };
        let rows = coming.await?;
        let (account, source, lexicon) = (self.account.clone(), self.source.clone(), self.ground.lexicon.clone());
        let landed = self.ground.db.write(move |conn| {
            let now = Timestamp::now();
            if !claim::claim(conn, now, &claim_name(&source), account.run.id.as_str(), CLAIM_S)? {
                return Err(Error::conflict("claim_lost", "采集已由其他实例接手", "another instance has taken over"));
            }
            batch::land(conn, now, &source, account, rows, lexicon.version())
        });
        let Outcome { account, receipts, references, changed_at } = landed.await?;
        self.account = account;
        self.seen.extend(references.iter().map(|reference| self.hasher.hash_one(reference.as_str())));
        for seen in &changed_at {
            self.newest = cursor::newer(self.newest.take(), seen);
        }
        if let Some(kept) = &mut self.receipts {
            kept.extend(receipts);
        }
        Ok(())
    }
}

/// Names the claim on a source.
pub fn claim_name(source: &SourceRow) -> String {
    format!("ingest:{}", source.id)
}
