//! What was the minimum wage in an area on a day, as far as is known?
//!
//! A row of the county comes before one of its city. Rows that were not checked against the
//! official notice say so and must be shown with that warning.

use chrono::NaiveDate;

use super::place::AreaCode;
use super::table::Table;
use super::word::Confidence;
use super::{LexiconError, Source, text};

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct MinimumWage {
    /// The county or city.
    pub area: AreaCode,
    /// Yuan a month.
    pub monthly: i64,
    /// Yuan an hour.
    pub hourly: f64,
    /// First day in force.
    pub effective_from: NaiveDate,
    /// Where the row comes from.
    pub source: String,
    /// Whether it was checked against the official notice.
    pub verified: bool,
    /// How far it was checked.
    pub confidence: Confidence,
}

/// All known minimum wages.
pub struct MinimumWages {
    rows: Vec<MinimumWage>,
}

impl MinimumWages {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let table = Table::parse("minimum_wages.tsv", text(sources, "minimum_wages.tsv")?)?;
        let mut rows = Vec::new();
        for row in table.rows() {
            rows.push(MinimumWage {
                area: row.value("area")?,
                monthly: row.value("monthly")?,
                hourly: row.value("hourly")?,
                effective_from: row.value("effective_from")?,
                source: row.text("source")?.to_owned(),
                verified: row.value("verified")?,
                confidence: row.word("confidence", Confidence::parse)?,
            });
        }
        Ok(Self { rows })
    }

    /// Returns the row in force in an area on a day.
    pub fn at(&self, area: &AreaCode, date: NaiveDate) -> Option<&MinimumWage> {
        self.latest(area, date).or_else(|| self.latest(&area.city(), date))
    }

    /// Returns all rows of a city and its counties, the oldest first.
    pub fn of(&self, area: &AreaCode) -> impl Iterator<Item = &MinimumWage> {
        let prefix = area.prefix().to_owned();
        self.rows.iter().filter(move |row| row.area.is_in(&prefix))
    }

    fn latest(&self, area: &AreaCode, date: NaiveDate) -> Option<&MinimumWage> {
        self.rows.iter().filter(|row| row.area == *area && row.effective_from <= date).max_by_key(|row| row.effective_from)
    }
}
