//! Ingest over HTTP: sources, runs, rejects.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::Db;
use crate::db::types::{IngestRunId, SourceId, Timestamp};
use crate::error::{Error, Result};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, tagged};
use crate::ingest::import::{self, Destination, Sheet};
use crate::ingest::model::{RejectRow, RunStatus, RunView, SourceBody, SourceRow};
use crate::ingest::row::Reader;
use crate::ingest::run::{Ground, Intake, Receipt};
use crate::ingest::store;
use crate::lexicon::sheet;
use crate::vacancies::Talk;

/// The largest sheet that is taken in, in bytes.
const IMPORT_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(remove);
    config.service(start).service(push).service(import_vacancies).service(list_runs).service(read_run).service(list_rejects);
}

/// A source as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SourceView {
    id: SourceId,
    #[serde(flatten)]
    source: SourceBody,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SourceView {
    fn of(row: SourceRow) -> Result<SourceView> {
        let source = row.body()?;
        let SourceRow { id, revision, created_at, updated_at, .. } = row;
        Ok(SourceView { id, source, revision, created_at, updated_at })
    }
}

/// A row that was not taken, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RejectView {
    place: i64,
    reference: Option<String>,
    code: String,
    detail: String,
    raw: Value,
}

/// How far imported vacancies go.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// `draft` (when nothing is said) or `submitted`.
    #[serde(default = "draft")]
    to: Destination,
}

const fn draft() -> Destination {
    Destination::Draft
}

/// What became of the rows of a sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportView {
    created: usize,
    unchanged: usize,
    rejected: usize,
    receipts: Vec<Receipt>,
}

impl ImportView {
    fn of(receipts: Vec<Receipt>) -> ImportView {
        let count = |status: &str| receipts.iter().filter(|receipt| receipt.status == status).count();
        let (created, unchanged, rejected) = (count("created"), count("unchanged"), count("rejected"));
        ImportView { created, unchanged, rejected, receipts }
    }
}

/// Lists sources.
#[utoipa::path(tag = "ingest", operation_id = "list_sources", params(PageQuery),
    responses((status = 200, description = "来源", body = Page<SourceView>), Failures))]
#[get("/sources")]
async fn list(db: Data<Db>, query: Query<PageQuery>) -> Result<Json<Page<SourceView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<SourceId>()?);
    let (rows, total) = db.read(move |conn| store::source_page(conn, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), SourceView::of).map(Json)
}

/// Adds a source.
#[utoipa::path(tag = "ingest", operation_id = "create_source", request_body = SourceBody,
    responses((status = 201, description = "来源已添加", body = SourceView), Failures))]
#[post("/sources")]
async fn create(db: Data<Db>, now: Now, body: Body<SourceBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| store::add_source(conn, now.0, &body.0)).await?;
    Ok(created(&format!("/v1/sources/{}", row.id), row.revision, &SourceView::of(row)?))
}

/// Reads a source.
#[utoipa::path(tag = "ingest", operation_id = "get_source", params(("id" = SourceId, Path)),
    responses((status = 200, description = "来源", body = SourceView), Failures))]
#[get("/sources/{id}")]
async fn read(db: Data<Db>, id: Id<SourceId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| store::source(conn, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &SourceView::of(row)?))
}

/// Changes a source; the body says everything anew.
#[utoipa::path(tag = "ingest", operation_id = "update_source", params(("id" = SourceId, Path)), request_body = SourceBody,
    responses((status = 200, description = "已修改", body = SourceView), Failures))]
#[patch("/sources/{id}")]
async fn change(db: Data<Db>, now: Now, id: Id<SourceId>, revision: IfMatch, body: Body<SourceBody>) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = store::source(conn, &id.0)?;
            revision.check(row.revision)?;
            let row = row.changed(now.0, &body.0)?;
            store::save_source(conn, &row)?;
            Ok(row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &SourceView::of(row)?))
}

/// Removes a source; its vacancies stay.
#[utoipa::path(tag = "ingest", operation_id = "delete_source", params(("id" = SourceId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/sources/{id}")]
async fn remove(db: Data<Db>, id: Id<SourceId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = store::source(conn, &id.0)?;
        revision.check(row.revision)?;
        store::remove_source(conn, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Starts a run over a source; it goes on by itself.
#[utoipa::path(tag = "ingest", operation_id = "create_ingest_run", params(("id" = SourceId, Path)),
    responses((status = 202, description = "采集已开始", body = RunView), Failures))]
#[post("/sources/{id}/runs")]
async fn start(db: Data<Db>, ground: Data<Ground>, now: Now, id: Id<SourceId>) -> Result<HttpResponse> {
    let source = db.read(move |conn| store::source(conn, &id.0)).await?;
    if source.url.is_none() {
        return Err(Error::invalid("/url", "no_url", "此来源没有地址", "the source has no URL"));
    }
    let intake = Intake::begin(&ground, source, now.0).await?;
    let view = RunView::of(intake.row().clone())?;
    tokio::spawn(async move {
        if let Err(error) = intake.follow().await {
            tracing::error!("a run could not be ended: {error}");
        }
    });
    let location = format!("/v1/ingest-runs/{}", view.id);
    Ok(HttpResponse::Accepted().insert_header(("location", location)).json(view))
}

