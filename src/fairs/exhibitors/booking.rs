//! Who gets a booth? Always with the fair locked: an application may hold a booth for a while, an approval gives one, those
//! for whom none is left wait in the order of their application, and each offer has a deadline after which it goes to the next.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::fair_exhibitors as table;
use crate::db::types::{EmployerId, ExhibitorId, FairId, Timestamp};
use crate::error::{Error, Result};
use crate::fairs::arrangement::{self, Arrangement, Session};
use crate::fairs::exhibitor::{ExhibitorBody, ExhibitorRow, Outcome};
use crate::fairs::exhibitors::checks::{may_book, sound, stayed_away};
use crate::fairs::exhibitors::steps::{Side, step};
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{Caller, Role, hidden_unless};

/// The states in which an application counts.
const ACTIVE: [Outcome; 4] = [Outcome::Applied, Outcome::Approved, Outcome::Waitlisted, Outcome::Offered];

/// Applies for a booth; only while the fair takes registrations, and as often as it allows each employer in a session.
pub fn apply(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: ExhibitorBody) -> Result<ExhibitorId> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(fair.published_at.is_some() || is_yours(caller, &fair), "fair")?;
    let employer = match caller.role {
        Role::Employer => caller.employer.clone(),
        _ if is_yours(caller, &fair) => body.employer.clone(),
        _ => return Err(Error::Forbidden),
    };
    let zh = "请先登记用人单位";
    let employer = employer.ok_or_else(|| Error::invalid("/employer", "employer_required", zh, "the employer is missing"))?;
    if !fair.takes_registrations(now) {
        return Err(Error::conflict("registration_closed", "报名未开放或已截止", "the fair takes no registrations now"));
    }
    let arrangement = arrangement::of(conn, &fair)?;
    let session = arrangement.session(body.session)?.number;
    let turn = next_turn(conn, &fair, &arrangement, session, &employer)?;
    stayed_away(conn, now, &arrangement, &employer)?;
    let body = sound(conn, &employer, body)?;
    let row = row(conn, now, (&fair, session, turn), employer, body)?;
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "exhibitors.apply", &format!("exhibitor:{}", row.id))?;
    Ok(row.id)
}

fn row(
    conn: &mut DbConn,
    now: Timestamp,
    (fair, session, turn): (&FairRow, i32, i32),
    employer: EmployerId,
    body: ExhibitorBody,
) -> Result<ExhibitorRow> {
    let all = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session));
    let last: Option<Timestamp> = all.select(diesel::dsl::max(table::applied_at)).first(conn)?;
    Ok(ExhibitorRow {
        id: ExhibitorId::new(now),
        fair_id: fair.id.clone(),
        session,
        employer_id: employer,
        turn,
        status: Outcome::Applied,
        booth: None,
        kept_until: None,
        brings: serde_json::to_string(&body.brings())?,
        documents_checked_at: None,
        presence: None,
        vacancies: serde_json::to_string(&body.vacancies)?,
        wishes: body.wishes,
        contact_name: body.contact_name,
        contact_phone: body.contact_phone,
        reason: None,
        revision: 1,
        applied_at: last.map_or(now, |last| now.max(last.next())),
        updated_at: now,
    })
}

fn next_turn(conn: &mut DbConn, fair: &FairRow, arrangement: &Arrangement, session: i32, employer: &EmployerId) -> Result<i32> {
    let own = || {
        let own = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session));
        own.filter(table::employer_id.eq(employer))
    };
    let active: i64 = own().filter(table::status.eq_any(ACTIVE)).count().get_result(conn)?;
    if active >= i64::from(arrangement.body.booths_per_employer) {
        return Err(Error::conflict("applied", "该单位已报名", "the employer has applied already"));
    }
    Ok(i32::try_from(own().count().get_result::<i64>(conn)? + 1)?)
}

/// Writes a changed row.
pub fn save(conn: &mut DbConn, now: Timestamp, row: ExhibitorRow) -> Result<ExhibitorRow> {
    let row = ExhibitorRow { revision: row.revision + 1, updated_at: now, ..row };
    diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
    Ok(row)
}

