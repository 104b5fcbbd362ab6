//! Where is the index, and how does it keep up? One writer follows the events of the database in commit order and notes
//! how far it has come in each commit; a reader sees each commit at once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};
use tokio::sync::Semaphore;

use crate::db::Db;
use crate::db::types::VacancyId;
use crate::error::{Error, Result};
use crate::lexicon::Lexicon;
use crate::search::analyse::Cutter;
use crate::search::schema::{self, CUT, Fields};
use crate::vacancies::{self, Status, VacancyRow};

/// How many events one step follows.
const STEP_EVENTS: i64 = 5_000;
/// How many searches may wait before new ones are told that the service is busy.
const WAITING_MAX: usize = 256;

/// What a step did.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// So many vacancies were written or removed.
    Indexed(usize),
    /// There was nothing new.
    Idle,
}

/// The index with its one writer.
pub struct Search {
    pub(super) fields: Fields,
    pub(super) cutter: Cutter,
    pub(super) lexicon: Arc<Lexicon>,
    pub(super) index: Index,
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Search {
    /// Opens the index of the present make under `data`; indexes of another make are removed.
    pub fn open(data: &Path, lexicon: Arc<Lexicon>, writer_bytes: usize) -> Result<Search> {
        let folder = data.join("index");
        let own = folder.join(schema::make(&lexicon));
        std::fs::create_dir_all(&own)?;
        remove_others(&folder, &own)?;
        let (schema, fields) = schema::build();
        let directory = MmapDirectory::open(&own).map_err(|cause| Error::internal(cause.to_string()))?;
        let index = Index::open_or_create(directory, schema)?;
        let cutter = Cutter::new(&lexicon);
        index.tokenizers().register(CUT, cutter.clone());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = Mutex::new(index.writer_with_num_threads(1, writer_bytes)?);
        let cores = std::thread::available_parallelism()?.get();
        let (running, waiting) = (Arc::new(Semaphore::new(cores)), Arc::new(Semaphore::new(WAITING_MAX)));
        Ok(Search { fields, cutter, lexicon, index, reader, writer, running, waiting })
    }

    /// Gives a view of the last commit.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Tells how far the index has come in the sequence of events.
    pub fn position(&self) -> Result<i64> {
        Ok(self.index.load_metas()?.payload.and_then(|seq| seq.parse().ok()).unwrap_or(0))
    }

    /// Runs a search off the async threads, with at most one a core; over the limit it answers busy.
    pub async fn run<T: Send + 'static>(self: &Arc<Self>, job: impl FnOnce(&Search) -> Result<T> + Send + 'static) -> Result<T> {
        let queued = self.waiting.clone().try_acquire_owned().map_err(|_| Error::Busy(1))?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| Error::Busy(1))?;
        let search = self.clone();
        tokio::task::spawn_blocking(move || {
            let _permits = (queued, running);
            job(&search)
        })
        .await?
    }

    /// Follows the next events; to be called until it is idle.
    pub async fn follow(self: &Arc<Self>, db: &Db) -> Result<Step> {
        let from = self.position()?;
        let Some((last, ids, rows)) = db.read(move |conn| next(conn, from)).await? else { return Ok(Step::Idle) };
        let search = self.clone();
        tokio::task::spawn_blocking(move || search.write(last, &ids, &rows)).await?
    }

    /// Follows the events until there are no more, and counts the vacancies written.
    pub async fn catch_up(self: &Arc<Self>, db: &Db) -> Result<usize> {
        let mut written = 0;
        while let Step::Indexed(count) = self.follow(db).await? {
            written += count;
        }
        Ok(written)
    }

    fn write(&self, last: i64, ids: &[VacancyId], rows: &[VacancyRow]) -> Result<Step> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            writer.delete_term(Term::from_field_text(self.fields.id, id.as_str()));
        }
        for row in rows.iter().filter(|row| row.status == Status::Live) {
            writer.add_document(schema::document(&self.fields, &self.lexicon, row)?)?;
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&last.to_string());
        commit.commit()?;
        self.reader.reload()?;
        Ok(Step::Indexed(ids.len()))
    }
}

type Next = (i64, Vec<VacancyId>, Vec<VacancyRow>);

fn next(conn: &mut crate::db::DbConn, from: i64) -> Result<Option<Next>> {
    let changes = vacancies::changes_after(conn, from, STEP_EVENTS)?;
    let Some(last) = changes.last().map(|change| change.seq) else { return Ok(None) };
    let mut seen = HashSet::new();
    let ids: Vec<VacancyId> = changes.into_iter().map(|c| c.vacancy_id).filter(|id| seen.insert(id.clone())).collect();
    let rows = vacancies::load_many(conn, &ids)?;
    Ok(Some((last, ids, rows)))
}

fn remove_others(folder: &Path, own: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path != own && path.is_dir() {
            std::fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}
