//! How much does each sign of relevance count? The weights are data with a version; nobody can buy a place.

use serde::Deserialize;

use crate::error::{Error, Result};

const WEIGHTS: &str = include_str!("../../index/search_weights.json");

/// The weights of a search; those of fields are frequencies in the index, the others factors.
#[derive(Debug, Clone, Deserialize)]
pub struct Weights {
    /// Names the set of weights.
    pub version: String,
    /// A word of the title.
    pub title: u32,
    /// A pair of neighbouring characters of the title that is no word.
    pub title_pair: u32,
    /// A skill that is essential.
    pub skill: u32,
    /// A skill that is only mentioned.
    pub optional_skill: u32,
    /// The occupation, the names of skills and of the place.
    pub trade: u32,
    /// A word of the employer's name.
    pub employer: u32,
    /// A pair of characters of the employer's name that is no word.
    pub employer_pair: u32,
    /// A word of the description.
    pub description: u32,
    /// Saturation of frequencies in BM25.
    pub k1: f32,
    /// Normalisation by length in BM25.
    pub b: f32,
    /// A pair beside a word.
    pub pair: f32,
    /// The concept beside the word itself.
    pub concept: f32,
    /// A narrower concept.
    pub narrower: f32,
    /// Another word for a thing, as far as `search_synonyms.tsv` says.
    pub synonym: f32,
    /// The occupation beside the word itself.
    pub occupation: f32,
    /// A benefit, form of employment or welcome beside the word itself.
    pub sign: f32,
    /// The parts of a word apart from each other, beside the whole.
    pub apart: f32,
    /// What is found at all.
    pub floor: f32,
    /// The newest beside the oldest.
    pub recency: f32,
    /// After how many days half of the recency is left.
    pub recency_days: f32,
    /// One that says all beside one that says nothing.
    pub completeness: f32,
    /// A handicraft vacancy beside others.
    pub handicraft: f32,
    /// One at the very place beside one far away.
    pub nearness: f32,
    /// At how many kilometres half of the nearness is left.
    pub nearness_km: f32,
    /// What is left for a neighbouring city.
    pub neighbour: f32,
}

impl Weights {
    /// Loads the weights that are compiled in.
    pub fn load() -> Result<Weights> {
        serde_json::from_str(WEIGHTS).map_err(Error::from)
    }
}
