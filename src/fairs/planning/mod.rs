//! Which fairs does a city or the province hold in a period? Plans over HTTP: solved off the async threads, kept, repaired
//! after a change, and published as fairs.

mod answer;
mod asked;
mod ground;
mod pose;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::schema::fair_plans as table;
use crate::db::types::{FairPlanId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::filing::Filing;
use crate::fairs::life::Kind;
use crate::fairs::model::FairBody;
use crate::fairs::requests;
use crate::fairs::store::{self, record};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Line, Now, created, hidden_unless, tagged};
use crate::lexicon::place::AreaCode;
use crate::lexicon::{Lexicon, asked_area};
use crate::text_enum;

use answer::{PlanAnswer, Scheduled, Work, effort};
use asked::PlanBody;
use pose::Fixed;

/// When a planned event begins, in minutes after midnight.
const OPENS_MINUTES: i64 = 9 * 60;
/// How long a planned event takes, in seconds.
const LENGTH_S: i64 = 3 * 3600;

/// Mounts the routes of plans.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(read).service(repair).service(transition);
}

text_enum! {
    /// Where a plan stands.
    PlanStatus {
        /// Being looked at.
        Draft = "draft",
        /// Its events are fairs now.
        Published = "published",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table)]
struct PlanRow {
    id: FairPlanId,
    area: String,
    status: PlanStatus,
    asked: String,
    answer: String,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A plan as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PlanView {
    id: FairPlanId,
    status: PlanStatus,
    /// The GB/T 2260 prefix that it is for.
    area: String,
    asked: PlanBody,
    #[serde(flatten)]
    answer: PlanAnswer,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl PlanView {
    fn of(row: PlanRow) -> Result<PlanView> {
        let PlanRow { id, area, status, asked, answer, revision, created_at, updated_at } = row;
        let (asked, answer) = (serde_json::from_str(&asked)?, serde_json::from_str(&answer)?);
        Ok(PlanView { id, status, area, asked, answer, revision, created_at, updated_at })
    }
}

/// What planning needs beside the database.
struct Means {
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    planner: Data<Line>,
}

impl Means {
    /// Reads the ground when its turn has come, plans off the async threads, and gives the answer.
    async fn plan(&self, area: &str, asked: &PlanBody, before: Option<Vec<Scheduled>>) -> Result<PlanAnswer> {
        let turn = self.planner.turn().await?;
        let cities: Vec<String> = match asked.duty_visits {
            true => self.lexicon.places.cities(area).map(|city| city.code.as_str().to_owned()).collect(),
            false => Vec::new(),
        };
        let (within, rules) = (area.to_owned(), asked.rules());
        let (ground, guests) = self.db.read(move |conn| ground::load(conn, &within, &rules, &cities)).await?;
        let effort = effort(asked.seed, asked.rounds, asked.time_limit_ms);
        let work = Work { ground, guests, rules: asked.rules(), effort };
        let (lexicon, calendar) = (self.lexicon.clone(), self.calendar.clone());
        turn.run(move || work.plan(&calendar, &lexicon, before.as_deref())).await
    }
}

/// Plans the dates, venues and employers' circuits of a city or the province, with a proven bound.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_plan", request_body = PlanBody,
    responses((status = 201, description = "排期方案", body = PlanView), Failures))]
#[post("/fair-plans")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    config: Data<Config>,
    planner: Data<Line>,
    caller: Caller,
    now: Now,
    body: Body<PlanBody>,
) -> Result<HttpResponse> {
    let asked = body.0.parse()?;
    let area = asked_area(&lexicon.places, &config.region, asked.city.as_deref())?;
    let area = area.map_or_else(|| config.region.clone(), |area| area.city().prefix().to_owned());
    if !caller.governs(Some(&area)) {
        return Err(Error::Forbidden);
    }
    let means = Means { db: db.clone(), lexicon, calendar, planner };
    let answer = means.plan(&area, &asked, None).await?;
    let row = PlanRow {
        id: FairPlanId::new(*now),
        area,
        status: PlanStatus::Draft,
        asked: serde_json::to_string(&asked)?,
        answer: serde_json::to_string(&answer)?,
        revision: 1,
        created_at: *now,
        updated_at: *now,
    };
    let row = db.write(move |conn| keep(conn, *now, &caller, row)).await?;
    Ok(created(&format!("/v1/fair-plans/{}", row.id), row.revision, &PlanView::of(row)?))
}

fn keep(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: PlanRow) -> Result<PlanRow> {
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "fair_plans.create", &format!("fair_plan:{}", row.id))?;
    Ok(row)
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &FairPlanId) -> Result<PlanRow> {
    diesel::update(table::table.find(id)).set(table::revision.eq(table::revision)).execute(conn)?;
    seen(conn, caller, id)
}

fn seen(conn: &mut DbConn, caller: &Caller, id: &FairPlanId) -> Result<PlanRow> {
    let found: Option<PlanRow> = table::table.find(id).select(PlanRow::as_select()).first(conn).optional()?;
    let row = found.ok_or(Error::NotFound("fair plan"))?;
    hidden_unless(caller.governs(Some(&row.area)), "fair plan")?;
    Ok(row)
}

