//! What is a row, once it is read? A `Posting`: the row, what it says, and what screening found; or it is rejected.

use chrono::NaiveDate;

use crate::ingest::row::{ReadRow, Reject};
use crate::vacancies::{Content, Finding, Sketch, Subject, Talk, content_hash, screen};

/// A row that was read and screened.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The row.
    pub row: ReadRow,
    /// What it says.
    pub content: Content,
    /// A hash that it shares with what says the same.
    pub content_hash: String,
    /// What finds others like it.
    pub sketch: Option<Sketch>,
    /// What screening found.
    pub findings: Vec<Finding>,
}

impl Posting {
    fn screened(row: ReadRow, content: Content, talk: Talk<'_>, day: NaiveDate) -> Posting {
        let (valid_from, expires_at) = (row.valid_from, row.expires_at);
        let findings = screen(Subject { content: &content, benefits: &[], valid_from, expires_at, day }, talk.lexicon);
        let content_hash = content_hash(&content, &row.raw.place);
        Posting { sketch: Sketch::of(&content), row, content, content_hash, findings }
    }
}

/// Reads the wording of a row; rows from outside the region are rejected.
pub fn understand(row: ReadRow, talk: Talk<'_>, day: NaiveDate) -> Result<Posting, Reject> {
    let refuse = |code, detail: String| Reject { code, detail, reference: Some(row.reference.clone()) };
    if row.withdrawn {
        return Err(refuse("withdrawal_without_vacancy", "the source takes back a vacancy that is not here".to_owned()));
    }
    let content = Content::read(&row.raw, talk);
    match content.city() {
        Some(city) if city.starts_with(talk.region) => Ok(Posting::screened(row, content, talk, day)),
        Some(city) => Err(refuse("outside_region", format!("{city} is outside {}", talk.region))),
        None if talk.region.is_empty() => Ok(Posting::screened(row, content, talk, day)),
        None => Err(refuse("unknown_place", format!("no place in {:?} {:?}", row.raw.place, row.raw.address))),
    }
}
