//! How is the day of a fair arranged? Its sessions and seats, doors, booths and the rules of booking; what nobody said has a
//! default, so that every fair has an arrangement.

mod body;
mod layout;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{fair_arrangements as table, fair_attendances, fair_exhibitors, schools};
use crate::db::types::{FairId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::attendances;
use crate::fairs::exhibitors;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, hidden_unless, merged, tagged};

pub use body::{ArrangementBody, Booth, Document, Entrance};
pub use layout::neighbours;

/// Mounts the routes of arrangements.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(change);
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(fair_id))]
struct ArrangementRow {
    fair_id: FairId,
    body: String,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A part of the fair, with its hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Session {
    /// Its number, from 1.
    pub number: i32,
    /// Its name.
    pub title: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How many places graduates may reserve.
    pub seats: Option<i32>,
}

/// The arrangement of one fair, defaults filled in.
#[derive(Debug, Clone)]
pub struct Arrangement {
    /// What its people said.
    pub body: ArrangementBody,
    /// The sessions, at least one.
    pub sessions: Vec<Session>,
    /// The booths in the order of their numbers.
    pub booths: Vec<Booth>,
    revision: i64,
}

/// An arrangement as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ArrangementView {
    fair: FairId,
    #[serde(flatten)]
    arrangement: ArrangementBody,
    /// How often it was changed; 0 while nobody said anything.
    revision: i64,
}

impl Arrangement {
    fn new(fair: &FairRow, body: ArrangementBody, revision: i64) -> Arrangement {
        let numbered = body.sessions.iter().zip(1..).map(|(session, number)| Session {
            number,
            title: session.title.clone(),
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            seats: session.seats,
        });
        let mut sessions: Vec<Session> = numbered.collect();
        if sessions.is_empty() {
            let (starts_at, ends_at, seats) = (fair.starts_at, fair.ends_at, fair.seats);
            sessions.push(Session { number: 1, title: "全场".to_owned(), starts_at, ends_at, seats });
        }
        let booths = layout::layout(&body.booths, fair.booths);
        Arrangement { body, sessions, booths, revision }
    }

    /// Gives a session by its number; the first when none is named.
    pub fn session(&self, number: Option<i32>) -> Result<&Session> {
        let found = self.sessions.iter().find(|session| session.number == number.unwrap_or(1));
        found.ok_or_else(|| Error::invalid("/session", "unknown_session", "没有这个场次", "no such session"))
    }

    /// Gives how many places schools have in a session, by school.
    pub fn quotas(&self, session: i32) -> BTreeMap<String, i32> {
        let own = self.body.school_seats.iter().filter(|own| own.session.is_none_or(|number| number == session));
        own.map(|own| (own.school.as_str().to_owned(), own.seats)).collect()
    }

    /// Checks the name of a door: one of those that were said, or any short one.
    pub fn door(&self, name: Option<String>) -> Result<Option<String>> {
        let Some(name) = name else { return Ok(None) };
        let known = self.body.entrances.iter().any(|door| door.name == name);
        let free = self.body.entrances.is_empty() && !name.trim().is_empty() && name.chars().count() <= 40;
        match known || free {
            true => Ok(Some(name)),
            false => Err(Error::invalid("/entrance", "unknown_entrance", "没有这个入口", "no such entrance")),
        }
    }
}

/// Reads the arrangement of a fair.
pub fn of(conn: &mut DbConn, fair: &FairRow) -> Result<Arrangement> {
    let row: Option<ArrangementRow> = table::table.find(&fair.id).select(ArrangementRow::as_select()).first(conn).optional()?;
    match row {
        Some(row) => Ok(Arrangement::new(fair, serde_json::from_str(&row.body)?, row.revision)),
        None => Ok(Arrangement::new(fair, ArrangementBody::default(), 0)),
    }
}

fn view(fair: FairId, arrangement: Arrangement) -> ArrangementView {
    ArrangementView { fair, arrangement: arrangement.body, revision: arrangement.revision }
}

/// Reads how a fair is arranged.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_arrangement", params(("id" = FairId, Path)),
    responses((status = 200, description = "场次、名额、入口、展位与预订规则", body = ArrangementView), Failures))]
#[get("/fairs/{id}/arrangement")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairId>) -> Result<HttpResponse> {
    let view = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            Ok(view(fair.id.clone(), of(conn, &fair)?))
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

/// Changes how a fair is arranged; seats that become free by it are given to those who wait.
#[utoipa::path(tag = "fairs", operation_id = "update_fair_arrangement", params(("id" = FairId, Path)),
    request_body(content = ArrangementBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = ArrangementView), Failures))]
