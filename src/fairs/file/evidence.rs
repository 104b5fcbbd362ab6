//! What shows that a duty was fulfilled, since when, and what is missing? One answer a duty, from the facts of a fair.

use chrono::NaiveDate;

use crate::fairs::exhibitor::Outcome;
use crate::fairs::file::facts::{ExhibitorFact, Facts};
use crate::fairs::file::table::DutyId;
use crate::fairs::filing::{DocumentKind, SafetyPart};
use crate::fairs::life::FairStatus;

/// From how many expected visitors on the police of the city decides (大型群众性活动安全管理条例, article 12).
const CITY_POLICE_VISITORS: i32 = 5_000;
/// What is looked at when an employer is checked (人力资源市场暂行条例, article 26).
const CHECKS: [(&str, &str); 3] =
    [("business_licence", "营业执照"), ("agent_identity", "经办人身份证件"), ("letter_of_authority", "委托证明")];

/// What was found of a duty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// The day since which it is fulfilled.
    pub done_on: Option<NaiveDate>,
    /// Whether what is known does not tell.
    pub unknown: bool,
    /// What shows it.
    pub evidence: Vec<String>,
    /// What is missing.
    pub missing: Vec<String>,
}

impl Finding {
    fn done(on: NaiveDate, evidence: String) -> Finding {
        Finding { done_on: Some(on), evidence: vec![evidence], ..Finding::default() }
    }

    fn missing(what: impl Into<String>) -> Finding {
        Finding { missing: vec![what.into()], ..Finding::default() }
    }
}

/// Looks for what shows that a duty was fulfilled.
pub fn find(facts: &Facts, duty: DutyId, today: NaiveDate) -> Finding {
    match duty {
        DutyId::ImplementationPlan => document(facts, DocumentKind::ImplementationPlan, "组织实施办法"),
        DutyId::EmergencyPlan => document(facts, DocumentKind::EmergencyPlan, "应急预案"),
        DutyId::SecurityPlan => document(facts, DocumentKind::SecurityPlan, "安全保卫工作方案"),
        DutyId::VenueConsent => document(facts, DocumentKind::VenueConsent, "场所管理者同意提供场所的证明"),
        DutyId::CancellationNotice => document(facts, DocumentKind::CancellationNotice, "取消举办的书面告知"),
        DutyId::SafetyWorkPlan => safety_work_plan(facts),
        DutyId::SafetyPermit => permit(facts),
        DutyId::PermitChangeConsent => change_consent(facts),
        DutyId::PermitRenewal => {
            let names = facts.change().renewal.iter().map(|changed| changed.as_str()).collect::<Vec<_>>().join("、");
            Finding::missing(format!("许可后有变更（{names}），须重新申请安全许可"))
        }
        DutyId::EmployersChecked => employers(facts, today),
        DutyId::NoticesComplete => notices(facts, today),
        DutyId::Announced => announced(facts),
        DutyId::Report => report(facts),
        DutyId::ServiceLedger | DutyId::OnlineRecords => records(facts, today),
        DutyId::EmploymentRegistration => Finding::default(),
    }
}

/// A plan that is there since its document was filed, or since the fair was last changed where only its text stands.
fn document(facts: &Facts, kind: DocumentKind, name: &str) -> Finding {
    let filed = facts.documents.iter().filter(|document| document.kind == kind).min_by_key(|document| document.filed_on);
    match filed {
        Some(document) => {
            let hash: String = document.sha256.chars().take(12).collect();
            Finding::done(document.filed_on, format!("{}（{} 备案，SHA-256 {hash}…）", document.title, document.filed_on))
        }
        None if facts.filing.says(kind) => Finding::done(facts.row.created_at.day(), format!("{name}：已在备案信息中注明")),
        None => Finding::missing(name),
    }
}

fn safety_work_plan(facts: &Facts) -> Finding {
    let plans: Vec<_> = facts.documents.iter().filter(|document| document.kind == DocumentKind::SafetyWorkPlan).collect();
    let absent: Vec<&str> = SafetyPart::ALL
        .iter()
        .filter(|part| !plans.iter().any(|plan| plan.covers.contains(part)))
        .map(|part| part_name(*part))
        .collect();
    match (plans.iter().map(|plan| plan.filed_on).max(), absent.is_empty()) {
        (None, _) => Finding::missing("大型群众性活动安全工作方案"),
        (Some(on), true) => Finding::done(on, format!("安全工作方案九项齐全（{on} 备案）")),
        (Some(_), false) => Finding {
            evidence: vec![format!("安全工作方案 {} 份", plans.len())],
            missing: absent.into_iter().map(str::to_owned).collect(),
            ..Finding::default()
        },
    }
}

fn part_name(part: SafetyPart) -> &'static str {
    match part {
        SafetyPart::TimePlaceAndContent => "活动的时间、地点、内容及组织方式",
        SafetyPart::SafetyStaff => "安全工作人员的数量、任务分配和识别标志",
        SafetyPart::FireSafety => "活动场所消防安全措施",
        SafetyPart::Capacity => "可容纳人员数量以及预计参加人数",
        SafetyPart::BufferZones => "治安缓冲区域的设定及其标识",
        SafetyPart::EntranceChecks => "票证查验和安全检查措施",
        SafetyPart::Traffic => "车辆停放、疏导措施",
        SafetyPart::OrderAndCrowds => "现场秩序维护、人员疏导措施",
        SafetyPart::Rescue => "应急救援预案",
    }
}

