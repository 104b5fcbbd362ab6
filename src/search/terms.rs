//! How do terms that are cut already reach the index? Joined into one text, each with its distance from the one before, how
//! often it counts, and its length; the tokenizer of the index takes them apart again without making a string of each.

use tantivy::Index;
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};

/// The name of the tokenizer in the schema.
pub const JOINED: &str = "joined";
/// The largest number that is written as one character, below the surrogates.
const NUMBER_MAX: usize = 0xd7ff;

/// Teaches an index to take joined terms apart; it forgets that when it is closed.
pub fn teach(index: &Index) {
    index.tokenizers().register(JOINED, TextAnalyzer::from(Joined::default()));
}

/// Terms joined into one text.
#[derive(Debug, Default)]
pub struct Terms {
    text: String,
    position: usize,
}

impl Terms {
    /// Adds a term at a position, which is never before that of the term added last.
    pub fn put(&mut self, position: usize, term: &str) {
        self.add(position, 1, term);
    }

    /// Adds a term that counts so often.
    pub fn count(&mut self, times: u32, term: &str) {
        self.add(self.position, usize::try_from(times).unwrap_or(NUMBER_MAX), term);
    }

    /// Gives the text.
    pub fn text(self) -> String {
        self.text
    }

    fn add(&mut self, position: usize, times: usize, term: &str) {
        let term = term.get(..term.floor_char_boundary(NUMBER_MAX)).unwrap_or_default();
        for number in [position.saturating_sub(self.position), times, term.len()] {
            let character = u32::try_from(number.min(NUMBER_MAX)).ok().and_then(char::from_u32);
            self.text.push(character.unwrap_or_default());
        }
        self.position = position.max(self.position);
        self.text.push_str(term);
    }
}

/// Takes joined terms apart.
#[derive(Debug, Clone, Default)]
pub struct Joined {
    token: Token,
}

/// The terms of one text.
pub struct Parts<'t> {
    rest: &'t str,
    left: u32,
    token: &'t mut Token,
}

impl Tokenizer for Joined {
    type TokenStream<'t> = Parts<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> Parts<'t> {
        self.token.reset();
        self.token.position = 0;
        Parts { rest: text, left: 0, token: &mut self.token }
    }
}

impl Parts<'_> {
    fn number(&mut self) -> Option<u32> {
        let mut characters = self.rest.chars();
        let number = characters.next()?;
        self.rest = characters.as_str();
        Some(u32::from(number))
    }

    fn next_term(&mut self) -> Option<()> {
        let step = usize::try_from(self.number()?).ok()?;
        self.left = self.number()?.checked_sub(1)?;
        let length = usize::try_from(self.number()?).ok()?;
        let (term, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        self.token.position += step;
        self.token.text.clear();
        self.token.text.push_str(term);
        Some(())
    }
}

impl TokenStream for Parts<'_> {
    fn advance(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return true;
        }
        self.next_term().is_some()
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_apart(terms: Terms) -> Vec<(usize, String)> {
        let (text, mut tokenizer, mut found) = (terms.text(), Joined::default(), Vec::new());
        tokenizer.token_stream(&text).process(&mut |token: &Token| found.push((token.position, token.text.clone())));
        found
    }

    #[test]
    fn terms_come_out_as_they_went_in() {
        let mut terms = Terms::default();
        for (position, term) in [(0, "风筝"), (0, "风筝扎"), (1, "筝扎"), (400, "c++"), (402, "")] {
            terms.put(position, term);
        }
        let found = taken_apart(terms);
        let found: Vec<(usize, &str)> = found.iter().map(|(position, term)| (*position, term.as_str())).collect();
        assert_eq!(found, [(0, "风筝"), (0, "风筝扎"), (1, "筝扎"), (400, "c++"), (402, "")]);
    }

    #[test]
    fn a_term_counts_as_often_as_it_was_said_to() {
        let mut terms = Terms::default();
        terms.count(3, "+source:\u{1}\u{2}x");
        terms.count(1, "剪纸");
        let found: Vec<String> = taken_apart(terms).into_iter().map(|(_, term)| term).collect();
        assert_eq!(found, ["+source:\u{1}\u{2}x", "+source:\u{1}\u{2}x", "+source:\u{1}\u{2}x", "剪纸"]);
    }
}
