//! How does a fair look in a calendar? RFC 5545 text: one `VTIMEZONE`, an `UID` that never changes, a `SEQUENCE` that
//! rises with every change, folded lines of at most 75 octets. The crates at hand cannot say `VTIMEZONE`.

use actix_web::HttpResponse;

use crate::db::types::Timestamp;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;

/// The longest line, in octets without its end (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;
/// The one zone: eight hours ahead of UTC, without daylight saving since 1991-09-15.
const ZONE: &[&str] = &[
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19910915T010000",
    "TZOFFSETFROM:+0900",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// What a calendar is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To be seen.
    Publish,
    /// To be taken back.
    Cancel,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It takes place.
    Confirmed,
    /// It may come to that.
    Tentative,
    /// It does not.
    Cancelled,
}

/// Something that takes place at a time.
#[derive(Debug, Clone)]
pub struct Event {
    /// What never changes.
    pub uid: String,
    /// How often it was changed so that a subscriber would see it.
    pub sequence: i64,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// What it is called.
    pub summary: String,
    /// Who holds it.
    pub organiser: Option<String>,
    /// How sure it is.
    pub certainty: Certainty,
    /// What kind it is.
    pub category: String,
    /// Where more is said, from the root of the service.
    pub path: String,
    /// Where it is.
    pub place: Option<String>,
    /// What else there is to say.
    pub words: Vec<String>,
}

impl Event {
    /// Words a fair.
    pub fn of_fair(fair: FairRow, place: Option<String>) -> Event {
        let cancelled = fair.status == FairStatus::Cancelled;
        let words = [fair.description, fair.cancelled_reason.map(|reason| format!("已取消：{reason}"))];
        Event {
            uid: format!("fair-{}@jiangxin", fair.id),
            sequence: i64::from(fair.calendar_sequence),
            changed_at: fair.updated_at,
            starts_at: fair.starts_at,
            ends_at: fair.ends_at,
            summary: fair.title,
            organiser: Some(fair.organiser),
            certainty: if cancelled { Certainty::Cancelled } else { Certainty::Confirmed },
            category: fair.kind.as_str().to_owned(),
            path: format!("/v1/fairs/{}", fair.id),
            place,
            words: words.into_iter().flatten().collect(),
        }
    }
}

impl Event {
    /// Takes the event back; a subscriber sees it as changed.
    pub fn cancelled(self) -> Event {
        Event { certainty: Certainty::Cancelled, sequence: self.sequence + 1, ..self }
    }
}

/// Writes a calendar of events.
pub fn calendar(name: &str, events: &[Event], method: Method, public_url: &str) -> String {
    let mut lines: Vec<String> =
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//jiangxin//jiangxin//ZH", "CALSCALE:GREGORIAN"].map(str::to_owned).to_vec();
    lines.push(format!("METHOD:{}", if method == Method::Cancel { "CANCEL" } else { "PUBLISH" }));
    lines.push(format!("X-WR-CALNAME:{}", escaped(name)));
    lines.extend(ZONE.iter().map(|line| (*line).to_owned()));
    events.iter().for_each(|event| lines.extend(event_lines(event, public_url)));
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line) + "\r\n").collect()
}

fn event_lines(event: &Event, public_url: &str) -> Vec<String> {
    let status = match event.certainty {
        Certainty::Confirmed => "CONFIRMED",
        Certainty::Tentative => "TENTATIVE",
        Certainty::Cancelled => "CANCELLED",
    };
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", event.uid),
        format!("DTSTAMP:{}", event.changed_at.utc().format("%Y%m%dT%H%M%SZ")),
        format!("LAST-MODIFIED:{}", event.changed_at.utc().format("%Y%m%dT%H%M%SZ")),
        format!("SEQUENCE:{}", event.sequence),
        format!("DTSTART;TZID=Asia/Shanghai:{}", local(event.starts_at)),
        format!("DTEND;TZID=Asia/Shanghai:{}", local(event.ends_at)),
        format!("SUMMARY:{}", escaped(&event.summary)),
        format!("STATUS:{status}"),
        format!("CATEGORIES:{}", event.category),
        format!("URL:{public_url}{}", event.path),
    ];
    if let Some(organiser) = &event.organiser {
        lines.push(format!("ORGANIZER;CN=\"{}\":{public_url}", quoted(organiser)));
    }
    if let Some(place) = &event.place {
        lines.push(format!("LOCATION:{}", escaped(place)));
    }
    if !event.words.is_empty() {
        lines.push(format!("DESCRIPTION:{}", escaped(&event.words.join("\n"))));
    }
    lines.push("END:VEVENT".to_owned());
    lines
}

/// Answers with a calendar.
pub fn answer(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/calendar; charset=utf-8").body(text)
}

fn local(at: Timestamp) -> String {
    (at.utc() + chrono::TimeDelta::hours(8)).format("%Y%m%dT%H%M%S").to_string()
}

/// Writes a text between double quotes, where none may stand (RFC 6868).
fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().replace('^', "^^").replace('"', "^'")
}

/// Escapes a text value (RFC 5545, 3.3.11); other control characters are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Folds a line after at most 75 octets, never inside a character.
fn folded(line: &str) -> String {
    let (mut out, mut octets) = (String::with_capacity(line.len() + 8), 0);
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS_MAX {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_folded_line_unfolds_to_itself_and_is_never_too_long(text in "[\\PC]{0,400}") {
            let folded = folded(&text);
            proptest::prop_assert_eq!(folded.replace("\r\n ", ""), text);
            proptest::prop_assert!(folded.split("\r\n").all(|line| line.len() <= LINE_OCTETS_MAX));
        }
    }

    #[test]
    fn a_name_between_quotes_has_none_of_its_own() {
        assert_eq!(quoted("虚构\"甲\"局^\n"), "虚构^'甲^'局^^");
    }

    #[test]
    fn a_text_with_signs_of_its_own_is_escaped() {
        assert_eq!(escaped("一,二;三\\四\r\n五\u{7}"), "一\\,二\\;三\\\\四\\n五");
    }
}
