//! Who wants a fair, when and for whom? Wishes of schools, employers and bureaus, from which calendars are planned.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::schema::fair_requests as table;
use crate::db::types::{EmployerId, FairId, FairRequestId, SchoolId, Timestamp, VenueId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::fairs::life::Kind;
use crate::fairs::store::{check_places, record};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::lexicon::{Lexicon, located};

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 80;
/// The most booths of a wish.
const BOOTHS_MAX: i32 = 2_000;
/// By how many weeks a fair may be moved away from the wished days at most.
const SHIFT_WEEKS_MAX: i32 = 26;
/// How many teams of a bureau an event takes at most.
const TEAMS_MAX: i32 = 10;
/// How many crafts or majors a wish names at most.
const NAMES_MAX: usize = 50;
/// By how many weeks a fair may be moved when nothing is said.
const SHIFT_WEEKS_DEFAULT: i32 = 3;
/// How many teams an event takes when nothing is said.
const TEAMS_DEFAULT: i32 = 1;

/// Mounts the routes of wishes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(remove);
}

/// A wish for a fair.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBody {
    /// Which kind of event it is.
    pub kind: Kind,
    /// The title.
    pub title: String,
    /// The city, by code or name.
    pub city: String,
    /// The school where it is to be held.
    pub school: Option<SchoolId>,
    /// The employer that wishes it.
    pub employer: Option<EmployerId>,
    /// The only venue that will do.
    pub venue: Option<VenueId>,
    /// How many booths are wanted.
    #[serde(default)]
    pub booths: i32,
    /// How many visitors are expected.
    pub expected_visitors: Option<i32>,
    /// How many teams of the bureau it takes; 1 when nothing is said.
    #[serde(default = "teams")]
    pub teams: i32,
    /// The first of the wished days.
    pub first_day: NaiveDate,
    /// The last of the wished days.
    pub last_day: NaiveDate,
    /// By how many weeks it may be moved away from them; 3 when nothing is said.
    #[serde(default = "shift_weeks")]
    pub max_shift_weeks: i32,
    /// The majors whose students it is for.
    #[serde(default)]
    pub majors: Vec<String>,
    /// The crafts that it is about.
    #[serde(default)]
    pub crafts: Vec<String>,
}

fn teams() -> i32 {
    TEAMS_DEFAULT
}

fn shift_weeks() -> i32 {
    SHIFT_WEEKS_DEFAULT
}

