//! When is nothing held? Exam weeks and closures of a venue, a school or a city.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::schema::blackouts;
use crate::db::types::{BlackoutId, SchoolId, Timestamp, VenueId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::model::FairRow;
use crate::fairs::store::record;
use crate::fairs::venues;
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, hidden_unless};
use crate::lexicon::{Lexicon, located};
use crate::schools;

/// Mounts the routes of blackouts.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(remove);
}

/// A blackout as asked for; it names a venue, a school or a city.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlackoutBody {
    /// The venue.
    pub venue: Option<VenueId>,
    /// The school.
    pub school: Option<SchoolId>,
    /// The city, by code or name.
    pub city: Option<String>,
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// Why.
    pub reason: String,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = blackouts, treat_none_as_default_value = false)]
struct BlackoutRow {
    id: BlackoutId,
    venue_id: Option<VenueId>,
    school_id: Option<SchoolId>,
    city: Option<String>,
    first_day: NaiveDate,
    last_day: NaiveDate,
    reason: String,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A blackout as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct BlackoutView {
    id: BlackoutId,
    #[serde(flatten)]
    blackout: BlackoutBody,
    revision: i64,
    created_at: Timestamp,
}

impl From<BlackoutRow> for BlackoutView {
    fn from(row: BlackoutRow) -> BlackoutView {
        let BlackoutRow { id, venue_id, school_id, city, first_day, last_day, reason, revision, created_at, updated_at: _ } = row;
        let blackout = BlackoutBody { venue: venue_id, school: school_id, city, first_day, last_day, reason };
        BlackoutView { id, blackout, revision, created_at }
    }
}

/// Refuses a fair that lies on days on which nothing is held at its venue, its school or in its city.
pub fn refuse_closed_days(conn: &mut DbConn, fair: &FairRow) -> Result<()> {
    let (first, last) = (fair.starts_at.day(), fair.ends_at.day());
    let mut query = blackouts::table.filter(blackouts::first_day.le(last)).filter(blackouts::last_day.ge(first)).into_boxed();
    query = query.filter(
        blackouts::city.eq(&fair.city).or(blackouts::venue_id.eq(&fair.venue_id)).or(blackouts::school_id.eq(&fair.school_id)),
    );
    let found: Option<BlackoutRow> = query.select(BlackoutRow::as_select()).order(blackouts::id).first(conn).optional()?;
    match found {
        None => Ok(()),
        Some(row) => {
            let zh = format!("{} 至 {} 不能举办：{}", row.first_day, row.last_day, row.reason);
            Err(Error::conflict("blackout", zh, format!("nothing is held from {} to {}", row.first_day, row.last_day)))
        }
    }
}

fn may_close(conn: &mut DbConn, caller: &Caller, body: &BlackoutBody) -> Result<bool> {
    if let Some(venue) = &body.venue {
        let venue = venues::load(conn, venue)?;
        return Ok(caller.is_school(venue.school_id.as_ref()) || caller.governs(Some(&venue.city)));
    }
    if let Some(school) = &body.school {
        let city = schools::city_of(conn, school)?;
        return Ok(caller.is_school(Some(school)) || city.is_some_and(|city| caller.governs(Some(&city))));
    }
    Ok(caller.governs(body.city.as_deref()))
}

/// Lists blackouts.
#[utoipa::path(tag = "fairs", operation_id = "list_blackouts", params(PageQuery),
    responses((status = 200, description = "停办日期", body = Page<BlackoutView>), Failures))]
#[get("/blackouts")]
async fn list(db: Data<Db>, query: Query<PageQuery>) -> Result<Json<Page<BlackoutView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<BlackoutId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let total: i64 = blackouts::table.count().get_result(conn)?;
            let mut query = blackouts::table.order(blackouts::id).limit(i64::from(limit) + 1).into_boxed();
            if let Some(after) = after {
                query = query.filter(blackouts::id.gt(after));
            }
            let rows: Vec<BlackoutRow> = query.select(BlackoutRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(row.into())).map(Json)
}

/// Closes a venue, a school or a city for some days.
#[utoipa::path(tag = "fairs", operation_id = "create_blackout", request_body = BlackoutBody,
    responses((status = 201, description = "已登记", body = BlackoutView), Failures))]
#[post("/blackouts")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<BlackoutBody>,
) -> Result<HttpResponse> {
    let mut body = body.0;
    if let Some(city) = &body.city {
        let found =
            located(&lexicon.places, &config.region, city, None, "/city").map_err(|refusal| Error::Invalid(vec![refusal]))?;
        body.city = Some(found.0);
    }
    let named = [body.venue.is_some(), body.school.is_some(), body.city.is_some()].into_iter().filter(|there| *there).count();
    if named != 1 {
        let zh = "请指明场地、学校或城市之一";
        return Err(Error::invalid("", "one_place_required", zh, "one of venue, school and city is wanted"));
    }
    if body.first_day > body.last_day || body.reason.trim().is_empty() {
        return Err(Error::invalid(
            "/last_day",
            "bad_value",
            "请核对日期与原因",
            "the days are reversed or the reason is missing",
        ));
    }
    let row = db.write(move |conn| add(conn, *now, &caller, body)).await?;
    Ok(created(&format!("/v1/blackouts/{}", row.id), row.revision, &BlackoutView::from(row)))
}

fn add(conn: &mut DbConn, now: Timestamp, caller: &Caller, body: BlackoutBody) -> Result<BlackoutRow> {
    if !may_close(conn, caller, &body)? {
        return Err(Error::Forbidden);
    }
    let BlackoutBody { venue, school, city, first_day, last_day, reason } = body;
    let row = BlackoutRow {
        id: BlackoutId::new(now),
        venue_id: venue,
        school_id: school,
        city,
        first_day,
        last_day,
        reason,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(blackouts::table).values(&row).execute(conn)?;
    record(conn, now, caller, "blackouts.create", &format!("blackout:{}", row.id))?;
    Ok(row)
}

/// Opens the days again.
#[utoipa::path(tag = "fairs", operation_id = "delete_blackout", params(("id" = BlackoutId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/blackouts/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<BlackoutId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row: Option<BlackoutRow> = blackouts::table.find(&id.0).select(BlackoutRow::as_select()).first(conn).optional()?;
        let row = row.ok_or(Error::NotFound("blackout"))?;
        let view = BlackoutView::from(row.clone());
        hidden_unless(may_close(conn, &caller, &view.blackout)?, "blackout")?;
        revision.check(row.revision)?;
        diesel::delete(blackouts::table.find(&row.id)).execute(conn)?;
        record(conn, *now, &caller, "blackouts.delete", &format!("blackout:{}", row.id))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
