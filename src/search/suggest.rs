//! What may somebody be about to type? `GET /v1/vacancies/suggest`: names of the index from memory, never from disk.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::error::{Error, Refusal, Result};
use crate::http::{Failures, Query};
use crate::search::index::Search;
use crate::search::names::{Name, Names};
use crate::search::plan::area_range;
use crate::search::tally;
use crate::vacancies::{Filter, FilterQuery, Talk};

/// The most characters of which suggestions are made.
const TYPED_CHARS_MAX: usize = 40;
/// How many suggestions are made when nothing is said, and at most.
const SUGGESTIONS: (usize, usize) = (10, 20);
/// How long names may be older than the index, for every hundred thousand vacancies.
const NAMES_AGE_MAX: Duration = Duration::from_secs(10);
/// How many vacancies make names old by one more `NAMES_AGE_MAX`.
const NAMES_AGE_DOCS: u64 = 100_000;
/// What is cut off an area code to have its city.
const BELOW_CITY: u64 = 100;

/// The names of a view that is not long gone.
#[derive(Default)]
pub struct Shelved {
    names: RwLock<Arc<Names>>,
    made: Mutex<Option<(u64, Instant)>>,
}

/// What can be asked.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SuggestQuery {
    /// What has been typed: characters, pinyin, initials or a mixture.
    pub q: String,
    /// Only names of vacancies in these places; may be repeated.
    pub city: Vec<String>,
    /// Only handicraft vacancies; yes when not said.
    pub handicraft: Option<bool>,
    /// How many, 1 to 20; 10 when not said.
    pub limit: Option<usize>,
}

/// One suggestion.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// What to search for.
    text: String,
    /// `title`, `skill`, `employer` or `city`.
    kind: &'static str,
    /// The id of the skill or the code of the city.
    value: Option<String>,
    /// How many live vacancies have it.
    count: u32,
}

/// What may be meant.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Suggestions {
    items: Vec<Suggestion>,
}

impl Search {
    /// Gives the names as last collected.
    pub(super) fn names(&self) -> Arc<Names> {
        self.shelved.names.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Collects the names anew when the index has changed; of a large index not at every commit.
    pub(super) fn refresh_names(&self) -> Result<()> {
        let view = self.view()?;
        let mut made = self.shelved.made.lock().unwrap_or_else(PoisonError::into_inner);
        let age = u32::try_from(view.searcher.num_docs() / NAMES_AGE_DOCS)?;
        let fresh = made.is_some_and(|(id, at)| id == view.id || at.elapsed() < NAMES_AGE_MAX * age);
        if !fresh {
            let names = Arc::new(tally::collect(&view, &self.lexicon, &self.cutter)?);
            *self.shelved.names.write().unwrap_or_else(PoisonError::into_inner) = names;
            *made = Some((view.id, Instant::now()));
        }
        Ok(())
    }

    /// Gives the names that somebody begins to type, with their live vacancies in the cities.
    pub fn suggested(&self, typed: &str, cities: &[u64], craft: bool, limit: usize) -> Vec<Suggestion> {
        let names = self.names();
        let begun = names.begun(typed, cities, craft, limit).into_iter();
        let suggestion = |(name, count): (&Name, u32)| Suggestion {
            text: name.text.clone(),
            kind: name.kind.as_str(),
            value: name.value.clone(),
            count,
        };
        begun.map(suggestion).collect()
    }

    fn suggest(&self, asked: &SuggestQuery, region: &str) -> Result<Suggestions> {
        let limit = asked.limit.unwrap_or(SUGGESTIONS.0);
        let refused = |pointer, zh, en| Err(Error::Malformed(Refusal::new(pointer, "bad_query", zh, en)));
        if !(1..=SUGGESTIONS.1).contains(&limit) {
            return refused("/limit", "limit 须在 1 至 20 之间", "limit is not within 1 to 20");
        }
        if asked.q.len() > 4 * TYPED_CHARS_MAX || asked.q.chars().count() > TYPED_CHARS_MAX {
            return refused("/q", "输入不得超过 40 个字", "more than 40 characters typed");
        }
        let filter = FilterQuery { city: asked.city.clone(), ..FilterQuery::default() };
        let filter = Filter::read(&filter, Talk { lexicon: &self.lexicon, region })?;
        let ranges: Vec<(u64, u64)> = filter.areas().iter().map(|prefix| area_range(prefix)).collect();
        let cities: Vec<u64> = ranges.iter().flat_map(|(from, to)| from / BELOW_CITY..=to / BELOW_CITY).collect();
        Ok(Suggestions { items: self.suggested(&asked.q, &cities, asked.handicraft.unwrap_or(true), limit) })
    }
}

/// Suggests what somebody may be about to type.
#[utoipa::path(tag = "vacancies", operation_id = "suggest_vacancies", params(SuggestQuery),
    responses((status = 200, description = "输入提示", body = Suggestions), Failures))]
#[get("/vacancies/suggest")]
pub async fn suggest(engine: Data<Search>, config: Data<Config>, query: Query<SuggestQuery>) -> Result<Json<Suggestions>> {
    let region = config.region.clone();
    Ok(Json(engine.into_inner().run(move |engine| engine.suggest(&query.0, &region)).await?))
}
