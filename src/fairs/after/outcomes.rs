//! What became of those who met at a fair? One row a graduate and employer: written by the employer for somebody who came
//! and agreed to be known to it, or by the people of the fair.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{
    consents, fair_attendances as attendance_table, fair_exhibitors as exhibitor_table, fair_outcomes as table,
    graduates as graduate_table,
};
use crate::db::types::{EmployerId, FairId, GraduateId, OutcomeId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::fairs::attendances::Attendance;
use crate::fairs::exhibitor::Outcome as Answer;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::graduates::{self, DataKind, Purpose};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::text_enum;

/// The longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;

/// Selects the standing consents to be known to an employer at a fair, or to that fair: given for the fair or to be
/// recommended, since one given to be found as somebody who fits is for nothing else (个人信息保护法, article 14).
macro_rules! agreed {
    ($fair:expr, $employer:expr) => {{
        let recipients = [format!("employer:{}", $employer), format!("fair:{}", $fair)];
        let standing = consents::table.filter(consents::revoked_at.is_null());
        standing
            .filter(consents::recipient.eq_any(recipients))
            .filter(consents::purpose.eq_any([Purpose::Fair, Purpose::Referral]))
    }};
}

/// Mounts the routes of outcomes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(change);
}

text_enum! {
    /// How far two who met have come.
    Stage {
        /// 达成就业意向.
        Intent = "intent",
        /// 进入复试.
        SecondInterview = "second_interview",
        /// 已发录用意向.
        Offer = "offer",
        /// 已录用.
        Hired = "hired",
        /// 未录用.
        NotHired = "not_hired",
    }
}

/// An outcome as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeBody {
    /// The graduate.
    pub graduate: GraduateId,
    /// The employer; an employer's own account need not say it.
    pub employer: Option<EmployerId>,
    /// How far they have come.
    pub outcome: Stage,
    /// Since when the graduate is hired; today when nothing is said.
    pub hired_on: Option<NaiveDate>,
    /// When the employment was registered (就业登记).
    pub registered_on: Option<NaiveDate>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// An outcome as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OutcomeRow {
    pub id: OutcomeId,
    pub fair_id: FairId,
    pub graduate_id: GraduateId,
    pub employer_id: EmployerId,
    pub outcome: Stage,
    pub note: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub hired_on: Option<NaiveDate>,
    pub registered_on: Option<NaiveDate>,
}

/// An outcome as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OutcomeView {
    id: OutcomeId,
    fair: FairId,
    graduate: GraduateId,
    employer: EmployerId,
    outcome: Stage,
    hired_on: Option<NaiveDate>,
    registered_on: Option<NaiveDate>,
    note: Option<String>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<OutcomeRow> for OutcomeView {
    fn from(row: OutcomeRow) -> OutcomeView {
        let OutcomeRow {
            id,
            fair_id: fair,
            graduate_id: graduate,
            employer_id: employer,
            outcome,
            note,
            revision,
            created_at,
            updated_at,
            hired_on,
            registered_on,
        } = row;
        OutcomeView { id, fair, graduate, employer, outcome, hired_on, registered_on, note, revision, created_at, updated_at }
    }
}

impl OutcomeBody {
    /// Checks the days and the note; a hire without a day is one of today.
    fn parse(self, fair: &FairRow, today: NaiveDate) -> Result<OutcomeBody> {
        let hired = self.outcome == Stage::Hired;
        let hired_on = self.hired_on.or(hired.then_some(today));
        let mut refusals = Vec::new();
        if !hired && (self.hired_on.is_some() || self.registered_on.is_some()) {
            let zh = "只有已录用才填写录用和登记日期";
            refusals.push(Refusal::new("/hired_on", "not_hired", zh, "days are of somebody who was hired"));
        }
        if hired_on.is_some_and(|day| day < fair.starts_at.day() || day > today) {
            let zh = "录用日期须在招聘会之后、今天之前";
            refusals.push(Refusal::new("/hired_on", "out_of_range", zh, "not between the fair and today"));
        }
        if self.registered_on.is_some_and(|day| hired_on.is_some_and(|hired| day < hired) || day > today) {
            let zh = "登记日期须在录用之后、今天之前";
            refusals.push(Refusal::new("/registered_on", "out_of_range", zh, "not between the hire and today"));
        }
        if self.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
            refusals.push(Refusal::new("/note", "too_long", "备注不得超过 500 个字", "longer than 500 characters"));
        }
        match refusals.is_empty() {
            true => Ok(OutcomeBody { hired_on, ..self }),
            false => Err(Error::Invalid(refusals)),
        }
    }
}

