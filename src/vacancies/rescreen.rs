//! What becomes of vacancies when the word lists change? They are screened anew, some hundreds at a time; once all carry
//! the present version there is nothing left to do.

use std::collections::HashSet;

use crate::db::DbConn;
use crate::db::types::{Timestamp, VacancyId};
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::vacancies::life::{Event, Status};
use crate::vacancies::model::VacancyRow;
use crate::vacancies::review::{self, Decision, Outcome, Remarks};
use crate::vacancies::screen::{Finding, settle};
use crate::vacancies::store;

/// How the review of a vacancy ends that only screening held back, once it no longer does.
const RELEASED: Decision<'_> = Decision { outcome: Outcome::Released, reviewer: OFFICE, reason: Some(ANEW) };
/// In whose name vacancies are screened anew.
const OFFICE: &str = "role:province";
/// Why.
const ANEW: &str = "screened anew";

/// Screens vacancies anew that were screened with other word lists, at most `limit`, and counts them. A vacancy of a source
/// that only screening held back goes live; nothing that is live is taken off, a person looks at what was found.
pub fn rescreen(conn: &mut DbConn, now: Timestamp, lexicon: &Lexicon, limit: i64) -> Result<usize> {
    if store::screened_otherwise(conn, lexicon.version(), 1)?.is_empty() {
        return Ok(0);
    }
    store::hold(conn)?;
    let rows = store::screened_otherwise(conn, lexicon.version(), limit)?;
    let ids: Vec<VacancyId> = rows.iter().map(|row| row.id.clone()).collect();
    let of_sources: HashSet<VacancyId> = store::seen(conn, &ids)?.into_iter().map(|seen| seen.vacancy_id).collect();
    let count = rows.len();
    for row in rows {
        let findings = row.screened(lexicon, now.day())?;
        let freed = of_sources.contains(&row.id) && is_freed(&row, &findings)?;
        let mut row = row;
        row.note(&findings, lexicon.version())?;
        if freed {
            (row.status, row.revision, row.updated_at) = (Status::Live, row.revision + 1, now);
            row.published_at = row.published_at.or(Some(now));
            store::append(conn, now, &row, Event::Published, OFFICE, Some(ANEW))?;
        }
        store::save(conn, &row)?;
        match row.status {
            Status::Submitted => review::submit(conn, now, &row)?,
            Status::Live if freed => review::decide(conn, now, &row.id, RELEASED, &Remarks::default())?,
            _ => {}
        }
    }
    Ok(count)
}

fn is_freed(row: &VacancyRow, findings: &[Finding]) -> Result<bool> {
    Ok(row.status == Status::Submitted && settle(row.status, &row.findings()?, findings) == Status::Live)
}
