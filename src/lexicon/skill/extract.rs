//! Which concepts does a free text name, where, and are they asked for?
//!
//! Longest match over all names and aliases of the folded text; a word that its surroundings
//! explain away is skipped, one that is negated is reported as such.

use super::context::{Rule, Verdict, is_negated, judge};
use super::{Skill, Skills};
use crate::lexicon::fold::{Folded, Spaces, fold};

const TEXT_BYTES_MAX: usize = 1_048_576;

/// One pattern of the dictionary.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    pub(super) skills: Vec<usize>,
    pub(super) rules: Vec<Rule>,
}

/// One place where a text names concepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'s, 't> {
    /// The concepts the word may mean.
    pub skills: Vec<&'s Skill>,
    /// First byte in the original text.
    pub start: usize,
    /// Byte after the last in the original text.
    pub end: usize,
    /// The word as written.
    pub surface: &'t str,
    /// Whether the text says that it is not asked for.
    pub negated: bool,
}

impl Skills {
    /// Finds the concepts that a text names, left to right.
    pub fn extract<'t>(&self, text: &'t str) -> Vec<Mention<'_, 't>> {
        let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default();
        let folded = fold(text, Spaces::Drop);
        let mut mentions = Vec::new();
        let mut at = 0;
        while let Some(rest) = folded.text.get(at..) {
            let Some(found) = self.automaton.leftmost_find_iter(rest).next() else {
                break;
            };
            let (start, end) = (at + found.start(), at + found.end());
            let position = usize::try_from(found.value()).unwrap_or(usize::MAX);
            let pattern = self.patterns.get(position);
            let mention = pattern.and_then(|pattern| self.mention(pattern, text, &folded, start, end));
            let decoy = pattern.is_some_and(|pattern| pattern.skills.is_empty());
            at = if mention.is_some() || decoy { end } else { next_char(&folded.text, start) };
            mentions.extend(mention);
        }
        mentions
    }

    fn mention<'t>(
        &self,
        pattern: &Pattern,
        text: &'t str,
        folded: &Folded,
        start: usize,
        end: usize,
    ) -> Option<Mention<'_, 't>> {
        let origin = folded.origin(start..end);
        let surface = text.get(origin.clone())?;
        if pattern.skills.is_empty() || is_part_of_latin_word(text, origin.start, origin.end) {
            return None;
        }
        let skills = match judge(&pattern.rules, &folded.text, start, end) {
            Verdict::Dropped => return None,
            Verdict::Kept => self.at(&pattern.skills),
            Verdict::Turned(target) => self.at(target),
        };
        Some(Mention {
            skills,
            start: origin.start,
            end: origin.end,
            surface,
            negated: is_negated(&self.negations, &folded.text, start, end),
        })
    }

    fn at(&self, positions: &[usize]) -> Vec<&Skill> {
        let rows = positions.iter().filter_map(|at| self.rows.get(*at));
        rows.collect()
    }
}

fn next_char(text: &str, at: usize) -> usize {
    text.ceil_char_boundary(at + 1)
}

fn is_latin(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' | '０'..='９')
}

/// `ps` inside `https` is no word of its own.
fn is_part_of_latin_word(text: &str, start: usize, end: usize) -> bool {
    let latin = |c: Option<char>| c.is_some_and(is_latin);
    let inside = text.get(start..end).unwrap_or_default();
    let before = text.get(..start).unwrap_or_default().chars().next_back();
    let after = text.get(end..).unwrap_or_default().chars().next();
    (latin(inside.chars().next()) && latin(before)) || (latin(inside.chars().next_back()) && latin(after))
}
