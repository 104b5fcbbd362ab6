//! Which wordings may a posting not use?
//!
//! Families of rules (sex, deposits, working time, …), each with the law it rests on, patterns made of slots, and the
//! phrases that look like a breach and are none. Only the rules: finding them in a vacancy is the vacancies' thought.

mod limit;
mod load;
mod numeral;
mod sieve;

use regex::Regex;
use serde::{Deserialize, Serialize};

pub use limit::Limit;
pub use sieve::Pattern;

use self::sieve::Sieve;
use super::word::words;

/// What a finding means for publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A person must look before it may be published.
    Block,
    /// It may be published, with a note to whoever reviews it.
    Flag,
}

words!(Severity { Block => "block", Flag => "flag" });

/// One way to word a breach.
#[derive(Debug)]
pub struct Rule {
    /// The name of the wording, for whoever keeps the list.
    pub id: String,
    /// What a finding of it means.
    pub severity: Severity,
    /// The law that it rests on.
    pub statute: String,
    /// The article of the law.
    pub article: String,
    /// The wording.
    pub pattern: Pattern,
    /// What the numbers in the wording must be, where it has such.
    pub limit: Option<Limit>,
}

/// All wordings of one kind of breach.
#[derive(Debug)]
pub struct Family {
    /// The name that findings carry.
    pub id: String,
    /// What to do, in Chinese.
    pub advice_zh: String,
    /// What to do, in English.
    pub advice_en: String,
    /// What looks like a breach and is none.
    pub allowed: Option<Pattern>,
}

/// The wordings of one family that occur in a sentence.
#[derive(Debug)]
pub struct Suspicion<'s> {
    /// The family.
    pub family: &'s Family,
    /// The wordings.
    pub rules: Vec<&'s Rule>,
    /// What is allowed, where some of it may occur in the sentence too.
    pub allowed: Option<&'s Pattern>,
}

/// What is checked of a fact of a posting, such as its pay.
#[derive(Debug)]
pub struct Check {
    /// The name that findings carry.
    pub id: String,
    /// What a finding of it means.
    pub severity: Severity,
    /// The law that it rests on.
    pub statute: String,
    /// The article of the law.
    pub article: String,
    /// What to do, in Chinese.
    pub advice_zh: String,
    /// What to do, in English.
    pub advice_en: String,
}

/// Every family, and the words that take a wording back.
pub struct Screening {
    families: Vec<Family>,
    /// The wordings with the places of their families, family by family.
    rules: Vec<(usize, Rule)>,
    /// Finds the wordings that occur.
    sieve: Sieve,
    checks: Vec<Check>,
    negated: Regex,
    /// How much of the text before a wording can take it back, in bytes; all of it where nothing is said.
    negated_reach: Option<usize>,
    disclaimed: Regex,
}

impl Screening {
    /// Gives the wordings that occur in a folded sentence, family by family, each in its order.
    pub fn suspected(&self, sentence: &str) -> Vec<Suspicion<'_>> {
        let (wordings, allowed) = self.sieve.matching(sentence);
        let mut suspicions: Vec<Suspicion<'_>> = Vec::new();
        let mut last = None;
        for (place, rule) in wordings.into_iter().filter_map(|at| self.rules.get(at)) {
            let Some(family) = self.families.get(*place) else { continue };
            if last != Some(*place) {
                let allowed = family.allowed.as_ref().filter(|_| allowed.contains(place));
                suspicions.push(Suspicion { family, rules: Vec::new(), allowed });
                last = Some(*place);
            }
            suspicions.iter_mut().last().into_iter().for_each(|suspicion| suspicion.rules.push(rule));
        }
        suspicions
    }

    /// Tells whether the words before a wording take it back (`不收` before `押金`).
    pub fn is_negated(&self, before: &str) -> bool {
        let from = self.negated_reach.map_or(0, |reach| before.len().saturating_sub(reach));
        self.negated.is_match_at(before, before.floor_char_boundary(from))
    }

    /// Tells whether the words behind a wording say that it does not hold (`是假的` behind `收押金`).
    pub fn is_disclaimed(&self, after: &str) -> bool {
        self.disclaimed.is_match(after)
    }

    /// Gives a check of facts by its name.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }
}

#[cfg(test)]
mod tests {
    use crate::lexicon::Lexicon;

    #[test]
    fn every_pattern_can_be_compiled() {
        let screening = &Lexicon::shared().unwrap().screening;
        let rules = screening.rules.iter().map(|(_, rule)| &rule.pattern);
        let allowed = screening.families.iter().filter_map(|family| family.allowed.as_ref());
        for pattern in rules.chain(allowed).chain(screening.sieve.patterns()) {
            assert!(pattern.regex().is_some(), "{}", pattern.as_str());
        }
        assert!(screening.negated_reach.is_some_and(|reach| reach < 200), "{:?}", screening.negated_reach);
    }
}
