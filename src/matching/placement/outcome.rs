//! What came of a placement? Solved for an objective, checked by code that had no part in it, and explained.
#![expect(clippy::as_conversions, reason = "numbers of applications are below 2^32, and figures within 2^53")]

use super::best::best;
use super::certify::{Standing, bound};
use super::explain::{Why, explain};
use super::market::{Market, NONE};
use super::stable::stable;
use crate::text_enum;

text_enum! {
    /// What a placement is good for.
    Objective {
        /// Nobody has a reason to complain; the best such placement for every graduate.
        Stable = "stable",
        /// The sum of both sides' scores is greatest, among the placements that fill most reserved places.
        MaxScore = "max_score",
    }
}

/// What proves a placement, in the unit of the scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// How many pairs would rather have each other than what they have; none.
    Stable {
        /// That number.
        blocking_pairs: usize,
    },
    /// What it is worth, and what no placement is worth more than.
    MaxScore {
        /// The sum of both scores of everybody placed.
        objective: i64,
        /// What no placement that fills as many reserved places is worth more than; the same, where it is the best.
        bound: i64,
    },
}

/// A placement with its certificate.
#[derive(Debug)]
pub struct Outcome {
    /// The application by which each graduate is placed.
    pub placed: Vec<Option<usize>>,
    /// Why everybody else is not, by number.
    pub unplaced: Vec<(usize, Why)>,
    /// What proves it.
    pub certificate: Certificate,
}

/// Places everybody; none where what was found does not stand the check, which would be a fault of ours.
pub fn place(market: &Market, objective: Objective) -> Option<Outcome> {
    let (placed, prices, band) = match objective {
        Objective::Stable => (stable(market), Vec::new(), 0),
        Objective::MaxScore => {
            let found = best(market);
            (found.placed, found.prices, found.band)
        }
    };
    let standing = Standing::of(market, &placed)?;
    let certificate = match objective {
        Objective::Stable => Certificate::Stable { blocking_pairs: standing.blocking_pairs() },
        Objective::MaxScore => {
            let beside = band * i64::try_from(standing.reserved()).ok()?;
            Certificate::MaxScore { objective: standing.worth(0), bound: bound(market, &prices, band)? - beside }
        }
    };
    let left = placed.iter().enumerate().filter(|(_, application)| **application == NONE);
    let unplaced = left.map(|(graduate, _)| (graduate, explain(&standing, &prices, graduate))).collect();
    let placed = placed.iter().map(|application| (*application != NONE).then_some(*application as usize)).collect();
    Some(Outcome { placed, unplaced, certificate })
}
