//! Which education does a wording ask for, and which does a programme of a technical school count as?
//!
//! Graduates of a 高级工班 are treated as 大专, of a 预备技师班 as 本科; the equivalence is data.
//! An unknown code stays unknown.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::fold::key;
use super::table::Table;
use super::word::{Certainty, words};
use super::wording::Wordings;
use super::{LexiconError, Source, text};

/// A level of education, from none to doctor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Education {
    /// Nothing asked, or below junior secondary.
    None,
    /// 初中.
    JuniorSecondary,
    /// 高中.
    SeniorSecondary,
    /// 中专, 职高, 技校.
    SecondaryVocational,
    /// 大专.
    College,
    /// 本科.
    Bachelor,
    /// 硕士.
    Master,
    /// 博士.
    Doctor,
}

words!(Education {
    None => "none",
    JuniorSecondary => "junior_secondary",
    SeniorSecondary => "senior_secondary",
    SecondaryVocational => "secondary_vocational",
    College => "college",
    Bachelor => "bachelor",
    Master => "master",
    Doctor => "doctor",
});

/// A programme of a technical school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Programme {
    /// 中级工班.
    MiddleWorker,
    /// 高级工班.
    SeniorWorker,
    /// 预备技师（技师）班.
    Technician,
}

words!(Programme {
    MiddleWorker => "middle_worker",
    SeniorWorker => "senior_worker",
    Technician => "technician",
});

/// What a vacancy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EducationRequirement {
    /// The least education accepted.
    pub min: Education,
    /// The wording.
    pub text: String,
    /// Whether only full-time study counts (`统招`, `全日制`).
    pub full_time_only: bool,
    /// How sure the reading is.
    pub certainty: Certainty,
}

#[derive(Debug, Clone)]
struct Label {
    zh: String,
    en: String,
}

/// Levels, programmes, their equivalence and their wordings.
pub struct EducationLevels {
    ranks: HashMap<Education, (u8, Label)>,
    programmes: HashMap<Programme, (Education, Label)>,
    codes: HashMap<String, String>,
    wordings: Wordings,
}

impl EducationLevels {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let table = Table::parse("education.tsv", text(sources, "education.tsv")?)?;
        let mut ranks = HashMap::new();
        for row in table.rows() {
            let label = Label { zh: row.text("zh")?.to_owned(), en: row.text("en")?.to_owned() };
            ranks.insert(row.word("level", Education::parse)?, (row.value("rank")?, label));
        }
        let table = Table::parse("programmes.tsv", text(sources, "programmes.tsv")?)?;
        let mut programmes = HashMap::new();
        for row in table.rows() {
            let label = Label { zh: row.text("zh")?.to_owned(), en: row.text("en")?.to_owned() };
            let treated_as = row.word("treated_as", Education::parse)?;
            programmes.insert(row.word("programme", Programme::parse)?, (treated_as, label));
        }
        Ok(Self {
            ranks,
            programmes,
            codes: super::lemis_codes(sources, "aac011")?,
            wordings: Wordings::load(sources, "education")?,
        })
    }

    /// Returns the rank of a level; senior secondary and secondary vocational are equal.
    pub fn rank(&self, level: Education) -> u8 {
        self.ranks.get(&level).map_or(0, |(rank, _)| *rank)
    }

    /// Returns the level a programme is treated as in recruitment.
    pub fn treated_as(&self, programme: Programme) -> Education {
        let entry = self.programmes.get(&programme);
        entry.map_or(Education::None, |(level, _)| *level)
    }

    /// Returns the better of a person's education and programme.
    pub fn held(&self, level: Option<Education>, programme: Option<Programme>) -> Option<Education> {
        let treated = programme.map(|programme| self.treated_as(programme));
        level.into_iter().chain(treated).max_by_key(|level| self.rank(*level))
    }

    /// Tells whether a held level meets an asked one.
    pub fn meets(&self, held: Education, asked: Education) -> bool {
        self.rank(held) >= self.rank(asked)
    }

    /// Returns the Chinese and English label of a level.
    pub fn label(&self, level: Education) -> (&str, &str) {
        let entry = self.ranks.get(&level);
        entry.map_or(("", ""), |(_, label)| (&label.zh, &label.en))
    }

    /// Returns the Chinese and English label of a programme.
    pub fn programme_label(&self, programme: Programme) -> (&str, &str) {
        let entry = self.programmes.get(&programme);
        entry.map_or(("", ""), |(_, label)| (&label.zh, &label.en))
    }

    /// Reads a code of field `aac011`; one whose meaning differs between systems is unknown.
    pub fn parse_code(&self, code: &str) -> Option<Education> {
        let value = self.codes.get(code.trim())?;
        self.level_of(value)
    }

    /// Reads a programme name, `高级工班`.
    pub fn parse_programme(&self, wording: &str) -> Option<Programme> {
        let folded = key(wording);
        Programme::parse(&folded).or_else(|| {
            let mut found = self.wordings.find(&folded);
            found.find_map(|found| Programme::parse(found.value))
        })
    }

    /// Reads a wording such as `大专及以上`; of several levels named, the lowest is asked.
    pub fn parse_wording(&self, wording: &str) -> Option<EducationRequirement> {
        let folded = key(wording);
        let mut lowest: Option<Education> = None;
        let mut full_time_only = false;
        let mut at_most = false;
        for found in self.wordings.find(&folded) {
            match found.value {
                "full_time" => full_time_only = true,
                "part_time" => {}
                "at_most" => at_most = true,
                value => {
                    let level = self.level_of(value);
                    lowest = match (lowest, level) {
                        (Some(known), Some(level)) if self.rank(known) <= self.rank(level) => Some(known),
                        (known, level) => level.or(known),
                    };
                }
            }
        }
        let level = lowest.or_else(|| self.level_of(&folded))?;
        Some(EducationRequirement {
            min: if at_most { Education::None } else { level },
            text: wording.trim().to_owned(),
            full_time_only,
            certainty: if at_most { Certainty::Likely } else { Certainty::Certain },
        })
    }

    /// Returns the level or programme that a text names when it says nothing else.
    pub fn named(&self, text: &str) -> Option<Education> {
        let folded = key(text);
        self.wordings.whole(&folded).into_iter().find_map(|value| self.level_of(value))
    }

    fn level_of(&self, value: &str) -> Option<Education> {
        Education::parse(value).or_else(|| Programme::parse(value).map(|programme| self.treated_as(programme)))
    }
}
