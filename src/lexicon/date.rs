//! Which day does a written date mean, in Asia/Shanghai?
//!
//! A date without a year needs a reference day and takes the nearest year; an impossible date
//! stays unread.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

use super::fold::{Spaces, fold_text};
use super::word::Certainty;

const SHANGHAI_OFFSET_S: i32 = 8 * 3_600;
const YEARS: std::ops::RangeInclusive<i32> = 1980..=2100;
const TEXT_CHARS_MAX: usize = 40;

/// A date, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateReading {
    /// The day in Asia/Shanghai.
    pub date: NaiveDate,
    /// `Likely` when the year was taken from the reference day.
    pub certainty: Certainty,
}

/// Reads a date in any of the forms that feeds and spreadsheets use.
pub fn parse(text: &str, reference: Option<NaiveDate>) -> Option<DateReading> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return None;
    }
    let folded = fold_text(text.trim(), Spaces::Keep);
    if let Some(date) = instant(text.trim()).or_else(|| epoch(&folded)) {
        return certain(date);
    }
    let groups = number_groups(&folded);
    match groups.as_slice() {
        [whole, ..] if whole.len() == 8 => certain(compact(whole)?),
        [year, month, day, ..] if year.len() == 4 => {
            certain(NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?)
        }
        [month, day, rest @ ..] if month.len() <= 2 && is_month_and_day(&folded, rest) => {
            let date = nearest(month.parse().ok()?, day.parse().ok()?, reference?)?;
            Some(DateReading { date, certainty: Certainty::Likely })
        }
        _ => None,
    }
}

fn certain(date: NaiveDate) -> Option<DateReading> {
    YEARS.contains(&date.year()).then_some(DateReading { date, certainty: Certainty::Certain })
}

fn shanghai() -> Option<FixedOffset> {
    FixedOffset::east_opt(SHANGHAI_OFFSET_S)
}

fn instant(text: &str) -> Option<NaiveDate> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    Some(instant.with_timezone(&shanghai()?).date_naive())
}

/// Reads seconds (10 digits) or milliseconds (13 digits) since 1970.
fn epoch(folded: &str) -> Option<NaiveDate> {
    if !folded.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = folded.parse().ok()?;
    let instant = match folded.len() {
        10 => DateTime::from_timestamp(number, 0)?,
        13 => DateTime::from_timestamp_millis(number)?,
        _ => return None,
    };
    Some(instant.with_timezone(&shanghai()?).date_naive())
}

fn compact(digits: &str) -> Option<NaiveDate> {
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn number_groups(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect()
}

/// A time of day alone (`8:30`) is no date, and neither are three short groups (`25-01-02`).
fn is_month_and_day(folded: &str, rest: &[&str]) -> bool {
    let separated = folded.contains(['-', '/', '.', '月']);
    let times_only = rest.is_empty() || folded.contains(':');
    separated && times_only
}

fn nearest(month: u32, day: u32, reference: NaiveDate) -> Option<NaiveDate> {
    let years = [reference.year() - 1, reference.year(), reference.year() + 1];
    years
        .into_iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .min_by_key(|date| (*date - reference).num_days().abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_written_form_means_the_same_day() {
        for text in [
            "2026-11-21",
            "2026/11/21",
            "2026.11.21",
            "20261121",
            "2026年11月21日",
            "２０２６年１１月２１日",
            "2026-11-21 09:12:33",
            "2026-11-20T20:00:00Z",
            "2026-11-21T08:00:00+08:00",
            "1795190400000",
            "1795190400",
        ] {
            let read = parse(text, None).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((read.date, read.certainty), (day("2026-11-21"), Certainty::Certain), "{text}");
        }
        assert_eq!(parse("20270221", None).unwrap().date, day("2027-02-21"));
    }

    #[test]
    fn a_date_without_a_year_takes_the_nearest() {
        let reference = Some(day("2026-11-23"));
        assert_eq!(parse("11-23", reference).unwrap().date, day("2026-11-23"));
        assert_eq!(parse("1月5日", reference).unwrap().date, day("2027-01-05"));
        assert_eq!(parse("02-29", reference), None);
        assert_eq!(parse("11-23", None), None);
    }

    #[test]
    fn what_is_no_date_stays_unread() {
        for text in ["", "长期有效", "2026-13-01", "2026-02-30", "20261301", "8:30", "25-01-02", "12"] {
            assert_eq!(parse(text, Some(day("2026-11-23"))), None, "{text}");
        }
    }
}
