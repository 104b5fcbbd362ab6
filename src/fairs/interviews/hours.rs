//! Which timetable problem follows from wishes, hours and absences? From rows to `Interviews`, and from slots to clock times.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::db::types::{EmployerId, GraduateId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::fairs::interviews::wishes::WishRow;
use crate::fairs::timetable::{Clock, Employer, Graduate, Interviews, SLOTS_MAX, Slots, Times, Wish, first_slots, overlap};

/// The longest interview or walk, in minutes.
const MINUTES_MAX: i64 = 240;
/// How many interviewers an employer brings at most.
const INTERVIEWERS_MAX: usize = 20;
/// How many interviews a graduate has at most.
const INTERVIEWS_MAX: usize = 20;
/// How many breaks and absences are named at most.
const SPANS_MAX: usize = 2_000;
/// Minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// A span in which somebody is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The graduate who is away.
    pub graduate: Option<GraduateId>,
    /// The employer that is away.
    pub employer: Option<EmployerId>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// How many interviews an employer holds at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Desks {
    /// The employer.
    pub employer: EmployerId,
    /// How many interviewers it brings.
    pub interviewers: usize,
}

/// How a timetable shall be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimetableBody {
    /// How long an interview takes, in minutes; 15 when nothing is said.
    #[serde(default = "quarter")]
    pub interview_minutes: i64,
    /// How long it takes to walk to the next desk, in minutes; 5 when nothing is said.
    #[serde(default = "five")]
    pub walk_minutes: i64,
    /// When nobody is interviewed.
    #[serde(default)]
    pub breaks: Vec<Span>,
    /// Who is away, and when.
    #[serde(default)]
    pub absences: Vec<Absence>,
    /// Employers that bring more than one interviewer.
    #[serde(default)]
    pub desks: Vec<Desks>,
    /// How many interviews a graduate has at most; 6 when nothing is said.
    #[serde(default = "six")]
    pub interviews_per_graduate: usize,
    /// The seed: the same seed gives the same timetable; 1 when nothing is said.
    #[serde(default = "first_seed")]
    pub seed: u64,
}

fn quarter() -> i64 {
    15
}

fn five() -> i64 {
    5
}

fn six() -> usize {
    6
}

fn first_seed() -> u64 {
    1
}

impl Default for TimetableBody {
    fn default() -> TimetableBody {
        TimetableBody {
            interview_minutes: quarter(),
            walk_minutes: five(),
            breaks: Vec::new(),
            absences: Vec::new(),
            desks: Vec::new(),
            interviews_per_graduate: six(),
            seed: first_seed(),
        }
    }
}

impl TimetableBody {
    /// Checks what was asked for; every refusal is named at once.
    pub fn parse(self) -> Result<TimetableBody> {
        let sound = [
            ("/interview_minutes", (1..=MINUTES_MAX).contains(&self.interview_minutes)),
            ("/walk_minutes", (0..=MINUTES_MAX).contains(&self.walk_minutes)),
            ("/breaks", self.breaks.len() <= SPANS_MAX && self.breaks.iter().all(|span| span.from < span.to)),
            ("/absences", self.absences.len() <= SPANS_MAX && self.absences.iter().all(|away| away.from < away.to)),
            ("/desks", self.desks.iter().all(|desks| (1..=INTERVIEWERS_MAX).contains(&desks.interviewers))),
            ("/interviews_per_graduate", (1..=INTERVIEWS_MAX).contains(&self.interviews_per_graduate)),
        ];
        let refusals = sound.into_iter().filter(|(_, sound)| !sound);
        let refusals: Vec<Refusal> =
            refusals.map(|(pointer, _)| Refusal::new(pointer, "out_of_range", "数值超出范围", "out of range")).collect();
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }
}

/// A timetable problem, and what its parties and slots stand for.
pub struct Posed {
    /// The problem.
    pub world: Interviews,
    /// The clock times of the slots.
    pub times: Vec<Span>,
}

