//! Which notices fit these words? A small index in memory for what is few and is no vacancy (fairs), made anew when they
//! have changed, and searched as vacancies are: the same analysis, understanding and order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy};

use crate::db::types::{Timestamp, VacancyId};
use crate::error::{Error, Result};
use crate::search::find::{Asked, Found};
use crate::search::index::Search;
use crate::search::names::Names;
use crate::search::read::Understood;
use crate::search::scan::Order;
use crate::search::schema::{self, Maker};
use crate::search::tally;
use crate::search::terms;
use crate::search::view::View;
use crate::vacancies::{Content, FilterQuery, RawVacancy, Talk, VacancyRow};

/// How much memory the index may be written in, in bytes.
const WRITER_BYTES: usize = 15_000_000;

/// One notice.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its id, a UUID.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who put it up.
    pub by: String,
    /// What it says.
    pub text: String,
    /// The GB/T 2260 code of its city.
    pub city: String,
    /// Until when it is of interest.
    pub until: Timestamp,
}

/// What is looked for among notices.
#[derive(Debug, Clone)]
pub struct Seek {
    /// The words.
    pub words: String,
    /// A place, by code, prefix or name.
    pub city: Option<String>,
    /// Only those that are of interest after this instant.
    pub after: Option<Timestamp>,
    /// How many.
    pub limit: usize,
    /// The GB/T 2260 prefix that is served.
    pub region: String,
}

/// What was found among notices.
#[derive(Debug, Default)]
pub struct Posted {
    /// The ids, the best first, each with how well it fits.
    pub hits: Vec<(String, f32)>,
    /// How many there are.
    pub total: u64,
    /// How the words were read.
    pub understood: Understood,
}

/// Notices as they were put up.
#[derive(Clone)]
struct Board {
    stamp: String,
    view: Arc<View>,
    names: Arc<Names>,
}

/// The notices of each kind.
#[derive(Default)]
pub struct Boards(Mutex<HashMap<&'static str, Board>>);

impl Search {
    fn board(&self, kind: &str) -> Option<Board> {
        self.boards.0.lock().unwrap_or_else(PoisonError::into_inner).get(kind).cloned()
    }

    /// Tells whether the notices of a kind are those of this stamp, which changes whenever one of them does.
    pub fn has_board(&self, kind: &str, stamp: &str) -> bool {
        self.board(kind).is_some_and(|board| board.stamp == stamp)
    }

    /// Puts the notices of a kind up in the place of those before.
    pub fn put_up(&self, kind: &'static str, stamp: String, notices: &[Notice], region: &str) -> Result<()> {
        let view = Arc::new(self.pinned(notices, region)?);
        let names = Arc::new(tally::collect(&view, &self.lexicon, &self.cutter)?);
        self.boards.0.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, Board { stamp, view, names });
        Ok(())
    }

    /// Finds notices of a kind; none when none were put up.
    pub fn find_notices(&self, kind: &str, seek: Seek) -> Result<Posted> {
        let Some(Board { view, names, .. }) = self.board(kind) else { return Ok(Posted::default()) };
        let city = seek.city.into_iter().collect();
        let asked = Asked {
            words: seek.words,
            understand: true,
            filter: FilterQuery { city, published_after: seek.after, ..FilterQuery::default() },
            brought: None,
            nearby: false,
            near: None,
            radius_km: None,
            order: Order::Relevance,
            facets: Vec::new(),
            limit: seek.limit,
            from: None,
            explain: false,
            now_ms: u64::try_from(Timestamp::now().millis())?,
        };
        let Found { total, seen, understood, .. } = self.find_in(view, names, &asked, &seek.region)?;
        let hits = seen.into_iter().map(|seen| (seen.id.as_str().to_owned(), seen.score)).collect();
        Ok(Posted { hits, total, understood })
    }

    /// Makes the view of notices.
    fn pinned(&self, notices: &[Notice], region: &str) -> Result<View> {
        let index = Index::create_in_ram(schema::build().0);
        terms::teach(&index);
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
        let maker = Maker { fields: &self.fields, lexicon: &self.lexicon, cutter: &self.cutter, weights: &self.weights };
        for notice in notices {
            let raw = RawVacancy {
                title: notice.title.clone(),
                employer_name: notice.by.clone(),
                description: notice.text.clone(),
                place: notice.city.clone(),
                ..RawVacancy::default()
            };
            let content = Content::read(&raw, Talk { lexicon: &self.lexicon, region });
            let id = VacancyId::parse(&notice.id).ok_or_else(|| Error::internal("a notice without an id"))?;
            let row = VacancyRow::published(id, notice.until, None, &content, String::new())?;
            writer.add_document(maker.document(&row, &[])?)?;
        }
        writer.commit()?;
        let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        View::open(0, reader.searcher(), None)
    }
}
