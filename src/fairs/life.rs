//! Which step may a fair take, who may take it, and what must be there first? The whole life of a fair in one table, with
//! the gates that law and practice set before each step.

use chrono::{Days, NaiveDate};

use crate::db::types::Timestamp;
use crate::error::{Error, Refusal, Result};
use crate::fairs::model::{FairRow, Filing};
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
pub fn step(row: &FairRow, filing: &Filing, to: FairStatus, role: Role, now: Timestamp) -> Result<()> {
    use FairStatus::{Approved, Cancelled, Draft, Finished, InProgress, Published, RegistrationClosed, Reported, Submitted};
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
        Submitted => to_submit(row),
        Approved => to_approve(filing),
        Published => to_publish(row, filing, now),
        InProgress if now.day() < row.starts_at.day() => {
            vec![Refusal::new("/starts_at", "not_begun", "尚未到举办日期", "the day of the fair has not come")]
        }
        Finished if now < row.ends_at => vec![Refusal::new("/ends_at", "not_over", "尚未结束", "the fair is not over")],
        Reported => to_report(filing),
        _ => Vec::new(),
    };
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(missing)),
    }
}

fn to_submit(row: &FairRow) -> Vec<Refusal> {
    let mut missing = Vec::new();
    if row.venue_id.is_none() && row.kind != Kind::Online {
        missing.push(Refusal::new("/venue", "venue_required", "请选择场地", "the venue is missing"));
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

fn to_approve(filing: &Filing) -> Vec<Refusal> {
    let plans = [
        ("implementation_plan", "组织实施办法", &filing.implementation_plan),
        ("emergency_plan", "应急预案", &filing.emergency_plan),
        ("security_plan", "安全保卫工作方案", &filing.security_plan),
    ];
    let absent = plans.into_iter().filter(|(_, _, plan)| plan.as_ref().is_none_or(|text| text.trim().is_empty()));
    absent
        .map(|(name, zh, _)| {
            let en = format!("the {} is missing (人力资源市场暂行条例, article 28)", name.replace('_', " "));
            Refusal::new(format!("/filing/{name}"), "plan_required", format!("请附上{zh}（人力资源市场暂行条例第28条）"), en)
        })
        .collect()
}

/// Tells whether a fair needs a permit of the police.
pub fn needs_permit(row: &FairRow) -> bool {
    row.open_to_public && row.expected_visitors.is_some_and(|count| count >= PERMIT_VISITORS)
}

/// Gives the last day on which the permit may be applied for.
pub fn permit_due(row: &FairRow) -> Option<NaiveDate> {
    row.starts_at.day().checked_sub_days(Days::new(PERMIT_DAYS))
}

fn to_publish(row: &FairRow, filing: &Filing, now: Timestamp) -> Vec<Refusal> {
    let mut missing = Vec::new();
    if row.starts_at <= now {
        missing.push(Refusal::new("/starts_at", "past", "举办时间已过", "the fair would have begun already"));
    }
    if needs_permit(row) {
        match &filing.permit {
            None => {
                let zh = "预计参加人数达到 1000 人且面向社会，须先取得公安机关安全许可（大型群众性活动安全管理条例第2、11条）";
                let en = "with 1000 visitors or more in public a permit of the police is needed";
                missing.push(Refusal::new("/filing/permit", "permit_required", zh, en));
            }
            Some(permit) if permit_due(row).is_some_and(|day| permit.applied_on > day) => {
                let zh = "安全许可须在举办 20 日前申请（大型群众性活动安全管理条例第13条）";
                let en = "the permit was applied for less than 20 days before the fair";
                missing.push(Refusal::new("/filing/permit/applied_on", "permit_late", zh, en));
            }
            Some(_) => {}
        }
    }
    missing
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
    use crate::fairs::model::tests::fair;
    use crate::fairs::model::{Permit, Report};

    fn codes(outcome: Result<()>) -> Vec<&'static str> {
        match outcome {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(refusals)) => refusals.into_iter().map(|refusal| refusal.code).collect(),
            Err(Error::Conflict { code, .. }) => vec![code],
            Err(Error::Forbidden) => vec!["forbidden"],
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_gate_names_everything_that_is_missing() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let row = FairRow { contact: None, expected_visitors: None, ..fair("2027-03-20T09:00:00+08:00") };
        let nothing = Filing::default();
        let bare = step(&row, &nothing, FairStatus::Submitted, Role::School, now);
        assert_eq!(codes(bare), ["venue_required", "contact_required", "visitors_required"]);
        let row = FairRow { status: FairStatus::Submitted, ..row };
        assert_eq!(codes(step(&row, &nothing, FairStatus::Approved, Role::School, now)), ["forbidden"]);
        assert_eq!(codes(step(&row, &nothing, FairStatus::Approved, Role::Bureau, now)), ["plan_required"; 3]);
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
        let publish = |row: &FairRow, filing: &Filing| codes(step(row, filing, FairStatus::Published, Role::Bureau, now));
        let permit = |day: &str| Filing {
            permit: Some(Permit { number: "虚构公许1号".to_owned(), applied_on: day.parse().unwrap() }),
            ..Filing::default()
        };
        assert!(publish(&at(999, true), &Filing::default()).is_empty());
        assert!(publish(&at(5000, false), &Filing::default()).is_empty());
        assert_eq!(publish(&at(1000, true), &Filing::default()), ["permit_required"]);
        assert_eq!(publish(&at(1000, true), &permit("2027-03-01")), ["permit_late"]);
        assert!(publish(&at(1000, true), &permit("2027-02-28")).is_empty());
    }

    #[test]
    fn a_fair_is_reported_after_it_was_and_never_called_off_then() {
        let after = Timestamp::parse("2027-03-21T09:00:00+08:00").unwrap();
        let row = FairRow { status: FairStatus::InProgress, ..fair("2027-03-20T09:00:00+08:00") };
        let none = Filing::default();
        assert_eq!(codes(step(&row, &none, FairStatus::Cancelled, Role::Bureau, after)), ["wrong_step"]);
        assert!(codes(step(&row, &none, FairStatus::Finished, Role::Bureau, after)).is_empty());
        let row = FairRow { status: FairStatus::Finished, ..row };
        assert_eq!(codes(step(&row, &none, FairStatus::Reported, Role::Bureau, after)), ["report_required"]);
        let filed = Filing { report: Some(Report::default()), ..none };
        assert!(codes(step(&row, &filed, FairStatus::Reported, Role::Bureau, after)).is_empty());
    }
}
