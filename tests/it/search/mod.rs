//! Facts about search: what analysis and understanding find on a real index, and what is served over HTTP.
mod analysis;
mod crafts;
mod fairs;
mod judged;
mod measured;
mod served;
mod shadow;
mod understood;

use std::sync::{Arc, LazyLock};

use jiangxin::db::types::{Timestamp, VacancyId};
use jiangxin::lexicon::Lexicon;
use jiangxin::search::{Asked, Entry, Found, Order, Search, Weights};
use jiangxin::vacancies::{Content, FilterQuery, RawVacancy, Talk, VacancyRow};
use tempfile::TempDir;

pub static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());

/// An index of its own with vacancies in it.
pub struct Shelf {
    pub engine: Arc<Search>,
    pub ids: Vec<VacancyId>,
    pub region: &'static str,
    titles: Vec<String>,
    entries: Vec<Entry>,
    #[expect(dead_code, reason = "the folder lives as long as the index")]
    folder: TempDir,
}

pub fn raw(title: &str, place: &str, description: &str) -> RawVacancy {
    RawVacancy { title: title.to_owned(), place: place.to_owned(), description: description.to_owned(), ..RawVacancy::default() }
}

pub fn ask(words: &str) -> Asked {
    Asked {
        words: words.to_owned(),
        understand: true,
        filter: FilterQuery::default(),
        brought: None,
        nearby: false,
        near: None,
        radius_km: None,
        order: Order::Relevance,
        facets: Vec::new(),
        limit: 100,
        from: None,
        explain: false,
        now_ms: 1_790_000_000_000,
    }
}

impl Shelf {
    pub fn of(rows: &[RawVacancy], region: &'static str) -> Shelf {
        Shelf::with(rows, region, Weights::load().unwrap())
    }

    pub fn with(rows: &[RawVacancy], region: &'static str, weights: Weights) -> Shelf {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(Search::open_with(folder.path(), LEXICON.clone(), 100_000_000, weights).unwrap());
        let now = Timestamp::parse("2026-11-01T08:00:00Z").unwrap();
        let entry = |raw: &RawVacancy| {
            let content = Content::read(raw, Talk { lexicon: &LEXICON, region });
            (VacancyRow::published(VacancyId::new(now), now, None, &content, String::new()).unwrap(), Vec::new())
        };
        let entries: Vec<_> = rows.iter().map(entry).collect();
        engine.write(1, &[], &entries).unwrap();
        engine.rest().unwrap();
        let (ids, titles) = entries.iter().map(|(row, _)| (row.id.clone(), row.title.clone())).unzip();
        Shelf { engine, ids, region, titles, entries, folder }
    }

    /// What was written.
    pub fn entries(self) -> Vec<Entry> {
        self.entries
    }

    pub fn find(&self, words: &str) -> Found {
        self.engine.find(&ask(words), self.region).unwrap()
    }

    /// The titles that are found, the best first.
    pub fn titles(&self, words: &str) -> Vec<&str> {
        self.titles_of(&self.find(words))
    }

    pub fn titles_of(&self, found: &Found) -> Vec<&str> {
        let at = |id: &VacancyId| self.ids.iter().position(|other| other == id).unwrap();
        found.seen.iter().map(|seen| self.titles[at(&seen.id)].as_str()).collect()
    }
}
