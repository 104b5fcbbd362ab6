//! Schools over HTTP: register, read, change, remove; their majors stand in `majors`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::types::SchoolId;
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, hidden_unless, merged, tagged};
use crate::lexicon::{Lexicon, asked_area};
use crate::schools::majors;
use crate::schools::model::{NewSchool, SchoolBody, SchoolRow, SchoolView};
use crate::schools::store::{self, Filter};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(remove);
    majors::routes(config);
}

/// What a list of schools is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// A city or district, by code, prefix or name.
    city: Option<String>,
    /// A part of the name.
    q: Option<String>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Lists schools.
#[utoipa::path(tag = "schools", operation_id = "list_schools", params(ListQuery),
    responses((status = 200, description = "学校", body = Page<SchoolView>), Failures))]
#[get("/schools")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    query: Query<ListQuery>,
) -> Result<Json<Page<SchoolView>>> {
    let ListQuery { city, q, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<SchoolId>()?);
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?;
    let filter = Filter { area: area.map(|area| area.prefix().to_owned()), name: q };
    let (rows, total) = db.read(move |conn| store::page(conn, &filter, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(row.into())).map(Json)
}

/// Registers a school.
#[utoipa::path(tag = "schools", operation_id = "create_school", request_body = SchoolBody,
    responses((status = 201, description = "已登记", body = SchoolView), Failures))]
#[post("/schools")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<SchoolBody>,
) -> Result<HttpResponse> {
    let new = NewSchool::parse(body.0, &lexicon, &config.region)?;
    if !caller.governs(Some(new.city())) {
        return Err(Error::Forbidden);
    }
    let row = db.write(move |conn| store::insert(conn, *now, &caller, new)).await?;
    Ok(created(&format!("/v1/schools/{}", row.id), row.revision, &SchoolView::from(row)))
}

/// Reads a school.
#[utoipa::path(tag = "schools", operation_id = "get_school", params(("id" = SchoolId, Path)),
    responses((status = 200, description = "学校", body = SchoolView), Failures))]
#[get("/schools/{id}")]
async fn read(db: Data<Db>, id: Id<SchoolId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| store::load(conn, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &SchoolView::from(row)))
}

/// Reads a school that is the caller's: its own, or one of its city.
pub fn yours(conn: &mut DbConn, caller: &Caller, id: &SchoolId) -> Result<SchoolRow> {
    let row = store::load(conn, id)?;
    hidden_unless(caller.is_school(Some(&row.id)) || caller.governs(Some(&row.city)), "school")?;
    Ok(row)
}

/// Changes a school; only its office moves it to another city.
#[utoipa::path(tag = "schools", operation_id = "update_school", params(("id" = SchoolId, Path)),
    request_body(content = SchoolBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = SchoolView), Failures))]
#[patch("/schools/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<SchoolId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            revision.check(row.revision)?;
            let new = NewSchool::parse(merged(&row.body(), &body.0)?, &lexicon, &config.region)?;
            if new.city() != row.city && !caller.governs(Some(new.city())) {
                return Err(Error::Forbidden);
            }
            let row = row.changed(*now, new);
            store::save(conn, *now, &caller, &row)?;
            Ok(row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &SchoolView::from(row)))
}

/// Removes a school that nothing hangs on.
#[utoipa::path(tag = "schools", operation_id = "delete_school", params(("id" = SchoolId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/schools/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<SchoolId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        store::delete(conn, *now, &caller, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
