//! Fairs over HTTP: plan, read, change, take through their states; and as calendars (RFC 5545).

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::schema::fairs;
use crate::db::types::{FairId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::arrangement;
use crate::fairs::ics;
use crate::fairs::life::{self, FairStatus, Kind};
use crate::fairs::model::{FairBody, FairRow, FairView};
use crate::fairs::store::{self, Filter, Place, is_yours};
use crate::fairs::venues;
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::lexicon::{Lexicon, asked_area};
use crate::schools;

/// How many fairs a calendar shows at most.
const CALENDAR_FAIRS_MAX: i64 = 1_000;
/// How far back a calendar reaches, in seconds.
const CALENDAR_BACK_S: i64 = 365 * 24 * 3600;

/// Mounts the routes of fairs.
pub fn routes(config: &mut ServiceConfig) {
    config.service(calendar_of_all).service(calendar_of_one).service(calendar_of_school);
    config.service(list).service(create).service(read).service(change).service(remove).service(transition);
}

/// What a list of fairs is narrowed to.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// A city, by code, prefix or name.
    city: Option<String>,
    /// The school where they are held.
    school: Option<SchoolId>,
    /// Which kind.
    kind: Option<Kind>,
    /// Where they stand.
    status: Option<FairStatus>,
    /// Those that end after this instant.
    from: Option<Timestamp>,
    /// Those that begin before this instant.
    to: Option<Timestamp>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

impl ListQuery {
    fn filter(&self, lexicon: &Lexicon, region: &str) -> Result<Filter> {
        let area = asked_area(&lexicon.places, region, self.city.as_deref())?.map(|area| area.city().prefix().to_owned());
        let school = self.school.clone();
        Ok(Filter { area, school, kind: self.kind, status: self.status, from: self.from, to: self.to })
    }
}

/// Lists fairs by their beginning.
#[utoipa::path(tag = "fairs", operation_id = "list_fairs", params(ListQuery),
    responses((status = 200, description = "招聘会", body = Page<FairView>), Failures))]
#[get("/fairs")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    config: Data<Config>,
    caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<FairView>>> {
    let filter = query.0.filter(&lexicon, &config.region)?;
    let paging = PageQuery { limit: query.0.limit, cursor: query.0.cursor };
    let (limit, after) = (paging.limit()?, paging.after::<Place>()?);
    let asks = caller.clone();
    let (rows, total) = db.read(move |conn| store::page(conn, &asks, &filter, after, i64::from(limit) + 1)).await?;
    let view = |row: FairRow| {
        let own = is_yours(&caller, &row);
        FairView::of(row, &calendar, own)
    };
    Page::from_rows(rows, limit, total, |row| (row.starts_at, row.id.clone()), view).map(Json)
}

/// Writes a fair down as a draft.
#[utoipa::path(tag = "fairs", operation_id = "create_fair", request_body = FairBody,
    responses((status = 201, description = "草稿已建立", body = FairView), Failures))]
#[post("/fairs")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<FairBody>,
) -> Result<HttpResponse> {
    let body = body.0.parse(&lexicon, &config.region)?;
    let row = db.write(move |conn| create_fair(conn, *now, &caller, body)).await?;
    Ok(created(&format!("/v1/fairs/{}", row.id), row.revision, &FairView::of(row, &calendar, true)?))
}

/// Writes a fair down as a draft: a school for itself, a bureau for its city.
pub fn create_fair(conn: &mut DbConn, now: Timestamp, caller: &Caller, mut body: FairBody) -> Result<FairRow> {
    if caller.role == Role::School {
        body.school = caller.school.clone();
    }
    store::check_places(conn, &body.city, body.school.as_ref(), body.venue.as_ref())?;
    let row = body.row(now)?;
    let filing = serde_json::to_string(&row.filing()?.with_terms(None, &row))?;
    let row = FairRow { filing, ..row };
    if !is_yours(caller, &row) {
        return Err(Error::Forbidden);
    }
    store::insert(conn, now, caller, &row)?;
    Ok(row)
}

