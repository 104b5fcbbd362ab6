//! Whose time has come? Sources with a schedule are claimed in the database, so that one instance runs each; a time that
//! passed while nobody was there is made up for once.

use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::ingest::model::{RunRow, SourceRow};
use crate::ingest::reading::Extent;
use crate::ingest::run::{Ground, Intake};
use crate::ingest::schedule::Schedule;
use crate::ingest::store;

/// How many sources are taken up in one look.
const SOURCES_MAX: i64 = 20;

/// Runs the sources whose time has come, one after another, and gives the runs.
pub async fn run_due(ground: &Ground, now: Timestamp) -> Result<Vec<RunRow>> {
    let due = ground.db.read(move |conn| store::due_sources(conn, now, SOURCES_MAX)).await?;
    let mut runs = Vec::new();
    for source in due {
        let next = source.schedule.as_deref().and_then(|text| Schedule::parse(text).ok()).and_then(|s| s.after(now));
        let moved = source.clone();
        if !ground.db.write(move |conn| store::move_on(conn, &moved, next)).await? {
            continue;
        }
        match run(ground, source, now).await {
            Ok(run) => runs.push(run),
            Err(Error::Conflict { code: "already_running", .. }) => {}
            Err(error) => tracing::error!("a scheduled run failed: {error}"),
        }
    }
    Ok(runs)
}

async fn run(ground: &Ground, source: SourceRow, now: Timestamp) -> Result<RunRow> {
    let extent = Extent::scheduled(&source, now);
    Intake::begin(ground, source, now).await?.follow(extent).await
}
