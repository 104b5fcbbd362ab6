//! Does the text around a word show that the word is not meant, or not asked for?

use super::Skill;
use crate::lexicon::fold::key;
use crate::lexicon::table::{Row, Table};
use crate::lexicon::{LexiconError, Source, text};

const NEAR_BYTES: usize = 120;
const CLAUSE_BYTES_MAX: usize = 90;
const CLAUSE_ENDS: &[char] = &['+', ',', '。', ';', '!', '?', '\n', '\r', '.', ':', '<', '>'];

/// What a rule does when its words are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// The word is not meant.
    Drop,
    /// The word is meant only then.
    Require,
    /// The word means other concepts.
    Turn,
}

/// Where a rule looks for its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
    Near,
}

/// One rule about the surroundings of a word.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    effect: Effect,
    side: Side,
    words: Vec<String>,
    target: Vec<usize>,
}

/// What the rules leave of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict<'r> {
    Kept,
    Dropped,
    Turned(&'r [usize]),
}

/// One way of saying that something is not asked for.
#[derive(Debug, Clone)]
pub(super) struct Negation {
    before: String,
    after: Vec<String>,
    stops: Vec<String>,
}

/// Reads the rules, each with the word it is about.
pub(super) fn load_rules(sources: &[Source], at: impl Fn(&str) -> Option<usize>) -> Result<Vec<(String, Rule)>, LexiconError> {
    let table = Table::parse("skill_context.tsv", text(sources, "skill_context.tsv")?)?;
    let mut rules = Vec::new();
    for row in table.rows() {
        let target: Option<Vec<usize>> = row.list("target")?.iter().map(|id| at(id)).collect();
        let rule = Rule {
            effect: row.word("effect", effect)?,
            side: row.word("side", side)?,
            words: folded_list(&row, "words")?,
            target: target.ok_or_else(|| row.refuse("unknown target"))?,
        };
        for surface in row.list("surface")? {
            rules.push((key(&surface), rule.clone()));
        }
    }
    Ok(rules)
}

/// Reads the negations.
pub(super) fn load_negations(sources: &[Source]) -> Result<Vec<Negation>, LexiconError> {
    let table = Table::parse("skill_negations.tsv", text(sources, "skill_negations.tsv")?)?;
    let mut negations = Vec::new();
    for row in table.rows() {
        negations.push(Negation {
            before: key(row.text("before")?),
            after: folded_list(&row, "after")?,
            stops: folded_list(&row, "stops")?,
        });
    }
    Ok(negations)
}

fn folded_list(row: &Row<'_, '_>, column: &str) -> Result<Vec<String>, LexiconError> {
    Ok(row.list(column)?.iter().map(|word| key(word)).collect())
}

fn effect(word: &str) -> Option<Effect> {
    match word {
        "drop" => Some(Effect::Drop),
        "require" => Some(Effect::Require),
        "turn" => Some(Effect::Turn),
        _ => None,
    }
}

fn side(word: &str) -> Option<Side> {
    match word {
        "before" => Some(Side::Before),
        "after" => Some(Side::After),
        "near" => Some(Side::Near),
        _ => None,
    }
}

/// Applies the rules of a word found at a place of a folded text.
pub(super) fn judge<'r>(rules: &'r [Rule], folded: &str, start: usize, end: usize) -> Verdict<'r> {
    let before = folded.get(..start).unwrap_or_default();
    let after = folded.get(end..).unwrap_or_default();
    for rule in rules {
        let holds = match rule.side {
            Side::Before => rule.words.iter().any(|word| before.ends_with(word)),
            Side::After => rule.words.iter().any(|word| after.starts_with(word)),
            Side::Near => {
                let (left, right) = (last_bytes(before), first_bytes(after, NEAR_BYTES));
                rule.words.iter().any(|word| left.contains(word) || right.contains(word))
            }
        };
        match (rule.effect, holds) {
            (Effect::Drop, true) | (Effect::Require, false) => return Verdict::Dropped,
            (Effect::Turn, true) => return Verdict::Turned(&rule.target),
            _ => {}
        }
    }
    Verdict::Kept
}

/// Tells whether the clause around a word says that it is not asked for.
pub(super) fn is_negated(negations: &[Negation], folded: &str, start: usize, end: usize) -> bool {
    let before = last_clause(folded.get(..start).unwrap_or_default());
    let after = first_clause(folded.get(end..).unwrap_or_default());
    negations.iter().any(|negation| negation.holds(before, after))
}

impl Negation {
    fn holds(&self, before: &str, after: &str) -> bool {
        let followed = self.after.is_empty() || self.after.iter().any(|word| after.contains(word));
        let stops = |between: &str| self.stops.iter().any(|stop| between.contains(stop));
        if self.before.is_empty() {
            let said = self.after.iter().filter_map(|word| after.split_once(word));
            return said
                .into_iter()
                .any(|(between, rest)| !stops(between) && !self.stops.iter().any(|stop| rest.starts_with(stop)));
        }
        let said = before.rsplit_once(&self.before);
        said.is_some_and(|(_, between)| followed && !stops(between))
    }
}

fn last_bytes(text: &str) -> &str {
    let from = text.ceil_char_boundary(text.len().saturating_sub(NEAR_BYTES));
    text.get(from..).unwrap_or_default()
}

fn first_bytes(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

fn last_clause(text: &str) -> &str {
    let near = text.ceil_char_boundary(text.len().saturating_sub(CLAUSE_BYTES_MAX));
    let near = text.get(near..).unwrap_or_default();
    near.rsplit(CLAUSE_ENDS).next().unwrap_or_default()
}

fn first_clause(text: &str) -> &str {
    let near = first_bytes(text, CLAUSE_BYTES_MAX);
    near.split(CLAUSE_ENDS).next().unwrap_or_default()
}

/// Tells whether a concept may be named by free text at all.
pub(super) fn is_nameable(surface: &str, skill: &Skill) -> bool {
    surface.chars().count() > 1 && !skill.name.is_empty()
}