/// Writes down what became of a meeting.
pub fn note_outcome(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: OutcomeBody) -> Result<OutcomeRow> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(fair.published_at.is_some() || is_yours(caller, &fair), "fair")?;
    let employer = if caller.role == Role::Employer { caller.employer.clone() } else { body.employer.clone() };
    let zh = "请指明用人单位";
    let employer = employer.ok_or_else(|| Error::invalid("/employer", "required", zh, "the employer is missing"))?;
    may_write(conn, caller, &fair, &body.graduate)?;
    if !matches!(fair.status, FairStatus::InProgress | FairStatus::Finished | FairStatus::Reported) {
        return Err(Error::conflict("not_held", "招聘会尚未举办", "the fair has not been held"));
    }
    both_came(conn, &fair, &body.graduate, &employer)?;
    let body = body.parse(&fair, now.day())?;
    let known = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::graduate_id.eq(&body.graduate));
    if known.filter(table::employer_id.eq(&employer)).count().get_result::<i64>(conn)? > 0 {
        return Err(Error::conflict("noted", "已有结果记录，请修改原记录", "an outcome is noted already; change it"));
    }
    let row = OutcomeRow {
        id: OutcomeId::new(now),
        fair_id: fair.id,
        graduate_id: body.graduate,
        employer_id: employer,
        outcome: body.outcome,
        note: body.note,
        revision: 1,
        created_at: now,
        updated_at: now,
        hired_on: body.hired_on,
        registered_on: body.registered_on,
    };
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "outcomes.note", &format!("outcome:{}", row.id))?;
    Ok(row)
}

/// Lets the people of the fair write, a school for its own graduates, an employer for those who agreed to be known to it; a
/// graduate who did not is to the employer as if not there (个人信息保护法, article 23).
fn may_write(conn: &mut DbConn, caller: &Caller, fair: &FairRow, graduate: &GraduateId) -> Result<()> {
    match caller.role {
        _ if is_yours(caller, fair) => Ok(()),
        Role::Employer => {
            let employer = caller.employer.as_ref().ok_or(Error::Forbidden)?;
            let agreed = agreed!(&fair.id, employer).filter(consents::graduate_id.eq(graduate));
            hidden_unless(agreed.count().get_result::<i64>(conn)? > 0, "graduate")
        }
        Role::School => graduates::yours(conn, caller, graduate).map(|_| ()),
        _ => Err(Error::Forbidden),
    }
}

fn both_came(conn: &mut DbConn, fair: &FairRow, graduate: &GraduateId, employer: &EmployerId) -> Result<()> {
    let seats = attendance_table::table.filter(attendance_table::fair_id.eq(&fair.id));
    let seats = seats.filter(attendance_table::graduate_id.eq(graduate));
    if seats.filter(attendance_table::status.eq(Attendance::Attended)).count().get_result::<i64>(conn)? == 0 {
        let zh = "该毕业生未在本场签到";
        return Err(Error::invalid("/graduate", "not_attended", zh, "the graduate was not at the fair"));
    }
    let booths = exhibitor_table::table.filter(exhibitor_table::fair_id.eq(&fair.id));
    let booths = booths.filter(exhibitor_table::employer_id.eq(employer));
    match booths.filter(exhibitor_table::status.eq(Answer::Approved)).count().get_result::<i64>(conn)? {
        0 => Err(Error::invalid("/employer", "not_attended", "该单位未参加本场招聘会", "the employer was not at the fair")),
        _ => Ok(()),
    }
}

fn find(conn: &mut DbConn, caller: &Caller, fair: &FairRow, id: &OutcomeId) -> Result<OutcomeRow> {
    let own = table::table.find(id).filter(table::fair_id.eq(&fair.id)).select(OutcomeRow::as_select());
    let row: OutcomeRow = own.first(conn).optional()?.ok_or(Error::NotFound("outcome"))?;
    let yours = match caller.role {
        Role::Graduate => caller.is_graduate(&row.graduate_id),
        Role::Employer if !caller.is_employer(Some(&row.employer_id)) => false,
        _ => may_write(conn, caller, fair, &row.graduate_id).is_ok(),
    };
    hidden_unless(yours, "outcome")?;
    Ok(row)
}

/// Lists the outcomes of a fair: its own people see all, a school its graduates', an employer its own as long as the
/// graduates agree, a graduate the own.
#[utoipa::path(tag = "fairs", operation_id = "list_outcomes", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "面谈结果", body = Page<OutcomeView>), Failures))]
#[get("/fairs/{id}/outcomes")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<OutcomeView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<OutcomeId>()?);
    let (rows, total) = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            seen(conn, &caller, &fair, after, i64::from(limit) + 1)
        })
        .await?;
    Page::from_rows(rows, limit, total, |row: &OutcomeRow| row.id.clone(), |row| Ok(row.into())).map(Json)
}