/// Holds a booth for an application, the named one or the best of its wishes, until a deadline.
pub fn hold(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): (&FairId, &ExhibitorId),
    booth: Option<i32>,
    check: impl FnOnce(i64) -> Result<()>,
) -> Result<()> {
    let (fair, arrangement) = opened(conn, now, fair)?;
    let row = find(conn, &fair, caller, id)?;
    check(row.revision)?;
    if row.status != Outcome::Applied {
        let zh = format!("报名现为 {}，不能预留展位", row.status);
        return Err(Error::conflict("wrong_step", zh, format!("the application is {}, no booth is held for it", row.status)));
    }
    may_book(conn, now, &arrangement, &row)?;
    let session = arrangement.session(Some(row.session))?;
    let free = free_booths(conn, &fair, &arrangement, session.number)?;
    let booth = match booth {
        Some(booth) if free.contains(&booth) || row.booth == Some(booth) => Some(booth),
        Some(_) => return Err(Error::conflict("booth_taken", "该展位已被占用", "the booth is taken")),
        None => wished(&row, &free)?,
    };
    let booth = booth.ok_or_else(|| Error::conflict("full", "展位已满", "no booth is left"))?;
    let kept_until = deadline(now, session, arrangement.body.hold_minutes);
    save(conn, now, ExhibitorRow { booth: Some(booth), kept_until: Some(kept_until), ..row })?;
    record(conn, now, caller, "exhibitors.hold", &format!("exhibitor:{id}"))
}

/// A deadline so many minutes away, but not after the session has begun.
fn deadline(now: Timestamp, session: &Session, minutes: i32) -> Timestamp {
    now.plus_seconds(i64::from(minutes) * 60).min(session.starts_at)
}

/// Picks the dearest of the wished booths that is free, else the lowest free number.
fn wished(row: &ExhibitorRow, free: &BTreeSet<i32>) -> Result<Option<i32>> {
    let wishes = row.brings()?.booth_wish.numbers;
    Ok(wishes.into_iter().find(|number| free.contains(number)).or_else(|| free.first().copied()))
}

/// Answers an application, or takes it back; a booth that becomes free is offered to the first who waits.
pub fn decide(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): (&FairId, &ExhibitorId),
    to: Outcome,
    reason: Option<String>,
    check: impl FnOnce(i64) -> Result<()>,
) -> Result<()> {
    let (fair, arrangement) = opened(conn, now, fair)?;
    let row = find(conn, &fair, caller, id)?;
    check(row.revision)?;
    let side = if is_yours(caller, &fair) { Side::Fair } else { Side::Employer };
    step(row.status, to, side)?;
    let session = arrangement.session(Some(row.session))?;
    let too_late = now.plus_seconds(i64::from(arrangement.body.cancel_minutes) * 60) > session.starts_at;
    if side == Side::Employer && to == Outcome::Withdrawn && row.status == Outcome::Approved && too_late {
        let zh = "已过取消截止时间，请联系主办方";
        return Err(Error::conflict("too_late", zh, "the time to give the booth back is over; ask the organiser"));
    }
    let reason = reason.filter(|text| !text.trim().is_empty());
    if to == Outcome::Declined && reason.is_none() {
        return Err(Error::invalid("/reason", "reason_required", "请说明原因", "the reason is missing"));
    }
    let next = match to {
        Outcome::Approved => {
            may_book(conn, now, &arrangement, &row)?;
            approved(conn, &fair, &arrangement, row)?
        }
        other => ExhibitorRow { status: other, booth: None, kept_until: None, ..row },
    };
    let next = save(conn, now, ExhibitorRow { reason, ..next })?;
    serve(conn, now, &fair, &arrangement)?;
    record(conn, now, caller, &format!("exhibitors.{}", next.status), &format!("exhibitor:{}", next.id))
}

/// Gives the booth that is held or offered, else a free one when nobody waits in front.
fn approved(conn: &mut DbConn, fair: &FairRow, arrangement: &Arrangement, row: ExhibitorRow) -> Result<ExhibitorRow> {
    let status = Outcome::Approved;
    if row.booth.is_some() {
        return Ok(ExhibitorRow { status, kept_until: None, ..row });
    }
    let in_front = waiting(conn, fair, row.session)?.first().is_some_and(|first| first.id != row.id);
    let booth = wished(&row, &free_booths(conn, fair, arrangement, row.session)?)?;
    match booth.filter(|_| !in_front) {
        Some(booth) => Ok(ExhibitorRow { status, booth: Some(booth), ..row }),
        None => Ok(ExhibitorRow { status: Outcome::Waitlisted, ..row }),
    }
}

