//! Is a vacancy lawful? What its words and its facts say against it, each with the law; and whether it may go live.
//! Pure: an empty list is no clearance, a person still looks.

mod facts;
mod gate;
mod soften;
mod text;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::lexicon::{Lexicon, Severity};
use crate::vacancies::content::Content;

pub use facts::unverified_employer;
pub use gate::{Obstacle, blocking_rules, obstacles, pass, settle};

/// How many findings of one text are kept.
const FINDINGS_MAX: usize = 50;

/// One thing that speaks against a vacancy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The kind of breach, such as `SEX`.
    pub rule: String,
    /// Whether it holds the vacancy back.
    pub severity: Severity,
    /// Where it stands (RFC 6901).
    pub pointer: String,
    /// The words as they were written; empty where something is missing.
    pub matched_text: String,
    /// The law.
    pub statute: String,
    /// The article.
    pub article: String,
    /// What to do, in Chinese.
    pub advice_zh: String,
    /// What to do, in English.
    pub advice_en: String,
}

/// A vacancy to be screened.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What it says.
    pub content: &'a Content,
    /// Wordings of benefits that are read but not kept.
    pub benefits: &'a [String],
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// The day of the screening.
    pub day: NaiveDate,
}

/// Gives everything that speaks against a vacancy: its words first, field by field, then its facts.
pub fn screen(subject: Subject<'_>, lexicon: &Lexicon) -> Vec<Finding> {
    let content = subject.content;
    let address = content.place.as_ref().and_then(|place| place.address.as_deref()).unwrap_or_default();
    let fields = [
        ("/title", content.title.as_str()),
        ("/description", &content.description),
        ("/salary/text", &content.salary.text),
        ("/education/text", &content.education.text),
        ("/experience/text", &content.experience.text),
        ("/place/address", address),
    ];
    let mut findings: Vec<Finding> = fields.iter().flat_map(|(pointer, text)| words(pointer, text, lexicon)).collect();
    for (at, benefit) in subject.benefits.iter().enumerate() {
        findings.extend(words(&format!("/benefits/{at}"), benefit, lexicon));
    }
    findings.extend(facts::check(subject, lexicon));
    findings
}

fn words(pointer: &str, text: &str, lexicon: &Lexicon) -> Vec<Finding> {
    let found = text::find(text, &lexicon.screening).into_iter().take(FINDINGS_MAX);
    let finding = |hit: text::Hit<'_>| Finding {
        rule: hit.family.id.clone(),
        severity: hit.rule.severity,
        pointer: pointer.to_owned(),
        matched_text: text.get(hit.range).unwrap_or_default().to_owned(),
        statute: hit.rule.statute.clone(),
        article: hit.rule.article.clone(),
        advice_zh: hit.family.advice_zh.clone(),
        advice_en: hit.family.advice_en.clone(),
    };
    found.map(finding).collect()
}
