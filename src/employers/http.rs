//! Employers over HTTP: register, read, change, be checked by the bureau.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts;
use crate::config::Config;
use crate::db::types::{EmployerId, Timestamp};
use crate::db::{Db, DbConn};
use crate::employers::model::{EmployerBody, EmployerRow, EmployerView, Eyes, NewEmployer, VerificationBody};
use crate::employers::store::{self, Filter};
use crate::error::{Error, Result};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::lexicon::{Lexicon, asked_area};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(remove).service(verify);
}

/// What a list of employers is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// A city or district, by code, prefix or name.
    city: Option<String>,
    /// A part of the name.
    q: Option<String>,
    /// Whether a bureau has checked them.
    verified: Option<bool>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Lists employers.
#[utoipa::path(tag = "employers", operation_id = "list_employers", params(ListQuery),
    responses((status = 200, description = "用人单位", body = Page<EmployerView>), Failures))]
#[get("/employers")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<EmployerView>>> {
    let ListQuery { city, q, verified, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<EmployerId>()?);
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?;
    let filter = Filter { area: area.map(|area| area.prefix().to_owned()), name: q, verified };
    let (rows, total) = db.read(move |conn| store::page(conn, &filter, after, i64::from(limit) + 1)).await?;
    let view = |row: EmployerRow| {
        let eyes = eyes(&caller, &row);
        EmployerView::of(row, eyes)
    };
    Page::from_rows(rows, limit, total, |row| row.id.clone(), view).map(Json)
}

fn is_yours(caller: &Caller, row: &EmployerRow) -> bool {
    caller.is_employer(Some(&row.id)) || caller.governs(row.city.as_deref())
}

fn eyes(caller: &Caller, row: &EmployerRow) -> Eyes {
    if is_yours(caller, row) { Eyes::Own } else { Eyes::Public }
}

/// Registers an employer; an employer's account that has none yet is bound to it.
#[utoipa::path(tag = "employers", operation_id = "create_employer", request_body = EmployerBody,
    responses((status = 201, description = "已登记，待核验", body = EmployerView), Failures))]
#[post("/employers")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<EmployerBody>,
) -> Result<HttpResponse> {
    let new = NewEmployer::parse(body.0, &lexicon, &config.region)?;
    let row = db.write(move |conn| register(conn, *now, &caller, new)).await?;
    Ok(created(&format!("/v1/employers/{}", row.id), row.revision, &EmployerView::of(row, Eyes::Own)?))
}

fn register(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewEmployer) -> Result<EmployerRow> {
    match caller.role {
        Role::Employer if caller.employer.is_some() => {
            return Err(Error::conflict("already_registered", "此账号已登记用人单位", "the account has its employer already"));
        }
        Role::Employer => {}
        _ if caller.governs(new.city()) => {}
        _ => return Err(Error::Forbidden),
    }
    let row = store::insert(conn, now, caller, new)?;
    if let (Role::Employer, Some(account)) = (caller.role, &caller.account) {
        accounts::bind_employer(conn, account, &row.id)?;
    }
    Ok(row)
}

/// Reads an employer.
#[utoipa::path(tag = "employers", operation_id = "get_employer", params(("id" = EmployerId, Path)),
    responses((status = 200, description = "用人单位", body = EmployerView), Failures))]
#[get("/employers/{id}")]
async fn read(db: Data<Db>, caller: Caller, id: Id<EmployerId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| store::load(conn, &id.0)).await?;
    let (revision, eyes) = (row.revision, eyes(&caller, &row));
    let view = EmployerView::of(row, eyes)?;
    match eyes {
        Eyes::Own => Ok(tagged(StatusCode::OK, revision, &view)),
        Eyes::Public => Ok(HttpResponse::Ok().json(view)),
    }
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &EmployerId, revision: &IfMatch) -> Result<EmployerRow> {
    let row = store::load(conn, id)?;
    hidden_unless(is_yours(caller, &row), "employer")?;
    revision.check(row.revision)?;
    Ok(row)
}

/// Changes an employer; another name or number has to be checked anew.
#[utoipa::path(tag = "employers", operation_id = "update_employer", params(("id" = EmployerId, Path)),
    request_body(content = EmployerBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = EmployerView), Failures))]
#[patch("/employers/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<EmployerId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0, &revision)?;
            let new = NewEmployer::parse(merged(&row.body(), &body.0)?, &lexicon, &config.region)?;
            let row = row.changed(*now, new);
            store::save(conn, *now, &caller, &row)?;
            Ok(row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &EmployerView::of(row, Eyes::Own)?))
}

/// Removes an employer that has neither vacancies nor booths.
#[utoipa::path(tag = "employers", operation_id = "delete_employer", params(("id" = EmployerId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/employers/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<EmployerId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0, &revision)?;
        store::delete(conn, *now, &caller, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Writes down that the bureau has looked at an employer, and what it found.
#[utoipa::path(tag = "employers", operation_id = "create_employer_verification", params(("id" = EmployerId, Path)),
    request_body = VerificationBody, responses((status = 200, description = "核验结果已记录", body = EmployerView), Failures))]
#[post("/employers/{id}/verifications")]
async fn verify(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<EmployerId>,
    revision: IfMatch,
    body: Body<VerificationBody>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0, &revision)?;
            store::verify(conn, *now, &caller, row, &body.0)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &EmployerView::of(row, Eyes::Own)?))
}
