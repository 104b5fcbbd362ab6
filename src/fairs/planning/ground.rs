//! What is known of an area and a period? Reads the wishes, venues, closed days, standing fairs and employers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{blackouts, employers, fairs, vacancies, venues};
use crate::db::types::{EmployerId, SchoolId, Timestamp, VenueId};
use crate::error::Result;
use crate::fairs::life::{FairStatus, Kind};
use crate::fairs::planning::pose::{Closed, Ground, Held, Rules};
use crate::fairs::requests;
use crate::fairs::venues::VenueRow;
use crate::vacancies::Status;

/// How many wishes are planned at once at most.
const REQUESTS_MAX: i64 = 2_000;
/// How many venues, closures, standing fairs or employers are read at most.
const ROWS_MAX: i64 = 20_000;

/// An employer that could come: with its city and its live vacancies.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The employer.
    pub id: EmployerId,
    /// Its city.
    pub city: String,
    /// How many live vacancies it has.
    pub vacancies: i64,
}

/// A blackout: venue, school, city, first and last day.
type ShutRow = (Option<VenueId>, Option<SchoolId>, Option<String>, NaiveDate, NaiveDate);

/// Reads the ground of a plan; `cities` are those that must have their yearly visit.
pub fn load(conn: &mut DbConn, area: &str, rules: &Rules, cities: &[String]) -> Result<(Ground, Vec<Guest>)> {
    let within = format!("{area}%");
    let venues: Vec<VenueRow> = venues::table
        .filter(venues::city.like(&within))
        .order(venues::id)
        .limit(ROWS_MAX)
        .select(VenueRow::as_select())
        .load(conn)?;
    let touching = blackouts::table.filter(blackouts::first_day.le(rules.last)).filter(blackouts::last_day.ge(rules.first));
    let shut = (blackouts::venue_id, blackouts::school_id, blackouts::city, blackouts::first_day, blackouts::last_day);
    let rows: Vec<ShutRow> = touching.order(blackouts::id).limit(ROWS_MAX).select(shut).load(conn)?;
    let closed = rows.into_iter().map(|(venue, school, city, first, last)| Closed { venue, school, city, first, last });
    let standing = fairs::table
        .filter(fairs::city.like(&within))
        .filter(fairs::status.ne(FairStatus::Cancelled))
        .filter(fairs::starts_at.ge(Timestamp::on(rules.first, 0)))
        .filter(fairs::starts_at.lt(Timestamp::on(rules.last, 24 * 60)));
    let rows: Vec<(Kind, String, Option<SchoolId>, Timestamp)> = standing
        .order(fairs::id)
        .limit(ROWS_MAX)
        .select((fairs::kind, fairs::city, fairs::school_id, fairs::starts_at))
        .load(conn)?;
    let held: Vec<Held> = rows.into_iter().map(|(kind, city, school, at)| Held { kind, city, school, day: at.day() }).collect();
    let requests = requests::open_within(conn, area, rules.first, rules.last, REQUESTS_MAX)?;
    let visited = |city: &String| {
        held.iter().any(|held| held.kind == Kind::PolicyOutreach && held.city == *city)
            || requests.iter().any(|request| request.kind == Kind::PolicyOutreach && request.city == *city)
    };
    let duty = cities.iter().filter(|city| !visited(city)).cloned().collect();
    let guests = guests(conn, &within)?;
    let employers = i64::try_from(guests.len())?;
    Ok((Ground { requests, venues, closed: closed.collect(), held, duty, employers }, guests))
}

/// Reads the checked employers of an area that have live vacancies.
fn guests(conn: &mut DbConn, within: &str) -> Result<Vec<Guest>> {
    let known = employers::table.filter(employers::city.like(within)).filter(employers::verified_at.is_not_null());
    let rows: Vec<(EmployerId, Option<String>)> =
        known.order(employers::id).limit(ROWS_MAX).select((employers::id, employers::city)).load(conn)?;
    let live: Vec<(Option<EmployerId>, i64)> = vacancies::table
        .filter(vacancies::status.eq(Status::Live))
        .group_by(vacancies::employer_id)
        .select((vacancies::employer_id, diesel::dsl::count_star()))
        .load(conn)?;
    let live: BTreeMap<EmployerId, i64> = live.into_iter().filter_map(|(id, count)| Some((id?, count))).collect();
    let guest = |(id, city): (EmployerId, Option<String>)| Some(Guest { vacancies: *live.get(&id)?, id, city: city? });
    Ok(rows.into_iter().filter_map(guest).collect())
}
