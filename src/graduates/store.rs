//! The rows of graduates.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::accounts;
use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{
    consents, fair_attendances, fair_feedback, fair_outcomes, graduates, matching_results, matching_runs, placement_graduates,
    placements, schools, training_trainees,
};
use crate::db::types::{GraduateId, SchoolId, Timestamp};
use crate::error::{Error, Result};
use crate::graduates::consents::Purpose;
use crate::graduates::model::{GraduateRow, JobIntent, NewGraduate};
use crate::http::{Caller, idempotency};

/// What a list of graduates is narrowed to.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// One school.
    pub school: Option<SchoolId>,
    /// The first digits of the area of the school.
    pub area: Option<String>,
    /// What they want to do next.
    pub job_intent: Option<JobIntent>,
}

/// Writes a new graduate; a student number that the school has already is refused.
pub fn insert(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewGraduate) -> Result<GraduateRow> {
    let row = new.row(now)?;
    number_is_free(conn, &row)?;
    diesel::insert_into(graduates::table).values(&row).execute(conn)?;
    record(conn, now, caller, "graduates.create", &row.id, json!({}))?;
    Ok(row)
}

/// Writes a changed graduate.
pub fn save(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &GraduateRow) -> Result<()> {
    number_is_free(conn, row)?;
    diesel::update(graduates::table.find(&row.id)).set(row).execute(conn)?;
    record(conn, now, caller, "graduates.change", &row.id, json!({"revision": row.revision}))
}

/// Removes a graduate with consents, attendances, account and kept answers; the audit keeps the id alone.
pub fn delete(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &GraduateId) -> Result<()> {
    accounts::delete_of_graduate(conn, id)?;
    idempotency::forget_about(conn, id.as_str())?;
    diesel::delete(graduates::table.find(id)).execute(conn)?;
    record(conn, now, caller, "graduates.delete", id, json!({}))
}

/// Reads a graduate.
pub fn load(conn: &mut DbConn, id: &GraduateId) -> Result<GraduateRow> {
    let found = graduates::table.find(id).select(GraduateRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("graduate"))
}

/// Finds a graduate by the number at a school.
pub fn find_by_number(conn: &mut DbConn, school: &SchoolId, number: &str) -> Result<Option<GraduateRow>> {
    let own = graduates::table.filter(graduates::school_id.eq(school)).filter(graduates::student_number.eq(number));
    Ok(own.select(GraduateRow::as_select()).first(conn).optional()?)
}

/// Reads the city of the school of a graduate, by GB/T 2260 code.
pub fn city_of(conn: &mut DbConn, school: Option<&SchoolId>) -> Result<Option<String>> {
    match school {
        Some(school) => Ok(schools::table.find(school).select(schools::city).first(conn).optional()?),
        None => Ok(None),
    }
}

