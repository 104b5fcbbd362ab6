//! Which other words for a thing do postings use? Widens a search with less weight; skills have their own aliases.

use std::collections::HashMap;

use super::fold::key;
use super::table::Table;
use super::{LexiconError, Source, text};

const FILE: &str = "search_synonyms.tsv";

/// Words that stand for each other, each way with its weight.
pub struct Synonyms {
    others: HashMap<String, Vec<(String, f32)>>,
}

impl Synonyms {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let table = Table::parse(FILE, text(sources, FILE)?)?;
        let mut others: HashMap<String, Vec<(String, f32)>> = HashMap::new();
        for row in table.rows() {
            let weight: f32 = row.value("weight")?;
            let (word, also) = (row.text("word")?, row.list("also")?);
            if word.is_empty() || also.is_empty() || !(0.0..=1.0).contains(&weight) {
                return Err(row.refuse("a word, others and a weight within 0 to 1 are wanted"));
            }
            for other in &also {
                others.entry(key(word)).or_default().push((key(other), weight));
                if row.text("both_ways")? == "yes" {
                    others.entry(key(other)).or_default().push((key(word), weight));
                }
            }
        }
        Ok(Self { others })
    }

    /// Returns the other words for a word with their weight beside it, from 0 to 1.
    pub fn of(&self, word: &str) -> &[(String, f32)] {
        self.others.get(&key(word)).map_or(&[], Vec::as_slice)
    }
}
