//! Can a wording of a place break the reader, or name an area that is not there?
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz place`

#![no_main]

use std::sync::{Arc, LazyLock};

use jiangxin::lexicon::{Lexicon, Place};
use libfuzzer_sys::fuzz_target;

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());

fn check(place: &Place) {
    assert!(LEXICON.places.get(&place.city).is_some(), "{place:?}");
    if let Some(district) = &place.district {
        assert!(LEXICON.places.get(district).is_some() && district.city() == place.city, "{place:?}");
    }
}

// The word lists are loaded before the clock of an input runs.
fuzz_target!(init: { LEXICON.version(); }, |wording: &str| {
    for region in ["37", ""] {
        LEXICON.places.resolve(wording, region).iter().for_each(check);
        LEXICON.places.locate(wording, region).iter().for_each(check);
    }
});
