//! Matching over HTTP: a profile in, explained matches out; of a stored graduate, for a vacancy, or of anyone at all.

use std::collections::HashMap;

use actix_web::web::{Data, Json};
use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit::{self, Deed};
use crate::config::Config;
use crate::db::types::{GraduateId, Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::graduates::{self, GraduateRow, Profile, ProfileBody, SkillHeld};
use crate::http::{Body, Caller, Failures, Id, Now, Query, hidden_unless};
use crate::lexicon::Lexicon;
use crate::matching::classes;
use crate::matching::demand::Facts;
use crate::matching::fit::Fit;
use crate::matching::placement;
use crate::matching::pool::{Pool, facts_of};
use crate::matching::runs;
use crate::vacancies::{self, VacancyView};

/// How many matches are given when nothing is said.
const LIMIT_DEFAULT: u32 = 20;
/// How many matches may be asked for.
const LIMIT_MAX: u32 = 100;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(of_graduate).service(of_vacancy);
    classes::routes(config);
    placement::routes(config);
    runs::routes(config);
}

/// A vacancy that fits, with its reasons.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MatchView {
    vacancy: VacancyView,
    #[serde(flatten)]
    fit: Fit,
}

/// Ranked vacancies.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Matches {
    items: Vec<MatchView>,
    /// How many vacancies match at all.
    total: usize,
    /// Whether the order looks at the profile; if not, the newest come first.
    personalised: bool,
}

/// Gives how many matches are wanted; anything but 1 to 100 is refused.
pub fn limit_of(limit: Option<u32>) -> Result<usize> {
    match limit.unwrap_or(LIMIT_DEFAULT) {
        limit @ 1..=LIMIT_MAX => Ok(usize::try_from(limit)?),
        _ => Err(Error::invalid("/limit", "bad_limit", "limit 须在 1 至 100 之间", "limit is not within 1 to 100")),
    }
}

/// Ranks live vacancies for a profile; nothing is stored.
#[utoipa::path(tag = "matching", operation_id = "create_matches", request_body = ProfileBody,
    responses((status = 200, description = "匹配结果及理由", body = Matches), Failures))]
#[post("/matches")]
async fn create(
    db: Data<Db>,
    pool: Data<Pool>,
    config: Data<Config>,
    now: Now,
    body: Body<ProfileBody>,
) -> Result<Json<Matches>> {
    let limit = limit_of(body.0.limit)?;
    let profile = Profile::parse(&body.0, pool.lexicon(), &config.region, pool.weights.inferred_skill)?;
    answer(&db, &pool, now.day(), Some(profile), limit).await
}

async fn answer(db: &Db, pool: &Data<Pool>, day: NaiveDate, profile: Option<Profile>, limit: usize) -> Result<Json<Matches>> {
    let (ranking, personalised) = (pool.clone(), profile.is_some());
    let rank = move || profile.map_or_else(|| ranking.newest(day, limit), |profile| ranking.rank(&profile, day, limit));
    let (ranked, total) = tokio::task::spawn_blocking(rank).await?;
    let ids: Vec<VacancyId> = ranked.iter().map(|(id, _)| id.clone()).collect();
    let views = db
        .read(move |conn| {
            let rows = vacancies::load_many(conn, &ids)?;
            vacancies::views(conn, rows)
        })
        .await?;
    let mut views: HashMap<VacancyId, VacancyView> = views.into_iter().map(|view| (view.id.clone(), view)).collect();
    let version = &pool.weights.version;
    let items = ranked
        .into_iter()
        .filter_map(|(id, scored)| views.remove(&id).map(|vacancy| MatchView { vacancy, fit: Fit::of(scored, version) }));
    Ok(Json(Matches { items: items.collect(), total, personalised }))
}

/// How the matches of a graduate are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct GraduateQuery {
    /// How many matches, 1 to 100.
    limit: Option<u32>,
    /// `false` gives an order that looks at nobody: the newest first (个人信息保护法, article 24).
    personalised: Option<bool>,
}

/// Ranks live vacancies for a stored graduate.
#[utoipa::path(tag = "matching", operation_id = "list_graduate_matches", params(("id" = GraduateId, Path), GraduateQuery),
    responses((status = 200, description = "匹配结果及理由", body = Matches), Failures))]
#[get("/graduates/{id}/matches")]
async fn of_graduate(
    db: Data<Db>,
    pool: Data<Pool>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<GraduateId>,
    query: Query<GraduateQuery>,
) -> Result<Json<Matches>> {
    let limit = limit_of(query.0.limit)?;
    let row = db.read(move |conn| graduates::yours(conn, &caller, &id.0)).await?;
    let profile = match query.0.personalised {
        Some(false) => None,
        _ => Some(Profile::parse(&row.profile()?, pool.lexicon(), &config.region, pool.weights.inferred_skill)?),
    };
    answer(&db, &pool, now.day(), profile, limit).await
}

