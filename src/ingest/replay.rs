//! Are the rows that were rejected good now? A replay runs those of an earlier run again, after the reader, the word lists
//! or the source's mapping were put right; what is taken counts as resolved.

use crate::db::types::Timestamp;
use crate::error::Result;
use crate::ingest::model::{RunRow, RunStatus, SourceRow};
use crate::ingest::run::{Ground, Intake};
use crate::ingest::store;

/// How many rejects are read at a time.
const ROWS: i64 = 500;

/// Begins to run the rejects of a run again.
pub async fn begin(ground: &Ground, source: SourceRow, run: &RunRow, now: Timestamp) -> Result<Intake> {
    let row = RunRow { replay_of: Some(run.id.clone()), ..RunRow::begun(now, &source.id) };
    Intake::begin_as(ground, source, now, row).await
}

/// Runs the rejects again and ends the replay.
pub async fn follow(ground: &Ground, mut intake: Intake, run: RunRow) -> Result<RunRow> {
    let (status, reason) = match take_all(ground, &mut intake, run).await {
        Ok(()) => (RunStatus::Succeeded, None),
        Err(error) => (RunStatus::Failed, Some(error.to_string())),
    };
    intake.end(status, reason).await
}

async fn take_all(ground: &Ground, intake: &mut Intake, run: RunRow) -> Result<()> {
    let mut after = (String::new(), String::new());
    loop {
        let (run, from) = (run.clone(), after.clone());
        let rows = ground.db.read(move |conn| store::open_rejects(conn, &run, &from, ROWS)).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.row_key.clone(), last.code.clone());
        let rows = rows.iter().map(|row| serde_json::from_str(&row.raw)).collect::<std::result::Result<Vec<_>, _>>()?;
        intake.take(rows).await?;
        intake.settle().await?;
    }
}
