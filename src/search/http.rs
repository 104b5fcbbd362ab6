//! Search over HTTP: `GET /v1/vacancies`.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, Query as TantivyQuery};
use tantivy::schema::Value;
use tantivy::snippet::SnippetGenerator;
use tantivy::{DocAddress, Order, Searcher, TantivyDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::types::{EmployerId, Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::http::metrics::{Metrics, Outcome};
use crate::http::{Failures, PageQuery, Query, encode_cursor};
use crate::search::filter::{Filters, is_shown};
use crate::search::index::Search;
use crate::vacancies::{self, VacancyView};

/// How many values a facet names.
const FACET_VALUES_MAX: u32 = 50;
/// How long a highlighted passage is, in bytes.
const PASSAGE_BYTES: usize = 270;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search_vacancies);
}

/// What can be asked.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words; `"phrase"`, `-without`.
    pub q: Option<String>,
    /// Places by code, prefix or name; may be repeated.
    pub city: Vec<String>,
    /// Skills by id or name, narrower ones included; may be repeated, all must be asked for.
    pub skill: Vec<String>,
    /// An occupation code.
    pub occupation: Option<String>,
    /// The education or programme that the person has.
    pub education: Option<String>,
    /// The experience that the person has, in months.
    pub experience_months: Option<u64>,
    /// The least pay wanted, in yuan a month.
    pub salary_min: Option<i64>,
    /// The form of employment.
    pub employment_type: Option<String>,
    /// Only those for people fresh from school.
    pub fresh_graduate: Option<bool>,
    /// Only handicraft vacancies; yes when not said.
    pub handicraft: Option<bool>,
    /// An employer.
    pub employer: Option<EmployerId>,
    /// Only those published after this instant.
    pub published_after: Option<Timestamp>,
    /// `relevance`, `published` or `salary`.
    pub sort: Option<String>,
    /// Facets to count, with commas: `city,skill,craft,education,employment_type`.
    pub facets: Option<String>,
    /// Whether to show where the words stand.
    pub highlight: bool,
    /// How many rows, 1 to 100.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// One vacancy that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Hit {
    vacancy: VacancyView,
    score: f32,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    highlights: BTreeMap<&'static str, String>,
}

/// One value of a facet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FacetValue {
    value: String,
    label: String,
    count: u64,
}

/// How the words were read.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct UnderstoodView {
    skills: Vec<String>,
    places: Vec<String>,
}

/// A filter whose removal would find something.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Relaxed {
    filter: String,
    total: u64,
}

/// What was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SearchAnswer {
    items: Vec<Hit>,
    next_cursor: Option<String>,
    total: u64,
    facets: BTreeMap<String, Vec<FacetValue>>,
    understood: UnderstoodView,
    relaxed: Vec<Relaxed>,
    took_ms: u64,
}

struct Found {
    total: u64,
    ids: Vec<(VacancyId, f32)>,
    facets: BTreeMap<String, Vec<FacetValue>>,
    skills: Vec<String>,
    relaxed: Vec<Relaxed>,
    query: Box<dyn TantivyQuery>,
}

/// Searches live vacancies.
#[utoipa::path(tag = "vacancies", operation_id = "search_vacancies", params(SearchQuery),
    responses((status = 200, description = "检索结果", body = SearchAnswer), Failures))]
#[get("/vacancies")]
async fn search_vacancies(
    db: Data<Db>,
    engine: Data<Search>,
    config: Data<Config>,
    metrics: Data<Metrics>,
    query: Query<SearchQuery>,
) -> Result<Json<SearchAnswer>> {
    let begun = Instant::now();
    let (engine, wanted, region) = (engine.into_inner(), query.0, config.region.clone());
    let page = PageQuery { limit: wanted.limit, cursor: wanted.cursor.clone() };
    let (limit, offset) = (page.limit()?, page.after::<u64>()?.unwrap_or(0));
    let asked = wanted.clone();
    let found = engine.run(move |engine| find(engine, &asked, &region, limit, offset)).await;
    let outcome = if found.is_ok() { "answered" } else { "refused" };
    metrics.searches.get_or_create(&Outcome { outcome }).inc();
    let Found { total, ids, facets, skills, relaxed, query } = found?;
    let shown = u64::try_from(ids.len())?;
    let views = db.read(move |conn| in_order(conn, ids)).await?;
    let items = match wanted.highlight {
        true => engine.run(move |engine| highlighted(engine, &*query, views)).await?,
        false => views.into_iter().map(|(vacancy, score)| Hit { vacancy, score, highlights: BTreeMap::new() }).collect(),
    };
    let next = offset + shown;
    let next_cursor = if shown > 0 && next < total { Some(encode_cursor(&next)?) } else { None };
    let understood = UnderstoodView { skills, places: wanted.city };
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(SearchAnswer { items, next_cursor, total, facets, understood, relaxed, took_ms }))
}

fn find(engine: &Search, wanted: &SearchQuery, region: &str, limit: u32, offset: u64) -> Result<Found> {
    let searcher = engine.searcher();
    let understood = engine.understand(wanted.q.as_deref().unwrap_or_default())?;
    let filters = engine.filters(wanted, region)?;
    let all = filters.over(&*understood.query, "");
    let total = u64::try_from(searcher.search(&all, &Count)?)?;
    let top = TopDocs::with_limit(usize::try_from(limit)?).and_offset(usize::try_from(offset)?);
    let hits = ranked(&searcher, &all, top, wanted.sort.as_deref())?;
    let ids =
        hits.into_iter().map(|(score, at)| id_at(engine, &searcher, at).map(|id| (id, score))).collect::<Result<Vec<_>>>()?;
    let mut facets = BTreeMap::new();
    for name in wanted.facets.as_deref().unwrap_or_default().split(',').filter(|name| !name.is_empty()) {
        facets.insert(name.to_owned(), facet(engine, &searcher, &filters.over(&*understood.query, name), name)?);
    }
    let relaxed = if total == 0 { relax(&searcher, &*understood.query, &filters)? } else { Vec::new() };
    Ok(Found { total, ids, facets, skills: understood.skills, relaxed, query: understood.query })
}