/// Locks a fair, frees what is kept beyond its deadline and serves the queue, so that nobody comes before those who wait.
pub fn opened(conn: &mut DbConn, now: Timestamp, fair: &FairId) -> Result<(FairRow, Arrangement)> {
    let fair = store::lock(conn, fair)?;
    let arrangement = arrangement::of(conn, &fair)?;
    release(conn, now, &fair, &arrangement)?;
    Ok((fair, arrangement))
}

/// Frees booths that are kept beyond their deadline: a hold ends, an offer lapses and goes to the next; counts them.
fn release(conn: &mut DbConn, now: Timestamp, fair: &FairRow, arrangement: &Arrangement) -> Result<usize> {
    let over = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::kept_until.le(now));
    let rows: Vec<ExhibitorRow> = over.order((table::kept_until, table::id)).select(ExhibitorRow::as_select()).load(conn)?;
    let count = rows.len();
    for row in rows {
        let status = if row.status == Outcome::Offered { Outcome::Lapsed } else { row.status };
        save(conn, now, ExhibitorRow { status, booth: None, kept_until: None, ..row })?;
    }
    serve(conn, now, fair, arrangement)?;
    if count > 0 {
        record(conn, now, &Caller::service(), "exhibitors.release", &format!("fair:{}", fair.id))?;
    }
    Ok(count)
}

/// Frees what is kept beyond its deadline at the first fair that has such, and counts the booths; to be called until there is
/// none. One fair a transaction: who holds the audit must not wait for a fair.
pub fn release_due(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    let over = table::table.filter(table::kept_until.le(now)).order(table::fair_id).select(table::fair_id);
    let Some(id) = over.first::<FairId>(conn).optional()? else { return Ok(0) };
    let fair = store::lock(conn, &id)?;
    let arrangement = arrangement::of(conn, &fair)?;
    release(conn, now, &fair, &arrangement)
}

/// Gives the numbers of the booths that nobody has in a session.
pub fn free_booths(conn: &mut DbConn, fair: &FairRow, arrangement: &Arrangement, session: i32) -> Result<BTreeSet<i32>> {
    let taken = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session));
    let taken: Vec<Option<i32>> = taken.filter(table::booth.is_not_null()).select(table::booth).load(conn)?;
    let taken: BTreeSet<i32> = taken.into_iter().flatten().collect();
    Ok(arrangement.booths.iter().map(|booth| booth.number).filter(|number| !taken.contains(number)).collect())
}

fn waiting(conn: &mut DbConn, fair: &FairRow, session: i32) -> Result<Vec<ExhibitorRow>> {
    let waiting = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session));
    let waiting = waiting.filter(table::status.eq(Outcome::Waitlisted)).order((table::applied_at, table::id));
    Ok(waiting.select(ExhibitorRow::as_select()).load(conn)?)
}

/// Offers free booths to those who wait, in the order of their application, while there is time to answer.
pub fn serve(conn: &mut DbConn, now: Timestamp, fair: &FairRow, arrangement: &Arrangement) -> Result<()> {
    for session in arrangement.sessions.iter().filter(|session| now < session.starts_at) {
        let mut free = free_booths(conn, fair, arrangement, session.number)?;
        if free.is_empty() {
            continue;
        }
        for row in waiting(conn, fair, session.number)? {
            let Some(booth) = wished(&row, &free)? else { break };
            free.remove(&booth);
            let kept_until = Some(deadline(now, session, arrangement.body.answer_minutes));
            save(conn, now, ExhibitorRow { status: Outcome::Offered, booth: Some(booth), kept_until, ..row })?;
        }
    }
    Ok(())
}

/// Reads an exhibitor whom the caller may see: the own one, or one of the own fair.
pub fn find(conn: &mut DbConn, fair: &FairRow, caller: &Caller, id: &ExhibitorId) -> Result<ExhibitorRow> {
    let row: Option<ExhibitorRow> =
        table::table.find(id).filter(table::fair_id.eq(&fair.id)).select(ExhibitorRow::as_select()).first(conn).optional()?;
    let row = row.ok_or(Error::NotFound("exhibitor"))?;
    hidden_unless(caller.is_employer(Some(&row.employer_id)) || is_yours(caller, fair), "exhibitor")?;
    Ok(row)
}
