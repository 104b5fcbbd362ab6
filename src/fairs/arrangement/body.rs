//! How is a fair arranged, as its own people say it? Sessions, seats of schools, entrances, booths and the rules of booking.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::db::types::{SchoolId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::fairs::model::FairRow;
use crate::text_enum;

/// The longest name of a session or an entrance, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The most sessions of a fair.
const SESSIONS_MAX: usize = 20;
/// The most entrances of a fair.
const ENTRANCES_MAX: usize = 50;
/// The most schools with seats of their own.
const SCHOOLS_MAX: usize = 500;
/// The most seats.
const SEATS_MAX: i32 = 200_000;
/// The widest hall, in centimetres.
const HALL_CM_MAX: i32 = 100_000;
/// The longest deadline, in minutes: 60 days.
const MINUTES_MAX: i32 = 60 * 24 * 60;
/// The most booths of one employer in one session.
const BOOTHS_EACH_MAX: i32 = 10;
/// A day, in minutes.
const DAY_MINUTES: i32 = 24 * 60;

text_enum! {
    /// What an exhibitor shows before it gets a booth (人力资源市场暂行条例, article 26).
    Document {
        /// 招聘简章.
        RecruitmentBrief = "recruitment_brief",
        /// 营业执照.
        BusinessLicence = "business_licence",
        /// 经办人身份证明.
        AgentIdentity = "agent_identity",
        /// 委托证明.
        Authorisation = "authorisation",
    }
}

/// A part of the fair for which seats and booths are given on their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionBody {
    /// Its name.
    pub title: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How many places graduates may reserve; without a limit when nothing is said.
    pub seats: Option<i32>,
}

/// How many places the graduates of one school may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolSeats {
    /// The school.
    pub school: SchoolId,
    /// The session, from 1; each of them when nothing is said.
    pub session: Option<i32>,
    /// How many places.
    pub seats: i32,
}

/// A door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entrance {
    /// Its name.
    pub name: String,
    /// Where it is, from the left edge of the hall, in centimetres.
    #[serde(default)]
    pub x_cm: i32,
    /// Where it is, from the upper edge of the hall, in centimetres.
    #[serde(default)]
    pub y_cm: i32,
}

/// A booth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Booth {
    /// Its number, from 1.
    pub number: i32,
    /// Its left edge, in centimetres.
    pub x_cm: i32,
    /// Its upper edge, in centimetres.
    pub y_cm: i32,
    /// Its width, in centimetres.
    pub width_cm: i32,
    /// Its depth, in centimetres.
    pub depth_cm: i32,
}

/// How a fair is arranged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ArrangementBody {
    /// The sessions in their order; one as long as the fair when nothing is said.
    pub sessions: Vec<SessionBody>,
    /// Schools whose graduates have no more than so many places.
    pub school_seats: Vec<SchoolSeats>,
    /// The doors; any name will do at the check-in when nothing is said.
    pub entrances: Vec<Entrance>,
    /// Where the booths stand; in rows when nothing is said.
    pub booths: Vec<Booth>,
    /// How many booths an employer may have in a session; 1 when nothing is said.
    pub booths_per_employer: i32,
    /// How long a booth is held for an application, in minutes; a day when nothing is said.
    pub hold_minutes: i32,
    /// How long one who waited has to take the booth offered, in minutes; a day when nothing is said.
    pub answer_minutes: i32,
    /// Until how long before its session an employer may give a booth back, in minutes; a day when nothing is said.
    pub cancel_minutes: i32,
    /// What must have been shown and checked before a booth is held or given.
    pub documents: Vec<Document>,
    /// From how many no-shows within a year on an employer gets no booth; never when nothing is said.
    pub no_shows_max: Option<i32>,
}

impl Default for ArrangementBody {
    fn default() -> ArrangementBody {
        ArrangementBody {
            sessions: Vec::new(),
            school_seats: Vec::new(),
            entrances: Vec::new(),
            booths: Vec::new(),
            booths_per_employer: 1,
            hold_minutes: DAY_MINUTES,
            answer_minutes: DAY_MINUTES,
            cancel_minutes: DAY_MINUTES,
            documents: Vec::new(),
            no_shows_max: None,
        }
    }
}

