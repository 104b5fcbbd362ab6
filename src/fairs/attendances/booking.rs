//! How is a seat taken and given back? Everybody joins the queue, and the queue is served at once while the fair is locked:
//! so the first who came is the first who sits, and a seat that becomes free goes to the first who waits.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{fair_attendances as table, fair_walk_ins as walk_in_table, graduates as graduate_table};
use crate::db::types::{AttendanceId, FairId, GraduateId, Timestamp};
use crate::error::{Error, Result};
use crate::fairs::arrangement::{self, Arrangement, Session};
use crate::fairs::attendances::keys;
use crate::fairs::attendances::model::{Attendance, AttendanceRow};
use crate::fairs::attendances::seats::{Hall, promoted};
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::graduates;
use crate::http::{Caller, IfMatch, hidden_unless};

/// Reserves a seat in the first session and gives the ticket, or a place in the queue.
pub fn reserve(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    fair: &FairId,
    graduate: &GraduateId,
) -> Result<(AttendanceId, String)> {
    reserve_in(conn, now, caller, (fair, None), graduate).map(|(row, ticket)| (row.id, ticket))
}

/// Reserves a seat in a session; only while the fair takes registrations.
pub fn reserve_in(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, session): (&FairId, Option<i32>),
    graduate: &GraduateId,
) -> Result<(AttendanceRow, String)> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(fair.published_at.is_some() || is_yours(caller, &fair), "fair")?;
    graduates::yours(conn, caller, graduate)?;
    if !fair.takes_registrations(now) {
        return Err(Error::conflict("registration_closed", "报名未开放或已截止", "the fair takes no registrations now"));
    }
    let arrangement = arrangement::of(conn, &fair)?;
    let session = arrangement.session(session)?;
    let row = enqueue(conn, now, &fair, session, graduate)?;
    settle(conn, now, &fair, &arrangement, session)?;
    let row = find(conn, &fair.id, &row.id)?;
    let ticket = keys::signer(conn, now)?.sign(&row.claims())?;
    record(conn, now, caller, "attendances.reserve", &format!("attendance:{}", row.id))?;
    Ok((row, ticket))
}

/// Reads the attendance of a graduate in a session, given back or not.
pub fn of_graduate(conn: &mut DbConn, fair: &FairId, session: i32, graduate: &GraduateId) -> Result<Option<AttendanceRow>> {
    let own = table::table.filter(table::fair_id.eq(fair)).filter(table::session.eq(session));
    Ok(own.filter(table::graduate_id.eq(graduate)).select(AttendanceRow::as_select()).first(conn).optional()?)
}

/// Puts a graduate behind everybody who came before, even where two instants are the same.
fn enqueue(conn: &mut DbConn, now: Timestamp, fair: &FairRow, session: &Session, graduate: &GraduateId) -> Result<AttendanceRow> {
    let known = of_graduate(conn, &fair.id, session.number, graduate)?;
    if known.as_ref().is_some_and(|row| row.status != Attendance::Cancelled) {
        return Err(Error::conflict("reserved", "已经预约过", "the graduate has a reservation already"));
    }
    let all = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session.number));
    let last: Option<Timestamp> = all.select(diesel::dsl::max(table::reserved_at)).first(conn)?;
    let row = AttendanceRow::waiting(now, &fair.id, session.number, graduate, known.as_ref());
    let reserved_at = last.map_or(now, |last| now.max(last.next()));
    let row = AttendanceRow { revision: row.revision + 1, reserved_at, ..row };
    match known {
        Some(_) => diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?,
        None => diesel::insert_into(table::table).values(&row).execute(conn)?,
    };
    Ok(row)
}

