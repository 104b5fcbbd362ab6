//! Who wants to talk to whom at a fair? Wishes of both sides; one row a pair, heavier when both wish it.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{
    fair_attendances as attendance_table, fair_exhibitors as exhibitor_table, fair_interview_wishes as table,
    graduates as graduate_table,
};
use crate::db::types::{EmployerId, FairId, GraduateId, InterviewWishId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::attendances::Attendance;
use crate::fairs::exhibitor::Outcome;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::graduates;
use crate::http::{Body, Caller, Failures, Id, Now, Page, PageQuery, Query, Role, hidden_unless};

/// The heaviest wish of one side.
const WEIGHT_MAX: i32 = 100;
/// How heavy a wish is when nothing is said.
const WEIGHT_DEFAULT: i32 = 50;

/// Mounts the routes of wishes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(remove);
}

/// A wish as asked for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishBody {
    /// The graduate; a graduate's own account need not say it.
    pub graduate: Option<GraduateId>,
    /// The employer; an employer's own account need not say it.
    pub employer: Option<EmployerId>,
    /// How much it is wished, 1 to 100; 50 when nothing is said.
    pub weight: Option<i32>,
}

/// A wish as kept, with its interview once it has one.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct WishRow {
    pub id: InterviewWishId,
    pub fair_id: FairId,
    pub graduate_id: GraduateId,
    pub employer_id: EmployerId,
    pub graduate_weight: Option<i32>,
    pub employer_weight: Option<i32>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub desk: Option<i32>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A wish as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WishView {
    id: InterviewWishId,
    fair: FairId,
    graduate: GraduateId,
    employer: EmployerId,
    /// How much the graduate's side wishes it.
    graduate_weight: Option<i32>,
    /// How much the employer wishes it.
    employer_weight: Option<i32>,
    /// When the interview begins, once there is one.
    starts_at: Option<Timestamp>,
    /// When it ends.
    ends_at: Option<Timestamp>,
    /// At which of the employer's desks, from 1.
    desk: Option<i32>,
    updated_at: Timestamp,
}

impl From<WishRow> for WishView {
    fn from(row: WishRow) -> WishView {
        let WishRow {
            id,
            fair_id: fair,
            graduate_id: graduate,
            employer_id: employer,
            graduate_weight,
            employer_weight,
            starts_at,
            ends_at,
            desk,
            created_at: _,
            updated_at,
        } = row;
        WishView { id, fair, graduate, employer, graduate_weight, employer_weight, starts_at, ends_at, desk, updated_at }
    }
}

/// Writes a wish down, or the other side's on top of it.
pub fn wish(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: WishBody) -> Result<WishRow> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(fair.published_at.is_some() || is_yours(caller, &fair), "fair")?;
    let missing = |pointer, zh, en| Error::invalid(pointer, "required", zh, en);
    let graduate = if caller.role == Role::Graduate { caller.graduate.clone() } else { body.graduate };
    let employer = if caller.role == Role::Employer { caller.employer.clone() } else { body.employer };
    let graduate = graduate.ok_or_else(|| missing("/graduate", "请指明毕业生", "the graduate is missing"))?;
    let employer = employer.ok_or_else(|| missing("/employer", "请指明用人单位", "the employer is missing"))?;
    let weight = body.weight.unwrap_or(WEIGHT_DEFAULT);
    if !(1..=WEIGHT_MAX).contains(&weight) {
        return Err(Error::invalid("/weight", "out_of_range", "意愿强度须在 1 至 100 之间", "not within 1 to 100"));
    }
    if caller.role != Role::Employer {
        graduates::yours(conn, caller, &graduate)?;
    }
    both_come(conn, &fair, &graduate, &employer)?;
    let known = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::graduate_id.eq(&graduate));
    let known = known.filter(table::employer_id.eq(&employer)).select(WishRow::as_select());
    let known: Option<WishRow> = known.first(conn).optional()?;
    let old = known.clone().unwrap_or(WishRow {
        id: InterviewWishId::new(now),
        fair_id: fair.id,
        graduate_id: graduate,
        employer_id: employer,
        graduate_weight: None,
        employer_weight: None,
        starts_at: None,
        ends_at: None,
        desk: None,
        created_at: now,
        updated_at: now,
    });
    let row = match caller.role {
        Role::Employer => WishRow { employer_weight: Some(weight), updated_at: now, ..old },
        _ => WishRow { graduate_weight: Some(weight), updated_at: now, ..old },
    };
    match known {
        Some(_) => diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?,
        None => diesel::insert_into(table::table).values(&row).execute(conn)?,
    };
    record(conn, now, caller, "interview_wishes.wish", &format!("interview_wish:{}", row.id))?;
    Ok(row)
}

