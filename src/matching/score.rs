//! How well does a vacancy fit a profile? In whole numbers, so that the kernel for everybody counts exactly the same.
//!
//! `points = city × (Σ credit·weight + education·200·[surely met] + experience·200·[waived or none asked]`
//! `               + salary·200·[paid as wished] + freshness·credit)`
//! `score = points / (250 × 128 × 200)`, 0 to 1
//!
//! - `weight`: the share of skills and certificates, 76 of 128 parts, split over what is asked for: essential to optional skills
//!   as 5 to 2, a certificate 4 (largest remainder, the first named first, the certificate last).
//! - `credit` of a skill, 0 to 200: the best that a held skill earns, `200 × relation × sureness × grade`. The taxonomy orders
//!   skills (exact 1, narrower 0.95, a process of the craft 0.8, broader 0.6, …), grades are ordered 5 < 4 < 3 < 2 < 1; the pair
//!   is met where both are. One, two, three grades too low count 0.7, 0.4, 0.2; a grade nobody states counts 0.7, and in full at
//!   the upper end. A certificate tells the grade of the skills that its occupation lists.
//! - `credit` of a certificate: of the asked occupation 200, of its small class 100, times the same for grades. Certificates of
//!   unrelated occupations do not compare.
//! - `education`: by rank, 高级工班 as 大专, 预备技师班 as 本科; where the vacancy says so, a certificate of the named grade stands
//!   in for the degree.
//! - `experience`: where none is asked for, or where people fresh from school are welcome and the graduate is one (two years
//!   from graduation), unless a law asks for experience in that occupation.
//! - `freshness`: credit 200 for a week after it went live, 150 for 30 days, 75 for 90 days, then none.
//! - `city`, 0 to 250: the best fit of a wished city: the same 250, others `250 · 150 / (150 + km)`; neighbours for everybody,
//!   those further away only for who would move, for whom none fits less than 25.
//!
//! What is not known counts 0 in the lower end of `score_range` and full in the upper; the score is the lower end. A vacancy is
//! no match at all if it asks for more education than is held, lies where the graduate does not want to work, or asks for
//! skills of which a graduate with skills has none. All figures above are `index/matching_weights.json`, versioned.
//! A [`Profile`] knows no age, sex, origin, name or school: they cannot count.

use serde::Serialize;

use crate::graduates::{Certificate, Held, Profile};
use crate::lexicon::{AreaCode, Education, Lexicon, SkillGrade};
use crate::matching::demand::{Asked, CertificateAsked, Facts};
use crate::matching::weights::{PARTS, Scale, Weights};
use crate::text_enum;

/// The credit of what is met in full.
pub const CREDIT_FULL: u8 = 200;
/// The fit of the best city.
pub const CITY_FULL: u8 = 250;
/// The points of a perfect fit.
pub const POINTS_FULL: u32 = 250 * PARTS * 200;
/// The credit from which a skill counts as met; below it is met in part.
const MET: u8 = 190;
/// How much of the code of an occupation names its small class (小类): `6-09-03`.
const SMALL_CLASS: usize = 7;

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

/// What is asked for, typed; `null` where the vacancy does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A skill, by id.
    Skill(String),
    /// A certificate.
    Certificate(CertificateAsked),
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
    /// How fresh the vacancy is, 0 to 1; none where it is not known since when it is live.
    pub freshness: Option<f64>,
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
pub fn score(profile: &Profile, facts: &Facts, scale: Scale<'_>) -> Option<Scored> {
    let city = city_fit(profile, facts.city, scale)?;
    let mut out = Vec::new();
    let skills = skills(profile, facts, scale, &mut out);
    let education = education(profile, facts, scale, &mut out)?;
    let experience = experience(profile, facts, scale, &mut out);
    let salary = salary(profile, facts, scale.weights, &mut out);
    if !profile.skills.is_empty() && !facts.skills.is_empty() && skills.0 == 0 {
        return None;
    }
    let fresh = freshness(facts, scale);
    let share = u32::from(scale.weights.freshness);
    let fresh_part =
        fresh.map_or((0, share * u32::from(CREDIT_FULL)), |credit| (share * u32::from(credit), share * u32::from(credit)));
    let parts = [skills, education, experience, salary, fresh_part];
    let points = u32::from(city) * parts.iter().map(|(low, _)| low).sum::<u32>();
    let high = u32::from(city) * parts.iter().map(|(_, high)| high).sum::<u32>();
    Some(Scored {
        points,
        score: of(points, POINTS_FULL),
        high: of(high, POINTS_FULL),
        city_fit: of(city.into(), CITY_FULL.into()),
        freshness: fresh.map(|credit| of(credit.into(), CREDIT_FULL.into())),
        requirements: out,
    })
}

