//! Who could join the class of a training order? The graduates of its school who look for work, ranked by what the order asks
//! for. Whoever has none of the skills yet is no worse than unknown: they are what the class is for.

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::types::{GraduateId, TrainingOrderId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::graduates::{self, Cohort, GraduateRow, JobIntent, Profile};
use crate::http::{Caller, Failures, Id, Now, Query, Role};
use crate::lexicon::{AreaCode, Lexicon};
use crate::matching::demand::{Asked, Facts};
use crate::matching::fit::Fit;
use crate::matching::http::{VacancyQuery, limit_of};
use crate::matching::pool::Pool;
use crate::matching::score::{Scored, score};
use crate::training::{self, OrderRow};

/// How many graduates of a school are looked at.
const GRADUATES_MAX: usize = 20_000;

/// Mounts the route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// A graduate who could join a class.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ClassCandidate {
    graduate: GraduateId,
    #[serde(flatten)]
    fit: Fit,
}

/// Ranked graduates of the school.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ClassCandidates {
    items: Vec<ClassCandidate>,
    /// How many could join at all.
    total: usize,
    /// How many have a profile that cannot be read any more; they are left out.
    unreadable: usize,
}

/// Ranks the graduates of the school for the class of an order: those who look for work and are not in it.
#[utoipa::path(tag = "training", operation_id = "list_class_candidates", params(("id" = TrainingOrderId, Path), VacancyQuery),
    responses((status = 200, description = "可入班的毕业生及理由", body = ClassCandidates), Failures))]
#[get("/training-orders/{id}/candidates")]
async fn list(
    db: Data<Db>,
    pool: Data<Pool>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<TrainingOrderId>,
    query: Query<VacancyQuery>,
) -> Result<Json<ClassCandidates>> {
    let (limit, day, region) = (limit_of(query.0.limit)?, now.day(), config.region.clone());
    let (order, people) = db.read(move |conn| asked(conn, &caller, &id.0)).await?;
    let facts = wanted(&order, day, pool.lexicon())?;
    Ok(Json(tokio::task::spawn_blocking(move || ranked(&pool, &facts, &people, (day, limit), &region)).await?))
}

/// Reads an order whose class is the caller's to fill, and who is there to fill it.
fn asked(conn: &mut DbConn, caller: &Caller, id: &TrainingOrderId) -> Result<(OrderRow, Vec<GraduateRow>)> {
    let order = training::yours(conn, caller, id)?;
    if caller.role == Role::Employer {
        return Err(Error::Forbidden);
    }
    let cohort = Cohort { school: Some(order.school_id.clone()), ..Cohort::default() };
    let enrolled = training::enrolled(conn, id)?;
    let mut people = graduates::cohort(conn, caller, &cohort, GRADUATES_MAX)?;
    let seeks = |row: &GraduateRow| matches!(row.job_intent, JobIntent::Seeking | JobIntent::Unstated);
    people.retain(|row| seeks(row) && !enrolled.contains(&row.id));
    Ok((order, people))
}

/// What an order asks for, as a vacancy would: its skills, and pay as promised; experience is what the class gives.
fn wanted(order: &OrderRow, day: NaiveDate, lexicon: &Lexicon) -> Result<Facts> {
    let body = order.body()?;
    let skill =
        |id: &String| Some(Asked { id: id.clone(), name: lexicon.skills.get(id)?.name.clone(), essential: true, grade: None });
    Ok(Facts {
        skills: body.skills.iter().filter_map(skill).collect(),
        city: AreaCode::parse(&order.city),
        occupation: body.occupation,
        min_months: Some(0),
        salary_max: Some(body.promised_wage_min),
        live_since: Some(day),
        ..Facts::default()
    })
}

fn ranked(pool: &Pool, facts: &Facts, people: &[GraduateRow], (day, limit): (NaiveDate, usize), region: &str) -> ClassCandidates {
    let beginner = Facts { skills: Vec::new(), ..facts.clone() };
    let read: Vec<(&GraduateRow, Profile)> = people.iter().filter_map(|row| Some((row, pool.read(row, region)?.1))).collect();
    let scored = |(row, profile): &(&GraduateRow, Profile)| {
        let scale = pool.scale(day);
        let scored: Scored = score(profile, facts, scale).or_else(|| score(profile, &beginner, scale))?;
        Some((row.id.clone(), scored))
    };
    let mut found: Vec<(GraduateId, Scored)> = read.iter().filter_map(scored).collect();
    let total = found.len();
    found.sort_by(|(a, x), (b, y)| y.points.cmp(&x.points).then_with(|| a.cmp(b)));
    let told = |(graduate, scored)| ClassCandidate { graduate, fit: Fit::of(scored, &pool.weights.version) };
    let items = found.into_iter().take(limit).map(told).collect();
    ClassCandidates { items, total, unreadable: people.len() - read.len() }
}
