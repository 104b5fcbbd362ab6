//! Who exhibits, and at which booth? An employer applies, the fair's own people decide; a booth is given on approval to
//! whoever comes first, those for whom none is left wait in the order of their application.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{employers, fair_exhibitors as table, vacancies as vacancy_table};
use crate::db::types::{EmployerId, ExhibitorId, FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::fairs::exhibitor::{ExhibitorBody, ExhibitorRow, ExhibitorView, Outcome};
use crate::fairs::model::FairRow;
use crate::fairs::places::lowest_free;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::lexicon::phone::Phone;
use crate::vacancies::Status as VacancyStatus;

/// How many vacancies an exhibitor may bring.
const VACANCIES_MAX: usize = 100;

/// Mounts the routes of exhibitors.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change).service(transition);
}

/// Applies for a booth; only while the fair takes registrations, and once for each employer.
pub fn apply(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: ExhibitorBody) -> Result<ExhibitorId> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(fair.published_at.is_some() || is_yours(caller, &fair), "fair")?;
    let employer = match caller.role {
        Role::Employer => caller.employer.clone(),
        _ if is_yours(caller, &fair) => body.employer.clone(),
        _ => return Err(Error::Forbidden),
    };
    let zh = "请先登记用人单位";
    let employer = employer.ok_or_else(|| Error::invalid("/employer", "employer_required", zh, "the employer is missing"))?;
    if !fair.takes_registrations(now) {
        return Err(Error::conflict("registration_closed", "报名未开放或已截止", "the fair takes no registrations now"));
    }
    if table::table
        .filter(table::fair_id.eq(&fair.id))
        .filter(table::employer_id.eq(&employer))
        .count()
        .get_result::<i64>(conn)?
        > 0
    {
        return Err(Error::conflict("applied", "该单位已报名", "the employer has applied already"));
    }
    let body = sound(conn, &employer, body)?;
    let row = ExhibitorRow {
        id: ExhibitorId::new(now),
        fair_id: fair.id,
        employer_id: employer,
        status: Outcome::Applied,
        booth: None,
        vacancies: serde_json::to_string(&body.vacancies)?,
        wishes: body.wishes,
        contact_name: body.contact_name,
        contact_phone: body.contact_phone,
        reason: None,
        revision: 1,
        applied_at: now,
        updated_at: now,
    };
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "exhibitors.apply", &format!("exhibitor:{}", row.id))?;
    Ok(row.id)
}

/// Checks the employer, the telephone and that the vacancies are the employer's own live ones.
fn sound(conn: &mut DbConn, employer: &EmployerId, mut body: ExhibitorBody) -> Result<ExhibitorBody> {
    let mut refusals = Vec::new();
    if employers::table.find(employer).count().get_result::<i64>(conn)? == 0 {
        refusals.push(Refusal::new("/employer", "unknown_employer", "没有这个用人单位", "no such employer"));
    }
    if body.vacancies.len() > VACANCIES_MAX {
        refusals.push(Refusal::new("/vacancies", "too_many", "岗位不得超过 100 个", "more than 100 vacancies"));
    }
    for (at, id) in body.vacancies.iter().take(VACANCIES_MAX).enumerate() {
        let own = vacancy_table::table.find(id).filter(vacancy_table::employer_id.eq(employer));
        if own.filter(vacancy_table::status.eq(VacancyStatus::Live)).count().get_result::<i64>(conn)? == 0 {
            let zh = "只能带本单位已发布的岗位";
            refusals.push(Refusal::new(format!("/vacancies/{at}"), "not_own_live", zh, "not a live vacancy of the employer"));
        }
    }
    if let Some(text) = body.contact_phone.take().filter(|text| !text.trim().is_empty()) {
        match Phone::parse(&text) {
            Some(phone) => body.contact_phone = Some(phone.as_str().to_owned()),
            None => refusals.push(Refusal::new("/contact_phone", "bad_phone", "联系电话有误", "not a telephone number")),
        }
    }
    match refusals.is_empty() {
        true => Ok(body),
        false => Err(Error::Invalid(refusals)),
    }
}

