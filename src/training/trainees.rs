//! Who is in the class of an order, and what became of each? The school's and the offices' to know: an employer sees numbers.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::{Months, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{training_orders, training_trainees as table};
use crate::db::types::{GraduateId, Timestamp, TrainingOrderId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::graduates::{self, CertificateHeld, GraduateRow};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::training::http::yours;
use crate::training::model::OrderRow;
use crate::training::store;

/// From which age on somebody may be trained for an employer (劳动法, article 15), in months.
const AGE_MONTHS: u32 = 16 * 12;

/// Mounts the routes of trainees.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(enrol).service(change).service(leave);
}

/// What became of a trainee.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TraineeBody {
    /// The day on which the training was finished.
    pub finished_on: Option<NaiveDate>,
    /// The certificate that was earned.
    pub certificate: Option<CertificateHeld>,
    /// The day on which the ordering employer hired.
    pub hired_on: Option<NaiveDate>,
    /// The pay, in yuan a month.
    pub wage: Option<i64>,
    /// Whether still there after six months.
    pub retained_six_months: Option<bool>,
}

impl TraineeBody {
    fn parse(self, enrolled_on: NaiveDate) -> Result<TraineeBody> {
        let reversed = |pointer: &str| Error::invalid(pointer.to_owned(), "bad_value", "日期先后颠倒", "the days are reversed");
        match (self.finished_on, self.hired_on) {
            (Some(finished), _) if finished < enrolled_on => Err(reversed("/finished_on")),
            (None, Some(_)) => {
                Err(Error::invalid("/hired_on", "not_finished", "须先结业", "whoever is hired has finished first"))
            }
            (Some(finished), Some(hired)) if hired < finished => Err(reversed("/hired_on")),
            _ if self.wage.is_some_and(|wage| wage < 0) => Err(Error::invalid("/wage", "out_of_range", "须为正数", "is below 0")),
            _ => Ok(self),
        }
    }
}

/// A trainee as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(order_id, graduate_id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct TraineeRow {
    order_id: TrainingOrderId,
    graduate_id: GraduateId,
    enrolled_on: NaiveDate,
    finished_on: Option<NaiveDate>,
    certificate: Option<String>,
    hired_on: Option<NaiveDate>,
    wage: Option<i64>,
    retained_six_months: Option<bool>,
    revision: i64,
    updated_at: Timestamp,
}

impl TraineeRow {
    fn body(&self) -> Result<TraineeBody> {
        Ok(TraineeBody {
            finished_on: self.finished_on,
            certificate: self.certificate.as_deref().map(serde_json::from_str).transpose()?,
            hired_on: self.hired_on,
            wage: self.wage,
            retained_six_months: self.retained_six_months,
        })
    }

    fn changed(self, now: Timestamp, body: TraineeBody) -> Result<TraineeRow> {
        let TraineeBody { finished_on, certificate, hired_on, wage, retained_six_months } = body;
        let certificate = certificate.map(|certificate| serde_json::to_string(&certificate)).transpose()?;
        let revision = self.revision + 1;
        Ok(TraineeRow { finished_on, certificate, hired_on, wage, retained_six_months, revision, updated_at: now, ..self })
    }
}

/// A trainee as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Trainee)]
struct TraineeView {
    graduate: GraduateId,
    enrolled_on: NaiveDate,
    #[serde(flatten)]
    trainee: TraineeBody,
    revision: i64,
    updated_at: Timestamp,
}

impl TraineeView {
    fn of(row: TraineeRow) -> Result<TraineeView> {
        let trainee = row.body()?;
        let TraineeRow { graduate_id, enrolled_on, revision, updated_at, .. } = row;
        Ok(TraineeView { graduate: graduate_id, enrolled_on, trainee, revision, updated_at })
    }
}

/// Reads an order whose class is the caller's to see: the school's and the offices'.
fn order(conn: &mut DbConn, caller: &Caller, id: &TrainingOrderId) -> Result<OrderRow> {
    let row = yours(conn, caller, id)?;
    match caller.role {
        Role::Employer => Err(Error::Forbidden),
        _ => Ok(row),
    }
}

/// Lists the class of an order, by graduate.
#[utoipa::path(tag = "training", operation_id = "list_trainees", params(("id" = TrainingOrderId, Path), PageQuery),
    responses((status = 200, description = "学员", body = Page<TraineeView>), Failures))]
#[get("/training-orders/{id}/trainees")]
async fn list(
    db: Data<Db>,
    caller: Caller,
    id: Id<TrainingOrderId>,
    paging: Query<PageQuery>,
) -> Result<Json<Page<TraineeView>>> {
    let (limit, after) = (paging.0.limit()?, paging.0.after::<GraduateId>()?);
    let found = db.read(move |conn| {
        let row = order(conn, &caller, &id.0)?;
        let own = || table::table.filter(table::order_id.eq(&row.id));
        let total: i64 = own().count().get_result(conn)?;
        let mut query = own().order(table::graduate_id).limit(i64::from(limit) + 1).into_boxed();
        if let Some(after) = after {
            query = query.filter(table::graduate_id.gt(after));
        }
        Ok((query.select(TraineeRow::as_select()).load::<TraineeRow>(conn)?, total))
    });
    let (rows, total) = found.await?;
    Page::from_rows(rows, limit, total, |row| row.graduate_id.clone(), TraineeView::of).map(Json)
}

/// Who shall join a class.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TraineeEnrolment {
    graduate: GraduateId,
}

