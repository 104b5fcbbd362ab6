//! Which words of a text are a breach? Fold, cut into sentences, mask what is allowed, then look for what is not; every
//! hit leads back to the text as it was written.

use std::ops::Range;

use crate::lexicon::fold::{Spaces, fold};
use crate::lexicon::screening::{Family, Rule, Screening};

/// What ends a sentence in a folded text.
const ENDS: &[char] = &['。', ';', '!', '?', '\n', '\r'];
/// What stands for each byte of a masked phrase; no gap of a pattern crosses it.
const MASK: &str = "\u{1}";

/// One breach: whose it is, and where it stands in the original.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// The kind of breach.
    pub family: &'a Family,
    /// The wording.
    pub rule: &'a Rule,
    /// The place in the text as it was written, in bytes.
    pub range: Range<usize>,
}

/// Finds the breaches of a text, in the order of the text; of one kind none overlaps another.
pub fn find<'a>(text: &str, screening: &'a Screening) -> Vec<Hit<'a>> {
    let folded = fold(text, Spaces::Drop);
    let mut hits: Vec<Hit<'a>> = Vec::new();
    let mut start = 0;
    for sentence in folded.text.split_inclusive(ENDS) {
        for family in screening.called(sentence) {
            for (rule, found) in breaches(sentence, family, screening) {
                let range = folded.origin(start + found.start..start + found.end);
                hits.push(Hit { family, rule, range });
            }
        }
        start += sentence.len();
    }
    hits.sort_by_key(|hit| hit.range.start);
    hits
}

/// Finds the breaches of one kind in one sentence.
fn breaches<'a>(sentence: &str, family: &'a Family, screening: &Screening) -> Vec<(&'a Rule, Range<usize>)> {
    let masked = family.allowed.as_ref().map(|allowed| {
        allowed.replace_all(sentence, |found: &regex::Captures<'_>| MASK.repeat(found.get(0).map_or(0, |all| all.len())))
    });
    let sentence = masked.as_deref().unwrap_or(sentence);
    let mut found: Vec<(&Rule, Range<usize>)> = Vec::new();
    for rule in &family.rules {
        for captures in rule.pattern.captures_iter(sentence) {
            let Some(whole) = captures.get(0) else { continue };
            let taken = found.iter().any(|(_, known)| known.start < whole.end() && whole.start() < known.end);
            let within = rule.limit.is_some_and(|limit| !limit.is_crossed(&captures));
            if !taken && !within && !screening.is_negated(sentence.get(..whole.start()).unwrap_or_default()) {
                found.push((rule, whole.range()));
            }
        }
    }
    found
}
