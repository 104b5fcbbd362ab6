//! How near is a held skill to an asked one?

use serde::{Deserialize, Serialize};

use super::{Skill, SkillKind, Skills};
use crate::lexicon::word::words;

/// How a held skill stands to the asked one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The same.
    Exact,
    /// A special case of what is asked.
    NarrowerThanAsked,
    /// More general than what is asked, or the craft that uses the asked process.
    BroaderThanAsked,
    /// Another special case of the same craft or category.
    Sibling,
    /// A process that the asked craft uses.
    ProcessOf,
    /// A modern skill beside the asked craft, or the reverse.
    Adjacent,
    /// Nothing in common, or confusable.
    None,
}

words!(Relation {
    Exact => "exact",
    NarrowerThanAsked => "narrower_than_asked",
    BroaderThanAsked => "broader_than_asked",
    Sibling => "sibling",
    ProcessOf => "process_of",
    Adjacent => "adjacent",
    None => "none",
});

impl Skills {
    /// Returns how a held concept stands to an asked one, both by identifier.
    pub fn relation(&self, asked: &str, held: &str) -> Relation {
        let (Some(asked), Some(held)) = (self.get(asked), self.get(held)) else {
            return Relation::None;
        };
        if asked.id == held.id {
            return Relation::Exact;
        }
        if self.confusable(&asked.id, &held.id) {
            return Relation::None;
        }
        if self.is_below(held, asked) {
            return Relation::NarrowerThanAsked;
        }
        if self.is_below(asked, held) {
            return Relation::BroaderThanAsked;
        }
        if self.is_used_by(held, asked) {
            return Relation::ProcessOf;
        }
        if self.is_used_by(asked, held) {
            return Relation::BroaderThanAsked;
        }
        if asked.broader.is_some() && asked.broader == held.broader {
            return Relation::Sibling;
        }
        if self.is_adjacent(asked, held) || self.is_adjacent(held, asked) {
            return Relation::Adjacent;
        }
        Relation::None
    }

    fn is_below(&self, skill: &Skill, other: &Skill) -> bool {
        let chain = std::iter::successors(Some(skill), |skill| self.get(skill.broader.as_deref()?));
        chain.skip(1).any(|above| above.id == other.id)
    }

    fn is_used_by(&self, process: &Skill, craft: &Skill) -> bool {
        process.kind == SkillKind::Process
            && process
                .used_by
                .iter()
                .any(|user| *user == craft.id || self.get(user).is_some_and(|user| self.is_below(craft, user)))
    }
}
