//! What do the facts of a vacancy say against it? Pay below the minimum wage, and what a posting must state and does not.

use chrono::NaiveDate;

use crate::lexicon::{AreaCode, Lexicon, MinimumWage, Severity};
use crate::vacancies::content::Content;
use crate::vacancies::screen::{Finding, Subject};

/// The widest pay, as a multiple of its least.
const PAY_RATIO_MAX: i64 = 4;
/// The longest validity, in days.
const VALIDITY_DAYS_MAX: i64 = 90;

/// Checks pay, number, place, duties, conditions and validity.
pub(super) fn check(subject: Subject<'_>, lexicon: &Lexicon) -> Vec<Finding> {
    let Subject { content, valid_from, expires_at, day, .. } = subject;
    let salary = &content.salary;
    let known = salary.min.is_some() || salary.max.is_some();
    let wide = salary.min.zip(salary.max).is_some_and(|(min, max)| max > min.saturating_mul(PAY_RATIO_MAX));
    let conditions = content.education.text.is_empty() && content.experience.text.is_empty();
    let long = expires_at.is_some_and(|last| (last - valid_from.unwrap_or(day)).num_days() > VALIDITY_DAYS_MAX);
    let checks = [
        (!known && salary.text.is_empty(), "MISSING_PAY", "/salary", ""),
        (!known && salary.negotiable, "OPEN_PAY", "/salary/text", salary.text.as_str()),
        (wide, "WIDE_PAY", "/salary/text", &salary.text),
        (content.headcount.is_none(), "MISSING_HEADCOUNT", "/headcount", ""),
        (content.place.is_none(), "MISSING_PLACE", "/place", ""),
        (content.description.trim().is_empty(), "MISSING_DUTIES", "/description", ""),
        (conditions, "MISSING_CONDITIONS", "/education", ""),
        (expires_at.is_none(), "MISSING_EXPIRY", "/expires_at", ""),
        (long, "LONG_VALIDITY", "/expires_at", ""),
    ];
    let found = checks.into_iter().filter(|(applies, ..)| *applies);
    let found = found.filter_map(|(_, id, pointer, words)| finding(id, pointer, words, lexicon));
    pay(content, valid_from.unwrap_or(day), lexicon).into_iter().chain(found).collect()
}

/// Notes that nobody has checked the employer.
pub fn unverified_employer(lexicon: &Lexicon) -> Option<Finding> {
    finding("EMPLOYER_UNVERIFIED", "/employer", "", lexicon)
}

fn finding(id: &str, pointer: &str, words: &str, lexicon: &Lexicon) -> Option<Finding> {
    lexicon.screening.check(id).map(|check| Finding {
        rule: check.id.clone(),
        severity: check.severity,
        pointer: pointer.to_owned(),
        matched_text: words.to_owned(),
        statute: check.statute.clone(),
        article: check.article.clone(),
        advice_zh: check.advice_zh.clone(),
        advice_en: check.advice_en.clone(),
    })
}

/// Compares monthly pay with the minimum wage of county or city; a wage that is not verified only gives a flag.
fn pay(content: &Content, day: NaiveDate, lexicon: &Lexicon) -> Option<Finding> {
    let salary = &content.salary;
    let monthly = salary.unit.as_deref().is_none_or(|unit| unit == "month" || unit == "year");
    let full = !matches!(content.employment_type.as_deref(), Some("part_time" | "temporary" | "home_based"));
    let offered = salary.min.or(salary.max).filter(|_| monthly && full)?;
    let place = content.place.as_ref()?;
    let area = AreaCode::parse(place.district.as_deref().unwrap_or(&place.city))?;
    let wage = lexicon.wages.at(&area, day).filter(|wage| offered < wage.monthly)?;
    finding("BELOW_MIN_WAGE", "/salary/text", &salary.text, lexicon).map(|finding| explained(finding, wage))
}

fn explained(finding: Finding, wage: &MinimumWage) -> Finding {
    let MinimumWage { monthly, effective_from, verified, .. } = wage;
    let (note_zh, note_en) = match verified {
        true => ("", ""),
        false => ("，该标准尚未与官方文件核对", ", not yet checked against the notice"),
    };
    Finding {
        severity: if *verified { finding.severity } else { Severity::Flag },
        advice_zh: format!("{}（{effective_from} 起每月 {monthly} 元{note_zh}）", finding.advice_zh),
        advice_en: format!("{} ({monthly} yuan a month from {effective_from}{note_en})", finding.advice_en),
        ..finding
    }
}