/// Reads a fair.
#[utoipa::path(tag = "fairs", operation_id = "get_fair", params(("id" = FairId, Path)),
    responses((status = 200, description = "招聘会", body = FairView), Failures))]
#[get("/fairs/{id}")]
async fn read(db: Data<Db>, calendar: Data<Calendar>, caller: Caller, id: Id<FairId>) -> Result<HttpResponse> {
    let asks = caller.clone();
    let row = db.read(move |conn| store::visible(conn, &asks, &id.0)).await?;
    let (revision, own) = (row.revision, is_yours(&caller, &row));
    let view = FairView::of(row, &calendar, own)?;
    match own {
        true => Ok(tagged(StatusCode::OK, revision, &view)),
        false => Ok(HttpResponse::Ok().json(view)),
    }
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &FairId, revision: &IfMatch) -> Result<FairRow> {
    let row = store::lock(conn, id)?;
    hidden_unless(is_yours(caller, &row), "fair")?;
    revision.check(row.revision)?;
    Ok(row)
}

/// Changes a fair that is not over.
#[utoipa::path(tag = "fairs", operation_id = "update_fair", params(("id" = FairId, Path)),
    request_body(content = FairBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = FairView), Failures))]
#[patch("/fairs/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0, &revision)?;
            let wanted: FairBody = merged(&row.body()?, &body.0)?;
            edit(conn, *now, &caller, row, wanted.parse(&lexicon, &config.region)?)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &FairView::of(row, &calendar, true)?))
}

fn edit(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: FairRow, wanted: FairBody) -> Result<FairRow> {
    use FairStatus::{Cancelled, Finished, InProgress, Reported};
    let filed_only = FairBody { filing: wanted.filing.clone(), ..row.body()? };
    let over = matches!(row.status, Cancelled | Reported);
    let begun = matches!(row.status, InProgress | Finished);
    if over || begun && serde_json::to_value(&filed_only)? != serde_json::to_value(&wanted)? {
        let zh = format!("招聘会现为 {}，不能修改", row.status);
        return Err(Error::conflict("ended", zh, format!("the fair is {} and cannot be changed", row.status)));
    }
    store::check_places(conn, &wanted.city, wanted.school.as_ref(), wanted.venue.as_ref())?;
    let moved = (row.starts_at, row.ends_at) != (wanted.starts_at, wanted.ends_at);
    let row = row.changed(now, wanted)?;
    if !is_yours(caller, &row) {
        return Err(Error::Forbidden);
    }
    if matches!(row.status, FairStatus::Published | FairStatus::RegistrationClosed) {
        let refusals = life::permit_refusals(&row, &row.filing()?);
        if !refusals.is_empty() {
            return Err(Error::Invalid(refusals));
        }
    }
    store::save(conn, now, caller, &row, "fairs.change")?;
    if moved {
        store::forget_interviews(conn, &row.id)?;
    }
    arrangement::follow(conn, now, &row)?;
    Ok(row)
}

/// Removes a draft; what was ever handed in is called off instead.
#[utoipa::path(tag = "fairs", operation_id = "delete_fair", params(("id" = FairId, Path)),
    responses((status = 204, description = "草稿已删除"), Failures))]
#[delete("/fairs/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0, &revision)?;
        if row.status != FairStatus::Draft {
            return Err(Error::conflict(
                "not_a_draft",
                "只能删除草稿，请改为取消",
                "only a draft can be deleted; cancel it instead",
            ));
        }
        diesel::delete(fairs::table.find(&row.id)).execute(conn)?;
        store::record(conn, *now, &caller, "fairs.delete", &format!("fair:{}", row.id))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A step of a fair.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FairTransition {
    /// Where it shall stand.
    to: FairStatus,
    /// Why.
    reason: Option<String>,
}

/// Takes a fair one step further; a gate that is shut names everything that is missing.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_transition", params(("id" = FairId, Path)),
    request_body = FairTransition, responses((status = 200, description = "状态已改变", body = FairView), Failures))]
