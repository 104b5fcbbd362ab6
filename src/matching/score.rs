//! How well does a vacancy fit a profile? In whole numbers, so that the kernel for everybody counts exactly the same.
//!
//! `points = city × (Σ credit·weight + education·200·[surely met] + experience·200·[none asked] + salary·200·[paid as wished])`
//! `score = points / (250 × 128 × 200)`, 0 to 1
//!
//! - `weight`: the skills' share of the 128 parts, split over the skills asked for, essential to optional as 5 to 2 (largest
//!   remainder, the first named first); `credit`, 0 to 200: the best that a held skill earns through the taxonomy (exact 200,
//!   narrower 190, …) times how sure it is.
//! - `education`, `experience`, `salary`: the other shares. Experience counts where none is asked for.
//! - `city`, 0 to 250: the best fit of a wished city (the same 250, its neighbour 150, far 75 for those who would move).
//!
//! What is not known counts 0 in the lower end of `score_range` and full in the upper; the score is the lower end. A vacancy is
//! no match at all if it asks for more education than is held, lies where the graduate does not want to work, or asks for
//! skills of which a graduate with skills has none. The shares are `index/matching_weights.json`, versioned.
//! A [`Profile`] knows no age, sex, origin, name or school: they cannot count.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::graduates::{Held, Profile};
use crate::lexicon::{AreaCode, Education, Lexicon};
use crate::text_enum;

const WEIGHTS: &str = include_str!("../../index/matching_weights.json");
/// The shares of a score sum to so many parts.
const PARTS: u32 = 128;
/// The credit of what is met in full.
pub const CREDIT_FULL: u8 = 200;
/// The fit of the best city.
pub const CITY_FULL: u8 = 250;
/// The points of a perfect fit.
pub const POINTS_FULL: u32 = 250 * PARTS * 200;
/// The credit from which a skill counts as met; below it is met in part.
const MET: u8 = 190;

text_enum! {
    /// How much a vacancy needs something.
    Need {
        /// It asks for it.
        Essential = "essential",
        /// It would welcome it.
        Optional = "optional",
    }
}

text_enum! {
    /// Whether a need is met.
    Status {
        /// It is.
        Met = "met",
        /// In part.
        Partly = "partly",
        /// It is not.
        Unmet = "unmet",
        /// It cannot be told.
        Unknown = "unknown",
    }
}

/// The weights, versioned data of `index/`.
#[derive(Debug, Clone, Deserialize)]
pub struct Weights {
    /// The version, served with each match.
    pub version: String,
    /// The share of the skills, in 1/128.
    pub skills: u8,
    /// The share of the education, in 1/128.
    pub education: u8,
    /// The share of the experience, in 1/128.
    pub experience: u8,
    /// The share of the pay, in 1/128.
    pub salary: u8,
    /// What an essential skill weighs beside an optional one.
    pub essential: u8,
    /// What an optional skill weighs beside an essential one.
    pub optional: u8,
    /// How sure a skill is that only the major suggests.
    pub inferred_skill: f64,
    /// The fit of a wished city, in 1/250.
    pub same_city: u8,
    /// The fit of a neighbouring city, in 1/250.
    pub neighbour_city: u8,
    /// The fit of any other city, for those who would move, in 1/250.
    pub far_city: u8,
}

impl Weights {
    /// Loads the weights.
    pub fn load() -> Result<Weights> {
        let weights: Weights =
            serde_json::from_str(WEIGHTS).map_err(|cause| Error::internal(format!("matching weights: {cause}")))?;
        let Weights { skills, education, experience, salary, .. } = weights;
        match [skills, education, experience, salary].into_iter().map(u32::from).sum() {
            PARTS => Ok(weights),
            sum => Err(Error::internal(format!("matching weights: the shares sum to {sum} and not to {PARTS}"))),
        }
    }

