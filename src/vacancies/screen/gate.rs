//! May a vacancy go live, and if not, what stands in its way?

use std::collections::BTreeSet;

use crate::error::{Error, Result, Sentence};
use crate::lexicon::Severity;
use crate::vacancies::life::Status;
use crate::vacancies::screen::Finding;

/// One thing that keeps a vacancy from being live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The machine-readable reason.
    pub code: &'static str,
    /// The reason in words.
    pub reason: Sentence,
}

/// Names the rules that hold a vacancy back, each once.
pub fn blocking_rules(findings: &[Finding]) -> Vec<&str> {
    let blocks = findings.iter().filter(|finding| finding.severity == Severity::Block);
    blocks.map(|finding| finding.rule.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Tells whether something holds the vacancy back that did not before.
fn new_blocks(before: &[Finding], after: &[Finding]) -> bool {
    let known = |finding: &Finding| before.iter().any(|old| old.rule == finding.rule && old.matched_text == finding.matched_text);
    after.iter().any(|finding| finding.severity == Severity::Block && !known(finding))
}

/// Tells where a vacancy of a source stands after the source, or the word lists, have changed: what is newly held back
/// waits for an officer, and what only screening held back is let go.
pub fn settle(status: Status, before: &[Finding], after: &[Finding]) -> Status {
    let (was, is) = (!blocking_rules(before).is_empty(), !blocking_rules(after).is_empty());
    match status {
        Status::Live if new_blocks(before, after) => Status::Submitted,
        Status::Submitted if was && !is => Status::Live,
        other => other,
    }
}

/// Lets a vacancy through to go live, or refuses with the rules; gives the rules that an officer overrules with a reason.
pub fn pass<'f>(findings: &'f [Finding], overruled: Option<&str>) -> Result<Vec<&'f str>> {
    let rules = blocking_rules(findings);
    if rules.is_empty() || overruled.is_some_and(|reason| !reason.trim().is_empty()) {
        return Ok(rules);
    }
    let Sentence { zh, en } = held(&rules);
    Err(Error::conflict(HELD, zh, en))
}

const HELD: &str = "blocked_by_screening";

fn held(rules: &[&str]) -> Sentence {
    let named = rules.join("、");
    let zh = format!("审查发现须先修改的内容：{named}；确需发布请说明理由");
    Sentence::new(zh, format!("screening holds it back: {}; change it, or an officer gives a reason", rules.join(", ")))
}

/// Lists what stands between a vacancy and being live; nothing for one that is.
pub fn obstacles(status: Status, findings: &[Finding]) -> Vec<Obstacle> {
    let (code, zh, en) = match status {
        Status::Live => return Vec::new(),
        Status::Draft => ("not_submitted", "尚未提交审核", "it has not been handed in"),
        Status::Submitted => ("awaiting_review", "等待人社部门审核", "the bureau has not decided yet"),
        Status::Referred => ("referred_back", "已退回，请修改后重新提交", "it was sent back to be changed and handed in again"),
        Status::Rejected => ("rejected", "审核未通过", "it was refused"),
        Status::Suspended => ("suspended", "已暂停发布", "it is taken off for a while"),
        Status::Closed => ("closed", "已关闭", "it has been closed"),
        Status::Expired => ("expired", "已过有效期", "its last day has passed"),
        Status::Merged => ("merged", "已并入另一岗位", "it has become part of another"),
    };
    let rules = blocking_rules(findings);
    let first = Obstacle { code, reason: Sentence::new(zh, en) };
    let second = (!rules.is_empty()).then(|| Obstacle { code: HELD, reason: held(&rules) });
    std::iter::once(first).chain(second).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &str, severity: Severity) -> Finding {
        Finding {
            rule: rule.to_owned(),
            severity,
            pointer: "/title".to_owned(),
            matched_text: rule.to_lowercase(),
            statute: String::new(),
            article: String::new(),
            advice_zh: String::new(),
            advice_en: String::new(),
        }
    }

    #[test]
    fn a_block_needs_a_reason_and_a_flag_none() {
        let (block, flag) = (finding("SEX", Severity::Block), finding("AGE", Severity::Flag));
        assert_eq!(pass(std::slice::from_ref(&flag), None).unwrap(), Vec::<&str>::new());
        let both = [block, flag];
        for empty in [None, Some(" ")] {
            assert!(matches!(pass(&both, empty), Err(Error::Conflict { code: HELD, .. })));
        }
        assert_eq!(pass(&both, Some("表述属工艺名称")).unwrap(), ["SEX"]);
    }

    #[test]
    fn only_what_is_new_takes_a_vacancy_back() {
        let (sex, fee) = (finding("SEX", Severity::Block), finding("FEE", Severity::Block));
        assert!(!new_blocks(std::slice::from_ref(&sex), std::slice::from_ref(&sex)));
        assert!(new_blocks(std::slice::from_ref(&sex), &[sex.clone(), fee]));
        assert!(!new_blocks(&[], &[finding("AGE", Severity::Flag)]));
    }

    #[test]
    fn a_source_is_held_back_and_let_go_and_never_brought_back_from_the_end() {
        let block = [finding("FEE", Severity::Block)];
        assert_eq!(settle(Status::Live, &[], &block), Status::Submitted);
        assert_eq!(settle(Status::Live, &block, &block), Status::Live, "an officer has let it through");
        assert_eq!(settle(Status::Submitted, &block, &[]), Status::Live);
        assert_eq!(settle(Status::Submitted, &[], &[]), Status::Submitted, "it waits for a person, not for screening");
        assert_eq!(settle(Status::Rejected, &block, &[]), Status::Rejected);
    }

    #[test]
    fn a_live_vacancy_has_nothing_in_its_way() {
        let block = [finding("SEX", Severity::Block)];
        assert_eq!(obstacles(Status::Live, &block), []);
        let codes: Vec<&str> = obstacles(Status::Submitted, &block).iter().map(|o| o.code).collect();
        assert_eq!(codes, ["awaiting_review", HELD]);
    }
}
