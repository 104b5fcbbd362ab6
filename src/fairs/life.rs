//! Which step may a fair take, who may take it, and what must be there first? The whole life of a fair in one table, with
//! the gates that law and practice set before each step.

use chrono::Days;

use crate::db::types::Timestamp;
use crate::error::{Error, Refusal, Result};
use crate::fairs::file::change::{self, Changed};
use crate::fairs::file::facts::Facts;
use crate::fairs::filing::{DocumentKind, Filing, PermitTerms};
use crate::fairs::model::FairRow;
use crate::http::Role;
use crate::text_enum;

/// From how many expected visitors on a fair that is open to the public needs a permit (大型群众性活动安全管理条例, article 2).
pub const PERMIT_VISITORS: i32 = 1_000;
/// How many days before the fair the permit must have been applied for (the same, article 13).
const PERMIT_DAYS: u64 = 20;
/// Within how many working days after the fair the report is due (山东省人力资源市场条例, article 24).
pub const REPORT_WORKING_DAYS: u32 = 15;

text_enum! {
    /// Which kind of event it is.
    Kind {
        /// 校园招聘会.
        CampusFair = "campus_fair",
        /// 专场招聘会.
        SpecialisedFair = "specialised_fair",
        /// “政策速递”进校园.
        PolicyOutreach = "policy_outreach",
        /// 宣讲会.
        Talk = "talk",
        /// 网络招聘会.
        Online = "online",
    }
}

text_enum! {
    /// Where a fair stands.
    FairStatus {
        /// Being written.
        Draft = "draft",
        /// Waiting for the bureau.
        Submitted = "submitted",
        /// Approved by the bureau.
        Approved = "approved",
        /// Announced; employers and graduates may register.
        Published = "published",
        /// Announced; nobody may register any more.
        RegistrationClosed = "registration_closed",
        /// Going on.
        InProgress = "in_progress",
        /// Over.
        Finished = "finished",
        /// Over and reported.
        Reported = "reported",
        /// Called off.
        Cancelled = "cancelled",
    }
}

/// Lets a step through, or says why not: a wrong step is a conflict, an open gate names everything that is missing.
pub fn step(facts: &Facts, to: FairStatus, role: Role, now: Timestamp) -> Result<()> {
    use FairStatus::{Approved, Cancelled, Draft, Finished, InProgress, Published, RegistrationClosed, Reported, Submitted};
    let row = &facts.row;
    let known = matches!(
        (row.status, to),
        (Draft, Submitted)
            | (Submitted, Approved | Draft)
            | (Approved, Published)
            | (Published, RegistrationClosed)
            | (Published | RegistrationClosed, InProgress)
            | (InProgress, Finished)
            | (Finished, Reported)
            | (Draft | Submitted | Approved | Published | RegistrationClosed, Cancelled)
    );
    if !known {
        let zh = format!("招聘会现为 {}，不能转为 {to}", row.status);
        return Err(Error::conflict("wrong_step", zh, format!("the fair is {} and cannot become {to}", row.status)));
    }
    if to == Approved && !matches!(role, Role::Bureau | Role::Province) {
        return Err(Error::Forbidden);
    }
    let missing = match to {
        Submitted => to_submit(facts),
        Approved => to_approve(facts),
        Published => to_publish(facts, now),
        InProgress => to_begin(facts, now),
        Finished if now < row.ends_at => vec![Refusal::new("/ends_at", "not_over", "尚未结束", "the fair is not over")],
        Reported => to_report(&facts.filing),
        _ => Vec::new(),
    };
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(missing)),
    }
}

fn to_submit(facts: &Facts) -> Vec<Refusal> {
    let row = &facts.row;
    let mut missing = Vec::new();
    if row.venue_id.is_none() && row.kind != Kind::Online {
        missing.push(Refusal::new("/venue", "venue_required", "请选择场地", "the venue is missing"));
    }
    if facts.venue_school.is_some() && facts.venue_school != row.school_id && !facts.has(DocumentKind::VenueConsent) {
        let zh = "场地属于其他学校，请附上场所管理者同意提供场所的证明";
        let en = "the venue is another school's: its written consent is missing";
        missing.push(Refusal::new("/filing/venue_consent", "venue_consent_required", zh, en));
    }
    if row.contact.as_ref().is_none_or(|text| text.trim().is_empty()) {
        missing.push(Refusal::new("/contact", "contact_required", "请填写联系人及电话", "the contact is missing"));
    }
    if row.expected_visitors.is_none() {
        let zh = "请填写预计参加人数";
        missing.push(Refusal::new("/expected_visitors", "visitors_required", zh, "the expected number of visitors is missing"));
    }
    missing
}

