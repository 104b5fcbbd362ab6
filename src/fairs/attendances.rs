//! Who comes? Graduates reserve a seat, wait where none is left, and come in with a ticket that is shown once; a seat that
//! becomes free goes to the first who waits.

use std::collections::BTreeSet;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{fair_attendances as table, graduates as graduate_table};
use crate::db::types::{AttendanceId, FairId, GraduateId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::places::lowest_free;
use crate::fairs::store::{self, is_yours, record};
use crate::graduates;
use crate::http::{Body, Caller, Failures, Id, Now, Page, PageQuery, Query, Role, hidden_unless};
use crate::text_enum;

/// How many random bytes the secret of a ticket has.
const SECRET_BYTES: usize = 16;

/// Mounts the routes of attendances.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(remove).service(check_in);
}

text_enum! {
    /// Where a reservation stands.
    Attendance {
        /// A seat is kept.
        Reserved = "reserved",
        /// A seat is given as soon as one is free.
        Waitlisted = "waitlisted",
        /// The graduate came.
        Attended = "attended",
        /// It was given back.
        Cancelled = "cancelled",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
struct AttendanceRow {
    id: AttendanceId,
    fair_id: FairId,
    graduate_id: GraduateId,
    status: Attendance,
    seat: Option<i32>,
    ticket_hash: Option<String>,
    checked_in_at: Option<Timestamp>,
    revision: i64,
    reserved_at: Timestamp,
    updated_at: Timestamp,
}

/// An attendance as served; `ticket` only in the answer that reserves it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AttendanceView {
    id: AttendanceId,
    fair: FairId,
    graduate: GraduateId,
    status: Attendance,
    /// The number of the seat; `null` where seats are not limited or while waiting.
    seat: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    checked_in_at: Option<Timestamp>,
    reserved_at: Timestamp,
}

impl AttendanceView {
    fn of(row: AttendanceRow, ticket: Option<String>) -> AttendanceView {
        let AttendanceRow {
            id,
            fair_id: fair,
            graduate_id: graduate,
            status,
            seat,
            ticket_hash: _,
            checked_in_at,
            revision: _,
            reserved_at,
            updated_at: _,
        } = row;
        AttendanceView { id, fair, graduate, status, seat, ticket, checked_in_at, reserved_at }
    }
}

/// A reservation as asked for.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ReservationBody {
    /// Who comes; a graduate's own account need not say it.
    graduate: Option<GraduateId>,
}

fn hash_of(ticket: &str) -> String {
    hex::encode(Sha256::digest(ticket.as_bytes()))
}

/// Reserves a seat and gives the ticket, or a place in the queue; only while the fair takes registrations.
pub fn reserve(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    fair: &FairId,
    graduate: &GraduateId,
) -> Result<(AttendanceId, String)> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(fair.published_at.is_some() || is_yours(caller, &fair), "fair")?;
    graduates::yours(conn, caller, graduate)?;
    if !fair.takes_registrations(now) {
        return Err(Error::conflict("registration_closed", "报名未开放或已截止", "the fair takes no registrations now"));
    }
    let known: Option<AttendanceRow> = table::table
        .filter(table::fair_id.eq(&fair.id))
        .filter(table::graduate_id.eq(graduate))
        .select(AttendanceRow::as_select())
        .first(conn)
        .optional()?;
    if known.as_ref().is_some_and(|row| row.status != Attendance::Cancelled) {
        return Err(Error::conflict("reserved", "已经预约过", "the graduate has a reservation already"));
    }
    let (status, seat) = next_seat(conn, &fair)?;
    let id = known.as_ref().map_or_else(|| AttendanceId::new(now), |row| row.id.clone());
    let ticket = format!("{id}.{}", hex::encode(rand::random::<[u8; SECRET_BYTES]>()));
    let row = AttendanceRow {
        id,
        fair_id: fair.id,
        graduate_id: graduate.clone(),
        status,
        seat,
        ticket_hash: Some(hash_of(&ticket)),
        checked_in_at: None,
        revision: known.as_ref().map_or(1, |row| row.revision + 1),
        reserved_at: now,
        updated_at: now,
    };
    match known {
        Some(_) => diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?,
        None => diesel::insert_into(table::table).values(&row).execute(conn)?,
    };
    record(conn, now, caller, "attendances.reserve", &format!("attendance:{}", row.id))?;
    Ok((row.id, ticket))
}

/// Gives the next seat: none is numbered where seats are not limited, and whoever comes after the last waits.
fn next_seat(conn: &mut DbConn, fair: &FairRow) -> Result<(Attendance, Option<i32>)> {
    let Some(seats) = fair.seats else { return Ok((Attendance::Reserved, None)) };
    let own = table::table.filter(table::fair_id.eq(&fair.id));
    let waiting: i64 = own.filter(table::status.eq(Attendance::Waitlisted)).count().get_result(conn)?;
    let taken: Vec<Option<i32>> = own.filter(table::seat.is_not_null()).select(table::seat).load(conn)?;
    match lowest_free(&taken.into_iter().flatten().collect::<BTreeSet<i32>>(), seats) {
        Some(seat) if waiting == 0 => Ok((Attendance::Reserved, Some(seat))),
        _ => Ok((Attendance::Waitlisted, None)),
    }
}

