//! Who was told that a vacancy runs out, and when? One record for each threshold, written by the workers' loop before the
//! last day and read by the employer; what a source leads runs out with the source, and nobody is reminded of it.

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::{Days, NaiveDate};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::{vacancies, vacancy_reminders as table, vacancy_sources};
use crate::db::types::{EmployerId, Timestamp, VacancyId, VacancyReminderId};
use crate::db::{Db, DbConn};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::http::{Caller, Failures, Page, PageQuery, Query, Role};
use crate::vacancies::life::Status;

/// How many days before its last day a vacancy is reminded of, the last first.
const THRESHOLDS_DAYS: [u16; 3] = [1, 3, 7];
/// How many reminders one look writes.
const REMINDERS_MAX: i64 = 500;

/// A reminder as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct ReminderRow {
    id: VacancyReminderId,
    vacancy_id: VacancyId,
    employer_id: EmployerId,
    city: Option<String>,
    title: String,
    days_left: i32,
    expires_at: NaiveDate,
    created_at: Timestamp,
}

/// A reminder as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VacancyReminderView {
    id: VacancyReminderId,
    vacancy: VacancyId,
    employer: EmployerId,
    /// The title at that time.
    title: String,
    /// The threshold that was reached, in days.
    days_left: i32,
    /// The last day of which the reminder spoke.
    expires_at: NaiveDate,
    created_at: Timestamp,
}

impl From<ReminderRow> for VacancyReminderView {
    fn from(row: ReminderRow) -> VacancyReminderView {
        let ReminderRow { id, vacancy_id: vacancy, employer_id: employer, city: _, title, days_left, expires_at, created_at } =
            row;
        VacancyReminderView { id, vacancy, employer, title, days_left, expires_at, created_at }
    }
}

/// Writes the reminders of live vacancies that have come to a threshold, some hundreds at a time, and counts them; each
/// last day is reminded of once a threshold, and what another instance wrote meanwhile is left as it is.
pub fn remind_of_ends(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    let mut written = 0;
    let mut from = now.day();
    for threshold in THRESHOLDS_DAYS {
        let until = now.day().checked_add_days(Days::new(u64::from(threshold))).ok_or_else(|| Error::internal("no such day"))?;
        for row in due(conn, now, (from, until), i32::from(threshold))? {
            written +=
                each_backend!(&mut *conn, |c| diesel::insert_into(table::table).values(row).on_conflict_do_nothing().execute(c))?;
        }
        from = until.succ_opt().unwrap_or(until);
    }
    Ok(written)
}

/// Finds live vacancies with a last day in a span of which their employers were not told that it is so near.
fn due(conn: &mut DbConn, now: Timestamp, (from, until): (NaiveDate, NaiveDate), days_left: i32) -> Result<Vec<ReminderRow>> {
    let told = table::table
        .filter(table::vacancy_id.eq(vacancies::id))
        .filter(table::expires_at.nullable().eq(vacancies::expires_at))
        .filter(table::days_left.le(days_left));
    let led =
        vacancy_sources::table.filter(vacancy_sources::vacancy_id.eq(vacancies::id)).filter(vacancy_sources::leads.eq(true));
    let near = vacancies::table
        .filter(vacancies::status.eq(Status::Live))
        .filter(vacancies::employer_id.is_not_null())
        .filter(vacancies::expires_at.ge(from))
        .filter(vacancies::expires_at.le(until))
        .filter(not(exists(told)))
        .filter(not(exists(led)));
    let (employer, last_day) = (vacancies::employer_id.assume_not_null(), vacancies::expires_at.assume_not_null());
    let columns = (vacancies::id, employer, vacancies::city, vacancies::title, last_day);
    type Near = (VacancyId, EmployerId, Option<String>, String, NaiveDate);
    let found: Vec<Near> = near.order(vacancies::id).limit(REMINDERS_MAX).select(columns).load(conn)?;
    let rows = found.into_iter().map(|(vacancy_id, employer_id, city, title, expires_at)| {
        let id = VacancyReminderId::new(now);
        ReminderRow { id, vacancy_id, employer_id, city, title, days_left, expires_at, created_at: now }
    });
    Ok(rows.collect())
}

/// Lists the reminders of the own vacancies that run out, the newest first.
#[utoipa::path(tag = "vacancies", operation_id = "list_vacancy_reminders", params(PageQuery),
    responses((status = 200, description = "岗位到期提醒", body = Page<VacancyReminderView>), Failures))]
#[get("/vacancy-reminders")]
pub(super) async fn list(db: Data<Db>, caller: Caller, query: Query<PageQuery>) -> Result<Json<Page<VacancyReminderView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<VacancyReminderId>()?);
    let (rows, total) = db.read(move |conn| page(conn, &caller, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row: &ReminderRow| row.id.clone(), |row| Ok(row.into())).map(Json)
}

fn page(conn: &mut DbConn, caller: &Caller, after: Option<VacancyReminderId>, limit: i64) -> Result<(Vec<ReminderRow>, i64)> {
    let narrowed = || {
        let query = table::table.into_boxed();
        match (caller.role, &caller.city, &caller.employer) {
            (Role::Province, ..) => query,
            (Role::Bureau, Some(city), _) => query.filter(table::city.like(format!("{}%", city.get(..4).unwrap_or(city)))),
            (Role::Employer, _, Some(own)) => query.filter(table::employer_id.eq(own)),
            _ => query.filter(table::id.eq("")),
        }
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(table::id.desc()).limit(limit);
    if let Some(after) = after {
        query = query.filter(table::id.lt(after));
    }
    Ok((query.select(ReminderRow::as_select()).load(conn)?, total))
}