#[post("/fairs/{id}/transitions")]
async fn transition(
    db: Data<Db>,
    calendar: Data<Calendar>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    revision: IfMatch,
    body: Body<FairTransition>,
) -> Result<HttpResponse> {
    let FairTransition { to, reason } = body.0;
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0, &revision)?;
            store::transit(conn, *now, &caller, row, to, reason)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &FairView::of(row, &calendar, true)?))
}

/// Gives all announced fairs as a calendar, with the filters of the list.
#[utoipa::path(tag = "fairs", operation_id = "get_fairs_calendar", params(ListQuery),
    responses((status = 200, description = "日历", body = String, content_type = "text/calendar"), Failures))]
#[get("/fairs.ics")]
async fn calendar_of_all(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    now: Now,
    query: Query<ListQuery>,
) -> Result<HttpResponse> {
    let filter = query.0.filter(&lexicon, &config.region)?;
    let filter = Filter { from: filter.from.or(Some(now.plus_seconds(-CALENDAR_BACK_S))), ..filter };
    let events = db.read(move |conn| events(conn, &filter)).await?;
    Ok(ics::answer(ics::calendar("山东手造校园招聘会", &events, ics::Method::Publish, &config.public_url)))
}

/// Gives the fairs of a school as a calendar.
#[utoipa::path(tag = "fairs", operation_id = "get_school_fairs_calendar", params(("id" = SchoolId, Path)),
    responses((status = 200, description = "日历", body = String, content_type = "text/calendar"), Failures))]
#[get("/schools/{id}/fairs.ics")]
async fn calendar_of_school(db: Data<Db>, config: Data<Config>, now: Now, id: Id<SchoolId>) -> Result<HttpResponse> {
    let (name, events) = db
        .read(move |conn| {
            let school = schools::load(conn, &id.0)?;
            let from = Some(now.plus_seconds(-CALENDAR_BACK_S));
            Ok((school.name, events(conn, &Filter { school: Some(school.id), from, ..Filter::default() })?))
        })
        .await?;
    Ok(ics::answer(ics::calendar(&format!("{name}招聘会"), &events, ics::Method::Publish, &config.public_url)))
}

/// Gives one fair as a calendar; called off, it takes itself back.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_calendar", params(("id" = FairId, Path)),
    responses((status = 200, description = "日历", body = String, content_type = "text/calendar"), Failures))]
#[get("/fairs/{id}.ics")]
async fn calendar_of_one(db: Data<Db>, config: Data<Config>, caller: Caller, id: Id<FairId>) -> Result<HttpResponse> {
    let event = db
        .read(move |conn| {
            let row = store::visible(conn, &caller, &id.0)?;
            event(conn, row)
        })
        .await?;
    let method = match event.certainty {
        ics::Certainty::Cancelled => ics::Method::Cancel,
        _ => ics::Method::Publish,
    };
    let title = event.summary.clone();
    Ok(ics::answer(ics::calendar(&title, &[event], method, &config.public_url)))
}

fn events(conn: &mut DbConn, filter: &Filter) -> Result<Vec<ics::Event>> {
    let (rows, _) = store::page(conn, &Caller::anonymous(), filter, None, CALENDAR_FAIRS_MAX)?;
    rows.into_iter().map(|row| event(conn, row)).collect()
}

fn event(conn: &mut DbConn, fair: FairRow) -> Result<ics::Event> {
    let place = place(conn, &fair)?;
    Ok(ics::Event::of_fair(fair, place))
}

/// Words where a fair is held.
pub fn place(conn: &mut DbConn, fair: &FairRow) -> Result<Option<String>> {
    let venue = fair.venue_id.as_ref().map(|id| venues::load(conn, id)).transpose()?;
    Ok(venue.map(|venue| [Some(venue.name), venue.address].into_iter().flatten().collect::<Vec<_>>().join("，")))
}