/// How well a city fits, of [`CITY_FULL`]; none where the graduate does not want to work.
pub fn city_fit(profile: &Profile, city: Option<AreaCode>, scale: Scale<'_>) -> Option<u8> {
    let (weights, places) = (scale.weights, &scale.lexicon.places);
    if profile.cities.is_empty() {
        return Some(weights.same_city);
    }
    let far = profile.relocate.then_some(weights.far_city);
    let Some(city) = city else { return far };
    if profile.cities.contains(&city) {
        return Some(weights.same_city);
    }
    let from = |wished: &AreaCode| {
        let near = places.neighbours(wished).contains(&city);
        let decayed = places.distance_km(wished, &city).map(|km| faded(weights, km));
        let unmeasured = if near { weights.neighbour_city } else { weights.far_city };
        (near || profile.relocate).then(|| decayed.unwrap_or(unmeasured))
    };
    profile.cities.iter().filter_map(from).max().max(far)
}

/// What is left of the fit of a city so many kilometres away: half at `half_km`.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 250, saturating")]
fn faded(weights: &Weights, km: f64) -> u8 {
    let half = f64::from(weights.half_km);
    (f64::from(weights.same_city) * half / (half + km)).floor() as u8
}

/// Whether what was learnt meets what is asked for; none where it surely does not.
pub fn schooling(profile: &Profile, asked: Option<Education>, stand_in: Option<SkillGrade>, lexicon: &Lexicon) -> Option<Status> {
    let Some(asked) = asked else { return Some(Status::Unknown) };
    let enough = profile.education.map(|held| lexicon.education.meets(held, asked));
    if asked == Education::None || enough == Some(true) {
        return Some(Status::Met);
    }
    match stand_in {
        Some(grade) if profile.best_grade() >= Some(grade) => Some(Status::Met),
        Some(_) if profile.certificates.is_empty() => Some(Status::Unknown),
        _ if enough.is_none() => Some(Status::Unknown),
        _ => None,
    }
}

/// The credit of a relation, a sureness and a grade, each 0 to 1.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 200, saturating")]
pub fn credit(relation: f64, sureness: f64, grade: f64) -> u8 {
    (relation * sureness * grade * f64::from(CREDIT_FULL)).round() as u8
}

/// The credit of a held certificate for an asked occupation and grade.
pub fn certificate_credit(occupation: &str, grade: SkillGrade, held: &Certificate, weights: &Weights) -> u8 {
    let small_class = |code: &str| code.get(..SMALL_CLASS).map(str::to_owned);
    let kinship = if held.occupation == occupation {
        1.0
    } else if small_class(&held.occupation).is_some_and(|class| Some(class) == small_class(occupation)) {
        weights.kindred_occupation
    } else {
        return 0;
    };
    credit(kinship, 1.0, weights.grade_share(Some(grade), Some(held.grade)).0)
}

/// Whether people fresh from school need no experience here; none where it is not known whether the graduate is one.
pub fn waived(profile: &Profile, scale: Scale<'_>) -> Option<bool> {
    let left = profile.graduates_on?;
    Some((scale.day - left).num_days() <= scale.weights.fresh_from_school_days)
}

/// The credit of the freshness; none where it is not known since when a vacancy is live.
pub fn freshness(facts: &Facts, scale: Scale<'_>) -> Option<u8> {
    facts.live_since.map(|since| scale.weights.freshness_credit((scale.day - since).num_days()))
}

fn skills(profile: &Profile, facts: &Facts, scale: Scale<'_>, out: &mut Vec<Requirement>) -> Part {
    let parts = scale.weights.split(facts);
    let mut sums = (0, 0);
    let mut add = |(low, high): (u8, u8), parts: u8| {
        sums.0 += u32::from(low) * u32::from(parts);
        sums.1 += u32::from(high) * u32::from(parts);
    };
    for (asked, parts) in facts.skills.iter().zip(&parts) {
        add(skill(profile, asked, *parts, scale, out), *parts);
    }
    if let (Some(asked), [before @ .., parts]) = (&facts.certificate, parts.as_slice()) {
        add(certificate(profile, asked, *parts, scale, out), *parts);
        // Nobody has said what the work takes beside the certificate.
        before.iter().filter(|_| facts.skills.is_empty()).for_each(|unnamed| add((0, CREDIT_FULL), *unnamed));
    }
    if parts.is_empty() { part(scale.weights.skills, Status::Unknown) } else { sums }
}

