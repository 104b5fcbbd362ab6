//! How does each duty of a fair stand on a day? Facts in, duties with due date, status and evidence out; reads no clock and
//! no table, and says unknown where it does not know.

use chrono::{Months, NaiveDate};
use serde::Serialize;

use crate::calendar::Calendar;
use crate::error::Result;
use crate::fairs::file::evidence::{Finding, find};
use crate::fairs::file::facts::Facts;
use crate::fairs::file::table::{Applies, DueFrom, DutyId, DutyRow};
use crate::fairs::file::term::{due, rule, working_days_left};
use crate::fairs::life::{FairStatus, Kind, PERMIT_VISITORS};
use crate::text_enum;

text_enum! {
    /// How a duty stands.
    DutyStatus {
        /// Fulfilled.
        Done = "done",
        /// Not yet fulfilled, and there is time.
        Due = "due",
        /// Not fulfilled in time.
        Overdue = "overdue",
        /// Not of this fair.
        NotApplicable = "not_applicable",
        /// What is known does not tell.
        Unknown = "unknown",
    }
}

/// A duty of a fair, as served.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Duty {
    /// Which duty.
    pub id: DutyId,
    /// Its name.
    pub title: String,
    /// Its name in English.
    pub title_en: String,
    /// The statute.
    pub statute: String,
    /// The article.
    pub article: String,
    /// How certain the reading of the article is: `high`, `approximate` or `unverified`.
    pub confidence: String,
    /// Where the article was read.
    pub source: String,
    /// How it stands.
    pub status: DutyStatus,
    /// The last day for it; `null` where the law sets none.
    pub due_on: Option<NaiveDate>,
    /// How the day was counted: so many days before or after which day.
    pub due_rule: Option<String>,
    /// Whether the holidays of every year passed are known; if not, `due_on` may change.
    pub certain: bool,
    /// How many working days are left, today not counted; negative when it is over.
    pub working_days_left: Option<i64>,
    /// Whether it was fulfilled, but late.
    pub late: bool,
    /// Until when records are kept.
    pub keep_until: Option<NaiveDate>,
    /// What shows it.
    pub evidence: Vec<String>,
    /// What is missing.
    pub missing: Vec<String>,
}

/// Judges every duty of a fair.
pub fn judge(facts: &Facts, table: &[DutyRow], calendar: &Calendar, today: NaiveDate) -> Result<Vec<Duty>> {
    let of_a_fair = table.iter().filter(|row| row.applies != Applies::Hire);
    of_a_fair.map(|row| one(facts, row, calendar, today)).collect()
}

fn one(facts: &Facts, row: &DutyRow, calendar: &Calendar, today: NaiveDate) -> Result<Duty> {
    let (due_on, certain) = match origin(facts, row.due_from) {
        Some(day) => due(day, row, calendar)?,
        None => (None, true),
    };
    let keep_until = row.keep_years.and_then(|years| facts.row.ends_at.day().checked_add_months(Months::new(12 * years)));
    let (status, late, evidence, missing) = match applies(facts, row) {
        Reach::No(why) => (DutyStatus::NotApplicable, false, vec![why], Vec::new()),
        Reach::Unknown(why) => (DutyStatus::Unknown, false, vec![why], Vec::new()),
        Reach::Yes => {
            let Finding { done_on, unknown, evidence, missing } = find(facts, row.id, today);
            let over = due_on.is_some_and(|due| due < today);
            let status = match (done_on, unknown, over) {
                (Some(_), ..) => DutyStatus::Done,
                (None, true, _) => DutyStatus::Unknown,
                (None, false, true) => DutyStatus::Overdue,
                (None, false, false) => DutyStatus::Due,
            };
            (status, done_on.zip(due_on).is_some_and(|(done, due)| done > due), evidence, missing)
        }
    };
    let open = matches!(status, DutyStatus::Due | DutyStatus::Overdue | DutyStatus::Unknown);
    Ok(Duty {
        id: row.id,
        title: row.title_zh.clone(),
        title_en: row.title_en.clone(),
        statute: row.statute.clone(),
        article: row.article.clone(),
        confidence: row.confidence.clone(),
        source: row.source.clone(),
        status,
        due_on: due_on.filter(|_| status != DutyStatus::NotApplicable),
        due_rule: rule(row),
        certain,
        working_days_left: due_on.filter(|_| open).map(|due| working_days_left(calendar, today, due)),
        late,
        keep_until: keep_until.filter(|_| status != DutyStatus::NotApplicable),
        evidence,
        missing,
    })
}

