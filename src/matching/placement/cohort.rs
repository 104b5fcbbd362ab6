//! Who is placed, on what, within which limits? The cohort and the vacancies as read, the question put to the kernel, and what
//! a graduate lost a place by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use rayon::prelude::*;

use super::answer::{Answer, Names, Placed, Shortfall, UnmatchedReason, Unplaced, detail};
use super::asked::{PlacementBody, ReservedBody};
use super::explain::Lost;
use super::ground::Ground;
use super::lists::{May, POINTS, Sides};
use super::outcome::{Outcome, place};
use super::own::{refuse, unknown};
use super::pose::{Pose, Posed, Quota, Reserved};
use crate::db::types::{EmployerId, GraduateId, TrainingOrderId, VacancyId};
use crate::error::{Error, Result};
use crate::graduates::{GraduateRow, JobIntent, Profile};
use crate::lexicon::{AreaCode, Lexicon, asked_area};
use crate::matching::demand::Facts;
use crate::matching::pool::{Pool, facts_of};
use crate::matching::score::{Requirement, Status, Subject, score};
use crate::vacancies::VacancyRow;

/// How many requirements a lost place is told with.
const REQUIREMENTS_MAX: usize = 3;

/// A graduate of the cohort, with the profile or why there is none to look at.
struct Seeker {
    id: String,
    profile: std::result::Result<Profile, UnmatchedReason>,
}

/// A vacancy that may be had.
struct Opening {
    id: VacancyId,
    employer: Option<EmployerId>,
    areas: [Option<String>; 2],
    headcount: u32,
    facts: Facts,
}

/// Everything that is needed to place a cohort.
pub struct Fitting<'a> {
    pool: &'a Pool,
    day: NaiveDate,
    seekers: Vec<Seeker>,
    openings: Vec<Opening>,
    /// For each graduate and vacancy whether the employer may be told.
    shown: Vec<BTreeSet<usize>>,
    orders: &'a HashMap<TrainingOrderId, (EmployerId, BTreeSet<GraduateId>)>,
}

