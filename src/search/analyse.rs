//! How is Chinese text cut into terms? Two ways beside each other: `words`, what a segmenter says, with the words of the
//! trade in its dictionary, for precision; and `net`, every pair of neighbouring characters and every dictionary word of
//! three or more, for recall. Width, case, script and spaces do not matter. Text found only by the net ranks below.

use std::collections::BTreeSet;
use std::sync::Arc;

use jieba_rs::Jieba;

use crate::lexicon::Lexicon;
use crate::lexicon::fold::{Spaces, fold_text};

/// The frequency that makes a word of the trade win over its parts.
const WORD_FREQUENCY: usize = 100_000;
/// The longest run of letters and digits that is one term, in bytes.
const LATIN_BYTES_MAX: usize = 24;
/// The shortest beginning of a run of letters by which the run is found.
const LATIN_BEGIN: usize = 2;
/// The shortest dictionary word that the net holds beside the pairs, in characters.
const LONG_WORD: usize = 3;

/// Cuts texts and queries.
#[derive(Clone)]
pub struct Cutter {
    jieba: Arc<Jieba>,
}

/// What the net must hold for a text to be found literally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cover {
    /// All of these terms.
    All(Vec<String>),
    /// Any term that begins so: the text is a single character.
    Begin(String),
}

/// A character of the Han script, or a whole run of letters and digits.
type Unit<'t> = &'t str;

impl Cutter {
    /// Loads the dictionary and adds the words of the trade and the places.
    pub fn new(lexicon: &Lexicon) -> Cutter {
        let mut jieba = Jieba::new();
        for word in lexicon.skills.words() {
            jieba.add_word(&fold_text(word, Spaces::Drop), Some(WORD_FREQUENCY), None);
        }
        for city in lexicon.places.cities("") {
            jieba.add_word(&city.short, Some(WORD_FREQUENCY), None);
        }
        Cutter { jieba: Arc::new(jieba) }
    }

    /// Cuts a text into the words that the segmenter sees, sub-words included; single Han characters are none.
    pub fn words(&self, text: &str) -> Vec<String> {
        let text = tidy(text);
        let mut words: Vec<String> = self.cut(&text, true).into_iter().map(str::to_owned).collect();
        words.extend(runs(&text).into_iter().flatten().filter(|unit| is_latin(unit)).map(str::to_owned));
        words
    }

    /// Cuts a text into the words that the segmenter sees, one after the other and without sub-words.
    pub fn sequence(&self, text: &str) -> Vec<String> {
        let text = tidy(text);
        let words = self.jieba.cut(&text, false).into_iter().map(|token| token.word);
        words.filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
    }

    /// Gives every term under which the net finds a text, each once.
    pub fn net(&self, text: &str) -> BTreeSet<String> {
        let text = tidy(text);
        let mut terms = BTreeSet::new();
        for run in runs(&text) {
            for (at, unit) in run.iter().enumerate() {
                match run.get(at + 1) {
                    Some(next) => drop(terms.insert(pair(unit, next))),
                    None if !is_latin(unit) => drop(terms.insert((*unit).to_owned())),
                    None => {}
                }
                if is_latin(unit) {
                    terms.extend(beginnings(unit));
                }
            }
        }
        let long = self.jieba.cut_all(&text).into_iter().map(|token| token.word);
        terms.extend(long.filter(|word| is_long(word)).map(str::to_owned));
        terms
    }

    /// Gives the fewest terms of the net that a text holds exactly when it holds these words literally; none for no words.
    pub fn cover(&self, text: &str) -> Option<Cover> {
        let text = tidy(text);
        let runs = runs(&text);
        if let [run] = runs.as_slice()
            && let [unit] = run.as_slice()
            && !is_latin(unit)
        {
            return Some(Cover::Begin((*unit).to_owned()));
        }
        let long: Vec<&str> = self.cut(&text, false).into_iter().filter(|word| is_long(word)).collect();
        let mut terms: Vec<String> = Vec::new();
        for run in &runs {
            terms.extend(cover_run(run, &long));
        }
        terms.sort_unstable();
        terms.dedup();
        (!terms.is_empty()).then_some(Cover::All(terms))
    }

