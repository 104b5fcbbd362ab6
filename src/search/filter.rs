//! Which vacancies may a search show at all? The filters of a search, each a query of its own, so that a facet can be
//! counted without its own filter.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};

use crate::db::types::Timestamp;
use crate::error::{Error, Refusal, Result};
use crate::lexicon::{Education, Place};
use crate::search::http::SearchQuery;
use crate::search::index::Search;
use crate::vacancies::Status;

/// How many digits of a GB/T 2260 code name a province.
const PROVINCE_DIGITS: usize = 2;

/// The filters of a search, by the name of the facet that each belongs to.
pub struct Filters(pub Vec<(&'static str, Box<dyn Query>)>);

impl Filters {
    /// Puts a query under all filters but those of one facet.
    pub fn over(&self, query: &dyn Query, without: &str) -> BooleanQuery {
        let mut clauses = vec![(Occur::Must, query.box_clone())];
        let others = self.0.iter().filter(|(name, _)| *name != without);
        clauses.extend(others.map(|(_, filter)| (Occur::Must, filter.box_clone())));
        BooleanQuery::new(clauses)
    }
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn yes(field: Field, value: bool) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_bool(field, value), IndexRecordOption::Basic))
}

fn any(field: Field, words: &[String]) -> Box<dyn Query> {
    Box::new(TermSetQuery::new(words.iter().map(|word| Term::from_field_text(field, word))))
}

impl Search {
    /// Reads the filters of a search; places and skills that are not known are refused, never ignored.
    pub fn filters(&self, wanted: &SearchQuery, region: &str) -> Result<Filters> {
        let mut filters: Vec<(&'static str, Box<dyn Query>)> = Vec::new();
        if let Some(places) = self.places(&wanted.city, region)? {
            filters.push(("city", places));
        }
        for skill in &wanted.skill {
            filters.push(("skill", any(self.fields.skill, &self.skill_ids(skill)?)));
        }
        if let Some(held) = &wanted.education {
            let held = self.education_held(held)?;
            let rank = u64::from(self.lexicon.education.rank(held));
            let upper = Bound::Included(Term::from_field_u64(self.fields.education_rank, rank));
            let range = RangeQuery::new(Bound::Included(Term::from_field_u64(self.fields.education_rank, 0)), upper);
            filters.push(("education", Box::new(range)));
        }
        if let Some(least) = wanted.salary_min {
            let from = Bound::Included(Term::from_field_i64(self.fields.salary_max, least));
            filters.push(("salary", Box::new(RangeQuery::new(from, Bound::Unbounded))));
        }
        if let Some(months) = wanted.experience_months {
            let to = Bound::Included(Term::from_field_u64(self.fields.min_months, months));
            let from = Bound::Included(Term::from_field_u64(self.fields.min_months, 0));
            filters.push(("experience", Box::new(RangeQuery::new(from, to))));
        }
        if let Some(kind) = &wanted.employment_type {
            filters.push(("employment_type", term(self.fields.employment_type, kind)));
        }
        if let Some(code) = &wanted.occupation {
            filters.push(("occupation", term(self.fields.occupation, code)));
        }
        if let Some(employer) = &wanted.employer {
            filters.push(("employer", term(self.fields.employer_id, employer.as_str())));
        }
        if let Some(after) = wanted.published_after {
            let from = Bound::Excluded(Term::from_field_i64(self.fields.published, Timestamp::millis(after)));
            filters.push(("published", Box::new(RangeQuery::new(from, Bound::Unbounded))));
        }
        if wanted.fresh_graduate == Some(true) {
            filters.push(("fresh", yes(self.fields.fresh, true)));
        }
        if wanted.handicraft.unwrap_or(true) {
            filters.push(("handicraft", yes(self.fields.handicraft, true)));
        }
        Ok(Filters(filters))
    }

    fn places(&self, words: &[String], region: &str) -> Result<Option<Box<dyn Query>>> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in words {
            let found = self.lexicon.places.resolve(word, region).map_err(|error| {
                let refusal = crate::lexicon::place_refusal("/city", &error);
                Error::Invalid(vec![refusal])
            })?;
            let Place { city, district, .. } = found;
            let query = match district {
                Some(district) => term(self.fields.district, district.as_str()),
                None if city.prefix().len() == PROVINCE_DIGITS => any(self.fields.city, &self.cities_of(city.prefix())),
                None => term(self.fields.city, city.as_str()),
            };
            clauses.push((Occur::Should, query));
        }
        let some = !clauses.is_empty();
        Ok(some.then(|| -> Box<dyn Query> { Box::new(BooleanQuery::new(clauses)) }))
    }

    fn cities_of(&self, province: &str) -> Vec<String> {
        self.lexicon.places.cities(province).map(|city| city.code.as_str().to_owned()).collect()
    }

    fn skill_ids(&self, word: &str) -> Result<Vec<String>> {
        let by_id = self.lexicon.skills.get(word).into_iter();
        let found: Vec<_> = by_id.chain(self.lexicon.skills.find(word)).collect();
        let mut ids: Vec<String> = Vec::new();
        for skill in found {
            ids.push(skill.id.clone());
            ids.extend(self.lexicon.skills.narrower(&skill.id).into_iter().map(|narrower| narrower.id.clone()));
        }
        match ids.is_empty() {
            false => Ok(ids),
            true => {
                let zh = format!("没有“{word}”这项技能");
                Err(Error::invalid("/skill", "unknown_skill", zh, format!("no such skill: {word}")))
            }
        }
    }

    fn education_held(&self, word: &str) -> Result<Education> {
        let level = Education::parse(word);
        let programme = crate::lexicon::Programme::parse(word).or_else(|| self.lexicon.education.parse_programme(word));
        let by_programme = programme.map(|programme| self.lexicon.education.treated_as(programme));
        let by_wording = || self.lexicon.education.parse_wording(word).map(|wording| wording.min);
        level.or(by_programme).or_else(by_wording).ok_or_else(|| {
            Error::Malformed(Refusal::new(
                "/education",
                "unknown_education",
                format!("没有“{word}”这种学历"),
                format!("no such education: {word}"),
            ))
        })
    }
}

/// Tells whether a row may be shown; the database has the last word over the index.
pub fn is_shown(status: Status) -> bool {
    status == Status::Live
}
