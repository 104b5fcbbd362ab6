//! How is what was asked found? Groups and filters become looks that say only yes or no, and terms that count.

use std::collections::BTreeSet;

use tantivy::Term;

use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::lexicon::fold::{Spaces, fold_text};
use crate::search::analyse::{Cover, Cutter, is_han, reach};
use crate::search::members::{Look, Members};
use crate::search::read::{Group, Mark, Reading, Way};
use crate::search::schema::{
    Column, Fields, code_number, education_number, kind_number, occupation_term, sign_term, skill_number,
};
use crate::search::view::View;
use crate::search::weights::Weights;
use crate::vacancies::Filter;

/// How many terms one begun word may stand for.
const BEGUN_TERMS_MAX: usize = 2_000;
/// How many digits an area code has.
const AREA_DIGITS: usize = 6;

/// One filter: which numbers of a column are wanted, or a term.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The parameter that it comes from.
    pub name: &'static str,
    /// What is wanted.
    pub mark: Mark,
}

/// One way of meeting a group, as terms that count.
#[derive(Debug, Clone)]
pub struct Count {
    /// The weight of the way.
    pub weight: f32,
    /// Its terms among the words, each with its share.
    pub terms: Vec<(Term, f32)>,
}

/// Makes queries of marks.
#[derive(Clone, Copy)]
pub struct Planner<'p> {
    /// The fields.
    pub fields: &'p Fields,
    /// The segmenter.
    pub cutter: &'p Cutter,
    /// The weights.
    pub weights: &'p Weights,
    /// What is looked at.
    pub view: &'p View,
}

/// Reads the filters of a search into conditions; `nearby` adds the neighbours of the cities asked for.
pub fn conditions(filter: &Filter, lexicon: &Lexicon, nearby: bool) -> Vec<Condition> {
    let asked = filter.asked();
    let mut found: Vec<Condition> = Vec::new();
    let mut add = |name, mark| found.push(Condition { name, mark });
    if !filter.areas().is_empty() {
        let mut areas: Vec<(u64, u64)> = filter.areas().iter().map(|prefix| area_range(prefix)).collect();
        if nearby {
            areas.extend(filter.areas().iter().flat_map(|prefix| neighbours(prefix, lexicon)));
        }
        add("city", Mark::Within(Column::Area, areas));
    }
    for ids in filter.skills() {
        let numbers = ids.iter().filter_map(|id| skill_number(lexicon, id)).map(|number| (number, number));
        add("skill", Mark::Within(Column::Skill, numbers.collect()));
    }
    if let Some(levels) = filter.educations() {
        let numbers = levels.iter().filter_map(|level| education_number(level)).map(|number| (number, number));
        add("education", Mark::Within(Column::Education, numbers.collect()));
    }
    if let Some(least) = asked.salary_min {
        add("salary", Mark::Within(Column::PayMax, vec![(u64::try_from(least).unwrap_or(0), u64::MAX)]));
    }
    if let Some(held) = asked.experience_months {
        add("experience", Mark::Within(Column::Months, vec![(0, u64::from(held))]));
    }
    if let Some(kind) = &asked.employment_type {
        add(
            "employment_type",
            Mark::Within(Column::Kind, kind_number(kind).map(|number| (number, number)).into_iter().collect()),
        );
    }
    if let Some(code) = &asked.occupation {
        add("occupation", Mark::Term(occupation_term(code)));
    }
    if let Some(employer) = &asked.employer {
        add("employer", Mark::Term(sign_term(&format!("employer:{employer}"))));
    }
    if let Some(source) = &asked.source {
        add("source", Mark::Term(sign_term(&format!("source:{source}"))));
    }
    if let Some(after) = asked.published_after {
        let from = u64::try_from(after.millis()).unwrap_or(0).saturating_add(1);
        add("published", Mark::Within(Column::Published, vec![(from, u64::MAX)]));
    }
    if asked.fresh_graduate == Some(true) {
        add("fresh", Mark::Within(Column::Fresh, vec![(1, 1)]));
    }
    if asked.handicraft == Some(true) {
        add("handicraft", Mark::Within(Column::Handicraft, vec![(1, 1)]));
    }
    found
}

/// Gives the numbers of all areas whose code begins with these digits.
pub fn area_range(prefix: &str) -> (u64, u64) {
    let padded = |with: char| {
        let filling = std::iter::repeat_n(with, AREA_DIGITS.saturating_sub(prefix.len()));
        code_number(&prefix.chars().chain(filling).collect::<String>())
    };
    (padded('0'), padded('9'))
}

fn neighbours(prefix: &str, lexicon: &Lexicon) -> Vec<(u64, u64)> {
    lexicon.places.around(prefix).iter().map(|city| area_range(city.prefix())).collect()
}

