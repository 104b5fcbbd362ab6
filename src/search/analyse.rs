//! How is Chinese text cut into terms? Texts are indexed with every dictionary word and every single character, at
//! character positions; a query is cut precisely. Words of the trade are in the dictionary. Letters are folded first
//! (width, case, traditional to simplified), offsets stay those of the original.

use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::lexicon::Lexicon;
use crate::lexicon::fold::{Spaces, fold};

/// The frequency that makes a word of the trade win over its parts.
const WORD_FREQUENCY: usize = 100_000;

/// Cuts text for the index.
#[derive(Clone)]
pub struct Cutter {
    jieba: Arc<Jieba>,
}

/// A piece of a query: a dictionary word, or a run of characters that no word covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// One term.
    Word(String),
    /// Terms that follow each other, with their positions.
    Run(Vec<(usize, String)>),
}

impl Cutter {
    /// Loads the dictionary and adds the words of the trade and the places.
    pub fn new(lexicon: &Lexicon) -> Cutter {
        let mut jieba = Jieba::new();
        for word in lexicon.skills.words() {
            jieba.add_word(&fold(word, Spaces::Drop).text, Some(WORD_FREQUENCY), None);
        }
        for city in lexicon.places.cities("") {
            jieba.add_word(&city.short, Some(WORD_FREQUENCY), None);
        }
        Cutter { jieba: Arc::new(jieba) }
    }

    /// Cuts the words of a query; neighbouring single characters become one run.
    pub fn pieces(&self, text: &str) -> Vec<Piece> {
        let folded = fold(text, Spaces::Keep).text;
        let mut pieces: Vec<Piece> = Vec::new();
        for token in self.jieba.cut(&folded, false) {
            if !token.word.chars().any(char::is_alphanumeric) {
                pieces.push(Piece::Run(Vec::new()));
                continue;
            }
            let single = token.word.chars().count() == 1 && !token.word.is_ascii();
            match (single, pieces.last_mut()) {
                (true, Some(Piece::Run(run))) => run.push((token.start, token.word.to_owned())),
                (true, _) => pieces.push(Piece::Run(vec![(token.start, token.word.to_owned())])),
                (false, _) => pieces.push(Piece::Word(token.word.to_owned())),
            }
        }
        pieces.retain(|piece| !matches!(piece, Piece::Run(run) if run.is_empty()));
        pieces
    }

    /// Cuts a phrase: terms with their positions.
    pub fn phrase(&self, text: &str) -> Vec<(usize, String)> {
        let folded = fold(text, Spaces::Keep).text;
        let words = self.jieba.cut(&folded, false).into_iter().filter(|token| token.word.chars().any(char::is_alphanumeric));
        words.map(|token| (token.start, token.word.to_owned())).collect()
    }
}

/// The terms of one text.
pub struct Terms {
    tokens: std::vec::IntoIter<Token>,
    token: Token,
}

impl Tokenizer for Cutter {
    type TokenStream<'a> = Terms;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms {
        let folded = fold(text, Spaces::Keep);
        let mut starts: Vec<usize> = folded.text.char_indices().map(|(at, _)| at).collect();
        starts.push(folded.text.len());
        let byte = |at: usize| starts.get(at).copied().unwrap_or(folded.text.len());
        let mut words = self.jieba.cut_all(&folded.text);
        words.extend(self.jieba.cut(&folded.text, false));
        let mut tokens: Vec<Token> = words
            .into_iter()
            .filter(|word| word.word.chars().any(char::is_alphanumeric))
            .map(|word| {
                let origin = folded.origin(byte(word.start)..byte(word.end));
                Token {
                    offset_from: origin.start,
                    offset_to: origin.end,
                    position: word.start,
                    position_length: word.end - word.start,
                    text: word.word.to_owned(),
                }
            })
            .collect();
        tokens.sort_by_key(|token| (token.position, token.position_length));
        tokens.dedup_by_key(|token| (token.position, token.position_length));
        Terms { tokens: tokens.into_iter(), token: Token::default() }
    }
}

impl TokenStream for Terms {
    fn advance(&mut self) -> bool {
        match self.tokens.next() {
            Some(token) => {
                self.token = token;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
