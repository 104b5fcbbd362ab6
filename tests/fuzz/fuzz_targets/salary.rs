//! Can a wording of pay break the reader, or make it promise what is not there?
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz salary`

#![no_main]

use std::sync::{Arc, LazyLock};

use jiangxin::lexicon::Lexicon;
use libfuzzer_sys::fuzz_target;

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());

// The word lists are loaded before the clock of an input runs.
fuzz_target!(init: { LEXICON.version(); }, |wording: &str| {
    let read = LEXICON.salary.parse(wording);
    if let (Some(min), Some(max)) = (read.min, read.max) {
        assert!(0 <= min && min <= max, "{wording:?}: {min} to {max}");
    }
    assert_eq!(LEXICON.salary.parse(wording), read, "the same wording is read twice in two ways");
});
