//! What does a plan answer? The schedule, what has no day and why, the employers' circuits, and the proof.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::db::types::{EmployerId, FairRequestId, SchoolId, VenueId};
use crate::error::{Error, Result};
use crate::fairs::life::Kind;
use crate::fairs::plan::{Binding, Choice, Circuits, Effort, Employer, Fair, Solved, Stop, explain, repair as mend, solve};
use crate::fairs::planning::ground::Guest;
use crate::fairs::planning::pose::{Ground, Posed, Rules, Who, pose};
use crate::lexicon::Lexicon;
use crate::lexicon::place::AreaCode;

/// How far an employer drives, in kilometres.
const RADIUS_KM: i64 = 300;
/// To how many fairs an employer goes at most.
const STOPS_MAX: usize = 6;
/// From how many vacancies on an employer takes two booths.
const MANY_VACANCIES: i64 = 20;
/// What a near fair on the next day is worth.
const LEG_BONUS: i64 = 25;
/// How near it has to be, in kilometres.
const NEAR_KM: i64 = 150;
/// How far the next day's fair may be at most, in kilometres.
const FAR_KM: i64 = 400;

/// An event with its day and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Scheduled {
    /// The wish; `null` for the visit that every city must have.
    pub request: Option<FairRequestId>,
    /// Which kind of event it is.
    pub kind: Kind,
    /// The title.
    pub title: String,
    /// The city.
    pub city: String,
    /// The school.
    pub school: Option<SchoolId>,
    /// The day.
    pub day: NaiveDate,
    /// The venue.
    pub venue: Option<VenueId>,
    /// Its name.
    pub venue_name: Option<String>,
    /// How far it is from what was wished; 0 is what was wished.
    pub cost: i64,
    /// Whether a person decided it.
    pub fixed: bool,
}

/// A place in the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Spot {
    /// The day.
    pub day: NaiveDate,
    /// The venue.
    pub venue: Option<VenueId>,
}

/// An event without a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Unplaced {
    /// The wish; `null` for the visit that every city must have.
    pub request: Option<FairRequestId>,
    /// The city.
    pub city: String,
    /// What stands in its way on most of its days: `no_open_day`, `spacing`, `school_gap`, `teams` or `too_dear`.
    pub reason: String,
    /// The reason in words.
    pub detail: String,
    /// On how many of its days that is so.
    pub days: usize,
    /// The wishes that stand on its best day.
    pub in_the_way: Vec<FairRequestId>,
    /// The nearest place beyond the wished weeks at which it could be held.
    pub alternative: Option<Spot>,
}

/// The fairs to which an employer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Circuit {
    /// The employer.
    pub employer: EmployerId,
    /// The wishes whose fairs it visits, by day.
    pub requests: Vec<FairRequestId>,
}

/// The employers' circuits and their proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CircuitsAnswer {
    /// The circuits.
    pub items: Vec<Circuit>,
    /// What they are worth.
    pub objective: i64,
    /// What any circuits are worth at most.
    pub bound: i64,
    /// How far they may be from the best, 0 to 1.
    pub gap: f64,
}

/// An event that a repair moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MovedEvent {
    /// The wish; `null` for the visit that every city must have.
    pub request: Option<FairRequestId>,
    /// The city.
    pub city: String,
    /// Where it was.
    pub from: Spot,
    /// Where it is now; `null` when no place was left.
    pub to: Option<Spot>,
}

/// The answer of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanAnswer {
    /// Events with their days.
    pub schedule: Vec<Scheduled>,
    /// Events without a day.
    pub unplaced: Vec<Unplaced>,
    /// Who goes where.
    pub circuits: Option<CircuitsAnswer>,
    /// What the last repair moved.
    pub moved: Vec<MovedEvent>,
    /// Whether it is proven that no repair moves fewer.
    pub fewest_moved: bool,
    /// What the plan costs.
    pub objective: i64,
    /// What any plan costs at least.
    pub bound: i64,
    /// (objective − bound) / objective, 0 to 1.
    pub gap: f64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// What is planned on: what is known, the rules, and how much work is put in.
pub struct Work {
    /// What is known.
    pub ground: Ground,
    /// Who could come.
    pub guests: Vec<Guest>,
    /// The rules.
    pub rules: Rules,
    /// How much work.
    pub effort: Effort,
}

