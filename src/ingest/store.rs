//! The rows of sources, runs and rejects.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde_json::Value;

use crate::db::DbConn;
use crate::db::schema::{ingest_rejects, ingest_runs, sources};
use crate::db::types::{IngestRunId, SourceId, Timestamp};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::http::merged;
use crate::ingest::model::{RejectRow, RunRow, RunStatus, SourceBody, SourceRow};

/// How many rejects one statement writes.
const ROWS_MAX: usize = 500;

/// Adds a source; a name that is taken is refused.
pub fn add_source(conn: &mut DbConn, now: Timestamp, body: &SourceBody) -> Result<SourceRow> {
    if find_source_by_name(conn, &body.name)?.is_some() {
        return Err(name_taken(&body.name));
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

/// Lays a merge patch over a source and writes it; a name that another has is refused.
pub fn change_source(conn: &mut DbConn, now: Timestamp, row: SourceRow, patch: &Value) -> Result<SourceRow> {
    let body: SourceBody = merged(&row.body()?, patch)?;
    if body.name != row.name && find_source_by_name(conn, &body.name)?.is_some() {
        return Err(name_taken(&body.name));
    }
    let row = row.changed(now, &body)?;
    diesel::update(sources::table.find(&row.id)).set(&row).execute(conn)?;
    Ok(row)
}

fn name_taken(name: &str) -> Error {
    Error::conflict("name_taken", "此来源名称已被使用", format!("the name {name:?} is taken"))
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

/// Keeps the rejects of a run, each row once for each reason; one that was kept before is counted.
pub fn keep_rejects(conn: &mut DbConn, run: &RunRow, rows: impl Iterator<Item = RejectRow>) -> Result<()> {
    let mut kept: BTreeMap<(String, String), RejectRow> = BTreeMap::new();
    for row in rows {
        let times = row.times;
        kept.entry((row.row_key.clone(), row.code.clone())).and_modify(|known| known.times += times).or_insert(row);
    }
    let keys: Vec<&str> = kept.keys().map(|(key, _)| key.as_str()).collect();
    let mut known: HashMap<(String, String), i64> = HashMap::new();
    for part in keys.chunks(ROWS_MAX) {
        let own = ingest_rejects::table.filter(ingest_rejects::source_id.eq(&run.source_id));
        let columns = (ingest_rejects::row_key, ingest_rejects::code, ingest_rejects::times);
        let found: Vec<(String, String, i64)> = own.filter(ingest_rejects::row_key.eq_any(part)).select(columns).load(conn)?;
        known.extend(found.into_iter().map(|(key, code, times)| ((key, code), times)));
    }
    let (again, new): (Vec<_>, Vec<_>) =
        kept.into_values().partition(|row| known.contains_key(&(row.row_key.clone(), row.code.clone())));
    for row in again {
        let times = known.get(&(row.row_key.clone(), row.code.clone())).copied().unwrap_or_default();
        let place = ingest_rejects::table.find((&row.source_id, &row.row_key, &row.code));
        let resolved = ingest_rejects::resolved_run_id.eq(None::<IngestRunId>);
        let said =
            (ingest_rejects::detail.eq(&row.detail), ingest_rejects::raw.eq(&row.raw), ingest_rejects::place.eq(row.place));
        let counted = (ingest_rejects::times.eq(times + row.times), ingest_rejects::last_run_id.eq(&row.last_run_id));
        diesel::update(place).set((said, counted, resolved)).execute(conn)?;
    }
    for part in new.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(ingest_rejects::table).values(part).execute(c))?;
    }
    Ok(())
}

/// Notes that rows which were rejected before have been taken by a run.
pub fn resolve_rejects(conn: &mut DbConn, run: &RunRow, references: &[&str]) -> Result<()> {
    let open = ingest_rejects::table
        .filter(ingest_rejects::source_id.eq(&run.source_id))
        .filter(ingest_rejects::resolved_run_id.is_null());
    if open.select(ingest_rejects::code).first::<String>(conn).optional()?.is_none() {
        return Ok(());
    }
    for part in references.chunks(ROWS_MAX) {
        let taken = open.filter(ingest_rejects::row_key.eq_any(part));
        diesel::update(taken).set(ingest_rejects::resolved_run_id.eq(&run.id)).execute(conn)?;
    }
    Ok(())
}

/// Lists the rejects of a run by place; one that came before and after it counts as one of it.
pub fn reject_page(
    conn: &mut DbConn,
    run: &RunRow,
    after: Option<(i64, String, String)>,
    limit: i64,
) -> Result<(Vec<RejectRow>, i64)> {
    let own = ingest_rejects::table
        .filter(ingest_rejects::source_id.eq(&run.source_id))
        .filter(ingest_rejects::first_run_id.le(&run.id))
        .filter(ingest_rejects::last_run_id.ge(&run.id));
    let total = own.count().get_result(conn)?;
    let mut query = own.order((ingest_rejects::place, ingest_rejects::row_key, ingest_rejects::code)).limit(limit).into_boxed();
    if let Some((place, key, code)) = after {
        let later =
            ingest_rejects::row_key.gt(key.clone()).or(ingest_rejects::row_key.eq(key).and(ingest_rejects::code.gt(code)));
        query = query.filter(ingest_rejects::place.gt(place).or(ingest_rejects::place.eq(place).and(later)));
    }
    Ok((query.select(RejectRow::as_select()).load(conn)?, total))
}

/// Reads the rejects of a run that no run has taken since, by key after one.
pub fn open_rejects(conn: &mut DbConn, run: &RunRow, after: &(String, String), limit: i64) -> Result<Vec<RejectRow>> {
    let (key, code) = after;
    let later = ingest_rejects::row_key.gt(key).or(ingest_rejects::row_key.eq(key).and(ingest_rejects::code.gt(code)));
    let open = ingest_rejects::table
        .filter(ingest_rejects::source_id.eq(&run.source_id))
        .filter(ingest_rejects::first_run_id.le(&run.id))
        .filter(ingest_rejects::last_run_id.ge(&run.id))
        .filter(ingest_rejects::resolved_run_id.is_null())
        .filter(later);
    let order = (ingest_rejects::row_key, ingest_rejects::code);
    Ok(open.order(order).limit(limit).select(RejectRow::as_select()).load(conn)?)
}

/// Keeps up to where a source was read, and when it was read whole.
pub fn save_progress(conn: &mut DbConn, id: &SourceId, cursor: Option<&str>, snapshot_at: Option<Timestamp>) -> Result<()> {
    if let Some(cursor) = cursor {
        diesel::update(sources::table.find(id)).set(sources::feed_cursor.eq(cursor)).execute(conn)?;
    }
    if let Some(at) = snapshot_at {
        diesel::update(sources::table.find(id)).set(sources::snapshot_at.eq(at)).execute(conn)?;
    }
    Ok(())
}

/// Lists the sources whose time has come, the longest due first.
pub fn due_sources(conn: &mut DbConn, now: Timestamp, limit: i64) -> Result<Vec<SourceRow>> {
    let due = sources::table.filter(sources::next_due_at.le(now)).filter(sources::disabled_at.is_null());
    Ok(due.order(sources::next_due_at).limit(limit).select(SourceRow::as_select()).load(conn)?)
}

/// Moves a source to its next time; false when another instance has done so.
pub fn move_on(conn: &mut DbConn, source: &SourceRow, next: Option<Timestamp>) -> Result<bool> {
    let due = sources::table.find(&source.id).filter(sources::next_due_at.eq(source.next_due_at));
    Ok(diesel::update(due).set(sources::next_due_at.eq(next)).execute(conn)? == 1)
}