/// Refuses a wish for a fair that is over, or to which one of the two does not come.
fn both_come(conn: &mut DbConn, fair: &FairRow, graduate: &GraduateId, employer: &EmployerId) -> Result<()> {
    if !matches!(fair.status, FairStatus::Published | FairStatus::RegistrationClosed | FairStatus::InProgress) {
        return Err(Error::conflict("not_open", "招聘会尚未公布或已结束", "the fair is not announced, or over"));
    }
    let seats = attendance_table::table.filter(attendance_table::fair_id.eq(&fair.id));
    let seats = seats.filter(attendance_table::graduate_id.eq(graduate));
    let comes: i64 =
        seats.filter(attendance_table::status.eq_any([Attendance::Reserved, Attendance::Attended])).count().get_result(conn)?;
    if comes == 0 {
        return Err(Error::invalid(
            "/graduate",
            "not_coming",
            "该毕业生未预约本场招聘会",
            "the graduate has no seat at the fair",
        ));
    }
    let booths = exhibitor_table::table.filter(exhibitor_table::fair_id.eq(&fair.id));
    let booths = booths.filter(exhibitor_table::employer_id.eq(employer));
    let comes: i64 = booths.filter(exhibitor_table::status.eq(Outcome::Approved)).count().get_result(conn)?;
    match comes {
        0 => Err(Error::invalid("/employer", "not_coming", "该单位未参加本场招聘会", "the employer has no booth at the fair")),
        _ => Ok(()),
    }
}

/// Lists the wishes of a fair: its own people see all, an employer its own, a school its graduates', a graduate the own.
#[utoipa::path(tag = "fairs", operation_id = "list_interview_wishes", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "面谈意愿", body = Page<WishView>), Failures))]
#[get("/fairs/{id}/interview-wishes")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<WishView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<InterviewWishId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let all = is_yours(&caller, &fair);
            let narrowed = || {
                let query = table::table.inner_join(graduate_table::table).filter(table::fair_id.eq(&fair.id)).into_boxed();
                match (all, caller.role, &caller.graduate, &caller.employer, &caller.school) {
                    (true, ..) => query,
                    (_, Role::Graduate, Some(own), ..) => query.filter(table::graduate_id.eq(own)),
                    (_, Role::Employer, _, Some(own), _) => query.filter(table::employer_id.eq(own)),
                    (_, Role::School, .., Some(own)) => query.filter(graduate_table::school_id.eq(own)),
                    _ => query.filter(table::graduate_id.eq("")),
                }
            };
            let total: i64 = narrowed().count().get_result(conn)?;
            let mut query = narrowed().order(table::id).limit(i64::from(limit) + 1);
            if let Some(after) = after {
                query = query.filter(table::id.gt(after));
            }
            let rows: Vec<WishRow> = query.select(WishRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(row.into())).map(Json)
}

/// Wishes an interview; when both sides do, it weighs as much as both wishes.
#[utoipa::path(tag = "fairs", operation_id = "create_interview_wish", params(("id" = FairId, Path)), request_body = WishBody,
    responses((status = 201, description = "意愿已登记", body = WishView), Failures))]
#[post("/fairs/{id}/interview-wishes")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<WishBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| wish(conn, *now, &caller, &id.0, body.0)).await?;
    let location = format!("/v1/fairs/{}/interview-wishes/{}", row.fair_id, row.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(WishView::from(row)))
}

/// Takes a wish back, and with it the interview.
#[utoipa::path(tag = "fairs", operation_id = "delete_interview_wish",
    params(("id" = FairId, Path), ("wish" = InterviewWishId, Path)),
    responses((status = 204, description = "已撤回"), Failures))]
#[delete("/fairs/{id}/interview-wishes/{wish}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, path: Id<(FairId, InterviewWishId)>) -> Result<HttpResponse> {
    db.write(move |conn| take_back(conn, *now, &caller, &path.0.0, &path.0.1)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn take_back(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, id: &InterviewWishId) -> Result<()> {
    let fair = store::lock(conn, fair)?;
    let own = table::table.find(id).filter(table::fair_id.eq(&fair.id)).select(WishRow::as_select());
    let row: Option<WishRow> = own.first(conn).optional()?;
    let row = row.ok_or(Error::NotFound("interview wish"))?;
    if !is_yours(caller, &fair) && !caller.is_employer(Some(&row.employer_id)) {
        hidden_unless(graduates::yours(conn, caller, &row.graduate_id).is_ok(), "interview wish")?;
    }
    diesel::delete(table::table.find(&row.id)).execute(conn)?;
    record(conn, now, caller, "interview_wishes.delete", &format!("interview_wish:{}", row.id))
}
