//! Where is the index, and how does it keep up? One writer follows the events of the database in commit order and notes
//! how far it has come in each commit; a reader sees each commit at once. When words or weights have changed, the index
//! of before answers until the new one beside it has caught up.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::db::types::{Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::Line;
use crate::lexicon::Lexicon;
use crate::search::analyse::Cutter;
use crate::search::board::Boards;
use crate::search::schema::{self, Fields, Maker};
use crate::search::suggest::Shelved;
use crate::search::terms;
use crate::search::view::{Kept, View};
use crate::search::weights::Weights;
use crate::vacancies::{self, Status, VacancyRow};

/// How many events are read at a time.
const READ_EVENTS: i64 = 1_000;
/// After how many vacancies the index commits while there is more to follow.
const COMMIT_ROWS: usize = 20_000;
/// How many documents are made before they are handed to the writer.
const DOCUMENTS: usize = 250;
/// How many searches may run or wait before new ones are told that the service is busy.
const WAITING_MAX: usize = 256;
/// After how many seconds they may come again.
const BUSY_RETRY_S: u32 = 1;
/// After how many seconds a caller may ask again while the index is made anew.
const REMAKE_RETRY_S: u32 = 5;

/// What a step did.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// So many vacancies were written or removed.
    Indexed(usize),
    /// There was nothing new.
    Idle,
}

/// A live vacancy to be written, with the names of the sources at which it was seen.
pub type Entry = (VacancyRow, Vec<String>);

/// One index on disk.
struct Shelf {
    folder: PathBuf,
    index: Index,
    reader: IndexReader,
    view: RwLock<Arc<View>>,
}

/// What is shown while the own index catches up.
enum Shown {
    /// The own index.
    Own,
    /// That of an earlier make.
    Earlier(Arc<Shelf>),
    /// Nothing: an earlier make cannot be read any more.
    Nothing,
}

/// The one writer.
struct Pen {
    writer: IndexWriter,
    /// Whether something was written and not committed.
    is_ahead: bool,
}

/// The index with its one writer.
pub struct Search {
    pub(super) fields: Fields,
    pub(super) cutter: Cutter,
    pub(super) lexicon: Arc<Lexicon>,
    pub(super) weights: Weights,
    pub(super) kept: Kept,
    pub(super) shelved: Shelved,
    pub(super) boards: Boards,
    own: Shelf,
    shown: RwLock<Shown>,
    pen: Mutex<Pen>,
    /// Whoever follows or repairs holds it, so that nothing is written twice.
    pub(super) turn: tokio::sync::Mutex<()>,
    line: Line,
}

impl Shelf {
    fn open(folder: PathBuf) -> Result<Shelf> {
        std::fs::create_dir_all(&folder)?;
        let directory = MmapDirectory::open(&folder).map_err(|cause| Error::internal(cause.to_string()))?;
        let index = Index::open_or_create(directory, schema::build().0)?;
        terms::teach(&index);
        let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let view = View::open(view_id(0), reader.searcher(), None)?;
        Ok(Shelf { folder, index, reader, view: RwLock::new(Arc::new(view)) })
    }

    fn view(&self) -> Arc<View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reload(&self) -> Result<()> {
        self.reader.reload()?;
        let before = self.view();
        let view = View::open(view_id(before.id), self.reader.searcher(), Some(&before))?;
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
        Ok(())
    }

    fn position(&self) -> Result<Option<i64>> {
        Ok(self.index.load_metas()?.payload.and_then(|seq| seq.parse().ok()))
    }
}

/// Names a view: later than the one before it, and than all of an earlier process.
fn view_id(before: u64) -> u64 {
    u64::try_from(Timestamp::now().millis()).unwrap_or(0).max(before + 1)
}

impl Search {
    /// Opens the index of the present make under `data`.
    pub fn open(data: &Path, lexicon: Arc<Lexicon>, writer_bytes: usize) -> Result<Search> {
        Search::open_with(data, lexicon, writer_bytes, Weights::load()?)
    }

