//! Who shall be placed where? A placement as asked for: pairs with scores of one's own, or a cohort against live vacancies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::Objective;
use super::own::{Cap, Kept, Own, Pair};
use crate::db::types::{EmployerId, GraduateId, SchoolId, TrainingOrderId, VacancyId};
use crate::error::{Error, Result};

/// How long lists are when nothing is said.
const LIST_DEFAULT: usize = 20;
/// How long lists may be.
const LIST_MAX: usize = 50;
/// How many quotas or reservations may be asked for.
const LIMITS_MAX: usize = 200;

/// Whom to place.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CohortBody {
    /// The graduates of a school; a school's own account need not say it.
    pub school: Option<SchoolId>,
    /// The graduates of the schools of a city, by code or name.
    pub city: Option<String>,
    /// A class of it: those of a major, by its name.
    pub major: Option<String>,
    /// A class of it: those who graduate on a day.
    pub graduates_on: Option<NaiveDate>,
    /// These graduates.
    pub graduates: BTreeSet<GraduateId>,
}

/// Which live vacancies there are to be had; all of them when nothing is said.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpeningsBody {
    /// Those of a city or district, by code or name.
    pub city: Option<String>,
    /// Those of an employer.
    pub employer: Option<EmployerId>,
    /// These.
    pub ids: BTreeSet<VacancyId>,
}

/// A limit over a group of vacancies. Any two groups are apart, or one holds the other.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaBody {
    /// All vacancies of a city or district, by code or name.
    pub city: Option<String>,
    /// These vacancies.
    #[serde(default)]
    pub vacancies: BTreeSet<String>,
    /// How many are placed there at most.
    pub at_most: u32,
}

/// Places that the class of a training order goes first in. They stand at the head of the list of everybody in the class who is
/// eligible; what the class leaves is open to all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservedBody {
    /// The ordering employer: its vacancies in order of age, as far as the number of places goes.
    pub employer: Option<EmployerId>,
    /// One vacancy.
    pub vacancy: Option<String>,
    /// A training order whose class has finished: the employer and those who finished are read from it, as far as they are in
    /// the cohort.
    #[serde(default)]
    pub order: Option<TrainingOrderId>,
    /// How many places; as many as the class has members when nothing is said.
    pub places: Option<u32>,
    /// The class.
    #[serde(default)]
    pub graduates: BTreeSet<String>,
}

/// What shall be placed: `pairs` with `capacities`, or a `cohort`.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementBody {
    /// What the placement is good for.
    pub objective: Objective,
    /// Scores of one's own: whoever is in no pair cannot be placed. Nothing is stored.
    #[serde(default)]
    pub pairs: Option<Vec<Pair>>,
    /// How many each vacancy takes, beside `pairs`; one where nothing is said.
    #[serde(default)]
    pub capacities: BTreeMap<String, u32>,
    /// Whom to place on live vacancies, by the scores of this service.
    #[serde(default)]
    pub cohort: Option<CohortBody>,
    /// Which live vacancies there are to be had, beside `cohort`.
    #[serde(default)]
    pub vacancies: OpeningsBody,
    /// How many vacancies stand on the list of each graduate, 1 to 50, beside `cohort`; 20 when nothing is said.
    #[serde(default)]
    pub list_length: Option<usize>,
    /// Whether only employers count that the graduate agreed to be shown to, beside `cohort`.
    #[serde(default)]
    pub consented_only: bool,
    /// Limits over groups of vacancies.
    #[serde(default)]
    pub quotas: Vec<QuotaBody>,
    /// Places that a class goes first in.
    #[serde(default)]
    pub reserved: Vec<ReservedBody>,
}

/// A placement that can be made.
#[derive(Debug)]
pub enum Asked {
    /// By scores of one's own.
    Own(Objective, Own),
    /// Of a cohort on live vacancies; with the length of lists.
    Cohort(Box<PlacementBody>, usize),
}

impl PlacementBody {
    /// Checks what was asked for.
    pub fn parse(self) -> Result<Asked> {
        let length = self.list_length.unwrap_or(LIST_DEFAULT);
        if !(1..=LIST_MAX).contains(&length) {
            let zh = "list_length 须在 1 至 50 之间";
            return Err(Error::invalid("/list_length", "bad_length", zh, "list_length is not within 1 to 50"));
        }
        for (pointer, count) in [("/quotas", self.quotas.len()), ("/reserved", self.reserved.len())] {
            if count > LIMITS_MAX {
                return Err(Error::invalid(pointer, "too_many", "不得超过 200 项", "there are more than 200"));
            }
        }
        match (&self.pairs, &self.cohort) {
            (Some(_), None) => self.own(),
            (None, Some(_)) => Ok(Asked::Cohort(Box::new(self), length)),
            _ => {
                let zh = "请提供 pairs 或 cohort 之一";
                Err(Error::invalid("", "one_of", zh, "either pairs or a cohort is wanted"))
            }
        }
    }

    fn own(self) -> Result<Asked> {
        let named = |at: usize, quota: QuotaBody| match quota.city {
            None => Ok(Cap { vacancies: quota.vacancies, at_most: quota.at_most }),
            Some(_) => Err(beside_pairs(format!("/quotas/{at}/city"))),
        };
        let kept = |at: usize, body: ReservedBody| match (body.vacancy, body.employer, body.order) {
            (Some(vacancy), None, None) => {
                let places = body.places.unwrap_or(u32::try_from(body.graduates.len())?);
                Ok(Kept { vacancy, places, graduates: body.graduates })
            }
            _ => Err(beside_pairs(format!("/reserved/{at}"))),
        };
        let quotas = self.quotas.into_iter().enumerate().map(|(at, quota)| named(at, quota)).collect::<Result<_>>()?;
        let reserved = self.reserved.into_iter().enumerate().map(|(at, body)| kept(at, body)).collect::<Result<_>>()?;
        let own = Own { pairs: self.pairs.unwrap_or_default(), capacities: self.capacities, quotas, reserved };
        Ok(Asked::Own(self.objective, own))
    }

    /// Words what was asked for, to be kept: numbers in place of the names of graduates.
    pub fn kept(&self) -> Result<String> {
        let mut text = serde_json::to_value(self)?;
        let counted = |list: Option<&mut Value>| {
            if let Some(list) = list {
                *list = Value::from(list.as_array().map_or(0, Vec::len));
            }
        };
        counted(text.pointer_mut("/cohort/graduates"));
        for reserved in text.pointer_mut("/reserved").and_then(Value::as_array_mut).into_iter().flatten() {
            counted(reserved.get_mut("graduates"));
        }
        Ok(serde_json::to_string(&text)?)
    }
}

fn beside_pairs(pointer: String) -> Error {
    let zh = "使用 pairs 时只能指明岗位";
    Error::invalid(pointer, "vacancies_only", zh, "beside pairs only vacancies can be named")
}