#[patch("/fairs/{id}/arrangement")]
async fn change(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let view = db
        .write(move |conn| {
            let fair = store::lock(conn, &id.0)?;
            hidden_unless(is_yours(&caller, &fair), "fair")?;
            let before = of(conn, &fair)?;
            revision.check(before.revision)?;
            let wanted: ArrangementBody = merged(&before.body, &body.0)?;
            arrange(conn, *now, &caller, &fair, wanted, before.revision)
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

fn arrange(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    fair: &FairRow,
    wanted: ArrangementBody,
    revision: i64,
) -> Result<ArrangementView> {
    let next = Arrangement::new(fair, wanted.parse(fair)?, revision + 1);
    sound(conn, fair, &next)?;
    holds_what_is_given(conn, fair, &next)?;
    let row = ArrangementRow {
        fair_id: fair.id.clone(),
        body: serde_json::to_string(&next.body)?,
        revision: next.revision,
        created_at: now,
        updated_at: now,
    };
    match revision {
        0 => diesel::insert_into(table::table).values(&row).execute(conn)?,
        _ => diesel::update(table::table.find(&fair.id))
            .set((table::body.eq(&row.body), table::revision.eq(row.revision), table::updated_at.eq(now)))
            .execute(conn)?,
    };
    serve(conn, now, fair, &next)?;
    record(conn, now, caller, "fairs.arrange", &format!("fair:{}", fair.id))?;
    Ok(view(fair.id.clone(), next))
}

/// Lets the day follow a fair that was changed: refuses what no longer holds the sessions, booths and seats that were arranged
/// or given away, and gives what was added to those who wait.
pub fn follow(conn: &mut DbConn, now: Timestamp, fair: &FairRow) -> Result<()> {
    if !matches!(fair.status, FairStatus::Published | FairStatus::RegistrationClosed) {
        return Ok(());
    }
    let kept = of(conn, fair)?;
    kept.body.clone().parse(fair)?;
    holds_what_is_given(conn, fair, &kept)?;
    serve(conn, now, fair, &kept)
}

/// Gives free seats and booths to those who wait.
fn serve(conn: &mut DbConn, now: Timestamp, fair: &FairRow, arrangement: &Arrangement) -> Result<()> {
    for session in &arrangement.sessions {
        attendances::settle(conn, now, fair, arrangement, session)?;
    }
    exhibitors::serve(conn, now, fair, arrangement)
}

/// Refuses fewer booths or seats than the highest number that somebody has.
fn holds_what_is_given(conn: &mut DbConn, fair: &FairRow, arrangement: &Arrangement) -> Result<()> {
    let own = fair_exhibitors::table.filter(fair_exhibitors::fair_id.eq(&fair.id));
    let highest: Option<i32> = own.select(diesel::dsl::max(fair_exhibitors::booth)).first(conn)?;
    if let Some(number) = highest.filter(|number| *number > fair.booths) {
        let zh = format!("{number} 号展位已分配");
        return Err(Error::conflict("booths_given", zh, format!("booth {number} is given")));
    }
    for session in &arrangement.sessions {
        let own = fair_attendances::table.filter(fair_attendances::fair_id.eq(&fair.id));
        let own = own.filter(fair_attendances::session.eq(session.number));
        let highest: Option<i32> = own.select(diesel::dsl::max(fair_attendances::seat)).first(conn)?;
        if let (Some(number), Some(seats)) = (highest, session.seats)
            && number > seats
        {
            let zh = format!("{}的 {number} 号座位已预约", session.title);
            return Err(Error::conflict("seats_given", zh, format!("seat {number} of session {} is given", session.number)));
        }
    }
    Ok(())
}

/// Refuses schools that are not there, and to take a session away in which somebody has a seat or a booth.
fn sound(conn: &mut DbConn, fair: &FairRow, next: &Arrangement) -> Result<()> {
    let named: Vec<&SchoolId> = next.body.school_seats.iter().map(|own| &own.school).collect();
    let known: Vec<SchoolId> = schools::table.filter(schools::id.eq_any(&named)).select(schools::id).load(conn)?;
    if let Some(at) = named.iter().position(|school| !known.contains(school)) {
        return Err(Error::invalid(format!("/school_seats/{at}/school"), "unknown_school", "没有这所学校", "no such school"));
    }
    let last = next.sessions.last().map_or(1, |session| session.number);
    let seats = fair_attendances::table.filter(fair_attendances::fair_id.eq(&fair.id));
    let booths = fair_exhibitors::table.filter(fair_exhibitors::fair_id.eq(&fair.id));
    let seats: i64 = seats.filter(fair_attendances::session.gt(last)).count().get_result(conn)?;
    let booths: i64 = booths.filter(fair_exhibitors::session.gt(last)).count().get_result(conn)?;
    match seats + booths {
        0 => Ok(()),
        _ => Err(Error::conflict("session_in_use", "该场次已有预约或报名", "somebody has a place in a session taken away")),
    }
}
