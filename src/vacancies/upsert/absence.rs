//! What becomes of rows that a source no longer lists? Missing from two complete snapshots, they are parted from their
//! vacancies, unless that would end more of them than is believable.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::vacancy_sources;
use crate::db::types::{SourceId, Timestamp};
use crate::error::Result;
use crate::vacancies::store;
use crate::vacancies::upsert::memory::{Memory, ROWS_MAX};
use crate::vacancies::upsert::{SourceRef, write};

/// In how many complete snapshots a row is missing before it is given up.
const SNAPSHOTS: i64 = 2;
/// How many rows one statement reads.
const PAGE_ROWS: i64 = 5_000;

/// What a complete snapshot says of the rows that it does not contain.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Absence {
    /// How many rows the source had.
    pub live: usize,
    /// Rows that are missing for the first time.
    pub missed: Vec<String>,
    /// Rows that were missing and are there again.
    pub back: Vec<String>,
    /// Rows that have been missing for long enough.
    pub gone: Vec<String>,
}

impl Absence {
    fn see(&mut self, reference: String, missed: i64, is_there: bool) {
        self.live += 1;
        match (is_there, missed) {
            (true, 0) => {}
            (true, _) => self.back.push(reference),
            (false, missed) if missed + 1 >= SNAPSHOTS => self.gone.push(reference),
            (false, _) => self.missed.push(reference),
        }
    }
}

/// Compares the rows that a source has with those of a complete snapshot.
pub fn absent(conn: &mut DbConn, source: &SourceId, is_there: impl Fn(&str) -> bool) -> Result<Absence> {
    let mut absence = Absence::default();
    let mut after = String::new();
    loop {
        let own = vacancy_sources::table.filter(vacancy_sources::source_id.eq(source));
        let page: Vec<(String, i64, Option<Timestamp>)> = own
            .filter(vacancy_sources::reference.gt(&after))
            .order(vacancy_sources::reference)
            .limit(PAGE_ROWS)
            .select((vacancy_sources::reference, vacancy_sources::missed, vacancy_sources::gone_at))
            .load(conn)?;
        let Some((last, ..)) = page.last() else { return Ok(absence) };
        after.clone_from(last);
        for (reference, missed, _) in page.into_iter().filter(|(_, _, gone_at)| gone_at.is_none()) {
            let there = is_there(&reference);
            absence.see(reference, missed, there);
        }
    }
}

/// Notes which rows are missing for the first time, and which are there again.
pub fn note_absence(conn: &mut DbConn, source: &SourceId, absence: &Absence) -> Result<()> {
    for (references, missed) in [(&absence.missed, 1_i64), (&absence.back, 0)] {
        for part in references.chunks(ROWS_MAX) {
            let own = vacancy_sources::table.filter(vacancy_sources::source_id.eq(source));
            let named = own.filter(vacancy_sources::reference.eq_any(part));
            diesel::update(named).set(vacancy_sources::missed.eq(missed)).execute(conn)?;
        }
    }
    Ok(())
}

/// Parts vacancies from the named rows of a source, and counts those that end with it.
pub fn withdraw(
    conn: &mut DbConn,
    now: Timestamp,
    source: &SourceRef,
    references: &[String],
    reason: &'static str,
) -> Result<usize> {
    store::hold(conn)?;
    let named: Vec<&str> = references.iter().map(String::as_str).collect();
    let mut memory = Memory::of(conn, now, source, &named)?;
    let ids = memory.rows.values().map(|(seen, _)| seen.vacancy_id.clone()).collect();
    memory.meet(conn, ids)?;
    let mut ended = 0;
    for reference in references {
        let key = memory.key(reference);
        if memory.rows.get(&key).is_some_and(|(seen, _)| seen.gone_at.is_none()) {
            ended += usize::from(memory.part(&key, reason)?);
        }
    }
    write::write(conn, memory)?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_snapshot_without_a_row_is_not_its_end() {
        let mut absence = Absence::default();
        for (reference, missed, is_there) in [("a", 0, true), ("b", 0, false), ("c", 1, true), ("d", 1, false)] {
            absence.see(reference.to_owned(), missed, is_there);
        }
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(absence, Absence { live: 4, missed: list(&["b"]), back: list(&["c"]), gone: list(&["d"]) });
    }
}