/// Reads how far a session is given away.
pub fn hall(conn: &mut DbConn, fair: &FairRow, arrangement: &Arrangement, session: &Session) -> Result<Hall> {
    let own = || table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session.number));
    let seats: Vec<Option<i32>> = own().filter(table::seat.is_not_null()).select(table::seat).load(conn)?;
    let quotas = arrangement.quotas(session.number);
    let mut of_school = std::collections::BTreeMap::new();
    if !quotas.is_empty() {
        let placed = own().filter(table::status.eq_any([Attendance::Reserved, Attendance::Attended]));
        let by_school = placed.inner_join(graduate_table::table).group_by(graduate_table::school_id);
        let counts: Vec<(Option<String>, i64)> =
            by_school.select((graduate_table::school_id, diesel::dsl::count_star())).load(conn)?;
        for (school, count) in counts {
            of_school.insert(school.unwrap_or_default(), i32::try_from(count)?);
        }
    }
    let came = walk_in_table::table.filter(walk_in_table::fair_id.eq(&fair.id));
    let came = came.filter(walk_in_table::session.eq(session.number)).select(diesel::dsl::sum(walk_in_table::people));
    let nameless = i32::try_from(came.first::<Option<i64>>(conn)?.unwrap_or(0))?;
    Ok(Hall { seats: session.seats, nameless, taken: seats.into_iter().flatten().collect(), of_school, quotas })
}

/// Gives free seats of a session to those who wait; the caller holds the lock of the fair.
pub fn settle(conn: &mut DbConn, now: Timestamp, fair: &FairRow, arrangement: &Arrangement, session: &Session) -> Result<()> {
    let hall = hall(conn, fair, arrangement, session)?;
    if hall.left() == Some(0) {
        return Ok(());
    }
    let waiting = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session.number));
    let waiting = waiting.filter(table::status.eq(Attendance::Waitlisted)).inner_join(graduate_table::table);
    let waiting = waiting.order((table::reserved_at, table::id));
    let rows: Vec<(AttendanceRow, Option<String>)> =
        waiting.select((AttendanceRow::as_select(), graduate_table::school_id)).load(conn)?;
    let (rows, schools): (Vec<AttendanceRow>, Vec<Option<String>>) = rows.into_iter().unzip();
    for (at, seat) in promoted(hall, &schools) {
        let Some(row) = rows.get(at).cloned() else { continue };
        let next = AttendanceRow { status: Attendance::Reserved, seat, revision: row.revision + 1, updated_at: now, ..row };
        diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
    }
    Ok(())
}

/// Gives a reservation back and its seat to the first who waits.
pub fn give_back(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): (&FairId, &AttendanceId),
    revision: &IfMatch,
) -> Result<()> {
    let fair = store::lock(conn, fair)?;
    let row = seen(conn, &fair, caller, id)?;
    revision.check(row.revision)?;
    match row.status {
        Attendance::Reserved | Attendance::Waitlisted => {}
        Attendance::Attended => return Err(Error::conflict("attended", "已经签到，不能取消", "the graduate came already")),
        Attendance::Cancelled => return Err(Error::NotFound("attendance")),
    }
    cancel(conn, now, &fair, row)?;
    record(conn, now, caller, "attendances.cancel", &format!("attendance:{id}"))
}

/// Takes a row out of the fair and serves the queue.
pub fn cancel(conn: &mut DbConn, now: Timestamp, fair: &FairRow, row: AttendanceRow) -> Result<()> {
    let next = AttendanceRow {
        status: Attendance::Cancelled,
        seat: None,
        walk_in: false,
        entrance: None,
        checked_in_at: None,
        revision: row.revision + 1,
        updated_at: now,
        ..row
    };
    diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
    let arrangement = arrangement::of(conn, fair)?;
    match arrangement.session(Some(next.session)) {
        Ok(session) => settle(conn, now, fair, &arrangement, session),
        Err(_) => Ok(()),
    }
}

/// Reads an attendance of a fair.
pub fn find(conn: &mut DbConn, fair: &FairId, id: &AttendanceId) -> Result<AttendanceRow> {
    let own = table::table.find(id).filter(table::fair_id.eq(fair));
    own.select(AttendanceRow::as_select()).first(conn).optional()?.ok_or(Error::NotFound("attendance"))
}

/// Reads an attendance that the caller may see: one of the own fair, of an own graduate, or the own.
pub fn seen(conn: &mut DbConn, fair: &FairRow, caller: &Caller, id: &AttendanceId) -> Result<AttendanceRow> {
    let row = find(conn, &fair.id, id)?;
    if !is_yours(caller, fair) {
        hidden_unless(graduates::yours(conn, caller, &row.graduate_id).is_ok(), "attendance")?;
    }
    Ok(row)
}