    /// Opens the index with weights of one's own.
    pub fn open_with(data: &Path, lexicon: Arc<Lexicon>, writer_bytes: usize, weights: Weights) -> Result<Search> {
        let folder = data.join("index");
        let own = Shelf::open(folder.join(schema::make(&lexicon, &weights)))?;
        let pen = Mutex::new(Pen { writer: own.index.writer_with_num_threads(1, writer_bytes)?, is_ahead: false });
        let shown = if own.position()?.is_some() { Shown::Own } else { earlier(&folder, &own.folder)? };
        let cores = std::thread::available_parallelism()?.get();
        let line = Line::new(cores, WAITING_MAX, BUSY_RETRY_S);
        let (_, fields) = schema::build();
        let cutter = Cutter::new(&lexicon);
        let (kept, shelved, boards, shown) = (Kept::default(), Shelved::default(), Boards::default(), RwLock::new(shown));
        let turn = tokio::sync::Mutex::default();
        Ok(Search { fields, cutter, lexicon, weights, kept, shelved, boards, own, shown, pen, turn, line })
    }

    /// Gives the word lists.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Gives the last commit of the index that answers; busy while there is none.
    pub(super) fn view(&self) -> Result<Arc<View>> {
        match &*self.shown.read().unwrap_or_else(PoisonError::into_inner) {
            Shown::Own => Ok(self.own.view()),
            Shown::Earlier(shelf) => Ok(shelf.view()),
            Shown::Nothing => Err(Error::Busy(REMAKE_RETRY_S)),
        }
    }

    /// Gives the last commit of the own index.
    pub(super) fn own_view(&self) -> Arc<View> {
        self.own.view()
    }

    /// Gives a view of the last commit of the own index.
    pub fn searcher(&self) -> Searcher {
        self.own.view().searcher.clone()
    }

    /// Tells how far the index has come in the sequence of events.
    pub fn position(&self) -> Result<i64> {
        Ok(self.own.position()?.unwrap_or(0))
    }

    /// Runs a search off the async threads, with at most one a core; over the limit it answers busy.
    pub async fn run<T: Send + 'static>(self: &Arc<Self>, job: impl FnOnce(&Search) -> Result<T> + Send + 'static) -> Result<T> {
        let search = self.clone();
        self.line.turn().await?.run(move || job(&search)).await
    }

    /// Follows the next events; to be called until it is idle.
    pub async fn follow(self: &Arc<Self>, db: &Db) -> Result<Step> {
        let _turn = self.turn.lock().await;
        self.take_back()?;
        let (mut from, mut written) = (self.position()?, 0);
        while written < COMMIT_ROWS {
            let Some(next) = db.read(move |conn| next(conn, from)).await? else { break };
            (from, written) = (next.last, written + next.vacancies);
            let search = self.clone();
            tokio::task::spawn_blocking(move || search.add(&next.known, &next.entries)).await??;
        }
        let search = self.clone();
        let end = move || if written == 0 { search.rest() } else { search.commit(from).map(|()| Step::Indexed(written)) };
        tokio::task::spawn_blocking(end).await?
    }

    /// Follows the events until there are no more, and counts the vacancies written.
    pub async fn catch_up(self: &Arc<Self>, db: &Db) -> Result<usize> {
        let mut written = 0;
        while let Step::Indexed(count) = self.follow(db).await? {
            written += count;
        }
        Ok(written)
    }

    /// Writes what the named vacancies say now, and that the index has come to the event `last`.
    pub fn write(&self, last: i64, ids: &[VacancyId], entries: &[Entry]) -> Result<Step> {
        self.take_back()?;
        self.add(ids, entries)?;
        self.commit(last)?;
        Ok(Step::Indexed(ids.len()))
    }

    /// Hands to the writer what live vacancies say, in place of what it has of those named.
    fn add(&self, known: &[VacancyId], entries: &[Entry]) -> Result<()> {
        let maker = Maker { fields: &self.fields, lexicon: &self.lexicon, cutter: &self.cutter, weights: &self.weights };
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        pen.is_ahead = true;
        for id in known {
            pen.writer.delete_term(Term::from_field_text(self.fields.id, id.as_str()));
        }
        let live: Vec<&Entry> = entries.iter().filter(|(row, _)| row.status == Status::Live).collect();
        for part in live.chunks(DOCUMENTS) {
            let documents = part.par_iter().map(|(row, sources)| maker.document(row, sources));
            for document in documents.collect::<Result<Vec<TantivyDocument>>>()? {
                pen.writer.add_document(document)?;
            }
        }
        Ok(())
    }

    fn commit(&self, last: i64) -> Result<()> {
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut commit = pen.writer.prepare_commit()?;
        commit.set_payload(&last.to_string());
        commit.commit()?;
        pen.is_ahead = false;
        drop(pen);
        self.own.reload()
    }

    /// Takes back what a turn that broke off has written.
    fn take_back(&self) -> Result<()> {
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut pen.is_ahead) {
            pen.writer.rollback()?;
        }
        Ok(())
    }

    /// Does what can wait until there is nothing new.
    pub fn rest(&self) -> Result<Step> {
        self.show_own()?;
        self.refresh_names()?;
        Ok(Step::Idle)
    }

    /// Lets the own index answer once it has caught up, and removes those of earlier makes.
    fn show_own(&self) -> Result<()> {
        let mut shown = self.shown.write().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*shown, Shown::Own) {
            *shown = Shown::Own;
            remove_others(&self.own.folder)?;
        }
        Ok(())
    }
}