/// Whether a duty is one of this fair, with the reason when it is not or cannot be told.
enum Reach {
    Yes,
    No(String),
    Unknown(String),
}

fn applies(facts: &Facts, row: &DutyRow) -> Reach {
    let (fair, filing) = (&facts.row, &facts.filing);
    let no = |why: &str| Reach::No(why.to_owned());
    let recruits = fair.kind != Kind::PolicyOutreach;
    let before_the_fair = matches!(row.due_from, Some(DueFrom::Start));
    if fair.status == FairStatus::Cancelled && row.id != DutyId::CancellationNotice {
        return match before_the_fair || matches!(row.due_from, Some(DueFrom::End | DueFrom::OriginalStart)) {
            true => no("招聘会已取消"),
            false => no("招聘会已取消，未产生服务记录"),
        };
    }
    match row.applies {
        Applies::Fair if !recruits => no("政策宣讲活动，不是招聘会"),
        Applies::OnSite if !recruits => no("政策宣讲活动，不是招聘会"),
        Applies::OnSite if fair.kind == Kind::Online => no("网络招聘会，不是现场招聘会"),
        Applies::Online if fair.kind != Kind::Online => no("不是网络招聘会"),
        Applies::LargePublic => large_public(facts),
        Applies::Permitted => match (&filing.permit, row.id) {
            (None, _) => no("没有安全许可"),
            (Some(_), DutyId::CancellationNotice) if fair.status != FairStatus::Cancelled => no("未取消举办"),
            (Some(_), DutyId::PermitChangeConsent) if !facts.change().moved => no("许可后未变更时间"),
            (Some(_), DutyId::PermitRenewal) if facts.change().renewal.is_empty() => no("许可后未变更地点、内容，未扩大规模"),
            _ => Reach::Yes,
        },
        _ => Reach::Yes,
    }
}

fn large_public(facts: &Facts) -> Reach {
    let fair = &facts.row;
    let exempt = facts.filing.permit_exemption.as_ref();
    match (fair.kind, fair.expected_visitors, fair.open_to_public, exempt) {
        (Kind::Online, ..) => Reach::No("网络招聘会，没有现场".to_owned()),
        (_, None, ..) => Reach::Unknown("未填写预计参加人数，无法判断是否达到 1000 人".to_owned()),
        (_, Some(count), ..) if count < PERMIT_VISITORS => Reach::No(format!("预计参加人数 {count}，不足 1000 人")),
        (.., Some(exempt)) => Reach::No(format!("无须许可：{}", exempt.reason)),
        (.., false, None) => Reach::Unknown("达到 1000 人而不面向社会公众，请写明理由（filing.permit_exemption）".to_owned()),
        _ => Reach::Yes,
    }
}