impl RequestBody {
    fn parse(mut self, lexicon: &Lexicon, region: &str) -> Result<RequestBody> {
        let mut refusals = Vec::new();
        self.title = self.title.trim().to_owned();
        if self.title.is_empty() || self.title.chars().count() > TITLE_CHARS_MAX {
            let zh = "标题须为 1 至 80 个字";
            refusals.push(Refusal::new("/title", "bad_value", zh, "not of 1 to 80 characters"));
        }
        match located(&lexicon.places, region, &self.city, None, "/city") {
            Ok((city, _)) => self.city = city,
            Err(refusal) => refusals.push(refusal),
        }
        if self.last_day < self.first_day {
            refusals.push(Refusal::new("/last_day", "bad_value", "日期先后颠倒", "the days are reversed"));
        }
        let numbers = [
            ("/booths", self.booths, BOOTHS_MAX),
            ("/teams", self.teams, TEAMS_MAX),
            ("/max_shift_weeks", self.max_shift_weeks, SHIFT_WEEKS_MAX),
            ("/expected_visitors", self.expected_visitors.unwrap_or(0), i32::MAX),
        ];
        for (pointer, number, most) in numbers {
            if !(0..=most).contains(&number) {
                let zh = format!("须在 0 至 {most} 之间");
                refusals.push(Refusal::new(pointer, "out_of_range", zh, format!("not within 0 to {most}")));
            }
        }
        for (pointer, names) in [("/majors", &self.majors), ("/crafts", &self.crafts)] {
            if names.len() > NAMES_MAX || names.iter().any(|name| name.chars().count() > TITLE_CHARS_MAX) {
                let zh = "不得超过 50 项，每项不超过 80 个字";
                refusals.push(Refusal::new(pointer, "too_many", zh, "more than 50 names, or one longer than 80 characters"));
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }

    fn row(self, now: Timestamp) -> Result<RequestRow> {
        Ok(RequestRow {
            id: FairRequestId::new(now),
            kind: self.kind,
            title: self.title,
            city: self.city,
            school_id: self.school,
            employer_id: self.employer,
            venue_id: self.venue,
            booths: self.booths,
            expected_visitors: self.expected_visitors,
            teams: self.teams,
            first_day: self.first_day,
            last_day: self.last_day,
            max_shift_weeks: self.max_shift_weeks,
            wishes: serde_json::to_string(&Wishes { majors: self.majors, crafts: self.crafts })?,
            fair_id: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

/// For whom a fair is wished.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Wishes {
    majors: Vec<String>,
    crafts: Vec<String>,
}

/// A wish as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RequestRow {
    pub id: FairRequestId,
    pub kind: Kind,
    pub title: String,
    pub city: String,
    pub school_id: Option<SchoolId>,
    pub employer_id: Option<EmployerId>,
    pub venue_id: Option<VenueId>,
    pub booths: i32,
    pub expected_visitors: Option<i32>,
    pub teams: i32,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub max_shift_weeks: i32,
    pub wishes: String,
    pub fair_id: Option<FairId>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl RequestRow {
    fn body(&self) -> Result<RequestBody> {
        let row = self.clone();
        let Wishes { majors, crafts } = serde_json::from_str(&row.wishes)?;
        Ok(RequestBody {
            kind: row.kind,
            title: row.title,
            city: row.city,
            school: row.school_id,
            employer: row.employer_id,
            venue: row.venue_id,
            booths: row.booths,
            expected_visitors: row.expected_visitors,
            teams: row.teams,
            first_day: row.first_day,
            last_day: row.last_day,
            max_shift_weeks: row.max_shift_weeks,
            majors,
            crafts,
        })
    }

    fn is_yours(&self, caller: &Caller) -> bool {
        caller.is_school(self.school_id.as_ref())
            || caller.is_employer(self.employer_id.as_ref())
            || caller.governs(Some(&self.city))
    }
}

/// A wish as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RequestView {
    id: FairRequestId,
    #[serde(flatten)]
    request: RequestBody,
    /// The fair that came of it.
    fair: Option<FairId>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl RequestView {
    fn of(row: RequestRow) -> Result<RequestView> {
        let request = row.body()?;
        let RequestRow { id, fair_id: fair, revision, created_at, updated_at, .. } = row;
        Ok(RequestView { id, request, fair, revision, created_at, updated_at })
    }
}

/// Reads the wishes of an area that no fair has come of and whose days touch a period.
pub fn open_within(conn: &mut DbConn, area: &str, first: NaiveDate, last: NaiveDate, most: i64) -> Result<Vec<RequestRow>> {
    let open = table::table.filter(table::fair_id.is_null()).filter(table::city.like(format!("{area}%")));
    let open = open.filter(table::first_day.le(last)).filter(table::last_day.ge(first));
    Ok(open.order(table::id).limit(most).select(RequestRow::as_select()).load(conn)?)
}

/// Writes down which fair came of a wish; another plan may not have been faster.
pub fn granted(conn: &mut DbConn, now: Timestamp, id: &FairRequestId, fair: &FairId) -> Result<RequestRow> {
    let open = table::table.find(id).filter(table::fair_id.is_null());
    let changed = diesel::update(open)
        .set((table::fair_id.eq(Some(fair)), table::revision.eq(table::revision + 1), table::updated_at.eq(now)))
        .execute(conn)?;
    match changed {
        1 => load(conn, id),
        _ => Err(Error::conflict(
            "request_gone",
            "有申请已被安排或撤回，请重新排期",
            "a request was planned or taken back meanwhile",
        )),
    }
}

/// Reads a wish.
pub fn load(conn: &mut DbConn, id: &FairRequestId) -> Result<RequestRow> {
    let found = table::table.find(id).select(RequestRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("fair request"))
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &FairRequestId, revision: &IfMatch) -> Result<RequestRow> {
    let row = load(conn, id)?;
    hidden_unless(row.is_yours(caller), "fair request")?;
    revision.check(row.revision)?;
    match &row.fair_id {
        None => Ok(row),
        Some(_) => Err(Error::conflict("planned", "该申请已安排招聘会", "a fair has come of the request")),
    }
}

/// Lists the wishes that are the caller's.
#[utoipa::path(tag = "fairs", operation_id = "list_fair_requests", params(PageQuery),
    responses((status = 200, description = "办会申请", body = Page<RequestView>), Failures))]
#[get("/fair-requests")]
async fn list(db: Data<Db>, caller: Caller, query: Query<PageQuery>) -> Result<Json<Page<RequestView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<FairRequestId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let narrowed = || {
                let query = table::table.into_boxed();
                match (caller.role, caller.city.as_deref().and_then(|city| city.get(..4))) {
                    (Role::Province, _) => query,
                    (Role::Bureau, Some(own)) => query.filter(table::city.like(format!("{own}%"))),
                    (Role::School, _) => query.filter(table::school_id.eq(caller.school.clone())),
                    _ => query.filter(table::employer_id.eq(caller.employer.clone())),
                }
            };
            let total: i64 = narrowed().count().get_result(conn)?;
            let mut query = narrowed().order(table::id).limit(i64::from(limit) + 1);
            if let Some(after) = after {
                query = query.filter(table::id.gt(after));
            }
            let rows: Vec<RequestRow> = query.select(RequestRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), RequestView::of).map(Json)
}

/// Asks for a fair.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_request", request_body = RequestBody,
    responses((status = 201, description = "申请已登记", body = RequestView), Failures))]