fn skill(profile: &Profile, asked: &Asked, parts: u8, scale: Scale<'_>, out: &mut Vec<Requirement>) -> (u8, u8) {
    let Scale { weights, lexicon, relations, .. } = scale;
    let earned = |held: &Held| {
        let relation = relations.credit(lexicon, &asked.id, &held.id);
        let (low, high) = weights.grade_share(asked.grade, held.grade);
        (credit(relation, held.sureness, low), credit(relation, held.sureness, high))
    };
    let best = profile.skills.iter().map(|held| (earned(held), held)).max_by_key(|((low, high), _)| (*low, *high));
    let high = profile.skills.iter().map(|held| earned(held).1).max().unwrap_or(0);
    let (low, evidence) = best.filter(|((low, _), _)| *low > 0).map_or((0, None), |((low, _), held)| (low, Some(told(held))));
    let status = match low {
        MET.. => Status::Met,
        1.. => Status::Partly,
        0 => Status::Unmet,
    };
    let grade = asked.grade.map(|grade| format!("（{}）", grade.name())).unwrap_or_default();
    out.push(Requirement {
        subject: Subject::Skill(asked.id.clone()),
        asked: format!("{}{grade}", asked.name),
        need: need(asked.essential),
        status,
        evidence,
        weight: of(parts.into(), PARTS),
    });
    (low, high)
}

fn told(held: &Held) -> String {
    held.grade.map_or_else(|| held.name.clone(), |grade| format!("{}（{}）", held.name, grade.name()))
}

const fn need(essential: bool) -> Need {
    if essential { Need::Essential } else { Need::Optional }
}

fn certificate(profile: &Profile, asked: &CertificateAsked, parts: u8, scale: Scale<'_>, out: &mut Vec<Requirement>) -> (u8, u8) {
    let held = || profile.certificates.iter();
    let earned = |held: &Certificate| {
        asked.occupation.as_deref().map_or(0, |code| certificate_credit(code, asked.grade, held, scale.weights))
    };
    let best = held().map(|held| (earned(held), held)).max_by_key(|(credit, held)| (*credit, held.grade));
    let credit = best.map_or(0, |(credit, _)| credit);
    let perhaps = profile.certificates.is_empty() || (asked.occupation.is_none() && held().any(|held| held.grade >= asked.grade));
    let status = match credit {
        MET.. => Status::Met,
        1.. => Status::Partly,
        0 if perhaps => Status::Unknown,
        0 => Status::Unmet,
    };
    let occupation = asked.occupation.as_deref().and_then(|code| scale.lexicon.occupations.get(code));
    let name = occupation.map(|occupation| occupation.name.clone()).unwrap_or_default();
    out.push(Requirement {
        subject: Subject::Certificate(asked.clone()),
        asked: format!("{name}{}证书", asked.grade.name()),
        need: need(asked.essential),
        status,
        evidence: best.filter(|(credit, _)| *credit > 0).map(|(_, held)| format!("{}{}证书", held.name, held.grade.name())),
        weight: of(parts.into(), PARTS),
    });
    (credit, if status == Status::Unknown { CREDIT_FULL } else { credit })
}

fn education(profile: &Profile, facts: &Facts, scale: Scale<'_>, out: &mut Vec<Requirement>) -> Option<Part> {
    let (weights, lexicon) = (scale.weights, scale.lexicon);
    let status = schooling(profile, facts.education, facts.stand_in, lexicon)?;
    let label = |level: Education| lexicon.education.label(level).0.to_owned();
    let asked = facts.education.map_or_else(|| "未说明".to_owned(), label);
    let enough = |held: &Education| facts.education.is_none_or(|asked| lexicon.education.meets(*held, asked));
    let by_grade = facts.stand_in.filter(|_| status == Status::Met && !profile.education.is_some_and(|held| enough(&held)));
    let certificate = profile.certificates.iter().max_by_key(|held| held.grade);
    out.push(Requirement {
        subject: Subject::Education(facts.education),
        asked: facts.stand_in.map_or(asked.clone(), |grade| format!("{asked}，或{}证书", grade.name())),
        need: Need::Essential,
        status,
        evidence: match (by_grade, certificate) {
            (Some(_), Some(held)) => Some(format!("{}{}证书", held.name, held.grade.name())),
            _ => profile.education.map(label),
        },
        weight: of(weights.education.into(), PARTS),
    });
    Some(part(weights.education, status))
}

/// People fresh from school are met without experience where the vacancy says so and no law forbids it.
fn experience(profile: &Profile, facts: &Facts, scale: Scale<'_>, out: &mut Vec<Requirement>) -> Part {
    let fresh = facts.waives(scale.weights).then(|| waived(profile, scale));
    let status = match (facts.min_months, fresh) {
        (Some(0), _) | (_, Some(Some(true))) => Status::Met,
        (None, _) | (_, Some(None)) => Status::Unknown,
        _ => Status::Unmet,
    };
    let asked = facts.min_months.map_or_else(|| "未说明".to_owned(), |months| format!("{months} 个月"));
    out.push(Requirement {
        subject: Subject::Experience(facts.min_months),
        asked: if fresh.is_some() { format!("{asked}，应届毕业生不限") } else { asked },
        need: Need::Optional,
        status,
        evidence: profile.graduates_on.filter(|_| fresh == Some(Some(true))).map(|day| format!("{day} 毕业")),
        weight: of(scale.weights.experience.into(), PARTS),
    });
    part(scale.weights.experience, status)
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
