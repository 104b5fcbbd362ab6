//! A fair as asked for (`FairBody`), as kept (`FairRow`) and as served (`FairView`), with what is filed for it.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, DayReason};
use crate::db::schema::fairs;
use crate::db::types::{FairId, SchoolId, Timestamp, VenueId};
use crate::error::{Error, Refusal, Result};
use crate::fairs::filing::Filing;
use crate::fairs::life::{FairStatus, Kind, REPORT_WORKING_DAYS};
use crate::lexicon::{Lexicon, located};

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 80;
/// The longest free text, in characters.
const TEXT_CHARS_MAX: usize = 5_000;
/// The most booths of a fair.
const BOOTHS_MAX: i32 = 2_000;
/// The most seats, or visitors, of a fair.
const VISITORS_MAX: i32 = 200_000;
/// The longest a fair may take, in seconds.
const LENGTH_S_MAX: i64 = 14 * 24 * 3600;

/// A fair as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FairBody {
    /// Which kind of event it is.
    pub kind: Kind,
    /// The title.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// The city, by code or name.
    pub city: String,
    /// The school where it is held.
    pub school: Option<SchoolId>,
    /// The venue.
    pub venue: Option<VenueId>,
    /// Who holds it.
    pub organiser: String,
    /// Whom to ask.
    pub contact: Option<String>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Until when employers and graduates may register; its beginning when nothing is said.
    pub registration_closes_at: Option<Timestamp>,
    /// How many booths it has.
    #[serde(default)]
    pub booths: i32,
    /// How many places graduates may reserve; without a limit when nothing is said.
    pub seats: Option<i32>,
    /// How many visitors are expected.
    pub expected_visitors: Option<i32>,
    /// Whether people from outside the school may come.
    #[serde(default)]
    pub open_to_public: bool,
    /// What is filed for it.
    #[serde(default)]
    pub filing: Filing,
}

