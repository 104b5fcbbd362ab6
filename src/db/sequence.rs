//! Which number comes next? Counters in the table `sequences`, taken inside the transaction that uses them: the row stays
//! locked until the commit, so numbers appear in commit order and without gaps. A transaction that needs both takes
//! `vacancy_events` before `audit_events`, or two of them could wait for each other.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::sequences;
use crate::error::Result;

/// Takes the next `count` numbers of a sequence and gives the first of them.
pub fn take(conn: &mut DbConn, name: &str, count: i64) -> Result<i64> {
    let last: i64 = diesel::update(sequences::table.find(name))
        .set(sequences::last.eq(sequences::last + count))
        .returning(sequences::last)
        .get_result(conn)?;
    Ok(last - count + 1)
}

/// Gives the last number that was taken and committed.
pub fn last(conn: &mut DbConn, name: &str) -> Result<i64> {
    Ok(sequences::table.find(name).select(sequences::last).first(conn)?)
}
