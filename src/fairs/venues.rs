//! Where can a fair be held? Halls of schools and cities, with their booths and hours.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::NaiveTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::schema::{fairs, venues};
use crate::db::types::{SchoolId, Timestamp, VenueId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::fairs::store::record;
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, hidden_unless, merged, tagged};
use crate::lexicon::{Lexicon, asked_area, located};
use crate::schools;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 80;
/// The most booths of a venue.
const BOOTHS_MAX: i32 = 2_000;

/// Mounts the routes of venues.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(remove).service(of_school);
}

/// A venue as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueBody {
    /// The school that it belongs to.
    pub school: Option<SchoolId>,
    /// The name.
    pub name: String,
    /// The city, by code or name.
    pub city: String,
    /// The district, by code or name.
    pub district: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// How many booths fit in.
    pub booths: i32,
    /// How many people fit in.
    pub capacity: Option<i32>,
    /// From when on it can be used, as `HH:MM`.
    pub opens_at: Option<String>,
    /// Until when it can be used, as `HH:MM`.
    pub closes_at: Option<String>,
}

impl VenueBody {
    fn parse(mut self, lexicon: &Lexicon, region: &str) -> Result<VenueBody> {
        let mut refusals = Vec::new();
        self.name = self.name.trim().to_owned();
        if self.name.is_empty() || self.name.chars().count() > NAME_CHARS_MAX {
            let zh = "场地名称须为 1 至 80 个字";
            refusals.push(Refusal::new("/name", "bad_name", zh, "the name is not of 1 to 80 characters"));
        }
        if !(0..=BOOTHS_MAX).contains(&self.booths) {
            refusals.push(Refusal::new("/booths", "out_of_range", "展位数须在 0 至 2000 之间", "not within 0 to 2000"));
        }
        if self.capacity.is_some_and(|count| count < 0) {
            refusals.push(Refusal::new("/capacity", "out_of_range", "容纳人数有误", "not a number of people"));
        }
        for (pointer, text) in [("/opens_at", &self.opens_at), ("/closes_at", &self.closes_at)] {
            if text.as_deref().is_some_and(|text| hour(text).is_none()) {
                refusals.push(Refusal::new(pointer, "bad_time", "时间须为 HH:MM", "not a time as HH:MM"));
            }
        }
        match located(&lexicon.places, region, &self.city, self.district.as_deref(), "/city") {
            Ok((city, district)) => (self.city, self.district) = (city, district),
            Err(refusal) => refusals.push(refusal),
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }

    fn row(self, now: Timestamp) -> VenueRow {
        let VenueBody { school, name, city, district, address, booths, capacity, opens_at, closes_at } = self;
        VenueRow {
            id: VenueId::new(now),
            school_id: school,
            name,
            city,
            district,
            address,
            booths,
            capacity,
            opens_at,
            closes_at,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Reads a time of day.
pub fn hour(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

/// A venue as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = venues, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VenueRow {
    pub id: VenueId,
    pub school_id: Option<SchoolId>,
    pub name: String,
    pub city: String,
    pub district: Option<String>,
    pub address: Option<String>,
    pub booths: i32,
    pub capacity: Option<i32>,
    pub opens_at: Option<String>,
    pub closes_at: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl VenueRow {
    fn body(&self) -> VenueBody {
        let row = self.clone();
        VenueBody {
            school: row.school_id,
            name: row.name,
            city: row.city,
            district: row.district,
            address: row.address,
            booths: row.booths,
            capacity: row.capacity,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
        }
    }
}

/// A venue as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VenueView {
    id: VenueId,
    #[serde(flatten)]
    venue: VenueBody,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<VenueRow> for VenueView {
    fn from(row: VenueRow) -> VenueView {
        let venue = row.body();
        let VenueRow { id, revision, created_at, updated_at, .. } = row;
        VenueView { id, venue, revision, created_at, updated_at }
    }
}

/// Reads a venue.
pub fn load(conn: &mut DbConn, id: &VenueId) -> Result<VenueRow> {
    let found = venues::table.find(id).select(VenueRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("venue"))
}

/// Writes a venue down; a school's is in the school's city.
pub fn add_venue(conn: &mut DbConn, now: Timestamp, caller: &Caller, body: VenueBody) -> Result<VenueId> {
    let body = match &caller.school {
        Some(own) if caller.is_school(Some(own)) => VenueBody { school: Some(own.clone()), ..body },
        _ => body,
    };
    may_keep(conn, caller, &body)?;
    let row = body.row(now);
    diesel::insert_into(venues::table).values(&row).execute(conn)?;
    record(conn, now, caller, "venues.create", &format!("venue:{}", row.id))?;
    Ok(row.id)
}

fn may_keep(conn: &mut DbConn, caller: &Caller, body: &VenueBody) -> Result<()> {
    if let Some(school) = &body.school {
        let city = schools::city_of(conn, school)?;
        let city = city.ok_or_else(|| Error::invalid("/school", "unknown_school", "没有这所学校", "no such school"))?;
        if city != body.city {
            let zh = "场地须在学校所在的市";
            return Err(Error::invalid("/city", "other_city", zh, "the venue is not in the city of its school"));
        }
    }
    match caller.is_school(body.school.as_ref()) || caller.governs(Some(&body.city)) {
        true => Ok(()),
        false => Err(Error::Forbidden),
    }
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &VenueId, revision: &IfMatch) -> Result<VenueRow> {
    let row = load(conn, id)?;
    hidden_unless(caller.is_school(row.school_id.as_ref()) || caller.governs(Some(&row.city)), "venue")?;
    revision.check(row.revision)?;
    Ok(row)
}

/// What a list of venues is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// A city or district, by code, prefix or name.
    city: Option<String>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Lists venues.
#[utoipa::path(tag = "fairs", operation_id = "list_venues", params(ListQuery),
    responses((status = 200, description = "场地", body = Page<VenueView>), Failures))]
#[get("/venues")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    query: Query<ListQuery>,
) -> Result<Json<Page<VenueView>>> {
    let ListQuery { city, limit, cursor } = query.0;
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?.map(|area| area.prefix().to_owned());
    page(&db, PageQuery { limit, cursor }, None, area).await
}

/// Lists the venues of a school.
#[utoipa::path(tag = "fairs", operation_id = "list_school_venues", params(("id" = SchoolId, Path), PageQuery),
    responses((status = 200, description = "学校场地", body = Page<VenueView>), Failures))]
