//! When are two spellings the same word?
//!
//! Folding is compatibility composition (Unicode NFKC) character by character, lower case and
//! traditional → simplified; invisible characters vanish. Every place in the folded text leads
//! back to a character boundary of the original. It does not segment and does not correct.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

const PLANE_CHARS: u32 = 0x1_0000;
const DROPPED: u32 = 0;
const EXPANDS: u32 = u32::MAX;
const HAN: Range<u32> = 0x3400..0xA000;
const UNCHANGED: Range<u32> = 0xA000..0xF900;

// A pure conversion table, built once per process because every folding of every row needs it.
static ONE_TO_ONE: LazyLock<Vec<u32>> = LazyLock::new(|| (0..PLANE_CHARS).map(table_entry).collect());

/// What becomes of spaces and tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spaces {
    /// They stay; the ideographic space becomes a plain one.
    Keep,
    /// They vanish, so that `剪 纸` equals `剪纸`. Line ends stay.
    Drop,
}

/// A folded text that knows where each of its bytes came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    origins: Vec<Range<usize>>,
}

impl Folded {
    /// Returns the range of the original that a range of the folded text came from.
    pub fn origin(&self, folded: Range<usize>) -> Range<usize> {
        let Some(first) = self.origins.get(folded.start) else {
            let end = self.origins.last().map_or(0, |origin| origin.end);
            return end..end;
        };
        let last = folded.end.checked_sub(1).and_then(|at| self.origins.get(at));
        let end = last.map_or(first.start, |origin| origin.end);
        first.start..end.max(first.start)
    }
}

/// Folds a text and keeps the way back to the original.
pub fn fold(text: &str, spaces: Spaces) -> Folded {
    let mut folded = Folded { text: String::with_capacity(text.len()), origins: Vec::with_capacity(text.len()) };
    for (origin, character) in text.char_indices() {
        push_folded(character, spaces, &mut folded.text);
        let source = origin..origin + character.len_utf8();
        folded.origins.resize(folded.text.len(), source);
    }
    folded
}

/// Folds a text when the way back is not needed.
pub fn fold_text(text: &str, spaces: Spaces) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        push_folded(character, spaces, &mut folded);
    }
    folded
}

/// Folds a name for comparison: no spaces at all.
pub fn key(text: &str) -> String {
    fold_text(text.trim(), Spaces::Drop)
}

fn push_folded(character: char, spaces: Spaces, out: &mut String) {
    if character.is_ascii() {
        push_char(character.to_ascii_lowercase(), spaces, out);
        return;
    }
    let entry =
        usize::try_from(u32::from(character)).ok().and_then(|position| ONE_TO_ONE.get(position).copied()).unwrap_or(EXPANDS);
    match entry {
        DROPPED => {}
        EXPANDS => {
            for part in expand(character) {
                push_char(part, spaces, out);
            }
        }
        code => push_char(char::from_u32(code).unwrap_or(character), spaces, out),
    }
}

fn push_char(character: char, spaces: Spaces, out: &mut String) {
    if spaces == Spaces::Keep || !matches!(character, ' ' | '\t') {
        out.push(character);
    }
}

fn table_entry(code: u32) -> u32 {
    let Some(character) = char::from_u32(code) else {
        return EXPANDS;
    };
    if is_invisible(character) {
        return DROPPED;
    }
    if UNCHANGED.contains(&code) {
        return code;
    }
    let mut parts = expand(character).into_iter();
    match (parts.next(), parts.next()) {
        (Some(only), None) => u32::from(only),
        _ => EXPANDS,
    }
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    )
}

fn expand(character: char) -> Vec<char> {
    let composed: Vec<char> =
        if HAN.contains(&u32::from(character)) { vec![character] } else { std::iter::once(character).nfkc().collect() };
    composed.into_iter().flat_map(char::to_lowercase).map(simplify).filter(|part| !is_invisible(*part)).collect()
}

/// Simplifies until nothing changes: a few characters need two steps.
fn simplify(character: char) -> char {
    let once = simplify_once(character);
    if once == character { once } else { simplify_once(once) }
}

fn simplify_once(character: char) -> char {
    if !HAN.contains(&u32::from(character)) {
        return character;
    }
    let mut buffer = [0; 4];
    let simplified = hanconv::t2s(&*character.encode_utf8(&mut buffer));
    let mut parts = simplified.chars();
    match (parts.next(), parts.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_script_do_not_matter() {
        assert_eq!(key("４－６千"), "4-6千");
        assert_eq!(key("ＰＳ 繪圖"), "ps绘图");
        assert_eq!(key("風箏\u{200B}扎制"), "风筝扎制");
    }

    #[test]
    fn a_folded_range_leads_back_to_the_original() {
        let text = "㎏ 風 箏！";
        let folded = fold(text, Spaces::Drop);
        assert_eq!(folded.text, "kg风筝!");
        let start = folded.text.find("风筝").unwrap_or(0);
        let range = folded.origin(start..start + 6);
        assert_eq!(&text[range], "風 箏");
        assert_eq!(&text[folded.origin(0..1)], "㎏");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for code in 0..=0x2_FFFF_u32 {
            let Some(character) = char::from_u32(code) else {
                continue;
            };
            let once = fold_text(&character.to_string(), Spaces::Keep);
            assert_eq!(fold_text(&once, Spaces::Keep), once, "U+{code:04X}");
        }
    }
}
