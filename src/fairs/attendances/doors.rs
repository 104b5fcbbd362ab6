//! Who comes in? At every door of the fair a ticket is taken once, a mistake is undone, and those who come without a
//! reservation are counted; all doors work at once, for the fair is locked for the moment of an entry.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::DbConn;
use crate::db::schema::{fair_attendances as table, fair_walk_ins as walk_in_table, schools};
use crate::db::types::{AttendanceId, FairId, GraduateId, SchoolId, Timestamp, WalkInId};
use crate::error::{Error, Result};
use crate::fairs::arrangement::{self, Arrangement, Session};
use crate::fairs::attendances::booking::{cancel, find, hall, of_graduate};
use crate::fairs::attendances::keys;
use crate::fairs::attendances::model::{Attendance, AttendanceRow};
use crate::fairs::attendances::seats::promoted;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::graduates;
use crate::http::{Caller, IfMatch, hidden_unless};

/// The largest group that comes in at once.
const GROUP_MAX: i32 = 500;

/// A ticket as it is shown at a door.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketBody {
    /// The text of the code.
    pub ticket: String,
    /// Which door it is.
    pub entrance: Option<String>,
}

/// Somebody who comes without a reservation.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WalkInBody {
    /// Who it is, where the graduate is registered here.
    pub graduate: Option<GraduateId>,
    /// From which school, where no graduate is named.
    pub school: Option<SchoolId>,
    /// How many people, where no graduate is named; 1 when nothing is said.
    pub people: Option<i32>,
    /// In which session, from 1; the one that goes on, or the first.
    pub session: Option<i32>,
    /// Through which door.
    pub entrance: Option<String>,
}

/// People without a name who came without a reservation, as kept.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = walk_in_table)]
struct WalkInRow {
    id: WalkInId,
    fair_id: FairId,
    session: i32,
    school_id: Option<SchoolId>,
    entrance: Option<String>,
    people: i32,
    arrived_at: Timestamp,
}

/// What was written down of somebody without a reservation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WalkInView {
    /// The attendance of the graduate, where one was named.
    pub attendance: Option<AttendanceId>,
    /// The session, from 1.
    pub session: i32,
    /// How many people came in.
    pub people: i32,
    /// How many places are left; `null` without a limit.
    pub left: Option<i32>,
}

/// Lets a graduate in, once.
pub fn admit(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, shown: TicketBody) -> Result<AttendanceRow> {
    let fair = yours(conn, caller, fair)?;
    let claims = keys::read(conn, &shown.ticket)?;
    let row = find(conn, &fair.id, &claims.jti).map_err(|_| Error::NotFound("ticket"))?;
    if row.claims() != claims || row.status == Attendance::Cancelled {
        return Err(Error::NotFound("ticket"));
    }
    if let Some(at) = row.checked_in_at {
        return Err(Error::conflict("checked_in", format!("已于 {at} 签到"), format!("checked in at {at} already")));
    }
    if row.status != Attendance::Reserved {
        return Err(Error::conflict("waitlisted", "仍在候补，尚无座位", "the graduate waits and has no seat"));
    }
    goes_on(&fair)?;
    let entrance = arrangement::of(conn, &fair)?.door(shown.entrance)?;
    enter(conn, now, caller, AttendanceRow { entrance, ..row })
}

fn enter(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: AttendanceRow) -> Result<AttendanceRow> {
    let (status, checked_in_at) = (Attendance::Attended, Some(now));
    let row = AttendanceRow { status, checked_in_at, revision: row.revision + 1, updated_at: now, ..row };
    diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
    record(conn, now, caller, "attendances.check_in", &format!("attendance:{}", row.id))?;
    Ok(row)
}

fn yours(conn: &mut DbConn, caller: &Caller, fair: &FairId) -> Result<FairRow> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(is_yours(caller, &fair), "fair")?;
    Ok(fair)
}

fn goes_on(fair: &FairRow) -> Result<()> {
    match fair.status {
        FairStatus::Published | FairStatus::RegistrationClosed | FairStatus::InProgress => Ok(()),
        _ => Err(Error::conflict("not_open", "招聘会未在进行", "the fair is not going on")),
    }
}

