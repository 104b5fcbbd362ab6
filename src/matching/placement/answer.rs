//! How is a placement told? In the names of graduates and vacancies, with scores in the unit they were given in.
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "sums of scores are below 2^53")]

use serde::{Deserialize, Serialize};

use super::explain::{Lost, Why};
use super::outcome::{Certificate, Outcome};
use super::pose::{Posed, Stands};
use crate::error::Sentence;
use crate::matching::score::{Need, Status};
use crate::text_enum;

/// How many lost places are told of a graduate, the nearest misses.
const LOST_MAX: usize = 3;

text_enum! {
    /// Why somebody has no place.
    UnmatchedReason {
        /// No vacancy is eligible.
        NoVacancy = "no_eligible_vacancy",
        /// The vacancies on the list take nobody at all.
        NoRoom = "no_places",
        /// Others go before in every vacancy on the list.
        Outranked = "outranked",
        /// The graduate has said not to look for work.
        NotSeeking = "not_seeking",
        /// The profile names what is not known here any more.
        Unreadable = "unreadable_profile",
    }
}

text_enum! {
    /// What was full.
    FullLimit {
        /// The headcount of the vacancy.
        Headcount = "headcount",
        /// The quota of a group of vacancies.
        Quota = "quota",
        /// The places that went to the class of a training order.
        Reserved = "reserved",
    }
}

/// Who has a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = PlacedGraduate)]
pub struct Placed {
    /// The graduate.
    pub graduate: String,
    /// The vacancy.
    pub vacancy: String,
    /// How well it suits the graduate.
    pub graduate_score: f64,
    /// How well the graduate suits it.
    pub vacancy_score: f64,
    /// Where the vacancy stands on the graduate's list, from 1.
    pub choice: usize,
    /// Whether the place was reserved for the class.
    pub reserved: bool,
    /// Whether the graduate agreed that the employer may see the profile; without that, the employer is told nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_be_shown: Option<bool>,
}

/// What was asked for and better met by the last who was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shortfall {
    /// What is asked for, in words.
    pub asked: String,
    /// How much it is needed.
    pub need: Need,
    /// Whether the graduate meets it.
    pub status: Status,
    /// Its share of the score, 0 to 1.
    pub weight: f64,
}

/// A place that was lost, and how nearly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LostPlace {
    /// The vacancy.
    pub vacancy: String,
    /// What was full.
    pub full: FullLimit,
    /// How much more would have been needed: of the vacancy score (`stable`), or of the sum of both (`max_score`).
    pub short_by: f64,
    /// What the last who was taken there meets better; the heaviest first. Nothing else is told of others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Shortfall>,
}

/// Who has no place, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = UnmatchedGraduate)]
pub struct Unplaced {
    /// The graduate.
    pub graduate: String,
    /// Why, as a code.
    pub reason: UnmatchedReason,
    /// Why, in words.
    pub detail: String,
    /// The nearest misses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostPlace>,
}

/// What proves the placement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = PlacementProof)]
pub enum Proof {
    /// Of a stable placement.
    Stable {
        /// How many pairs would rather have each other than what they have.
        blocking_pairs: usize,
    },
    /// Of the placement worth most.
    MaxScore {
        /// The sum of both scores of everybody placed.
        objective: f64,
        /// What no placement is worth more than (weak duality).
        bound: f64,
        /// The share of the bound that is missing; 0 where the placement is proven best.
        gap: f64,
    },
}

/// A placement as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = PlacementAnswer)]
pub struct Answer {
    /// Who is placed where.
    pub assignment: Vec<Placed>,
    /// Who is not, and why.
    pub unmatched: Vec<Unplaced>,
    /// What proves it.
    pub certificate: Proof,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// The names of those in a market, and the unit of their scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// The graduates.
    pub graduates: Vec<String>,
    /// The vacancies.
    pub vacancies: Vec<String>,
    /// How many whole numbers of the kernel make one point.
    pub points: f64,
}

impl Names {
    fn score(&self, score: i64) -> f64 {
        score as f64 / self.points
    }

    fn graduate(&self, at: usize) -> String {
        self.graduates.get(at).cloned().unwrap_or_default()
    }

    fn vacancy(&self, at: usize) -> String {
        self.vacancies.get(at).cloned().unwrap_or_default()
    }