/// The three plans of 人力资源市场暂行条例, article 28, which speaks of fairs held in a hall.
fn to_approve(facts: &Facts) -> Vec<Refusal> {
    if matches!(facts.row.kind, Kind::Online | Kind::PolicyOutreach) {
        return Vec::new();
    }
    let plans = [
        (DocumentKind::ImplementationPlan, "组织实施办法"),
        (DocumentKind::EmergencyPlan, "应急预案"),
        (DocumentKind::SecurityPlan, "安全保卫工作方案"),
    ];
    let absent = plans.into_iter().filter(|(kind, _)| !facts.has(*kind));
    absent
        .map(|(kind, zh)| {
            let en = format!("the {} is missing (人力资源市场暂行条例, article 28)", kind.as_str().replace('_', " "));
            Refusal::new(format!("/filing/{kind}"), "plan_required", format!("请附上{zh}（人力资源市场暂行条例第28条）"), en)
        })
        .collect()
}

/// Tells whether a fair needs a permit of the police.
pub fn needs_permit(row: &FairRow, filing: &Filing) -> bool {
    let large = row.expected_visitors.is_some_and(|count| count >= PERMIT_VISITORS);
    large && row.open_to_public && row.kind != Kind::Online && filing.permit_exemption.is_none()
}

/// Names what the permit of a fair lacks: that there is one, that it was asked for in time, and that it covers the fair.
pub fn permit_refusals(row: &FairRow, filing: &Filing) -> Vec<Refusal> {
    let mut missing = Vec::new();
    let large = row.expected_visitors.is_some_and(|count| count >= PERMIT_VISITORS) && row.kind != Kind::Online;
    if large && !row.open_to_public && filing.permit_exemption.is_none() {
        let zh = "预计参加人数达到 1000 人而不面向社会公众，请写明理由（大型群众性活动安全管理条例第2条）";
        let en = "with 1000 visitors or more, why the fair is not open to the public must be said";
        missing.push(Refusal::new("/filing/permit_exemption", "reason_required", zh, en));
    }
    if filing.permit_exemption.as_ref().is_some_and(|exempt| exempt.reason.trim().is_empty()) {
        let zh = "请写明无须许可的理由";
        missing.push(Refusal::new("/filing/permit_exemption/reason", "reason_required", zh, "the reason is missing"));
    }
    let Some(permit) = &filing.permit else {
        if needs_permit(row, filing) {
            let zh = "预计参加人数达到 1000 人且面向社会，须先取得公安机关安全许可（大型群众性活动安全管理条例第2、11条）";
            let en = "with 1000 visitors or more in public a permit of the police is needed";
            missing.push(Refusal::new("/filing/permit", "permit_required", zh, en));
        }
        return missing;
    };
    let granted = permit.terms.as_ref().map_or(row.starts_at, |terms| terms.starts_at);
    let last = granted.day().checked_sub_days(Days::new(PERMIT_DAYS));
    if needs_permit(row, filing) && last.is_some_and(|day| permit.applied_on > day) {
        let zh = "安全许可须在举办 20 日前申请（大型群众性活动安全管理条例第13条）";
        let en = "the permit was applied for less than 20 days before the fair";
        missing.push(Refusal::new("/filing/permit/applied_on", "permit_late", zh, en));
    }
    let required = change::required(permit, &PermitTerms::of(row));
    if required.consent {
        let zh = "许可后变更时间须先经公安机关同意，请填写 filing.permit.time_consents（大型群众性活动安全管理条例第15条）";
        let en = "a change of time after the permit needs the consent of the police first";
        missing.push(Refusal::new("/starts_at", "permit_consent_required", zh, en));
    }
    missing.extend(required.renewal.iter().map(|changed| {
        let pointer = match changed {
            Changed::Place => "/venue",
            Changed::Content => "/kind",
            Changed::Size | Changed::Time => "/expected_visitors",
        };
        let zh = "许可后变更地点、内容或扩大规模须重新申请安全许可（大型群众性活动安全管理条例第15条）";
        let en = format!("a change of {changed} after the permit needs a new permit");
        Refusal::new(pointer, "permit_renewal_required", zh, en)
    }));
    missing
}

