//! Which words of a text are a breach? Fold, part the clauses, cut into sentences, mask what is allowed, then look for what is not; every
//! hit leads back to the text as it was written.

use std::borrow::Cow;
use std::ops::Range;

use regex::Regex;

use crate::lexicon::fold::{Spaces, fold};
use crate::lexicon::screening::{Family, Limit, Pattern, Rule, Screening, Suspicion};
use crate::vacancies::screen::soften::soften;

/// What ends a sentence in a folded text.
const ENDS: &[char] = &['。', ';', '!', '\n', '\r'];
/// What a finding neither begins nor ends with.
const EDGES: &[char] = &[',', '、', ':', ';', '(', ')', '[', ']', '~', '。', '!', '】'];
/// What stands for each byte of a masked phrase; no gap of a pattern crosses it.
const MASK: char = '\u{1}';

/// One breach: whose it is, and where it stands in the original.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// The kind of breach.
    pub family: &'a Family,
    /// The wording.
    pub rule: &'a Rule,
    /// The place in the text as it was written, in bytes.
    pub range: Range<usize>,
}

type Breach<'a> = (&'a Rule, Range<usize>);

/// Finds the breaches of a text, in the order of the text; of one kind none overlaps another.
pub fn find<'a>(text: &str, screening: &'a Screening) -> Vec<Hit<'a>> {
    let folded = fold(text, Spaces::Keep);
    let softened = soften(&folded.text);
    let mut hits: Vec<Hit<'a>> = Vec::new();
    let mut start = 0;
    for sentence in softened.text.split_inclusive(ENDS) {
        for suspicion in screening.suspected(sentence) {
            for (rule, found) in breaches(sentence, &suspicion, screening) {
                let range = folded.origin(softened.origin(start + found.start..start + found.end));
                hits.push(Hit { family: suspicion.family, rule, range });
            }
        }
        start += sentence.len();
    }
    hits.sort_by_key(|hit| hit.range.start);
    hits
}

/// Finds the breaches of one kind in one sentence.
fn breaches<'a>(sentence: &str, suspicion: &Suspicion<'a>, screening: &Screening) -> Vec<Breach<'a>> {
    let masked = suspicion.allowed.and_then(Pattern::regex).map(|allowed| masked(sentence, allowed));
    let sentence = masked.as_deref().unwrap_or(sentence);
    let mut found: Vec<Breach<'a>> = Vec::new();
    for rule in suspicion.rules.iter().copied() {
        let Some(pattern) = rule.pattern.regex() else { continue };
        for whole in pattern.find_iter(sentence) {
            let taken = found.iter().any(|(_, known)| known.start < whole.end() && whole.start() < known.end);
            let within = || rule.limit.is_some_and(|limit| !is_crossed(limit, pattern, sentence, whole.start()));
            let words = trimmed(whole);
            if !taken && !within() && !is_taken_back(sentence, words.start..whole.end(), screening) {
                found.push((rule, words));
            }
        }
    }
    found
}

/// Masks what is allowed in a sentence.
fn masked<'s>(sentence: &'s str, allowed: &Regex) -> Cow<'s, str> {
    let mut found = allowed.find_iter(sentence).peekable();
    if found.peek().is_none() {
        return Cow::Borrowed(sentence);
    }
    let (mut masked, mut copied) = (String::with_capacity(sentence.len()), 0);
    for phrase in found {
        masked.push_str(sentence.get(copied..phrase.start()).unwrap_or_default());
        masked.extend(std::iter::repeat_n(MASK, phrase.len()));
        copied = phrase.end();
    }
    masked.push_str(sentence.get(copied..).unwrap_or_default());
    Cow::Owned(masked)
}

/// Tells whether the numbers of the match that begins at a place are beyond the limit.
fn is_crossed(limit: Limit, pattern: &Regex, sentence: &str, start: usize) -> bool {
    pattern.captures_at(sentence, start).is_some_and(|captures| limit.is_crossed(&captures))
}

/// Tells whether the words before a wording or behind it say that it does not hold.
fn is_taken_back(sentence: &str, found: Range<usize>, screening: &Screening) -> bool {
    screening.is_negated(sentence.get(..found.start).unwrap_or_default())
        || screening.is_disclaimed(sentence.get(found.end..).unwrap_or_default())
}

/// Leaves the punctuation at both ends out.
fn trimmed(found: regex::Match<'_>) -> Range<usize> {
    let start = found.end() - found.as_str().trim_start_matches(EDGES).len();
    let end = found.start() + found.as_str().trim_end_matches(EDGES).len();
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;

    fn found(text: &str) -> Vec<(String, String)> {
        let lexicon = Lexicon::shared().unwrap();
        let hits = find(text, &lexicon.screening);
        hits.into_iter().map(|hit| (hit.family.id.clone(), text[hit.range].to_owned())).collect()
    }

    fn kinds(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn the_words_are_given_as_they_were_written() {
        assert_eq!(found("工作輕鬆，限 女 性，会缝纫"), [("SEX".to_owned(), "限 女 性".to_owned())]);
        assert_eq!(found("女工"), [("SEX".to_owned(), "女工".to_owned())]);
    }

    #[test]
    fn what_is_taken_back_is_no_breach() {
        for text in ["不收押金", "绝不收取任何押金", "反对只招男性", "凡要求先交钱的都是骗子", "女装裁剪工", "女士旗袍缝纫工"]
        {
            assert_eq!(kinds(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_is_taken_back_in_one_clause_is_not_in_the_next() {
        assert_eq!(found("收徒不看岁数，十二的也收"), [("UNDER16".to_owned(), "十二的也收".to_owned())]);
    }

    #[test]
    fn numbers_decide_where_the_law_names_one() {
        for (text, kind) in [
            ("每天干八个小时", None),
            ("每天干九个小时", Some("HOURS")),
            ("早八晚五", None),
            ("早八晚十", Some("HOURS")),
            ("月休4天", None),
            ("月休三天", Some("HOURS")),
            ("十六岁也收", None),
            ("十五岁也收", Some("UNDER16")),
            ("试用期工资为转正的八成", None),
            ("试用期工资为转正的60%", Some("PROBATION")),
        ] {
            assert_eq!(kinds(text).first().map(String::as_str), kind, "{text}");
        }
    }

    #[test]
    fn every_sentence_is_looked_at_on_its_own() {
        assert_eq!(kinds("不限男女。押金三百元。\n本地人优先！"), ["FEE", "HUKOU"]);
        assert_eq!(kinds(""), Vec::<String>::new());
    }
}
