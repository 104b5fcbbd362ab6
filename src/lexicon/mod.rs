//! What do the words of the trade mean?
//!
//! Text becomes typed values: places, skills, occupations, education, skill grades, pay,
//! employment types, benefits, credit codes, phones, dates. Everything is pure; the facts are
//! data in `index/`, each row with its source. What a text does not say stays empty.

pub mod benefit;
pub mod date;
mod demand;
pub mod education;
pub mod employment;
pub mod experience;
pub mod fold;
pub mod grade;
pub mod headcount;
mod http;
mod number;
pub mod occupation;
pub mod phone;
pub mod place;
pub mod salary;
pub mod screening;
pub mod sheet;
pub mod skill;
mod synonym;
mod table;
pub mod uscc;
pub mod wage;
mod word;
mod wording;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

pub use self::benefit::{Benefit, Benefits};
pub use self::demand::{GradeDemand, GradeDemands, GradeOf};
pub use self::education::{Education, EducationLevels, EducationRequirement, Programme};
pub use self::employment::{EmploymentType, EmploymentTypes};
pub use self::grade::{Grades, SkillGrade};
pub use self::http::routes;
pub use self::occupation::{Occupation, Occupations};
pub use self::place::{Area, AreaCode, AreaLevel, Candidate, Place, PlaceError, Places, asked_area, located, place_refusal};
pub use self::salary::{PayUnit, SalaryFlag, SalaryParsed, SalaryReader};
pub use self::screening::{Screening, Severity};
pub use self::skill::{HandicraftRule, Mention, Relation, Skill, SkillKind, Skills};
pub use self::synonym::Synonyms;
pub use self::uscc::{EmployerNumber, Uscc, UsccError};
pub use self::wage::{MinimumWage, MinimumWages};
pub use self::word::{Certainty, Confidence};

const VERSION_BYTES: usize = 8;

/// Why the data files could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// A row of a data file is wrong.
    #[error("{file} line {line}: {what}")]
    Data {
        /// The file in `index/`.
        file: &'static str,
        /// The line, from 1; 0 for the whole file.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A word list could not be compiled.
    #[error("word list: {0}")]
    Automaton(String),
}

/// One data file with its text.
#[derive(Debug, Clone, Copy)]
struct Source {
    file: &'static str,
    text: &'static str,
}

macro_rules! sources {
    ($($file:literal),+ $(,)?) => {
        &[$(Source { file: $file, text: include_str!(concat!("../../index/", $file)) }),+]
    };
}

const SOURCES: &[Source] = sources![
    "areas.tsv",
    "former_areas.tsv",
    "neighbours.tsv",
    "place_context.tsv",
    "skills.tsv",
    "skill_adjacency.tsv",
    "skill_context.tsv",
    "skill_credits.tsv",
    "skill_negations.tsv",
    "major_skills.tsv",
    "handicraft_industries.tsv",
    "occupations.tsv",
    "occupation_editions.tsv",
    "education.tsv",
    "programmes.tsv",
    "lemis_codes.tsv",
    "wordings.tsv",
    "benefits.tsv",
    "pay_rules.tsv",
    "minimum_wages.tsv",
    "screening_families.tsv",
    "screening_slots.tsv",
    "screening_rules.tsv",
    "screening_allowed.tsv",
    "screening_checks.tsv",
    "search_synonyms.tsv",
];

/// Every word list of the domain; immutable, to be shared in an `Arc`.
pub struct Lexicon {
    /// Areas.
    pub places: Places,
    /// Crafts, processes and modern skills.
    pub skills: Skills,
    /// Occupations.
    pub occupations: Occupations,
    /// Education and programme levels.
    pub education: EducationLevels,
    /// Vocational skill grades.
    pub grades: Grades,
    /// Grades that a vacancy asks for.
    pub demands: GradeDemands,
    /// Pay wording.
    pub salary: SalaryReader,
    /// Employment types.
    pub employment: EmploymentTypes,
    /// Benefits.
    pub benefits: Benefits,
    /// Minimum wages.
    pub wages: MinimumWages,
    /// What a posting may not say.
    pub screening: Screening,
    /// Other words for a thing.
    pub synonyms: Synonyms,
    version: String,
}

impl Lexicon {
    /// Loads the data files that are compiled in.
    pub fn load() -> Result<Self, LexiconError> {
        Ok(Self {
            places: Places::load(SOURCES)?,
            skills: Skills::load(SOURCES)?,
            occupations: Occupations::load(SOURCES)?,
            education: EducationLevels::load(SOURCES)?,
            grades: Grades::load(SOURCES)?,
            demands: GradeDemands::load(SOURCES)?,
            salary: SalaryReader::load(SOURCES)?,
            employment: EmploymentTypes::load(SOURCES)?,
            benefits: Benefits::load(SOURCES)?,
            wages: MinimumWages::load(SOURCES)?,
            screening: Screening::load(SOURCES)?,
            synonyms: Synonyms::load(SOURCES)?,
            version: version(SOURCES),
        })
    }

    /// Gives the lexicon of this process, which is loaded when it is first asked for.
    pub fn shared() -> Result<Arc<Self>, LexiconError> {
        static SHARED: OnceLock<Arc<Lexicon>> = OnceLock::new();
        if let Some(loaded) = SHARED.get() {
            return Ok(loaded.clone());
        }
        let loaded = Arc::new(Self::load()?);
        Ok(SHARED.get_or_init(|| loaded).clone())
    }

    /// Returns a short hash over the data files; readings are repeatable while it stays.
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn version(sources: &[Source]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        hash.update(source.file);
        hash.update([0]);
        hash.update(source.text);
        hash.update([0]);
    }
    let digest = hash.finalize();
    let bytes = digest.iter().take(VERSION_BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the text of a data file.
fn text(sources: &[Source], file: &'static str) -> Result<&'static str, LexiconError> {
    let source = sources.iter().find(|source| source.file == file);
    source.map(|source| source.text).ok_or(LexiconError::Data { file, line: 0, what: "no such data file".to_owned() })
}

/// Returns the codes of one LEMIS field with the wire words they stand for.
fn lemis_codes(sources: &[Source], field: &str) -> Result<HashMap<String, String>, LexiconError> {
    let table = table::Table::parse("lemis_codes.tsv", text(sources, "lemis_codes.tsv")?)?;
    let mut codes = HashMap::new();
    for row in table.rows() {
        if row.text("field")? == field {
            codes.insert(row.text("code")?.to_owned(), row.text("value")?.to_owned());
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::Lexicon;

    #[test]
    fn the_lexicon_is_shared_between_threads() {
        fn shareable<T: Send + Sync>() {}
        shareable::<Lexicon>();
    }

    #[test]
    fn the_data_files_load_and_have_a_version() {
        let lexicon = Lexicon::load().unwrap();
        assert_eq!(lexicon.version().len(), 16);
        assert_eq!(lexicon.version(), Lexicon::load().unwrap().version());
    }
}
