//! A run as asked for, as kept and as served, and what it found for one graduate.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::db::schema::{matching_results, matching_runs};
use crate::db::types::{GraduateId, MatchingRunId, SchoolId, Timestamp, VacancyId};
use crate::error::{Error, Result};
use crate::matching::fit::Fit;
use crate::text_enum;

/// How many vacancies each graduate gets when nothing is said.
const LIMIT_DEFAULT: i32 = 20;
/// How many vacancies each graduate may get.
const LIMIT_MAX: i32 = 100;

text_enum! {
    /// How a run stands.
    MatchingRunStatus {
        /// Waiting for its turn.
        Queued = "queued",
        /// Under way.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Called off.
        Cancelled = "cancelled",
        /// Broken off by a failure.
        Failed = "failed",
    }
}

impl MatchingRunStatus {
    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, MatchingRunStatus::Succeeded | MatchingRunStatus::Cancelled | MatchingRunStatus::Failed)
    }
}

/// For whom vacancies shall be found: those who look for work or have not said that they do not.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MatchingRunBody {
    /// One school; a school's own account need not say it.
    pub school: Option<SchoolId>,
    /// A city, by code or name; everything that is the caller's when nothing is said.
    pub city: Option<String>,
    /// How many vacancies each graduate gets, 1 to 100; 20 when nothing is said.
    pub limit: Option<i32>,
}

impl MatchingRunBody {
    /// Checks how many vacancies each graduate gets.
    pub fn limit(&self) -> Result<i32> {
        match self.limit.unwrap_or(LIMIT_DEFAULT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            _ => Err(Error::invalid("/limit", "bad_limit", "limit 须在 1 至 100 之间", "limit is not within 1 to 100")),
        }
    }
}

/// A run as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = matching_runs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RunRow {
    pub id: MatchingRunId,
    pub status: MatchingRunStatus,
    pub school_id: Option<SchoolId>,
    /// The first digits of the area of the schools, or all of it.
    pub area: String,
    pub matches: i32,
    pub total: i64,
    pub done: i64,
    /// The last graduate who is done.
    pub last_graduate: Option<String>,
    /// The last event of the vacancies that were looked at.
    pub events: i64,
    pub weights_version: String,
    pub reason: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// A run as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MatchingRunView {
    id: MatchingRunId,
    status: MatchingRunStatus,
    /// The school whose graduates they are.
    school: Option<SchoolId>,
    /// The first digits of the GB/T 2260 area of the schools.
    area: String,
    /// How many vacancies each graduate gets at most.
    limit: i32,
    /// How many graduates there were when the run was asked for.
    total: i64,
    /// How many graduates are done.
    done: i64,
    /// The last event of the vacancies that were looked at; after a resumption graduates may have different ones.
    events: i64,
    weights_version: String,
    /// Why the run failed.
    reason: Option<String>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<RunRow> for MatchingRunView {
    fn from(row: RunRow) -> MatchingRunView {
        let RunRow { id, status, school_id, area, matches, total, done, last_graduate: _, events, weights_version, .. } = row;
        let RunRow { reason, revision, created_at, updated_at, finished_at, .. } = row;
        MatchingRunView {
            id,
            status,
            school: school_id,
            area,
            limit: matches,
            total,
            done,
            events,
            weights_version,
            reason,
            revision,
            created_at,
            updated_at,
            finished_at,
        }
    }
}

/// What a run found for one graduate, as kept; `matches` is a list of [`MatchFound`] as JSON, or `null`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = matching_results)]
pub struct ResultRow {
    pub run_id: MatchingRunId,
    pub graduate_id: GraduateId,
    pub events: i64,
    pub matches: String,
}

/// A vacancy that fits, with its reasons as they were.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MatchFound {
    /// The vacancy.
    pub vacancy: VacancyId,
    #[serde(flatten)]
    pub fit: Fit,
}

/// A line of the results: one graduate, the best vacancy first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MatchingRunLine {
    graduate: GraduateId,
    /// The last event of the vacancies that were looked at.
    events: i64,
    /// The matches; `null` where the profile could not be read.
    #[schema(value_type = Option<Vec<MatchFound>>)]
    matches: Box<RawValue>,
}

impl MatchingRunLine {
    /// Reads a row.
    pub fn of(row: ResultRow) -> Result<MatchingRunLine> {
        let ResultRow { graduate_id, events, matches, .. } = row;
        Ok(MatchingRunLine { graduate: graduate_id, events, matches: RawValue::from_string(matches)? })
    }
}
