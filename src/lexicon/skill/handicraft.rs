//! Is a vacancy one of the handicraft industry, and by which test?

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Mention, SkillKind, Skills};
use crate::lexicon::word::words;

const DESCRIPTION_CONCEPTS_MIN: usize = 2;

/// The test that made a vacancy a handicraft one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandicraftRule {
    /// A bureau has said so of the employer; decided outside this room.
    Employer,
    /// The industry class of the employer.
    Industry,
    /// The occupation.
    Occupation,
    /// The title names a craft.
    Title,
    /// The description names at least two crafts or processes.
    Description,
}

words!(HandicraftRule {
    Employer => "employer",
    Industry => "industry",
    Occupation => "occupation",
    Title => "title",
    Description => "description",
});

impl Skills {
    /// Returns the first test that a vacancy passes, or `None` when it is not a handicraft one.
    ///
    /// `industry` is a class of GB/T 4754, `occupation` a code of the 2022 classification.
    pub fn handicraft_rule(
        &self,
        industry: Option<&str>,
        occupation: Option<&str>,
        title: &str,
        description: &str,
    ) -> Option<HandicraftRule> {
        self.handicraft_rule_of(industry, occupation, &self.extract(title), &self.extract(description))
    }

    /// The same, of texts whose concepts have been found already.
    pub fn handicraft_rule_of(
        &self,
        industry: Option<&str>,
        occupation: Option<&str>,
        title: &[Mention<'_, '_>],
        description: &[Mention<'_, '_>],
    ) -> Option<HandicraftRule> {
        if industry.is_some_and(|class| self.craft_industries.contains(class.trim())) {
            return Some(HandicraftRule::Industry);
        }
        if occupation.is_some_and(|code| self.craft_occupations.contains(code.trim())) {
            return Some(HandicraftRule::Occupation);
        }
        if title.iter().any(names_a_craft) {
            return Some(HandicraftRule::Title);
        }
        let concepts = description.iter().filter(|mention| names_making(mention));
        let concepts = concepts.filter_map(|mention| mention.skills.first());
        let distinct: HashSet<&str> = concepts.map(|skill| skill.id.as_str()).collect();
        (distinct.len() >= DESCRIPTION_CONCEPTS_MIN).then_some(HandicraftRule::Description)
    }
}

fn names_a_craft(mention: &Mention<'_, '_>) -> bool {
    let mut skills = mention.skills.iter();
    !mention.negated && skills.any(|skill| matches!(skill.kind, SkillKind::Craft | SkillKind::Category))
}

fn names_making(mention: &Mention<'_, '_>) -> bool {
    let mut skills = mention.skills.iter();
    !mention.negated && skills.all(|skill| skill.kind != SkillKind::Modern)
}
