//! Does one vacancy meet the words of a search, without the index? For followers that look at rows: what the index would be
//! told of the vacancy is held against the words, read as a search reads them first. Words of which a search finds nothing
//! it also reads apart from each other or spells otherwise; a follower's words always mean the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::db::types::VacancyId;
use crate::error::Result;
use crate::search::analyse::Cover;
use crate::search::find::parts;
use crate::search::index::Search;
use crate::search::read::{Depth, Group, Mark, Reader, Reading, Way};
use crate::search::schema::{Column, Maker};
use crate::vacancies::VacancyRow;

/// The words of a search, read for whoever follows.
#[derive(Clone)]
pub struct Words {
    engine: Arc<Search>,
    reading: Reading,
}

/// What the index would be told of a vacancy.
struct Told {
    id: VacancyId,
    net: HashMap<String, Vec<usize>>,
    signs: HashSet<String>,
    numbers: BTreeMap<Column, Vec<u64>>,
}

impl Words {
    /// Reads words, for what they mean or, without `understand`, as they are; too many of them are refused.
    pub fn read(engine: &Arc<Search>, words: &str, understand: bool, region: &str) -> Result<Words> {
        let depth = if understand { Depth::Meaning } else { Depth::Literal };
        let Search { lexicon, cutter, weights, .. } = &**engine;
        let reading = Reader { lexicon, cutter, weights, region, depth }.read(&parts(words)?);
        Ok(Words { engine: engine.clone(), reading })
    }

    /// Tells whether a vacancy meets the words.
    pub fn are_met_by(&self, row: &VacancyRow) -> Result<bool> {
        let told = Told::of(&self.engine, row)?;
        let Search { cutter, .. } = &*self.engine;
        let cover = |text: &str| cutter.cover(text);
        let Reading { wanted, unwanted, .. } = &self.reading;
        let met = |group: &Group| told.meets(group, cover);
        Ok(wanted.iter().all(|group| met(group) != Some(false)) && unwanted.iter().all(|group| met(group) != Some(true)))
    }
}

impl Told {
    fn of(engine: &Search, row: &VacancyRow) -> Result<Told> {
        let Search { fields, lexicon, cutter, weights, .. } = engine;
        let maker = Maker { fields, lexicon, cutter, weights };
        let content = row.content()?;
        let mut net: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, term) in maker.net_terms(&content) {
            net.entry(term).or_default().push(position);
        }
        let mut numbers: BTreeMap<Column, Vec<u64>> = BTreeMap::new();
        for (column, value) in maker.numbers(row, &content)? {
            numbers.entry(column).or_default().push(value);
        }
        let signs = maker.signs(row, &content, &[]).into_iter().map(|(sign, _)| sign).collect();
        Ok(Told { id: row.id.clone(), net, signs, numbers })
    }

    /// Tells whether a group is met in one of its ways; none where it says nothing.
    fn meets(&self, group: &Group, cover: impl Fn(&str) -> Vec<Cover> + Copy) -> Option<bool> {
        let way = |way: &Way| {
            let marks: Vec<bool> = way.marks.iter().filter_map(|mark| self.has(mark, cover)).collect();
            (!marks.is_empty()).then(|| marks.into_iter().all(|held| held))
        };
        let ways: Vec<bool> = group.ways.iter().filter_map(way).collect();
        (!ways.is_empty()).then(|| ways.into_iter().any(|held| held))
    }

    /// Tells whether a mark is there; none where it says nothing.
    fn has(&self, mark: &Mark, cover: impl Fn(&str) -> Vec<Cover>) -> Option<bool> {
        match mark {
            Mark::Text(text) => {
                let covers = cover(text);
                (!covers.is_empty()).then(|| covers.iter().all(|cover| self.holds(cover)))
            }
            Mark::Term(term) => Some(self.signs.contains(term)),
            Mark::One(ids) => Some(ids.contains(&self.id)),
            Mark::Within(column, ranges) => {
                let values = self.numbers.get(column).map(Vec::as_slice).unwrap_or_default();
                Some(values.iter().any(|value| ranges.iter().any(|(from, to)| (from..=to).contains(&value))))
            }
        }
    }

    fn holds(&self, cover: &Cover) -> bool {
        match cover {
            Cover::Begin(beginning) => self.net.keys().any(|term| term.starts_with(beginning.as_str())),
            Cover::Row(terms) => {
                let Some(((first_at, first), others)) = terms.split_first() else { return true };
                let stands = |at: usize, (place, term): &(usize, String)| {
                    self.net.get(term).is_some_and(|positions| positions.contains(&(at + place - first_at)))
                };
                let begins = self.net.get(first).map(Vec::as_slice).unwrap_or_default();
                begins.iter().any(|at| others.iter().all(|other| stands(*at, other)))
            }
        }
    }
}
