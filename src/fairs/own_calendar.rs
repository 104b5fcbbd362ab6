//! When does a graduate have to be where? The own reservations and interviews as a calendar, behind an address that only its
//! owner knows and can take back; who reads the calendar needs no login, for calendar programs have none.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::schema::{
    calendar_tokens as table, employers, fair_attendances as attendance_table, fair_exhibitors as exhibitor_table,
    fair_interview_wishes as wish_table, fairs,
};
use crate::db::types::{FairId, GraduateId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::arrangement;
use crate::fairs::attendances::{Attendance, AttendanceRow};
use crate::fairs::exhibitor::Outcome;
use crate::fairs::http::place;
use crate::fairs::ics::{self, Certainty, Event};
use crate::fairs::interviews::WishRow;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::record;
use crate::graduates;
use crate::http::{Caller, Failures, Now, Query};

/// How many entries of each kind a calendar shows at most.
const ENTRIES_MAX: i64 = 500;
/// How far back a calendar reaches, in seconds.
const BACK_S: i64 = 365 * 24 * 3600;

/// Mounts the routes of the own calendar.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(create).service(remove);
}

/// The address of the own calendar.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CalendarTokenView {
    /// The secret, shown this once.
    token: String,
    /// The address to subscribe to.
    url: String,
    created_at: Timestamp,
}

fn hash_of(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn own(caller: &Caller) -> Result<GraduateId> {
    caller.graduate.clone().ok_or(Error::NotFound("graduate"))
}

/// Makes a new address of the own calendar; an older one no longer answers.
#[utoipa::path(tag = "fairs", operation_id = "create_calendar_token",
    responses((status = 201, description = "日历地址，仅显示一次", body = CalendarTokenView), Failures))]
#[post("/graduates/me/calendar-token")]
async fn create(db: Data<Db>, config: Data<Config>, caller: Caller, now: Now) -> Result<HttpResponse> {
    let graduate = own(&caller)?;
    let token = format!("jxc_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    let hash = hash_of(&token);
    db.write(move |conn| {
        graduates::load(conn, &graduate)?;
        diesel::delete(table::table.find(&graduate)).execute(conn)?;
        let row = (table::graduate_id.eq(&graduate), table::token_hash.eq(hash), table::created_at.eq(*now));
        diesel::insert_into(table::table).values(row).execute(conn)?;
        record(conn, *now, &caller, "calendar_tokens.create", &format!("graduate:{graduate}"))
    })
    .await?;
    let url = format!("{}/v1/graduates/me/calendar.ics?token={token}", config.public_url);
    Ok(HttpResponse::Created().json(CalendarTokenView { token, url, created_at: *now }))
}

/// Takes the address of the own calendar back.
#[utoipa::path(tag = "fairs", operation_id = "delete_calendar_token",
    responses((status = 204, description = "日历地址已作废"), Failures))]
