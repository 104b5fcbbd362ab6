//! Which vacancies does a reader want? `FilterQuery` as asked, `Filter` with every word resolved: a pure value that says
//! yes or no to a vacancy as served, for followers that read rows and have no index at hand.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::db::types::{EmployerId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::lexicon::place::haversine_km;
use crate::lexicon::{AreaCode, Education, Lexicon, Place, Programme, place_refusal};
use crate::vacancies::content::Talk;
use crate::vacancies::model::VacancyView;

/// How far around a point is searched when nothing is said, in kilometres.
pub const RADIUS_KM: f64 = 50.0;

/// The filters of a search as asked; what is not said does not filter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilterQuery {
    /// Words; `"phrase"`, `-without`. For followers: a search has them apart from its filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Whether the words are read for what they mean; yes when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub understand: Option<bool>,
    /// Places by code, prefix or name; one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub city: Vec<String>,
    /// Whether the neighbours of these cities are wanted too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub include_nearby: bool,
    /// A point, `lat,lon` in degrees of WGS 84.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
    /// How far from the point, in kilometres; 50 when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius_km: Option<f64>,
    /// Skills by id or name, narrower ones included; all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skill: Vec<String>,
    /// An occupation code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupation: Option<String>,
    /// The education or programme that the person has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education: Option<String>,
    /// The experience that the person has, in months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience_months: Option<u32>,
    /// The least pay wanted, in yuan a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salary_min: Option<i64>,
    /// The form of employment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employment_type: Option<String>,
    /// Only those for people fresh from school.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_graduate: Option<bool>,
    /// Only handicraft vacancies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handicraft: Option<bool>,
    /// An employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer: Option<EmployerId>,
    /// The name of a source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Only those published after this instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_after: Option<Timestamp>,
}

/// The filters of a search, resolved.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    asked: FilterQuery,
    areas: Vec<String>,
    /// The leading digits of the cities beside those areas, where they are wanted.
    around: Vec<String>,
    /// The point, and how far from it is wanted.
    near: Option<((f64, f64), f64)>,
    skills: Vec<BTreeSet<String>>,
    educations: Option<BTreeSet<&'static str>>,
}

impl FilterQuery {
    /// Takes what is not said as a search does: only handicraft vacancies.
    pub fn of_search(self) -> FilterQuery {
        FilterQuery { handicraft: Some(self.handicraft.unwrap_or(true)), ..self }
    }
}

impl Filter {
    /// Resolves the words of a filter; places, skills and levels that are not known are refused, never ignored.
    pub fn read(asked: &FilterQuery, talk: Talk<'_>) -> Result<Filter> {
        let areas = asked.city.iter().map(|word| area(word, talk)).collect::<Result<Vec<String>>>()?;
        let skills = asked.skill.iter().map(|word| skill_ids(word, talk.lexicon)).collect::<Result<Vec<_>>>()?;
        let educations = asked.education.as_deref().map(|word| accepted_by(word, talk.lexicon)).transpose()?;
        let beside = areas.iter().filter(|_| asked.include_nearby).flat_map(|prefix| talk.lexicon.places.around(prefix));
        let around = beside.map(|city| city.prefix().to_owned()).collect();
        let near = asked.near.as_deref().map(point).transpose()?.map(|at| (at, asked.radius_km.unwrap_or(RADIUS_KM)));
        Ok(Filter { asked: asked.clone(), areas, around, near, skills, educations })
    }

    /// Gives the filters as they were asked.
    pub fn asked(&self) -> &FilterQuery {
        &self.asked
    }

    /// Gives the leading digits of the areas of which one is wanted; none when every place will do.
    pub fn areas(&self) -> &[String] {
        &self.areas
    }

    /// Gives the sets of skill ids, of each of which one is wanted.
    pub fn skills(&self) -> &[BTreeSet<String>] {
        &self.skills
    }

