//! Which form of employment does a text name?

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::fold::key;
use super::word::words;
use super::wording::Wordings;
use super::{LexiconError, Source};

/// A form of employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmploymentType {
    /// 全日制.
    FullTime,
    /// 非全日制.
    PartTime,
    /// 实习, 见习.
    Internship,
    /// 学徒.
    Apprenticeship,
    /// 临时, 劳务派遣.
    Temporary,
    /// 居家.
    HomeBased,
}

words!(EmploymentType {
    FullTime => "full_time",
    PartTime => "part_time",
    Internship => "internship",
    Apprenticeship => "apprenticeship",
    Temporary => "temporary",
    HomeBased => "home_based",
});

/// The wordings of employment types.
pub struct EmploymentTypes {
    wordings: Wordings,
    codes: HashMap<String, String>,
}

impl EmploymentTypes {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        Ok(Self { wordings: Wordings::load(sources, "employment_type")?, codes: super::lemis_codes(sources, "aac048")? })
    }

    /// Reads the form a text names first; `None` when it names none.
    pub fn parse(&self, text: &str) -> Option<EmploymentType> {
        let folded = key(text);
        let code = self.codes.get(&folded).and_then(|word| EmploymentType::parse(word));
        let wire = EmploymentType::parse(&folded);
        let mut found = self.wordings.find(&folded);
        code.or(wire).or_else(|| found.find_map(|found| EmploymentType::parse(found.value)))
    }

    /// Returns the form that a text names when it says nothing else.
    pub fn named(&self, text: &str) -> Option<EmploymentType> {
        let folded = key(text);
        self.wordings.whole(&folded).into_iter().find_map(EmploymentType::parse)
    }
}