fn still_draft(row: &PlanRow) -> Result<()> {
    match row.status {
        PlanStatus::Draft => Ok(()),
        PlanStatus::Published => Err(Error::conflict("published", "方案已发布", "the plan is published")),
    }
}

/// Reads a plan.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_plan", params(("id" = FairPlanId, Path)),
    responses((status = 200, description = "排期方案", body = PlanView), Failures))]
#[get("/fair-plans/{id}")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairPlanId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| seen(conn, &caller, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &PlanView::of(row)?))
}

/// What a repair has to heed beside what has changed in wishes, venues and closed days.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
struct RepairBody {
    /// What a person decided since; it replaces what was fixed before.
    fixed: Option<Vec<Fixed>>,
}

/// Plans again after a change and moves as little as possible.
#[utoipa::path(tag = "fairs", operation_id = "repair_fair_plan", params(("id" = FairPlanId, Path)),
    request_body = RepairBody, responses((status = 200, description = "调整后的方案", body = PlanView), Failures))]
#[post("/fair-plans/{id}/repair")]
async fn repair(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    planner: Data<Line>,
    caller: Caller,
    now: Now,
    id: Id<FairPlanId>,
    revision: IfMatch,
    body: Body<RepairBody>,
) -> Result<HttpResponse> {
    let (asks, sought) = (caller.clone(), id.0.clone());
    let row = db.read(move |conn| seen(conn, &asks, &sought)).await?;
    revision.check(row.revision)?;
    still_draft(&row)?;
    let mut asked: PlanBody = serde_json::from_str(&row.asked)?;
    asked.fixed = body.0.fixed.unwrap_or(asked.fixed);
    let asked = asked.parse()?;
    let before: PlanAnswer = serde_json::from_str(&row.answer)?;
    let answer = Means { db: db.clone(), lexicon, calendar, planner }.plan(&row.area, &asked, Some(before.schedule)).await?;
    let (asked, answer, was) = (serde_json::to_string(&asked)?, serde_json::to_string(&answer)?, row.revision);
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            still_draft(&row)?;
            if row.revision != was {
                return Err(Error::Stale);
            }
            let row = PlanRow { asked, answer, revision: was + 1, updated_at: *now, ..row };
            diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
            record(conn, *now, &caller, "fair_plans.repair", &format!("fair_plan:{}", row.id))?;
            Ok(row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &PlanView::of(row)?))
}

/// A step of a plan.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanTransition {
    /// Where it shall stand.
    to: PlanStatus,
}

/// Publishes a plan: every event becomes the draft of a fair.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_plan_transition", params(("id" = FairPlanId, Path)),
    request_body = PlanTransition, responses((status = 200, description = "已发布", body = PlanView), Failures))]
#[post("/fair-plans/{id}/transitions")]
async fn transition(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<FairPlanId>,
    revision: IfMatch,
    body: Body<PlanTransition>,
) -> Result<HttpResponse> {
    if body.0.to == PlanStatus::Draft {
        return Err(Error::conflict("wrong_step", "方案不能退回草稿", "a plan cannot become a draft"));
    }
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            revision.check(row.revision)?;
            publish(conn, *now, &caller, &lexicon, row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &PlanView::of(row)?))
}

fn publish(conn: &mut DbConn, now: Timestamp, caller: &Caller, lexicon: &Lexicon, row: PlanRow) -> Result<PlanRow> {
    still_draft(&row)?;
    let answer: PlanAnswer = serde_json::from_str(&row.answer)?;
    for event in answer.schedule {
        let request = event.request.as_ref().map(|id| requests::load(conn, id)).transpose()?;
        let fair = body(&event, request.as_ref(), lexicon).row(now)?;
        store::insert(conn, now, caller, &fair)?;
        if let Some(request) = &event.request {
            requests::granted(conn, now, request, &fair.id)?;
        }
    }
    let row = PlanRow { status: PlanStatus::Published, revision: row.revision + 1, updated_at: now, ..row };
    diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
    record(conn, now, caller, "fair_plans.published", &format!("fair_plan:{}", row.id))?;
    Ok(row)
}

fn body(event: &Scheduled, request: Option<&requests::RequestRow>, lexicon: &Lexicon) -> FairBody {
    let city = AreaCode::parse(&event.city).and_then(|code| lexicon.places.get(&code));
    let starts_at = Timestamp::on(event.day, OPENS_MINUTES);
    let outreach = event.kind == Kind::PolicyOutreach;
    FairBody {
        kind: event.kind,
        title: event.title.clone(),
        description: None,
        city: event.city.clone(),
        school: event.school.clone(),
        venue: event.venue.clone(),
        organiser: format!("{}人力资源和社会保障局", city.map_or("", |city| city.name.as_str())),
        contact: None,
        starts_at,
        ends_at: starts_at.plus_seconds(LENGTH_S),
        registration_closes_at: None,
        booths: if outreach { 0 } else { request.map_or(0, |request| request.booths) },
        seats: None,
        expected_visitors: request.and_then(|request| request.expected_visitors),
        open_to_public: false,
        filing: Filing::default(),
    }
}
