//! Training orders over HTTP: offered, signed by the other side, taught, finished.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::types::{EmployerId, SchoolId, Timestamp, TrainingOrderId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::lexicon::{AreaCode, Lexicon, asked_area};
use crate::schools;
use crate::training::life::{Class, OrderStatus, Side};
use crate::training::model::{OrderBody, OrderRow, OrderView};
use crate::training::store::{self, Filter};
use crate::training::trainees;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(remove).service(transition);
    trainees::routes(config);
}

/// What a list of orders is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// The city of the school, by code, prefix or name.
    city: Option<String>,
    /// The ordering employer.
    employer: Option<EmployerId>,
    /// The school.
    school: Option<SchoolId>,
    /// Where they stand.
    status: Option<OrderStatus>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Lists the orders of the own school, the own employer, the own city, or all.
#[utoipa::path(tag = "training", operation_id = "list_training_orders", params(ListQuery),
    responses((status = 200, description = "培训订单", body = Page<OrderView>), Failures))]
#[get("/training-orders")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    query: Query<ListQuery>,
) -> Result<Json<Page<OrderView>>> {
    let ListQuery { city, employer, school, status, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<TrainingOrderId>()?);
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?.map(|area| area.prefix().to_owned());
    let Some(filter) = within(&caller, Filter { employer, school, area, status }) else {
        return Ok(Json(Page { items: Vec::new(), next_cursor: None, total: 0 }));
    };
    let (rows, total, classes) = db
        .read(move |conn| {
            let (rows, total) = store::page(conn, &filter, after, i64::from(limit) + 1)?;
            let ids: Vec<TrainingOrderId> = rows.iter().map(|row| row.id.clone()).collect();
            Ok((rows, total, store::classes(conn, &ids)?))
        })
        .await?;
    let view = |row: OrderRow| {
        let class = classes.get(&row.id).copied().unwrap_or_default();
        OrderView::of(row, class, now.day())
    };
    Page::from_rows(rows, limit, total, |row| row.id.clone(), view).map(Json)
}

/// Narrows a list to what is the caller's; none where nothing of what was asked for is.
fn within(caller: &Caller, asked: Filter) -> Option<Filter> {
    match caller.role {
        Role::School => {
            let own = caller.school.clone()?;
            asked.school.as_ref().is_none_or(|school| *school == own).then_some(Filter { school: Some(own), ..asked })
        }
        Role::Employer => {
            let own = caller.employer.clone()?;
            asked.employer.as_ref().is_none_or(|employer| *employer == own).then_some(Filter { employer: Some(own), ..asked })
        }
        Role::Bureau => {
            let own = caller.city.as_deref()?.get(..4)?.to_owned();
            match &asked.area {
                Some(area) if area.starts_with(&own) => Some(asked),
                Some(area) if !own.starts_with(area.as_str()) => None,
                _ => Some(Filter { area: Some(own), ..asked }),
            }
        }
        _ => Some(asked),
    }
}

/// Offers a training order: an employer to a school, a school to an employer, or an office for both.
///
/// The promised pay must reach the minimum wage where the employer is. Nothing that trainees would have to pay can be said.
#[utoipa::path(tag = "training", operation_id = "create_training_order", request_body = OrderBody,
    responses((status = 201, description = "已提出，待对方确认", body = OrderView), Failures))]
#[post("/training-orders")]
async fn create(db: Data<Db>, lexicon: Data<Lexicon>, caller: Caller, now: Now, body: Body<OrderBody>) -> Result<HttpResponse> {
    let body = body.0.parse(&lexicon)?;
    let row = db.write(move |conn| offer(conn, *now, &caller, body, &lexicon)).await?;
    let (at, revision) = (format!("/v1/training-orders/{}", row.id), row.revision);
    Ok(created(&at, revision, &OrderView::of(row, Class::default(), now.day())?))
}

fn offer(conn: &mut DbConn, now: Timestamp, caller: &Caller, mut body: OrderBody, lexicon: &Lexicon) -> Result<OrderRow> {
    let side = side_of(caller);
    match side {
        Side::Employer => body.employer = Some(own(body.employer.take(), caller.employer.as_ref())?),
        Side::School => body.school = Some(own(body.school.take(), caller.school.as_ref())?),
        Side::Office => {}
    }
    let missing = |pointer: &str| Error::invalid(pointer.to_owned(), "missing", "须填写", "is wanted");
    let employer = body.employer.clone().ok_or_else(|| missing("/employer"))?;
    let school = body.school.clone().ok_or_else(|| missing("/school"))?;
    let unknown = || Error::invalid("/school", "unknown_school", "没有这所学校", "no such school");
    let city = schools::city_of(conn, &school)?.ok_or_else(unknown)?;
    if side == Side::Office && !caller.governs(Some(&city)) {
        return Err(Error::Forbidden);
    }
    enough(conn, &employer, &body, lexicon)?;
    let row = OrderRow::new(now, &body, (employer, school), city, side)?;
    store::insert(conn, now, caller, &row)?;
    Ok(row)
}

/// Gives the caller's own, which need not be said and cannot be said otherwise.
fn own<T: Clone + PartialEq>(said: Option<T>, own: Option<&T>) -> Result<T> {
    own.filter(|own| said.is_none_or(|said| said == **own)).cloned().ok_or(Error::Forbidden)
}

fn side_of(caller: &Caller) -> Side {
    match caller.role {
        Role::Employer => Side::Employer,
        Role::School => Side::School,
        _ => Side::Office,
    }
}

