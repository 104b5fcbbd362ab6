//! How well does a vacancy fit a profile?
//!
//! `score = city × (w_skills·coverage + w_education·e + w_experience·x + w_salary·p)`, each part in 0 … 1.
//! Coverage is the weighted mean over the skills asked for (essential counts more than optional) of the best credit that a
//! held skill earns through the taxonomy (exact 1, narrower 0.95, …) times how sure it is. What is not known counts 0 in
//! the lower end of `score_range` and 1 in the upper; the score is the lower end. A vacancy that asks for more education
//! than is held, or lies where the graduate does not want to work, is no match at all.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::graduates::{Held, Profile};
use crate::lexicon::{AreaCode, Education, Lexicon};
use crate::text_enum;

const WEIGHTS: &str = include_str!("../../index/matching_weights.json");
/// The credit from which a skill counts as met; below it is met in part.
const MET: f64 = 0.95;

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
    /// The share of the skills.
    pub skills: f64,
    /// The share of the education.
    pub education: f64,
    /// The share of the experience.
    pub experience: f64,
    /// The share of the pay.
    pub salary: f64,
    /// What an essential skill weighs.
    pub essential: f64,
    /// What an optional skill weighs.
    pub optional: f64,
    /// How sure a skill is that only the major suggests.
    pub inferred_skill: f64,
    /// The fit of a wished city.
    pub same_city: f64,
    /// The fit of a neighbouring city.
    pub neighbour_city: f64,
    /// The fit of any other city, for those who would move.
    pub far_city: f64,
}

