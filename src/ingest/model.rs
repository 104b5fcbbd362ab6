//! Sources, runs and rejects: as asked for, as kept, as served.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::{ingest_rejects, ingest_runs, sources};
use crate::db::types::{IngestRunId, SourceId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::ingest::mapping::Mapping;
use crate::ingest::schedule::Schedule;
use crate::text_enum;
use crate::vacancies::Landed;

text_enum! {
    /// The shape in which a source speaks.
    Kind {
        /// The field codes of the public labour-market system.
        Lemis = "lemis",
        /// Any list API, mapped by JSON Pointers.
        PagedJson = "paged_json",
        /// Linked pages of changes, mapped by JSON Pointers.
        ChangeFeed = "change_feed",
        /// schema.org `JobPosting` in JSON-LD: one, a list, or a sitemap.
        JobPosting = "job_posting",
        /// Rows with named columns.
        File = "file",
    }
}

text_enum! {
    /// How a run stands.
    RunStatus {
        /// Under way.
        Running = "running",
        /// Read to the end.
        Succeeded = "succeeded",
        /// Broken off by a failure.
        Failed = "failed",
        /// Ended on purpose before the end.
        Stopped = "stopped",
    }
}

/// A source as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceBody {
    /// A short name.
    pub name: String,
    /// The shape in which it speaks.
    pub kind: Kind,
    /// Where it is.
    pub url: Option<String>,
    /// Who stands behind it.
    pub label: Option<String>,
    /// Whether it may be at a private address.
    #[serde(default)]
    pub allow_private_network: bool,
    /// When it is asked, as a cron expression; only on request when empty.
    pub schedule: Option<String>,
    /// How a list API or a change feed is read.
    pub mapping: Option<Mapping>,
    /// Which share of its live rows may end for being missing in one run, from 0 to 1; 0.3 when nothing is said.
    #[serde(default)]
    pub missing_share_max: Option<f64>,
}

/// A source as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sources, treat_none_as_null = true)]
pub struct SourceRow {
    /// Its id.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Where it is.
    pub url: Option<String>,
    /// Who stands behind it.
    pub label: Option<String>,
    /// Whether it may be at a private address.
    pub allow_private_network: bool,
    /// When it is asked.
    pub schedule: Option<String>,
    /// The `Mapping`, as JSON.
    pub mapping: Option<String>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Up to where it was read.
    pub feed_cursor: Option<String>,
    /// Which share of its live rows may end in one run.
    pub missing_share_max: Option<f64>,
    /// When it is asked next.
    pub next_due_at: Option<Timestamp>,
    /// When it was last read whole.
    pub snapshot_at: Option<Timestamp>,
}

impl SourceBody {
    /// Makes the body of a source of which nothing else is said.
    pub fn named(name: impl Into<String>, kind: Kind) -> SourceBody {
        SourceBody {
            name: name.into(),
            kind,
            url: None,
            label: None,
            allow_private_network: false,
            schedule: None,
            mapping: None,
            missing_share_max: None,
        }
    }

    /// Checks what was asked for.
    pub fn check(&self) -> Result<()> {
        let mut refusals = Vec::new();
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.chars().count() > 64 || !self.name.chars().all(plain) {
            refusals.push(Refusal::new(
                "/name",
                "bad_name",
                "名称须为 1 至 64 个字母、数字或连字符",
                "the name is not of 1 to 64 letters, digits or hyphens",
            ));
        }
        match self.url.as_deref().map(reqwest::Url::parse) {
            Some(Ok(url)) if matches!(url.scheme(), "http" | "https") => {}
            None if self.kind == Kind::File => {}
            _ => refusals.push(Refusal::new("/url", "bad_url", "请给出 http 或 https 地址", "an http or https URL is wanted")),
        }
        if self.kind == Kind::PagedJson && self.mapping.is_none() {
            refusals.push(Refusal::new("/mapping", "mapping_required", "请给出字段映射", "the mapping is missing"));
        }
        if let Some(Err(cause)) = self.schedule.as_deref().map(Schedule::parse) {
            let zh = "请给出五段 cron 表达式，如 30 2 * * *";
            refusals.push(Refusal::new(
                "/schedule",
                "bad_schedule",
                zh,
                format!("not a cron expression of five fields: {cause}"),
            ));
        }
        if self.missing_share_max.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            refusals.push(Refusal::new("/missing_share_max", "bad_share", "须在 0 至 1 之间", "the share is not within 0 to 1"));
        }
        match refusals.is_empty() {
            true => Ok(()),
            false => Err(Error::Invalid(refusals)),
        }
    }
}

impl SourceRow {
    /// Makes the row of a new source.
    pub fn new(now: Timestamp, body: &SourceBody) -> Result<SourceRow> {
        body.check()?;
        let row = SourceRow {
            id: SourceId::new(now),
            name: body.name.clone(),
            kind: body.kind,
            url: None,
            label: None,
            allow_private_network: false,
            schedule: None,
            mapping: None,
            revision: 0,
            created_at: now,
            updated_at: now,
            feed_cursor: None,
            missing_share_max: None,
            next_due_at: None,
            snapshot_at: None,
        };
        row.changed(now, body)
    }

