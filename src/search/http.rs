//! Search over HTTP: `GET /v1/vacancies`.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use actix_web::get;
use actix_web::web::{Data, Json};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::schema::{fair_exhibitors, fairs};
use crate::db::types::{EmployerId, FairId, Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::http::metrics::{Metrics, Outcome};
use crate::http::{Failures, Now, PageQuery, Query, encode_cursor};
use crate::search::facet::{Facet, FacetValue};
use crate::search::find::{Asked, Found, Place, Relaxed, Seen, WhyView};
use crate::search::highlight::highlight;
use crate::search::index::Search;
use crate::search::read::Understood;
use crate::search::scan::Order;
use crate::search::similar::similar;
use crate::search::suggest::suggest;
use crate::vacancies::{self, FilterQuery, Status, VacancyView};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search_vacancies).service(suggest).service(similar);
}

/// What can be asked.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words; `"phrase"`, `-without`.
    pub q: Option<String>,
    /// Whether the words are read for what they mean; yes when not said.
    pub understand: Option<bool>,
    /// Places by code, prefix or name; may be repeated.
    pub city: Vec<String>,
    /// Whether the neighbours of these cities are wanted too, ranked lower.
    pub include_nearby: bool,
    /// A point, `lat,lon` in degrees of WGS 84.
    pub near: Option<String>,
    /// How far from the point, in kilometres; 50 when not said.
    pub radius_km: Option<f64>,
    /// Skills by id or name, narrower ones included; may be repeated, all must be asked for.
    pub skill: Vec<String>,
    /// An occupation code.
    pub occupation: Option<String>,
    /// The education or programme that the person has.
    pub education: Option<String>,
    /// The experience that the person has, in months.
    pub experience_months: Option<u32>,
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
    /// The name of a source.
    pub source: Option<String>,
    /// Only those published after this instant.
    pub published_after: Option<Timestamp>,
    /// Only those that approved exhibitors bring to this fair.
    pub fair: Option<FairId>,
    /// `relevance`, `published`, `salary` or, with `near`, `distance`.
    pub sort: Option<String>,
    /// Facets to count, with commas: `city,skill,craft,education,employment_type,salary`.
    pub facets: Option<String>,
    /// Whether to show where the words stand.
    pub highlight: bool,
    /// Whether each hit tells why it stands where it stands.
    pub explain: bool,
    /// How many rows, 1 to 100.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// One vacancy that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HitView {
    vacancy: VacancyView,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    highlights: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<WhyView>,
}

/// What was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SearchAnswer {
    items: Vec<HitView>,
    next_cursor: Option<String>,
    total: u64,
    facets: BTreeMap<&'static str, Vec<FacetValue>>,
    understood: Understood,
    relaxed: Vec<Relaxed>,
    took_ms: u64,
}

impl SearchQuery {
    /// Reads what was asked; an unknown order or facet, a broken point or cursor is refused.
    fn read(self, now: Timestamp) -> Result<Asked> {
        let page = PageQuery { limit: self.limit, cursor: self.cursor };
        let near = self.near.as_deref().map(vacancies::point).transpose()?;
        let filter = FilterQuery {
            city: self.city,
            skill: self.skill,
            occupation: self.occupation,
            education: self.education,
            experience_months: self.experience_months,
            salary_min: self.salary_min,
            employment_type: self.employment_type,
            fresh_graduate: self.fresh_graduate,
            handicraft: self.handicraft,
            employer: self.employer,
            source: self.source,
            published_after: self.published_after,
            ..FilterQuery::default()
        };
        Ok(Asked {
            words: self.q.unwrap_or_default(),
            understand: self.understand.unwrap_or(true),
            filter: filter.of_search(),
            brought: None,
            nearby: self.include_nearby,
            near,
            radius_km: near.map(|_| self.radius_km.unwrap_or(vacancies::RADIUS_KM)),
            order: order(self.sort.as_deref(), near.is_some())?,
            facets: Facet::read_list(self.facets.as_deref().unwrap_or_default())?,
            limit: usize::try_from(page.limit()?)?,
            from: page.after::<Place>()?,
            explain: self.explain,
            now_ms: u64::try_from(now.millis())?,
        })
    }
}

