//! Matching runs over HTTP: asked for, watched, called off, and their results as lines.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, get, post};
use futures_util::{Stream, stream};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::types::{GraduateId, MatchingRunId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::graduates;
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Role, etag, hidden_unless, tagged};
use crate::lexicon::asked_area;
use crate::matching::pool::Pool;
use crate::matching::runs::model::{MatchingRunBody, MatchingRunLine, MatchingRunStatus, MatchingRunView, RunRow};
use crate::matching::runs::store;
use crate::schools;

/// The media type of one JSON value a line.
const NDJSON: &str = "application/x-ndjson";
/// How many lines are read at once.
const LINES: i64 = 500;

/// Mounts the routes of runs.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(read).service(transition).service(results);
}

/// Begins a run over the graduates of a school, a city or the province who look for work or have not said otherwise; it goes
/// on by itself.
#[utoipa::path(tag = "matching", operation_id = "create_matching_run", request_body = MatchingRunBody,
    responses((status = 202, description = "已排队，自行进行", body = MatchingRunView), Failures))]
#[post("/matching-runs")]
async fn create(
    db: Data<Db>,
    pool: Data<Pool>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<MatchingRunBody>,
) -> Result<HttpResponse> {
    let asked = asked_area(&pool.lexicon().places, &config.region, body.0.city.as_deref())?;
    let area = asked.map(|area| area.prefix().to_owned());
    let (version, region) = (pool.weights.version.clone(), config.region.clone());
    let row = db.write(move |conn| begin(conn, *now, &caller, &body.0, area, (version, region))).await?;
    let (location, tag) = (format!("/v1/matching-runs/{}", row.id), row.revision);
    Ok(HttpResponse::Accepted()
        .insert_header(("location", location))
        .insert_header(("etag", etag(tag)))
        .json(MatchingRunView::from(row)))
}

fn begin(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    asked: &MatchingRunBody,
    area: Option<String>,
    (weights_version, region): (String, String),
) -> Result<RunRow> {
    let matches = asked.limit()?;
    let school_id = if caller.role == Role::School { caller.school.clone() } else { asked.school.clone() };
    if asked.school.is_some() && asked.school != school_id {
        return Err(Error::Forbidden);
    }
    let area = match (&school_id, area) {
        (Some(school), _) => schools::city_of(conn, school)?.ok_or(Error::NotFound("school"))?,
        (None, Some(area)) => area,
        (None, None) if caller.role == Role::Bureau => caller.city.clone().ok_or(Error::Forbidden)?,
        (None, None) => region,
    };
    if school_id.is_some() {
        hidden_unless(caller.is_school(school_id.as_ref()) || caller.governs(Some(&area)), "school")?;
    } else if !caller.governs(Some(&area)) {
        return Err(Error::Forbidden);
    }
    let total = graduates::count_looking(conn, school_id.as_ref(), &area)?;
    let row = RunRow {
        id: MatchingRunId::new(now),
        status: MatchingRunStatus::Queued,
        school_id,
        area,
        matches,
        total,
        done: 0,
        last_graduate: None,
        events: 0,
        weights_version,
        reason: None,
        revision: 1,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    store::begin(conn, now, caller, &row)?;
    Ok(row)
}

/// Tells how far a run is.
#[utoipa::path(tag = "matching", operation_id = "get_matching_run", params(("id" = MatchingRunId, Path)),
    responses((status = 200, description = "进度", body = MatchingRunView), Failures))]
#[get("/matching-runs/{id}")]
async fn read(db: Data<Db>, caller: Caller, id: Id<MatchingRunId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| store::yours(conn, &caller, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &MatchingRunView::from(row)))
}

/// What a run shall become.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MatchingRunTransition {
    /// `cancelled`; nothing else can be asked for.
    to: MatchingRunStatus,
}

/// Calls a run off; what it has found so far stays.
#[utoipa::path(tag = "matching", operation_id = "create_matching_run_transition", params(("id" = MatchingRunId, Path)),
    request_body = MatchingRunTransition, responses((status = 200, description = "已取消", body = MatchingRunView), Failures))]
#[post("/matching-runs/{id}/transitions")]
async fn transition(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<MatchingRunId>,
    revision: IfMatch,
    body: Body<MatchingRunTransition>,
) -> Result<HttpResponse> {
    let to = body.0.to;
    let row = db
        .write(move |conn| {
            let row = store::yours(conn, &caller, &id.0)?;
            revision.check(row.revision)?;
            let row = called_off(row, to, *now)?;
            store::save(conn, &row)?;
            store::record(conn, *now, &caller.name(), "matching.cancel", &row)?;
            Ok(row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &MatchingRunView::from(row)))
}

/// Only what is not over can be called off, and nothing else can be done to a run.
fn called_off(row: RunRow, to: MatchingRunStatus, now: Timestamp) -> Result<RunRow> {
    if row.status.is_over() || to != MatchingRunStatus::Cancelled {
        let zh = format!("运行现为 {}，不能改为 {to}", row.status);
        return Err(Error::conflict("bad_transition", zh, format!("the run is {} and cannot become {to}", row.status)));
    }
    Ok(RunRow { status: to, revision: row.revision + 1, updated_at: now, finished_at: Some(now), ..row })
}

/// Streams what a run has found so far, a graduate a line, by id; of a run under way, what is written.
#[utoipa::path(tag = "matching", operation_id = "get_matching_run_results", params(("id" = MatchingRunId, Path)),
    responses((status = 200, description = "每名毕业生一行（NDJSON），岗位按得分排列", body = MatchingRunLine,
        content_type = "application/x-ndjson"), Failures))]
#[get("/matching-runs/{id}/results")]
async fn results(db: Data<Db>, caller: Caller, now: Now, id: Id<MatchingRunId>) -> Result<HttpResponse> {
    let shown = db.write(move |conn| {
        let row = store::yours(conn, &caller, &id.0)?;
        store::record(conn, *now, &caller.name(), "matching.results", &row)?;
        Ok(row.id)
    });
    let id = shown.await?;
    let mut response = HttpResponse::Ok();
    response.content_type(NDJSON).insert_header(("cache-control", "no-store"));
    Ok(response.streaming(lines(db.as_ref().clone(), id)))
}

fn lines(db: Db, id: MatchingRunId) -> impl Stream<Item = Result<Bytes>> {
    stream::try_unfold((db, id, None), |(db, id, after): (Db, MatchingRunId, Option<GraduateId>)| async move {
        let run = id.clone();
        let rows = db.read(move |conn| store::results(conn, &run, after, LINES)).await?;
        let Some(last) = rows.last().map(|row| row.graduate_id.clone()) else { return Ok(None) };
        let mut text = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut text, &MatchingRunLine::of(row)?)?;
            text.push(b'\n');
        }
        Ok(Some((Bytes::from(text), (db, id, Some(last)))))
    })
}