/// Gives a reservation back and its seat to the first who waits.
fn give_back(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, id: &AttendanceId) -> Result<()> {
    let fair = store::lock(conn, fair)?;
    let row = find(conn, &fair.id, id)?;
    if !is_yours(caller, &fair) {
        graduates::yours(conn, caller, &row.graduate_id)?;
    }
    match row.status {
        Attendance::Reserved | Attendance::Waitlisted => {}
        Attendance::Attended => return Err(Error::conflict("attended", "已经签到，不能取消", "the graduate came already")),
        Attendance::Cancelled => return Err(Error::NotFound("attendance")),
    }
    let next = AttendanceRow {
        status: Attendance::Cancelled,
        seat: None,
        ticket_hash: None,
        revision: row.revision + 1,
        updated_at: now,
        ..row
    };
    diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
    let waiting = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::status.eq(Attendance::Waitlisted));
    let first: Option<AttendanceRow> =
        waiting.order((table::reserved_at, table::id)).select(AttendanceRow::as_select()).first(conn).optional()?;
    if let (Some(first), Some(seats)) = (first, fair.seats) {
        let own = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::seat.is_not_null());
        let taken: Vec<Option<i32>> = own.select(table::seat).load(conn)?;
        if let Some(seat) = lowest_free(&taken.into_iter().flatten().collect(), seats) {
            let status = Attendance::Reserved;
            let first = AttendanceRow { status, seat: Some(seat), revision: first.revision + 1, updated_at: now, ..first };
            diesel::update(table::table.find(&first.id)).set(&first).execute(conn)?;
        }
    }
    record(conn, now, caller, "attendances.cancel", &format!("attendance:{}", next.id))
}

fn find(conn: &mut DbConn, fair: &FairId, id: &AttendanceId) -> Result<AttendanceRow> {
    let own = table::table.find(id).filter(table::fair_id.eq(fair));
    own.select(AttendanceRow::as_select()).first(conn).optional()?.ok_or(Error::NotFound("attendance"))
}

/// Lists the attendances of a fair: its own people see all, a school its graduates, a graduate the own.
#[utoipa::path(tag = "fairs", operation_id = "list_attendances", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "预约", body = Page<AttendanceView>), Failures))]
#[get("/fairs/{id}/attendances")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<AttendanceView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<AttendanceId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let all = is_yours(&caller, &fair);
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
            let mut query = narrowed().order(table::id).limit(i64::from(limit) + 1);
            if let Some(after) = after {
                query = query.filter(table::id.gt(after));
            }
            let rows: Vec<AttendanceRow> = query.select(AttendanceRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(AttendanceView::of(row, None))).map(Json)
}

/// Reserves a seat; the ticket is shown this once.
#[utoipa::path(tag = "fairs", operation_id = "create_attendance", params(("id" = FairId, Path)),
    request_body = ReservationBody, responses((status = 201, description = "已预约或已候补", body = AttendanceView), Failures))]
#[post("/fairs/{id}/attendances")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<ReservationBody>) -> Result<HttpResponse> {
    let named = match caller.role {
        Role::Graduate => caller.graduate.clone(),
        _ => body.0.graduate,
    };
    let zh = "请先登记毕业生档案";
    let graduate = named.ok_or_else(|| Error::invalid("/graduate", "graduate_required", zh, "the graduate is missing"))?;
    let view = db
        .write(move |conn| {
            let (attendance, ticket) = reserve(conn, *now, &caller, &id.0, &graduate)?;
            Ok(AttendanceView::of(find(conn, &id.0, &attendance)?, Some(ticket)))
        })
        .await?;
    let location = format!("/v1/fairs/{}/attendances/{}", view.fair, view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(view))
}

/// Gives a reservation back.
#[utoipa::path(tag = "fairs", operation_id = "delete_attendance",
    params(("id" = FairId, Path), ("attendance" = AttendanceId, Path)),
    responses((status = 204, description = "已取消"), Failures))]
#[delete("/fairs/{id}/attendances/{attendance}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, path: Id<(FairId, AttendanceId)>) -> Result<HttpResponse> {
    db.write(move |conn| give_back(conn, *now, &caller, &path.0.0, &path.0.1)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A ticket as it is shown at the door.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TicketBody {
    ticket: String,
}

/// Lets a graduate in, once.
#[utoipa::path(tag = "fairs", operation_id = "create_check_in", params(("id" = FairId, Path)), request_body = TicketBody,
    responses((status = 201, description = "已签到", body = AttendanceView), Failures))]
#[post("/fairs/{id}/check-ins")]
async fn check_in(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<TicketBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| admit(conn, *now, &caller, &id.0, &body.0.ticket)).await?;
    Ok(HttpResponse::Created().json(AttendanceView::of(row, None)))
}

fn admit(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, ticket: &str) -> Result<AttendanceRow> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(is_yours(caller, &fair), "fair")?;
    let own = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::ticket_hash.eq(hash_of(ticket)));
    let row: Option<AttendanceRow> = own.select(AttendanceRow::as_select()).first(conn).optional()?;
    let row = row.ok_or(Error::NotFound("ticket"))?;
    if let Some(at) = row.checked_in_at {
        return Err(Error::conflict("checked_in", format!("已于 {at} 签到"), format!("checked in at {at} already")));
    }
    if row.status != Attendance::Reserved {
        return Err(Error::conflict("waitlisted", "仍在候补，尚无座位", "the graduate waits and has no seat"));
    }
    if !matches!(fair.status, FairStatus::Published | FairStatus::RegistrationClosed | FairStatus::InProgress) {
        return Err(Error::conflict("not_open", "招聘会未在进行", "the fair is not going on"));
    }
    let (status, checked_in_at) = (Attendance::Attended, Some(now));
    let row = AttendanceRow { status, checked_in_at, revision: row.revision + 1, updated_at: now, ..row };
    diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
    record(conn, now, caller, "attendances.check_in", &format!("attendance:{}", row.id))?;
    Ok(row)
}
