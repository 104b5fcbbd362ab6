//! What does a vacancy say? `RawVacancy` is the wording of a feed or a form, `Content` what could be read of it: typed
//! where the words are clear, `null` where they say nothing, never a guess; the wording itself is kept.

use serde::{Deserialize, Serialize};

use crate::lexicon::{AreaCode, Lexicon, Mention, Place, experience, headcount, phone};

/// How many skills a vacancy may carry; more is a word list, not a demand.
pub const SKILLS_MAX: usize = 24;

/// The wording of a vacancy, as a feed, a sheet or a form gives it; empty where nothing is given.
#[derive(Debug, Clone, Default)]
pub struct RawVacancy {
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The employer's name.
    pub employer_name: String,
    /// The wording of the place: code, name or address.
    pub place: String,
    /// The address inside the place.
    pub address: String,
    /// A code of the occupation, of any edition.
    pub occupation_code: String,
    /// The name of the occupation.
    pub occupation_name: String,
    /// Skills that the source lists, by id or name.
    pub skills: Vec<String>,
    /// The wording of the pay.
    pub salary: String,
    /// The wording of the education.
    pub education: String,
    /// The wording of the experience.
    pub experience: String,
    /// The wording of the form of employment.
    pub employment_type: String,
    /// The wording of the number of people wanted.
    pub headcount: String,
    /// The wording of the benefits.
    pub benefits: String,
    /// The industry, by GB/T 4754 code.
    pub industry: String,
}

/// Where the work is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlaceOf {
    /// The city, by GB/T 2260 code.
    pub city: String,
    /// The name of the city.
    pub city_name: String,
    /// The district.
    pub district: Option<String>,
    /// The name of the district.
    pub district_name: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The latitude of the narrowest area known, WGS 84 degrees.
    pub lat: Option<f64>,
    /// The longitude.
    pub lon: Option<f64>,
}

/// Which occupation (职业分类大典 2022) it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OccupationOf {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

/// A skill that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SkillNeed {
    /// The id of the concept.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `essential` or `optional`.
    pub need: String,
    /// `stated` by the source, or `extracted` from the text.
    pub origin: String,
}

/// Whether it is a handicraft vacancy, and which rule says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HandicraftOf {
    /// Whether it is.
    pub is: bool,
    /// The rule that fired.
    pub rule: Option<String>,
}

/// What is paid, in whole yuan a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SalaryOf {
    /// The least.
    pub min: Option<i64>,
    /// The most.
    pub max: Option<i64>,
    /// The unit of the wording.
    pub unit: Option<String>,
    /// How many months are paid a year.
    pub months: Option<u8>,
    /// Whether it is left open (面议).
    pub negotiable: bool,
    /// The wording.
    pub text: String,
}

/// The education asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EducationOf {
    /// The least that is accepted.
    pub min: Option<String>,
    /// The wording.
    pub text: String,
}

/// The experience asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExperienceOf {
    /// The least, in months.
    pub min_months: Option<u32>,
    /// The most, in months.
    pub max_months: Option<u32>,
    /// The wording.
    pub text: String,
}

/// What a vacancy says, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Content {
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The employer's name as the source writes it.
    pub employer_name: String,
    /// The place.
    pub place: Option<PlaceOf>,
    /// The occupation.
    pub occupation: Option<OccupationOf>,
    /// The skills.
    pub skills: Vec<SkillNeed>,
    /// Whether it is a handicraft vacancy.
    pub handicraft: HandicraftOf,
    /// The pay.
    pub salary: SalaryOf,
    /// The education.
    pub education: EducationOf,
    /// The experience.
    pub experience: ExperienceOf,
    /// The form of employment.
    pub employment_type: Option<String>,
    /// How many people are wanted.
    pub headcount: Option<u32>,
    /// The benefits.
    pub benefits: Vec<String>,
    /// Whether people fresh from school are named as welcome.
    pub fresh_graduates_welcome: Option<bool>,
}

/// What the reading of a vacancy needs besides its words.
#[derive(Clone, Copy)]
pub struct Talk<'a> {
    /// The word lists.
    pub lexicon: &'a Lexicon,
    /// The GB/T 2260 prefix that is served.
    pub region: &'a str,
}