#[delete("/graduates/me/calendar-token")]
async fn remove(db: Data<Db>, caller: Caller, now: Now) -> Result<HttpResponse> {
    let graduate = own(&caller)?;
    db.write(move |conn| match diesel::delete(table::table.find(&graduate)).execute(conn)? {
        0 => Err(Error::NotFound("calendar token")),
        _ => record(conn, *now, &caller, "calendar_tokens.delete", &format!("graduate:{graduate}")),
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The secret of a calendar.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TokenQuery {
    /// The secret of the address.
    token: String,
}

/// Gives the own reservations and interviews as a calendar.
#[utoipa::path(tag = "fairs", operation_id = "get_own_calendar", params(TokenQuery),
    responses((status = 200, description = "日历", body = String, content_type = "text/calendar"), Failures))]
#[get("/graduates/me/calendar.ics")]
async fn read(db: Data<Db>, config: Data<Config>, now: Now, query: Query<TokenQuery>) -> Result<HttpResponse> {
    let hash = hash_of(&query.0.token);
    let events = db
        .read(move |conn| {
            let known = table::table.filter(table::token_hash.eq(hash)).select(table::graduate_id);
            let graduate: GraduateId = known.first(conn).optional()?.ok_or(Error::Unauthenticated)?;
            let from = now.plus_seconds(-BACK_S);
            let mut events = reservations(conn, &graduate, from)?;
            events.extend(interviews(conn, &graduate, from)?);
            Ok(events)
        })
        .await?;
    let mut answer = ics::answer(ics::calendar("我的招聘会与面谈", &events, ics::Method::Publish, &config.public_url));
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private"));
    Ok(answer)
}

fn reservations(conn: &mut DbConn, graduate: &GraduateId, from: Timestamp) -> Result<Vec<Event>> {
    let own = attendance_table::table.inner_join(fairs::table).filter(attendance_table::graduate_id.eq(graduate));
    let own = own.filter(fairs::ends_at.gt(from)).order((fairs::starts_at, attendance_table::id)).limit(ENTRIES_MAX);
    let rows: Vec<(AttendanceRow, FairRow)> = own.select((AttendanceRow::as_select(), FairRow::as_select())).load(conn)?;
    rows.into_iter().map(|(row, fair)| reservation(conn, row, fair)).collect()
}

fn reservation(conn: &mut DbConn, row: AttendanceRow, fair: FairRow) -> Result<Event> {
    let arrangement = arrangement::of(conn, &fair)?;
    let place = place(conn, &fair)?;
    let certainty = match (fair.status, row.status) {
        (FairStatus::Cancelled, _) | (_, Attendance::Cancelled) => Certainty::Cancelled,
        (_, Attendance::Waitlisted) => Certainty::Tentative,
        _ => Certainty::Confirmed,
    };
    let seat = row.seat.map(|seat| format!("座位 {seat} 号"));
    let waits = (row.status == Attendance::Waitlisted).then(|| "候补中，有空位时自动转为预约".to_owned());
    let event = Event::of_fair(fair.clone(), place);
    let (starts_at, ends_at, summary) = match arrangement.sessions.len() > 1 {
        true => {
            let session = arrangement.session(Some(row.session))?;
            (session.starts_at, session.ends_at, format!("{}（{}）", fair.title, session.title))
        }
        false => (fair.starts_at, fair.ends_at, fair.title),
    };
    Ok(Event {
        uid: format!("attendance-{}@jiangxin", row.id),
        sequence: event.sequence + row.revision,
        changed_at: event.changed_at.max(row.updated_at),
        starts_at,
        ends_at,
        summary,
        certainty,
        words: event.words.into_iter().chain(seat).chain(waits).collect(),
        ..event
    })
}

fn interviews(conn: &mut DbConn, graduate: &GraduateId, from: Timestamp) -> Result<Vec<Event>> {
    let own = wish_table::table.inner_join(fairs::table).inner_join(employers::table);
    let own = own.filter(wish_table::graduate_id.eq(graduate)).filter(wish_table::ends_at.gt(from));
    let own = own.order((wish_table::starts_at, wish_table::id)).limit(ENTRIES_MAX);
    let rows: Vec<(WishRow, FairRow, String)> =
        own.select((WishRow::as_select(), FairRow::as_select(), employers::name)).load(conn)?;
    let own = attendance_table::table.filter(attendance_table::graduate_id.eq(graduate));
    let own = own.filter(attendance_table::status.eq_any([Attendance::Reserved, Attendance::Attended]));
    let comes: Vec<FairId> = own.select(attendance_table::fair_id).load(conn)?;
    let entry = |(wish, fair, employer): (WishRow, FairRow, String)| {
        let comes = comes.contains(&fair.id);
        let event = interview(conn, wish, fair, &employer);
        event.map(|event| event.map(|event| if comes { event } else { event.cancelled() })).transpose()
    };
    rows.into_iter().filter_map(entry).collect()
}

fn interview(conn: &mut DbConn, wish: WishRow, fair: FairRow, employer: &str) -> Result<Option<Event>> {
    let (Some(starts_at), Some(ends_at)) = (wish.starts_at, wish.ends_at) else { return Ok(None) };
    let booth = exhibitor_table::table.filter(exhibitor_table::fair_id.eq(&fair.id));
    let booth = booth.filter(exhibitor_table::employer_id.eq(&wish.employer_id));
    let booth = booth.filter(exhibitor_table::status.eq(Outcome::Approved)).select(exhibitor_table::booth);
    let booth: Option<Option<i32>> = booth.order(exhibitor_table::session).first(conn).optional()?;
    let at = [
        place(conn, &fair)?,
        booth.flatten().map(|booth| format!("{booth} 号展位")),
        wish.desk.map(|desk| format!("{desk} 号桌")),
    ];
    let at = at.into_iter().flatten().collect::<Vec<_>>().join("，");
    let title = fair.title.clone();
    let event = Event::of_fair(fair, (!at.is_empty()).then_some(at));
    Ok(Some(Event {
        uid: format!("interview-{}@jiangxin", wish.id),
        sequence: event.sequence + i64::from(wish.calendar_sequence),
        changed_at: event.changed_at.max(wish.updated_at),
        starts_at,
        ends_at,
        summary: format!("面谈：{employer}"),
        category: "interview".to_owned(),
        words: vec![title],
        ..event
    }))
}