    /// Words those who have a place.
    pub fn assignment(&self, posed: &Posed, outcome: &Outcome) -> Vec<Placed> {
        let placed = outcome.placed.iter().enumerate().filter_map(|(graduate, at)| at.map(|at| (graduate, at)));
        let word = |(graduate, at): (usize, usize)| {
            let (vacancy, reserved) = posed.vacancy_of(at);
            let (graduate_score, vacancy_score) = posed.market.scores(at);
            let list = posed.market.list(graduate);
            let before = list.take_while(|before| *before != at).filter(|before| posed.vacancy_of(*before).0 != vacancy);
            Placed {
                graduate: self.graduate(graduate),
                vacancy: self.vacancy(vacancy),
                graduate_score: self.score(i64::from(graduate_score)),
                vacancy_score: self.score(i64::from(vacancy_score)),
                choice: before.count() + 1,
                reserved,
                may_be_shown: None,
            }
        };
        placed.map(word).collect()
    }

    /// Words those who have none; `why` tells what the last who was taken meets better.
    pub fn unmatched(
        &self,
        posed: &Posed,
        outcome: &Outcome,
        why: impl Fn(usize, usize, &Lost) -> Vec<Shortfall>,
    ) -> Vec<Unplaced> {
        let word = |(graduate, reason): &(usize, Why)| {
            let (reason, lost) = match reason {
                Why::NoVacancy => (UnmatchedReason::NoVacancy, &[] as &[Lost]),
                Why::NoRoom => (UnmatchedReason::NoRoom, &[] as &[Lost]),
                Why::Outranked(lost) => (UnmatchedReason::Outranked, lost.as_slice()),
            };
            let open = lost.iter().filter(|lost| !posed.vacancy_of(lost.application).1).take(LOST_MAX);
            let lost: Vec<LostPlace> = open
                .map(|lost| {
                    let vacancy = posed.vacancy_of(lost.application).0;
                    let full = match posed.stands(lost.full) {
                        _ if lost.reserved => FullLimit::Reserved,
                        Stands::Quota(_) => FullLimit::Quota,
                        Stands::Headcount(_) | Stands::Reserved(_) => FullLimit::Headcount,
                    };
                    let requirements = why(*graduate, vacancy, lost);
                    LostPlace { vacancy: self.vacancy(vacancy), full, short_by: self.score(lost.short_by), requirements }
                })
                .collect();
            Unplaced { graduate: self.graduate(*graduate), reason, detail: detail(reason, &lost).zh, lost }
        };
        outcome.unplaced.iter().map(word).collect()
    }

    /// Words the certificate.
    pub fn proof(&self, certificate: Certificate) -> Proof {
        match certificate {
            Certificate::Stable { blocking_pairs } => Proof::Stable { blocking_pairs },
            Certificate::MaxScore { objective, bound } => {
                let gap = (bound - objective) as f64 / (bound.max(1)) as f64;
                Proof::MaxScore { objective: self.score(objective), bound: self.score(bound), gap }
            }
        }
    }
}

/// Says in a sentence why somebody has no place.
pub fn detail(reason: UnmatchedReason, lost: &[LostPlace]) -> Sentence {
    match reason {
        UnmatchedReason::NoVacancy => Sentence::new("没有符合条件的在招岗位", "no live vacancy is eligible"),
        UnmatchedReason::NoRoom => Sentence::new("意向岗位均无招聘名额", "the vacancies on the list take nobody"),
        UnmatchedReason::NotSeeking => Sentence::new("本人已表示不求职", "the graduate does not look for work"),
        UnmatchedReason::Unreadable => {
            Sentence::new("个人档案有无法识别的内容，请更新", "the profile names what is not known here any more")
        }
        UnmatchedReason::Outranked => {
            let zh = "意向岗位的名额均由排序在前的毕业生获得";
            let all = Sentence::new(zh, "others go before in every vacancy on the list");
            lost.first().map_or(all.clone(), |lost| nearest(&all, lost))
        }
    }
}

fn nearest(all: &Sentence, lost: &LostPlace) -> Sentence {
    let (full, en) = match lost.full {
        FullLimit::Headcount => ("岗位已招满", "its headcount is full"),
        FullLimit::Quota => ("所在分组名额已满", "the quota over it is full"),
        FullLimit::Reserved => ("名额由订单班学生优先使用", "its places went to the class they are reserved for"),
    };
    let (by, by_en) = match lost.full {
        FullLimit::Reserved => (String::new(), String::new()),
        _ if lost.short_by > 0.0 => (format!("，相差 {:.4} 分", lost.short_by), format!(", short by {:.4}", lost.short_by)),
        _ => ("，同分时次序在前者优先".to_owned(), ", equal scores go to whoever stands first".to_owned()),
    };
    let mut zh = format!("{}；最接近的岗位：{full}{by}", all.zh);
    let mut en = format!("{}; the nearest: {en}{by_en}", all.en);
    if let Some(short) = lost.requirements.first() {
        zh += &format!("，主要差在“{}”", short.asked);
        en += &format!(", above all in {}", short.asked);
    }
    Sentence::new(zh, en)
}
