//! What becomes of a row that a source sends? Created, updated, unchanged, merged into a vacancy that says the same, or the
//! end of the vacancy that it takes back; a row that is seen again unchanged writes nothing.
//!
//! Each vacancy that came from sources is led by one of its rows: its words change with that row and no other. The rows
//! beside it are kept with what they say and fill what the leading one leaves open. A vacancy that a person wrote is led by
//! none, so no source can change or end it.

mod absence;
mod landing;
mod memory;
mod merged;
mod near;
mod separation;
mod write;

use chrono::NaiveDate;

use crate::db::DbConn;
use crate::db::types::{EmployerId, SourceId, Timestamp};
use crate::error::Result;
use crate::text_enum;
use crate::vacancies::content::Content;
use crate::vacancies::screen::Finding;
use crate::vacancies::store;
use crate::vacancies::upsert::memory::Memory;

pub use absence::{absent, note_absence, withdraw};
pub use near::{Sketch, same_opening};
pub use separation::separate;

/// Why a vacancy ended whose source took it back.
pub const WITHDRAWN: &str = "upstream_withdrawn";
/// Why a vacancy ended that its source no longer lists.
pub const MISSING: &str = "upstream_missing";

text_enum! {
    /// What became of a row.
    Landed {
        /// A new vacancy.
        Created = "created",
        /// A change of a known one.
        Updated = "updated",
        /// Nothing new.
        Unchanged = "unchanged",
        /// A further source of a known one.
        Merged = "merged",
        /// The end of a known one.
        Closed = "closed",
        /// It takes back what is not known.
        Unknown = "unknown",
    }
}

/// The source of rows.
#[derive(Debug, Clone)]
pub struct SourceRef {
    /// Its id.
    pub id: SourceId,
    /// Its name, as shown.
    pub name: String,
    /// Who stands behind it, as shown.
    pub label: Option<String>,
}

/// A row of a source.
#[derive(Debug, Clone)]
pub enum Arrival {
    /// It says something.
    Says(Box<Incoming>),
    /// It takes back what it said before.
    Withdraws {
        /// What the source calls it.
        reference: String,
    },
}

impl Arrival {
    /// Gives what the source calls the row.
    pub fn reference(&self) -> &str {
        match self {
            Arrival::Says(row) => &row.reference,
            Arrival::Withdraws { reference } => reference,
        }
    }
}

/// A row of a source, read.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What the source calls it.
    pub reference: String,
    /// A hash over everything that was read of it.
    pub row_hash: String,
    /// What it says.
    pub content: Content,
    /// A hash that it shares with what says the same.
    pub content_hash: String,
    /// What finds others like it.
    pub sketch: Option<Sketch>,
    /// What screening found.
    pub findings: Vec<Finding>,
    /// Whose it is.
    pub employer: Option<EmployerId>,
    /// Where it can be read at the source.
    pub url: Option<String>,
    /// The source's own word for when it changed.
    pub changed_at: Option<String>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// The version of the word lists that it was read with.
    pub lexicon_version: String,
}

/// Lands the rows of one source in order and says what became of each; all of them or none.
pub fn upsert(conn: &mut DbConn, now: Timestamp, source: &SourceRef, rows: Vec<Arrival>) -> Result<Vec<Landed>> {
    store::hold(conn)?;
    let mut memory = Memory::load(conn, now, source, &rows)?;
    let landed = rows.into_iter().map(|row| memory.land(row)).collect::<Result<Vec<Landed>>>()?;
    write::write(conn, memory)?;
    Ok(landed)
}