impl FairBody {
    /// Checks what was asked for and reads the city; every refusal is named at once.
    pub fn parse(mut self, lexicon: &Lexicon, region: &str) -> Result<FairBody> {
        let mut refusals = Vec::new();
        self.title = self.title.trim().to_owned();
        self.organiser = self.organiser.trim().to_owned();
        for (pointer, text, zh) in [("/title", &self.title, "标题"), ("/organiser", &self.organiser, "举办单位")] {
            if text.is_empty() || text.chars().count() > TITLE_CHARS_MAX {
                let zh = format!("{zh}须为 1 至 80 个字");
                refusals.push(Refusal::new(pointer, "bad_value", zh, "not of 1 to 80 characters"));
            }
        }
        if self.description.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            let zh = "说明不得超过 5000 个字";
            refusals.push(Refusal::new("/description", "too_long", zh, "the description is longer than 5000 characters"));
        }
        match located(&lexicon.places, region, &self.city, None, "/city") {
            Ok((city, _)) => self.city = city,
            Err(refusal) => refusals.push(refusal),
        }
        let length = self.ends_at.seconds_since(self.starts_at);
        if !(1..=LENGTH_S_MAX).contains(&length) {
            let zh = "结束时间须晚于开始时间，且不超过 14 天";
            refusals.push(Refusal::new("/ends_at", "bad_times", zh, "the end is not within 14 days after the beginning"));
        }
        if self.registration_closes_at.is_some_and(|at| at > self.starts_at) {
            let zh = "报名截止时间不得晚于开始时间";
            refusals.push(Refusal::new("/registration_closes_at", "bad_times", zh, "registration closes after the beginning"));
        }
        let numbers = [
            ("/booths", Some(self.booths), BOOTHS_MAX),
            ("/seats", self.seats, VISITORS_MAX),
            ("/expected_visitors", self.expected_visitors, VISITORS_MAX),
        ];
        for (pointer, number, most) in numbers {
            if number.is_some_and(|number| !(0..=most).contains(&number)) {
                let zh = format!("须在 0 至 {most} 之间");
                refusals.push(Refusal::new(pointer, "out_of_range", zh, format!("not within 0 to {most}")));
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Makes the row of a draft.
    pub fn row(self, now: Timestamp) -> Result<FairRow> {
        Ok(FairRow {
            id: FairId::new(now),
            kind: self.kind,
            status: FairStatus::Draft,
            title: self.title,
            description: self.description,
            city: self.city,
            school_id: self.school,
            venue_id: self.venue,
            organiser: self.organiser,
            contact: self.contact,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            registration_closes_at: self.registration_closes_at,
            booths: self.booths,
            seats: self.seats,
            expected_visitors: self.expected_visitors,
            open_to_public: self.open_to_public,
            filing: serde_json::to_string(&self.filing)?,
            calendar_sequence: 0,
            published_at: None,
            cancelled_reason: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

/// A fair as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = fairs, treat_none_as_null = true, treat_none_as_default_value = false)]
#[expect(missing_docs, reason = "the columns are those of `FairBody`; the others say what they are")]
pub struct FairRow {
    pub id: FairId,
    pub kind: Kind,
    pub status: FairStatus,
    pub title: String,
    pub description: Option<String>,
    pub city: String,
    pub school_id: Option<SchoolId>,
    pub venue_id: Option<VenueId>,
    pub organiser: String,
    pub contact: Option<String>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub registration_closes_at: Option<Timestamp>,
    pub booths: i32,
    pub seats: Option<i32>,
    pub expected_visitors: Option<i32>,
    pub open_to_public: bool,
    pub filing: String,
    pub calendar_sequence: i32,
    pub published_at: Option<Timestamp>,
    pub cancelled_reason: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl FairRow {
    /// Reads what is filed.
    pub fn filing(&self) -> Result<Filing> {
        Ok(serde_json::from_str(&self.filing)?)
    }

    /// Words the row as its body, for a patch to be laid over.
    pub fn body(&self) -> Result<FairBody> {
        let row = self.clone();
        Ok(FairBody {
            filing: row.filing()?,
            kind: row.kind,
            title: row.title,
            description: row.description,
            city: row.city,
            school: row.school_id,
            venue: row.venue_id,
            organiser: row.organiser,
            contact: row.contact,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            registration_closes_at: row.registration_closes_at,
            booths: row.booths,
            seats: row.seats,
            expected_visitors: row.expected_visitors,
            open_to_public: row.open_to_public,
        })
    }

    /// Makes the next revision; what subscribers of the calendar see raises its sequence (RFC 5545, 3.8.7.4).
    pub fn changed(self, now: Timestamp, body: FairBody) -> Result<FairRow> {
        let before = self.filing()?.permit;
        let next = body.row(now)?;
        let filing = serde_json::to_string(&next.filing()?.with_terms(before.as_ref(), &next))?;
        let next = FairRow { filing, ..next };
        let seen = |row: &FairRow| (row.title.clone(), row.starts_at, row.ends_at, row.venue_id.clone(), row.description.clone());
        let sequence = self.calendar_sequence + i32::from(seen(&self) != seen(&next));
        Ok(FairRow {
            id: self.id,
            status: self.status,
            calendar_sequence: sequence,
            published_at: self.published_at,
            cancelled_reason: self.cancelled_reason,
            revision: self.revision + 1,
            created_at: self.created_at,
            ..next
        })
    }

    /// Tells whether somebody may still register.
    pub fn takes_registrations(&self, now: Timestamp) -> bool {
        self.status == FairStatus::Published && now < self.registration_closes_at.unwrap_or(self.starts_at)
    }
}

/// Something that does not stand in the way but should be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Warning {
    /// The machine-readable reason.
    pub code: &'static str,
    /// The reason in words.
    pub detail: String,
}

/// A fair as served.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FairView {
    /// Its id.
    pub id: FairId,
    /// Where it stands.
    pub status: FairStatus,
    /// What it is; what is filed only for its own people.
    #[serde(flatten)]
    pub fair: FairBody,
    /// What should be known of its days.
    pub warnings: Vec<Warning>,
    /// By when the report is due: 15 working days after its end; `null` where the calendar does not reach.
    pub report_due_on: Option<NaiveDate>,
    /// Why it was called off.
    pub cancelled_reason: Option<String>,
    /// When it was announced.
    pub published_at: Option<Timestamp>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl FairView {
    /// Makes the view; `own` shows what is filed.
    pub fn of(row: FairRow, calendar: &Calendar, own: bool) -> Result<FairView> {
        let mut fair = row.body()?;
        if !own {
            fair.filing = Filing::default();
        }
        let due = calendar.add_working_days(row.ends_at.day(), REPORT_WORKING_DAYS).ok();
        Ok(FairView {
            warnings: warnings(&row, calendar),
            report_due_on: due.map(|reached| reached.date),
            id: row.id,
            status: row.status,
            fair,
            cancelled_reason: row.cancelled_reason,
            published_at: row.published_at,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn warnings(row: &FairRow, calendar: &Calendar) -> Vec<Warning> {
    let days = row.starts_at.day().iter_days().take_while(|day| *day <= row.ends_at.day());
    let mut warnings = Vec::new();
    for day in days {
        let found = calendar.is_working_day(day);
        if let DayReason::Holiday(name) = found.reason {
            warnings.push(Warning { code: "holiday", detail: format!("{day} 为{name}假期") });
        } else if !found.known {
            warnings.push(Warning { code: "calendar_unknown", detail: format!("{day} 所在年份的放假安排尚未公布") });
        }
    }
    warnings
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Makes a fair of two hours that lacks a venue only.
    pub fn fair(starts_at: &str) -> FairRow {
        let starts_at = Timestamp::parse(starts_at).unwrap();
        let body = FairBody {
            kind: Kind::CampusFair,
            title: "虚构校园招聘会".to_owned(),
            description: None,
            city: "370300".to_owned(),
            school: None,
            venue: None,
            organiser: "虚构人社局".to_owned(),
            contact: Some("虚构联系人 13800000000".to_owned()),
            starts_at,
            ends_at: starts_at.plus_seconds(7200),
            registration_closes_at: None,
            booths: 10,
            seats: None,
            expected_visitors: Some(200),
            open_to_public: false,
            filing: Filing::default(),
        };
        body.row(starts_at).unwrap()
    }

    #[test]
    fn a_fair_on_a_holiday_is_warned_of_and_its_report_counts_working_days() {
        let calendar = Calendar::load().unwrap();
        let view = FairView::of(fair("2026-10-01T09:00:00+08:00"), &calendar, true).unwrap();
        assert_eq!(view.warnings.first().map(|w| w.code), Some("holiday"));
        let quiet = FairView::of(fair("2026-11-02T09:00:00+08:00"), &calendar, true).unwrap();
        assert_eq!((quiet.warnings.len(), quiet.report_due_on), (0, "2026-11-23".parse().ok()));
    }
}
