//! What does a graduate bring? The profile as written, and as read into concepts.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Refusal, Result};
use crate::lexicon::{AreaCode, Education, Lexicon, Programme, SkillGrade, place_refusal};

/// How many skills a profile may name.
const SKILLS_MAX: usize = 60;
/// How many certificates a profile may name.
const CERTIFICATES_MAX: usize = 60;
/// How many cities a profile may name.
const CITIES_MAX: usize = 20;

/// A skill that a graduate has, by id or name.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillHeld {
    /// The id of the concept.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The grade, 5 (初级工) to 1 (高级技师).
    pub grade: Option<u8>,
}

/// A certificate that a graduate has.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateHeld {
    /// The occupation, by code or name.
    pub occupation: String,
    /// The grade, 5 (初级工) to 1 (高级技师).
    pub grade: u8,
}

/// A profile as written.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProfileBody {
    /// The programme of a technical school.
    pub programme: Option<String>,
    /// The education.
    pub education: Option<String>,
    /// The major.
    pub major: Option<String>,
    /// The skills.
    pub skills: Vec<SkillHeld>,
    /// The cities wished for, the best first.
    pub cities: Vec<String>,
    /// Whether work elsewhere is welcome too.
    pub relocate: bool,
    /// The least pay wished for, in yuan a month.
    pub salary_min: Option<i64>,
    /// The certificates.
    pub certificates: Vec<CertificateHeld>,
    /// The day of graduation.
    pub graduates_on: Option<NaiveDate>,
    /// How many matches, 1 to 100.
    pub limit: Option<u32>,
}

/// A skill with how sure it is: 1 when named, less when inferred from the major.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The id of the concept.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How sure, 0 to 1.
    pub sureness: f64,
    /// The grade, stated or told by a certificate.
    pub grade: Option<SkillGrade>,
}

/// A certificate as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The code of the occupation.
    pub occupation: String,
    /// Its name.
    pub name: String,
    /// The grade.
    pub grade: SkillGrade,
}

/// A profile as read.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The skills.
    pub skills: Vec<Held>,
    /// The education, that of the programme counted as its equivalent.
    pub education: Option<Education>,
    /// The cities wished for.
    pub cities: Vec<AreaCode>,
    /// Whether work elsewhere is welcome too.
    pub relocate: bool,
    /// The least pay wished for, in yuan a month.
    pub salary_min: Option<i64>,
    /// The certificates.
    pub certificates: Vec<Certificate>,
    /// The day of graduation.
    pub graduates_on: Option<NaiveDate>,
}

impl Profile {
    /// Gives the best grade that a certificate tells.
    pub fn best_grade(&self) -> Option<SkillGrade> {
        self.certificates.iter().map(|held| held.grade).max()
    }

    /// Reads a profile; what is not known is refused with its place.
    pub fn parse(body: &ProfileBody, lexicon: &Lexicon, region: &str, inferred: f64) -> Result<Profile> {
        let mut refusals = Vec::new();
        if body.skills.len() > SKILLS_MAX {
            refusals.push(Refusal::new("/skills", "too_many", "技能不得超过 60 项", "more than 60 skills"));
        }
        if body.cities.len() > CITIES_MAX {
            refusals.push(Refusal::new("/cities", "too_many", "城市不得超过 20 个", "more than 20 cities"));
        }
        let mut cities = Vec::new();
        for (at, text) in body.cities.iter().take(CITIES_MAX).enumerate() {
            match lexicon.places.resolve(text, region) {
                Ok(place) => cities.push(place.city),
                Err(error) => refusals.push(place_refusal(&format!("/cities/{at}"), &error)),
            }
        }
        let programme =
            body.programme.as_deref().map(|text| Programme::parse(text).or_else(|| lexicon.education.parse_programme(text)));
        if programme == Some(None) {
            refusals.push(Refusal::new("/programme", "unknown_programme", "没有这种班次", "no such programme"));
        }
        let education = body
            .education
            .as_deref()
            .map(|text| Education::parse(text).or_else(|| lexicon.education.parse_wording(text).map(|wording| wording.min)));
        if education == Some(None) {
            refusals.push(Refusal::new("/education", "unknown_education", "没有这种学历", "no such education"));
        }
        let certificates = certificates(body, lexicon, &mut refusals);
        let mut skills = skills(body, lexicon, inferred, &mut refusals);
        skills.iter_mut().for_each(|held| held.grade = held.grade.max(certified(held, &certificates, lexicon)));
        if !refusals.is_empty() {
            return Err(Error::Invalid(refusals));
        }
        let education = lexicon.education.held(education.flatten(), programme.flatten());
        let ProfileBody { relocate, salary_min, graduates_on, .. } = *body;
        Ok(Profile { skills, education, cities, relocate, salary_min, certificates, graduates_on })
    }
}

