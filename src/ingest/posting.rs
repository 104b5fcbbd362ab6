//! What is a row, once it is read? A `Posting`: the row, what it says, and what screening found; or it is rejected.

use chrono::NaiveDate;

use crate::ingest::row::{ReadRow, Reject};
use crate::vacancies::{Content, Finding, Subject, Talk, screen};

/// A row that was read and screened.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The row.
    pub row: ReadRow,
    /// What it says.
    pub content: Content,
    /// What screening found.
    pub findings: Vec<Finding>,
}

impl Posting {
    fn screened(row: ReadRow, content: Content, talk: Talk<'_>, day: NaiveDate) -> Posting {
        let (valid_from, expires_at) = (row.valid_from, row.expires_at);
        let findings = screen(Subject { content: &content, benefits: &[], valid_from, expires_at, day }, talk.lexicon);
        Posting { row, content, findings }
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
