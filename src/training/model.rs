//! A training order as asked for, as kept and as served.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::training_orders;
use crate::db::types::{EmployerId, SchoolId, Timestamp, TrainingOrderId};
use crate::error::{Error, Refusal, Result};
use crate::lexicon::Lexicon;
use crate::text_enum;
use crate::training::life::{Class, OrderStatus, Side, conversion, is_underfilled};

/// The most places of an order.
const HEADCOUNT_MAX: i32 = 1_000;
/// How many skills an order may name.
const SKILLS_MAX: usize = 24;
/// The longest number, in characters.
const NUMBER_CHARS_MAX: usize = 60;
/// The most hours of a course.
const HOURS_MAX: i32 = 10_000;
/// The most years of a contract.
const YEARS_MAX: i32 = 10;

text_enum! {
    /// Who pays for the training; trainees never do.
    Funding {
        /// The employer.
        Employer = "employer",
        /// The school.
        School = "school",
        /// A subsidy.
        Subsidy = "subsidy",
    }
}

/// A training order as asked for. Trainees pay nothing: no fee, deposit or loan can be said.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrainingOrderBody)]
pub struct OrderBody {
    /// The ordering employer; an employer's own account need not say it.
    pub employer: Option<EmployerId>,
    /// The school that trains; a school's own account need not say it.
    pub school: Option<SchoolId>,
    /// The number of the order.
    pub number: Option<String>,
    /// The occupation that is trained for, by code or name.
    pub occupation: Option<String>,
    /// The skills that are trained, by id or name.
    #[serde(default)]
    pub skills: Vec<String>,
    /// The grade that is aimed at, 5 (初级工) to 1 (高级技师).
    pub grade_target: Option<u8>,
    /// How many people the employer will take.
    pub headcount: i32,
    /// The least pay that is promised, in yuan a month; not below the minimum wage.
    pub promised_wage_min: i64,
    /// The length of the contract, in years.
    pub contract_years: Option<i32>,
    /// The hours of the course.
    pub course_hours: Option<i32>,
    /// How many of them are practice.
    pub practice_hours: Option<i32>,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    /// Who pays.
    pub funding: Option<Funding>,
    /// The number of the application for a subsidy.
    pub subsidy_number: Option<String>,
}

impl OrderBody {
    /// Checks what was asked for and reads names into codes; every refusal is named at once.
    pub fn parse(mut self, lexicon: &Lexicon) -> Result<OrderBody> {
        let mut refusals = Vec::new();
        let mut refuse = |pointer: String, code: &'static str, zh: &str, en: &str| {
            refusals.push(Refusal::new(pointer, code, zh.to_owned(), en.to_owned()));
        };
        if let Some(wording) = &self.occupation {
            match lexicon.occupations.read(wording, wording) {
                Some(read) => self.occupation = Some(read.occupation.code.clone()),
                None => refuse("/occupation".to_owned(), "unknown_occupation", "没有这一职业", "no such occupation"),
            }
        }
        let mut skills: Vec<String> = Vec::new();
        for (at, wording) in self.skills.iter().enumerate() {
            let found = lexicon.skills.find(wording);
            if found.is_empty() {
                refuse(format!("/skills/{at}"), "unknown_skill", "没有这项技能", "no such skill");
            }
            let new = found.into_iter().map(|skill| skill.id.clone()).filter(|id| !skills.contains(id)).collect::<Vec<_>>();
            skills.extend(new);
        }
        if skills.len() > SKILLS_MAX {
            refuse("/skills".to_owned(), "too_many", "技能不得超过 24 项", "more than 24 skills");
        }
        self.skills = skills;
        for (pointer, number, least, most) in [
            ("/headcount", Some(self.headcount), 1, HEADCOUNT_MAX),
            ("/grade_target", self.grade_target.map(i32::from), 1, 5),
            ("/contract_years", self.contract_years, 0, YEARS_MAX),
            ("/course_hours", self.course_hours, 1, HOURS_MAX),
            ("/practice_hours", self.practice_hours, 0, self.course_hours.unwrap_or(HOURS_MAX)),
        ] {
            if number.is_some_and(|number| !(least..=most).contains(&number)) {
                let (zh, en) = (format!("须在 {least} 至 {most} 之间"), format!("not within {least} to {most}"));
                refuse(pointer.to_owned(), "out_of_range", &zh, &en);
            }
        }
        if self.ends_on < self.starts_on {
            refuse("/ends_on".to_owned(), "bad_value", "日期先后颠倒", "the days are reversed");
        }
        for (pointer, text) in [("/number", &self.number), ("/subsidy_number", &self.subsidy_number)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > NUMBER_CHARS_MAX) {
                refuse(pointer.to_owned(), "too_long", "不得超过 60 个字符", "longer than 60 characters");
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }
}

