//! The rows of sources, runs and rejects.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{ingest_rejects, ingest_runs, sources};
use crate::db::types::{IngestRunId, SourceId, Timestamp};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::ingest::model::{RejectRow, RunRow, RunStatus, SourceBody, SourceRow};

/// How many rejects one statement writes.
const ROWS_MAX: usize = 500;

/// Adds a source; a name that is taken is refused.
pub fn add_source(conn: &mut DbConn, now: Timestamp, body: &SourceBody) -> Result<SourceRow> {
    if find_source_by_name(conn, &body.name)?.is_some() {
        return Err(Error::conflict("name_taken", "此来源名称已被使用", format!("the name {:?} is taken", body.name)));
    }
    let row = SourceRow::new(now, body)?;
    diesel::insert_into(sources::table).values(&row).execute(conn)?;
    Ok(row)
}

/// Finds a source by name.
pub fn find_source_by_name(conn: &mut DbConn, name: &str) -> Result<Option<SourceRow>> {
    Ok(sources::table.filter(sources::name.eq(name)).select(SourceRow::as_select()).first(conn).optional()?)
}

/// Finds a source.
pub fn source(conn: &mut DbConn, id: &SourceId) -> Result<SourceRow> {
    let found = sources::table.find(id).select(SourceRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("source"))
}

/// Lists sources by id after one.
pub fn source_page(conn: &mut DbConn, after: Option<SourceId>, limit: i64) -> Result<(Vec<SourceRow>, i64)> {
    let total = sources::table.count().get_result(conn)?;
    let mut query = sources::table.order(sources::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(sources::id.gt(after));
    }
    Ok((query.select(SourceRow::as_select()).load(conn)?, total))
}

/// Writes a changed source over its row.
pub fn save_source(conn: &mut DbConn, row: &SourceRow) -> Result<()> {
    diesel::update(sources::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Removes a source with its runs; its vacancies stay.
pub fn remove_source(conn: &mut DbConn, id: &SourceId) -> Result<()> {
    diesel::delete(sources::table.find(id)).execute(conn)?;
    Ok(())
}

/// Begins a run; earlier ones of the source that never ended are marked as broken off.
pub fn begin_run(conn: &mut DbConn, row: &RunRow) -> Result<()> {
    let lost =
        ingest_runs::table.filter(ingest_runs::source_id.eq(&row.source_id)).filter(ingest_runs::status.eq(RunStatus::Running));
    diesel::update(lost)
        .set((
            ingest_runs::status.eq(RunStatus::Failed),
            ingest_runs::reason.eq("interrupted"),
            ingest_runs::finished_at.eq(row.started_at),
        ))
        .execute(conn)?;
    diesel::insert_into(ingest_runs::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes the counts of a run.
pub fn save_run(conn: &mut DbConn, row: &RunRow) -> Result<()> {
    diesel::update(ingest_runs::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Finds a run.
pub fn run(conn: &mut DbConn, id: &IngestRunId) -> Result<RunRow> {
    let found = ingest_runs::table.find(id).select(RunRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("ingest run"))
}

/// Lists runs, newest first.
pub fn run_page(conn: &mut DbConn, before: Option<IngestRunId>, limit: i64) -> Result<(Vec<RunRow>, i64)> {
    let total = ingest_runs::table.count().get_result(conn)?;
    let mut query = ingest_runs::table.order(ingest_runs::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(ingest_runs::id.lt(before));
    }
    Ok((query.select(RunRow::as_select()).load(conn)?, total))
}

/// Keeps the rejects of a run.
pub fn keep_rejects(conn: &mut DbConn, rows: Vec<RejectRow>) -> Result<()> {
    for part in rows.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(ingest_rejects::table).values(part).execute(c))?;
    }
    Ok(())
}

/// Lists the rejects of a run by place.
pub fn reject_page(conn: &mut DbConn, run: &IngestRunId, after: i64, limit: i64) -> Result<(Vec<RejectRow>, i64)> {
    let own = ingest_rejects::table.filter(ingest_rejects::run_id.eq(run));
    let total = own.count().get_result(conn)?;
    let rows = own.filter(ingest_rejects::place.gt(after)).order(ingest_rejects::place).limit(limit);
    Ok((rows.select(RejectRow::as_select()).load(conn)?, total))
}