fn permit(facts: &Facts) -> Finding {
    let city = facts.row.expected_visitors.is_some_and(|count| count >= CITY_POLICE_VISITORS);
    let police = if city { "设区的市级公安机关" } else { "县级公安机关" };
    match &facts.filing.permit {
        Some(permit) => Finding::done(permit.applied_on, format!("{}（{} 向{police}申请）", permit.number, permit.applied_on)),
        None => Finding::missing(format!("{police}的安全许可")),
    }
}

fn change_consent(facts: &Facts) -> Finding {
    let times = (facts.row.starts_at, facts.row.ends_at);
    let consents = facts.filing.permit.iter().flat_map(|permit| &permit.time_consents);
    let given =
        consents.filter(|consent| (consent.starts_at, consent.ends_at) == times).min_by_key(|consent| consent.consented_on);
    match given {
        Some(consent) => Finding::done(consent.consented_on, format!("{}（{} 同意）", consent.reference, consent.consented_on)),
        None => Finding::missing("公安机关同意变更时间的文书"),
    }
}

/// What must be true of every employer that was taken: done when all are, unknown when none is there after the fair began.
fn of_all(facts: &Facts, today: NaiveDate, judge: impl Fn(&ExhibitorFact) -> (Vec<String>, Vec<String>), all: &str) -> Finding {
    let taken: Vec<&ExhibitorFact> = facts.exhibitors.iter().filter(|one| one.status == Outcome::Approved).collect();
    if taken.is_empty() {
        let begun = today >= facts.row.starts_at.day();
        return Finding { unknown: begun, evidence: vec!["尚无获准参会的单位".to_owned()], ..Finding::default() };
    }
    let (mut missing, mut unclear) = (Vec::new(), Vec::new());
    for one in &taken {
        let (lacks, silent) = judge(one);
        missing.extend(lacks);
        unclear.extend(silent);
    }
    let count = taken.len();
    let checked = taken.iter().filter_map(|one| one.verified_on).max().unwrap_or_else(|| facts.row.created_at.day());
    match (missing.is_empty(), unclear.is_empty()) {
        (true, true) => Finding::done(checked, format!("{count} 家单位{all}")),
        (true, false) => Finding { unknown: true, evidence: unclear, ..Finding::default() },
        (false, _) => Finding { evidence: unclear, missing, ..Finding::default() },
    }
}

fn employers(facts: &Facts, today: NaiveDate) -> Finding {
    let judge = |one: &ExhibitorFact| {
        if one.verified_on.is_none() {
            return (vec![format!("{}：未经核验", one.name)], Vec::new());
        }
        let unseen = CHECKS.iter().filter(|(code, _)| !one.looked_at.iter().any(|seen| seen == code));
        let unseen: Vec<&str> = unseen.map(|(_, name)| *name).collect();
        let unclear = (!unseen.is_empty()).then(|| format!("{}：核验时未注明{}", one.name, unseen.join("、")));
        (Vec::new(), unclear.into_iter().collect())
    };
    of_all(facts, today, judge, "均经核验")
}

fn notices(facts: &Facts, today: NaiveDate) -> Finding {
    let judge = |one: &ExhibitorFact| {
        if one.notices.is_empty() {
            return (vec![format!("{}：未提供招聘简章", one.name)], Vec::new());
        }
        let lacks = one.notices.iter().filter(|notice| !notice.gaps.missing.is_empty() || !notice.live);
        let lacks = lacks.map(|notice| match notice.live {
            true => format!("{}《{}》缺{}", one.name, notice.title, notice.gaps.missing.join("、")),
            false => format!("{}《{}》已下线", one.name, notice.title),
        });
        let silent = one.notices.iter().filter(|notice| !notice.gaps.unknown.is_empty());
        let silent = silent.map(|notice| format!("{}《{}》未注明{}", one.name, notice.title, notice.gaps.unknown.join("、")));
        (lacks.collect(), silent.collect())
    };
    of_all(facts, today, judge, "的招聘简章齐全")
}

fn announced(facts: &Facts) -> Finding {
    match facts.row.published_at {
        Some(at) => Finding::done(at.day(), format!("{at} 公布")),
        None => Finding::missing("尚未公布"),
    }
}

fn report(facts: &Facts) -> Finding {
    let written = facts.filing.report.as_ref();
    match (facts.row.status, written.and_then(|report| report.reported_on)) {
        (FairStatus::Reported, Some(on)) => Finding::done(on, format!("{on} 报告")),
        (FairStatus::Reported, None) => {
            Finding::done(facts.row.updated_at.day(), format!("{} 前已报告", facts.row.updated_at.day()))
        }
        _ if written.is_some() => Finding::missing("报告已填写，尚未报送"),
        _ => Finding::missing("招聘会情况报告"),
    }
}

/// Records that are kept here: there is nothing to keep before the fair was held.
fn records(facts: &Facts, today: NaiveDate) -> Finding {
    let held = matches!(facts.row.status, FairStatus::Finished | FairStatus::Reported);
    let evidence =
        vec![format!("签到 {} 人，参会单位 {} 家，结果 {} 条", facts.attended, facts.exhibitors.len(), facts.outcomes)];
    Finding { done_on: held.then_some(today), evidence, ..Finding::default() }
}