    /// Gives the row with another body, as its next revision.
    pub fn changed(self, now: Timestamp, body: &SourceBody) -> Result<SourceRow> {
        body.check()?;
        let SourceBody { name, kind, url, label, allow_private_network, schedule, mapping, missing_share_max } = body.clone();
        let mapping = mapping.as_ref().map(serde_json::to_string).transpose()?;
        let same_feed = self.kind == kind && self.url == url && self.mapping == mapping;
        let next_due_at = match schedule == self.schedule {
            true => self.next_due_at,
            false => schedule.as_deref().and_then(|text| Schedule::parse(text).ok()).and_then(|schedule| schedule.after(now)),
        };
        Ok(SourceRow {
            id: self.id,
            name,
            kind,
            url,
            label,
            allow_private_network,
            schedule,
            mapping,
            revision: self.revision + 1,
            created_at: self.created_at,
            updated_at: now,
            feed_cursor: self.feed_cursor.filter(|_| same_feed),
            missing_share_max,
            next_due_at,
            snapshot_at: self.snapshot_at.filter(|_| same_feed),
        })
    }

    /// Reads the mapping.
    pub fn mapping(&self) -> Result<Option<Mapping>> {
        Ok(self.mapping.as_deref().map(serde_json::from_str).transpose()?)
    }

    /// Gives the source as it was asked for.
    pub fn body(&self) -> Result<SourceBody> {
        Ok(SourceBody {
            name: self.name.clone(),
            kind: self.kind,
            url: self.url.clone(),
            label: self.label.clone(),
            allow_private_network: self.allow_private_network,
            schedule: self.schedule.clone(),
            mapping: self.mapping()?,
            missing_share_max: self.missing_share_max,
        })
    }
}

/// A run as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ingest_runs, treat_none_as_null = true)]
pub struct RunRow {
    pub id: IngestRunId,
    pub source_id: SourceId,
    pub status: RunStatus,
    pub reason: Option<String>,
    pub fetched: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub merged: i64,
    pub closed: i64,
    pub rejected: i64,
    pub quarantined_fields: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub replay_of: Option<IngestRunId>,
}

impl RunRow {
    /// Makes the row of a run that begins.
    pub fn begun(now: Timestamp, source: &SourceId) -> RunRow {
        RunRow {
            id: IngestRunId::new(now),
            source_id: source.clone(),
            status: RunStatus::Running,
            reason: None,
            fetched: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            merged: 0,
            closed: 0,
            rejected: 0,
            quarantined_fields: "{}".to_owned(),
            started_at: now,
            finished_at: None,
            replay_of: None,
        }
    }

    /// Counts what became of rows.
    pub fn count(&mut self, landed: &[Landed]) {
        for one in landed {
            match one {
                Landed::Created => self.created += 1,
                Landed::Updated => self.updated += 1,
                Landed::Unchanged => self.unchanged += 1,
                Landed::Merged => self.merged += 1,
                Landed::Closed => (self.updated, self.closed) = (self.updated + 1, self.closed + 1),
                Landed::Unknown => self.rejected += 1,
            }
        }
    }
}

/// A row that was not taken, as kept for another try: once for each reason, however often it comes.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = ingest_rejects, treat_none_as_default_value = false)]
pub struct RejectRow {
    pub source_id: SourceId,
    pub row_key: String,
    pub code: String,
    pub reference: Option<String>,
    pub detail: String,
    pub raw: String,
    pub place: i64,
    pub times: i64,
    pub first_run_id: IngestRunId,
    pub last_run_id: IngestRunId,
    pub resolved_run_id: Option<IngestRunId>,
}

/// A run as served.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RunView {
    /// Its id.
    pub id: IngestRunId,
    /// The source.
    pub source: SourceId,
    /// How it stands.
    pub status: RunStatus,
    /// Why it ended before the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Rows received.
    pub fetched: i64,
    /// New vacancies.
    pub created: i64,
    /// Changed vacancies.
    pub updated: i64,
    /// Rows that said nothing new.
    pub unchanged: i64,
    /// Rows that became a further source of a known vacancy.
    pub merged: i64,
    /// Vacancies that were ended.
    pub closed: i64,
    /// Rows that were not taken.
    pub rejected: i64,
    /// Fields that no vacancy may depend on, with the number of rows that carried them.
    pub quarantined_fields: BTreeMap<String, i64>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The run whose rejects it tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<IngestRunId>,
}

impl RunView {
    /// Makes the view of a row.
    pub fn of(row: RunRow) -> Result<RunView> {
        let RunRow { id, source_id, status, reason, fetched, created, updated, unchanged, merged, closed, rejected, .. } = row;
        let quarantined_fields = serde_json::from_str(&row.quarantined_fields)?;
        let (started_at, finished_at) = (row.started_at, row.finished_at);
        Ok(RunView {
            id,
            source: source_id,
            status,
            reason,
            fetched,
            created,
            updated,
            unchanged,
            merged,
            closed,
            rejected,
            quarantined_fields,
            started_at,
            finished_at,
            replay_of: row.replay_of,
        })
    }
}