fn to_publish(facts: &Facts, now: Timestamp) -> Vec<Refusal> {
    let mut missing = Vec::new();
    if facts.row.starts_at <= now {
        missing.push(Refusal::new("/starts_at", "past", "举办时间已过", "the fair would have begun already"));
    }
    missing.extend(permit_refusals(&facts.row, &facts.filing));
    missing.extend(unchecked(facts));
    missing
}

fn to_begin(facts: &Facts, now: Timestamp) -> Vec<Refusal> {
    let mut missing = Vec::new();
    if now.day() < facts.row.starts_at.day() {
        missing.push(Refusal::new("/starts_at", "not_begun", "尚未到举办日期", "the day of the fair has not come"));
    }
    missing.extend(permit_refusals(&facts.row, &facts.filing));
    missing.extend(unchecked(facts));
    missing
}

/// Names the employers that were taken though no bureau has checked them (人力资源市场暂行条例, article 28).
fn unchecked(facts: &Facts) -> Option<Refusal> {
    let names = facts.unchecked();
    let zh = format!("以下参会单位未经核验：{}（人力资源市场暂行条例第28条）", names.join("、"));
    let en = format!("{} employers that take part have not been checked", names.len());
    (!names.is_empty()).then(|| Refusal::new("/exhibitors", "employer_unverified", zh, en))
}