impl Work {
    /// Plans, or repairs what stood before.
    pub fn plan(&self, calendar: &Calendar, lexicon: &Lexicon, before: Option<&[Scheduled]>) -> Result<PlanAnswer> {
        let begun = Instant::now();
        let zh = "排期条件自相矛盾";
        let posed = pose(&self.ground, &self.rules, calendar);
        let posed = posed.ok_or_else(|| Error::invalid("", "bad_plan", zh, "the rules of the plan contradict each other"))?;
        let (solved, moved, fewest_moved) = match before {
            None => (solve(&posed.problem, None, self.effort), Vec::new(), true),
            Some(before) => {
                let stood: Vec<Option<Choice>> = posed.who.iter().map(|who| self.stood(*who, before)).collect();
                let repaired = mend(&posed.problem, &stood, self.effort);
                let moved = repaired.moved.iter().filter_map(|moved| {
                    let who = posed.who.get(moved.event)?;
                    let to = moved.to.map(|to| self.spot(&posed, &to));
                    Some(MovedEvent {
                        request: self.request(*who),
                        city: self.city(*who),
                        from: self.spot(&posed, &moved.from),
                        to,
                    })
                });
                (repaired.solved, moved.collect(), repaired.fewest)
            }
        };
        let schedule = self.schedule(&posed, &solved);
        Ok(PlanAnswer {
            unplaced: self.unplaced(&posed, &solved),
            circuits: self.circuits(&schedule, lexicon),
            schedule,
            moved,
            fewest_moved,
            objective: solved.objective,
            bound: solved.bound,
            gap: solved.gap,
            took_ms: u64::try_from(begun.elapsed().as_millis())?,
        })
    }

    fn stood(&self, who: Who, before: &[Scheduled]) -> Option<Choice> {
        let (request, city) = (self.request(who), self.city(who));
        if matches!(who, Who::Held(_)) {
            return None;
        }
        let old = before.iter().find(|old| old.request == request && old.city == city)?;
        let venue = self.ground.venues.iter().position(|venue| Some(&venue.id) == old.venue.as_ref());
        let day = usize::try_from((old.day - self.rules.first).num_days()).ok()?;
        Some(Choice { day, venue: venue.unwrap_or(usize::MAX), cost: 0 })
    }

    fn request(&self, who: Who) -> Option<FairRequestId> {
        match who {
            Who::Request(at) => self.ground.requests.get(at).map(|request| request.id.clone()),
            _ => None,
        }
    }

    fn city(&self, who: Who) -> String {
        let city = match who {
            Who::Request(at) => self.ground.requests.get(at).map(|request| &request.city),
            Who::Duty(at) => self.ground.duty.get(at),
            Who::Held(at) => self.ground.held.get(at).map(|held| &held.city),
        };
        city.cloned().unwrap_or_default()
    }

    fn spot(&self, posed: &Posed, choice: &Choice) -> Spot {
        let venue = self.ground.venues.get(choice.venue).map(|venue| venue.id.clone());
        Spot { day: posed.date(choice), venue }
    }

    fn schedule(&self, posed: &Posed, solved: &Solved) -> Vec<Scheduled> {
        let mut schedule = Vec::new();
        for ((who, event), place) in posed.who.iter().zip(&posed.problem.events).zip(&solved.plan) {
            let Some(choice) = place.and_then(|place| event.choices.get(place)) else { continue };
            let (kind, title, school) = match who {
                Who::Held(_) => continue,
                Who::Duty(_) => (Kind::PolicyOutreach, "“政策速递”进校园".to_owned(), None),
                Who::Request(at) => match self.ground.requests.get(*at) {
                    Some(request) => (request.kind, request.title.clone(), request.school_id.clone()),
                    None => continue,
                },
            };
            let Spot { day, venue } = self.spot(posed, choice);
            schedule.push(Scheduled {
                request: self.request(*who),
                kind,
                title,
                city: self.city(*who),
                school,
                day,
                venue,
                venue_name: self.ground.venues.get(choice.venue).map(|venue| venue.name.clone()),
                cost: choice.cost,
                fixed: event.fixed.is_some(),
            });
        }
        schedule.sort_by(|one, other| (one.day, &one.city, &one.request).cmp(&(other.day, &other.city, &other.request)));
        schedule
    }