    /// Tells whether the dictionary has the word.
    pub fn knows(&self, word: &str) -> bool {
        self.jieba.has_word(word)
    }

    fn cut<'t>(&self, text: &'t str, parts: bool) -> Vec<&'t str> {
        let tokens = if parts { self.jieba.cut_for_search(text, false) } else { self.jieba.cut(text, false) };
        let words = tokens.into_iter().map(|token| token.word);
        words.filter(|word| word.chars().any(is_han) && word.chars().nth(1).is_some()).collect()
    }
}

/// Covers one run: long words as they are, pairs where none reaches.
fn cover_run(run: &[Unit<'_>], long: &[&str]) -> Vec<String> {
    let mut terms = Vec::new();
    let mut covered_to = 0;
    for (at, unit) in run.iter().enumerate() {
        if at + 1 > covered_to || at == 0 {
            let rest: String = run.iter().skip(at).copied().collect();
            if let Some(word) = long.iter().find(|word| rest.starts_with(**word)) {
                covered_to = at + word.chars().count();
                terms.push((*word).to_owned());
            }
        }
        let Some(next) = run.get(at + 1) else { break };
        if at + 1 >= covered_to {
            terms.push(pair(unit, next));
        }
        if is_latin(unit) && unit.len() > LATIN_BEGIN {
            terms.push((*unit).to_owned());
        }
    }
    if let Some(last) = run.last().filter(|last| is_latin(last)) {
        terms.push((*last).to_owned());
    }
    terms
}

/// Folds a text, and joins characters that were set apart one by one (`剪 纸 学 徒`).
pub fn tidy(text: &str) -> String {
    let folded = fold_text(text, Spaces::Keep);
    let chars: Vec<char> = folded.chars().collect();
    let at = |position: usize| chars.get(position).copied().unwrap_or('\n');
    let alone = |position: usize| {
        let before = position.checked_sub(1).map_or('\n', &at);
        is_han(at(position)) && !is_han(before) && !is_han(at(position + 1))
    };
    let mut text = String::with_capacity(folded.len());
    for (position, character) in chars.iter().enumerate() {
        let between = position > 0 && *character == ' ' && alone(position - 1) && alone(position + 1);
        if !between {
            text.push(*character);
        }
    }
    text
}

/// Splits a folded text into runs of units; spaces do not end a run, other marks do.
fn runs(text: &str) -> Vec<Vec<Unit<'_>>> {
    let mut runs: Vec<Vec<Unit<'_>>> = Vec::new();
    let mut run: Vec<Unit<'_>> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphanumeric() { latin_length(rest) } else { first.len_utf8() };
        let (unit, after) = rest.split_at(length);
        rest = after;
        if first.is_alphanumeric() {
            run.push(unit);
        } else if !matches!(first, ' ' | '\t') && !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

/// Measures a run of letters and digits, with the marks of `c++` and `c#`.
fn latin_length(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let marks = text.get(end..).unwrap_or_default().bytes().take_while(|b| matches!(b, b'+' | b'#')).take(2).count();
    if end > 2 { end.min(LATIN_BYTES_MAX) } else { end + marks }
}

/// Gives a run of letters with its beginnings, so that `java` is found in `javascript`.
fn beginnings(unit: &str) -> impl Iterator<Item = String> + '_ {
    let shortest = if unit.bytes().all(|b| b.is_ascii_digit()) { unit.len() } else { LATIN_BEGIN.min(unit.len()) };
    let bare = unit.trim_end_matches(['+', '#']);
    let bare = (bare.len() < unit.len()).then(|| bare.to_owned());
    (shortest..=unit.len()).filter_map(|end| unit.get(..end)).map(str::to_owned).chain(bare)
}

fn pair(left: &str, right: &str) -> String {
    if is_latin(left) && is_latin(right) { format!("{left} {right}") } else { format!("{left}{right}") }
}

fn is_latin(unit: &str) -> bool {
    unit.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_long(word: &str) -> bool {
    word.chars().all(is_han) && word.chars().nth(LONG_WORD - 1).is_some()
}

/// Tells whether a character is written without spaces between words.
pub fn is_han(character: char) -> bool {
    character.is_alphanumeric() && !character.is_ascii()
}
