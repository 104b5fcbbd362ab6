//! Where do the words stand? The passages of a text around them, with the words in `<b>`; all else is escaped.

use std::ops::Range;

use crate::lexicon::fold::{Spaces, fold};

/// How long a passage is, in bytes of folded text.
const PASSAGE_BYTES: usize = 240;
/// How much of it stands before the first word.
const LEAD_BYTES: usize = 60;

/// Marks the words in a text, or gives nothing when none stands there; `whole` keeps all of a short text.
pub fn highlight(text: &str, words: &[String], whole: bool) -> Option<String> {
    let folded = fold(text, Spaces::Drop);
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in words {
        let word = crate::lexicon::fold::key(word);
        if word.is_empty() {
            continue;
        }
        found.extend(folded.text.match_indices(&word).map(|(at, _)| at..at + word.len()));
    }
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let first = found.first()?.clone();
    let window = match whole {
        true => 0..folded.text.len(),
        false => {
            let start = folded.text.floor_char_boundary(first.start.saturating_sub(LEAD_BYTES));
            start..folded.text.floor_char_boundary(start + PASSAGE_BYTES).max(first.end)
        }
    };
    let place = if whole { 0..text.len() } else { folded.origin(window.clone()) };
    let mut marked = String::new();
    let mut at = place.start;
    for range in found.into_iter().filter(|range| window.start <= range.start && range.end <= window.end) {
        let origin = folded.origin(range);
        if origin.start < at {
            continue;
        }
        marked.push_str(&escaped(text.get(at..origin.start).unwrap_or_default()));
        marked.push_str("<b>");
        marked.push_str(&escaped(text.get(origin.clone()).unwrap_or_default()));
        marked.push_str("</b>");
        at = origin.end;
    }
    marked.push_str(&escaped(text.get(at..place.end).unwrap_or_default()));
    Some(marked)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#x27;")
}

#[cfg(test)]
mod tests {
    use super::highlight;

    #[test]
    fn words_are_marked_as_they_are_written_and_the_rest_is_escaped() {
        let words = ["风筝".to_owned(), "扎制".to_owned()];
        assert_eq!(highlight("濰坊風箏<扎制>工", &words, true).unwrap(), "濰坊<b>風箏</b>&lt;<b>扎制</b>&gt;工");
        assert_eq!(highlight("风 筝", &words, true).unwrap(), "<b>风 筝</b>");
        assert_eq!(highlight("柳编", &words, true), None);
        let long = format!("{}风筝{}", "长".repeat(500), "尾".repeat(500));
        let passage = highlight(&long, &words, false).unwrap();
        assert!(passage.contains("<b>风筝</b>") && passage.len() < 300, "{passage}");
    }
}
