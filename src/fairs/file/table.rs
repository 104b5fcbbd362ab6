//! Which duties and which items of a notice are there? The rows of `index/fair_duties.tsv` and `index/notice_items.tsv`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::text_enum;

const DUTIES: &str = include_str!("../../../index/fair_duties.tsv");
const ITEMS: &str = include_str!("../../../index/notice_items.tsv");

text_enum! {
    /// Which duty it is.
    DutyId {
        /// 组织实施办法.
        ImplementationPlan = "implementation_plan",
        /// 应急预案.
        EmergencyPlan = "emergency_plan",
        /// 安全保卫工作方案.
        SecurityPlan = "security_plan",
        /// 核实参会单位.
        EmployersChecked = "employers_checked",
        /// 核实招聘简章.
        NoticesComplete = "notices_complete",
        /// 提前公布.
        Announced = "announced",
        /// 大型群众性活动安全工作方案.
        SafetyWorkPlan = "safety_work_plan",
        /// 场所管理者同意.
        VenueConsent = "venue_consent",
        /// 安全许可.
        SafetyPermit = "safety_permit",
        /// 变更时间须经同意.
        PermitChangeConsent = "permit_change_consent",
        /// 重新申请许可.
        PermitRenewal = "permit_renewal",
        /// 取消告知.
        CancellationNotice = "cancellation_notice",
        /// 情况报告.
        Report = "report",
        /// 服务台账.
        ServiceLedger = "service_ledger",
        /// 网络招聘记录.
        OnlineRecords = "online_records",
        /// 就业登记.
        EmploymentRegistration = "employment_registration",
    }
}

text_enum! {
    /// To which fairs a duty belongs.
    Applies {
        /// Every recruitment fair.
        Fair = "fair",
        /// A fair held in a hall.
        OnSite = "on_site",
        /// A fair held on the net.
        Online = "online",
        /// A thousand visitors or more, open to the public.
        LargePublic = "large_public",
        /// A fair with a permit.
        Permitted = "permitted",
        /// One person hired.
        Hire = "hire",
    }
}

text_enum! {
    /// From which day a term is counted.
    DueFrom {
        /// The first day of the fair.
        Start = "start",
        /// The last day of the fair.
        End = "end",
        /// The first day for which the permit was granted.
        OriginalStart = "original_start",
        /// The day of the hire.
        Hire = "hire",
    }
}

text_enum! {
    /// What is counted.
    DueUnit {
        /// Every day.
        CalendarDays = "calendar_days",
        /// Working days, with holidays and 调休.
        WorkingDays = "working_days",
    }
}

/// A duty as the law lays it down.
#[derive(Debug, Clone, Deserialize)]
pub struct DutyRow {
    /// Which duty.
    pub id: DutyId,
    /// Its name.
    pub title_zh: String,
    /// Its name in English.
    pub title_en: String,
    /// To which fairs it belongs.
    pub applies: Applies,
    /// From which day its term is counted; none is set where this is empty.
    pub due_from: Option<DueFrom>,
    /// How many days after that day; before it when negative.
    pub due_count: Option<i32>,
    /// What is counted.
    pub due_unit: Option<DueUnit>,
    /// How many years records are kept after the fair.
    pub keep_years: Option<u32>,
    /// The statute.
    pub statute: String,
    /// The article.
    pub article: String,
    /// Where the text was read.
    pub source: String,
    /// How certain the reading is.
    pub confidence: String,
}

/// An item that a recruitment notice must carry.
#[derive(Debug, Clone, Deserialize)]
pub struct ItemRow {
    /// Its name in code.
    pub id: String,
    /// Its name.
    pub title_zh: String,
    /// What silence means: `missing` or `unknown`.
    pub unstated: String,
    /// Wordings that state it, divided by `|`.
    pub words: String,
}

/// Reads the duties.
pub fn duties() -> Result<Vec<DutyRow>> {
    rows(DUTIES)
}

/// Reads the items of a notice.
pub fn items() -> Result<Vec<ItemRow>> {
    rows(ITEMS)
}

fn rows<T: DeserializeOwned>(text: &'static str) -> Result<Vec<T>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').comment(Some(b'#')).quoting(false).from_reader(text.as_bytes());
    reader.deserialize().collect::<std::result::Result<_, _>>().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_stands_in_the_table_once_with_its_article_source_and_confidence() {
        let rows = duties().unwrap();
        let mut ids: Vec<DutyId> = rows.iter().map(|row| row.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.as_slice(), rows.len()), (DutyId::ALL, DutyId::ALL.len()));
        for row in rows {
            let whole =
                [&row.title_zh, &row.title_en, &row.statute, &row.article, &row.source].iter().all(|cell| !cell.is_empty());
            assert!(whole && ["high", "approximate", "unverified"].contains(&row.confidence.as_str()), "{row:?}");
            assert!(row.due_from.is_some() == row.due_count.is_some() && row.due_from.is_some() == row.due_unit.is_some());
            assert!(row.due_from.is_some() || row.keep_years.is_some(), "{row:?}");
        }
    }

    #[test]
    fn a_notice_has_ten_items() {
        let items = items().unwrap();
        assert_eq!(items.len(), 10);
        assert!(items.iter().all(|item| ["missing", "unknown"].contains(&item.unstated.as_str())));
    }
}
