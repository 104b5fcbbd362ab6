//! The rows of runs and of what they found.

use std::collections::HashSet;

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{graduates, matching_results, matching_runs};
use crate::db::types::{GraduateId, MatchingRunId, Timestamp};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::http::{Caller, hidden_unless};
use crate::matching::runs::model::{MatchingRunStatus, ResultRow, RunRow};

/// How many rows one statement writes, and how many ids one names.
const ROWS_MAX: usize = 200;

/// Writes a new run.
pub fn begin(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &RunRow) -> Result<()> {
    diesel::insert_into(matching_runs::table).values(row).execute(conn)?;
    record(conn, now, &caller.name(), "matching.begin", row)
}

/// Reads a run.
pub fn load(conn: &mut DbConn, id: &MatchingRunId) -> Result<RunRow> {
    let found = matching_runs::table.find(id).select(RunRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("matching_run"))
}

/// Reads a run that is the caller's: of the own school, or of the own area.
pub fn yours(conn: &mut DbConn, caller: &Caller, id: &MatchingRunId) -> Result<RunRow> {
    let row = load(conn, id)?;
    hidden_unless(caller.is_school(row.school_id.as_ref()) || caller.governs(Some(&row.area)), "matching_run")?;
    Ok(row)
}

/// Reads the ids of the runs that are not over, the oldest first.
pub fn open(conn: &mut DbConn, limit: i64) -> Result<Vec<MatchingRunId>> {
    let open = matching_runs::table.filter(matching_runs::status.eq_any([MatchingRunStatus::Queued, MatchingRunStatus::Running]));
    Ok(open.order(matching_runs::id).limit(limit).select(matching_runs::id).load(conn)?)
}

/// Writes how a run stands.
pub fn save(conn: &mut DbConn, row: &RunRow) -> Result<()> {
    diesel::update(matching_runs::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Writes what was found; who has been removed since is left out, what was found before is replaced.
pub fn keep(conn: &mut DbConn, rows: &[ResultRow]) -> Result<()> {
    for part in rows.chunks(ROWS_MAX) {
        let ids: Vec<&GraduateId> = part.iter().map(|row| &row.graduate_id).collect();
        let there: Vec<GraduateId> = graduates::table.filter(graduates::id.eq_any(ids)).select(graduates::id).load(conn)?;
        let there: HashSet<GraduateId> = there.into_iter().collect();
        let part: Vec<ResultRow> = part.iter().filter(|row| there.contains(&row.graduate_id)).cloned().collect();
        each_backend!(&mut *conn, |c| diesel::insert_into(matching_results::table).values(part).execute(c))?;
    }
    Ok(())
}

/// Reads what a run found, by graduate after one.
pub fn results(conn: &mut DbConn, id: &MatchingRunId, after: Option<GraduateId>, limit: i64) -> Result<Vec<ResultRow>> {
    let mut query = matching_results::table.filter(matching_results::run_id.eq(id)).into_boxed();
    if let Some(after) = after {
        query = query.filter(matching_results::graduate_id.gt(after));
    }
    Ok(query.order(matching_results::graduate_id).limit(limit).select(ResultRow::as_select()).load(conn)?)
}

/// Writes down what happened to a run.
pub fn record(conn: &mut DbConn, now: Timestamp, actor: &str, action: &str, row: &RunRow) -> Result<()> {
    let detail = json!({"school": row.school_id, "area": row.area, "graduates": row.total, "done": row.done});
    let subject = format!("matching_run:{}", row.id);
    audit::append(conn, now, &Deed { actor, action, subject: &subject, detail }).map(|_| ())
}