/// Names each filter, the words among them, without which something would be found.
fn relax(searcher: &Searcher, words: &dyn TantivyQuery, filters: &Filters) -> Result<Vec<Relaxed>> {
    let mut relaxed = Vec::new();
    let mut names: Vec<&str> = filters.0.iter().map(|(name, _)| *name).collect();
    names.dedup();
    for name in names {
        relaxed.push((name, searcher.search(&filters.over(words, name), &Count)?));
    }
    relaxed.push(("q", searcher.search(&filters.over(&AllQuery, ""), &Count)?));
    let some = relaxed.into_iter().filter(|(_, total)| *total > 0);
    some.map(|(filter, total)| Ok(Relaxed { filter: filter.to_owned(), total: u64::try_from(total)? })).collect()
}

fn ranked(searcher: &Searcher, query: &BooleanQuery, top: TopDocs, sort: Option<&str>) -> Result<Vec<(f32, DocAddress)>> {
    let by = |field: &str, top: TopDocs| -> Result<Vec<(f32, DocAddress)>> {
        let rows = searcher.search(query, &top.order_by_fast_field::<i64>(field, Order::Desc))?;
        Ok(rows.into_iter().map(|(_, at)| (0.0, at)).collect())
    };
    match sort.unwrap_or("relevance") {
        "relevance" => Ok(searcher.search(query, &top.order_by_score())?),
        "published" => by("published", top),
        "salary" => by("salary_max", top),
        other => Err(Error::Malformed(Refusal::new("/sort", "bad_sort", "不支持的排序方式", format!("no such order: {other}")))),
    }
}

fn id_at(engine: &Search, searcher: &Searcher, at: DocAddress) -> Result<VacancyId> {
    let doc: TantivyDocument = searcher.doc(at)?;
    let text = doc.get_first(engine.fields.id).and_then(|value| value.as_str()).unwrap_or_default();
    VacancyId::parse(text).ok_or_else(|| Error::internal("a document without an id"))
}

fn facet(engine: &Search, searcher: &Searcher, query: &BooleanQuery, name: &str) -> Result<Vec<FacetValue>> {
    use tantivy::aggregation::AggregationCollector;
    use tantivy::aggregation::agg_req::Aggregations;
    if !matches!(name, "city" | "skill" | "craft" | "education" | "employment_type") {
        return Err(Error::Malformed(Refusal::new("/facets", "bad_facet", "没有这个分面", format!("no such facet: {name}"))));
    }
    let request = serde_json::json!({"values": {"terms": {"field": name, "size": FACET_VALUES_MAX}}});
    let request: Aggregations = serde_json::from_value(request)?;
    let counted = searcher.search(query, &AggregationCollector::from_aggs(request, Default::default()))?;
    let counted = serde_json::to_value(counted)?;
    let buckets = counted.pointer("/values/buckets").and_then(|b| b.as_array()).cloned().unwrap_or_default();
    let value_of = |bucket: serde_json::Value| {
        let value = bucket.get("key")?.as_str()?.to_owned();
        Some(FacetValue { label: label(engine, name, &value), count: bucket.get("doc_count")?.as_u64()?, value })
    };
    Ok(buckets.into_iter().filter_map(value_of).collect())
}

fn label(engine: &Search, facet: &str, value: &str) -> String {
    use crate::lexicon::{AreaCode, Education};
    let lexicon = &engine.lexicon;
    let found = match facet {
        "city" => AreaCode::parse(value).and_then(|code| lexicon.places.get(&code)).map(|area| area.name.clone()),
        "skill" | "craft" => lexicon.skills.get(value).map(|skill| skill.name.clone()),
        "education" => Education::parse(value).map(|level| lexicon.education.label(level).0.to_owned()),
        _ => None,
    };
    found.unwrap_or_else(|| value.to_owned())
}

/// Reads the rows of the ids in their order; what is no longer live is left out.
fn in_order(conn: &mut DbConn, ids: Vec<(VacancyId, f32)>) -> Result<Vec<(VacancyView, f32)>> {
    let wanted: Vec<VacancyId> = ids.iter().map(|(id, _)| id.clone()).collect();
    let rows = vacancies::load_many(conn, &wanted)?.into_iter().filter(|row| is_shown(row.status)).collect();
    let mut views: HashMap<VacancyId, VacancyView> =
        vacancies::views(conn, rows)?.into_iter().map(|view| (view.id.clone(), view)).collect();
    Ok(ids.into_iter().filter_map(|(id, score)| views.remove(&id).map(|view| (view, score))).collect())
}

fn highlighted(engine: &Search, query: &dyn TantivyQuery, views: Vec<(VacancyView, f32)>) -> Result<Vec<Hit>> {
    let searcher = engine.searcher();
    let title = SnippetGenerator::create(&searcher, query, engine.fields.title)?;
    let mut passage = SnippetGenerator::create(&searcher, query, engine.fields.description)?;
    passage.set_max_num_chars(PASSAGE_BYTES);
    let hit = |(vacancy, score): (VacancyView, f32)| {
        let mut highlights = BTreeMap::new();
        for (field, snippet) in [("title", title.snippet(&vacancy.title)), ("description", passage.snippet(&vacancy.description))]
        {
            if !snippet.is_empty() {
                highlights.insert(field, snippet.to_html());
            }
        }
        Hit { vacancy, score, highlights }
    };
    Ok(views.into_iter().map(hit).collect())
}
