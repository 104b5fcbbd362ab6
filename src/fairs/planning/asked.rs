//! What shall be planned, and how? A plan as asked for.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Refusal, Result};
use crate::fairs::planning::pose::{Fixed, Rules};

/// How many days a plan covers at most.
const PERIOD_DAYS_MAX: i64 = 400;
/// How long planning may take, in milliseconds.
const TIME_LIMIT_MS_MAX: u64 = 30_000;
/// How often the search may start anew.
const ROUNDS_MAX: usize = 100;
/// How many teams a bureau has at most.
const TEAMS_MAX: i64 = 100;

/// What shall be planned, and how.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// The city, by code or name; the whole province when nothing is said.
    pub city: Option<String>,
    /// The first day of the period.
    pub first_day: NaiveDate,
    /// The last day of the period.
    pub last_day: NaiveDate,
    /// How many days fairs of one city keep apart; 2 when nothing is said.
    #[serde(default = "two")]
    pub spacing_days: usize,
    /// How many days fairs of one school keep apart; 28 when nothing is said.
    #[serde(default = "four_weeks")]
    pub school_gap_days: usize,
    /// How many teams a bureau can send out on one day; 1 when nothing is said.
    #[serde(default = "one")]
    pub teams: i64,
    /// What a person decided; it stays.
    #[serde(default)]
    pub fixed: Vec<Fixed>,
    /// Whether every city gets its yearly “政策速递” visit; it does when nothing is said.
    #[serde(default = "yes")]
    pub duty_visits: bool,
    /// The seed: the same seed gives the same plan; 1 when nothing is said.
    #[serde(default = "first_seed")]
    pub seed: u64,
    /// How often the search starts anew, 1 to 100; 8 when nothing is said.
    #[serde(default = "eight")]
    pub rounds: usize,
    /// How long each of the two stages may take, in milliseconds, up to 30000; 2000 when nothing is said.
    #[serde(default = "two_seconds")]
    pub time_limit_ms: u64,
}

fn one() -> i64 {
    1
}

fn first_seed() -> u64 {
    1
}

fn two() -> usize {
    2
}

fn eight() -> usize {
    8
}

fn four_weeks() -> usize {
    28
}

fn two_seconds() -> u64 {
    2_000
}

fn yes() -> bool {
    true
}

impl PlanBody {
    /// Checks what was asked for; every refusal is named at once.
    pub fn parse(self) -> Result<PlanBody> {
        let mut refusals = Vec::new();
        if !(0..=PERIOD_DAYS_MAX).contains(&(self.last_day - self.first_day).num_days()) {
            let zh = "起止日期须先后有序，且不超过 400 天";
            refusals.push(Refusal::new("/last_day", "bad_value", zh, "the period is reversed or longer than 400 days"));
        }
        let sound = [
            ("/spacing_days", (1..=60).contains(&self.spacing_days)),
            ("/school_gap_days", (1..=366).contains(&self.school_gap_days)),
            ("/teams", (0..=TEAMS_MAX).contains(&self.teams)),
            ("/rounds", (1..=ROUNDS_MAX).contains(&self.rounds)),
            ("/time_limit_ms", (1..=TIME_LIMIT_MS_MAX).contains(&self.time_limit_ms)),
        ];
        for (pointer, _) in sound.into_iter().filter(|(_, sound)| !sound) {
            refusals.push(Refusal::new(pointer, "out_of_range", "数值超出范围", "out of range"));
        }
        for (at, fixed) in self.fixed.iter().enumerate() {
            if !(self.first_day..=self.last_day).contains(&fixed.day) {
                let pointer = format!("/fixed/{at}/day");
                refusals.push(Refusal::new(pointer, "out_of_range", "指定日期不在排期期间内", "not within the period"));
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Gives the rules of the plan.
    pub fn rules(&self) -> Rules {
        Rules {
            first: self.first_day,
            last: self.last_day,
            spacing_days: self.spacing_days,
            school_gap_days: self.school_gap_days,
            teams: self.teams,
            fixed: self.fixed.clone(),
        }
    }
}
