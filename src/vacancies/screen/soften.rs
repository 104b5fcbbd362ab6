//! Which spaces and question marks of a text stand for a comma? `本地人优先 包住` has two clauses, `限 女 性` has one.

use std::ops::Range;

/// From so many characters on both sides a space parts two clauses; fewer are letters set apart.
const RUN_MIN: usize = 2;
/// What parts two clauses; a question is mostly answered in the next one (`五险？没有`).
const COMMA: char = ',';
const QUESTION: char = '?';

/// A text without spaces that knows where each of its bytes came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Softened {
    /// The text, with commas for the spaces that part clauses.
    pub(super) text: String,
    origins: Vec<usize>,
}

impl Softened {
    /// Returns the range of the text with spaces that a range of this one came from.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        let at = |byte: usize| self.origins.get(byte).copied();
        let end = self.origins.last().map_or(0, |last| last + 1);
        let start = at(range.start).unwrap_or(end);
        start..range.end.checked_sub(1).and_then(at).map_or(start, |last| last + 1).max(start)
    }

    fn push(&mut self, character: char, from: Range<usize>) {
        self.text.push(character);
        self.origins.extend(from);
    }
}

/// Takes the spaces out, or puts a comma where they part two clauses.
pub(super) fn soften(text: &str) -> Softened {
    let mut softened = Softened::default();
    let mut before = "";
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        if !is_space(character) {
            softened.push(if character == QUESTION { COMMA } else { character }, at..at + character.len_utf8());
            before = text.get(..at + character.len_utf8()).unwrap_or_default();
        } else if before.len() == at && parts(before, rest.trim_start_matches(is_space)) {
            softened.push(COMMA, at..at + character.len_utf8());
        }
    }
    softened
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Tells whether two clauses meet: both sides are words, or both are numbers.
fn parts(before: &str, after: &str) -> bool {
    let last = before.chars().rev().take_while(|c| c.is_alphanumeric());
    let next = after.chars().take_while(|c| c.is_alphanumeric());
    let (numbers, words) = (|all: &str| all.chars().all(|c| c.is_ascii_digit()), |all: &str| all.chars().count() >= RUN_MIN);
    let (last, next): (String, String) = (last.collect(), next.collect());
    words(&last) && words(&next) && numbers(&last) == numbers(&next) && !(last.is_ascii() && next.is_ascii() && !numbers(&last))
}

#[cfg(test)]
mod tests {
    use super::soften;

    #[test]
    fn a_space_between_words_is_a_comma_and_between_letters_is_nothing() {
        for (text, softened) in [
            ("本地人优先 包住", "本地人优先,包住"),
            ("限 女 性", "限女性"),
            ("身高 165 以上", "身高165以上"),
            ("试用期3000  转正4500", "试用期3000,转正4500"),
            ("职责: 刺绣 。 包住", "职责:刺绣。包住"),
            ("五险?没有", "五险,没有"),
            ("adobe photoshop", "adobephotoshop"),
        ] {
            assert_eq!(soften(text).text, softened, "{text}");
        }
    }

    #[test]
    fn a_range_leads_back_to_the_spaced_text() {
        let softened = soften("限 女 性 会绣花");
        assert_eq!(softened.origin(0..9), 0..11);
        let softened = soften("包住 会绣花");
        assert_eq!(softened.text, "包住,会绣花");
        assert_eq!(softened.origin(7..16), 7..16);
        assert_eq!(softened.origin(16..16), 16..16);
    }
}
