//! Can a file of rows break its reading, from the bytes of NDJSON, CSV or a spreadsheet to what a vacancy says?
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz rows`

#![no_main]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiangxin::ingest::{Kind, Reader, rows_of};
use jiangxin::lexicon::Lexicon;
use jiangxin::vacancies::{Content, Talk};
use libfuzzer_sys::fuzz_target;

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());
static READER: LazyLock<Reader> = LazyLock::new(Reader::default);

// The word lists are loaded before the clock of an input runs.
fuzz_target!(init: { LEXICON.version(); }, |bytes: &[u8]| {
    let Ok(rows) = rows_of(bytes, &READER) else { return };
    for row in rows.iter().take(64) {
        for kind in [Kind::File, Kind::Lemis, Kind::ChangeFeed, Kind::JobPosting] {
            if let Ok(read) = READER.read(kind, None, row, &mut BTreeMap::new()) {
                assert!(!read.reference.is_empty() && (read.withdrawn || !read.raw.title.is_empty()), "{read:?}");
                let content = Content::read(&read.raw, Talk { lexicon: &LEXICON, region: "37" });
                assert_eq!(content.title, read.raw.title);
            }
        }
    }
});
