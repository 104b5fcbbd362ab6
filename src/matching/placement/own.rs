//! Whose scores are placed by, when somebody brings their own? Pairs with a score of either side, read from a request or
//! a file; nothing of it is looked up or kept.
#![expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores are checked first")]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answer::Names;
use super::market::{Application, Fault};
use super::pose::{Pose, Posed, Quota, Reserved, Unsound};
use crate::error::{Error, Result};

/// How many whole numbers of the kernel make one point of a score: scores count to six decimals.
const POINTS: f64 = 1_000_000.0;
/// The highest score.
const SCORE_MAX: f64 = 1_000.0;
/// How many pairs are taken at once.
const PAIRS_MAX: usize = 2_000_000;

/// A graduate and a vacancy that would have each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlacementPair)]
pub struct Pair {
    /// The graduate, by any name.
    pub graduate: String,
    /// The vacancy, by any name.
    pub vacancy: String,
    /// How well the vacancy suits the graduate, 0 to 1000.
    pub graduate_score: f64,
    /// How well the graduate suits the vacancy, 0 to 1000.
    pub vacancy_score: f64,
}

/// A limit over a group of vacancies, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cap {
    /// The vacancies.
    pub vacancies: BTreeSet<String>,
    /// How many they take together at most.
    pub at_most: u32,
}

/// Places that a class goes first in, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The vacancy.
    pub vacancy: String,
    /// How many places of its headcount.
    pub places: u32,
    /// The class.
    pub graduates: BTreeSet<String>,
}

/// A question in names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// The pairs.
    pub pairs: Vec<Pair>,
    /// The headcounts; one where nothing is said.
    pub capacities: BTreeMap<String, u32>,
    /// The quotas.
    pub quotas: Vec<Cap>,
    /// The reserved places.
    pub reserved: Vec<Kept>,
}

impl Own {
    /// Poses the question. Equal scores of a graduate are ordered by the vacancy's name, of a vacancy by the graduate's.
    pub fn pose(&self) -> Result<(Posed, Names)> {
        if self.pairs.len() > PAIRS_MAX {
            return Err(Error::invalid("/pairs", "too_many", "配对数量过多", "too many pairs"));
        }
        let graduates: BTreeSet<&str> = self.pairs.iter().map(|pair| pair.graduate.as_str()).collect();
        let named = self.pairs.iter().map(|pair| pair.vacancy.as_str());
        let vacancies: BTreeSet<&str> = named.chain(self.capacities.keys().map(String::as_str)).collect();
        let number = |names: &BTreeSet<&str>| -> BTreeMap<String, usize> {
            names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), at)).collect()
        };
        let (graduate_at, vacancy_at) = (number(&graduates), number(&vacancies));
        let mut lists: Vec<Vec<Application>> = vec![Vec::new(); graduates.len()];
        for (at, pair) in self.pairs.iter().enumerate() {
            let place = vacancy_at.get(&pair.vacancy).copied().unwrap_or_default() as u32;
            let graduate_score = whole(pair.graduate_score, || format!("/pairs/{at}/graduate_score"))?;
            let vacancy_score = whole(pair.vacancy_score, || format!("/pairs/{at}/vacancy_score"))?;
            if let Some(list) = graduate_at.get(&pair.graduate).and_then(|at| lists.get_mut(*at)) {
                list.push(Application { place, graduate_score, vacancy_score });
            }
        }
        lists.iter_mut().for_each(|list| list.sort_by_key(|line| (std::cmp::Reverse(line.graduate_score), line.place)));
        let headcounts = vacancies.iter().map(|name| self.capacities.get(*name).copied().unwrap_or(1)).collect();
        let (quotas, reserved) = (self.quotas(&vacancy_at)?, self.reserved(&graduate_at, &vacancy_at)?);
        let posed = Pose { headcounts, lists, quotas, reserved }.market().map_err(|unsound| refuse(unsound, &graduates))?;
        let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
        Ok((posed, Names { graduates: owned(graduates), vacancies: owned(vacancies), points: POINTS }))
    }

    fn quotas(&self, vacancy_at: &BTreeMap<String, usize>) -> Result<Vec<Quota>> {
        let quota = |(at, cap): (usize, &Cap)| {
            let find =
                |name: &String| vacancy_at.get(name).copied().ok_or_else(|| unknown(&format!("/quotas/{at}/vacancies"), name));
            Ok(Quota { vacancies: cap.vacancies.iter().map(find).collect::<Result<_>>()?, at_most: cap.at_most })
        };
        self.quotas.iter().enumerate().map(quota).collect()
    }

    fn reserved(&self, graduate_at: &BTreeMap<String, usize>, vacancy_at: &BTreeMap<String, usize>) -> Result<Vec<Reserved>> {
        let reserved = |(at, kept): (usize, &Kept)| {
            let vacancy = vacancy_at.get(&kept.vacancy).copied();
            let vacancy = vacancy.ok_or_else(|| unknown(&format!("/reserved/{at}/vacancy"), &kept.vacancy))?;
            let graduates = kept.graduates.iter().filter_map(|name| graduate_at.get(name).copied()).collect();
            Ok(Reserved { vacancy, places: kept.places, graduates })
        };
        self.reserved.iter().enumerate().map(reserved).collect()
    }
}

fn whole(score: f64, pointer: impl Fn() -> String) -> Result<u32> {
    match (0.0..=SCORE_MAX).contains(&score) {
        true => Ok((score * POINTS).round() as u32),
        false => Err(Error::invalid(pointer(), "bad_score", "分数须在 0 至 1000 之间", "the score is not within 0 to 1000")),
    }
}

/// Refuses a vacancy that is not among those in question.
pub fn unknown(pointer: &str, name: &str) -> Error {
    let (zh, en) = (format!("所涉岗位中没有“{name}”"), format!("not among the vacancies in question: {name}"));
    Error::invalid(pointer, "unknown_vacancy", zh, en)
}

/// Words why a question cannot be posed.
pub fn refuse(unsound: Unsound, graduates: &BTreeSet<&str>) -> Error {
    match unsound {
        Unsound::Quota(at) => {
            let zh = "名额分组须互不相交或相互包含";
            Error::invalid(
                format!("/quotas/{at}"),
                "crossing_quotas",
                zh,
                "the quotas are neither apart nor one within the other",
            )
        }
        Unsound::Reserved(at) => {
            Error::invalid(format!("/reserved/{at}"), "unknown", "预留名额所指不存在", "it reserves what is not there")
        }
        Unsound::Market(Fault::List(graduate)) => {
            let name = graduates.iter().nth(graduate).copied().unwrap_or_default();
            let zh = format!("“{name}”的同一岗位出现了两次");
            Error::invalid("/pairs", "duplicate_pair", zh, format!("{name} and one vacancy are paired twice"))
        }
        Unsound::Market(Fault::Place(_) | Fault::TooLarge) => {
            Error::invalid("", "too_many", "规模过大", "there is more than can be numbered")
        }
    }
}
