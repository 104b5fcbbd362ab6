//! Facts about the word lists: table tests, and properties over arbitrary text.
mod pay;
mod places;
mod properties;
mod skills;
mod words;

use std::sync::{Arc, LazyLock};

use jiangxin::lexicon::Lexicon;

pub static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());
