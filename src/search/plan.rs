//! How is what was asked found? Groups and filters become queries that say only yes or no, and terms that count.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::IndexRecordOption;

use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::search::analyse::{Cover, Cutter};
use crate::search::members::Members;
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
        let mut members = Members { groups: Vec::new(), without: Vec::new() };
        for group in &reading.wanted {
            members.groups.push(self.ways(group)?);
        }
        for condition in conditions {
            members.groups.push(self.mark(&condition.mark)?.into_iter().collect());
        }
        members.groups.retain(|ways| !ways.is_empty());
        for group in &reading.unwanted {
            members.without.extend(self.ways(group)?);
        }
        Ok(members)
    }

    /// Makes the queries of the ways of a group, none when it says nothing.
    fn ways(&self, group: &Group) -> Result<Vec<Box<dyn Query>>> {
        let mut ways = Vec::new();
        for way in &group.ways {
            let mut marks = Vec::new();
            for mark in &way.marks {
                marks.extend(self.mark(mark)?.map(|query| (Occur::Must, query)));
            }
            if !marks.is_empty() {
                ways.push(one_or_all(marks));
            }
        }
        Ok(ways)
    }

    fn mark(&self, mark: &Mark) -> Result<Option<Box<dyn Query>>> {
        Ok(match mark {
            Mark::Text(text) => {
                let mut runs = Vec::new();
                for cover in self.cutter.cover(text) {
                    runs.push((Occur::Must, self.cover(cover)?));
                }
                (!runs.is_empty()).then(|| one_or_all(runs))
            }
            Mark::Term(term) => {
                let term = Term::from_field_text(self.fields.words, term);
                Some(Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
            }
            Mark::Within(column, ranges) => Some(self.within(*column, ranges)),
        })
    }

    fn cover(&self, cover: Cover) -> Result<Box<dyn Query>> {
        let net = |term: &str| Term::from_field_text(self.fields.net, term);
        Ok(match cover {
            Cover::Begin(beginning) => Box::new(TermSetQuery::new(self.begun(&beginning)?)),
            Cover::Row(terms) => match terms.as_slice() {
                [(_, only)] => Box::new(TermQuery::new(net(only), IndexRecordOption::Basic)),
                several => Box::new(PhraseQuery::new_with_offset(several.iter().map(|(at, term)| (*at, net(term))).collect())),
            },
        })
    }

    /// Gives the terms of the net that begin so.
    fn begun(&self, beginning: &str) -> Result<Vec<Term>> {
        let mut terms = Vec::new();
        for reader in self.view.searcher.segment_readers() {
            let index = reader.inverted_index(self.fields.net)?;
            let mut stream = index.terms().range().ge(beginning).into_stream()?;
            let mut left = BEGUN_TERMS_MAX;
            while stream.advance() && stream.key().starts_with(beginning.as_bytes()) && left > 0 {
                terms.extend(std::str::from_utf8(stream.key()).map(|text| Term::from_field_text(self.fields.net, text)));
                left -= 1;
            }
        }
        Ok(terms)
    }

    fn within(&self, column: Column, ranges: &[(u64, u64)]) -> Box<dyn Query> {
        let field = self.fields.column(column);
        let term = |value| Term::from_field_u64(field, value);
        let looked_up = matches!(column, Column::Skill | Column::Craft | Column::Education | Column::Kind);
        let looked_up = looked_up || matches!(column, Column::Handicraft | Column::Fresh | Column::Area);
        let queries = ranges.iter().map(|(from, to)| -> (Occur, Box<dyn Query>) {
            let query: Box<dyn Query> = match from == to && looked_up {
                true => Box::new(TermQuery::new(term(*from), IndexRecordOption::Basic)),
                false => Box::new(RangeQuery::new(Bound::Included(term(*from)), Bound::Included(term(*to)))),
            };
            (Occur::Should, query)
        });
        let queries: Vec<_> = queries.collect();
        if queries.is_empty() { Box::new(EmptyQuery) } else { one_or_all(queries) }
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
                Mark::Term(_) | Mark::Within(..) => {}
            }
        }
        terms.sort_by(|left, right| left.0.cmp(&right.0));
        terms.dedup_by(|left, right| left.0 == right.0);
        terms.into_iter().map(|(term, share)| (Term::from_field_text(self.fields.words, &term), share)).collect()
    }
}

/// Joins clauses into one query; a lone positive clause stands for itself.
fn one_or_all(mut clauses: Vec<(Occur, Box<dyn Query>)>) -> Box<dyn Query> {
    match clauses.pop() {
        Some((Occur::Must | Occur::Should, only)) if clauses.is_empty() => only,
        last => {
            clauses.extend(last);
            Box::new(BooleanQuery::new(clauses))
        }
    }
}