/// Refuses pay below the minimum wage where the employer is, as of the first day.
fn enough(conn: &mut DbConn, employer: &EmployerId, body: &OrderBody, lexicon: &Lexicon) -> Result<()> {
    let area = store::city_of_employer(conn, employer)?.and_then(|code| AreaCode::parse(&code));
    let wage = area.and_then(|area| lexicon.wages.at(&area, body.starts_on));
    match wage {
        Some(wage) if body.promised_wage_min < wage.monthly => {
            let (zh, en) =
                (format!("低于当地最低工资标准 {} 元/月", wage.monthly), format!("below the minimum wage of {}", wage.monthly));
            Err(Error::invalid("/promised_wage_min", "below_minimum_wage", zh, en))
        }
        _ if body.promised_wage_min <= 0 => {
            Err(Error::invalid("/promised_wage_min", "out_of_range", "须为正数", "is not above 0"))
        }
        _ => Ok(()),
    }
}

/// Reads an order that is the caller's: of the own employer, of the own school, or of a school of the own city.
pub fn yours(conn: &mut DbConn, caller: &Caller, id: &TrainingOrderId) -> Result<OrderRow> {
    let row = store::load(conn, id)?;
    let own = caller.is_employer(Some(&row.employer_id)) || caller.is_school(Some(&row.school_id));
    hidden_unless(own || caller.governs(Some(&row.city)), "training_order")?;
    Ok(row)
}

fn shown(conn: &mut DbConn, row: OrderRow, now: Timestamp) -> Result<OrderView> {
    let class = store::classes(conn, std::slice::from_ref(&row.id))?.get(&row.id).copied().unwrap_or_default();
    OrderView::of(row, class, now.day())
}

/// Reads a training order.
#[utoipa::path(tag = "training", operation_id = "get_training_order", params(("id" = TrainingOrderId, Path)),
    responses((status = 200, description = "培训订单", body = OrderView), Failures))]
#[get("/training-orders/{id}")]
async fn read(db: Data<Db>, caller: Caller, now: Now, id: Id<TrainingOrderId>) -> Result<HttpResponse> {
    let found = db.read(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        Ok((row.revision, shown(conn, row, *now)?))
    });
    let (revision, view) = found.await?;
    Ok(tagged(StatusCode::OK, revision, &view))
}

/// Refuses to touch what both sides have agreed on.
fn still_open(row: &OrderRow) -> Result<()> {
    match row.status {
        OrderStatus::Intended => Ok(()),
        status => {
            let zh = format!("订单现为 {status}，内容不能再改");
            Err(Error::conflict("agreed", zh, format!("the order is {status}, its terms stand")))
        }
    }
}

/// Changes the terms of an order that is not signed yet.
#[utoipa::path(tag = "training", operation_id = "update_training_order", params(("id" = TrainingOrderId, Path)),
    request_body(content = OrderBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = OrderView), Failures))]
#[patch("/training-orders/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<TrainingOrderId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db.write(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        still_open(&row)?;
        let new = merged(&row.body()?, &body.0)?.parse(&lexicon)?;
        edit(conn, *now, &caller, row, &new, &lexicon)
    });
    let row = row.await?;
    Ok(tagged(StatusCode::OK, row.revision, &OrderView::of(row, Class::default(), now.day())?))
}

/// Writes other terms; who made them is who offers them now, and between whom the order is stays.
fn edit(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    row: OrderRow,
    new: &OrderBody,
    lexicon: &Lexicon,
) -> Result<OrderRow> {
    if new.employer.as_ref() != Some(&row.employer_id) || new.school.as_ref() != Some(&row.school_id) {
        return Err(Error::invalid("/employer", "fixed", "订单双方不能更改", "between whom an order is does not change"));
    }
    enough(conn, &row.employer_id, new, lexicon)?;
    let row = OrderRow { offered_by: side_of(caller), ..row.changed(now, new)? };
    store::save(conn, now, caller, &row)?;
    Ok(row)
}

/// Removes an order that is not signed yet.
#[utoipa::path(tag = "training", operation_id = "delete_training_order", params(("id" = TrainingOrderId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/training-orders/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<TrainingOrderId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        still_open(&row)?;
        store::delete(conn, *now, &caller, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What an order shall become.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TrainingOrderTransition {
    to: OrderStatus,
    /// Why, where it is given up.
    reason: Option<String>,
}

/// Takes an order a step on: signed by the side that did not offer it, in training, finished, placed, or given up.
#[utoipa::path(tag = "training", operation_id = "create_training_order_transition", params(("id" = TrainingOrderId, Path)),
    request_body = TrainingOrderTransition, responses((status = 200, description = "状态已变更", body = OrderView), Failures))]
#[post("/training-orders/{id}/transitions")]
async fn transition(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<TrainingOrderId>,
    revision: IfMatch,
    body: Body<TrainingOrderTransition>,
) -> Result<HttpResponse> {
    let TrainingOrderTransition { to, reason } = body.0;
    let moved = db.write(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        let class = store::classes(conn, std::slice::from_ref(&row.id))?.get(&row.id).copied().unwrap_or_default();
        row.status.step(to, side_of(&caller), row.offered_by, class)?;
        let row = row.moved(*now, to, reason);
        store::save(conn, *now, &caller, &row)?;
        Ok((row, class))
    });
    let (row, class) = moved.await?;
    Ok(tagged(StatusCode::OK, row.revision, &OrderView::of(row, class, now.day())?))
}