    /// Splits the share of the skills over those asked for: their weights sum to it, if there are any.
    pub fn split(&self, skills: &[(String, String, bool)]) -> Vec<u8> {
        let weigh = |essential: bool| u32::from(if essential { self.essential } else { self.optional });
        let sum: u32 = skills.iter().map(|(_, _, essential)| weigh(*essential)).sum();
        let exact = |essential: bool| u32::from(self.skills) * weigh(essential);
        let mut weights: Vec<u32> = skills.iter().map(|(_, _, essential)| exact(*essential) / sum.max(1)).collect();
        let left = u32::from(self.skills) - weights.iter().sum::<u32>().min(u32::from(self.skills));
        let mut order: Vec<(u32, usize)> =
            skills.iter().enumerate().map(|(at, (_, _, essential))| (exact(*essential) % sum.max(1), at)).collect();
        order.sort_by_key(|(remainder, at)| (std::cmp::Reverse(*remainder), *at));
        for (_, at) in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
            weights.get_mut(at).into_iter().for_each(|weight| *weight += 1);
        }
        weights.into_iter().map(|weight| u8::try_from(weight).unwrap_or(u8::MAX)).collect()
    }
}

/// What a vacancy asks for, as far as matching looks.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The skills: id, name, whether essential.
    pub skills: Vec<(String, String, bool)>,
    /// The city.
    pub city: Option<AreaCode>,
    /// The least education.
    pub education: Option<Education>,
    /// The least experience, in months.
    pub min_months: Option<u32>,
    /// The most that is paid, in yuan a month.
    pub salary_max: Option<i64>,
}

/// What is asked for, typed; `null` where the vacancy does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A skill, by id.
    Skill(String),
    /// The least education.
    Education(Option<Education>),
    /// The least experience, in months.
    Experience(Option<u32>),
    /// The most that is paid, in yuan a month.
    Salary(Option<i64>),
}

/// One thing a vacancy asks for, and how the profile meets it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Requirement {
    /// What is asked for.
    #[serde(flatten)]
    pub subject: Subject,
    /// What is asked for, in words.
    pub asked: String,
    /// How much it is needed.
    pub need: Need,
    /// Whether it is met.
    pub status: Status,
    /// What speaks for it.
    pub evidence: Option<String>,
    /// Its share of the score, 0 to 1.
    pub weight: f64,
}

/// A score with its reasons.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The points of the lower end, of `POINTS_FULL`.
    pub points: u32,
    /// The lower end of the range: what is not known does not count.
    pub score: f64,
    /// The upper end: everything not known were met.
    pub high: f64,
    /// The fit of the city, 0 to 1.
    pub city_fit: f64,
    /// Everything that is asked for.
    pub requirements: Vec<Requirement>,
}

/// A part of the score: its lower and its upper end, in credits times parts.
type Part = (u32, u32);

/// A share that is met, not met, or not known.
fn part(share: u8, status: Status) -> Part {
    let full = u32::from(share) * u32::from(CREDIT_FULL);
    match status {
        Status::Met => (full, full),
        Status::Unknown => (0, full),
        Status::Partly | Status::Unmet => (0, 0),
    }
}

/// The parts of a whole as a number from 0 to 1.
fn of(parts: u32, whole: u32) -> f64 {
    f64::from(parts) / f64::from(whole)
}

/// Scores a vacancy for a profile; none where it is no match at all.
pub fn score(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon) -> Option<Scored> {
    let city = city_fit(profile, facts.city, weights, lexicon)?;
    let mut requirements = Vec::new();
    let skills = skills(profile, facts, weights, lexicon, &mut requirements);
    let education = education(profile, facts, weights, lexicon, &mut requirements)?;
    let experience = experience(facts, weights, &mut requirements);
    let salary = salary(profile, facts, weights, &mut requirements);
    if !profile.skills.is_empty() && skills.1 == 0 {
        return None;
    }
    let parts = [skills, education, experience, salary];
    let points = u32::from(city) * parts.iter().map(|(low, _)| low).sum::<u32>();
    let high = u32::from(city) * parts.iter().map(|(_, high)| high).sum::<u32>();
    let city_fit = of(city.into(), CITY_FULL.into());
    Some(Scored { points, score: of(points, POINTS_FULL), high: of(high, POINTS_FULL), city_fit, requirements })
}