impl Fitting<'_> {
    /// Reads profiles and vacancies.
    pub fn of<'a>(pool: &'a Pool, ground: &'a Ground, region: &str, day: NaiveDate) -> Result<Fitting<'a>> {
        let seeker = |row: &GraduateRow| {
            let profile = match matches!(row.job_intent, JobIntent::Seeking | JobIntent::Unstated) {
                false => Err(UnmatchedReason::NotSeeking),
                true => pool.read(row, region).map(|(_, profile)| profile).ok_or(UnmatchedReason::Unreadable),
            };
            Seeker { id: row.id.to_string(), profile }
        };
        let seekers = ground.graduates.par_iter().map(seeker).collect();
        let opened = |row: &VacancyRow| opening(row, pool.lexicon());
        let openings = ground.vacancies.par_iter().map(opened).collect::<Result<Vec<Option<Opening>>>>()?;
        let openings: Vec<Opening> = openings.into_iter().flatten().collect();
        let mut by_employer: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, opening) in openings.iter().enumerate() {
            if let Some(employer) = &opening.employer {
                by_employer.entry(format!("employer:{employer}")).or_default().push(at);
            }
        }
        let shown = |row: &GraduateRow| {
            let agreed = ground.agreed.get(&row.id).into_iter().flatten();
            agreed.filter_map(|recipient| by_employer.get(recipient)).flatten().copied().collect()
        };
        let shown = ground.graduates.iter().map(shown).collect();
        Ok(Fitting { pool, day, seekers, openings, shown, orders: &ground.orders })
    }

    /// Places the cohort and words the answer; `took_ms` is left open.
    pub fn answer(&self, asked: &PlacementBody, length: usize, region: &str) -> Result<Answer> {
        let reserved = self.reserved(asked)?;
        let told = |told: &BTreeSet<usize>| May { only: asked.consented_only.then(|| told.clone()), kept: BTreeSet::new() };
        let mut may: Vec<May> = self.shown.iter().map(told).collect();
        for Reserved { vacancy, graduates, .. } in &reserved {
            graduates.iter().for_each(|at| may.get_mut(*at).into_iter().for_each(|own| own.kept.extend([*vacancy])));
        }
        let lists = self.sides().lists(length, &may);
        let headcounts = self.openings.iter().map(|opening| opening.headcount).collect();
        let pose = Pose { headcounts, lists, quotas: self.quotas(asked, region)?, reserved };
        let posed = pose.market().map_err(|unsound| refuse(unsound, &BTreeSet::new()))?;
        let outcome = place(&posed.market, asked.objective);
        let outcome = outcome.ok_or_else(|| Error::internal("the placement does not stand its check"))?;
        Ok(self.word(&posed, &outcome))
    }

    fn word(&self, posed: &Posed, outcome: &Outcome) -> Answer {
        let names = Names {
            graduates: self.seekers.iter().map(|seeker| seeker.id.clone()).collect(),
            vacancies: self.openings.iter().map(|opening| opening.id.to_string()).collect(),
            points: POINTS,
        };
        let mut assignment = names.assignment(posed, outcome);
        let placed = outcome.placed.iter().enumerate().filter_map(|(graduate, at)| at.map(|at| (graduate, at)));
        for (told, (graduate, at)) in assignment.iter_mut().zip(placed) {
            let vacancy = posed.vacancy_of(at).0;
            told.may_be_shown = Some(self.shown.get(graduate).is_some_and(|shown| shown.contains(&vacancy)));
        }
        let holder = |lost: &Lost| {
            let last = lost.last?;
            let at = outcome.placed.get(last).copied().flatten()?;
            Some((last, posed.vacancy_of(at).0))
        };
        let why = |graduate: usize, vacancy: usize, lost: &Lost| {
            if lost.short_by == 0 || lost.reserved {
                return Vec::new();
            }
            let last = holder(lost).filter(|(_, held)| *held == vacancy).map(|(last, _)| last);
            self.shortfalls(graduate, vacancy, last)
        };
        let mut unmatched = names.unmatched(posed, outcome, why);
        for (told, (graduate, _)) in unmatched.iter_mut().zip(&outcome.unplaced) {
            if let Some(Err(reason)) = self.seekers.get(*graduate).map(|seeker| &seeker.profile) {
                (told.reason, told.detail) = (*reason, detail(*reason, &[]).zh);
            }
        }
        Answer { assignment, unmatched, certificate: names.proof(outcome.certificate), took_ms: 0 }
    }

    fn sides(&self) -> Sides<'_> {
        let profiles = self.seekers.iter().map(|seeker| seeker.profile.as_ref().ok()).collect();
        let vacancies = self.openings.iter().map(|opening| (opening.id.clone(), &opening.facts)).collect();
        Sides { pool: self.pool, day: self.day, profiles, vacancies }
    }

    fn quotas(&self, asked: &PlacementBody, region: &str) -> Result<Vec<Quota>> {
        let by_id: BTreeMap<&str, usize> = self.openings.iter().enumerate().map(|(at, open)| (open.id.as_str(), at)).collect();
        let mut quotas = Vec::new();
        for (at, body) in asked.quotas.iter().enumerate() {
            let area = asked_area(&self.pool.lexicon().places, region, body.city.as_deref());
            let area = area.map_err(|error| below(error, &format!("/quotas/{at}")))?;
            let inside = |opening: &Opening| area.as_ref().is_some_and(|area: &AreaCode| opening.is_in(area.prefix()));
            let all = self.openings.iter().enumerate();
            let mut vacancies: BTreeSet<usize> = all.filter(|(_, opening)| inside(opening)).map(|(at, _)| at).collect();
            for id in &body.vacancies {
                let found = by_id.get(id.as_str()).ok_or_else(|| unknown(&format!("/quotas/{at}/vacancies"), id))?;
                vacancies.insert(*found);
            }
            quotas.push(Quota { vacancies: vacancies.into_iter().collect(), at_most: body.at_most });
        }
        Ok(quotas)
    }

    /// Spreads what is reserved over the vacancies, the oldest first.
    fn reserved(&self, asked: &PlacementBody) -> Result<Vec<Reserved>> {
        let number: BTreeMap<&str, usize> = self.seekers.iter().enumerate().map(|(at, who)| (who.id.as_str(), at)).collect();
        let mut all = Vec::new();
        for (at, body) in asked.reserved.iter().enumerate() {
            let pointer = |of: &str| format!("/reserved/{at}{of}");
            let body = &self.by_order(body, &number).map_err(|error| below(error, &pointer("")))?;
            let find = |id: &String| number.get(id.as_str()).copied().ok_or_else(|| stranger(&pointer("/graduates"), id));
            let graduates = body.graduates.iter().map(find).collect::<Result<Vec<usize>>>()?;
            if body.employer.is_some() == body.vacancy.is_some() {
                let zh = "请指明用人单位或岗位之一";
                return Err(Error::invalid(pointer(""), "one_of", zh, "either an employer or a vacancy is wanted"));
            }
            let of_employer = |opening: &Opening| body.employer.is_some() && opening.employer == body.employer;
            let is_meant = |opening: &Opening| of_employer(opening) || body.vacancy.as_deref() == Some(opening.id.as_str());
            let numbered = self.openings.iter().enumerate().filter(|(_, opening)| is_meant(opening));
            let meant: Vec<(usize, u32)> = numbered.map(|(vacancy, opening)| (vacancy, opening.headcount)).collect();
            if meant.is_empty() {
                let name = body.vacancy.clone().or_else(|| body.employer.as_ref().map(ToString::to_string));
                return Err(unknown(&pointer(""), &name.unwrap_or_default()));
            }
            let mut left = body.places.unwrap_or(u32::try_from(body.graduates.len())?);
            for (vacancy, headcount) in meant {
                let places = left.min(headcount);
                all.push(Reserved { vacancy, places, graduates: graduates.clone() });
                left -= places;
            }
        }
        all.retain(|reserved| reserved.places > 0);
        Ok(all)
    }

    /// Takes the employer and the class from the training order that is named, as far as the class is in the cohort.
    fn by_order(&self, body: &ReservedBody, number: &BTreeMap<&str, usize>) -> Result<ReservedBody> {
        let Some(order) = &body.order else { return Ok(body.clone()) };
        if body.employer.is_some() || body.vacancy.is_some() || !body.graduates.is_empty() {
            let zh = "按订单预留时，不再指明单位、岗位或毕业生";
            return Err(Error::invalid(
                "/order",
                "one_of",
                zh,
                "beside an order neither employer, vacancy nor graduates are said",
            ));
        }
        let (employer, class) = self.orders.get(order).ok_or(Error::NotFound("training_order"))?;
        let class = class.iter().map(ToString::to_string).filter(|id| number.contains_key(id.as_str()));
        Ok(ReservedBody { employer: Some(employer.clone()), graduates: class.collect(), ..body.clone() })
    }

    /// Tells what a graduate meets less than the last who was taken; where that says nothing, what is not met.
    fn shortfalls(&self, graduate: usize, vacancy: usize, last: Option<usize>) -> Vec<Shortfall> {
        let needs = |graduate: usize| {
            let profile = self.seekers.get(graduate)?.profile.as_ref().ok()?;
            Some(score(profile, &self.openings.get(vacancy)?.facts, self.pool.scale(self.day))?.requirements)
        };
        let own = needs(graduate).unwrap_or_default();
        let other = last.and_then(needs).unwrap_or_default();
        let worse = |need: &&Requirement| {
            let same = other.iter().find(|other| other.subject == need.subject);
            same.is_some_and(|other| grade(need.status) < grade(other.status))
        };
        let asks = |need: &&Requirement| !matches!(need.subject, Subject::Salary(_));
        let mut short: Vec<&Requirement> = own.iter().filter(asks).filter(worse).collect();
        if short.is_empty() {
            short = own.iter().filter(asks).filter(|need| need.status != Status::Met).collect();
        }
        short.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let word = |need: &Requirement| Shortfall {
            asked: need.asked.clone(),
            need: need.need,
            status: need.status,
            weight: need.weight,
        };
        short.into_iter().take(REQUIREMENTS_MAX).map(word).collect()
    }
}