/// Takes NDJSON in and answers with one receipt a line.
#[utoipa::path(tag = "ingest", operation_id = "push_vacancies", params(("source" = String, Path)),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, description = "每行一个回执（NDJSON）", body = Receipt, content_type = "application/x-ndjson"), Failures))]
#[post("/ingest/{source}")]
async fn push(
    db: Data<Db>,
    ground: Data<Ground>,
    config: Data<Config>,
    now: Now,
    source: Path<String>,
    payload: actix_web::web::Payload,
) -> Result<HttpResponse> {
    let name = source.into_inner();
    let source = db.read(move |conn| store::find_source_by_name(conn, &name)).await?.ok_or(Error::NotFound("source"))?;
    let bytes = crate::http::collect(payload.into_inner(), config.body_bytes_max).await?;
    let rows = sheet::lines(&bytes);
    let mut intake = Intake::begin(&ground, source, now.0).await?.with_receipts();
    let taken = intake.take(rows).await;
    let receipts = intake.take_receipts();
    let (status, reason) = match &taken {
        Ok(()) => (RunStatus::Succeeded, None),
        Err(error) => (RunStatus::Failed, Some(error.to_string())),
    };
    intake.end(status, reason).await?;
    taken?;
    let lines = receipts.iter().map(serde_json::to_string).collect::<std::result::Result<Vec<String>, _>>()?;
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").body(format!("{}\n", lines.join("\n"))))
}

/// Takes a sheet of vacancies in (XLSX, CSV or NDJSON) and answers with one receipt a row; each becomes a draft, or is
/// handed in with `to=submitted`.
#[utoipa::path(tag = "vacancies", operation_id = "import_vacancies", params(ImportQuery),
    request_body(content(
        (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/x-ndjson"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "每行一个回执", body = ImportView), Failures))]
#[post("/vacancies/import")]
async fn import_vacancies(
    db: Data<Db>,
    ground: Data<Ground>,
    caller: Caller,
    now: Now,
    query: Query<ImportQuery>,
    payload: actix_web::web::Payload,
) -> Result<Json<ImportView>> {
    let bytes = crate::http::collect(payload.into_inner(), IMPORT_BYTES_MAX).await?;
    let receipts = db.write(move |conn| {
        let reader = Reader::default();
        let talk = Talk { lexicon: &ground.lexicon, region: &ground.region };
        let rows = import::rows_of(&bytes, &reader)?;
        import::import(conn, *now, &caller, Sheet { rows, reader: &reader, talk, to: query.0.to })
    });
    Ok(Json(ImportView::of(receipts.await?)))
}

/// Lists runs, newest first.
#[utoipa::path(tag = "ingest", operation_id = "list_ingest_runs", params(PageQuery),
    responses((status = 200, description = "采集记录", body = Page<RunView>), Failures))]
#[get("/ingest-runs")]
async fn list_runs(db: Data<Db>, query: Query<PageQuery>) -> Result<Json<Page<RunView>>> {
    let (limit, before) = (query.0.limit()?, query.0.after::<IngestRunId>()?);
    let (rows, total) = db.read(move |conn| store::run_page(conn, before, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), RunView::of).map(Json)
}

/// Reads a run.
#[utoipa::path(tag = "ingest", operation_id = "get_ingest_run", params(("id" = IngestRunId, Path)),
    responses((status = 200, description = "采集记录", body = RunView), Failures))]
#[get("/ingest-runs/{id}")]
async fn read_run(db: Data<Db>, id: Id<IngestRunId>) -> Result<Json<RunView>> {
    let row = db.read(move |conn| store::run(conn, &id.0)).await?;
    RunView::of(row).map(Json)
}

/// Lists the rows of a run that were not taken.
#[utoipa::path(tag = "ingest", operation_id = "list_ingest_rejects", params(("id" = IngestRunId, Path), PageQuery),
    responses((status = 200, description = "未采用的数据行", body = Page<RejectView>), Failures))]
#[get("/ingest-runs/{id}/rejects")]
async fn list_rejects(db: Data<Db>, id: Id<IngestRunId>, query: Query<PageQuery>) -> Result<Json<Page<RejectView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<i64>()?.unwrap_or(0));
    let (rows, total) = db
        .read(move |conn| {
            store::run(conn, &id.0)?;
            store::reject_page(conn, &id.0, after, i64::from(limit) + 1)
        })
        .await?;
    let view = |row: RejectRow| {
        let RejectRow { run_id: _, place, reference, code, detail, raw } = row;
        Ok(RejectView { place, reference, code, detail, raw: serde_json::from_str(&raw)? })
    };
    Page::from_rows(rows, limit, total, |row| row.place, view).map(Json)
}