impl Planner<'_> {
    /// Makes what is met by what meets every group and condition and nothing that is excluded.
    pub fn members(&self, reading: &Reading, conditions: &[&Condition]) -> Result<Members> {
        let mut members = Members::default();
        for group in &reading.wanted {
            members.groups.push(self.ways(group)?);
        }
        for condition in conditions {
            members.groups.push(vec![self.looks(&condition.mark)?]);
        }
        members.groups.retain(|ways| ways.iter().any(|way| !way.is_empty()));
        for group in &reading.unwanted {
            members.without.extend(self.ways(group)?);
        }
        Ok(members)
    }

    /// Makes the ways of a group, without those that another way finds too.
    fn ways(&self, group: &Group) -> Result<Vec<Vec<Look>>> {
        let texts: Vec<Option<String>> = group.ways.iter().map(only_text).collect();
        let mut ways = Vec::new();
        for (place, way) in group.ways.iter().enumerate() {
            let own = texts.get(place).cloned().flatten();
            let finds = |(other, text): (usize, &Option<String>)| match (text, &own) {
                (Some(text), Some(own)) => (own.len() > text.len() && own.contains(text)) || (own == text && other < place),
                _ => false,
            };
            if !texts.iter().enumerate().any(finds) {
                let looks = way.marks.iter().map(|mark| self.looks(mark)).collect::<Result<Vec<_>>>()?;
                ways.push(looks.into_iter().flatten().collect());
            }
        }
        ways.retain(|looks: &Vec<Look>| !looks.is_empty());
        Ok(ways)
    }

    /// Makes what is looked up for a mark; nothing when it says nothing.
    fn looks(&self, mark: &Mark) -> Result<Vec<Look>> {
        Ok(match mark {
            Mark::Text(text) => self.cutter.cover(text).into_iter().map(|cover| self.cover(cover)).collect::<Result<_>>()?,
            Mark::Term(term) => vec![Look::Term(Term::from_field_text(self.fields.words, term))],
            Mark::Within(column, ranges) => vec![Look::Within(*column, ranges.clone())],
            Mark::One(ids) => vec![Look::Any(ids.iter().map(|id| Term::from_field_text(self.fields.id, id.as_str())).collect())],
        })
    }

    fn cover(&self, cover: Cover) -> Result<Look> {
        let net = |term: &str| Term::from_field_text(self.fields.net, term);
        Ok(match cover {
            Cover::Begin(beginning) => Look::Any(self.begun(&beginning)?),
            Cover::Row(terms) => match terms.as_slice() {
                [(_, only)] => Look::Term(net(only)),
                several => {
                    let mut row = Vec::new();
                    for (at, term) in several {
                        row.push((u32::try_from(*at)?, u32::try_from(at + reach(term))?, net(term)));
                    }
                    Look::Row(row)
                }
            },
        })
    }

    /// Gives the terms of the net that begin so.
    fn begun(&self, beginning: &str) -> Result<Vec<Term>> {
        let mut terms = BTreeSet::new();
        for ground in &self.view.grounds {
            let index = ground.reader.inverted_index(self.fields.net)?;
            let mut stream = index.terms().range().ge(beginning).into_stream()?;
            let mut left = BEGUN_TERMS_MAX;
            while stream.advance() && stream.key().starts_with(beginning.as_bytes()) && left > 0 {
                terms.extend(std::str::from_utf8(stream.key()).map(|text| Term::from_field_text(self.fields.net, text)));
                left -= 1;
            }
        }
        Ok(terms.into_iter().collect())
    }

    /// Gives the terms by which a group counts, way by way.
    pub fn counts(&self, group: &Group) -> Vec<Count> {
        let counts = group.ways.iter().map(|way| Count { weight: way.weight, terms: self.terms(way) });
        counts.filter(|count| !count.terms.is_empty()).collect()
    }

    fn terms(&self, way: &Way) -> Vec<(Term, f32)> {
        let mut terms: Vec<(String, f32)> = Vec::new();
        for mark in &way.marks {
            match mark {
                Mark::Text(text) => {
                    let words = self.cutter.words(text);
                    let rows = self.cutter.cover(text).into_iter().flat_map(|cover| match cover {
                        Cover::Row(terms) => terms,
                        Cover::Begin(_) => Vec::new(),
                    });
                    let pairs = rows.map(|(_, pair)| pair).filter(|pair| !words.contains(pair)).collect::<Vec<_>>();
                    terms.extend(pairs.into_iter().map(|pair| (pair, self.weights.pair)));
                    terms.extend(words.into_iter().map(|word| (word, 1.0)));
                }
                Mark::Term(term) if !term.starts_with("+area") && term != "+nowhere" => terms.push((term.clone(), 1.0)),
                Mark::Term(_) | Mark::Within(..) | Mark::One(_) => {}
            }
        }
        terms.sort_by(|left, right| left.0.cmp(&right.0));
        terms.dedup_by(|left, right| left.0 == right.0);
        terms.into_iter().map(|(term, share)| (Term::from_field_text(self.fields.words, &term), share)).collect()
    }
}

/// Gives the text of a way that asks for nothing but one text in the Han script, folded.
fn only_text(way: &Way) -> Option<String> {
    match way.marks.as_slice() {
        [Mark::Text(text)] => Some(fold_text(text, Spaces::Drop)).filter(|text| text.chars().all(is_han)),
        _ => None,
    }
}