/// Lists graduates by id after one.
pub fn page(conn: &mut DbConn, filter: &Filter, after: Option<GraduateId>, limit: i64) -> Result<(Vec<GraduateRow>, i64)> {
    let narrowed = || {
        let mut query = graduates::table.left_join(schools::table).into_boxed();
        if let Some(school) = &filter.school {
            query = query.filter(graduates::school_id.eq(school));
        }
        if let Some(area) = &filter.area {
            query = query.filter(schools::city.like(format!("{area}%")));
        }
        match filter.job_intent {
            Some(intent) => query.filter(graduates::job_intent.eq(intent)),
            None => query,
        }
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(graduates::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(graduates::id.gt(after));
    }
    Ok((query.select(GraduateRow::as_select()).load(conn)?, total))
}

/// Who looks for work or has not said otherwise, of a school or else of the schools of an area.
macro_rules! looking {
    ($school:expr, $area:expr) => {{
        let mut query = graduates::table.left_join(schools::table).into_boxed();
        query = query.filter(graduates::job_intent.eq_any([JobIntent::Seeking, JobIntent::Unstated]));
        match $school {
            Some(school) => query.filter(graduates::school_id.eq(school)),
            None => query.filter(schools::city.like(format!("{}%", $area))),
        }
    }};
}

/// Counts those who look for work or have not said otherwise, of a school or else of the schools of an area.
pub fn count_looking(conn: &mut DbConn, school: Option<&SchoolId>, area: &str) -> Result<i64> {
    Ok(looking!(school, area).count().get_result(conn)?)
}

/// Reads those who look for work or have not said otherwise, by id after one.
pub fn looking(
    conn: &mut DbConn,
    school: Option<&SchoolId>,
    area: &str,
    after: Option<&GraduateId>,
    limit: i64,
) -> Result<Vec<GraduateRow>> {
    let mut query = looking!(school, area).order(graduates::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(graduates::id.gt(after));
    }
    Ok(query.select(GraduateRow::as_select()).load(conn)?)
}

/// Reads those who look for work and agreed that this recipient may see their profile.
pub fn shown_to(conn: &mut DbConn, recipient: &str) -> Result<Vec<GraduateRow>> {
    let agreed = consents::table
        .filter(consents::purpose.eq(Purpose::Matching))
        .filter(consents::recipient.eq(recipient))
        .filter(consents::revoked_at.is_null())
        .select(consents::graduate_id);
    let seeking = graduates::table.filter(graduates::job_intent.eq(JobIntent::Seeking));
    Ok(seeking.filter(graduates::id.eq_any(agreed)).order(graduates::id).select(GraduateRow::as_select()).load(conn)?)
}

/// Reads what placements said of a graduate, as facts for the own export.
pub fn placements(conn: &mut DbConn, id: &GraduateId) -> Result<Vec<Value>> {
    let own = placement_graduates::table.inner_join(placements::table).filter(placement_graduates::graduate_id.eq(id));
    let columns = (placements::created_at, placements::objective, placement_graduates::outcome);
    let rows: Vec<(Timestamp, String, String)> = own.order(placements::id).select(columns).load(conn)?;
    let view = |(at, objective, outcome): (Timestamp, String, String)| {
        Ok(json!({"at": at, "objective": objective, "outcome": serde_json::from_str::<Value>(&outcome)?}))
    };
    rows.into_iter().map(view).collect()
}

/// Reads what matching runs found for a graduate, as facts for the own export.
pub fn matches(conn: &mut DbConn, id: &GraduateId) -> Result<Vec<Value>> {
    let own = matching_results::table.inner_join(matching_runs::table).filter(matching_results::graduate_id.eq(id));
    let columns = (matching_runs::created_at, matching_results::matches);
    let rows: Vec<(Timestamp, String)> = own.order(matching_runs::id).select(columns).load(conn)?;
    let view = |(at, matches): (Timestamp, String)| Ok(json!({"at": at, "matches": serde_json::from_str::<Value>(&matches)?}));
    rows.into_iter().map(view).collect()
}

/// Reads the classes of training orders that a graduate is or was in, as facts for the own export.
pub fn trainings(conn: &mut DbConn, id: &GraduateId) -> Result<Vec<Value>> {
    let own = training_trainees::table.filter(training_trainees::graduate_id.eq(id)).order(training_trainees::order_id);
    let columns = (
        training_trainees::order_id,
        training_trainees::enrolled_on,
        training_trainees::finished_on,
        training_trainees::certificate,
        training_trainees::hired_on,
        training_trainees::wage,
        training_trainees::retained_six_months,
    );
    type Class = (String, NaiveDate, Option<NaiveDate>, Option<String>, Option<NaiveDate>, Option<i64>, Option<bool>);
    let rows: Vec<Class> = own.select(columns).load(conn)?;
    let view = |(order, enrolled_on, finished_on, certificate, hired_on, wage, retained_six_months): Class| {
        let certificate: Option<Value> = certificate.as_deref().map(serde_json::from_str).transpose()?;
        Ok(json!({"order": order, "enrolled_on": enrolled_on, "finished_on": finished_on, "certificate": certificate,
            "hired_on": hired_on, "wage": wage, "retained_six_months": retained_six_months}))
    };
    rows.into_iter().map(view).collect()
}

/// Reads the fairs that a graduate has a place at, as facts for the own export.
pub fn attendances(conn: &mut DbConn, id: &GraduateId) -> Result<Vec<Value>> {
    let own = fair_attendances::table.filter(fair_attendances::graduate_id.eq(id)).order(fair_attendances::id);
    let columns = (
        fair_attendances::fair_id,
        fair_attendances::status,
        fair_attendances::seat,
        fair_attendances::reserved_at,
        fair_attendances::checked_in_at,
    );
    type Place = (String, String, Option<i32>, Timestamp, Option<Timestamp>);
    let rows: Vec<Place> = own.select(columns).load(conn)?;
    let view = |(fair, status, seat, reserved_at, checked_in_at)| json!({"fair": fair, "status": status, "seat": seat, "reserved_at": reserved_at, "checked_in_at": checked_in_at});
    Ok(rows.into_iter().map(view).collect())
}

/// Reads what became of a graduate's meetings and what the graduate said of fairs, as facts for the own export.
pub fn after_fairs(conn: &mut DbConn, id: &GraduateId) -> Result<(Vec<Value>, Vec<Value>)> {
    let own = fair_outcomes::table.filter(fair_outcomes::graduate_id.eq(id)).order(fair_outcomes::id);
    let columns = (
        fair_outcomes::fair_id,
        fair_outcomes::employer_id,
        fair_outcomes::outcome,
        fair_outcomes::note,
        fair_outcomes::hired_on,
        fair_outcomes::registered_on,
    );
    type Came = (String, String, String, Option<String>, Option<NaiveDate>, Option<NaiveDate>);
    let rows: Vec<Came> = own.select(columns).load(conn)?;
    let view = |(fair, employer, outcome, note, hired_on, registered_on)| json!({"fair": fair, "employer": employer, "outcome": outcome, "note": note, "hired_on": hired_on, "registered_on": registered_on});
    let outcomes = rows.into_iter().map(view).collect();
    let said = fair_feedback::table.filter(fair_feedback::graduate_id.eq(id)).order(fair_feedback::id);
    let columns = (fair_feedback::fair_id, fair_feedback::rating, fair_feedback::note, fair_feedback::created_at);
    let rows: Vec<(String, i32, Option<String>, Timestamp)> = said.select(columns).load(conn)?;
    let view = |(fair, rating, note, at)| json!({"fair": fair, "rating": rating, "note": note, "created_at": at});
    Ok((outcomes, rows.into_iter().map(view).collect()))
}

fn number_is_free(conn: &mut DbConn, row: &GraduateRow) -> Result<()> {
    let (Some(school), Some(number)) = (&row.school_id, &row.student_number) else { return Ok(()) };
    match find_by_number(conn, school, number)? {
        Some(other) if other.id != row.id => {
            Err(Error::conflict("registered", "该学号已登记", "a graduate with this number is registered"))
        }
        _ => Ok(()),
    }
}

/// Writes down what was done to the data of a graduate.
pub fn record(conn: &mut DbConn, now: Timestamp, caller: &Caller, action: &str, id: &GraduateId, detail: Value) -> Result<()> {
    let deed = Deed { actor: &caller.name(), action, subject: &format!("graduate:{id}"), detail };
    audit::append(conn, now, &deed).map(|_| ())
}