/// A training order as kept; `body` is the `OrderBody`, as JSON.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = training_orders, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OrderRow {
    /// The id.
    pub id: TrainingOrderId,
    /// The ordering employer.
    pub employer_id: EmployerId,
    /// The school that trains.
    pub school_id: SchoolId,
    /// The city of the school, by GB/T 2260 code.
    pub city: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Which side offered it.
    pub offered_by: Side,
    /// How many places there are.
    pub headcount: i32,
    /// What was asked for.
    pub body: String,
    /// Why it was given up.
    pub reason: Option<String>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl OrderRow {
    /// Makes a new row.
    pub fn new(
        now: Timestamp,
        body: &OrderBody,
        (employer_id, school_id): (EmployerId, SchoolId),
        city: String,
        offered_by: Side,
    ) -> Result<OrderRow> {
        Ok(OrderRow {
            id: TrainingOrderId::new(now),
            employer_id,
            school_id,
            city,
            status: OrderStatus::Intended,
            offered_by,
            headcount: body.headcount,
            body: serde_json::to_string(body)?,
            reason: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Reads what was asked for.
    pub fn body(&self) -> Result<OrderBody> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// Makes the next revision with other terms.
    pub fn changed(self, now: Timestamp, body: &OrderBody) -> Result<OrderRow> {
        let (headcount, revision) = (body.headcount, self.revision + 1);
        Ok(OrderRow { headcount, body: serde_json::to_string(body)?, revision, updated_at: now, ..self })
    }

    /// Makes the next revision in another state.
    pub fn moved(self, now: Timestamp, status: OrderStatus, reason: Option<String>) -> OrderRow {
        OrderRow { status, reason: reason.or(self.reason), revision: self.revision + 1, updated_at: now, ..self }
    }
}

/// A training order as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TrainingOrder)]
pub struct OrderView {
    id: TrainingOrderId,
    #[serde(flatten)]
    order: OrderBody,
    /// The city of the school, by GB/T 2260 code.
    city: String,
    status: OrderStatus,
    /// Which side offered it; the other one signs.
    offered_by: Side,
    /// Why it was given up.
    reason: Option<String>,
    /// How many people are or were in the class.
    enrolled: i64,
    /// How many finished.
    finished: i64,
    /// How many were hired.
    hired: i64,
    /// The share of those who finished that was hired, 0 to 1.
    conversion: Option<f64>,
    /// Whether the class should have begun and is filled to less than 60 per cent.
    underfilled: bool,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl OrderView {
    /// Makes the view as of a day.
    pub fn of(row: OrderRow, class: Class, today: NaiveDate) -> Result<OrderView> {
        let order = row.body()?;
        let underfilled = is_underfilled(row.status, order.starts_on, today, i64::from(row.headcount), class);
        let OrderRow { id, city, status, offered_by, reason, revision, created_at, updated_at, .. } = row;
        let Class { enrolled, finished, hired } = class;
        let conversion = conversion(class);
        Ok(OrderView {
            id,
            order,
            city,
            status,
            offered_by,
            reason,
            enrolled,
            finished,
            hired,
            conversion,
            underfilled,
            revision,
            created_at,
            updated_at,
        })
    }
}
