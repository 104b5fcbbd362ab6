//! What does an instance file of placements hold? `match-b/1`: capacities, and lists of `[vacancy, graduate score, vacancy
//! score]` in the graduate's order of preference; or the body of a request with scores of one's own.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

use super::answer::Names;
use super::market::Application;
use super::outcome::Objective;
use super::own::{Cap, Kept, Own, Pair, refuse};
use super::pose::{Pose, Posed};
use crate::error::{Error, Result};

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Numbers { capacity: Vec<u32>, graduates: Vec<Vec<(u32, u32, u32)>> },
    Names(Box<Named>),
}

#[derive(Deserialize)]
struct Named {
    objective: Option<Objective>,
    pairs: Vec<Pair>,
    #[serde(default)]
    capacities: BTreeMap<String, u32>,
    #[serde(default)]
    quotas: Vec<Cap>,
    #[serde(default)]
    reserved: Vec<Kept>,
}

/// Reads an instance; the objective only where the file names one.
pub fn read(text: &[u8]) -> Result<(Posed, Names, Option<Objective>)> {
    let bad = |cause: serde_json::Error| Error::invalid("/instance", "bad_instance", "实例文件有误", cause.to_string());
    match serde_json::from_slice(text).map_err(bad)? {
        File::Names(named) => {
            let Named { objective, pairs, capacities, quotas, reserved } = *named;
            let (posed, names) = Own { pairs, capacities, quotas, reserved }.pose()?;
            Ok((posed, names, objective))
        }
        File::Numbers { capacity, graduates } => {
            let line = |(place, graduate_score, vacancy_score)| Application { place, graduate_score, vacancy_score };
            let number = |count: usize| (0..count).map(|at| at.to_string()).collect();
            let names = Names { graduates: number(graduates.len()), vacancies: number(capacity.len()), points: 1.0 };
            let lists = graduates.into_iter().map(|list| list.into_iter().map(line).collect()).collect();
            let pose = Pose { headcounts: capacity, lists, ..Pose::default() };
            let posed = pose.market().map_err(|unsound| refuse(unsound, &BTreeSet::new()))?;
            Ok((posed, names, None))
        }
    }
}