fn certificates(body: &ProfileBody, lexicon: &Lexicon, refusals: &mut Vec<Refusal>) -> Vec<Certificate> {
    if body.certificates.len() > CERTIFICATES_MAX {
        refusals.push(Refusal::new("/certificates", "too_many", "证书不得超过 60 项", "more than 60 certificates"));
    }
    let mut held = Vec::new();
    for (at, certificate) in body.certificates.iter().take(CERTIFICATES_MAX).enumerate() {
        let CertificateHeld { occupation, grade } = certificate;
        let read = lexicon.occupations.read(occupation, occupation);
        if read.is_none() {
            let zh = format!("没有“{occupation}”这一职业");
            let pointer = format!("/certificates/{at}/occupation");
            refusals.push(Refusal::new(pointer, "unknown_occupation", zh, format!("no such occupation: {occupation}")));
        }
        let grade = grade_of(Some(*grade), || format!("/certificates/{at}/grade"), refusals);
        if let (Some(read), Some(grade)) = (read, grade) {
            held.push(Certificate { occupation: read.occupation.code.clone(), name: read.occupation.name.clone(), grade });
        }
    }
    held
}

fn grade_of(number: Option<u8>, pointer: impl Fn() -> String, refusals: &mut Vec<Refusal>) -> Option<SkillGrade> {
    let grade = SkillGrade::parse(number?).ok();
    if grade.is_none() {
        let zh = "技能等级须为 5（初级工）至 1（高级技师）";
        refusals.push(Refusal::new(pointer(), "bad_grade", zh, "the grade is not within 5 to 1"));
    }
    grade
}

/// The grade that certificates tell of a skill: those of an occupation that the skill is listed with.
fn certified(held: &Held, certificates: &[Certificate], lexicon: &Lexicon) -> Option<SkillGrade> {
    let occupations = &lexicon.skills.get(&held.id)?.occupations;
    certificates.iter().filter(|held| occupations.contains(&held.occupation)).map(|held| held.grade).max()
}

fn skills(body: &ProfileBody, lexicon: &Lexicon, inferred: f64, refusals: &mut Vec<Refusal>) -> Vec<Held> {
    let mut held: Vec<Held> = Vec::new();
    let mut add = |id: &str, name: &str, sureness: f64, grade: Option<SkillGrade>| {
        if !held.iter().any(|h| h.id == id) {
            held.push(Held { id: id.to_owned(), name: name.to_owned(), sureness, grade });
        }
    };
    for (at, skill) in body.skills.iter().take(SKILLS_MAX).enumerate() {
        let by_id = skill.id.as_deref().and_then(|id| lexicon.skills.get(id));
        let by_name = skill.name.as_deref().map(|name| lexicon.skills.find(name)).unwrap_or_default();
        if by_id.is_none() && by_name.is_empty() {
            let word = skill.name.as_deref().or(skill.id.as_deref()).unwrap_or_default();
            let zh = format!("没有“{word}”这项技能");
            refusals.push(Refusal::new(format!("/skills/{at}"), "unknown_skill", zh, format!("no such skill: {word}")));
        }
        let grade = grade_of(skill.grade, || format!("/skills/{at}/grade"), refusals);
        by_id.into_iter().chain(by_name).for_each(|skill| add(&skill.id, &skill.name, 1.0, grade));
    }
    for (skill, weight) in body.major.as_deref().map(|major| lexicon.skills.major_skills(major)).unwrap_or_default() {
        add(&skill.id, &skill.name, weight.min(inferred), None);
    }
    held
}