/// A graduate as an employer may see one: what they bring, never who they are or how to reach them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CandidateView {
    id: GraduateId,
    programme: Option<String>,
    education: Option<String>,
    major: Option<String>,
    skills: Vec<SkillHeld>,
    cities: Vec<String>,
    relocate: bool,
    graduates_on: Option<NaiveDate>,
}

impl CandidateView {
    fn of(id: GraduateId, profile: ProfileBody) -> CandidateView {
        let ProfileBody { programme, education, major, skills, cities, relocate, graduates_on, .. } = profile;
        CandidateView { id, programme, education, major, skills, cities, relocate, graduates_on }
    }
}

/// A graduate who fits, with the reasons.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CandidateMatch {
    graduate: CandidateView,
    #[serde(flatten)]
    fit: Fit,
}

/// Ranked graduates.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Candidates {
    items: Vec<CandidateMatch>,
    /// How many of those who agreed to be shown fit at all.
    total: usize,
    /// How many of them have a profile that cannot be read any more; they are left out.
    unreadable: usize,
}

/// How the candidates of a vacancy are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct VacancyQuery {
    /// How many matches, 1 to 100.
    pub limit: Option<u32>,
}

/// Ranks the graduates who look for work and agreed to be shown to the employer of a vacancy.
#[utoipa::path(tag = "matching", operation_id = "list_vacancy_matches", params(("id" = VacancyId, Path), VacancyQuery),
    responses((status = 200, description = "已授权的毕业生，不含联系方式", body = Candidates), Failures))]
#[get("/vacancies/{id}/matches")]
async fn of_vacancy(
    db: Data<Db>,
    pool: Data<Pool>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<VacancyId>,
    query: Query<VacancyQuery>,
) -> Result<Json<Candidates>> {
    let limit = limit_of(query.0.limit)?;
    let (lexicon, day) = (pool.clone(), now.day());
    let (facts, rows) = db.write(move |conn| consenting(conn, *now, &caller, &id.0, lexicon.lexicon())).await?;
    let region = config.region.clone();
    Ok(Json(tokio::task::spawn_blocking(move || candidates(&pool, &facts, rows, (day, limit), &region)).await?))
}

/// Reads a live vacancy of the caller's and those who agreed to be shown to its employer; that they were shown is written
/// down.
fn consenting(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    id: &VacancyId,
    lexicon: &Lexicon,
) -> Result<(Facts, Vec<GraduateRow>)> {
    let row = vacancies::load(conn, id)?;
    let own = caller.is_employer(row.employer_id.as_ref()) || caller.governs(row.city.as_deref());
    hidden_unless(own, "vacancy")?;
    let facts = facts_of(&row, lexicon)?.ok_or_else(|| {
        let en = format!("the vacancy is {} and only a live one is matched", row.status);
        Error::conflict("not_live", format!("岗位现为 {}，发布后才能匹配", row.status), en)
    })?;
    let rows = match &row.employer_id {
        Some(employer) => graduates::shown_to(conn, &format!("employer:{employer}"))?,
        None => Vec::new(),
    };
    let detail = json!({"vacancy": row.id, "graduates": rows.len()});
    audit::append(
        conn,
        now,
        &Deed { actor: &caller.name(), action: "matching.show", subject: &format!("vacancy:{}", row.id), detail },
    )?;
    Ok((facts, rows))
}

fn candidates(pool: &Pool, facts: &Facts, rows: Vec<GraduateRow>, (day, limit): (NaiveDate, usize), region: &str) -> Candidates {
    let agreed = rows.len();
    let mut profiles = Vec::with_capacity(agreed);
    let mut bodies: HashMap<GraduateId, ProfileBody> = HashMap::new();
    for row in rows {
        if let Some((body, profile)) = pool.read(&row, region) {
            profiles.push((row.id.clone(), profile));
            bodies.insert(row.id, body);
        }
    }
    let (ranked, total) = pool.rank_for(facts, &profiles, day, limit);
    let version = &pool.weights.version;
    let items = ranked.into_iter().filter_map(|(id, scored)| {
        let graduate = CandidateView::of(id.clone(), bodies.remove(&id)?);
        Some(CandidateMatch { graduate, fit: Fit::of(scored, version) })
    });
    Candidates { items: items.collect(), total, unreadable: agreed - profiles.len() }
}
