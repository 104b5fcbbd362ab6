//! Who looks at a vacancy before it goes live, what was handed in, what was found and how it ended? One `Review` for each
//! time a vacancy is handed in; it keeps what was looked at, whatever the vacancy becomes later.

mod changed;
mod http;
mod store;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::db::DbConn;
use crate::db::schema::vacancy_reviews;
use crate::db::types::{ReviewId, Timestamp, VacancyId};
use crate::error::{Error, Refusal, Result};
use crate::text_enum;
use crate::vacancies::life::Status;
use crate::vacancies::model::VacancyRow;
use crate::vacancies::review::changed::changed;

pub(super) use http::{of_vacancy, waiting};

text_enum! {
    /// How a review ended.
    Outcome {
        /// It went live.
        Approved = "approved",
        /// It was sent back to be changed.
        Referred = "referred",
        /// It was refused.
        Rejected = "rejected",
        /// Its owner took it back.
        Withdrawn = "withdrawn",
        /// What had held it back is gone, and nobody had to decide.
        Released = "released",
    }
}

/// A review, as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vacancy_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReviewRow {
    /// Its id.
    pub id: ReviewId,
    /// The vacancy.
    pub vacancy_id: VacancyId,
    /// The city whose bureau looks.
    pub city: Option<String>,
    /// What was handed in, as JSON.
    pub snapshot: String,
    /// Pointers to what changed since it was handed in before, as JSON.
    pub changed: String,
    /// What screening found, as JSON.
    pub findings: String,
    /// The rules whose findings the reviewer set aside, as JSON.
    pub dismissed: String,
    /// What the reviewer said of single fields, as JSON.
    pub indicators: String,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who decided.
    pub reviewer: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

/// What a reviewer says of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The field (RFC 6901).
    pub pointer: String,
    /// What is to be changed, in the reviewer's words.
    pub note: String,
}

/// What a reviewer says beside the outcome.
#[derive(Debug, Clone, Default)]
pub struct Remarks {
    /// What is said of single fields.
    pub indicators: Vec<Indicator>,
    /// The rules whose findings are set aside.
    pub dismissed: Vec<String>,
}

/// How a review ends, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// How.
    pub outcome: Outcome,
    /// Who decided.
    pub reviewer: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
}

impl ReviewRow {
    fn opened(id: ReviewId, submitted_at: Timestamp, row: &VacancyRow, snapshot: String, changed: String) -> ReviewRow {
        ReviewRow {
            id,
            vacancy_id: row.id.clone(),
            city: row.city.clone(),
            snapshot,
            changed,
            findings: row.findings.clone(),
            dismissed: "[]".to_owned(),
            indicators: "[]".to_owned(),
            submitted_at,
            outcome: None,
            reviewer: None,
            reason: None,
            decided_at: None,
        }
    }
}

impl Outcome {
    /// Tells how a review ends when the vacancy that waits takes this step; none where it keeps waiting.
    pub fn of(to: Status) -> Option<Outcome> {
        match to {
            Status::Live => Some(Outcome::Approved),
            Status::Referred => Some(Outcome::Referred),
            Status::Rejected => Some(Outcome::Rejected),
            Status::Closed => Some(Outcome::Withdrawn),
            Status::Draft | Status::Submitted | Status::Suspended | Status::Expired | Status::Merged => None,
        }
    }
}

/// Takes in that a vacancy waits for a bureau: opens its review, or brings the open one up to date.
pub fn submit(conn: &mut DbConn, now: Timestamp, row: &VacancyRow) -> Result<()> {
    let snapshot = snapshot(row)?;
    let before = store::decided_last(conn, &row.id)?;
    let since = before.map(|review| serde_json::from_str(&review.snapshot)).transpose()?;
    let changed = since.map(|since: Map<String, Value>| changed(&since, &snapshot)).unwrap_or_default();
    let open = store::open(conn, &row.id)?;
    let known = open.is_some();
    let (id, submitted_at) = open.map_or_else(|| (ReviewId::new(now), now), |open| (open.id, open.submitted_at));
    let (snapshot, changed) = (serde_json::to_string(&snapshot)?, serde_json::to_string(&changed)?);
    let review = ReviewRow::opened(id, submitted_at, row, snapshot, changed);
    if known { store::save(conn, &review) } else { store::insert(conn, &review) }
}

/// Opens the reviews of vacancies that are new, so that none of them has one.
pub fn submit_new(conn: &mut DbConn, now: Timestamp, rows: &[&VacancyRow]) -> Result<()> {
    let reviews = rows.iter().map(|row| {
        let id = ReviewId::new(now);
        Ok(ReviewRow::opened(id, now, row, serde_json::to_string(&snapshot(row)?)?, "[]".to_owned()))
    });
    store::insert_many(conn, &reviews.collect::<Result<Vec<ReviewRow>>>()?)
}

/// Ends the open review of a vacancy; without one there is nothing to end. Remarks on what is not there are refused.
pub fn decide(conn: &mut DbConn, now: Timestamp, id: &VacancyId, decision: Decision<'_>, remarks: &Remarks) -> Result<()> {
    let Some(review) = store::open(conn, id)? else { return Ok(()) };
    remarks.check(&review)?;
    let Decision { outcome, reviewer, reason } = decision;
    let review = ReviewRow {
        dismissed: serde_json::to_string(&remarks.dismissed)?,
        indicators: serde_json::to_string(&remarks.indicators)?,
        outcome: Some(outcome),
        reviewer: Some(reviewer.to_owned()),
        reason: reason.map(str::to_owned),
        decided_at: Some(now),
        ..review
    };
    store::save(conn, &review)
}

/// Gives what a vacancy says, field by field, with its first and last day.
fn snapshot(row: &VacancyRow) -> Result<Map<String, Value>> {
    let mut fields: Map<String, Value> = serde_json::from_str(&row.body)?;
    fields.insert("valid_from".to_owned(), serde_json::to_value(row.valid_from)?);
    fields.insert("expires_at".to_owned(), serde_json::to_value(row.expires_at)?);
    Ok(fields)
}

impl Remarks {
    fn check(&self, review: &ReviewRow) -> Result<()> {
        let found: Vec<Value> = serde_json::from_str(&review.findings)?;
        let snapshot: Value = serde_json::from_str(&review.snapshot)?;
        let unknown = |rule: &String| !found.iter().any(|finding| finding.get("rule").and_then(Value::as_str) == Some(rule));
        let rules = self.dismissed.iter().enumerate().filter(|(_, rule)| unknown(rule)).map(|(at, rule)| {
            let zh = format!("审查没有发现 {rule}");
            Refusal::new(format!("/dismissed/{at}"), "no_such_finding", zh, format!("screening did not find {rule}"))
        });
        let lost = |said: &Indicator| said.note.trim().is_empty() || snapshot.pointer(&said.pointer).is_none();
        let fields = self.indicators.iter().enumerate().filter(|(_, said)| lost(said)).map(|(at, said)| {
            let zh = format!("没有字段 {}，或没有写明意见", said.pointer);
            Refusal::new(format!("/indicators/{at}"), "no_such_field", zh, format!("no field {}, or no note", said.pointer))
        });
        let refusals: Vec<Refusal> = rules.chain(fields).collect();
        if refusals.is_empty() { Ok(()) } else { Err(Error::Invalid(refusals)) }
    }
}
