//! Is this a working day, and which day is n working days on?
//!
//! Weekends, statutory holidays and the days moved by the yearly notice (调休). For a year whose
//! notice is not in the data, weekends and statutory days alone count and every answer says so.

mod http;

use std::collections::{BTreeMap, BTreeSet};

pub use http::routes;

use chrono::{Datelike, Days, NaiveDate, Weekday};

const NOTICE: &str = include_str!("../../index/holidays.tsv");
const STATUTORY: &str = include_str!("../../index/statutory_days.tsv");
const EVERY_YEAR: &str = "*-";
const WORKING_DAYS_MAX: u32 = 10_000;

/// Why the holiday tables could not be loaded, or a day not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A row is wrong.
    #[error("{file}: bad row: {row}")]
    Row {
        /// The file in `index/`.
        file: &'static str,
        /// The row.
        row: String,
    },
    /// More working days were asked for than the limit.
    #[error("{0} working days are more than {WORKING_DAYS_MAX}")]
    TooFar(u32),
}

/// Why a day is a working day or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayReason {
    /// Monday to Friday.
    Weekday,
    /// Saturday or Sunday.
    Weekend,
    /// A statutory holiday, or a day off by the notice, with its name.
    Holiday(String),
    /// A weekend day worked in exchange (补班), with the holiday it serves.
    MadeUp(String),
}

/// What is known of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Whether people work.
    pub working: bool,
    /// Why.
    pub reason: DayReason,
    /// Whether the year's notice is in the data; if not, the answer may change.
    pub known: bool,
}

/// A day reached by counting working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The day.
    pub date: NaiveDate,
    /// Whether the notices of all years passed are in the data.
    pub known: bool,
}

/// A day off or a working weekend day of a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The day.
    pub date: NaiveDate,
    /// Whether people work.
    pub working: bool,
    /// The holiday.
    pub name: String,
}

/// The holiday tables.
pub struct Calendar {
    notice: BTreeMap<NaiveDate, (bool, String)>,
    statutory: BTreeMap<NaiveDate, String>,
    yearly: BTreeMap<(u32, u32), String>,
    years: BTreeSet<i32>,
}

impl Calendar {
    /// Loads the tables that are compiled in.
    pub fn load() -> Result<Self, CalendarError> {
        let mut calendar =
            Self { notice: BTreeMap::new(), statutory: BTreeMap::new(), yearly: BTreeMap::new(), years: BTreeSet::new() };
        for row in rows(NOTICE) {
            let refuse = || refusal("holidays.tsv", row);
            let [date, kind, name, ..] = cells(row).ok_or_else(refuse)?;
            let date: NaiveDate = date.parse().map_err(|_| refuse())?;
            let working = match kind {
                "work" => true,
                "off" => false,
                _ => return Err(refuse()),
            };
            calendar.years.insert(date.year());
            calendar.notice.insert(date, (working, name.to_owned()));
        }
        for row in rows(STATUTORY) {
            let refuse = || refusal("statutory_days.tsv", row);
            let [date, name, ..] = cells(row).ok_or_else(refuse)?;
            if let Some(day) = date.strip_prefix(EVERY_YEAR) {
                let (month, day) = day.split_once('-').ok_or_else(refuse)?;
                let month = month.parse().map_err(|_| refuse())?;
                let day = day.parse().map_err(|_| refuse())?;
                calendar.yearly.insert((month, day), name.to_owned());
            } else {
                let date = date.parse().map_err(|_| refuse())?;
                calendar.statutory.insert(date, name.to_owned());
            }
        }
        Ok(calendar)
    }

