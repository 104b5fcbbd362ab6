//! Which graduates are meant together? A school, a class of it, a city, or those named, as far as they are the caller's; and to
//! whom they agreed to be shown.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{consents, graduates, schools};
use crate::db::types::{GraduateId, SchoolId};
use crate::error::{Error, Result};
use crate::graduates::consents::Purpose;
use crate::graduates::model::GraduateRow;
use crate::http::{Caller, Role, hidden_unless};

/// How many ids one statement names, and how many rows it reads.
const ROWS_MAX: usize = 500;

/// Which graduates are meant; what is said narrows them.
#[derive(Debug, Clone, Default)]
pub struct Cohort {
    /// Those of a school; a school's own account need not say it.
    pub school: Option<SchoolId>,
    /// Those of schools of an area, by its first digits.
    pub area: Option<String>,
    /// Those of a major, by the name in the profile.
    pub major: Option<String>,
    /// Those who graduate on a day.
    pub graduates_on: Option<NaiveDate>,
    /// Those named.
    pub ids: BTreeSet<GraduateId>,
}

/// Reads the graduates of a cohort by id, few more than `limit` at most. A school or a graduate who is not the caller's is not
/// found; of an area that is not the caller's nobody is.
pub fn cohort(conn: &mut DbConn, caller: &Caller, asked: &Cohort, limit: usize) -> Result<Vec<GraduateRow>> {
    let own = match caller.role {
        Role::School => caller.school.clone(),
        _ => None,
    };
    if let Some(school) = &asked.school {
        let city: Option<String> = schools::table.find(school).select(schools::city).first(conn).optional()?;
        hidden_unless(caller.is_school(Some(school)) || (city.is_some() && caller.governs(city.as_deref())), "school")?;
    }
    let narrowed = || {
        let mut query = graduates::table.left_join(schools::table).order(graduates::id).into_boxed();
        if let Some(school) = asked.school.as_ref().or(own.as_ref()) {
            query = query.filter(graduates::school_id.eq(school));
        }
        if let Some(day) = asked.graduates_on {
            query = query.filter(graduates::graduates_on.eq(day));
        }
        match &asked.area {
            Some(area) => query.filter(schools::city.like(format!("{area}%"))),
            None => query,
        }
    };
    let columns = (GraduateRow::as_select(), schools::city.nullable());
    let (mut kept, mut after) = (Vec::new(), None);
    let ids: Vec<GraduateId> = asked.ids.iter().take(limit.saturating_add(1)).cloned().collect();
    for part in ids.chunks(ROWS_MAX) {
        let rows: Vec<(GraduateRow, Option<String>)> =
            narrowed().filter(graduates::id.eq_any(part)).select(columns).load(conn)?;
        hidden_unless(rows.len() == part.len(), "graduate")?;
        for (row, city) in rows {
            kept.extend(keep(caller, asked, row, city).transpose()?);
        }
    }
    while ids.is_empty() && kept.len() <= limit {
        let mut query = narrowed().limit(i64::try_from(ROWS_MAX)?);
        if let Some(after) = &after {
            query = query.filter(graduates::id.gt(after));
        }
        let rows: Vec<(GraduateRow, Option<String>)> = query.select(columns).load(conn)?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(last.id.clone());
        for (row, city) in rows {
            kept.extend(keep(caller, asked, row, city).transpose()?);
        }
    }
    Ok(kept)
}

/// Keeps a graduate who is the caller's and of the major; one who was named and is not the caller's is not found.
fn keep(caller: &Caller, asked: &Cohort, row: GraduateRow, city: Option<String>) -> Option<Result<GraduateRow>> {
    if !caller.is_school(row.school_id.as_ref()) && !caller.governs(city.as_deref()) {
        return (!asked.ids.is_empty()).then_some(Err(Error::NotFound("graduate")));
    }
    match (&asked.major, row.profile()) {
        (None, _) => Some(Ok(row)),
        (Some(major), Ok(profile)) => (profile.major.as_ref() == Some(major)).then_some(Ok(row)),
        (Some(_), Err(cause)) => Some(Err(cause)),
    }
}

/// Reads to whom each of these agreed to be shown as somebody who fits, and has not taken it back: `employer:ID` or `fair:ID`.
pub fn agreed(conn: &mut DbConn, ids: &[GraduateId]) -> Result<HashMap<GraduateId, HashSet<String>>> {
    let mut found: HashMap<GraduateId, HashSet<String>> = HashMap::new();
    for part in ids.chunks(ROWS_MAX) {
        let open = consents::table.filter(consents::graduate_id.eq_any(part)).filter(consents::revoked_at.is_null());
        let open = open.filter(consents::purpose.eq_any([Purpose::Matching, Purpose::Referral]));
        for (id, recipient) in
            open.select((consents::graduate_id, consents::recipient)).load::<(GraduateId, Option<String>)>(conn)?
        {
            found.entry(id).or_default().extend(recipient);
        }
    }
    Ok(found)
}