/// Reads the outcomes that a caller may see, by id, and counts them.
pub fn seen(
    conn: &mut DbConn,
    caller: &Caller,
    fair: &FairRow,
    after: Option<OutcomeId>,
    limit: i64,
) -> Result<(Vec<OutcomeRow>, i64)> {
    let all = is_yours(caller, fair);
    let narrowed = || {
        let query = table::table.inner_join(graduate_table::table).filter(table::fair_id.eq(&fair.id)).into_boxed();
        match (all, caller.role, &caller.graduate, &caller.employer, &caller.school) {
            (true, ..) => query,
            (_, Role::Graduate, Some(own), ..) => query.filter(table::graduate_id.eq(own)),
            (_, Role::Employer, _, Some(own), _) => {
                let agreed = agreed!(&fair.id, own).select(consents::graduate_id);
                query.filter(table::employer_id.eq(own)).filter(table::graduate_id.eq_any(agreed))
            }
            (_, Role::School, .., Some(own)) => query.filter(graduate_table::school_id.eq(own)),
            _ => query.filter(table::graduate_id.eq("")),
        }
    };
    let total: i64 = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(table::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(table::id.gt(after));
    }
    Ok((query.select(OutcomeRow::as_select()).load(conn)?, total))
}

/// Lists the graduates who agreed to be known to the calling employer, or to the fair.
pub fn known_to(conn: &mut DbConn, caller: &Caller, fair: &FairRow) -> Result<Vec<GraduateId>> {
    let Some(own) = &caller.employer else { return Ok(Vec::new()) };
    Ok(agreed!(&fair.id, own).select(consents::graduate_id).load(conn)?)
}

/// Lists the graduates who agreed that the calling employer, or the fair, knows their name.
pub fn named_to(conn: &mut DbConn, caller: &Caller, fair: &FairRow) -> Result<Vec<GraduateId>> {
    let Some(own) = &caller.employer else { return Ok(Vec::new()) };
    let names = agreed!(&fair.id, own).filter(consents::data_kinds.like(format!("%\"{}\"%", DataKind::Name.as_str())));
    Ok(names.select(consents::graduate_id).load(conn)?)
}

/// Writes down what became of a meeting at a fair.
#[utoipa::path(tag = "fairs", operation_id = "create_outcome", params(("id" = FairId, Path)), request_body = OutcomeBody,
    responses((status = 201, description = "已记录", body = OutcomeView), Failures))]
#[post("/fairs/{id}/outcomes")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<OutcomeBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| note_outcome(conn, *now, &caller, &id.0, body.0)).await?;
    let location = format!("/v1/fairs/{}/outcomes/{}", row.fair_id, row.id);
    Ok(created(&location, row.revision, &OutcomeView::from(row)))
}

/// Reads an outcome.
#[utoipa::path(tag = "fairs", operation_id = "get_outcome", params(("id" = FairId, Path), ("outcome" = OutcomeId, Path)),
    responses((status = 200, description = "面谈结果", body = OutcomeView), Failures))]
#[get("/fairs/{id}/outcomes/{outcome}")]
async fn read(db: Data<Db>, caller: Caller, path: Id<(FairId, OutcomeId)>) -> Result<HttpResponse> {
    let row = db
        .read(move |conn| {
            let fair = store::load(conn, &path.0.0)?;
            find(conn, &caller, &fair, &path.0.1)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &OutcomeView::from(row)))
}

/// Takes an outcome further; who met stays.
#[utoipa::path(tag = "fairs", operation_id = "update_outcome", params(("id" = FairId, Path), ("outcome" = OutcomeId, Path)),
    request_body(content = OutcomeBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = OutcomeView), Failures))]
#[patch("/fairs/{id}/outcomes/{outcome}")]
async fn change(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, OutcomeId)>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db.write(move |conn| take_further(conn, *now, &caller, &path.0, &revision, &body.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &OutcomeView::from(row)))
}

fn take_further(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): &(FairId, OutcomeId),
    revision: &IfMatch,
    patch: &Value,
) -> Result<OutcomeRow> {
    let fair = store::lock(conn, fair)?;
    let row = find(conn, caller, &fair, id)?;
    if caller.role == Role::Graduate {
        return Err(Error::Forbidden);
    }
    revision.check(row.revision)?;
    let body = OutcomeBody {
        graduate: row.graduate_id.clone(),
        employer: Some(row.employer_id.clone()),
        outcome: row.outcome,
        hired_on: row.hired_on,
        registered_on: row.registered_on,
        note: row.note.clone(),
    };
    let wanted: OutcomeBody = merged(&body, patch)?;
    if (wanted.graduate != row.graduate_id) || wanted.employer.as_ref() != Some(&row.employer_id) {
        return Err(Error::invalid("/graduate", "fixed", "毕业生和单位不可更改", "who met cannot be changed"));
    }
    let wanted = wanted.parse(&fair, now.day())?;
    let row = OutcomeRow {
        outcome: wanted.outcome,
        hired_on: wanted.hired_on,
        registered_on: wanted.registered_on,
        note: wanted.note,
        revision: row.revision + 1,
        updated_at: now,
        ..row
    };
    diesel::update(table::table.find(&row.id)).set(&row).execute(conn)?;
    record(conn, now, caller, "outcomes.change", &format!("outcome:{}", row.id))?;
    Ok(row)
}
