//! Which wordings may a posting not use?
//!
//! Families of rules (sex, deposits, working time, …), each with the law it rests on, patterns made of slots, and the
//! phrases that look like a breach and are none. Only the rules: finding them in a vacancy is the vacancies' thought.

mod limit;
mod load;
mod numeral;

use regex::{Regex, RegexSet};
use serde::{Deserialize, Serialize};

pub use limit::Limit;

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
    pub pattern: Regex,
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
    pub allowed: Option<Regex>,
    /// The wordings.
    pub rules: Vec<Rule>,
    /// The patterns of all wordings at once, to pass by quickly.
    suspects: RegexSet,
}

impl Family {
    /// Gives the rules whose pattern occurs in a folded sentence, in their order.
    pub fn suspected(&self, sentence: &str) -> Vec<&Rule> {
        self.suspects.matches(sentence).iter().filter_map(|at| self.rules.get(at)).collect()
    }
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
    checks: Vec<Check>,
    negated: Regex,
    disclaimed: Regex,
}

impl Screening {
    /// Gives the families, in their order.
    pub fn families(&self) -> impl Iterator<Item = &Family> {
        self.families.iter()
    }

    /// Tells whether the words before a wording take it back (`不收` before `押金`).
    pub fn is_negated(&self, before: &str) -> bool {
        self.negated.is_match(before)
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