/// What the next events leave of the vacancies that they speak of.
struct Next {
    /// The last event.
    last: i64,
    /// How many vacancies they speak of.
    vacancies: usize,
    /// Those of which the index may have something.
    known: Vec<VacancyId>,
    entries: Vec<Entry>,
}

fn next(conn: &mut DbConn, from: i64) -> Result<Option<Next>> {
    let changes = vacancies::changes_after(conn, from, READ_EVENTS)?;
    let Some(last) = changes.last().map(|change| change.seq) else { return Ok(None) };
    let (mut seen, mut known, mut ids) = (HashSet::new(), Vec::new(), Vec::new());
    for change in changes.into_iter().filter(|change| seen.insert(change.vacancy_id.clone())) {
        if !change.is_first() {
            known.push(change.vacancy_id.clone());
        }
        ids.push(change.vacancy_id);
    }
    let entries = load(conn, &ids)?;
    Ok(Some(Next { last, vacancies: ids.len(), known, entries }))
}

/// Reads vacancies with the names of their sources.
pub(super) fn load(conn: &mut DbConn, ids: &[VacancyId]) -> Result<Vec<Entry>> {
    let mut sources = vacancies::source_names(conn, ids)?;
    let rows = vacancies::load_many(conn, ids)?.into_iter();
    Ok(rows.map(|row| (sources.remove(&row.id).unwrap_or_default(), row)).map(|(names, row)| (row, names)).collect())
}

/// Finds what may answer while the own index is made: the index of an earlier make, if its fields are those of today.
fn earlier(folder: &Path, own: &Path) -> Result<Shown> {
    let mut shown = Shown::Own;
    for other in others(folder, own)? {
        let readable = other.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&schema::readable()));
        match readable.then(|| Shelf::open(other)).transpose() {
            Ok(Some(shelf)) => return Ok(Shown::Earlier(Arc::new(shelf))),
            Ok(None) | Err(_) => shown = Shown::Nothing,
        }
    }
    Ok(shown)
}

fn others(folder: &Path, own: &Path) -> Result<Vec<PathBuf>> {
    let mut others = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path != own && path.is_dir() {
            others.push(path);
        }
    }
    Ok(others)
}

fn remove_others(own: &Path) -> Result<()> {
    let Some(folder) = own.parent() else { return Ok(()) };
    for other in others(folder, own)? {
        std::fs::remove_dir_all(other)?;
    }
    Ok(())
}
