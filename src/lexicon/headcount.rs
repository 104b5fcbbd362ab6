//! How many people does a wording look for?
//!
//! `若干` and `不限` say no number and stay without one; nought is a number.

use super::fold::key;
use super::word::Certainty;

const HEADCOUNT_MAX: u32 = 100_000;
const NUMERALS: &str = "零一二三四五六七八九";

/// The people a vacancy looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headcount {
    /// Least number, when one is said.
    pub min: Option<u32>,
    /// Greatest number, when one is said.
    pub max: Option<u32>,
    /// The wording.
    pub text: String,
    /// How sure the reading is.
    pub certainty: Certainty,
}

impl Headcount {
    /// Returns the number of openings surely offered.
    pub fn count(&self) -> Option<u32> {
        self.min
    }
}

/// Reads `5人`, `招5人`, `1-3人`, `若干`; `None` for an empty wording.
pub fn parse(wording: &str) -> Option<Headcount> {
    let folded = key(wording);
    if folded.is_empty() {
        return None;
    }
    let reading = |min, max, certainty| Headcount { min, max, text: wording.trim().to_owned(), certainty };
    let numbers = numbers_in(&folded);
    Some(match numbers.as_slice() {
        [only] => reading(Some(*only), Some(*only), Certainty::Certain),
        [low, high] if low <= high => reading(Some(*low), Some(*high), Certainty::Certain),
        [high, low] => reading(Some(*low), Some(*high), Certainty::Likely),
        _ => reading(None, None, Certainty::Unknown),
    })
}

fn numbers_in(folded: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut rest = folded;
    while let Some(first) = rest.chars().next() {
        let read = small_number(rest);
        let length = read.map_or(first.len_utf8(), |(_, length)| length);
        numbers.extend(read.map(|(number, _)| number).filter(|number| *number <= HEADCOUNT_MAX));
        rest = rest.get(length..).unwrap_or_default();
    }
    numbers
}

/// Reads a small whole number in digits or Chinese numerals up to 99, with its length in bytes.
pub(super) fn small_number(text: &str) -> Option<(u32, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        let number = text.get(..digits)?.parse().ok()?;
        return Some((number, digits));
    }
    let run = text.chars().take_while(|c| numeral(*c).is_some());
    let run: Vec<char> = run.take(3).collect();
    let length = run.iter().map(|c| c.len_utf8()).sum();
    let values: Vec<u32> = run.iter().filter_map(|c| numeral(*c)).collect();
    let number = match values.as_slice() {
        [10, unit] if *unit < 10 => 10 + unit,
        [tens, 10] if *tens < 10 => tens * 10,
        [tens, 10, unit] if *tens < 10 && *unit < 10 => tens * 10 + unit,
        [only] => *only,
        _ => return None,
    };
    Some((number, length))
}

fn numeral(character: char) -> Option<u32> {
    match character {
        '两' => Some(2),
        '十' => Some(10),
        _ => {
            let position = NUMERALS.chars().position(|known| known == character)?;
            u32::try_from(position).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn wordings_become_numbers() {
        for (text, min, max) in [
            ("5人", Some(5), Some(5)),
            ("招５人", Some(5), Some(5)),
            ("招若干人", None, None),
            ("若干", None, None),
            ("1-3人", Some(1), Some(3)),
            ("不限", None, None),
            ("0", Some(0), Some(0)),
            ("999", Some(999), Some(999)),
            ("十五名", Some(15), Some(15)),
            ("两名", Some(2), Some(2)),
            ("二十人", Some(20), Some(20)),
        ] {
            let read = parse(text).unwrap();
            assert_eq!((read.min, read.max), (min, max), "{text}");
        }
        assert_eq!(parse(" "), None);
    }
}
