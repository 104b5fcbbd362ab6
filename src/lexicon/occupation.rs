//! Which occupation of the national classification is meant?
//!
//! The 2022 edition with later additions is kept; codes of the 1999 and 2015 editions are led
//! over where the mapping is known, and a name that fits decides before an old code does.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::fold::key;
use super::table::Table;
use super::word::{Certainty, Confidence, words};
use super::{LexiconError, Source, text};

const SEARCH_RESULTS_MAX: usize = 50;
const OLD_DIGITS: usize = 7;

/// One occupation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupation {
    /// Its code, `6-09-03-17`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The kinds of work it includes (工种).
    pub worktypes: Vec<String>,
    /// Whether it makes a vacancy a handicraft one.
    pub craft: bool,
    /// Where the row comes from.
    pub source: String,
    /// How far it was checked.
    pub confidence: Confidence,
}

/// An edition of the classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// 1999.
    #[serde(rename = "1999")]
    First,
    /// 2015.
    #[serde(rename = "2015")]
    Second,
    /// 2022 with additions.
    #[serde(rename = "2022")]
    Third,
}

words!(Edition { First => "1999", Second => "2015", Third => "2022" });

/// What a source's code and name were read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OccupationReading<'o> {
    /// The occupation of the 2022 edition.
    pub occupation: &'o Occupation,
    /// The edition the code was of, when a code decided.
    pub edition: Option<Edition>,
    /// How sure the reading is.
    pub certainty: Certainty,
}

struct FormerCode {
    edition: Edition,
    prefix: String,
    code: String,
}

/// All known occupations.
pub struct Occupations {
    rows: Vec<Occupation>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    former: Vec<FormerCode>,
}

impl Occupations {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let table = Table::parse("occupations.tsv", text(sources, "occupations.tsv")?)?;
        let mut rows = Vec::new();
        for row in table.rows() {
            rows.push(Occupation {
                code: row.word("code", |code| is_well_formed(code).then(|| code.to_owned()))?,
                name: row.text("name")?.to_owned(),
                worktypes: row.list("worktypes")?,
                craft: row.text("craft")? == "yes",
                source: row.text("source")?.to_owned(),
                confidence: row.word("confidence", Confidence::parse)?,
            });
        }
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, occupation) in rows.iter().enumerate() {
            let names = std::iter::once(&occupation.name).chain(&occupation.worktypes);
            for name in names {
                by_name.entry(key(name)).or_default().push(at);
            }
        }
        let by_code = rows.iter().enumerate();
        Ok(Self {
            by_code: by_code.map(|(at, row)| (row.code.clone(), at)).collect(),
            by_name,
            former: read_former(sources)?,
            rows,
        })
    }

    /// Returns the occupation of a code of the 2022 edition.
    pub fn get(&self, code: &str) -> Option<&Occupation> {
        self.rows.get(*self.by_code.get(code)?)
    }

    /// Returns the occupations of exactly this name or kind of work.
    pub fn find(&self, name: &str) -> Vec<&Occupation> {
        let found = self.by_name.get(&key(name));
        let rows = found.into_iter().flatten().filter_map(|at| self.rows.get(*at));
        rows.collect()
    }

    /// Returns the occupations whose code starts with or whose names contain the words, whole
    /// names first.
    pub fn search(&self, words: &str) -> Vec<&Occupation> {
        let wanted = key(words);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut ranked: Vec<(u8, &Occupation)> = Vec::new();
        for occupation in &self.rows {
            let name = key(&occupation.name);
            let rank = if name == wanted || occupation.code == wanted {
                0
            } else if name.contains(&wanted) {
                1
            } else if occupation.worktypes.iter().any(|work| key(work).contains(&wanted)) {
                2
            } else if occupation.code.starts_with(&wanted) {
                3
            } else {
                continue;
            };
            ranked.push((rank, occupation));
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.truncate(SEARCH_RESULTS_MAX);
        ranked.into_iter().map(|(_, occupation)| occupation).collect()
    }

    /// Reads what a source gives: a code of any edition, a name, or both.
    pub fn read(&self, code: &str, name: &str) -> Option<OccupationReading<'_>> {
        let written = key(code);
        let code = dashed(&written);
        let named = self.find(name);
        let coded = self.get(&code);
        if let Some(occupation) = coded.filter(|coded| named.contains(coded)) {
            return Some(reading(occupation, Some(Edition::Third), Certainty::Certain));
        }
        if let [only] = named.as_slice() {
            return Some(reading(only, None, Certainty::Likely));
        }
        // Seven plain digits are the form of a former edition, whose codes meant other things.
        if let Some(occupation) = coded.filter(|_| written.contains('-')) {
            return Some(reading(occupation, Some(Edition::Third), Certainty::Likely));
        }
        let former = self.former.iter().filter(|former| code.starts_with(&former.prefix));
        let former = former.max_by_key(|former| former.prefix.len())?;
        let occupation = self.get(&former.code)?;
        Some(reading(occupation, Some(former.edition), Certainty::Likely))
    }

    /// Iterates over all occupations, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Occupation> {
        self.rows.iter()
    }
}

/// Tells whether a text has the form of a code: `6-09-03-17`.
pub fn is_well_formed(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [1, 2, 2, 2]
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        && code.starts_with(|first: char| ('1'..='8').contains(&first))
}

/// Writes a code of seven digits, or with other dashes, in its dashed form.
fn dashed(code: &str) -> String {
    let code = code.replace(['—', '–', '.', '_'], "-");
    let digits = code.len() == OLD_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    match (digits, code.get(..1), code.get(1..3), code.get(3..5), code.get(5..)) {
        (true, Some(a), Some(b), Some(c), Some(d)) => format!("{a}-{b}-{c}-{d}"),
        _ => code,
    }
}

fn reading(occupation: &Occupation, edition: Option<Edition>, certainty: Certainty) -> OccupationReading<'_> {
    OccupationReading { occupation, edition, certainty }
}

fn read_former(sources: &[Source]) -> Result<Vec<FormerCode>, LexiconError> {
    let file = "occupation_editions.tsv";
    let table = Table::parse(file, text(sources, file)?)?;
    let mut former = Vec::new();
    for row in table.rows() {
        former.push(FormerCode {
            edition: row.word("edition", Edition::parse)?,
            prefix: row.text("prefix")?.to_owned(),
            code: row.text("code")?.to_owned(),
        });
    }
    Ok(former)
}