    /// Gives the levels of education that a vacancy may ask for.
    pub fn educations(&self) -> Option<&BTreeSet<&'static str>> {
        self.educations.as_ref()
    }

    /// Tells whether the vacancy is wanted, whatever its words; what it does not state never counts as met.
    pub fn admits(&self, vacancy: &VacancyView) -> bool {
        let FilterQuery {
            q: _,
            understand: _,
            city: _,
            include_nearby: _,
            near: _,
            radius_km: _,
            skill: _,
            occupation,
            education: _,
            experience_months,
            salary_min,
            employment_type,
            fresh_graduate,
            handicraft,
            employer,
            source,
            published_after,
        } = &self.asked;
        let same = |wanted: &Option<String>, told: Option<&String>| wanted.is_none() || wanted.as_ref() == told;
        let beginner = vacancy.fresh_graduates_welcome == Some(true) || vacancy.experience.min_months == Some(0);
        let paid = vacancy.salary.max.or(vacancy.salary.min);
        self.has_place(vacancy)
            && self.is_near(vacancy)
            && self.skills.iter().all(|ids| vacancy.skills.iter().any(|need| ids.contains(&need.id)))
            && self.has_education(vacancy)
            && same(occupation, vacancy.occupation.as_ref().map(|o| &o.code))
            && experience_months.is_none_or(|held| vacancy.experience.min_months.is_some_and(|asked| asked <= held))
            && salary_min.is_none_or(|least| paid.is_some_and(|paid| paid >= least))
            && same(employment_type, vacancy.employment_type.as_ref())
            && (*fresh_graduate != Some(true) || beginner)
            && (*handicraft != Some(true) || vacancy.handicraft.is)
            && (employer.is_none() || *employer == vacancy.employer.id)
            && source.as_ref().is_none_or(|name| vacancy.sources.iter().any(|source| source.name == *name))
            && published_after.is_none_or(|after| vacancy.published_at.is_some_and(|at| at > after))
    }

    fn has_place(&self, vacancy: &VacancyView) -> bool {
        let Some(place) = &vacancy.place else { return self.areas.is_empty() };
        let within = |code: &str, prefix: &String| code.starts_with(prefix.as_str());
        let inside = |prefix: &String| {
            within(&place.city, prefix) || place.district.as_deref().is_some_and(|district| within(district, prefix))
        };
        self.areas.is_empty() || self.areas.iter().chain(&self.around).any(inside)
    }

    fn is_near(&self, vacancy: &VacancyView) -> bool {
        let at = vacancy.place.as_ref().and_then(|place| place.lat.zip(place.lon));
        self.near.is_none_or(|(near, radius_km)| at.is_some_and(|at| haversine_km(near, at) <= radius_km))
    }

    fn has_education(&self, vacancy: &VacancyView) -> bool {
        let asked = vacancy.education.min.as_deref();
        self.educations.as_ref().is_none_or(|accepted| asked.is_some_and(|level| accepted.contains(level)))
    }
}

/// Reads a point, `lat,lon` in degrees.
pub fn point(text: &str) -> Result<(f64, f64)> {
    let read = text.split_once(',').and_then(|(lat, lon)| Some((lat.trim().parse().ok()?, lon.trim().parse().ok()?)));
    let sound = read.filter(|(lat, lon): &(f64, f64)| lat.abs() <= 90.0 && lon.abs() <= 180.0);
    sound.ok_or_else(|| {
        Error::Malformed(Refusal::new("/near", "bad_point", "near 须为“纬度,经度”", "near is not latitude,longitude in degrees"))
    })
}

/// Gives the GB/T 2260 digits that every code of the area begins with: two for a province, four for a city, six below.
fn area(word: &str, talk: Talk<'_>) -> Result<String> {
    let found = talk.lexicon.places.resolve(word, talk.region);
    let Place { city, district, .. } = found.map_err(|error| Error::Invalid(vec![place_refusal("/city", &error)]))?;
    let prefix = match &district {
        Some(district) => district.as_str(),
        None => significant(&city),
    };
    Ok(prefix.to_owned())
}

fn significant(city: &AreaCode) -> &str {
    let code = city.as_str();
    let digits = if code.ends_with("0000") { 2 } else { 4 };
    code.get(..digits).unwrap_or(code)
}

fn skill_ids(word: &str, lexicon: &Lexicon) -> Result<BTreeSet<String>> {
    let found = lexicon.skills.get(word).into_iter().chain(lexicon.skills.find(word));
    let mut ids = BTreeSet::new();
    for skill in found {
        ids.insert(skill.id.clone());
        ids.extend(lexicon.skills.narrower(&skill.id).into_iter().map(|narrower| narrower.id.clone()));
    }
    match ids.is_empty() {
        false => Ok(ids),
        true => {
            let zh = format!("没有“{word}”这项技能");
            Err(Error::invalid("/skill", "unknown_skill", zh, format!("no such skill: {word}")))
        }
    }
}

/// Gives the levels that a vacancy may ask for when somebody holds the level or programme named.
fn accepted_by(word: &str, lexicon: &Lexicon) -> Result<BTreeSet<&'static str>> {
    let levels = &lexicon.education;
    let programme = Programme::parse(word).or_else(|| levels.parse_programme(word));
    let by_programme = programme.map(|programme| levels.treated_as(programme));
    let by_wording = || levels.parse_wording(word).map(|wording| wording.min);
    let held = Education::parse(word).or(by_programme).or_else(by_wording).ok_or_else(|| {
        let zh = format!("没有“{word}”这种学历");
        Error::Malformed(Refusal::new("/education", "unknown_education", zh, format!("no such education: {word}")))
    })?;
    let accepted = Education::ALL.iter().filter(|level| levels.rank(**level) <= levels.rank(held));
    Ok(accepted.map(|level| level.as_str()).collect())
}