    /// Tells whether the notice of a year is in the data.
    pub fn is_known(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// Tells whether people work on a day, why, and whether that is certain.
    pub fn is_working_day(&self, date: NaiveDate) -> Day {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let (working, reason) = match (self.notice.get(&date), self.statutory_name(date)) {
            (Some((true, name)), _) => (true, DayReason::MadeUp(name.clone())),
            (Some((false, name)), _) => (false, DayReason::Holiday(name.clone())),
            (None, Some(name)) => (false, DayReason::Holiday(name.to_owned())),
            (None, None) if weekend => (false, DayReason::Weekend),
            (None, None) => (true, DayReason::Weekday),
        };
        Day { date, working, reason, known: self.is_known(date.year()) }
    }

    /// Returns the n-th working day after a day, which itself does not count; nought working
    /// days on is the day itself.
    pub fn add_working_days(&self, date: NaiveDate, days: u32) -> Result<Reached, CalendarError> {
        if days > WORKING_DAYS_MAX {
            return Err(CalendarError::TooFar(days));
        }
        let mut reached = Reached { date, known: self.is_known(date.year()) };
        let mut left = days;
        while left > 0 {
            let next = reached.date.checked_add_days(Days::new(1));
            reached.date = next.ok_or(CalendarError::TooFar(days))?;
            let day = self.is_working_day(reached.date);
            reached.known &= day.known;
            left -= u32::from(day.working);
        }
        Ok(reached)
    }

    /// Returns the days off and the working weekend days of a year, by date: those of the notice,
    /// or the statutory days when the notice is not in the data.
    pub fn holidays(&self, year: i32) -> Vec<Moved> {
        if self.is_known(year) {
            let moved = self.notice.iter().filter(|(date, _)| date.year() == year);
            return moved.map(|(date, (working, name))| Moved { date: *date, working: *working, name: name.clone() }).collect();
        }
        let mut days: BTreeMap<NaiveDate, &str> = BTreeMap::new();
        for ((month, day), name) in &self.yearly {
            if let Some(date) = NaiveDate::from_ymd_opt(year, *month, *day) {
                days.insert(date, name);
            }
        }
        let lunar = self.statutory.iter().filter(|(date, _)| date.year() == year);
        days.extend(lunar.map(|(date, name)| (*date, name.as_str())));
        days.into_iter().map(|(date, name)| Moved { date, working: false, name: name.to_owned() }).collect()
    }

    fn statutory_name(&self, date: NaiveDate) -> Option<&str> {
        let yearly = self.yearly.get(&(date.month(), date.day()));
        let name = self.statutory.get(&date).or(yearly)?;
        Some(name)
    }
}

fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1)
}

fn cells(row: &str) -> Option<[&str; 4]> {
    let cells: Vec<&str> = row.split('\t').take(4).collect();
    cells.try_into().ok()
}

fn refusal(file: &'static str, row: &str) -> CalendarError {
    CalendarError::Row { file, row: row.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn working(text: &str) -> bool {
        Calendar::load().unwrap().is_working_day(day(text)).working
    }

    #[test]
    fn a_made_up_saturday_is_a_working_day() {
        assert!(working("2026-02-14"));
        assert!(working("2026-10-10"));
        assert!(!working("2026-10-17"));
    }

    #[test]
    fn days_of_the_notice_are_off() {
        let calendar = Calendar::load().unwrap();
        let spring = calendar.is_working_day(day("2026-02-23"));
        assert_eq!(spring.reason, DayReason::Holiday("春节".to_owned()));
        assert!(spring.known && !spring.working);
    }

    #[test]
    fn a_report_is_due_fifteen_working_days_on() {
        let calendar = Calendar::load().unwrap();
        let due = calendar.add_working_days(day("2026-09-18"), 15).unwrap();
        assert_eq!((due.date, due.known), (day("2026-10-15"), true));
        let same = calendar.add_working_days(day("2026-09-19"), 0).unwrap();
        assert_eq!(same.date, day("2026-09-19"));
    }

    #[test]
    fn a_year_without_notice_counts_statutory_days_and_says_so() {
        let calendar = Calendar::load().unwrap();
        let labour = calendar.is_working_day(day("2027-05-03"));
        assert!(labour.working && !labour.known);
        assert!(!calendar.is_working_day(day("2027-05-01")).working);
        assert!(!calendar.is_working_day(day("2027-02-08")).working);
        assert!(!calendar.add_working_days(day("2026-12-25"), 10).unwrap().known);
        assert_eq!(calendar.holidays(2027).len(), 13);
        assert_eq!(calendar.holidays(2026).len(), 39);
    }

    #[test]
    fn counting_too_far_is_refused() {
        let calendar = Calendar::load().unwrap();
        let far = calendar.add_working_days(day("2026-01-01"), WORKING_DAYS_MAX + 1);
        assert_eq!(far, Err(CalendarError::TooFar(WORKING_DAYS_MAX + 1)));
    }
}
