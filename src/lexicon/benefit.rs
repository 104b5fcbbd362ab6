//! Which benefits does a text promise?

use super::fold::key;
use super::table::Table;
use super::wording::Wordings;
use super::{LexiconError, Source, text};

const REFUSALS: &[char] = &['不', '无', '没', '未', '非'];

/// One kind of benefit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Benefit {
    /// The wire word.
    pub id: String,
    /// The Chinese label.
    pub zh: String,
    /// The English label.
    pub en: String,
}

/// The vocabulary of benefits.
pub struct Benefits {
    rows: Vec<Benefit>,
    wordings: Wordings,
}

impl Benefits {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let table = Table::parse("benefits.tsv", text(sources, "benefits.tsv")?)?;
        let mut rows = Vec::new();
        for row in table.rows() {
            rows.push(Benefit { id: row.text("id")?.to_owned(), zh: row.text("zh")?.to_owned(), en: row.text("en")?.to_owned() });
        }
        Ok(Self { rows, wordings: Wordings::load(sources, "benefit")? })
    }

    /// Returns a kind by its wire word.
    pub fn get(&self, id: &str) -> Option<&Benefit> {
        self.rows.iter().find(|benefit| benefit.id == id)
    }

    /// Iterates over all kinds.
    pub fn iter(&self) -> impl Iterator<Item = &Benefit> {
        self.rows.iter()
    }

    /// Finds the benefits a text promises, each once; a refused one (`不包吃`) does not count.
    pub fn find(&self, text: &str) -> Vec<&Benefit> {
        let folded = key(text);
        let mut promised: Vec<&str> = Vec::new();
        for found in self.wordings.find(&folded) {
            let before = folded.get(..found.start).unwrap_or_default();
            if !before.ends_with(REFUSALS) {
                promised.extend(found.value.split('|'));
            }
        }
        let rows = self.rows.iter();
        rows.filter(|benefit| promised.contains(&benefit.id.as_str())).collect()
    }

    /// Returns the benefits that a text names when it says nothing else.
    pub fn named(&self, text: &str) -> Vec<&Benefit> {
        let folded = key(text);
        let named: Vec<&str> = self.wordings.whole(&folded).into_iter().flat_map(|value| value.split('|')).collect();
        self.rows.iter().filter(|benefit| named.contains(&benefit.id.as_str())).collect()
    }
}
