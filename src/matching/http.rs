//! Matching over HTTP: a profile in, explained matches out; nothing of it is stored.

use std::collections::HashMap;

use actix_web::post;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::Db;
use crate::db::types::VacancyId;
use crate::error::{Error, Result};
use crate::graduates::{Profile, ProfileBody};
use crate::http::{Body, Failures};
use crate::matching::pool::Pool;
use crate::matching::score::{Requirement, Scored};
use crate::vacancies::{self, VacancyView};

/// How many matches are given when nothing is said.
const LIMIT_DEFAULT: u32 = 20;
/// How many matches may be asked for.
const LIMIT_MAX: u32 = 100;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create);
}

/// A match with its reasons.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatchView {
    vacancy: VacancyView,
    /// What is certain, 0 to 1.
    score: f64,
    /// What is certain, and what could be if everything unknown were met.
    score_range: [f64; 2],
    /// How well the city fits, 0 to 1.
    city_fit: f64,
    requirements: Vec<Requirement>,
    weights_version: String,
}

/// Ranked matches.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Matches {
    items: Vec<MatchView>,
    /// How many vacancies match at all.
    total: usize,
}

/// Ranks live vacancies for a profile; nothing is stored.
#[utoipa::path(tag = "matching", operation_id = "create_matches", request_body = ProfileBody,
    responses((status = 200, description = "匹配结果及理由", body = Matches), Failures))]
#[post("/matches")]
async fn create(db: Data<Db>, pool: Data<Pool>, config: Data<Config>, body: Body<ProfileBody>) -> Result<Json<Matches>> {
    let limit = match body.0.limit.unwrap_or(LIMIT_DEFAULT) {
        limit @ 1..=LIMIT_MAX => usize::try_from(limit)?,
        _ => return Err(Error::invalid("/limit", "bad_limit", "limit 须在 1 至 100 之间", "limit is not within 1 to 100")),
    };
    let profile = Profile::parse(&body.0, pool.lexicon(), &config.region, pool.weights.inferred_skill)?;
    let ranking = pool.clone();
    let (ranked, total) = tokio::task::spawn_blocking(move || ranking.rank(&profile, limit)).await?;
    let ids: Vec<VacancyId> = ranked.iter().map(|(id, _)| id.clone()).collect();
    let views = db
        .read(move |conn| {
            let rows = vacancies::load_many(conn, &ids)?;
            vacancies::views(conn, rows)
        })
        .await?;
    let mut views: HashMap<VacancyId, VacancyView> = views.into_iter().map(|view| (view.id.clone(), view)).collect();
    let version = &pool.weights.version;
    let items = ranked.into_iter().filter_map(|(id, scored)| views.remove(&id).map(|vacancy| explain(vacancy, scored, version)));
    Ok(Json(Matches { items: items.collect(), total }))
}

fn explain(vacancy: VacancyView, scored: Scored, version: &str) -> MatchView {
    let round = |x: f64| (x * 10_000.0).round() / 10_000.0;
    let Scored { score, high, city_fit, requirements } = scored;
    MatchView {
        vacancy,
        score: round(score),
        score_range: [round(score), round(high)],
        city_fit,
        requirements,
        weights_version: version.to_owned(),
    }
}
