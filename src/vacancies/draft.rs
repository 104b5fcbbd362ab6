//! How does a vacancy begin? As a draft of its employer, whether it was typed or read from a sheet; the same words twice
//! are one draft.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::employers;
use crate::db::types::{EmployerId, Timestamp, VacancyId};
use crate::error::{Error, Result};
use crate::http::{Caller, Role};
use crate::vacancies::content::Content;
use crate::vacancies::life::{self, Event, Hand, Status};
use crate::vacancies::model::{VacancyRow, content_hash};
use crate::vacancies::review;
use crate::vacancies::screen::Finding;
use crate::vacancies::store;

/// A vacancy that may become a draft: what it says and whose it is.
#[derive(Debug, Clone)]
pub struct NewVacancy {
    /// Whose it is.
    pub employer: EmployerId,
    /// What it says.
    pub content: Content,
    /// What screening found.
    pub findings: Vec<Finding>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// The version of the word lists that it was read with.
    pub lexicon_version: String,
}

/// Writes a draft down; of another city it is forbidden, said twice it is a conflict.
pub fn draft(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewVacancy) -> Result<VacancyRow> {
    let NewVacancy { employer, content, findings, valid_from, expires_at, lexicon_version } = new;
    if !caller.is_employer(Some(&employer)) && !caller.governs(content.city()) {
        return Err(Error::Forbidden);
    }
    let hash = content_hash(&content, "");
    store::hold(conn)?;
    if store::count_like(conn, &employer, &hash)? > 0 {
        return Err(Error::conflict("duplicate", "同一岗位已经发布", "the same vacancy is there already"));
    }
    let row = VacancyRow::draft(VacancyId::new(now), now, Some(employer), &content, hash)?;
    let mut row = VacancyRow { valid_from, expires_at, ..row };
    row.note(&findings, &lexicon_version)?;
    store::append(conn, now, &row, Event::Created, &caller.name(), None)?;
    store::insert(conn, &row)?;
    Ok(row)
}

/// Hands a draft in to the bureau.
pub fn hand_in(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: VacancyRow) -> Result<VacancyRow> {
    let event = life::step(row.status, Status::Submitted, Hand::of(caller.role))?;
    let row = VacancyRow { status: Status::Submitted, revision: row.revision + 1, updated_at: now, ..row };
    store::append(conn, now, &row, event, &caller.name(), None)?;
    store::save(conn, &row)?;
    review::submit(conn, now, &row)?;
    Ok(row)
}

/// Tells for whom the caller writes: an employer for itself, an office for the one it names.
pub fn employer_of(caller: &Caller, named: Option<EmployerId>) -> Result<EmployerId> {
    let employer = match caller.role {
        Role::Employer => caller.employer.clone(),
        _ => named,
    };
    let zh = "请先登记用人单位";
    employer.ok_or_else(|| Error::invalid("/employer", "employer_required", zh, "the employer is missing"))
}

/// Reads the name of an employer.
pub fn employer_name(conn: &mut DbConn, id: &EmployerId) -> Result<String> {
    let name = employers::table.find(id).select(employers::name).first(conn).optional()?;
    name.ok_or_else(|| Error::invalid("/employer", "unknown_employer", "没有这个用人单位", "no such employer"))
}
