//! How is a score told? As every match is served, with its reasons and the version of the weights.

use serde::Serialize;

use crate::matching::score::{Requirement, Scored};

/// Scores are told to so many parts of one.
const TOLD: f64 = 10_000.0;

/// How well it fits, and why.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Fit {
    /// What is certain, 0 to 1.
    pub score: f64,
    /// What is certain, and what could be if everything unknown were met.
    pub score_range: [f64; 2],
    /// How well the city fits, 0 to 1.
    pub city_fit: f64,
    /// How fresh the vacancy is, 0 to 1; `null` where it is not known since when it is live.
    pub freshness: Option<f64>,
    /// Everything that is asked for, and how it is met.
    pub requirements: Vec<Requirement>,
    /// The version of the weights.
    pub weights_version: String,
}

impl Fit {
    /// Tells a score.
    pub fn of(scored: Scored, version: &str) -> Fit {
        let round = |x: f64| (x * TOLD).round() / TOLD;
        let Scored { score, high, city_fit, freshness, requirements, points: _ } = scored;
        let score_range = [round(score), round(high)];
        let weights_version = version.to_owned();
        Fit { score: round(score), score_range, city_fit, freshness, requirements, weights_version }
    }
}
