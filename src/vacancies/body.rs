//! A vacancy as asked for (`VacancyBody`), read into a content or refused with every reason at once.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::db::types::EmployerId;
use crate::error::{Error, Refusal, Result};
use crate::lexicon::place_refusal;
use crate::vacancies::content::{Content, RawVacancy, Talk};

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 100;
/// The longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 20_000;

/// A place as asked for, by code or name.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceBody {
    /// The city.
    pub city: String,
    /// The district.
    pub district: Option<String>,
    /// The address.
    pub address: Option<String>,
}

/// A pay as asked for: the wording, or the figures.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SalaryBody {
    /// The wording.
    pub text: Option<String>,
    /// The least, in yuan.
    pub min: Option<i64>,
    /// The most, in yuan.
    pub max: Option<i64>,
    /// `month`, `year`, `day` or `hour`.
    pub unit: Option<String>,
}

/// The units in which pay is said in figures, with the word for each.
const UNITS: &[(&str, &str)] = &[("month", "月"), ("year", "年"), ("day", "天"), ("hour", "小时")];

/// A skill as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillBody {
    /// The id of the concept.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
}

/// A wording as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordingBody {
    /// The wording.
    pub text: String,
}

/// A vacancy as asked for; what can be derived is.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VacancyBody {
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// Whose it is, where a bureau posts for an employer.
    pub employer: Option<EmployerId>,
    /// The place.
    pub place: PlaceBody,
    /// The occupation, by code or name.
    pub occupation: Option<String>,
    /// The skills.
    #[serde(default)]
    pub skills: Vec<SkillBody>,
    /// The pay.
    #[serde(default)]
    pub salary: SalaryBody,
    /// The education.
    pub education: Option<WordingBody>,
    /// The experience.
    pub experience: Option<WordingBody>,
    /// The form of employment.
    pub employment_type: Option<String>,
    /// How many people are wanted.
    pub headcount: Option<u32>,
    /// The benefits, in words.
    #[serde(default)]
    pub benefits: Vec<String>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
}

impl VacancyBody {
    /// Reads the body into a content, or names everything that is refused.
    pub fn read(&self, employer_name: &str, talk: Talk<'_>) -> Result<Content> {
        let mut refusals = self.refusals();
        if let Err(error) = talk.lexicon.places.resolve(&self.place.wording(), talk.region) {
            refusals.push(place_refusal("/place/city", &error));
        }
        match refusals.is_empty() {
            true => Ok(self.content(employer_name, talk)),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Reads what the body says, sound or not.
    pub(super) fn content(&self, employer_name: &str, talk: Talk<'_>) -> Content {
        let (code, name) = match self.occupation.as_deref() {
            Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => (text.to_owned(), String::new()),
            Some(text) => (String::new(), text.to_owned()),
            None => Default::default(),
        };
        let raw = RawVacancy {
            title: self.title.trim().to_owned(),
            description: self.description.trim().to_owned(),
            employer_name: employer_name.to_owned(),
            place: self.place.wording(),
            address: self.place.address.clone().unwrap_or_default(),
            occupation_code: code,
            occupation_name: name,
            skills: self.skills.iter().filter_map(|skill| skill.id.clone().or_else(|| skill.name.clone())).collect(),
            salary: self.salary.wording(),
            education: self.education.as_ref().map(|e| e.text.clone()).unwrap_or_default(),
            experience: self.experience.as_ref().map(|e| e.text.clone()).unwrap_or_default(),
            employment_type: self.employment_type.clone().unwrap_or_default(),
            headcount: self.headcount.map(|n| n.to_string()).unwrap_or_default(),
            benefits: self.benefits.join(" "),
            industry: String::new(),
        };
        let content = Content::read(&raw, talk);
        let employment_type = content.employment_type.clone().or_else(|| self.employment_type.clone());
        Content { employment_type, ..content }
    }

    pub(super) fn refusals(&self) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let title = self.title.trim().chars().count();
        if title == 0 || title > TITLE_CHARS_MAX {
            refusals.push(Refusal::new(
                "/title",
                "bad_title",
                "岗位名称须为 1 至 100 个字",
                "the title is not of 1 to 100 characters",
            ));
        }
        if self.description.chars().count() > DESCRIPTION_CHARS_MAX {
            let zh = "岗位描述不得超过 20000 个字";
            refusals.push(Refusal::new("/description", "too_long", zh, "the description is longer than 20000 characters"));
        }
        self.salary.refuse(&mut refusals);
        if matches!((self.salary.min, self.salary.max), (Some(min), Some(max)) if min > max) {
            let zh = "最低薪酬高于最高薪酬";
            refusals.push(Refusal::new("/salary/max", "range_reversed", zh, "the least pay is above the most"));
        }
        if matches!((self.valid_from, self.expires_at), (Some(from), Some(to)) if from > to) {
            refusals.push(Refusal::new("/expires_at", "range_reversed", "截止日期早于开始日期", "it ends before it begins"));
        }
        refusals
    }
}

impl PlaceBody {
    /// Words the place as one text.
    pub(super) fn wording(&self) -> String {
        self.district.as_ref().map_or_else(|| self.city.clone(), |district| format!("{} {district}", self.city))
    }
}

impl SalaryBody {
    fn refuse(&self, refusals: &mut Vec<Refusal>) {
        let in_figures = self.min.is_some() || self.max.is_some() || self.unit.is_some();
        if self.text.is_some() && in_figures {
            let zh = "薪酬请用文字或数字其中一种方式填写";
            refusals.push(Refusal::new("/salary", "text_and_figures", zh, "the pay is said in words and in figures"));
        }
        if self.unit.as_deref().is_some_and(|unit| !UNITS.iter().any(|(known, _)| *known == unit)) {
            refusals.push(Refusal::new("/salary/unit", "unknown_unit", "没有这个计薪单位", "no such unit of pay"));
        }
        for (pointer, value) in [("/salary/min", self.min), ("/salary/max", self.max)] {
            if value.is_some_and(|value| value < 0) {
                refusals.push(Refusal::new(pointer, "negative", "薪酬不能为负数", "pay is not below nought"));
            }
        }
    }

    fn wording(&self) -> String {
        let named = UNITS.iter().find(|(unit, _)| self.unit.as_deref() == Some(unit));
        let unit = named.map_or("月", |(_, word)| word);
        match (&self.text, self.min, self.max) {
            (Some(text), ..) => text.clone(),
            (None, Some(min), Some(max)) => format!("{min}-{max}元/{unit}"),
            (None, Some(min), None) => format!("{min}元/{unit}以上"),
            (None, None, Some(max)) => format!("{max}元/{unit}以下"),
            (None, None, None) => String::new(),
        }
    }
}
