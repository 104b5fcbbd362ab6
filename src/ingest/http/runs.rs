//! Runs and what they rejected, over HTTP.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use serde_json::Value;

use crate::db::Db;
use crate::db::types::{IngestRunId, SourceId};
use crate::error::{Error, Result};
use crate::http::{Failures, Id, Now, Page, PageQuery, Query};
use crate::ingest::model::{RejectRow, RunRow, RunView};
use crate::ingest::reading::Extent;
use crate::ingest::replay as again;
use crate::ingest::run::{Ground, Intake};
use crate::ingest::store;

/// A row that was not taken, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RejectView {
    place: i64,
    reference: Option<String>,
    code: String,
    detail: String,
    raw: Value,
    /// How often it was rejected for this reason.
    times: i64,
    first_run: IngestRunId,
    last_run: IngestRunId,
    /// The run that has taken it since.
    resolved_run: Option<IngestRunId>,
}

impl RejectView {
    fn of(row: RejectRow) -> Result<RejectView> {
        let RejectRow { source_id: _, row_key: _, code, reference, detail, raw, place, times, .. } = row;
        let (first_run, last_run, resolved_run) = (row.first_run_id, row.last_run_id, row.resolved_run_id);
        let raw = serde_json::from_str(&raw)?;
        Ok(RejectView { place, reference, code, detail, raw, times, first_run, last_run, resolved_run })
    }
}

/// Starts a run over a source; it goes on by itself.
#[utoipa::path(tag = "ingest", operation_id = "create_ingest_run", params(("id" = SourceId, Path)),
    responses((status = 202, description = "采集已开始", body = RunView), Failures))]
#[post("/sources/{id}/runs")]
pub async fn start(db: Data<Db>, ground: Data<Ground>, now: Now, id: Id<SourceId>) -> Result<HttpResponse> {
    let source = db.read(move |conn| store::source(conn, &id.0)).await?;
    if source.url.is_none() {
        return Err(Error::invalid("/url", "no_url", "此来源没有地址", "the source has no URL"));
    }
    let extent = Extent::usual(&source);
    let intake = Intake::begin(&ground, source, now.0).await?;
    let view = RunView::of(intake.row().clone())?;
    tokio::spawn(async move { told(intake.follow(extent).await) });
    accepted(view)
}

/// Runs the rejects of a run again, those that no run has taken since; it goes on by itself.
#[utoipa::path(tag = "ingest", operation_id = "replay_ingest_run", params(("id" = IngestRunId, Path)),
    responses((status = 202, description = "重放已开始", body = RunView), Failures))]
#[post("/ingest-runs/{id}/replays")]
pub async fn replay(db: Data<Db>, ground: Data<Ground>, now: Now, id: Id<IngestRunId>) -> Result<HttpResponse> {
    let (run, source) = db
        .read(move |conn| {
            let run = store::run(conn, &id.0)?;
            let source = store::source(conn, &run.source_id)?;
            Ok((run, source))
        })
        .await?;
    let intake = again::begin(&ground, source, &run, now.0).await?;
    let view = RunView::of(intake.row().clone())?;
    tokio::spawn(async move { told(again::follow(&ground, intake, run).await) });
    accepted(view)
}

fn told(ended: Result<RunRow>) {
    if let Err(error) = ended {
        tracing::error!("a run could not be ended: {error}");
    }
}

fn accepted(view: RunView) -> Result<HttpResponse> {
    let location = format!("/v1/ingest-runs/{}", view.id);
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(view))
}

/// Lists runs, newest first.
#[utoipa::path(tag = "ingest", operation_id = "list_ingest_runs", params(PageQuery),
    responses((status = 200, description = "采集记录", body = Page<RunView>), Failures))]
#[get("/ingest-runs")]
pub async fn list_runs(db: Data<Db>, query: Query<PageQuery>) -> Result<Json<Page<RunView>>> {
    let (limit, before) = (query.0.limit()?, query.0.after::<IngestRunId>()?);
    let (rows, total) = db.read(move |conn| store::run_page(conn, before, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), RunView::of).map(Json)
}

/// Reads a run.
#[utoipa::path(tag = "ingest", operation_id = "get_ingest_run", params(("id" = IngestRunId, Path)),
    responses((status = 200, description = "采集记录", body = RunView), Failures))]
#[get("/ingest-runs/{id}")]
pub async fn read_run(db: Data<Db>, id: Id<IngestRunId>) -> Result<Json<RunView>> {
    let row = db.read(move |conn| store::run(conn, &id.0)).await?;
    RunView::of(row).map(Json)
}

/// Lists the rows of a run that were not taken.
#[utoipa::path(tag = "ingest", operation_id = "list_ingest_rejects", params(("id" = IngestRunId, Path), PageQuery),
    responses((status = 200, description = "未采用的数据行", body = Page<RejectView>), Failures))]
#[get("/ingest-runs/{id}/rejects")]
pub async fn list_rejects(db: Data<Db>, id: Id<IngestRunId>, query: Query<PageQuery>) -> Result<Json<Page<RejectView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<(i64, String, String)>()?);
    let (rows, total) = db
        .read(move |conn| {
            let run = store::run(conn, &id.0)?;
            store::reject_page(conn, &run, after, i64::from(limit) + 1)
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| (row.place, row.row_key.clone(), row.code.clone()), RejectView::of).map(Json)
}