impl Content {
    /// Reads a wording; what it does not say stays empty.
    pub fn read(raw: &RawVacancy, talk: Talk<'_>) -> Content {
        let lexicon = talk.lexicon;
        let experience = experience::parse(&raw.experience);
        let fresh = experience.as_ref().is_some_and(|e| e.fresh_graduates) || raw.title.contains("应届");
        let occupation = lexicon.occupations.read(&raw.occupation_code, &raw.occupation_name);
        let code = occupation.as_ref().map(|o| o.occupation.code.as_str());
        let industry = Some(raw.industry.as_str()).filter(|i| !i.is_empty());
        let (title, description) = (lexicon.skills.extract(&raw.title), lexicon.skills.extract(&raw.description));
        let rule = lexicon.skills.handicraft_rule_of(industry, code, &title, &description);
        let education = lexicon.education.parse_wording(&raw.education);
        Content {
            title: raw.title.clone(),
            description: phone::mask_all(&raw.description),
            employer_name: raw.employer_name.clone(),
            place: place_of(raw, talk),
            occupation: occupation.map(|o| OccupationOf { code: o.occupation.code.clone(), name: o.occupation.name.clone() }),
            skills: skills_of(&raw.skills, &title, &description, lexicon),
            handicraft: HandicraftOf { is: rule.is_some(), rule: rule.map(|r| r.as_str().to_owned()) },
            salary: salary_of(&raw.salary, lexicon),
            education: EducationOf { min: education.map(|e| e.min.as_str().to_owned()), text: raw.education.clone() },
            experience: ExperienceOf {
                min_months: experience.as_ref().map(|e| e.min_months),
                max_months: experience.as_ref().and_then(|e| e.max_months),
                text: raw.experience.clone(),
            },
            employment_type: lexicon.employment.parse(&raw.employment_type).map(|e| e.as_str().to_owned()),
            headcount: headcount::parse(&raw.headcount).and_then(|h| h.count()),
            benefits: lexicon.benefits.find(&raw.benefits).into_iter().map(|b| b.id.clone()).collect(),
            fresh_graduates_welcome: fresh.then_some(true),
        }
    }

    /// Gives the city, if known.
    pub fn city(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.city.as_str())
    }
}

/// Reads the place: as a name first, then as an address that contains one.
fn place_of(raw: &RawVacancy, talk: Talk<'_>) -> Option<PlaceOf> {
    let places = &talk.lexicon.places;
    let wording = raw.place.trim();
    let exact = (!wording.is_empty()).then(|| places.resolve(wording, talk.region).ok()).flatten();
    let found = exact.or_else(|| places.locate(wording, talk.region)).or_else(|| places.locate(&raw.address, talk.region))?;
    let Place { city, district, .. } = found;
    let name = |code: &AreaCode| places.get(code).map(|area| area.name.clone());
    let area = district.as_ref().and_then(|d| places.get(d)).filter(|a| a.lat.is_some()).or_else(|| places.get(&city));
    Some(PlaceOf {
        city: city.as_str().to_owned(),
        city_name: name(&city).unwrap_or_default(),
        district_name: district.as_ref().and_then(name),
        district: district.map(|d| d.as_str().to_owned()),
        address: Some(raw.address.clone()).filter(|a| !a.is_empty()),
        lat: area.and_then(|a| a.lat),
        lon: area.and_then(|a| a.lon),
    })
}

/// Collects the skills that are listed, then those that title and description name.
fn skills_of(listed: &[String], title: &[Mention<'_, '_>], description: &[Mention<'_, '_>], lexicon: &Lexicon) -> Vec<SkillNeed> {
    let mut found: Vec<SkillNeed> = Vec::new();
    let mut add = |id: &str, need: &str, origin: &str| {
        if let Some(skill) = lexicon.skills.get(id)
            && found.len() < SKILLS_MAX
            && !found.iter().any(|s| s.id == id)
        {
            found.push(SkillNeed {
                id: id.to_owned(),
                name: skill.name.clone(),
                need: need.to_owned(),
                origin: origin.to_owned(),
            });
        }
    };
    for listed in listed {
        let by_id = lexicon.skills.get(listed).map(|skill| skill.id.as_str());
        let by_name = lexicon.skills.find(listed).into_iter().map(|skill| skill.id.as_str());
        for id in by_id.into_iter().chain(by_name) {
            add(id, "essential", "stated");
        }
    }
    for (mentions, need) in [(title, "essential"), (description, "optional")] {
        for mention in mentions.iter().filter(|mention| !mention.negated) {
            for skill in &mention.skills {
                add(&skill.id, need, "extracted");
            }
        }
    }
    found
}

fn salary_of(wording: &str, lexicon: &Lexicon) -> SalaryOf {
    let parsed = lexicon.salary.parse(wording);
    SalaryOf {
        min: parsed.min,
        max: parsed.max,
        unit: parsed.unit.map(|unit| unit.as_str().to_owned()),
        months: parsed.months,
        negotiable: parsed.negotiable,
        text: wording.to_owned(),
    }
}
