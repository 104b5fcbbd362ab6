//! Who comes? Graduates reserve a seat, wait where none is left, and come in with a signed ticket that is taken once.

mod booking;
mod counts;
mod doors;
mod keys;
mod model;
mod qr;
mod seats;
mod ticket;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{fair_attendances as table, graduates as graduate_table};
use crate::db::types::{AttendanceId, FairId, GraduateId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::attendances::doors::{TicketBody, WalkInBody, WalkInView};
use crate::fairs::attendances::model::AttendanceView;
use crate::fairs::store::{self, is_yours};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, tagged};

pub use booking::{reserve, settle};
pub use model::{Attendance, AttendanceRow};

/// Mounts the routes of attendances.
pub fn routes(config: &mut ServiceConfig) {
    config.service(keys::published).service(list).service(create).service(read).service(remove);
    config.service(show_ticket).service(ticket_code).service(check_in).service(undo).service(walk_in);
    counts::routes(config);
}

/// Lists the attendances of a fair: its own people see all, a school its graduates, a graduate the own.
#[utoipa::path(tag = "fairs", operation_id = "list_attendances", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "预约", body = Page<AttendanceView>), Failures))]
#[get("/fairs/{id}/attendances")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<AttendanceView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<AttendanceId>()?);
    let (rows, total) = db.read(move |conn| page(conn, &caller, &id.0, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(AttendanceView::of(row, None))).map(Json)
}

fn page(
    conn: &mut DbConn,
    caller: &Caller,
    fair: &FairId,
    after: Option<AttendanceId>,
    limit: i64,
) -> Result<(Vec<AttendanceRow>, i64)> {
    let fair = store::visible(conn, caller, fair)?;
    let all = is_yours(caller, &fair);
    let narrowed = || {
        let query = table::table.inner_join(graduate_table::table).filter(table::fair_id.eq(&fair.id)).into_boxed();
        match (all, caller.role, &caller.graduate, &caller.school) {
            (true, ..) => query,
            (_, Role::Graduate, Some(own), _) => query.filter(table::graduate_id.eq(own)),
            (_, Role::School, _, Some(own)) => query.filter(graduate_table::school_id.eq(own)),
            _ => query.filter(table::graduate_id.eq("")),
        }
    };
    let total: i64 = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(table::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(table::id.gt(after));
    }
    Ok((query.select(AttendanceRow::as_select()).load(conn)?, total))
}

/// A reservation as asked for.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ReservationBody {
    /// Who comes; a graduate's own account need not say it.
    graduate: Option<GraduateId>,
    /// In which session, from 1; the first when nothing is said.
    session: Option<i32>,
}

/// Reserves a seat, or a place in the queue, and gives the ticket.
#[utoipa::path(tag = "fairs", operation_id = "create_attendance", params(("id" = FairId, Path)),
    request_body = ReservationBody, responses((status = 201, description = "已预约或已候补", body = AttendanceView), Failures))]
#[post("/fairs/{id}/attendances")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<ReservationBody>) -> Result<HttpResponse> {
    let ReservationBody { graduate, session } = body.0;
    let named = if caller.role == Role::Graduate { caller.graduate.clone() } else { graduate };
    let zh = "请先登记毕业生档案";
    let graduate = named.ok_or_else(|| Error::invalid("/graduate", "graduate_required", zh, "the graduate is missing"))?;
    let view = db
        .write(move |conn| {
            let (row, ticket) = booking::reserve_in(conn, *now, &caller, (&id.0, session), &graduate)?;
            Ok(AttendanceView::of(row, Some(ticket)))
        })
        .await?;
    Ok(created(&format!("/v1/fairs/{}/attendances/{}", view.fair, view.id), view.revision, &view))
}

/// Reads an attendance.
#[utoipa::path(tag = "fairs", operation_id = "get_attendance",
    params(("id" = FairId, Path), ("attendance" = AttendanceId, Path)),
    responses((status = 200, description = "预约", body = AttendanceView), Failures))]
#[get("/fairs/{id}/attendances/{attendance}")]
async fn read(db: Data<Db>, caller: Caller, path: Id<(FairId, AttendanceId)>) -> Result<HttpResponse> {
    let row = db.read(move |conn| seen(conn, &caller, &path.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &AttendanceView::of(row, None)))
}

