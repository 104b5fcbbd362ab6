//! Since when is a source asked? Since the newest change that was seen, less an overlap, in the form in which the source
//! itself writes its times.

use chrono::{DateTime, NaiveDateTime, TimeDelta};

/// How far before the newest change a source is asked again, in minutes: its clocks and its writers are not in step.
pub const OVERLAP_MINUTES: i64 = 10;

/// The forms of local times that sources write.
const FORMS: &[&str] = &["%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S"];

/// Gives the instant that a source is asked since: the word of the source, less the overlap; a form that is not known is
/// given back as it is.
pub fn since(newest: &str) -> String {
    let newest = newest.trim();
    let overlap = TimeDelta::minutes(OVERLAP_MINUTES);
    if let Ok(at) = DateTime::parse_from_rfc3339(newest) {
        return (at - overlap).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    }
    for form in FORMS {
        if let Ok(at) = NaiveDateTime::parse_from_str(newest, form) {
            return (at - overlap).format(form).to_string();
        }
    }
    newest.to_owned()
}

/// Gives the later of two words for a time; those of one form are compared as instants, others as text.
pub fn newer(known: Option<String>, seen: &str) -> Option<String> {
    let seen = seen.trim();
    if seen.is_empty() {
        return known;
    }
    match known {
        Some(known) if key(&known) >= key(seen) => Some(known),
        _ => Some(seen.to_owned()),
    }
}

fn key(text: &str) -> (i64, &str) {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return (at.timestamp_micros(), "");
    }
    let local = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    local.map_or((i64::MIN, text), |at| (at.and_utc().timestamp_micros(), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overlap_is_taken_off_in_the_form_of_the_source() {
        assert_eq!(since("20261101000500"), "20261031235500");
        assert_eq!(since("2026-11-01T08:00:05+08:00"), "2026-11-01T07:50:05+08:00");
        assert_eq!(since("2026-11-01 00:05:00"), "2026-10-31 23:55:00");
        assert_eq!(since("token-17"), "token-17");
    }

    #[test]
    fn the_newest_is_the_latest_instant_and_not_the_largest_text() {
        let newest = newer(newer(None, "2026-11-01T08:00:00+08:00"), "2026-11-01T01:00:00Z");
        assert_eq!(newest.as_deref(), Some("2026-11-01T01:00:00Z"));
        assert_eq!(newer(Some("20261101080000".to_owned()), "20261101075959").as_deref(), Some("20261101080000"));
        assert_eq!(newer(None, " "), None);
    }
}