/// How well a city fits, of [`CITY_FULL`]; none where the graduate does not want to work.
pub fn city_fit(profile: &Profile, city: Option<AreaCode>, weights: &Weights, lexicon: &Lexicon) -> Option<u8> {
    if profile.cities.is_empty() {
        return Some(weights.same_city);
    }
    let far = profile.relocate.then_some(weights.far_city);
    let Some(city) = city else { return far };
    if profile.cities.contains(&city) {
        return Some(weights.same_city);
    }
    let near = profile.cities.iter().any(|wished| lexicon.places.neighbours(wished).contains(&city));
    if near { Some(weights.neighbour_city) } else { far }
}

/// Whether the education held meets what is asked for; none where it surely does not.
pub fn schooling(held: Option<Education>, asked: Option<Education>, lexicon: &Lexicon) -> Option<Status> {
    match (held, asked) {
        (Some(held), Some(asked)) if lexicon.education.meets(held, asked) => Some(Status::Met),
        (Some(_), Some(_)) => None,
        (None, Some(Education::None)) => Some(Status::Met),
        _ => Some(Status::Unknown),
    }
}

/// The credit of a skill held so surely, by how it stands to the asked one.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 200, saturating")]
pub fn credit(relation: f64, sureness: f64) -> u8 {
    (relation * sureness * f64::from(CREDIT_FULL)).round() as u8
}

fn skills(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon, out: &mut Vec<Requirement>) -> Part {
    if facts.skills.is_empty() {
        return part(weights.skills, Status::Unknown);
    }
    let mut covered = 0;
    for ((id, name, essential), parts) in facts.skills.iter().zip(weights.split(&facts.skills)) {
        let earned = |held: &Held| credit(lexicon.skills.credit(lexicon.skills.relation(id, &held.id)), held.sureness);
        let best = profile.skills.iter().map(|held| (earned(held), held)).max_by_key(|(credit, _)| *credit);
        let (credit, evidence) =
            best.filter(|(credit, _)| *credit > 0).map_or((0, None), |(c, held)| (c, Some(held.name.clone())));
        let status = match credit {
            MET.. => Status::Met,
            1.. => Status::Partly,
            0 => Status::Unmet,
        };
        covered += u32::from(credit) * u32::from(parts);
        let need = if *essential { Need::Essential } else { Need::Optional };
        let weight = of(parts.into(), PARTS);
        let subject = Subject::Skill(id.clone());
        out.push(Requirement { subject, asked: name.clone(), need, status, evidence, weight });
    }
    (covered, covered)
}

fn education(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon, out: &mut Vec<Requirement>) -> Option<Part> {
    let status = schooling(profile.education, facts.education, lexicon)?;
    let label = |level: Education| lexicon.education.label(level).0.to_owned();
    out.push(Requirement {
        subject: Subject::Education(facts.education),
        asked: facts.education.map_or_else(|| "未说明".to_owned(), label),
        need: Need::Essential,
        status,
        evidence: profile.education.map(label),
        weight: of(weights.education.into(), PARTS),
    });
    Some(part(weights.education, status))
}

/// Experience is waived for people fresh from school only where the vacancy asks for none.
fn experience(facts: &Facts, weights: &Weights, out: &mut Vec<Requirement>) -> Part {
    let status = match facts.min_months {
        Some(0) => Status::Met,
        Some(_) => Status::Unmet,
        None => Status::Unknown,
    };
    let asked = facts.min_months.map_or_else(|| "未说明".to_owned(), |months| format!("{months} 个月"));
    let (subject, weight) = (Subject::Experience(facts.min_months), of(weights.experience.into(), PARTS));
    out.push(Requirement { subject, asked, need: Need::Optional, status, evidence: None, weight });
    part(weights.experience, status)
}

