//! The rows of the audit chain.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::audit::{Deed, GENESIS, link};
use crate::db::schema::audit_events as table;
use crate::db::types::Timestamp;
use crate::db::{DbConn, sequence};
use crate::error::Result;

/// How many events are read at once while the chain is verified.
const VERIFY_ROWS: i64 = 1_000;

/// One event of the chain.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub struct AuditRow {
    pub seq: i64,
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
    pub previous_hash: String,
    pub hash: String,
}

/// Appends one event; the last thing that a transaction does.
pub fn append(conn: &mut DbConn, now: Timestamp, deed: &Deed<'_>) -> Result<i64> {
    let seq = sequence::take(conn, "audit_events", 1)?;
    let previous: Option<String> = table::table.find(seq - 1).select(table::hash).first(conn).optional()?;
    let previous_hash = previous.unwrap_or_else(|| GENESIS.to_owned());
    let detail = deed.detail.to_string();
    let hash = link(&previous_hash, seq, now, deed.actor, deed.action, deed.subject, &detail);
    let row = AuditRow {
        seq,
        at: now,
        actor: deed.actor.to_owned(),
        action: deed.action.to_owned(),
        subject: deed.subject.to_owned(),
        detail,
        previous_hash,
        hash,
    };
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    Ok(seq)
}

/// Reads events after `seq`, oldest first.
pub fn list(conn: &mut DbConn, subject: Option<&str>, after: i64, limit: i64) -> Result<Vec<AuditRow>> {
    let mut query = table::table.filter(table::seq.gt(after)).order(table::seq).limit(limit).into_boxed();
    if let Some(subject) = subject {
        query = query.filter(table::subject.eq(subject.to_owned()));
    }
    Ok(query.select(AuditRow::as_select()).load(conn)?)
}

/// Tells what was done to a subject, oldest first.
pub fn about(conn: &mut DbConn, subject: &str) -> Result<Vec<Value>> {
    let rows: Vec<AuditRow> =
        table::table.filter(table::subject.eq(subject)).order(table::seq).select(AuditRow::as_select()).load(conn)?;
    let view = |row: AuditRow| json!({"at": row.at, "actor": row.actor, "action": row.action, "detail": row.detail});
    Ok(rows.into_iter().map(view).collect())
}

/// Counts the events.
pub fn count(conn: &mut DbConn, subject: Option<&str>) -> Result<i64> {
    let mut query = table::table.into_boxed();
    if let Some(subject) = subject {
        query = query.filter(table::subject.eq(subject.to_owned()));
    }
    Ok(query.count().get_result(conn)?)
}

/// Walks the whole chain; gives the number of events and the first that does not fit.
pub fn verify(conn: &mut DbConn) -> Result<(i64, Option<i64>)> {
    let (mut seq, mut hash) = (0, GENESIS.to_owned());
    loop {
        let rows = list(conn, None, seq, VERIFY_ROWS)?;
        if rows.is_empty() {
            let last = sequence::last(conn, "audit_events")?;
            return Ok((seq, (last != seq).then_some(seq + 1)));
        }
        for row in rows {
            let wanted = link(&hash, seq + 1, row.at, &row.actor, &row.action, &row.subject, &row.detail);
            if row.seq != seq + 1 || row.previous_hash != hash || row.hash != wanted {
                return Ok((seq, Some(seq + 1)));
            }
            (seq, hash) = (row.seq, row.hash);
        }
    }
}
