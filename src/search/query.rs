//! How do words become a query? Quoted text is a phrase, `-word` excludes, the rest must all be there, in any of the
//! fields; a word that names a skill is also met by the skill and its narrower ones.

use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};

use crate::error::{Error, Refusal, Result};
use crate::search::analyse::Piece;
use crate::search::index::Search;

/// The longest query, in characters.
const QUERY_CHARS_MAX: usize = 200;
/// How many pieces a query may have.
const PIECES_MAX: usize = 24;
/// What the skill itself weighs beside the words.
const SKILL_BOOST: f32 = 4.0;

/// A query and the concepts that were read out of its words.
pub struct Understood {
    /// The query.
    pub query: Box<dyn Query>,
    /// The ids of the skills that the words name.
    pub skills: Vec<String>,
}

/// One part of what was typed.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    text: String,
    phrase: bool,
    without: bool,
}

/// Splits what was typed into words, quoted phrases and exclusions.
fn split(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let without = rest.starts_with('-') && rest.len() > 1;
        let begun = if without { rest.get(1..).unwrap_or_default() } else { rest };
        let quoted = begun.strip_prefix(['"', '“', '”']);
        let (word, after) = match quoted {
            Some(inner) => inner.split_once(['"', '”', '“']).unwrap_or((inner, "")),
            None => begun.split_once(char::is_whitespace).unwrap_or((begun, "")),
        };
        if !word.trim().is_empty() {
            parts.push(Part { text: word.to_owned(), phrase: quoted.is_some(), without });
        }
        rest = after.trim_start();
    }
    parts
}

impl Search {
    /// Reads the words of a search; too many of them are refused.
    pub fn understand(&self, text: &str) -> Result<Understood> {
        let refused = |zh: &str, en: &str| Error::Malformed(Refusal::new("/q", "bad_query", zh, en));
        if text.chars().count() > QUERY_CHARS_MAX {
            return Err(refused("检索词不得超过 200 个字", "the query is longer than 200 characters"));
        }
        let (mut clauses, mut skills, mut pieces) = (Vec::new(), Vec::new(), 0);
        for part in split(text) {
            let found = if part.phrase { Vec::new() } else { self.cutter.pieces(&part.text) };
            pieces += found.len().max(1);
            if pieces > PIECES_MAX {
                return Err(refused("检索词过多", "the query has too many words"));
            }
            let occur = if part.without { Occur::MustNot } else { Occur::Must };
            if part.phrase {
                clauses.extend(self.anywhere(&self.cutter.phrase(&part.text)).map(|query| (occur, query)));
            }
            for piece in found {
                let (terms, word) = match piece {
                    Piece::Word(word) => (vec![(0, word.clone())], word),
                    Piece::Run(run) => {
                        let word = run.iter().map(|(_, c)| c.as_str()).collect();
                        (run, word)
                    }
                };
                let ids = if part.without { Vec::new() } else { self.skills_named(&word) };
                clauses.extend(self.anywhere(&terms).map(|query| (occur, self.or_skills(query, &ids))));
                skills.extend(ids.into_iter().take(1));
            }
        }
        if !clauses.iter().any(|(occur, _)| *occur == Occur::Must) {
            clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(AllQuery), 1.0))));
        }
        Ok(Understood { query: Box::new(BooleanQuery::new(clauses)), skills })
    }

    /// Gives the skills that a word names, each with its narrower ones.
    fn skills_named(&self, word: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for skill in self.lexicon.skills.find(word) {
            ids.push(skill.id.clone());
            ids.extend(self.lexicon.skills.narrower(&skill.id).into_iter().map(|narrower| narrower.id.clone()));
        }
        ids
    }

    fn or_skills(&self, words: Box<dyn Query>, ids: &[String]) -> Box<dyn Query> {
        if ids.is_empty() {
            return words;
        }
        let terms = ids.iter().map(|id| Term::from_field_text(self.fields.skill, id));
        let skill = ConstScoreQuery::new(Box::new(TermSetQuery::new(terms)), SKILL_BOOST);
        Box::new(BooleanQuery::new(vec![(Occur::Should, words), (Occur::Should, Box::new(skill))]))
    }

    /// Looks for terms that follow each other, in any text field; none for no terms.
    fn anywhere(&self, terms: &[(usize, String)]) -> Option<Box<dyn Query>> {
        let weights =
            [(self.fields.title, 3.0), (self.fields.trade, 2.5), (self.fields.employer, 1.2), (self.fields.description, 1.0)];
        let clauses: Vec<(Occur, Box<dyn Query>)> = weights
            .into_iter()
            .filter_map(|(field, weight)| {
                let query: Box<dyn Query> = Box::new(BoostQuery::new(in_field(field, terms)?, weight));
                Some((Occur::Should, query))
            })
            .collect();
        (!clauses.is_empty()).then(|| -> Box<dyn Query> { Box::new(BooleanQuery::new(clauses)) })
    }
}

fn in_field(field: Field, terms: &[(usize, String)]) -> Option<Box<dyn Query>> {
    match terms {
        [] => None,
        [(_, one)] => Some(Box::new(TermQuery::new(Term::from_field_text(field, one), IndexRecordOption::WithFreqs))),
        several => {
            let first = several.first().map_or(0, |(at, _)| *at);
            let placed = several.iter().map(|(at, term)| (at - first, Term::from_field_text(field, term))).collect();
            Some(Box::new(PhraseQuery::new_with_offset(placed)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_make_phrases_and_a_hyphen_excludes() {
        let part = |text: &str, phrase, without| Part { text: text.to_owned(), phrase, without };
        assert_eq!(
            split("陶瓷 “手工 制作” -销售"),
            [part("陶瓷", false, false), part("手工 制作", true, false), part("销售", false, true)]
        );
        assert_eq!(split("\"没有结束"), [part("没有结束", true, false)]);
        assert!(split("  -  ").is_empty());
        assert!(split(" \"\" ").is_empty());
    }
}
