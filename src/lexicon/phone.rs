//! Is this a telephone number, and where does one hide in a text?
//!
//! Mobile numbers of the mainland, landlines with area code, and 400/800 numbers. Whether a
//! number is in service is not asked.

use std::fmt;
use std::ops::Range;

use super::fold::{Spaces, fold};

const MOBILE_DIGITS: usize = 11;
const NUMBER_DIGITS_MAX: usize = 20;
const MASK: &str = "****";

/// The kind of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// `1` and ten more digits.
    Mobile,
    /// Area code and local number.
    Landline,
    /// 400 or 800.
    Service,
}

/// A telephone number in its plain form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    /// Its kind.
    pub kind: PhoneKind,
    number: String,
}

impl Phone {
    /// Reads a text that is one number and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim();
        let mut found = find(trimmed).into_iter();
        match (found.next(), found.next()) {
            (Some((phone, range)), None) if range == (0..trimmed.len()) => Some(phone),
            _ => None,
        }
    }

    /// Returns the number: `13800000001`, `0531-51780000`, `400-000-0000`.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// Returns the number with its middle or end hidden: `138****0001`.
    pub fn masked(&self) -> String {
        let digits = &self.number;
        let (head, tail) = match self.kind {
            PhoneKind::Mobile => (digits.get(..3), digits.get(7..)),
            PhoneKind::Landline | PhoneKind::Service => (digits.get(..digits.len() - 4), Some("")),
        };
        format!("{}{MASK}{}", head.unwrap_or_default(), tail.unwrap_or_default())
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.number)
    }
}

/// Finds every number in a free text, with its byte range in that text.
pub fn find(text: &str) -> Vec<(Phone, Range<usize>)> {
    let folded = fold(text, Spaces::Keep);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = folded.text.get(at..) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        let before = folded.text.get(..at).unwrap_or_default();
        let inside = before.ends_with(|c: char| c.is_ascii_alphanumeric());
        match read_at(rest).filter(|_| !inside) {
            Some((phone, length)) => {
                found.push((phone, folded.origin(at..at + length)));
                at += length;
            }
            None => at += first.len_utf8(),
        }
    }
    found
}

/// Replaces every number in a free text by its masked form.
pub fn mask_all(text: &str) -> String {
    if !text.contains(char::is_numeric) {
        return text.to_owned();
    }
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for (phone, range) in find(text) {
        masked.push_str(text.get(copied..range.start).unwrap_or_default());
        masked.push_str(&phone.masked());
        copied = range.end;
    }
    masked.push_str(text.get(copied..).unwrap_or_default());
    masked
}

fn read_at(text: &str) -> Option<(Phone, usize)> {
    let first = text.chars().next()?;
    if !first.is_ascii_digit() && !matches!(first, '+' | '(') {
        return None;
    }
    let digits = spaced_digits(text);
    let skipped = country_code(text, &digits);
    let local: String = digits.iter().skip(skipped).map(|(digit, _)| *digit).collect();
    let (kind, number) = mobile(&local).or_else(|| service(&local)).or_else(|| landline(&local))?;
    let taken = number.bytes().filter(u8::is_ascii_digit).count();
    let (_, end) = digits.get(skipped + taken - 1)?;
    let continues = text.get(*end..)?.starts_with(|c: char| c.is_ascii_alphanumeric());
    (!continues).then_some((Phone { kind, number }, *end))
}

/// Collects digits with at most one separator between two of them, each with its end.
fn spaced_digits(text: &str) -> Vec<(char, usize)> {
    let mut digits = Vec::new();
    let mut separators = 0;
    for (at, character) in text.char_indices() {
        if character.is_ascii_digit() {
            digits.push((character, at + 1));
            separators = 0;
        } else if matches!(character, '-' | ' ' | '(' | ')' | '+' | '—' | '–') && separators < 2 {
            separators += 1;
        } else {
            break;
        }
        if digits.len() == NUMBER_DIGITS_MAX {
            break;
        }
    }
    digits
}

fn country_code(text: &str, digits: &[(char, usize)]) -> usize {
    let run: String = digits.iter().map(|(digit, _)| *digit).collect();
    if text.starts_with('+') || run.starts_with("861") {
        return if run.starts_with("86") { 2 } else { 0 };
    }
    if run.starts_with("0086") { 4 } else { 0 }
}

fn mobile(digits: &str) -> Option<(PhoneKind, String)> {
    let number = digits.get(..MOBILE_DIGITS)?;
    let second = number.get(1..2)?;
    let valid = number.starts_with('1') && ("3"..="9").contains(&second);
    valid.then(|| (PhoneKind::Mobile, number.to_owned()))
}

fn service(digits: &str) -> Option<(PhoneKind, String)> {
    let number = digits.get(..10)?;
    let prefix = number.get(..3).filter(|prefix| matches!(*prefix, "400" | "800"))?;
    let (middle, end) = (number.get(3..6)?, number.get(6..)?);
    Some((PhoneKind::Service, format!("{prefix}-{middle}-{end}")))
}

/// Area codes 01x and 02x have three digits, all others four.
fn landline(digits: &str) -> Option<(PhoneKind, String)> {
    let second = digits.strip_prefix('0')?.chars().next()?;
    let area = match second {
        '1' | '2' => 3,
        '3'..='9' => 4,
        _ => return None,
    };
    let (area, local) = digits.split_at_checked(area)?;
    let length = match local.len() {
        7 => 7,
        8.. => 8,
        _ => return None,
    };
    let local = local.get(..length).filter(|local| !local.starts_with(['0', '1']))?;
    Some((PhoneKind::Landline, format!("{area}-{local}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_form_is_the_same_number() {
        for text in
            ["13800000001", "138 0000 0001", "138-0000-0001", "+8613800000001", "86 138 0000 0001", "１３８００００００01"]
        {
            assert_eq!(Phone::parse(text).unwrap().as_str(), "13800000001", "{text}");
        }
        assert_eq!(Phone::parse("(0531)51780000").unwrap().as_str(), "0531-51780000");
        assert_eq!(Phone::parse("4000000000").unwrap().masked(), "400-000-****");
    }

    #[test]
    fn two_numbers_in_one_cell_are_found_and_masked() {
        let text = "电话：13800000001 / 0533-4000000，王女士";
        assert_eq!(find(text).len(), 2);
        assert_eq!(mask_all(text), "电话：138****0001 / 0533-400****，王女士");
    }

    #[test]
    fn codes_and_dates_are_no_numbers() {
        for text in ["91370703MA3FE0010X", "370703202611230001", "2026-11-23", "12800000001", "0533-4xxxxxx", "138000000012", ""]
        {
            assert_eq!(find(text), Vec::new(), "{text}");
        }
    }
}