impl SearchQuery {
    /// Reads what was asked, and what is brought to the fair that was named.
    async fn brought(self, db: &Db, now: Timestamp) -> Result<Asked> {
        let fair = self.fair.clone();
        let mut asked = self.read(now)?;
        if let Some(fair) = fair {
            asked.brought = Some(db.read(move |conn| brought(conn, &fair)).await?);
        }
        Ok(asked)
    }
}

fn order(sort: Option<&str>, near: bool) -> Result<Order> {
    match sort.unwrap_or("relevance") {
        "relevance" => Ok(Order::Relevance),
        "published" => Ok(Order::Published),
        "salary" => Ok(Order::Salary),
        "distance" if near => Ok(Order::Distance),
        "distance" => Err(Error::Malformed(Refusal::new("/sort", "bad_sort", "按距离排序须给出 near", "distance wants near"))),
        other => Err(Error::Malformed(Refusal::new("/sort", "bad_sort", "不支持的排序方式", format!("no such order: {other}")))),
    }
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
    now: Now,
    query: Query<SearchQuery>,
) -> Result<Json<SearchAnswer>> {
    let begun = Instant::now();
    let (mark, region) = (query.0.highlight, config.region.clone());
    let asked = query.0.brought(&db, *now).await?;
    let found = engine.into_inner().run(move |engine| engine.find(&asked, &region)).await;
    let outcome = if found.is_ok() { "answered" } else { "refused" };
    metrics.searches.get_or_create(&Outcome { outcome }).inc();
    let Found { total, seen, facets, understood, relaxed, next, texts } = found?;
    let items = db.read(move |conn| shown(conn, seen, &texts, mark)).await?;
    let next_cursor = next.map(|place| encode_cursor(&place)).transpose()?;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(SearchAnswer { items, next_cursor, total, facets: facets.into_iter().collect(), understood, relaxed, took_ms }))
}

/// Reads what the approved exhibitors of an announced fair bring along.
fn brought(conn: &mut DbConn, fair: &FairId) -> Result<Vec<VacancyId>> {
    let announced = fairs::table.find(fair).filter(fairs::published_at.is_not_null());
    if announced.count().get_result::<i64>(conn)? == 0 {
        return Err(Error::NotFound("fair"));
    }
    let approved =
        fair_exhibitors::table.filter(fair_exhibitors::fair_id.eq(fair)).filter(fair_exhibitors::status.eq("approved"));
    let lists: Vec<String> = approved.select(fair_exhibitors::vacancies).load(conn)?;
    let mut brought = Vec::new();
    for list in lists {
        brought.extend(serde_json::from_str::<Vec<VacancyId>>(&list)?);
    }
    Ok(brought)
}

/// Reads the vacancies that were found, in their order; the database has the last word on what is live.
pub fn shown(conn: &mut DbConn, seen: Vec<Seen>, texts: &[String], mark: bool) -> Result<Vec<HitView>> {
    let wanted: Vec<VacancyId> = seen.iter().map(|seen| seen.id.clone()).collect();
    let rows = vacancies::load_many(conn, &wanted)?.into_iter().filter(|row| row.status == Status::Live).collect();
    let mut views: HashMap<VacancyId, VacancyView> =
        vacancies::views(conn, rows)?.into_iter().map(|view| (view.id.clone(), view)).collect();
    let mut items = Vec::with_capacity(seen.len());
    for Seen { id, score, distance_km, why } in seen {
        if let Some(vacancy) = views.remove(&id) {
            let highlights = if mark { highlights(&vacancy, texts) } else { BTreeMap::new() };
            items.push(HitView { vacancy, score, distance_km, highlights, explain: why });
        }
    }
    Ok(items)
}

fn highlights(vacancy: &VacancyView, texts: &[String]) -> BTreeMap<&'static str, String> {
    let title = highlight(&vacancy.title, texts, true).map(|marked| ("title", marked));
    let description = highlight(&vacancy.description, texts, false).map(|marked| ("description", marked));
    title.into_iter().chain(description).collect()
}