/// Takes a check-in back: the ticket is good again, and whoever came without one has not come.
pub fn undo(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): (&FairId, &AttendanceId),
    revision: &IfMatch,
) -> Result<()> {
    let fair = yours(conn, caller, fair)?;
    let row = find(conn, &fair.id, id)?;
    revision.check(row.revision)?;
    if row.status != Attendance::Attended {
        return Err(Error::conflict("not_checked_in", "尚未签到", "the graduate is not checked in"));
    }
    goes_on(&fair)?;
    if row.walk_in {
        cancel(conn, now, &fair, row)?;
    } else {
        let (status, revision) = (Attendance::Reserved, row.revision + 1);
        let row = AttendanceRow { status, checked_in_at: None, entrance: None, revision, updated_at: now, ..row };
        diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
    }
    record(conn, now, caller, "attendances.undo_check_in", &format!("attendance:{id}"))
}

/// Lets somebody in without a reservation, as long as there is a place.
pub fn walk_in(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: WalkInBody) -> Result<WalkInView> {
    let fair = yours(conn, caller, fair)?;
    goes_on(&fair)?;
    let arrangement = arrangement::of(conn, &fair)?;
    let going_on = arrangement.sessions.iter().find(|session| session.starts_at <= now && now < session.ends_at);
    let session = arrangement.session(body.session.or(going_on.map(|session| session.number)))?;
    let entrance = arrangement.door(body.entrance.clone())?;
    let before = hall(conn, &fair, &arrangement, session)?;
    let (attendance, people) = match &body.graduate {
        Some(graduate) => {
            let row = unreserved(conn, now, (&fair, &arrangement, session), graduate)?;
            let row = enter(conn, now, caller, AttendanceRow { entrance, ..row })?;
            (Some(row.id), 1)
        }
        None => {
            let people = body.people.unwrap_or(1);
            if !(1..=GROUP_MAX).contains(&people) {
                return Err(Error::invalid("/people", "out_of_range", "人数须在 1 至 500 之间", "not within 1 to 500"));
            }
            if before.left().is_some_and(|left| left < people) {
                return Err(full());
            }
            nameless(conn, now, caller, (&fair, session), WalkInBody { entrance, people: Some(people), ..body })?;
            (None, people)
        }
    };
    let left = hall(conn, &fair, &arrangement, session)?.left();
    Ok(WalkInView { attendance, session: session.number, people, left })
}

fn full() -> Error {
    Error::conflict("full", "已无空位", "no place is left")
}

/// Makes the row of a graduate who comes unreserved, with a seat where they are numbered; whoever has a seat keeps it.
fn unreserved(
    conn: &mut DbConn,
    now: Timestamp,
    (fair, arrangement, session): (&FairRow, &Arrangement, &Session),
    graduate: &GraduateId,
) -> Result<AttendanceRow> {
    let school = graduates::load(conn, graduate)?.school_id.map(|school| school.as_str().to_owned());
    let known = of_graduate(conn, &fair.id, session.number, graduate)?;
    match known.as_ref().map(|row| row.status) {
        Some(Attendance::Attended) => return Err(Error::conflict("checked_in", "已经签到", "checked in already")),
        Some(Attendance::Reserved) => return known.ok_or_else(full),
        _ => {}
    }
    let given = promoted(hall(conn, fair, arrangement, session)?, &[school]);
    let (_, seat) = given.first().copied().ok_or_else(full)?;
    let row = AttendanceRow::waiting(now, &fair.id, session.number, graduate, known.as_ref());
    let row = AttendanceRow { status: Attendance::Reserved, seat, walk_in: true, ..row };
    if known.is_none() {
        diesel::insert_into(table::table).values(&row).execute(conn)?;
    }
    Ok(row)
}

fn nameless(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, session): (&FairRow, &Session),
    body: WalkInBody,
) -> Result<()> {
    if let Some(school) = &body.school
        && schools::table.find(school).count().get_result::<i64>(conn)? == 0
    {
        return Err(Error::invalid("/school", "unknown_school", "没有这所学校", "no such school"));
    }
    let row = WalkInRow {
        id: WalkInId::new(now),
        fair_id: fair.id.clone(),
        session: session.number,
        school_id: body.school,
        entrance: body.entrance,
        people: body.people.unwrap_or(1),
        arrived_at: now,
    };
    diesel::insert_into(walk_in_table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "attendances.walk_in", &format!("walk_in:{}", row.id))
}
