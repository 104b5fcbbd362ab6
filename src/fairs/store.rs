//! The rows of fairs. Whoever gives something of a fair or a venue away (a booth, a seat, an hour) locks its row first, so
//! that two never get the same.

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{fair_interview_wishes as wishes, fair_timetables, fairs, venues as venue_table};
use crate::db::types::{FairId, SchoolId, Timestamp, VenueId};
use crate::error::{Error, Result};
use crate::fairs::blackouts;
use crate::fairs::file::facts::{self, Facts};
use crate::fairs::filing::{Filing, Report};
use crate::fairs::life::{self, FairStatus, Kind};
use crate::fairs::model::FairRow;
use crate::fairs::venues;
use crate::http::{Caller, Role, hidden_unless};

/// How many fairs are closed for registration in one transaction.
const CLOSE_ROWS_MAX: i64 = 200;

/// What a list of fairs is narrowed to.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// The first digits of the city.
    pub area: Option<String>,
    /// The school.
    pub school: Option<SchoolId>,
    /// Which kind.
    pub kind: Option<Kind>,
    /// Where they stand.
    pub status: Option<FairStatus>,
    /// Those that end after this instant.
    pub from: Option<Timestamp>,
    /// Those that begin before this instant.
    pub to: Option<Timestamp>,
}

/// Where a page of fairs ended.
pub type Place = (Timestamp, FairId);

/// Tells whether a fair is the caller's: of the own school or the own city.
pub fn is_yours(caller: &Caller, row: &FairRow) -> bool {
    caller.is_school(row.school_id.as_ref()) || caller.governs(Some(&row.city))
}

/// Reads a fair.
pub fn load(conn: &mut DbConn, id: &FairId) -> Result<FairRow> {
    let found = fairs::table.find(id).select(FairRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("fair"))
}

/// Reads a fair that is announced, or is the caller's.
pub fn visible(conn: &mut DbConn, caller: &Caller, id: &FairId) -> Result<FairRow> {
    let row = load(conn, id)?;
    hidden_unless(row.published_at.is_some() || is_yours(caller, &row), "fair")?;
    Ok(row)
}

/// Locks a fair until the commit and reads it.
pub fn lock(conn: &mut DbConn, id: &FairId) -> Result<FairRow> {
    diesel::update(fairs::table.find(id)).set(fairs::revision.eq(fairs::revision)).execute(conn)?;
    load(conn, id)
}

/// Writes a new fair.
pub fn insert(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &FairRow) -> Result<()> {
    diesel::insert_into(fairs::table).values(row).execute(conn)?;
    record(conn, now, caller, "fairs.create", &format!("fair:{}", row.id))
}

/// Writes a changed fair; one that is more than a draft holds its venue for its hours.
pub fn save(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &FairRow, action: &str) -> Result<()> {
    if !matches!(row.status, FairStatus::Draft | FairStatus::Cancelled | FairStatus::Finished | FairStatus::Reported) {
        hold_venue(conn, row)?;
        blackouts::refuse_closed_days(conn, row)?;
    }
    diesel::update(fairs::table.find(&row.id)).set(row).execute(conn)?;
    record(conn, now, caller, action, &format!("fair:{}", row.id))
}

/// Takes a fair one step further.
pub fn transit(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    row: FairRow,
    to: FairStatus,
    reason: Option<String>,
) -> Result<FairRow> {
    let Facts { row, filing, .. } = {
        let facts = facts::load(conn, row)?;
        life::step(&facts, to, caller.role, now)?;
        facts
    };
    let reason = reason.filter(|text| !text.trim().is_empty());
    if to == FairStatus::Cancelled && reason.is_none() {
        return Err(Error::invalid("/reason", "reason_required", "请说明取消原因", "the reason is missing"));
    }
    let announced = row.published_at.or((to == FairStatus::Published).then_some(now));
    let cancelled = to == FairStatus::Cancelled;
    let row = FairRow {
        status: to,
        published_at: announced,
        filing: match to == FairStatus::Reported {
            true => serde_json::to_string(&reported(filing, now))?,
            false => row.filing.clone(),
        },
        cancelled_reason: if cancelled { reason } else { row.cancelled_reason.clone() },
        calendar_sequence: row.calendar_sequence + i32::from(cancelled),
        revision: row.revision + 1,
        updated_at: now,
        ..row
    };
    save(conn, now, caller, &row, &format!("fairs.{to}"))?;
    if cancelled {
        forget_interviews(conn, &row.id)?;
    }
    Ok(row)
}

/// Takes the hours of all interviews back, since the fair is not held when they were made for; the wishes stay.
pub fn forget_interviews(conn: &mut DbConn, fair: &FairId) -> Result<()> {
    let none = (wishes::starts_at.eq(None::<Timestamp>), wishes::ends_at.eq(None::<Timestamp>), wishes::desk.eq(None::<i32>));
    diesel::update(wishes::table.filter(wishes::fair_id.eq(fair))).set(none).execute(conn)?;
    diesel::delete(fair_timetables::table.filter(fair_timetables::fair_id.eq(fair))).execute(conn)?;
    Ok(())
}

fn reported(filing: Filing, now: Timestamp) -> Filing {
    let report = filing.report.map(|report| Report { reported_on: Some(now.day()), ..report });
    Filing { report, ..filing }
}