fn to_report(filing: &Filing) -> Vec<Refusal> {
    match filing.report.is_some() {
        true => Vec::new(),
        false => {
            let zh = "请先填写招聘会情况报告（山东省人力资源市场条例第24条）";
            vec![Refusal::new("/filing/report", "report_required", zh, "the report is missing")]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairs::file::facts::ExhibitorFact;
    use crate::fairs::filing::{Exemption, ExemptionKind, Permit, Report};
    use crate::fairs::model::tests::fair;

    fn with(row: &FairRow, filing: Filing) -> Facts {
        Facts { filing, ..Facts::bare(row.clone()).unwrap() }
    }

    fn codes(outcome: Result<()>) -> Vec<&'static str> {
        match outcome {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(refusals)) => refusals.into_iter().map(|refusal| refusal.code).collect(),
            Err(Error::Conflict { code, .. }) => vec![code],
            Err(Error::Forbidden) => vec!["forbidden"],
            Err(other) => panic!("{other}"),
        }
    }

    fn permit_of(applied_on: &str) -> Permit {
        let (number, applied_on) = ("虚构公许1号".to_owned(), applied_on.parse().unwrap());
        Permit { number, applied_on, terms: None, time_consents: Vec::new() }
    }

    #[test]
    fn a_fair_that_was_changed_after_its_permit_is_neither_announced_nor_begun() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let granted = FairRow { expected_visitors: Some(2_000), open_to_public: true, ..fair("2027-03-20T09:00:00+08:00") };
        let filing = Filing { permit: Some(permit_of("2027-01-04")), ..Filing::default() }.with_terms(None, &granted);
        let approved = |row: FairRow| FairRow { status: FairStatus::Approved, ..row };
        let publish = |row: FairRow| codes(step(&with(&approved(row), filing.clone()), FairStatus::Published, Role::Bureau, now));
        assert!(publish(granted.clone()).is_empty());
        let earlier = FairRow { starts_at: Timestamp::parse("2027-03-20T08:00:00+08:00").unwrap(), ..granted.clone() };
        assert_eq!(publish(earlier), ["permit_consent_required"]);
        let larger = FairRow { expected_visitors: Some(2_001), kind: Kind::SpecialisedFair, ..granted };
        assert_eq!(publish(larger.clone()), ["permit_renewal_required"; 2]);
        let day = Timestamp::parse("2027-03-20T09:00:00+08:00").unwrap();
        let open = FairRow { status: FairStatus::Published, ..larger };
        assert_eq!(codes(step(&with(&open, filing), FairStatus::InProgress, Role::Bureau, day)), ["permit_renewal_required"; 2]);
    }

    #[test]
    fn a_fair_does_not_begin_with_an_employer_that_nobody_checked() {
        let day = Timestamp::parse("2027-03-20T09:00:00+08:00").unwrap();
        let row = FairRow { status: FairStatus::RegistrationClosed, ..fair("2027-03-20T09:00:00+08:00") };
        let one = |status, verified_on| ExhibitorFact {
            name: "虚构陶坊".to_owned(),
            status,
            verified_on,
            looked_at: Vec::new(),
            notices: Vec::new(),
        };
        let begin = |exhibitors| {
            codes(step(&Facts { exhibitors, ..with(&row, Filing::default()) }, FairStatus::InProgress, Role::School, day))
        };
        use crate::fairs::exhibitor::Outcome::{Applied, Approved};
        assert_eq!(begin(vec![one(Approved, None)]), ["employer_unverified"]);
        assert!(begin(vec![one(Approved, Some(day.day())), one(Applied, None)]).is_empty());
    }

    #[test]
    fn a_hall_of_another_school_needs_its_consent_and_events_without_a_hall_need_no_plans() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let school = crate::db::types::SchoolId::new(now);
        let row = FairRow { venue_id: Some(crate::db::types::VenueId::new(now)), ..fair("2027-03-20T09:00:00+08:00") };
        let submit = |row: &FairRow, filing| {
            codes(step(
                &Facts { venue_school: Some(school.clone()), ..with(row, filing) },
                FairStatus::Submitted,
                Role::School,
                now,
            ))
        };
        assert_eq!(submit(&row, Filing::default()), ["venue_consent_required"]);
        assert!(submit(&row, Filing { venue_consent: Some("见附件四".to_owned()), ..Filing::default() }).is_empty());
        assert!(submit(&FairRow { school_id: Some(school.clone()), ..row.clone() }, Filing::default()).is_empty());
        let visit = FairRow { kind: Kind::PolicyOutreach, status: FairStatus::Submitted, ..row };
        assert!(codes(step(&with(&visit, Filing::default()), FairStatus::Approved, Role::Bureau, now)).is_empty());
    }

    #[test]
    fn each_gate_names_everything_that_is_missing() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let row = FairRow { contact: None, expected_visitors: None, ..fair("2027-03-20T09:00:00+08:00") };
        let facts = |row: &FairRow| with(row, Filing::default());
        let bare = step(&facts(&row), FairStatus::Submitted, Role::School, now);
        assert_eq!(codes(bare), ["venue_required", "contact_required", "visitors_required"]);
        let row = FairRow { status: FairStatus::Submitted, ..row };
        assert_eq!(codes(step(&facts(&row), FairStatus::Approved, Role::School, now)), ["forbidden"]);
        assert_eq!(codes(step(&facts(&row), FairStatus::Approved, Role::Bureau, now)), ["plan_required"; 3]);
    }

    #[test]
    fn a_thousand_visitors_in_public_need_a_permit_asked_for_in_time() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let at = |visitors, public| FairRow {
            status: FairStatus::Approved,
            expected_visitors: Some(visitors),
            open_to_public: public,
            ..fair("2027-03-20T09:00:00+08:00")
        };
        let publish =
            |row: &FairRow, filing: &Filing| codes(step(&with(row, filing.clone()), FairStatus::Published, Role::Bureau, now));
        let permit = |day: &str| Filing { permit: Some(permit_of(day)), ..Filing::default() };
        assert!(publish(&at(999, true), &Filing::default()).is_empty());
        assert_eq!(publish(&at(5000, false), &Filing::default()), ["reason_required"]);
        let exempt = |reason: &str| Filing {
            permit_exemption: Some(Exemption { kind: ExemptionKind::NotPublic, reason: reason.to_owned() }),
            ..Filing::default()
        };
        assert!(publish(&at(5000, false), &exempt("只面向本校毕业生")).is_empty());
        assert_eq!(publish(&at(5000, false), &exempt(" ")), ["reason_required"]);
        assert_eq!(publish(&at(1000, true), &Filing::default()), ["permit_required"]);
        assert_eq!(publish(&at(1000, true), &permit("2027-03-01")), ["permit_late"]);
        assert!(publish(&at(1000, true), &permit("2027-02-28")).is_empty());
    }

    #[test]
    fn a_fair_is_reported_after_it_was_and_never_called_off_then() {
        let after = Timestamp::parse("2027-03-21T09:00:00+08:00").unwrap();
        let row = FairRow { status: FairStatus::InProgress, ..fair("2027-03-20T09:00:00+08:00") };
        let none = |row: &FairRow| with(row, Filing::default());
        assert_eq!(codes(step(&none(&row), FairStatus::Cancelled, Role::Bureau, after)), ["wrong_step"]);
        assert!(codes(step(&none(&row), FairStatus::Finished, Role::Bureau, after)).is_empty());
        let row = FairRow { status: FairStatus::Finished, ..row };
        assert_eq!(codes(step(&none(&row), FairStatus::Reported, Role::Bureau, after)), ["report_required"]);
        let filed = Filing { report: Some(Report::default()), ..Filing::default() };
        assert!(codes(step(&with(&row, filed), FairStatus::Reported, Role::Bureau, after)).is_empty());
    }
}