/// When somebody has an interview at another fair.
pub type Elsewhere<P> = Vec<(P, Span)>;

/// Poses the problem of one fair.
pub fn pose(
    hours: Span,
    asked: &TimetableBody,
    wishes: &[WishRow],
    graduates_away: &Elsewhere<GraduateId>,
    employers_away: &Elsewhere<EmployerId>,
) -> Posed {
    let times = times(hours, asked);
    let closed = |spans: &mut dyn Iterator<Item = Span>| -> Slots {
        let mut open = first_slots(times.len());
        for span in spans {
            for (slot, time) in times.iter().enumerate() {
                if overlap((span.from.millis(), span.to.millis()), (time.from.millis(), time.to.millis())) {
                    open &= !(1 << slot);
                }
            }
        }
        open
    };
    let mut graduates: BTreeMap<&GraduateId, usize> = wishes.iter().map(|wish| (&wish.graduate_id, 0)).collect();
    let mut employers: BTreeMap<&EmployerId, usize> = wishes.iter().map(|wish| (&wish.employer_id, 0)).collect();
    graduates.values_mut().enumerate().for_each(|(at, place)| *place = at);
    employers.values_mut().enumerate().for_each(|(at, place)| *place = at);
    let graduate = |id: &&GraduateId| {
        let away = asked.absences.iter().filter(|away| away.graduate.as_ref() == Some(*id));
        let away = away.map(|away| Span { from: away.from, to: away.to });
        let elsewhere = graduates_away.iter().filter(|(who, _)| who == *id).map(|(_, span)| *span);
        Graduate { open: closed(&mut away.chain(elsewhere)), most: asked.interviews_per_graduate }
    };
    let employer = |id: &&EmployerId| {
        let away = asked.absences.iter().filter(|away| away.employer.as_ref() == Some(*id));
        let away = away.map(|away| Span { from: away.from, to: away.to });
        let elsewhere = employers_away.iter().filter(|(who, _)| who == *id).map(|(_, span)| *span);
        let desks = asked.desks.iter().find(|desks| desks.employer == **id);
        Employer { open: closed(&mut away.chain(elsewhere)), interviewers: desks.map_or(1, |desks| desks.interviewers) }
    };
    let weight = |wish: &WishRow| i64::from(wish.graduate_weight.unwrap_or(0) + wish.employer_weight.unwrap_or(0)).max(1);
    let wish = |wish: &WishRow| Wish {
        graduate: graduates.get(&wish.graduate_id).copied().unwrap_or_default(),
        employer: employers.get(&wish.employer_id).copied().unwrap_or_default(),
        weight: weight(wish),
    };
    let world = Interviews {
        slots: times.len(),
        graduates: graduates.keys().map(graduate).collect(),
        employers: employers.keys().map(employer).collect(),
        wishes: wishes.iter().map(wish).collect(),
    };
    Posed { world, times }
}

/// Gives the clock times of the slots; a fair of several days rests at night.
fn times(hours: Span, asked: &TimetableBody) -> Vec<Span> {
    let minutes = |at: Timestamp| at.seconds_since(hours.from).div_euclid(60);
    let closes = minutes(hours.to);
    let mut breaks: Vec<Times> = asked.breaks.iter().map(|span| (minutes(span.from), minutes(span.to))).collect();
    let nights = (hours.to.day() - hours.from.day()).num_days();
    let daily = closes - nights * DAY_MINUTES;
    for night in 0..nights {
        breaks.push((night * DAY_MINUTES + daily.max(1), (night + 1) * DAY_MINUTES));
    }
    let clock = Clock { opens: 0, closes, interview: asked.interview_minutes, walk: asked.walk_minutes, breaks };
    let at = |minutes: i64| hours.from.plus_seconds(minutes * 60);
    clock.slots(SLOTS_MAX).into_iter().map(|(from, to)| Span { from: at(from), to: at(to) }).collect()
}
