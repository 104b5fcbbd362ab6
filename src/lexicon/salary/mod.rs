//! How much does a pay wording promise, in whole yuan a month?
//!
//! The wording itself stays the truth; this reading says what was found, what kind of pay it is
//! and what a reviewer should look at. A reversed range or a bare number is not repaired.

mod read;
mod scan;

use serde::{Deserialize, Serialize};

use super::table::Table;
use super::wage::MinimumWage;
use super::word::{Certainty, words};
use super::wording::Wordings;
use super::{LexiconError, Source, text};

/// The period a wording states pay for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayUnit {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

words!(PayUnit { Hour => "hour", Day => "day", Month => "month", Year => "year" });

/// What a reviewer should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalaryFlag {
    /// No basic pay is stated (`面议`, `计件`).
    NoBasicPay,
    /// The upper end is more than four times the lower.
    RangeTooWide,
    /// The lower end is above the upper; neither is kept.
    MinGtMax,
}

words!(SalaryFlag {
    NoBasicPay => "no_basic_pay",
    RangeTooWide => "range_too_wide",
    MinGtMax => "min_gt_max",
});

/// A pay wording, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalaryParsed {
    /// Least pay, yuan a month.
    pub min: Option<i64>,
    /// Greatest pay, yuan a month.
    pub max: Option<i64>,
    /// The period of the wording.
    pub unit: Option<PayUnit>,
    /// How many months are paid a year, when stated (`13薪`).
    pub months: Option<u8>,
    /// Whether pay is open (`面议`, `0-0`).
    pub negotiable: bool,
    /// The basic part (`底薪`), yuan a month; it is what the minimum wage is compared with.
    pub basic_min: Option<i64>,
    /// Whether pay goes by the piece.
    pub piece: bool,
    /// Whether a commission is added.
    pub commission: bool,
    /// `Some(true)` after tax, `Some(false)` before tax.
    pub net: Option<bool>,
    /// Whether the figure is approximate (`左右`).
    pub approximate: bool,
    /// Whether it is the pay of an internship.
    pub internship: bool,
    /// Pay on probation, yuan a month.
    pub probation: Option<i64>,
    /// Pay on probation in percent of the later pay.
    pub probation_percent: Option<u8>,
    /// What a reviewer should look at.
    pub flags: Vec<SalaryFlag>,
    /// How sure the reading is.
    pub certainty: Certainty,
}

impl SalaryParsed {
    /// Tells whether the promised pay falls below a minimum wage: the basic part when stated,
    /// else the lower end.
    pub fn is_below(&self, wage: &MinimumWage) -> bool {
        let lowest = self.basic_min.or(self.min).or(self.max);
        lowest.is_some_and(|yuan| yuan < wage.monthly)
    }
}

/// The figures that turn days, hours and bare numbers into months.
#[derive(Debug, Clone, Copy)]
struct Rules {
    paid_days_hundredths: i64,
    hours_per_day: i64,
    range_ratio_max: i64,
    bare_thousands_below: i64,
    month_least: i64,
    year_guess_from: i64,
    month_sure_below: i64,
    month_most: i64,
}

/// Reads pay wordings.
pub struct SalaryReader {
    rules: Rules,
    wordings: Wordings,
}

impl SalaryReader {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let table = Table::parse("pay_rules.tsv", text(sources, "pay_rules.tsv")?)?;
        let figure = |name: &'static str| {
            let row = table.rows().find(|row| row.text("rule").is_ok_and(|rule| rule == name));
            row.map_or_else(
                || Err(LexiconError::Data { file: "pay_rules.tsv", line: 0, what: format!("no rule {name}") }),
                |row| row.value("value"),
            )
        };
        Ok(Self {
            rules: Rules {
                paid_days_hundredths: figure("paid_days_per_month_hundredths")?,
                hours_per_day: figure("hours_per_day")?,
                range_ratio_max: figure("range_ratio_max")?,
                bare_thousands_below: figure("bare_thousands_below")?,
                month_least: figure("month_least")?,
                year_guess_from: figure("year_guess_from")?,
                month_sure_below: figure("month_sure_below")?,
                month_most: figure("month_most")?,
            },
            wordings: Wordings::load(sources, "pay")?,
        })
    }

    /// Reads a pay wording.
    pub fn parse(&self, wording: &str) -> SalaryParsed {
        read::read(&self.rules, &scan::scan(&self.wordings, wording))
    }
}

impl Rules {
    /// Turns thousandths of yuan a period into whole yuan a month, rounded down.
    fn monthly(&self, milli: i64, unit: PayUnit) -> i64 {
        let yuan_milli = match unit {
            PayUnit::Month => milli,
            PayUnit::Year => milli / 12,
            PayUnit::Day => milli.saturating_mul(self.paid_days_hundredths) / 100,
            PayUnit::Hour => {
                let day = milli.saturating_mul(self.hours_per_day);
                day.saturating_mul(self.paid_days_hundredths) / 100
            }
        };
        yuan_milli / 1_000
    }
}