#[get("/schools/{id}/venues")]
async fn of_school(db: Data<Db>, id: Id<SchoolId>, query: Query<PageQuery>) -> Result<Json<Page<VenueView>>> {
    let school = id.0.clone();
    db.read(move |conn| schools::load(conn, &school)).await?;
    page(&db, query.0, Some(id.0), None).await
}

async fn page(db: &Db, paging: PageQuery, school: Option<SchoolId>, area: Option<String>) -> Result<Json<Page<VenueView>>> {
    let (limit, after) = (paging.limit()?, paging.after::<VenueId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let narrowed = || {
                let mut query = venues::table.into_boxed();
                if let Some(school) = &school {
                    query = query.filter(venues::school_id.eq(school));
                }
                if let Some(area) = &area {
                    let begins = format!("{area}%");
                    query = query.filter(venues::city.like(begins.clone()).or(venues::district.like(begins)));
                }
                query
            };
            let total: i64 = narrowed().count().get_result(conn)?;
            let mut query = narrowed().order(venues::id).limit(i64::from(limit) + 1);
            if let Some(after) = after {
                query = query.filter(venues::id.gt(after));
            }
            let rows: Vec<VenueRow> = query.select(VenueRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(row.into())).map(Json)
}

/// Writes a venue down.
#[utoipa::path(tag = "fairs", operation_id = "create_venue", request_body = VenueBody,
    responses((status = 201, description = "场地已登记", body = VenueView), Failures))]
#[post("/venues")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<VenueBody>,
) -> Result<HttpResponse> {
    let body = body.0.parse(&lexicon, &config.region)?;
    let row = db
        .write(move |conn| {
            let id = add_venue(conn, *now, &caller, body)?;
            load(conn, &id)
        })
        .await?;
    Ok(created(&format!("/v1/venues/{}", row.id), row.revision, &VenueView::from(row)))
}

/// Reads a venue.
#[utoipa::path(tag = "fairs", operation_id = "get_venue", params(("id" = VenueId, Path)),
    responses((status = 200, description = "场地", body = VenueView), Failures))]
#[get("/venues/{id}")]
async fn read(db: Data<Db>, id: Id<VenueId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| load(conn, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &VenueView::from(row)))
}

/// Changes a venue.
#[utoipa::path(tag = "fairs", operation_id = "update_venue", params(("id" = VenueId, Path)),
    request_body(content = VenueBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = VenueView), Failures))]
#[patch("/venues/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<VenueId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0, &revision)?;
            let wanted: VenueBody = merged(&row.body(), &body.0)?;
            let wanted = wanted.parse(&lexicon, &config.region)?;
            may_keep(conn, &caller, &wanted)?;
            let next = VenueRow { id: row.id, revision: row.revision + 1, created_at: row.created_at, ..wanted.row(*now) };
            diesel::update(venues::table.find(&next.id)).set(&next).execute(conn)?;
            record(conn, *now, &caller, "venues.change", &format!("venue:{}", next.id))?;
            Ok(next)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &VenueView::from(row)))
}

/// Removes a venue at which no fair is held.
#[utoipa::path(tag = "fairs", operation_id = "delete_venue", params(("id" = VenueId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/venues/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<VenueId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0, &revision)?;
        let held: i64 = fairs::table.filter(fairs::venue_id.eq(&row.id)).count().get_result(conn)?;
        if held > 0 {
            let zh = format!("该场地还有 {held} 场招聘会，不能删除");
            return Err(Error::conflict("in_use", zh, format!("{held} fairs are held at the venue")));
        }
        diesel::delete(venues::table.find(&row.id)).execute(conn)?;
        record(conn, *now, &caller, "venues.delete", &format!("venue:{}", row.id))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