fn seen(conn: &mut DbConn, caller: &Caller, path: &(FairId, AttendanceId)) -> Result<AttendanceRow> {
    let fair = store::load(conn, &path.0)?;
    booking::seen(conn, &fair, caller, &path.1)
}

/// Gives a reservation back.
#[utoipa::path(tag = "fairs", operation_id = "delete_attendance",
    params(("id" = FairId, Path), ("attendance" = AttendanceId, Path)),
    responses((status = 204, description = "已取消"), Failures))]
#[delete("/fairs/{id}/attendances/{attendance}")]
async fn remove(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, AttendanceId)>,
    revision: IfMatch,
) -> Result<HttpResponse> {
    db.write(move |conn| booking::give_back(conn, *now, &caller, (&path.0.0, &path.0.1), &revision)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A ticket as given.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TicketView {
    attendance: AttendanceId,
    /// The signed text (JWS) that the code carries.
    ticket: String,
}

/// Signs the ticket of a reservation again: the same text every time.
async fn signed(db: &Db, caller: Caller, now: Now, path: Id<(FairId, AttendanceId)>) -> Result<TicketView> {
    db.write(move |conn| {
        let row = seen(conn, &caller, &path.0)?;
        match row.status {
            Attendance::Cancelled => Err(Error::NotFound("attendance")),
            _ => Ok(TicketView { ticket: keys::signer(conn, *now)?.sign(&row.claims())?, attendance: row.id }),
        }
    })
    .await
}

/// Shows the ticket of a reservation again.
#[utoipa::path(tag = "fairs", operation_id = "get_ticket",
    params(("id" = FairId, Path), ("attendance" = AttendanceId, Path)),
    responses((status = 200, description = "门票", body = TicketView), Failures))]
#[get("/fairs/{id}/attendances/{attendance}/ticket")]
async fn show_ticket(db: Data<Db>, caller: Caller, now: Now, path: Id<(FairId, AttendanceId)>) -> Result<Json<TicketView>> {
    signed(&db, caller, now, path).await.map(Json)
}

/// Shows the ticket of a reservation as a QR code.
#[utoipa::path(tag = "fairs", operation_id = "get_ticket_code",
    params(("id" = FairId, Path), ("attendance" = AttendanceId, Path)),
    responses((status = 200, description = "入场二维码", body = String, content_type = "image/svg+xml"), Failures))]
#[get("/fairs/{id}/attendances/{attendance}/ticket.svg")]
async fn ticket_code(db: Data<Db>, caller: Caller, now: Now, path: Id<(FairId, AttendanceId)>) -> Result<HttpResponse> {
    let code = qr::svg(&signed(&db, caller, now, path).await?.ticket)?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml").insert_header((header::CACHE_CONTROL, "private")).body(code))
}

/// Lets a graduate in, once.
#[utoipa::path(tag = "fairs", operation_id = "create_check_in", params(("id" = FairId, Path)), request_body = TicketBody,
    responses((status = 201, description = "已签到", body = AttendanceView), Failures))]
#[post("/fairs/{id}/check-ins")]
async fn check_in(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<TicketBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| doors::admit(conn, *now, &caller, &id.0, body.0)).await?;
    let location = format!("/v1/fairs/{}/check-ins/{}", row.fair_id, row.id);
    Ok(created(&location, row.revision, &AttendanceView::of(row, None)))
}

/// Takes a check-in back, as when the wrong ticket was taken.
#[utoipa::path(tag = "fairs", operation_id = "delete_check_in",
    params(("id" = FairId, Path), ("attendance" = AttendanceId, Path)),
    responses((status = 204, description = "已撤销签到"), Failures))]
#[delete("/fairs/{id}/check-ins/{attendance}")]
async fn undo(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, AttendanceId)>,
    revision: IfMatch,
) -> Result<HttpResponse> {
    db.write(move |conn| doors::undo(conn, *now, &caller, (&path.0.0, &path.0.1), &revision)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lets somebody in without a reservation: a graduate by id, or people who are only counted.
#[utoipa::path(tag = "fairs", operation_id = "create_walk_in", params(("id" = FairId, Path)), request_body = WalkInBody,
    responses((status = 201, description = "已登记入场", body = WalkInView), Failures))]
#[post("/fairs/{id}/walk-ins")]
async fn walk_in(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<WalkInBody>) -> Result<HttpResponse> {
    let view = db.write(move |conn| doors::walk_in(conn, *now, &caller, &id.0, body.0)).await?;
    Ok(HttpResponse::Created().json(view))
}