/// Enrols a graduate of the school, from 16 years on, as long as there are places.
#[utoipa::path(tag = "training", operation_id = "create_trainee", params(("id" = TrainingOrderId, Path)),
    request_body = TraineeEnrolment, responses((status = 201, description = "已入班", body = TraineeView), Failures))]
#[post("/training-orders/{id}/trainees")]
async fn enrol(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<TrainingOrderId>,
    body: Body<TraineeEnrolment>,
) -> Result<HttpResponse> {
    let (at, graduate) = (id.0.clone(), body.0.graduate);
    let row = db.write(move |conn| join(conn, *now, &caller, &id.0, &graduate)).await?;
    let at = format!("/v1/training-orders/{at}/trainees/{}", row.graduate_id);
    Ok(created(&at, row.revision, &TraineeView::of(row)?))
}

fn join(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &TrainingOrderId, graduate: &GraduateId) -> Result<TraineeRow> {
    // Whoever enrols holds the row of the order first: of two who want the last place one waits and then counts both.
    diesel::update(training_orders::table.find(id)).set(training_orders::updated_at.eq(now)).execute(conn)?;
    let row = order(conn, caller, id)?;
    if !row.status.takes_trainees() {
        let zh = format!("订单现为 {}，不能入班", row.status);
        return Err(Error::conflict("not_open", zh, format!("the order is {}, nobody can join", row.status)));
    }
    let who = graduates::yours(conn, caller, graduate)?;
    if who.school_id.as_ref() != Some(&row.school_id) {
        return Err(Error::invalid("/graduate", "other_school", "不是该校学生", "not a graduate of the school"));
    }
    of_age(&who, now.day())?;
    let own = table::table.filter(table::order_id.eq(&row.id));
    let enrolled: i64 = own.count().get_result(conn)?;
    let there: i64 = own.filter(table::graduate_id.eq(graduate)).count().get_result(conn)?;
    if there > 0 {
        return Err(Error::conflict("enrolled", "该生已在班内", "is in the class already"));
    }
    if enrolled >= i64::from(row.headcount) {
        let zh = format!("订单名额 {} 人已满", row.headcount);
        return Err(Error::conflict("full", zh, format!("all {} places are taken", row.headcount)));
    }
    let new = TraineeRow {
        order_id: row.id,
        graduate_id: who.id,
        enrolled_on: now.day(),
        finished_on: None,
        certificate: None,
        hired_on: None,
        wage: None,
        retained_six_months: None,
        revision: 1,
        updated_at: now,
    };
    diesel::insert_into(table::table).values(&new).execute(conn)?;
    store::record(conn, now, caller, "training.enrol", &new.order_id, json!({"graduate": new.graduate_id}))?;
    Ok(new)
}

fn of_age(who: &GraduateRow, today: NaiveDate) -> Result<()> {
    let born = who.birth_date.ok_or_else(|| {
        Error::invalid("/graduate", "birth_date_needed", "须先登记出生日期", "the day of birth has to be known first")
    })?;
    match born.checked_add_months(Months::new(AGE_MONTHS)) {
        Some(birthday) if birthday <= today => Ok(()),
        _ => Err(Error::invalid("/graduate", "under_16", "未满 16 周岁，不能参加订单培训", "is under 16")),
    }
}

fn trainee(conn: &mut DbConn, order: &TrainingOrderId, graduate: &GraduateId, revision: &IfMatch) -> Result<TraineeRow> {
    let found = table::table.find((order, graduate)).select(TraineeRow::as_select()).first(conn).optional()?;
    let row: TraineeRow = found.ok_or(Error::NotFound("trainee"))?;
    revision.check(row.revision)?;
    Ok(row)
}

/// Says what became of a trainee.
#[utoipa::path(tag = "training", operation_id = "update_trainee",
    params(("id" = TrainingOrderId, Path), ("graduate" = GraduateId, Path)),
    request_body(content = TraineeBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = TraineeView), Failures))]
#[patch("/training-orders/{id}/trainees/{graduate}")]
async fn change(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(TrainingOrderId, GraduateId)>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db.write(move |conn| {
        let at = order(conn, &caller, &path.0.0)?;
        let row = trainee(conn, &at.id, &path.0.1, &revision)?;
        let new = merged(&row.body()?, &body.0)?.parse(row.enrolled_on)?;
        let row = row.changed(*now, new)?;
        diesel::update(table::table.find((&row.order_id, &row.graduate_id))).set(&row).execute(conn)?;
        store::record(conn, *now, &caller, "training.trainee", &row.order_id, json!({"graduate": row.graduate_id}))?;
        Ok(row)
    });
    let row = row.await?;
    Ok(tagged(StatusCode::OK, row.revision, &TraineeView::of(row)?))
}

/// Takes somebody out of a class that has not finished.
#[utoipa::path(tag = "training", operation_id = "delete_trainee",
    params(("id" = TrainingOrderId, Path), ("graduate" = GraduateId, Path)),
    responses((status = 204, description = "已退班"), Failures))]
#[delete("/training-orders/{id}/trainees/{graduate}")]
async fn leave(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(TrainingOrderId, GraduateId)>,
    revision: IfMatch,
) -> Result<HttpResponse> {
    db.write(move |conn| {
        let at = order(conn, &caller, &path.0.0)?;
        let row = trainee(conn, &at.id, &path.0.1, &revision)?;
        hidden_unless(row.finished_on.is_none(), "trainee")?;
        diesel::delete(table::table.find((&row.order_id, &row.graduate_id))).execute(conn)?;
        store::record(conn, *now, &caller, "training.leave", &row.order_id, json!({"graduate": row.graduate_id}))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