impl ArrangementBody {
    /// Checks what was asked for against the fair; every refusal is named at once.
    pub fn parse(self, fair: &FairRow) -> Result<ArrangementBody> {
        let mut refusals = Vec::new();
        self.check_sessions(fair, &mut refusals);
        self.check_seats(&mut refusals);
        self.check_hall(fair, &mut refusals);
        let numbers = [
            ("/booths_per_employer", 1, self.booths_per_employer, BOOTHS_EACH_MAX),
            ("/hold_minutes", 1, self.hold_minutes, MINUTES_MAX),
            ("/answer_minutes", 1, self.answer_minutes, MINUTES_MAX),
            ("/cancel_minutes", 0, self.cancel_minutes, MINUTES_MAX),
            ("/no_shows_max", 1, self.no_shows_max.unwrap_or(1), SEATS_MAX),
        ];
        for (pointer, least, number, most) in numbers {
            if !(least..=most).contains(&number) {
                refusals.push(out_of_range(pointer, least, most));
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }

    fn check_sessions(&self, fair: &FairRow, refusals: &mut Vec<Refusal>) {
        if self.sessions.len() > SESSIONS_MAX {
            refusals.push(Refusal::new("/sessions", "too_many", "场次不得超过 20 个", "more than 20 sessions"));
        }
        let mut from = fair.starts_at;
        for (at, session) in self.sessions.iter().enumerate() {
            if session.starts_at < from || session.ends_at <= session.starts_at || session.ends_at > fair.ends_at {
                let zh = "各场次须依次排列、互不重叠，且在招聘会时间之内";
                let en = "the sessions are not one after the other within the hours of the fair";
                refusals.push(Refusal::new(format!("/sessions/{at}"), "bad_times", zh, en));
            }
            if bad_name(&session.title) {
                refusals.push(unnamed(&format!("/sessions/{at}/title")));
            }
            if session.seats.is_some_and(|seats| !(0..=SEATS_MAX).contains(&seats)) {
                refusals.push(out_of_range(&format!("/sessions/{at}/seats"), 0, SEATS_MAX));
            }
            from = session.ends_at;
        }
    }

    fn check_seats(&self, refusals: &mut Vec<Refusal>) {
        if self.school_seats.len() > SCHOOLS_MAX {
            refusals.push(Refusal::new("/school_seats", "too_many", "学校名额不得超过 500 项", "more than 500 schools"));
        }
        let sessions = i32::try_from(self.sessions.len().max(1)).unwrap_or(1);
        for (at, own) in self.school_seats.iter().enumerate() {
            if !(0..=SEATS_MAX).contains(&own.seats) {
                refusals.push(out_of_range(&format!("/school_seats/{at}/seats"), 0, SEATS_MAX));
            }
            if own.session.is_some_and(|session| !(1..=sessions).contains(&session)) {
                refusals.push(out_of_range(&format!("/school_seats/{at}/session"), 1, sessions));
            }
        }
    }

    fn check_hall(&self, fair: &FairRow, refusals: &mut Vec<Refusal>) {
        let inside = |cm: i32| (0..=HALL_CM_MAX).contains(&cm);
        let names: BTreeSet<&str> = self.entrances.iter().map(|door| door.name.as_str()).collect();
        if names.len() != self.entrances.len() || names.len() > ENTRANCES_MAX {
            let zh = "入口名称不得重复，且不超过 50 个";
            refusals.push(Refusal::new("/entrances", "bad_names", zh, "two doors of one name, or more than 50"));
        }
        for (at, door) in self.entrances.iter().enumerate() {
            if bad_name(&door.name) || !inside(door.x_cm) || !inside(door.y_cm) {
                refusals.push(unnamed(&format!("/entrances/{at}")));
            }
        }
        let numbers: BTreeSet<i32> = self.booths.iter().map(|booth| booth.number).collect();
        if numbers.len() != self.booths.len() || numbers.iter().any(|number| !(1..=fair.booths).contains(number)) {
            let zh = format!("展位编号须在 1 至 {} 之间且不重复", fair.booths);
            refusals.push(Refusal::new(
                "/booths",
                "bad_numbers",
                zh,
                format!("not numbers from 1 to {}, each once", fair.booths),
            ));
        }
        for (at, booth) in self.booths.iter().enumerate() {
            let sides = [booth.width_cm, booth.depth_cm].iter().all(|cm| inside(*cm) && *cm > 0);
            if !sides || !inside(booth.x_cm) || !inside(booth.y_cm) {
                refusals.push(out_of_range(&format!("/booths/{at}"), 0, HALL_CM_MAX));
            }
            if self.booths.iter().take(at).any(|other| overlap(booth, other)) {
                let zh = "展位相互重叠";
                refusals.push(Refusal::new(format!("/booths/{at}"), "overlap", zh, "the booth stands on another one"));
            }
        }
    }
}

/// Tells whether two booths stand on one another.
fn overlap(one: &Booth, other: &Booth) -> bool {
    let cross = |a: i32, a_long: i32, b: i32, b_long: i32| a < b.saturating_add(b_long) && b < a.saturating_add(a_long);
    cross(one.x_cm, one.width_cm, other.x_cm, other.width_cm) && cross(one.y_cm, one.depth_cm, other.y_cm, other.depth_cm)
}

fn bad_name(name: &str) -> bool {
    name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX
}

fn unnamed(pointer: &str) -> Refusal {
    Refusal::new(pointer, "bad_name", "名称须为 1 至 40 个字，位置须在场馆内", "not a name of 1 to 40 characters within the hall")
}

fn out_of_range(pointer: &str, least: i32, most: i32) -> Refusal {
    let zh = format!("须在 {least} 至 {most} 之间");
    Refusal::new(pointer, "out_of_range", zh, format!("not within {least} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairs::model::tests::fair;

    fn codes(body: ArrangementBody) -> Vec<&'static str> {
        match body.parse(&fair("2027-03-20T09:00:00+08:00")) {
            Ok(_) => Vec::new(),
            Err(Error::Invalid(refusals)) => refusals.into_iter().map(|refusal| refusal.code).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn sessions_follow_one_another_within_the_fair() {
        let at = |from: &str, to: &str| SessionBody {
            title: "场次".to_owned(),
            starts_at: Timestamp::parse(&format!("2027-03-20T{from}:00+08:00")).unwrap(),
            ends_at: Timestamp::parse(&format!("2027-03-20T{to}:00+08:00")).unwrap(),
            seats: Some(10),
        };
        let with = |sessions| ArrangementBody { sessions, ..ArrangementBody::default() };
        assert!(codes(with(vec![at("09:00", "10:00"), at("10:00", "11:00")])).is_empty());
        assert_eq!(codes(with(vec![at("09:00", "10:30"), at("10:00", "11:00")])), ["bad_times"]);
        assert_eq!(codes(with(vec![at("08:00", "10:00")])), ["bad_times"]);
        assert_eq!(codes(with(vec![at("10:00", "12:00")])), ["bad_times"]);
    }

    #[test]
    fn booths_have_numbers_of_their_own_and_stand_beside_one_another() {
        let at = |number, x_cm| Booth { number, x_cm, y_cm: 0, width_cm: 300, depth_cm: 300 };
        let with = |booths| ArrangementBody { booths, ..ArrangementBody::default() };
        assert!(codes(with(vec![at(1, 0), at(2, 300)])).is_empty());
        assert_eq!(codes(with(vec![at(1, 0), at(2, 299)])), ["overlap"]);
        assert_eq!(codes(with(vec![at(1, 0), at(1, 300)])), ["bad_numbers"]);
        assert_eq!(codes(with(vec![at(11, 0)])), ["bad_numbers"]);
    }
}
