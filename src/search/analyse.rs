//! How is Chinese text cut into terms? Two ways beside each other: `words`, what a segmenter says, with the words of the
//! trade in its dictionary, for precision; and `net`, every pair of neighbouring characters and every dictionary word of
//! three or more, at their positions, for recall. Width, case, script and spaces do not matter. Text found only by the net ranks below.

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
    /// These terms, at these distances from the first.
    Row(Vec<(usize, String)>),
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
        words.extend(runs(&text).into_iter().flatten().map(|(_, unit)| unit).filter(|unit| is_latin(unit)).map(str::to_owned));
        words
    }

    /// Cuts a text into the words that the segmenter sees, one after the other and without sub-words.
    pub fn sequence(&self, text: &str) -> Vec<String> {
        let text = tidy(text);
        let words = self.jieba.cut(&text, false).into_iter().map(|token| token.word);
        words.filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
    }

    /// Gives every term under which the net finds a text, with its position, in order.
    pub fn net(&self, text: &str) -> Vec<(usize, String)> {
        let text = tidy(text);
        let starts: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
        let long = self.jieba.cut_all(&text).into_iter().filter(|token| is_long(token.word));
        let mut long: Vec<(usize, &str)> =
            long.map(|token| (starts.get(token.start).copied().unwrap_or(0), token.word)).collect();
        long.sort_by_key(|(start, _)| *start);
        let mut long = long.into_iter().peekable();
        let (mut terms, mut position) = (Vec::new(), 0);
        for run in runs(&text) {
            for (at, (start, unit)) in run.iter().enumerate() {
                match run.get(at + 1) {
                    Some((_, next)) => terms.push((position, pair(unit, next))),
                    None if !is_latin(unit) => terms.push((position, (*unit).to_owned())),
                    None => {}
                }
                if is_latin(unit) {
                    terms.extend(beginnings(unit).map(|beginning| (position, beginning)));
                }
                while let Some((from, word)) = long.next_if(|(from, _)| from <= start) {
                    terms.extend((from == *start).then(|| (position, word.to_owned())));
                }
                position += 1;
            }
            position += 1;
        }
        terms
    }

    /// Gives the fewest terms of the net that a text holds exactly when it holds these words literally, run by run.
    pub fn cover(&self, text: &str) -> Vec<Cover> {
        let text = tidy(text);
        let long: Vec<&str> = self.cut(&text, false).into_iter().filter(|word| is_long(word)).collect();
        runs(&text).iter().map(|run| cover_run(run, &long)).collect()
    }

    /// Tells whether the segmenter leaves a single character of a text over.
    pub fn leaves_over(&self, text: &str) -> bool {
        self.sequence(text).iter().any(|word| word.chars().all(is_han) && word.chars().nth(1).is_none())
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
fn cover_run(run: &[(usize, Unit<'_>)], long: &[&str]) -> Cover {
    let units: Vec<Unit<'_>> = run.iter().map(|(_, unit)| *unit).collect();
    if let [unit] = units.as_slice() {
        let unit = (*unit).to_owned();
        return if is_latin(&unit) { Cover::Row(vec![(0, unit)]) } else { Cover::Begin(unit) };
    }
    let (mut terms, mut covered_to) = (Vec::new(), 0);
    for (at, unit) in units.iter().enumerate() {
        let rest: String = units.iter().skip(at).copied().collect();
        let word = long.iter().find(|word| at + 1 >= covered_to && rest.starts_with(**word));
        if let Some(word) = word {
            covered_to = at + word.chars().count();
            terms.push((at, (*word).to_owned()));
        }
        match units.get(at + 1) {
            Some(next) if at + 1 >= covered_to => terms.push((at, pair(unit, next))),
            _ => {}
        }
    }
    Cover::Row(terms)
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

/// Splits a folded text into runs of units with their first bytes; spaces do not end a run, other marks do.
fn runs(text: &str) -> Vec<Vec<(usize, Unit<'_>)>> {
    let (mut runs, mut run) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphanumeric() { latin_length(rest) } else { first.len_utf8() };
        let (unit, after) = rest.split_at(length);
        rest = after;
        if first.is_alphanumeric() {
            run.push((text.len() - after.len() - unit.len(), unit));
        } else if !matches!(first, ' ' | '\t') && !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs.push(run);
    runs.retain(|run: &Vec<_>| !run.is_empty());
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

/// Joins neighbouring units into one term; a space stays between runs of letters.
fn pair(left: &str, right: &str) -> String {
    if is_latin(left) && is_latin(right) { format!("{left} {right}") } else { format!("{left}{right}") }
}

/// Tells how many units a term of the net spans.
pub fn reach(term: &str) -> usize {
    if is_long(term) { term.chars().count() } else { 2 }
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