fn salary(profile: &Profile, facts: &Facts, weights: &Weights, out: &mut Vec<Requirement>) -> Part {
    let status = match (profile.salary_min, facts.salary_max) {
        (None, _) => Status::Met,
        (Some(wished), Some(paid)) if paid >= wished => Status::Met,
        (Some(_), Some(_)) => Status::Unmet,
        (Some(_), None) => Status::Unknown,
    };
    let asked = profile.salary_min.map_or_else(|| "未提出要求".to_owned(), |wished| format!("{wished} 元/月以上"));
    let evidence = facts.salary_max.map(|paid| format!("{paid} 元/月"));
    let (subject, weight) = (Subject::Salary(facts.salary_max), of(weights.salary.into(), PARTS));
    out.push(Requirement { subject, asked, need: Need::Optional, status, evidence, weight });
    part(weights.salary, status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graduates::{ProfileBody, SkillHeld};

    fn profile(lexicon: &Lexicon, programme: &str, skill: &str) -> Profile {
        let held = SkillHeld { id: None, name: Some(skill.to_owned()), grade: None };
        let body = ProfileBody {
            programme: Some(programme.to_owned()),
            skills: vec![held],
            cities: vec!["淄博".to_owned()],
            ..ProfileBody::default()
        };
        Profile::parse(&body, lexicon, "37", 0.5).unwrap()
    }

    fn facts(city: &str, education: Option<Education>) -> Facts {
        let skills = vec![("taoci".to_owned(), "陶瓷制作".to_owned(), true)];
        Facts { skills, city: AreaCode::parse(city), education, min_months: Some(0), salary_max: Some(6000) }
    }

    #[test]
    fn a_senior_worker_meets_college_and_a_middle_worker_does_not() {
        let (lexicon, weights) = (Lexicon::shared().unwrap(), Weights::load().unwrap());
        let asked = facts("370300", Some(Education::College));
        assert!(score(&profile(&lexicon, "高级工班", "陶艺"), &asked, &weights, &lexicon).is_some());
        assert!(score(&profile(&lexicon, "中级工班", "陶艺"), &asked, &weights, &lexicon).is_none());
    }

    #[test]
    fn what_is_not_known_widens_the_range_and_never_counts_as_met() {
        let (lexicon, weights) = (Lexicon::shared().unwrap(), Weights::load().unwrap());
        let me = profile(&lexicon, "高级工班", "陶艺");
        let known = score(&me, &facts("370300", Some(Education::College)), &weights, &lexicon).unwrap();
        let unknown = score(&me, &facts("370300", None), &weights, &lexicon).unwrap();
        assert!(unknown.score < known.score && unknown.high == known.high);
        assert!(unknown.requirements.iter().any(|r| matches!(r.subject, Subject::Education(_)) && r.status == Status::Unknown));
    }

    #[test]
    fn a_neighbour_fits_less_and_the_far_end_not_at_all_without_the_wish_to_move() {
        let (lexicon, weights) = (Lexicon::shared().unwrap(), Weights::load().unwrap());
        let me = profile(&lexicon, "高级工班", "陶艺");
        let at = |city| score(&me, &facts(city, None), &weights, &lexicon).map(|s| s.city_fit);
        assert_eq!((at("370300"), at("370700"), at("371000")), (Some(1.0), Some(0.6), None));
        let mover = Profile { relocate: true, ..me };
        assert_eq!(score(&mover, &facts("371000", None), &weights, &lexicon).map(|s| s.city_fit), Some(0.3));
    }

    #[test]
    fn the_share_of_the_skills_is_split_without_rest() {
        let weights = Weights::load().unwrap();
        let asked = |essential: &[bool]| essential.iter().map(|e| (String::new(), String::new(), *e)).collect::<Vec<_>>();
        assert_eq!(weights.split(&asked(&[true, false, true])), [33, 13, 33]);
        for count in 1..90 {
            let mixed: Vec<bool> = (0..count).map(|at| at % 3 == 0).collect();
            assert_eq!(weights.split(&asked(&mixed)).into_iter().map(u32::from).sum::<u32>(), u32::from(weights.skills));
        }
        assert!(weights.split(&[]).is_empty());
    }

    #[test]
    fn nothing_about_the_person_can_be_said_in_a_profile() {
        for said in
            ["age", "sex", "gender", "birth_date", "origin", "hukou", "nation", "married", "name", "school", "political_status"]
        {
            let profile: std::result::Result<ProfileBody, _> = serde_json::from_value(serde_json::json!({said: "1"}));
            assert!(profile.unwrap_err().to_string().contains("unknown field"), "{said} is taken");
        }
    }
}
