//! An exhibitor as asked for (`ExhibitorBody`), as kept (`ExhibitorRow`) and as served (`ExhibitorView`).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::fair_exhibitors as table;
use crate::db::types::{EmployerId, ExhibitorId, FairId, Timestamp, VacancyId};
use crate::error::Result;
use crate::text_enum;

text_enum! {
    /// Where an application stands.
    Outcome {
        /// Waiting for an answer.
        Applied = "applied",
        /// Taken, with a booth.
        Approved = "approved",
        /// Not taken.
        Declined = "declined",
        /// Taken as soon as a booth is free.
        Waitlisted = "waitlisted",
        /// Taken back by the employer.
        Withdrawn = "withdrawn",
    }
}

/// An application as asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExhibitorBody {
    /// The employer; an employer's own account need not say it.
    pub employer: Option<EmployerId>,
    /// The own live vacancies that are brought along.
    pub vacancies: Vec<VacancyId>,
    /// What is wished for.
    pub wishes: Option<String>,
    /// Whom to ask.
    pub contact_name: Option<String>,
    /// The number to call.
    pub contact_phone: Option<String>,
}

/// An exhibitor as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExhibitorRow {
    pub id: ExhibitorId,
    pub fair_id: FairId,
    pub employer_id: EmployerId,
    pub status: Outcome,
    pub booth: Option<i32>,
    pub vacancies: String,
    pub wishes: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub reason: Option<String>,
    pub revision: i64,
    pub applied_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ExhibitorRow {
    /// Words the row as its body, for a patch to be laid over.
    pub fn body(&self) -> Result<ExhibitorBody> {
        Ok(ExhibitorBody {
            employer: Some(self.employer_id.clone()),
            vacancies: serde_json::from_str::<Vec<String>>(&self.vacancies)?
                .iter()
                .filter_map(|id| VacancyId::parse(id))
                .collect(),
            wishes: self.wishes.clone(),
            contact_name: self.contact_name.clone(),
            contact_phone: self.contact_phone.clone(),
        })
    }
}

/// An exhibitor as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExhibitorView {
    id: ExhibitorId,
    fair: FairId,
    status: Outcome,
    /// The number of the booth, once one was given.
    booth: Option<i32>,
    #[serde(flatten)]
    application: ExhibitorBody,
    reason: Option<String>,
    revision: i64,
    applied_at: Timestamp,
    updated_at: Timestamp,
}

impl ExhibitorView {
    /// Makes the view.
    pub fn of(row: ExhibitorRow) -> Result<ExhibitorView> {
        let application = row.body()?;
        let ExhibitorRow { id, fair_id: fair, status, booth, reason, revision, applied_at, updated_at, .. } = row;
        Ok(ExhibitorView { id, fair, status, booth, application, reason, revision, applied_at, updated_at })
    }
}
