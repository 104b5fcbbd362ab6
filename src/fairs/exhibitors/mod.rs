//! Who exhibits, and at which booth? An employer applies, the fair's own people decide; a booth is held, given or offered to
//! whoever comes first, those for whom none is left wait in the order of their application.

mod booking;
mod checks;
mod floor_plan;
mod presence;
mod seating;
mod steps;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::fair_exhibitors as table;
use crate::db::types::{ExhibitorId, FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::fairs::exhibitor::{ExhibitorBody, ExhibitorRow, ExhibitorView, Outcome};
use crate::fairs::exhibitors::booking::{find, hold, opened, save};
use crate::fairs::exhibitors::checks::sound;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, merged, tagged};
use crate::lexicon::Lexicon;

pub use booking::{apply, decide, release_due, serve};
pub use presence::mark_presence;

/// Mounts the routes of exhibitors.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(transition).service(hold_booth);
    presence::routes(config);
    seating::routes(config);
    floor_plan::routes(config);
}

/// Lists the exhibitors of a fair: its own people see all, an employer itself.
#[utoipa::path(tag = "fairs", operation_id = "list_exhibitors", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "参展单位", body = Page<ExhibitorView>), Failures))]
#[get("/fairs/{id}/exhibitors")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<ExhibitorView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<ExhibitorId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let all = is_yours(&caller, &fair);
            let narrowed = || {
                let query = table::table.filter(table::fair_id.eq(&fair.id)).into_boxed();
                match (all, &caller.employer) {
                    (true, _) => query,
                    (false, Some(own)) => query.filter(table::employer_id.eq(own)),
                    (false, None) => query.filter(table::employer_id.eq("")),
                }
            };
            let total: i64 = narrowed().count().get_result(conn)?;
            let mut query = narrowed().order(table::id).limit(i64::from(limit) + 1);
            if let Some(after) = after {
                query = query.filter(table::id.gt(after));
            }
            let rows: Vec<ExhibitorRow> = query.select(ExhibitorRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), ExhibitorView::of).map(Json)
}

/// Applies for a booth.
#[utoipa::path(tag = "fairs", operation_id = "create_exhibitor", params(("id" = FairId, Path)), request_body = ExhibitorBody,
    responses((status = 201, description = "已报名", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    body: Body<ExhibitorBody>,
) -> Result<HttpResponse> {
    let body = body.0.parse(&lexicon)?;
    let row = db
        .write(move |conn| {
            let exhibitor = apply(conn, *now, &caller, &id.0, body)?;
            load(conn, &exhibitor)
        })
        .await?;
    let location = format!("/v1/fairs/{}/exhibitors/{}", row.fair_id, row.id);
    Ok(created(&location, row.revision, &ExhibitorView::of(row)?))
}

/// Reads an exhibitor.
#[utoipa::path(tag = "fairs", operation_id = "get_exhibitor",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)),
    responses((status = 200, description = "参展单位", body = ExhibitorView), Failures))]
#[get("/fairs/{id}/exhibitors/{exhibitor}")]
async fn read(db: Data<Db>, caller: Caller, path: Id<(FairId, ExhibitorId)>) -> Result<HttpResponse> {
    let row = db
        .read(move |conn| {
            let fair = store::load(conn, &path.0.0)?;
            find(conn, &fair, &caller, &path.0.1)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

fn load(conn: &mut DbConn, id: &ExhibitorId) -> Result<ExhibitorRow> {
    Ok(table::table.find(id).select(ExhibitorRow::as_select()).first(conn)?)
}

/// Changes what an exhibitor brings along; employer and session stay, and other documents are to be checked again.
#[utoipa::path(tag = "fairs", operation_id = "update_exhibitor",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)),
    request_body(content = ExhibitorBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = ExhibitorView), Failures))]
#[patch("/fairs/{id}/exhibitors/{exhibitor}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let (fair, _) = opened(conn, *now, &path.0.0)?;
            let row = find(conn, &fair, &caller, &path.0.1)?;
            revision.check(row.revision)?;
            let wanted: ExhibitorBody = merged(&row.body()?, &body.0)?;
            edit(conn, *now, &caller, row, wanted.parse(&lexicon)?)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

fn edit(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: ExhibitorRow, wanted: ExhibitorBody) -> Result<ExhibitorRow> {
    let body = sound(conn, &row.employer_id, wanted)?;
    let same = row.brings()?.documents == body.documents;
    let next = ExhibitorRow {
        documents_checked_at: row.documents_checked_at.filter(|_| same),
        brings: serde_json::to_string(&body.brings())?,
        vacancies: serde_json::to_string(&body.vacancies)?,
        wishes: body.wishes,
        contact_name: body.contact_name,
        contact_phone: body.contact_phone,
        ..row
    };
    let next = save(conn, now, next)?;
    record(conn, now, caller, "exhibitors.change", &format!("exhibitor:{}", next.id))?;
    Ok(next)
}

/// A step of an application.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ExhibitorTransition {
    /// Where it shall stand.
    to: Outcome,
    /// Why.
    reason: Option<String>,
}

/// Answers an application, or takes it back; approved without a booth left it waits.
#[utoipa::path(tag = "fairs", operation_id = "create_exhibitor_transition",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)), request_body = ExhibitorTransition,
    responses((status = 200, description = "状态已改变", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors/{exhibitor}/transitions")]
async fn transition(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<ExhibitorTransition>,
) -> Result<HttpResponse> {
    let ExhibitorTransition { to, reason } = body.0;
    let row = db
        .write(move |conn| {
            let (fair, exhibitor) = &path.0;
            decide(conn, *now, &caller, (fair, exhibitor), to, reason, |at| revision.check(at))?;
            load(conn, exhibitor)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

/// Which booth is to be held.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
struct HoldBody {
    /// Its number; the best of the wishes that is free when nothing is said.
    booth: Option<i32>,
}

/// Holds a booth for an application until a deadline; then it is free again.
#[utoipa::path(tag = "fairs", operation_id = "create_booth_hold",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)), request_body = HoldBody,
    responses((status = 200, description = "展位已预留", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors/{exhibitor}/holds")]
async fn hold_booth(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<HoldBody>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let (fair, exhibitor) = &path.0;
            hold(conn, *now, &caller, (fair, exhibitor), body.0.booth, |at| revision.check(at))?;
            load(conn, exhibitor)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}