impl Opening {
    fn is_in(&self, prefix: &str) -> bool {
        self.areas.iter().flatten().any(|area| area.starts_with(prefix))
    }
}

/// Reads a live vacancy; one that does not state a headcount has one place.
fn opening(row: &VacancyRow, lexicon: &Lexicon) -> Result<Option<Opening>> {
    let Some(facts) = facts_of(row, lexicon)? else { return Ok(None) };
    let headcount = row.content()?.headcount.unwrap_or(1);
    let areas = [row.city.clone(), row.district.clone()];
    Ok(Some(Opening { id: row.id.clone(), employer: row.employer_id.clone(), areas, headcount, facts }))
}

const fn grade(status: Status) -> u8 {
    match status {
        Status::Unmet => 0,
        Status::Unknown => 1,
        Status::Partly => 2,
        Status::Met => 3,
    }
}

fn stranger(pointer: &str, id: &str) -> Error {
    let zh = format!("毕业生 {id} 不在所选范围内");
    Error::invalid(pointer, "not_in_cohort", zh, format!("the graduate {id} is not in the cohort"))
}

/// Puts the place of a refused value below another.
fn below(error: Error, pointer: &str) -> Error {
    match error {
        Error::Invalid(mut refusals) => {
            refusals.iter_mut().for_each(|refusal| refusal.pointer.insert_str(0, pointer));
            Error::Invalid(refusals)
        }
        other => other,
    }
}

/// What became of one graduate, to be kept.
pub enum Fate {
    /// Placed.
    Placed(Placed),
    /// Not placed.
    Unplaced(Unplaced),
}

impl Answer {
    /// Takes the answer apart, one piece for each graduate, by id.
    pub fn fates(self) -> Vec<(String, Fate)> {
        let placed = self.assignment.into_iter().map(|told| (told.graduate.clone(), Fate::Placed(told)));
        placed.chain(self.unmatched.into_iter().map(|told| (told.graduate.clone(), Fate::Unplaced(told)))).collect()
    }
}