fn origin(facts: &Facts, from: Option<DueFrom>) -> Option<NaiveDate> {
    match from? {
        DueFrom::Start => Some(facts.row.starts_at.day()),
        DueFrom::End => Some(facts.row.ends_at.day()),
        DueFrom::OriginalStart => facts.original_start(),
        DueFrom::Hire => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::Timestamp;
    use crate::fairs::exhibitor::Outcome;
    use crate::fairs::file::facts::{DocumentFact, ExhibitorFact, NoticeFact};
    use crate::fairs::file::notice::Gaps;
    use crate::fairs::file::table::duties;
    use crate::fairs::filing::{DocumentKind, Exemption, ExemptionKind, Filing, Permit, Report, SafetyPart, TimeConsent};
    use crate::fairs::model::FairRow;
    use crate::fairs::model::tests::fair;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A public fair of two thousand on Saturday 2026-09-12.
    fn large() -> Facts {
        let row = fair("2026-09-12T09:00:00+08:00");
        Facts::bare(FairRow { expected_visitors: Some(2_000), open_to_public: true, ..row }).unwrap()
    }

    fn judged(facts: &Facts, on: &str, id: DutyId) -> Duty {
        let all = judge(facts, &duties().unwrap(), &Calendar::load().unwrap(), day(on)).unwrap();
        all.into_iter().find(|duty| duty.id == id).unwrap()
    }

    fn document(kind: DocumentKind, covers: Vec<SafetyPart>, on: &str) -> DocumentFact {
        DocumentFact { kind, title: "虚构文件".to_owned(), sha256: "ab".repeat(32), covers, filed_on: day(on) }
    }

    fn permit(applied_on: &str) -> Permit {
        Permit { number: "虚构公许1号".to_owned(), applied_on: day(applied_on), terms: None, time_consents: Vec::new() }
    }

    fn permitted(applied_on: &str) -> Facts {
        let facts = large();
        let filing = Filing { permit: Some(permit(applied_on)), ..Filing::default() }.with_terms(None, &facts.row);
        Facts { filing, ..facts }
    }

    #[test]
    fn every_duty_cites_its_article_and_has_a_day_a_term_or_no_bearing() {
        let all = judge(&large(), &duties().unwrap(), &Calendar::load().unwrap(), day("2026-08-01")).unwrap();
        assert_eq!(all.len(), 15);
        for duty in all {
            assert!(!duty.statute.is_empty() && !duty.article.is_empty());
            let bound = duty.due_on.is_some() || duty.keep_until.is_some();
            assert!(bound != (duty.status == DutyStatus::NotApplicable), "{duty:?}");
        }
    }

    #[test]
    fn a_permit_is_due_twenty_days_before_and_the_police_depend_on_the_size() {
        let due = judged(&large(), "2026-08-23", DutyId::SafetyPermit);
        assert_eq!((due.due_on, due.status), (Some(day("2026-08-23")), DutyStatus::Due));
        assert_eq!(due.missing, ["县级公安机关的安全许可"]);
        assert_eq!(judged(&large(), "2026-08-24", DutyId::SafetyPermit).status, DutyStatus::Overdue);
        let larger = Facts { row: FairRow { expected_visitors: Some(5_000), ..large().row }, ..large() };
        assert_eq!(judged(&larger, "2026-08-01", DutyId::SafetyPermit).missing, ["设区的市级公安机关的安全许可"]);
        let in_time = judged(&permitted("2026-08-23"), "2026-09-01", DutyId::SafetyPermit);
        assert_eq!((in_time.status, in_time.late), (DutyStatus::Done, false));
        assert!(judged(&permitted("2026-08-24"), "2026-09-01", DutyId::SafetyPermit).late);
    }

    #[test]
    fn whether_a_permit_is_needed_is_told_or_said_to_be_unknown() {
        let of = |visitors, public| FairRow { expected_visitors: visitors, open_to_public: public, ..large().row };
        let status = |row: FairRow| judged(&Facts { row, ..large() }, "2026-08-01", DutyId::SafetyPermit).status;
        assert_eq!(status(of(None, true)), DutyStatus::Unknown);
        assert_eq!(status(of(Some(999), true)), DutyStatus::NotApplicable);
        assert_eq!(status(of(Some(1_000), true)), DutyStatus::Due);
        assert_eq!(status(of(Some(1_000), false)), DutyStatus::Unknown);
        assert_eq!(status(FairRow { kind: Kind::Online, ..of(Some(9_000), true) }), DutyStatus::NotApplicable);
        let exempt = Exemption { kind: ExemptionKind::HeldByGovernment, reason: "虚构市人民政府直接举办".to_owned() };
        let filing = Filing { permit_exemption: Some(exempt), ..Filing::default() };
        let exempted = judged(&Facts { filing, ..large() }, "2026-08-01", DutyId::SafetyPermit);
        assert_eq!(
            (exempted.status, exempted.evidence),
            (DutyStatus::NotApplicable, vec!["无须许可：虚构市人民政府直接举办".to_owned()])
        );
    }

    #[test]
    fn a_safety_plan_is_done_with_all_nine_parts_and_names_those_it_lacks() {
        let eight: Vec<SafetyPart> = SafetyPart::ALL.iter().copied().filter(|part| *part != SafetyPart::Rescue).collect();
        let partly = Facts { documents: vec![document(DocumentKind::SafetyWorkPlan, eight, "2026-08-10")], ..large() };
        let duty = judged(&partly, "2026-08-20", DutyId::SafetyWorkPlan);
        assert_eq!((duty.status, duty.missing), (DutyStatus::Due, vec!["应急救援预案".to_owned()]));
        let rest = document(DocumentKind::SafetyWorkPlan, vec![SafetyPart::Rescue], "2026-08-12");
        let whole = Facts { documents: [partly.documents, vec![rest]].concat(), ..large() };
        assert_eq!(judged(&whole, "2026-08-20", DutyId::SafetyWorkPlan).status, DutyStatus::Done);
    }

    #[test]
    fn the_three_plans_are_shown_by_a_document_or_the_filing_and_are_of_fairs_in_halls_only() {
        let status = |facts: &Facts| judged(facts, "2026-09-13", DutyId::EmergencyPlan).status;
        assert_eq!(status(&large()), DutyStatus::Overdue);
        assert_eq!(
            status(&Facts { documents: vec![document(DocumentKind::EmergencyPlan, Vec::new(), "2026-09-01")], ..large() }),
            DutyStatus::Done
        );
        assert_eq!(
            status(&Facts { filing: Filing { emergency_plan: Some("见附件二".to_owned()), ..Filing::default() }, ..large() }),
            DutyStatus::Done
        );
        let late = Facts { documents: vec![document(DocumentKind::EmergencyPlan, Vec::new(), "2026-09-14")], ..large() };
        assert!(judged(&late, "2026-09-20", DutyId::EmergencyPlan).late);
        for kind in [Kind::Online, Kind::PolicyOutreach] {
            assert_eq!(status(&Facts { row: FairRow { kind, ..large().row }, ..large() }), DutyStatus::NotApplicable);
        }
    }

    #[test]
    fn a_report_is_due_on_the_fifteenth_working_day_over_holidays_and_made_up_days() {
        let over = Facts { row: FairRow { status: FairStatus::Finished, ..large().row }, ..large() };
        let due = judged(&over, "2026-09-30", DutyId::Report);
        // 14–18, 20 (worked), 21–24, 28–30 September are 13 days; then the holidays; 8 and 9 October.
        assert_eq!((due.due_on, due.status, due.working_days_left), (Some(day("2026-10-09")), DutyStatus::Due, Some(2)));
        let late = judged(&over, "2026-10-10", DutyId::Report);
        assert_eq!((late.status, late.working_days_left, late.certain), (DutyStatus::Overdue, Some(-1), true));
        let handed_in = |on: &str| {
            let report = Some(Report { reported_on: Some(day(on)), ..Report::default() });
            let row = FairRow { status: FairStatus::Reported, ..large().row };
            judged(&Facts { row, filing: Filing { report, ..Filing::default() }, ..large() }, "2026-12-01", DutyId::Report)
        };
        assert_eq!((handed_in("2026-10-09").status, handed_in("2026-10-09").late), (DutyStatus::Done, false));
        assert!(handed_in("2026-10-10").late);
        let next_year = Facts::bare(fair("2027-03-05T09:00:00+08:00")).unwrap();
        assert!(!judged(&next_year, "2026-12-01", DutyId::Report).certain);
    }

    #[test]
    fn employers_are_checked_when_all_are_and_unknown_when_nobody_said_what_was_looked_at() {
        let one = |verified: Option<&str>, looked_at: &[&str], missing: &[&str], unknown: &[&str]| {
            let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
            let gaps = Gaps { missing: strings(missing), unknown: strings(unknown) };
            ExhibitorFact {
                name: "虚构陶坊".to_owned(),
                status: Outcome::Approved,
                verified_on: verified.map(day),
                looked_at: strings(looked_at),
                notices: vec![NoticeFact { title: "拉坯学徒".to_owned(), live: true, gaps }],
            }
        };
        let all = ["business_licence", "agent_identity", "letter_of_authority"];
        let judged = |exhibitors: Vec<ExhibitorFact>, on: &str, id| judged(&Facts { exhibitors, ..large() }, on, id);
        let checked = |one: ExhibitorFact| judged(vec![one], "2026-09-01", DutyId::EmployersChecked).status;
        assert_eq!(checked(one(Some("2026-08-01"), &all, &[], &[])), DutyStatus::Done);
        assert_eq!(checked(one(Some("2026-08-01"), &all[..1], &[], &[])), DutyStatus::Unknown);
        assert_eq!(checked(one(None, &[], &[], &[])), DutyStatus::Due);
        assert_eq!(judged(Vec::new(), "2026-09-01", DutyId::EmployersChecked).status, DutyStatus::Due);
        assert_eq!(judged(Vec::new(), "2026-09-12", DutyId::EmployersChecked).status, DutyStatus::Unknown);
        let notices = |one: ExhibitorFact, on: &str| judged(vec![one], on, DutyId::NoticesComplete);
        assert_eq!(notices(one(None, &[], &[], &[]), "2026-09-01").status, DutyStatus::Done);
        assert_eq!(notices(one(None, &[], &[], &["劳动保护和职业危害"]), "2026-09-01").status, DutyStatus::Unknown);
        let lacking = notices(one(None, &[], &["劳动报酬"], &[]), "2026-09-13");
        assert_eq!((lacking.status, lacking.missing), (DutyStatus::Overdue, vec!["虚构陶坊《拉坯学徒》缺劳动报酬".to_owned()]));
        let bare = ExhibitorFact { notices: Vec::new(), ..one(None, &[], &[], &[]) };
        assert_eq!(notices(bare, "2026-09-01").missing, ["虚构陶坊：未提供招聘简章"]);
        let declined = ExhibitorFact { status: Outcome::Declined, ..one(None, &[], &[], &[]) };
        assert_eq!(judged(vec![declined], "2026-09-01", DutyId::EmployersChecked).status, DutyStatus::Due);
    }

    #[test]
    fn a_change_after_the_permit_opens_the_duty_it_requires() {
        let facts = permitted("2026-08-01");
        for id in [DutyId::PermitChangeConsent, DutyId::PermitRenewal, DutyId::CancellationNotice] {
            assert_eq!(judged(&facts, "2026-09-01", id).status, DutyStatus::NotApplicable, "{id}");
        }
        let (starts_at, ends_at) =
            (Timestamp::parse("2026-09-19T09:00:00+08:00").unwrap(), Timestamp::parse("2026-09-19T11:00:00+08:00").unwrap());
        let later = Facts { row: FairRow { starts_at, ends_at, ..facts.row.clone() }, ..facts.clone() };
        let duty = judged(&later, "2026-09-01", DutyId::PermitChangeConsent);
        assert_eq!((duty.status, duty.due_on), (DutyStatus::Due, Some(day("2026-09-12"))));
        let consent =
            TimeConsent { starts_at, ends_at, consented_on: day("2026-09-05"), reference: "虚构公函2号".to_owned() };
        let permit = facts.filing.permit.clone().map(|permit| Permit { time_consents: vec![consent], ..permit });
        let agreed = Facts { filing: Filing { permit, ..later.filing.clone() }, ..later };
        let duty = judged(&agreed, "2026-09-06", DutyId::PermitChangeConsent);
        assert_eq!((duty.status, duty.due_on, duty.late), (DutyStatus::Done, Some(day("2026-09-12")), false));
        let larger = Facts { row: FairRow { expected_visitors: Some(4_000), ..facts.row.clone() }, ..facts };
        let duty = judged(&larger, "2026-09-01", DutyId::PermitRenewal);
        assert_eq!((duty.status, duty.due_on), (DutyStatus::Overdue, Some(day("2026-08-23"))));
    }

    #[test]
    fn a_fair_that_is_called_off_owes_the_police_a_word_and_nothing_else() {
        let facts = permitted("2026-08-01");
        let off = Facts { row: FairRow { status: FairStatus::Cancelled, ..facts.row.clone() }, ..facts };
        let all = judge(&off, &duties().unwrap(), &Calendar::load().unwrap(), day("2026-09-01")).unwrap();
        let open: Vec<DutyId> = all.iter().filter(|duty| duty.status != DutyStatus::NotApplicable).map(|duty| duty.id).collect();
        assert_eq!(open, [DutyId::CancellationNotice]);
        let told = Facts { documents: vec![document(DocumentKind::CancellationNotice, Vec::new(), "2026-09-13")], ..off };
        let duty = judged(&told, "2026-09-14", DutyId::CancellationNotice);
        assert_eq!((duty.status, duty.late), (DutyStatus::Done, true));
    }

    #[test]
    fn records_are_kept_two_years_and_three_where_the_fair_was_on_the_net() {
        let held = Facts { row: FairRow { status: FairStatus::Reported, ..large().row }, ..large() };
        assert_eq!(judged(&held, "2026-12-01", DutyId::ServiceLedger).keep_until, Some(day("2028-09-12")));
        assert_eq!(judged(&held, "2026-12-01", DutyId::OnlineRecords).status, DutyStatus::NotApplicable);
        let net = Facts { row: FairRow { kind: Kind::Online, ..held.row.clone() }, ..held };
        let duty = judged(&net, "2026-12-01", DutyId::OnlineRecords);
        assert_eq!((duty.keep_until, duty.confidence.as_str()), (Some(day("2029-09-12")), "unverified"));
    }
}
