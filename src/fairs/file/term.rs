//! By when is a duty due, and how many working days are left? Counted in calendar days or in working days, with the holidays
//! that are known.

use chrono::{Days, NaiveDate};

use crate::calendar::Calendar;
use crate::error::{Error, Result};
use crate::fairs::file::table::{DueFrom, DueUnit, DutyRow};

/// Counts the last day of a term from the day it begins at, and says whether the holidays on the way are known.
pub fn due(from: NaiveDate, row: &DutyRow, calendar: &Calendar) -> Result<(Option<NaiveDate>, bool)> {
    let (Some(count), Some(unit)) = (row.due_count, row.due_unit) else { return Ok((None, true)) };
    let days = count.unsigned_abs();
    match unit {
        DueUnit::CalendarDays if count < 0 => Ok((from.checked_sub_days(Days::new(u64::from(days))), true)),
        DueUnit::CalendarDays => Ok((from.checked_add_days(Days::new(u64::from(days))), true)),
        DueUnit::WorkingDays => {
            let reached = calendar.add_working_days(from, days).map_err(Error::internal)?;
            Ok((Some(reached.date), reached.known))
        }
    }
}

/// Words how the last day is counted.
pub fn rule(row: &DutyRow) -> Option<String> {
    let (from, count, unit) = (row.due_from?, row.due_count?, row.due_unit?);
    let from = match from {
        DueFrom::Start => "举办日",
        DueFrom::End => "结束日",
        DueFrom::OriginalStart => "原定举办日",
        DueFrom::Hire => "录用日",
    };
    let unit = if unit == DueUnit::WorkingDays { "个工作日" } else { "日" };
    Some(match count {
        0 => format!("不迟于{from}"),
        _ if count < 0 => format!("{from}的 {} {unit}前", -count),
        _ => format!("{from}后 {count} {unit}内"),
    })
}

/// Counts the working days after `today` up to `due`; negative, and back from `today`, when it is over.
pub fn working_days_left(calendar: &Calendar, today: NaiveDate, due: NaiveDate) -> i64 {
    let count = |from: NaiveDate, to: NaiveDate| {
        let passed = from.iter_days().skip(1).take_while(|day| *day <= to);
        i64::try_from(passed.filter(|day| calendar.is_working_day(*day).working).count()).unwrap_or(i64::MAX)
    };
    match due >= today {
        true => count(today, due),
        false => -count(due, today),
    }
}

/// Gives the first working day on or after a day, as far as the holidays are known.
pub fn next_working_day(day: NaiveDate) -> Result<NaiveDate> {
    let calendar = Calendar::load().map_err(Error::internal)?;
    let found = day.iter_days().find(|day| calendar.is_working_day(*day).working);
    found.ok_or_else(|| Error::internal("no working day is left"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_working_day_is_behind_the_weekend_and_the_holidays() {
        assert_eq!(next_working_day(day("2027-01-24")).unwrap(), day("2027-01-25"));
        assert_eq!(next_working_day(day("2026-10-01")).unwrap(), day("2026-10-08"));
        assert_eq!(next_working_day(day("2026-10-10")).unwrap(), day("2026-10-10"));
    }

    proptest::proptest! {
        #[test]
        fn working_days_left_is_what_adding_them_reaches(offset in 0u64..600, days in 0u32..40) {
            let calendar = Calendar::load().unwrap();
            let today = day("2025-02-01") + Days::new(offset);
            let due = calendar.add_working_days(today, days).unwrap().date;
            proptest::prop_assert_eq!(working_days_left(&calendar, today, due), i64::from(days));
        }
    }
}
