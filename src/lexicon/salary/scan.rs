//! Which numbers and pay words stand in a wording, in order?

use super::PayUnit;
use crate::lexicon::fold::{Spaces, fold_text};
use crate::lexicon::number::{self, Written};
use crate::lexicon::wording::{Found, Wordings};

const WORDING_BYTES_MAX: usize = 600;

/// One meaningful piece of a wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// An amount.
    Amount(Written),
    /// A number of something else (`5天`, `28岁`, `8:30`).
    Other,
    /// Months paid a year.
    Months(i64),
    /// A percentage.
    Percent(i64),
    /// Between the ends of a range.
    Dash,
    /// `+`.
    Plus,
    /// A pay word.
    Word(PayWord),
    /// The end of a clause.
    Break,
    /// Any other text.
    Text,
}

/// What a pay word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PayWord {
    Per(PayUnit),
    PerPiece,
    Label(Label),
    Negotiable,
    Piece,
    Commission,
    Net,
    Gross,
    Approximate,
    OrMore,
    OrLess,
    AtLeast,
    AtMost,
}

/// Which part of the pay a following amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Regular,
    Basic,
    Probation,
    Internship,
    Extra,
}

/// Cuts a wording into tokens.
pub(super) fn scan(wordings: &Wordings, wording: &str) -> Vec<Token> {
    let end = wording.floor_char_boundary(WORDING_BYTES_MAX);
    let folded = fold_text(wording.get(..end).unwrap_or_default(), Spaces::Drop);
    let found: Vec<Found<'_>> = wordings.find(&folded).collect();
    let mut words = found.iter().peekable();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = folded.get(at..).filter(|rest| !rest.is_empty()) {
        while words.peek().is_some_and(|word| word.start < at) {
            words.next();
        }
        let word = words.peek().filter(|word| word.start == at);
        let (token, length) = match word {
            Some(word) => (meaning(word.value), word.end - word.start),
            None => number_or_sign(rest, &found, at),
        };
        let repeated = token == Some(Token::Text) && tokens.last() == Some(&Token::Text);
        tokens.extend(token.filter(|_| !repeated));
        at += length;
    }
    tokens
}

fn number_or_sign(rest: &str, found: &[Found<'_>], at: usize) -> (Option<Token>, usize) {
    if let Some(written) = number::read(rest) {
        return (Some(counted(rest, written, found, at)), written.length);
    }
    let digits = number::digits_length(rest);
    if digits > 0 {
        return (Some(Token::Other), digits);
    }
    let Some(sign) = rest.chars().next() else {
        return (None, 1);
    };
    let token = match sign {
        '-' | '–' | '—' | '~' | '至' | '到' | '|' | '−' | '―' | '─' | '〜' => Token::Dash,
        '+' => Token::Plus,
        '元' | '块' | '圆' | '¥' | '$' => return (None, sign.len_utf8()),
        ',' | '。' | ';' | '\n' | '\r' | '、' | '.' | '!' => Token::Break,
        _ => Token::Text,
    };
    (Some(token), sign.len_utf8())
}

/// Decides by the word right after a number what it counts.
fn counted(rest: &str, written: Written, found: &[Found<'_>], at: usize) -> Token {
    let end = at + written.length;
    let after = rest.get(written.length..).unwrap_or_default();
    let whole = written.milli / 1_000;
    let counter = found.iter().find(|word| word.start == end).map(|word| word.value);
    match counter {
        Some("months") if written.scale == 1 => Token::Months(whole),
        Some("month_of_year") if written.scale == 1 && whole <= 12 => Token::Other,
        Some("counter") if written.scale == 1 => Token::Other,
        _ if after.starts_with('%') => Token::Percent(whole),
        _ if after.starts_with(':') => Token::Other,
        _ => Token::Amount(written),
    }
}

/// Currency words part nothing and give no token.
fn meaning(value: &str) -> Option<Token> {
    let word = match value {
        "hour" => PayWord::Per(PayUnit::Hour),
        "day" => PayWord::Per(PayUnit::Day),
        "month" => PayWord::Per(PayUnit::Month),
        "year" => PayWord::Per(PayUnit::Year),
        "per_piece" => PayWord::PerPiece,
        "regular" => PayWord::Label(Label::Regular),
        "basic" => PayWord::Label(Label::Basic),
        "probation" => PayWord::Label(Label::Probation),
        "internship" => PayWord::Label(Label::Internship),
        "extra" => PayWord::Label(Label::Extra),
        "negotiable" => PayWord::Negotiable,
        "piece" => PayWord::Piece,
        "commission" => PayWord::Commission,
        "net" => PayWord::Net,
        "gross" => PayWord::Gross,
        "approximate" => PayWord::Approximate,
        "or_more" => PayWord::OrMore,
        "or_less" => PayWord::OrLess,
        "at_least" => PayWord::AtLeast,
        "at_most" => PayWord::AtMost,
        "currency" => return None,
        _ => return Some(Token::Text),
    };
    Some(Token::Word(word))
}
