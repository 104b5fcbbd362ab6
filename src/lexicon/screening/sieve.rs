//! Which wordings occur in a sentence? A wording is a choice between branches, of which hardly any occurs: a branch is tried
//! only where the sentence holds the words that it needs, and compiled only when it is first tried. What is allowed is only
//! sieved: whoever finds a breach masks it.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::Regex;
use regex_filtered::mapper::{Builder, Mapper};
use regex_filtered::model::Model;
use regex_syntax::ast::Ast;

/// The shortest word by which a branch is sieved, in bytes: one Chinese character.
const WORD_BYTES_MIN: usize = 3;

/// A pattern that is compiled when it is first needed.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Reads a pattern; one that cannot be understood is refused.
    pub(super) fn parse(text: String) -> Result<Pattern, String> {
        regex_syntax::parse(&text).map_err(|error| error.to_string())?;
        Ok(Pattern { text, compiled: OnceLock::new() })
    }

    /// Gives the compiled pattern; none where it is too large, of which a test knows that none is.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }

    /// Gives the text of the pattern.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The branches of all wordings, wording by wording, then those of what is allowed.
pub(super) struct Sieve {
    branches: Vec<(usize, Pattern)>,
    /// To which place each branch of what is allowed belongs.
    allowed: Vec<usize>,
    mapper: Mapper,
    words: AhoCorasick,
}

impl Sieve {
    /// Makes the sieve of wordings and of what is allowed, each named by its place.
    pub(super) fn build<'p>(
        wordings: impl Iterator<Item = &'p Pattern>,
        allowances: impl Iterator<Item = (usize, &'p Pattern)>,
    ) -> Result<Sieve, String> {
        let (mut branches, mut allowed, mut models) = (Vec::new(), Vec::new(), Builder::new(WORD_BYTES_MIN));
        let mut push = |branch: &str| -> Result<(), String> {
            let parsed = regex_syntax::parse(branch).map_err(|error| error.to_string())?;
            models.push(Model::new(&parsed).map_err(|error| error.to_string())?);
            Ok(())
        };
        for (place, wording) in wordings.enumerate() {
            for branch in branches_of(wording.as_str())? {
                push(branch)?;
                branches.push((place, Pattern { text: branch.to_owned(), compiled: OnceLock::new() }));
            }
        }
        for (place, allowance) in allowances {
            for branch in branches_of(allowance.as_str())? {
                push(branch)?;
                allowed.push(place);
            }
        }
        let (mapper, words) = models.build();
        let words = AhoCorasick::builder().ascii_case_insensitive(true).build(words).map_err(|error| error.to_string())?;
        Ok(Sieve { branches, allowed, mapper, words })
    }

    /// Gives the places of the wordings that occur in a sentence, and of what is allowed and may occur, each in order.
    pub(super) fn matching(&self, sentence: &str) -> (Vec<usize>, Vec<usize>) {
        let words = self.words.find_overlapping_iter(sentence).map(|found| found.pattern().as_usize());
        let (mut places, mut allowed): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for at in self.mapper.atom_to_re(words) {
            match self.branches.get(at) {
                Some((place, _)) if places.last() == Some(place) => {}
                Some((place, branch)) => {
                    places.extend(branch.regex().filter(|regex| regex.is_match(sentence)).map(|_| *place));
                }
                None => allowed.extend(self.allowed.get(at - self.branches.len())),
            }
        }
        allowed.dedup();
        (places, allowed)
    }

    #[cfg(test)]
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.branches.iter().map(|(_, pattern)| pattern)
    }
}

/// Gives the branches between which a pattern chooses; itself where it does not.
fn branches_of(pattern: &str) -> Result<Vec<&str>, String> {
    let parsed = regex_syntax::ast::parse::Parser::new().parse(pattern).map_err(|error| error.to_string())?;
    let Ast::Alternation(choice) = &parsed else { return Ok(vec![pattern]) };
    let spans = choice.asts.iter().map(Ast::span);
    Ok(spans.filter_map(|span| pattern.get(span.start.offset..span.end.offset)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wording_occurs_where_one_of_its_branches_does() {
        let patterns: Vec<Pattern> =
            ["押金(?:费|钱)?|收[0-9]{2}元", "(?:女|男)工", "^急招"].map(|text| Pattern::parse(text.to_owned()).unwrap()).into();
        let allowed = Pattern::parse("不收|免费".to_owned()).unwrap();
        let sieve = Sieve::build(patterns.iter(), std::iter::once((7, &allowed))).unwrap();
        assert_eq!(branches_of("a(?:b|c)|d").unwrap(), ["a(?:b|c)", "d"]);
        for (sentence, found) in [("先交押金,招女工", vec![0, 1]), ("收30元", vec![0]), ("急招裁缝", vec![2]), ("不收费", vec![])]
        {
            let may = if sentence.contains("不收") { vec![7] } else { vec![] };
            assert_eq!(sieve.matching(sentence), (found.clone(), may), "{sentence}");
            let whole: Vec<usize> = (0..3).filter(|at| patterns[*at].regex().unwrap().is_match(sentence)).collect();
            assert_eq!(whole, found, "{sentence}");
        }
        assert!(Pattern::parse("(".to_owned()).is_err());
    }
}
