//! Sources over HTTP.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Serialize;
use serde_json::Value;

use crate::db::Db;
use crate::db::types::{SourceId, Timestamp};
use crate::error::Result;
use crate::http::{Body, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, tagged};
use crate::ingest::model::{SourceBody, SourceRow};
use crate::ingest::store;

/// A source as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SourceView {
    id: SourceId,
    #[serde(flatten)]
    source: SourceBody,
    next_due_at: Option<Timestamp>,
    snapshot_at: Option<Timestamp>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SourceView {
    fn of(row: SourceRow) -> Result<SourceView> {
        let source = row.body()?;
        let SourceRow { id, next_due_at, snapshot_at, revision, created_at, updated_at, .. } = row;
        Ok(SourceView { id, source, next_due_at, snapshot_at, revision, created_at, updated_at })
    }
}

/// Lists sources.
#[utoipa::path(tag = "ingest", operation_id = "list_sources", params(PageQuery),
    responses((status = 200, description = "来源", body = Page<SourceView>), Failures))]
#[get("/sources")]
pub async fn list(db: Data<Db>, query: Query<PageQuery>) -> Result<Json<Page<SourceView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<SourceId>()?);
    let (rows, total) = db.read(move |conn| store::source_page(conn, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), SourceView::of).map(Json)
}

/// Adds a source.
#[utoipa::path(tag = "ingest", operation_id = "create_source", request_body = SourceBody,
    responses((status = 201, description = "来源已添加", body = SourceView), Failures))]
#[post("/sources")]
pub async fn create(db: Data<Db>, now: Now, body: Body<SourceBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| store::add_source(conn, now.0, &body.0)).await?;
    Ok(created(&format!("/v1/sources/{}", row.id), row.revision, &SourceView::of(row)?))
}

/// Reads a source.
#[utoipa::path(tag = "ingest", operation_id = "get_source", params(("id" = SourceId, Path)),
    responses((status = 200, description = "来源", body = SourceView), Failures))]
#[get("/sources/{id}")]
pub async fn read(db: Data<Db>, id: Id<SourceId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| store::source(conn, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &SourceView::of(row)?))
}

/// Changes a source by a JSON merge patch (RFC 7396).
#[utoipa::path(tag = "ingest", operation_id = "update_source", params(("id" = SourceId, Path)), request_body(content = SourceBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = SourceView), Failures))]
#[patch("/sources/{id}")]
pub async fn change(db: Data<Db>, now: Now, id: Id<SourceId>, revision: IfMatch, patch: Body<Value>) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = store::source(conn, &id.0)?;
            revision.check(row.revision)?;
            store::change_source(conn, now.0, row, &patch.0)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &SourceView::of(row)?))
}

/// Removes a source; its vacancies stay.
#[utoipa::path(tag = "ingest", operation_id = "delete_source", params(("id" = SourceId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/sources/{id}")]
pub async fn remove(db: Data<Db>, id: Id<SourceId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = store::source(conn, &id.0)?;
        revision.check(row.revision)?;
        store::remove_source(conn, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