/// Locks the venue and refuses hours in which another fair has it, hours in which it is shut, and more booths than it has.
fn hold_venue(conn: &mut DbConn, row: &FairRow) -> Result<()> {
    let Some(id) = &row.venue_id else { return Ok(()) };
    let held = venue_table::revision.eq(venue_table::revision);
    diesel::update(venue_table::table.find(id)).set(held).execute(conn)?;
    let venue = venues::load(conn, id)?;
    if row.booths > venue.booths {
        let zh = format!("该场地只有 {} 个展位", venue.booths);
        return Err(Error::invalid("/booths", "too_many", zh, format!("the venue has {} booths only", venue.booths)));
    }
    let minute = |at: Timestamp| (at.utc() + chrono::TimeDelta::hours(8)).time();
    let opens = venue.opens_at.as_deref().and_then(venues::hour);
    let closes = venue.closes_at.as_deref().and_then(venues::hour);
    if opens.is_some_and(|opens| minute(row.starts_at) < opens) || closes.is_some_and(|closes| minute(row.ends_at) > closes) {
        return Err(Error::invalid("/starts_at", "outside_hours", "不在场地开放时间内", "the venue is shut at these hours"));
    }
    let others = fairs::table.filter(fairs::venue_id.eq(id)).filter(fairs::id.ne(&row.id));
    let others = others.filter(fairs::starts_at.lt(row.ends_at)).filter(fairs::ends_at.gt(row.starts_at));
    let others = others.filter(fairs::status.ne_all([FairStatus::Draft, FairStatus::Cancelled]));
    match others.count().get_result::<i64>(conn)? {
        0 => Ok(()),
        _ => Err(Error::conflict("venue_taken", "该场地在此时段已有安排", "another fair has the venue at these hours")),
    }
}

/// Checks that a fair's school and venue are there and lie in its city.
pub fn check_places(conn: &mut DbConn, city: &str, school: Option<&SchoolId>, venue: Option<&VenueId>) -> Result<()> {
    if let Some(school) = school {
        match crate::schools::city_of(conn, school)? {
            Some(home) if home == city => {}
            Some(_) => return Err(Error::invalid("/city", "other_city", "城市与学校所在市不符", "not the city of the school")),
            None => return Err(Error::invalid("/school", "unknown_school", "没有这所学校", "no such school")),
        }
    }
    let Some(venue) = venue else { return Ok(()) };
    let found: Option<String> = venue_table::table.find(venue).select(venue_table::city).first(conn).optional()?;
    match found {
        Some(home) if home == city => Ok(()),
        Some(_) => Err(Error::invalid("/venue", "other_city", "场地不在该市", "the venue is in another city")),
        None => Err(Error::invalid("/venue", "unknown_venue", "没有这个场地", "no such venue")),
    }
}

/// Lists fairs by their beginning after one: those announced, and those of the caller.
pub fn page(
    conn: &mut DbConn,
    caller: &Caller,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<(Vec<FairRow>, i64)> {
    let narrowed = || {
        let mut query = fairs::table.into_boxed();
        query = match (caller.role, caller.city.as_deref().and_then(|city| city.get(..4)), &caller.school) {
            (Role::Province, ..) => query,
            (Role::Bureau, Some(own), _) => {
                query.filter(fairs::published_at.is_not_null().or(fairs::city.like(format!("{own}%"))))
            }
            (Role::School, _, Some(own)) => query.filter(fairs::published_at.is_not_null().or(fairs::school_id.eq(own))),
            _ => query.filter(fairs::published_at.is_not_null()),
        };
        if let Some(area) = &filter.area {
            query = query.filter(fairs::city.like(format!("{area}%")));
        }
        if let Some(school) = &filter.school {
            query = query.filter(fairs::school_id.eq(school));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(fairs::kind.eq(kind));
        }
        if let Some(status) = filter.status {
            query = query.filter(fairs::status.eq(status));
        }
        if let Some(from) = filter.from {
            query = query.filter(fairs::ends_at.gt(from));
        }
        match filter.to {
            Some(to) => query.filter(fairs::starts_at.lt(to)),
            None => query,
        }
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order((fairs::starts_at, fairs::id)).limit(limit);
    if let Some((at, id)) = after {
        query = query.filter(fairs::starts_at.gt(at).or(fairs::starts_at.eq(at).and(fairs::id.gt(id))));
    }
    Ok((query.select(FairRow::as_select()).load(conn)?, total))
}

/// Closes the registration of fairs whose time for it is over, some at a time, and counts them.
pub fn close_due(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    let open = fairs::table.filter(fairs::status.eq(FairStatus::Published));
    let over = fairs::registration_closes_at.le(now).or(fairs::starts_at.le(now));
    let rows: Vec<FairRow> =
        open.filter(over.assume_not_null()).order(fairs::id).limit(CLOSE_ROWS_MAX).select(FairRow::as_select()).load(conn)?;
    let mut closed = Vec::new();
    for row in &rows {
        let still = fairs::table.find(&row.id).filter(fairs::status.eq(FairStatus::Published));
        let next = (fairs::status.eq(FairStatus::RegistrationClosed), fairs::revision.eq(fairs::revision + 1));
        if diesel::update(still).set((next, fairs::updated_at.eq(now))).execute(conn)? == 1 {
            closed.push(&row.id);
        }
    }
    // All fairs are locked, in their order, before the audit is: whoever has a fair may wait for the audit, never the reverse.
    for id in &closed {
        record(conn, now, &Caller::service(), "fairs.registration_closed", &format!("fair:{id}"))?;
    }
    Ok(closed.len())
}

/// Writes down what was done to a fair or what belongs to it.
pub fn record(conn: &mut DbConn, now: Timestamp, caller: &Caller, action: &str, subject: &str) -> Result<()> {
    let deed = Deed { actor: &caller.name(), action, subject, detail: json!({}) };
    audit::append(conn, now, &deed).map(|_| ())
}