/// Answers an application, or takes it back; a booth that becomes free goes to the first who waits.
pub fn decide(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): (&FairId, &ExhibitorId),
    to: Outcome,
    reason: Option<String>,
    check: impl FnOnce(i64) -> Result<()>,
) -> Result<()> {
    let fair = store::lock(conn, fair)?;
    let row = find(conn, &fair, caller, id)?;
    check(row.revision)?;
    may_decide(&fair, &row, caller, to)?;
    let reason = reason.filter(|text| !text.trim().is_empty());
    if to == Outcome::Declined && reason.is_none() {
        return Err(Error::invalid("/reason", "reason_required", "请说明原因", "the reason is missing"));
    }
    let next = match to {
        Outcome::Approved => {
            verified(conn, &row.employer_id)?;
            let waiting = waiting_rows(conn, &fair.id)?.first().is_some_and(|first| first.id != row.id);
            match (waiting, free_booth(conn, &fair)?) {
                (false, Some(booth)) => ExhibitorRow { status: Outcome::Approved, booth: Some(booth), ..row },
                _ => ExhibitorRow { status: Outcome::Waitlisted, booth: None, ..row },
            }
        }
        other => ExhibitorRow { status: other, booth: None, ..row },
    };
    let next = ExhibitorRow { reason, revision: next.revision + 1, updated_at: now, ..next };
    diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
    promote(conn, now, &fair)?;
    record(conn, now, caller, &format!("exhibitors.{}", next.status), &format!("exhibitor:{}", next.id))
}

fn may_decide(fair: &FairRow, row: &ExhibitorRow, caller: &Caller, to: Outcome) -> Result<()> {
    use Outcome::{Applied, Approved, Declined, Waitlisted, Withdrawn};
    let known = matches!(
        (row.status, to),
        (Applied, Approved | Declined | Waitlisted)
            | (Waitlisted, Approved | Declined)
            | (Applied | Approved | Waitlisted, Withdrawn)
    ) || (row.status == Approved && to == Declined);
    if !known {
        let zh = format!("报名现为 {}，不能转为 {to}", row.status);
        return Err(Error::conflict("wrong_step", zh, format!("the application is {} and cannot become {to}", row.status)));
    }
    let own = caller.is_employer(Some(&row.employer_id));
    match to == Withdrawn && own || is_yours(caller, fair) {
        true => Ok(()),
        false => Err(Error::Forbidden),
    }
}

/// Refuses an employer that no bureau has checked (人力资源市场暂行条例, article 28).
fn verified(conn: &mut DbConn, employer: &EmployerId) -> Result<()> {
    let at: Option<Timestamp> = employers::table.find(employer).select(employers::verified_at).first(conn)?;
    match at.is_some() {
        true => Ok(()),
        false => {
            let zh = "该单位尚未核验，请先由人社部门核验";
            Err(Error::conflict("employer_unverified", zh, "the employer has not been checked by a bureau"))
        }
    }
}

fn free_booth(conn: &mut DbConn, fair: &FairRow) -> Result<Option<i32>> {
    let taken: Vec<Option<i32>> =
        table::table.filter(table::fair_id.eq(&fair.id)).filter(table::booth.is_not_null()).select(table::booth).load(conn)?;
    Ok(lowest_free(&taken.into_iter().flatten().collect::<BTreeSet<i32>>(), fair.booths))
}

fn waiting_rows(conn: &mut DbConn, fair: &FairId) -> Result<Vec<ExhibitorRow>> {
    let waiting = table::table.filter(table::fair_id.eq(fair)).filter(table::status.eq(Outcome::Waitlisted));
    Ok(waiting.order((table::applied_at, table::id)).select(ExhibitorRow::as_select()).load(conn)?)
}

/// Gives free booths to those who wait, in the order of their application.
fn promote(conn: &mut DbConn, now: Timestamp, fair: &FairRow) -> Result<()> {
    for row in waiting_rows(conn, &fair.id)? {
        let Some(booth) = free_booth(conn, fair)? else { return Ok(()) };
        let next =
            ExhibitorRow { status: Outcome::Approved, booth: Some(booth), revision: row.revision + 1, updated_at: now, ..row };
        diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
    }
    Ok(())
}

/// Reads an exhibitor whom the caller may see: the own one, or one of the own fair.
fn find(conn: &mut DbConn, fair: &FairRow, caller: &Caller, id: &ExhibitorId) -> Result<ExhibitorRow> {
    let row: Option<ExhibitorRow> =
        table::table.find(id).filter(table::fair_id.eq(&fair.id)).select(ExhibitorRow::as_select()).first(conn).optional()?;
    let row = row.ok_or(Error::NotFound("exhibitor"))?;
    hidden_unless(caller.is_employer(Some(&row.employer_id)) || is_yours(caller, fair), "exhibitor")?;
    Ok(row)
}