    fn unplaced(&self, posed: &Posed, solved: &Solved) -> Vec<Unplaced> {
        let mut unplaced = Vec::new();
        for (at, (who, beyond)) in posed.who.iter().zip(&posed.beyond).enumerate() {
            if solved.plan.get(at).copied().flatten().is_some() {
                continue;
            }
            let Some(why) = explain(&posed.problem, &solved.plan, at, beyond) else { continue };
            let (reason, zh) = words(why.binding);
            let in_the_way = why.in_the_way.iter().filter_map(|at| self.request(*posed.who.get(*at)?));
            unplaced.push(Unplaced {
                request: self.request(*who),
                city: self.city(*who),
                reason: reason.to_owned(),
                detail: format!("{zh}（{} 个可选日期）", why.days),
                days: why.days,
                in_the_way: in_the_way.collect(),
                alternative: why.alternative.map(|choice| self.spot(posed, &choice)),
            });
        }
        unplaced
    }

    /// Sends the employers to the scheduled fairs.
    fn circuits(&self, schedule: &[Scheduled], lexicon: &Lexicon) -> Option<CircuitsAnswer> {
        let held: Vec<&Scheduled> = schedule.iter().filter(|at| at.request.is_some() && at.venue.is_some()).collect();
        if held.is_empty() || self.guests.is_empty() {
            return None;
        }
        let mut cities: Vec<&str> = held.iter().map(|at| at.city.as_str()).collect();
        cities.extend(self.guests.iter().map(|guest| guest.city.as_str()));
        cities.sort_unstable();
        cities.dedup();
        let distance_km = cities.iter().map(|from| cities.iter().map(|to| km(lexicon, from, to)).collect()).collect();
        let at = |city: &str| cities.binary_search(&city).unwrap_or_default();
        let booths: BTreeMap<&VenueId, i64> =
            self.ground.venues.iter().map(|venue| (&venue.id, i64::from(venue.booths))).collect();
        let fair = |fair: &&Scheduled| Fair {
            day: usize::try_from((fair.day - self.rules.first).num_days()).unwrap_or_default(),
            city: at(&fair.city),
            booths: fair.venue.as_ref().and_then(|venue| booths.get(venue)).copied().unwrap_or_default(),
        };
        let employer = |guest: &Guest| {
            let stop = |(fair, held): (usize, &&Scheduled)| {
                let away = km(lexicon, &guest.city, &held.city);
                let two = guest.vacancies >= MANY_VACANCIES;
                let value = 20 + 10 * guest.vacancies.min(15) - away / 8;
                (away <= RADIUS_KM && value > 0).then_some(Stop { fair, value, booths: if two { 2 } else { 1 } })
            };
            Employer { stops: held.iter().enumerate().filter_map(stop).collect(), most: STOPS_MAX }
        };
        let circuits = Circuits {
            fairs: held.iter().map(fair).collect(),
            employers: self.guests.iter().map(employer).collect(),
            distance_km,
            bonus: LEG_BONUS,
            near_km: NEAR_KM,
            far_km: FAR_KM,
        };
        if !circuits.sound() {
            return None;
        }
        let driven = circuits.drive(self.effort);
        let item = |(guest, fairs): (&Guest, &Vec<usize>)| Circuit {
            employer: guest.id.clone(),
            requests: fairs.iter().filter_map(|fair| held.get(*fair)?.request.clone()).collect(),
        };
        let items = self.guests.iter().zip(&driven.circuits).filter(|(_, fairs)| !fairs.is_empty()).map(item).collect();
        Some(CircuitsAnswer { items, objective: driven.objective, bound: driven.bound, gap: driven.gap })
    }
}

/// Gives the effort of so many milliseconds.
pub fn effort(seed: u64, rounds: usize, time_limit_ms: u64) -> Effort {
    Effort { seed, rounds, limit: Duration::from_millis(time_limit_ms) }
}

fn words(binding: Binding) -> (&'static str, &'static str) {
    match binding {
        Binding::NoOpenDay => ("no_open_day", "所选日期均为节假日、考试周或停办日"),
        Binding::Spacing => ("spacing", "与本市其他招聘会间隔不足"),
        Binding::SchoolGap => ("school_gap", "与本校其他招聘会间隔不足"),
        Binding::Teams => ("teams", "人社部门当日人手不足"),
        Binding::TooDear => ("too_dear", "安排代价过高"),
    }
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "distances on earth are below 20 038 km")]
fn km(lexicon: &Lexicon, from: &str, to: &str) -> i64 {
    let codes = AreaCode::parse(from).zip(AreaCode::parse(to));
    codes.and_then(|(from, to)| lexicon.places.distance_km(&from, &to)).map_or(0, |km| km.round() as i64)
}
