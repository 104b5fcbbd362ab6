//! Can a text break screening, or make it point at words that are not there?
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz screening`

#![no_main]

use std::sync::{Arc, LazyLock};

use jiangxin::lexicon::Lexicon;
use jiangxin::vacancies::{Content, RawVacancy, Subject, Talk, screen};
use libfuzzer_sys::fuzz_target;

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());

// The word lists are loaded before the clock of an input runs.
fuzz_target!(init: { LEXICON.version(); }, |text: &str| {
    let raw = RawVacancy { title: "虚构岗位".to_owned(), description: text.to_owned(), ..RawVacancy::default() };
    let content = Content::read(&raw, Talk { lexicon: &LEXICON, region: "37" });
    let subject = Subject { content: &content, benefits: &[], valid_from: None, expires_at: None, day: Default::default() };
    let findings = screen(subject, &LEXICON);
    for finding in findings.iter().filter(|finding| finding.pointer == "/description") {
        assert!(content.description.contains(&finding.matched_text), "{finding:?}");
    }
    assert_eq!(screen(subject, &LEXICON), findings);
});
