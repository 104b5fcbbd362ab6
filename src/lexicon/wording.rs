//! Which known wordings occur in a text, the longest first?

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use super::fold::key;
use super::table::Table;
use super::{LexiconError, Source, text};

/// The wordings of one field, compiled.
pub(crate) struct Wordings {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    values: Vec<String>,
}

/// One wording found in a folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found<'w> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: &'w str,
}

impl Wordings {
    /// Loads the wordings of a field from `wordings.tsv`.
    pub(crate) fn load(sources: &[Source], field: &str) -> Result<Self, LexiconError> {
        let table = Table::parse("wordings.tsv", text(sources, "wordings.tsv")?)?;
        let mut pairs = Vec::new();
        for row in table.rows() {
            if row.text("field")? == field {
                pairs.push((key(row.text("wording")?), row.text("value")?.to_owned()));
            }
        }
        Self::build(pairs)
    }

    /// Compiles wordings and their values.
    pub(crate) fn build(pairs: Vec<(String, String)>) -> Result<Self, LexiconError> {
        let (surfaces, values): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
        let mut patterns = Vec::new();
        for (at, surface) in surfaces.iter().enumerate() {
            patterns.push((surface, u32::try_from(at).unwrap_or(u32::MAX)));
        }
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(patterns)
            .map_err(|error| LexiconError::Automaton(error.to_string()))?;
        Ok(Self { automaton, values })
    }

    /// Finds the wordings in a folded text, left to right, never overlapping.
    pub(crate) fn find<'w>(&'w self, folded: &'w str) -> impl Iterator<Item = Found<'w>> {
        self.automaton.leftmost_find_iter(folded).map(|found| {
            let at = usize::try_from(found.value()).unwrap_or(usize::MAX);
            Found { start: found.start(), end: found.end(), value: self.values.get(at).map_or("", String::as_str) }
        })
    }

    /// Gives the values of the wordings that make up a whole folded text, or none when anything is left over.
    pub(crate) fn whole(&self, folded: &str) -> Vec<&str> {
        let (mut end, mut values) = (0, Vec::new());
        for found in self.automaton.leftmost_find_iter(folded) {
            let at = usize::try_from(found.value()).unwrap_or(usize::MAX);
            if found.start() != end {
                return Vec::new();
            }
            end = found.end();
            values.extend(self.values.get(at).map(String::as_str));
        }
        if end == folded.len() { values } else { Vec::new() }
    }
}