#[post("/fair-requests")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<RequestBody>,
) -> Result<HttpResponse> {
    let body = body.0.parse(&lexicon, &config.region)?;
    let row = db.write(move |conn| ask(conn, *now, &caller, body)).await?;
    Ok(created(&format!("/v1/fair-requests/{}", row.id), row.revision, &RequestView::of(row)?))
}

/// Writes a wish down: a school's for itself, an employer's for itself, a bureau's for its city.
pub fn ask(conn: &mut DbConn, now: Timestamp, caller: &Caller, mut body: RequestBody) -> Result<RequestRow> {
    match caller.role {
        Role::School => body.school = caller.school.clone(),
        Role::Employer => body.employer = caller.employer.clone(),
        _ => {}
    }
    check_places(conn, &body.city, body.school.as_ref(), body.venue.as_ref())?;
    let row = body.row(now)?;
    if !row.is_yours(caller) {
        return Err(Error::Forbidden);
    }
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "fair_requests.create", &format!("fair_request:{}", row.id))?;
    Ok(row)
}

/// Reads a wish.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_request", params(("id" = FairRequestId, Path)),
    responses((status = 200, description = "办会申请", body = RequestView), Failures))]
#[get("/fair-requests/{id}")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairRequestId>) -> Result<HttpResponse> {
    let row = db
        .read(move |conn| {
            let row = load(conn, &id.0)?;
            hidden_unless(row.is_yours(&caller), "fair request")?;
            Ok(row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &RequestView::of(row)?))
}

/// Changes a wish of which no fair has come.
#[utoipa::path(tag = "fairs", operation_id = "update_fair_request", params(("id" = FairRequestId, Path)),
    request_body(content = RequestBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = RequestView), Failures))]
#[patch("/fair-requests/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<FairRequestId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0, &revision)?;
            let wanted: RequestBody = merged(&row.body()?, &body.0)?;
            let wanted = wanted.parse(&lexicon, &config.region)?;
            check_places(conn, &wanted.city, wanted.school.as_ref(), wanted.venue.as_ref())?;
            let next = RequestRow { id: row.id, revision: row.revision + 1, created_at: row.created_at, ..wanted.row(*now)? };
            if !next.is_yours(&caller) {
                return Err(Error::Forbidden);
            }
            diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
            record(conn, *now, &caller, "fair_requests.change", &format!("fair_request:{}", next.id))?;
            Ok(next)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &RequestView::of(row)?))
}

/// Takes a wish back.
#[utoipa::path(tag = "fairs", operation_id = "delete_fair_request", params(("id" = FairRequestId, Path)),
    responses((status = 204, description = "已撤回"), Failures))]
#[delete("/fair-requests/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<FairRequestId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0, &revision)?;
        diesel::delete(table::table.find(&row.id)).execute(conn)?;
        record(conn, *now, &caller, "fair_requests.delete", &format!("fair_request:{}", row.id))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
