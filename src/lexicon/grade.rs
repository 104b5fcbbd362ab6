//! Which vocational skill grade does a text name?
//!
//! The number falls as skill rises: 5 初级工 … 1 高级技师. The longest word wins, so that
//! 高级技师, 技师 and 高级工 stay apart; titles of engineers and artists are not grades.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::fold::key;
use super::wording::Wordings;
use super::{LexiconError, Source};

/// A grade from 5 (初级工) to 1 (高级技师); greater means more skilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct SkillGrade(u8);

/// A number is not a grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("skill grade {0} is not between 5 and 1")]
pub struct NotAGrade(u8);

impl SkillGrade {
    /// Returns the grade of the state's number.
    pub fn parse(number: u8) -> Result<Self, NotAGrade> {
        if (1..=5).contains(&number) { Ok(Self(number)) } else { Err(NotAGrade(number)) }
    }

    /// Returns the Chinese name, 初级工 to 高级技师.
    pub fn name(self) -> &'static str {
        match self.0 {
            5 => "初级工",
            4 => "中级工",
            3 => "高级工",
            2 => "技师",
            _ => "高级技师",
        }
    }

    /// Returns the state's number, 5 to 1.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for SkillGrade {
    type Error = NotAGrade;

    fn try_from(number: u8) -> Result<Self, NotAGrade> {
        Self::parse(number)
    }
}

impl From<SkillGrade> for u8 {
    fn from(grade: SkillGrade) -> Self {
        grade.0
    }
}

impl Ord for SkillGrade {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for SkillGrade {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The wordings of skill grades.
pub struct Grades {
    wordings: Wordings,
    codes: HashMap<String, String>,
}

impl Grades {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        Ok(Self { wordings: Wordings::load(sources, "skill_grade")?, codes: super::lemis_codes(sources, "aac015")? })
    }

    /// Reads a grade from its name, number or code: `三级/高级工`, `3级`, `Ⅲ`, `3`.
    pub fn parse(&self, text: &str) -> Option<SkillGrade> {
        let folded = key(text);
        let by_code = self.codes.get(&folded).map(String::as_str);
        let by_word = || self.wordings.find(&folded).find_map(|found| grade_of(found.value));
        by_code.and_then(grade_of).or_else(by_word)
    }
}

fn grade_of(value: &str) -> Option<SkillGrade> {
    SkillGrade::parse(value.parse().ok()?).ok()
}
