//! When is a source asked next? A cron expression of five fields (POSIX), read in the time of Shanghai.

use chrono::FixedOffset;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::db::types::Timestamp;

/// The offset of `Asia/Shanghai`, in seconds.
const SHANGHAI_OFFSET_S: i32 = 8 * 3600;

/// When a source is asked.
#[derive(Debug, Clone)]
pub struct Schedule(Cron);

impl Schedule {
    /// Reads a cron expression of five fields, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        parser.parse(text).map(Schedule).map_err(|cause| cause.to_string())
    }

    /// Gives the first time after an instant; none when there is none in sight.
    pub fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let zone = FixedOffset::east_opt(SHANGHAI_OFFSET_S)?;
        let next = self.0.find_next_occurrence(&at.utc().with_timezone(&zone), false).ok()?;
        Some(Timestamp::from_utc(next.to_utc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(pattern: &str, at: &str) -> String {
        Schedule::parse(pattern).unwrap().after(Timestamp::parse(at).unwrap()).unwrap().to_string()
    }

    #[test]
    fn the_clock_is_that_of_shanghai_and_monday_is_one() {
        assert_eq!(next("30 2 * * *", "2026-11-25T02:30:00+08:00"), "2026-11-26T02:30:00+08:00");
        assert_eq!(next("*/15 * * * *", "2026-11-25T10:01:00Z"), "2026-11-25T18:15:00+08:00");
        assert_eq!(next("0 9 * * 1", "2026-11-25T00:00:00+08:00"), "2026-11-30T09:00:00+08:00");
    }

    #[test]
    fn what_is_no_expression_of_five_fields_is_refused() {
        for wrong in ["", "every day", "61 * * * *", "* * * *", "*/5 * * * * *"] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_that_never_comes_has_no_next_time() {
        assert!(Schedule::parse("0 0 30 2 *").unwrap().after(Timestamp::parse("2026-11-25T00:00:00Z").unwrap()).is_none());
    }
}
