//! What is filed for a fair: its plans, the permit of the police with what it was granted for, and what happened.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::db::types::{Timestamp, VenueId};
use crate::fairs::life::Kind;
use crate::fairs::model::FairRow;
use crate::text_enum;

/// What a permit was granted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitTerms {
    /// Which kind of event.
    pub kind: Kind,
    /// Its beginning.
    pub starts_at: Timestamp,
    /// Its end.
    pub ends_at: Timestamp,
    /// The venue.
    pub venue: Option<VenueId>,
    /// How many visitors at most.
    pub expected_visitors: Option<i32>,
}

impl PermitTerms {
    /// Gives the terms of a fair as it stands.
    pub fn of(row: &FairRow) -> PermitTerms {
        PermitTerms {
            kind: row.kind,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            venue: row.venue_id.clone(),
            expected_visitors: row.expected_visitors,
        }
    }
}

/// The police's word that a fair may be held at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeConsent {
    /// The beginning that was agreed to.
    pub starts_at: Timestamp,
    /// The end that was agreed to.
    pub ends_at: Timestamp,
    /// The day on which it was agreed to.
    pub consented_on: NaiveDate,
    /// The number of the answer, or where it is kept.
    pub reference: String,
}

/// The permit of the police.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// Its number.
    pub number: String,
    /// When it was applied for.
    pub applied_on: NaiveDate,
    /// What it was granted for; what the fair said when the number was filed, when nothing is said.
    #[serde(default)]
    pub terms: Option<PermitTerms>,
    /// Changes of time that the police agreed to.
    #[serde(default)]
    pub time_consents: Vec<TimeConsent>,
}

text_enum! {
    /// Why a fair of a thousand visitors or more needs no permit.
    ExemptionKind {
        /// A people's government of a county or above holds it itself (大型群众性活动安全管理条例, article 25).
        HeldByGovernment = "held_by_government",
        /// It is not open to the public (the same, article 2).
        NotPublic = "not_public",
    }
}

/// Why no permit is needed, in the words of whoever answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// Which rule is meant.
    pub kind: ExemptionKind,
    /// The reason.
    pub reason: String,
}

/// What happened at a fair, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Report {
    /// 进场人数.
    pub visitors: u32,
    /// 参会单位数.
    pub exhibitors: u32,
    /// 手造类单位数.
    pub handicraft_exhibitors: u32,
    /// 提供岗位数.
    pub vacancies: u32,
    /// 招聘人数.
    pub headcount: u32,
    /// 收到简历数.
    pub applications: u32,
    /// 安排面谈数.
    pub interviews: u32,
    /// 达成就业意向人数.
    pub intents: u32,
    /// 现场签约或录用人数.
    pub hired: u32,
    /// 技工院校学生人数.
    pub students: u32,
    /// 按培养层次分布: `middle_worker`, `senior_worker`, `technician`, or `unknown`.
    pub students_by_programme: BTreeMap<String, u32>,
    /// 直播场次.
    pub broadcasts: u32,
    /// 直播观看量.
    pub broadcast_views: u32,
    /// 投诉数.
    pub complaints: u32,
    /// When it was handed in.
    pub reported_on: Option<NaiveDate>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// What is filed for a fair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Filing {
    /// 组织实施办法: the text, or where it is kept.
    pub implementation_plan: Option<String>,
    /// 应急预案.
    pub emergency_plan: Option<String>,
    /// 安全保卫工作方案.
    pub security_plan: Option<String>,
    /// 场所管理者同意提供场所的证明.
    pub venue_consent: Option<String>,
    /// The permit, where one is needed.
    pub permit: Option<Permit>,
    /// Why none is needed, where one could be.
    pub permit_exemption: Option<Exemption>,
    /// What happened.
    pub report: Option<Report>,
}

impl Filing {
    /// Tells whether something is said under a kind of document.
    pub fn says(&self, kind: DocumentKind) -> bool {
        let text = match kind {
            DocumentKind::ImplementationPlan => &self.implementation_plan,
            DocumentKind::EmergencyPlan => &self.emergency_plan,
            DocumentKind::SecurityPlan => &self.security_plan,
            DocumentKind::VenueConsent => &self.venue_consent,
            _ => &None,
        };
        text.as_ref().is_some_and(|text| !text.trim().is_empty())
    }

    /// Writes down what a permit was granted for, where nobody said it: a new number stands for the fair as it is now.
    pub fn with_terms(mut self, before: Option<&Permit>, row: &FairRow) -> Filing {
        let Some(permit) = &mut self.permit else { return self };
        match before {
            Some(old) if old.number == permit.number => {
                permit.terms = permit.terms.take().or_else(|| old.terms.clone());
            }
            Some(old) => {
                permit.terms = permit.terms.take().filter(|terms| Some(terms) != old.terms.as_ref());
                permit.time_consents.retain(|consent| !old.time_consents.contains(consent));
            }
            None => {}
        }
        permit.terms.get_or_insert_with(|| PermitTerms::of(row));
        self
    }
}

text_enum! {
    /// What a document is.
    DocumentKind {
        /// 组织实施办法.
        ImplementationPlan = "implementation_plan",
        /// 应急预案.
        EmergencyPlan = "emergency_plan",
        /// 安全保卫工作方案.
        SecurityPlan = "security_plan",
        /// 大型群众性活动安全工作方案.
        SafetyWorkPlan = "safety_work_plan",
        /// 场所管理者同意提供场所的证明.
        VenueConsent = "venue_consent",
        /// 安全许可决定.
        SafetyPermit = "safety_permit",
        /// 公安机关同意变更时间的文书.
        PermitChangeConsent = "permit_change_consent",
        /// 取消举办的书面告知.
        CancellationNotice = "cancellation_notice",
        /// 招聘会情况报告.
        Report = "report",
        /// Anything else.
        Other = "other",
    }
}

text_enum! {
    /// The nine parts of a safety work plan (大型群众性活动安全管理条例, article 6).
    SafetyPart {
        /// 活动的时间、地点、内容及组织方式.
        TimePlaceAndContent = "time_place_and_content",
        /// 安全工作人员的数量、任务分配和识别标志.
        SafetyStaff = "safety_staff",
        /// 活动场所消防安全措施.
        FireSafety = "fire_safety",
        /// 活动场所可容纳的人员数量以及活动预计参加人数.
        Capacity = "capacity",
        /// 治安缓冲区域的设定及其标识.
        BufferZones = "buffer_zones",
        /// 入场人员的票证查验和安全检查措施.
        EntranceChecks = "entrance_checks",
        /// 车辆停放、疏导措施.
        Traffic = "traffic",
        /// 现场秩序维护、人员疏导措施.
        OrderAndCrowds = "order_and_crowds",
        /// 应急救援预案.
        Rescue = "rescue",
    }
}