impl Weights {
    /// Loads the weights.
    pub fn load() -> Result<Weights> {
        serde_json::from_str(WEIGHTS).map_err(|cause| Error::internal(format!("matching weights: {cause}")))
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
    /// The lower end of the range: what is not known does not count.
    pub score: f64,
    /// The upper end: everything not known were met.
    pub high: f64,
    /// The fit of the city, 0 to 1.
    pub city_fit: f64,
    /// Everything that is asked for.
    pub requirements: Vec<Requirement>,
}

/// A part of the score: its lower and its upper end.
type Part = (f64, f64);

/// Scores a vacancy for a profile; none where it is no match at all.
pub fn score(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon) -> Option<Scored> {
    let city_fit = city_fit(profile, facts, weights, lexicon)?;
    let mut requirements = Vec::new();
    let skills = skills(profile, facts, weights, lexicon, &mut requirements);
    let education = education(profile, facts, weights, lexicon, &mut requirements)?;
    let experience = experience(facts, weights, &mut requirements);
    let salary = salary(profile, facts, weights, &mut requirements);
    let parts =
        [(weights.skills, skills), (weights.education, education), (weights.experience, experience), (weights.salary, salary)];
    let low: f64 = parts.iter().map(|(weight, (low, _))| weight * low).sum();
    let high: f64 = parts.iter().map(|(weight, (_, high))| weight * high).sum();
    if !profile.skills.is_empty() && skills.1 == 0.0 {
        return None;
    }
    Some(Scored { score: city_fit * low, high: city_fit * high, city_fit, requirements })
}

fn city_fit(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon) -> Option<f64> {
    if profile.cities.is_empty() {
        return Some(weights.same_city);
    }
    let far = profile.relocate.then_some(weights.far_city);
    let Some(city) = facts.city else { return far };
    if profile.cities.contains(&city) {
        return Some(weights.same_city);
    }
    let near = profile.cities.iter().any(|wished| lexicon.places.neighbours(wished).contains(&city));
    if near { Some(weights.neighbour_city) } else { far }
}

fn skills(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon, out: &mut Vec<Requirement>) -> Part {
    let weigh = |essential: bool| if essential { weights.essential } else { weights.optional };
    let sum: f64 = facts.skills.iter().map(|(_, _, essential)| weigh(*essential)).sum();
    if sum == 0.0 {
        return (0.0, 1.0);
    }
    let mut covered = 0.0;
    for (id, name, essential) in &facts.skills {
        let credit = |held: &Held| lexicon.skills.credit(lexicon.skills.relation(id, &held.id)) * held.sureness;
        let best = profile.skills.iter().map(|held| (credit(held), held)).max_by(|a, b| a.0.total_cmp(&b.0));
        let (credit, evidence) =
            best.filter(|(credit, _)| *credit > 0.0).map_or((0.0, None), |(c, held)| (c, Some(held.name.clone())));
        let status = match credit {
            c if c >= MET => Status::Met,
            c if c > 0.0 => Status::Partly,
            _ => Status::Unmet,
        };
        covered += credit * weigh(*essential);
        let need = if *essential { Need::Essential } else { Need::Optional };
        let weight = weights.skills * weigh(*essential) / sum;
        let subject = Subject::Skill(id.clone());
        out.push(Requirement { subject, asked: name.clone(), need, status, evidence, weight });
    }
    (covered / sum, covered / sum)
}

fn education(profile: &Profile, facts: &Facts, weights: &Weights, lexicon: &Lexicon, out: &mut Vec<Requirement>) -> Option<Part> {
    let (status, part) = match (profile.education, facts.education) {
        (Some(held), Some(asked)) if lexicon.education.meets(held, asked) => (Status::Met, (1.0, 1.0)),
        (Some(_), Some(_)) => return None,
        (None, Some(Education::None)) => (Status::Met, (1.0, 1.0)),
        _ => (Status::Unknown, (0.0, 1.0)),
    };
    let label = |level: Education| lexicon.education.label(level).0.to_owned();
    out.push(Requirement {
        subject: Subject::Education(facts.education),
        asked: facts.education.map_or_else(|| "未说明".to_owned(), label),
        need: Need::Essential,
        status,
        evidence: profile.education.map(label),
        weight: weights.education,
    });
    Some(part)
}

/// Experience is waived for people fresh from school only where the vacancy asks for none.
fn experience(facts: &Facts, weights: &Weights, out: &mut Vec<Requirement>) -> Part {
    let (status, part) = match facts.min_months {
        Some(0) => (Status::Met, (1.0, 1.0)),
        Some(_) => (Status::Unmet, (0.0, 0.0)),
        None => (Status::Unknown, (0.0, 1.0)),
    };
    let asked = facts.min_months.map_or_else(|| "未说明".to_owned(), |months| format!("{months} 个月"));
    let subject = Subject::Experience(facts.min_months);
    out.push(Requirement { subject, asked, need: Need::Optional, status, evidence: None, weight: weights.experience });
    part
}

fn salary(profile: &Profile, facts: &Facts, weights: &Weights, out: &mut Vec<Requirement>) -> Part {
    let (status, part) = match (profile.salary_min, facts.salary_max) {
        (None, _) => (Status::Met, (1.0, 1.0)),
        (Some(wished), Some(paid)) if paid >= wished => (Status::Met, (1.0, 1.0)),
        (Some(_), Some(_)) => (Status::Unmet, (0.0, 0.0)),
        (Some(_), None) => (Status::Unknown, (0.0, 1.0)),
    };
    let asked = profile.salary_min.map_or_else(|| "未提出要求".to_owned(), |wished| format!("{wished} 元/月以上"));
    let evidence = facts.salary_max.map(|paid| format!("{paid} 元/月"));
    let subject = Subject::Salary(facts.salary_max);
    out.push(Requirement { subject, asked, need: Need::Optional, status, evidence, weight: weights.salary });
    part
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
        let (lexicon, weights) = (Lexicon::load().unwrap(), Weights::load().unwrap());
        let asked = facts("370300", Some(Education::College));
        assert!(score(&profile(&lexicon, "高级工班", "陶艺"), &asked, &weights, &lexicon).is_some());
        assert!(score(&profile(&lexicon, "中级工班", "陶艺"), &asked, &weights, &lexicon).is_none());
    }

    #[test]
    fn what_is_not_known_widens_the_range_and_never_counts_as_met() {
        let (lexicon, weights) = (Lexicon::load().unwrap(), Weights::load().unwrap());
        let me = profile(&lexicon, "高级工班", "陶艺");
        let known = score(&me, &facts("370300", Some(Education::College)), &weights, &lexicon).unwrap();
        let unknown = score(&me, &facts("370300", None), &weights, &lexicon).unwrap();
        assert!(unknown.score < known.score && unknown.high == known.high);
        assert!(unknown.requirements.iter().any(|r| matches!(r.subject, Subject::Education(_)) && r.status == Status::Unknown));
    }

    #[test]
    fn a_neighbour_fits_less_and_the_far_end_not_at_all_without_the_wish_to_move() {
        let (lexicon, weights) = (Lexicon::load().unwrap(), Weights::load().unwrap());
        let me = profile(&lexicon, "高级工班", "陶艺");
        let at = |city| score(&me, &facts(city, None), &weights, &lexicon).map(|s| s.city_fit);
        assert_eq!((at("370300"), at("370700"), at("371000")), (Some(1.0), Some(0.6), None));
        let mover = Profile { relocate: true, ..me };
        assert_eq!(score(&mover, &facts("371000", None), &weights, &lexicon).map(|s| s.city_fit), Some(0.3));
    }
}