/// Lists the exhibitors of a fair: its own people see all, an employer itself.
#[utoipa::path(tag = "fairs", operation_id = "list_exhibitors", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "参展单位", body = Page<ExhibitorView>), Failures))]
#[get("/fairs/{id}/exhibitors")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<ExhibitorView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<ExhibitorId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let all = is_yours(&caller, &fair);
            let narrowed = || {
                let query = table::table.filter(table::fair_id.eq(&fair.id)).into_boxed();
                match (all, &caller.employer) {
                    (true, _) => query,
                    (false, Some(own)) => query.filter(table::employer_id.eq(own)),
                    (false, None) => query.filter(table::employer_id.eq("")),
                }
            };
            let total: i64 = narrowed().count().get_result(conn)?;
            let mut query = narrowed().order(table::id).limit(i64::from(limit) + 1);
            if let Some(after) = after {
                query = query.filter(table::id.gt(after));
            }
            let rows: Vec<ExhibitorRow> = query.select(ExhibitorRow::as_select()).load(conn)?;
            Ok((rows, total))
        })
        .await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), ExhibitorView::of).map(Json)
}

/// Applies for a booth.
#[utoipa::path(tag = "fairs", operation_id = "create_exhibitor", params(("id" = FairId, Path)), request_body = ExhibitorBody,
    responses((status = 201, description = "已报名", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<ExhibitorBody>) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let exhibitor = apply(conn, *now, &caller, &id.0, body.0)?;
            Ok(table::table.find(&exhibitor).select(ExhibitorRow::as_select()).first(conn)?)
        })
        .await?;
    let location = format!("/v1/fairs/{}/exhibitors/{}", row.fair_id, row.id);
    Ok(created(&location, row.revision, &ExhibitorView::of(row)?))
}

/// Reads an exhibitor.
#[utoipa::path(tag = "fairs", operation_id = "get_exhibitor",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)),
    responses((status = 200, description = "参展单位", body = ExhibitorView), Failures))]
#[get("/fairs/{id}/exhibitors/{exhibitor}")]
async fn read(db: Data<Db>, caller: Caller, path: Id<(FairId, ExhibitorId)>) -> Result<HttpResponse> {
    let row = db
        .read(move |conn| {
            let fair = store::load(conn, &path.0.0)?;
            find(conn, &fair, &caller, &path.0.1)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

/// Changes what an exhibitor brings along; the employer stays.
#[utoipa::path(tag = "fairs", operation_id = "update_exhibitor",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)),
    request_body(content = ExhibitorBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = ExhibitorView), Failures))]
#[patch("/fairs/{id}/exhibitors/{exhibitor}")]
async fn change(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let fair = store::lock(conn, &path.0.0)?;
            let row = find(conn, &fair, &caller, &path.0.1)?;
            revision.check(row.revision)?;
            let wanted: ExhibitorBody = merged(&row.body()?, &body.0)?;
            let body = sound(conn, &row.employer_id, wanted)?;
            let next = ExhibitorRow {
                vacancies: serde_json::to_string(&body.vacancies)?,
                wishes: body.wishes,
                contact_name: body.contact_name,
                contact_phone: body.contact_phone,
                revision: row.revision + 1,
                updated_at: *now,
                ..row
            };
            diesel::update(table::table.find(&next.id)).set(&next).execute(conn)?;
            record(conn, *now, &caller, "exhibitors.change", &format!("exhibitor:{}", next.id))?;
            Ok(next)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

/// A step of an application.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ExhibitorTransition {
    /// Where it shall stand.
    to: Outcome,
    /// Why.
    reason: Option<String>,
}

/// Answers an application, or takes it back; approved without a booth left it waits.
#[utoipa::path(tag = "fairs", operation_id = "create_exhibitor_transition",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)), request_body = ExhibitorTransition,
    responses((status = 200, description = "状态已改变", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors/{exhibitor}/transitions")]
async fn transition(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<ExhibitorTransition>,
) -> Result<HttpResponse> {
    let ExhibitorTransition { to, reason } = body.0;
    let row = db
        .write(move |conn| {
            let (fair, exhibitor) = &path.0;
            decide(conn, *now, &caller, (fair, exhibitor), to, reason, |at| revision.check(at))?;
            Ok(table::table.find(exhibitor).select(ExhibitorRow::as_select()).first(conn)?)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}
