//! What does the law ask of a fair, by when, and was it done? The statutory file of one fair, what falls due for a bureau,
//! and the reminders of it.

pub mod change;
mod clash;
mod documents;
mod evidence;
pub mod facts;
pub mod judge;
mod notice;
mod reminders;
pub mod table;
mod term;

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::schema::fairs;
use crate::db::types::{FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::fairs::life::FairStatus;
use crate::fairs::model::{FairRow, Warning};
use crate::fairs::store::{self, is_yours};
use crate::http::{Caller, Failures, Id, Now, Page, PageQuery, Query, Role, hidden_unless};
use crate::lexicon::{Lexicon, asked_area};

use documents::DocumentView;
use judge::{Duty, DutyStatus, judge};

pub use reminders::{ReminderRow, remind, reminders_due};
pub use term::next_working_day;

/// How far ahead duties are shown when nothing is said, in days.
const AHEAD_DAYS: u64 = 30;
/// How many fairs are judged for one answer.
const FAIRS_MAX: i64 = 1_000;
/// How long a fair that was called off is looked at, in seconds.
const CANCELLED_S: i64 = 60 * 24 * 3600;

/// Mounts the routes of the file.
pub fn routes(config: &mut ServiceConfig) {
    documents::routes(config);
    reminders::routes(config);
    config.service(file).service(due);
}

/// The statutory file of a fair.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FileView {
    fair: FairId,
    status: FairStatus,
    /// The day on which it was judged.
    as_of: NaiveDate,
    /// Every duty, in the order in which they fall due.
    duties: Vec<Duty>,
    /// What is filed.
    documents: Vec<DocumentView>,
    /// What else is on the same day.
    warnings: Vec<Warning>,
}

/// Gives the statutory file of a fair: each duty with its due day, basis, status and evidence.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_file", params(("id" = FairId, Path)),
    responses((status = 200, description = "法定事项档案", body = FileView), Failures))]
#[get("/fairs/{id}/file")]
async fn file(db: Data<Db>, calendar: Data<Calendar>, caller: Caller, now: Now, id: Id<FairId>) -> Result<Json<FileView>> {
    let (facts, documents, warnings) = db
        .read(move |conn| {
            let row = store::load(conn, &id.0)?;
            hidden_unless(is_yours(&caller, &row), "fair")?;
            let (documents, warnings) = (documents::of_fair(conn, &row.id)?, clash::warnings(conn, &row)?);
            Ok((facts::load(conn, row)?, documents, warnings))
        })
        .await?;
    let mut duties = judge(&facts, &table::duties()?, &calendar, now.day())?;
    duties.sort_by_key(|duty| (duty.due_on.is_none(), duty.due_on));
    let (fair, status) = (facts.row.id, facts.row.status);
    Ok(Json(FileView { fair, status, as_of: now.day(), duties, documents, warnings }))
}

/// What falls due is narrowed to.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DueQuery {
    /// A city, by code, prefix or name.
    city: Option<String>,
    /// Due on this day or before; 30 days ahead when nothing is said.
    due_before: Option<NaiveDate>,
    /// How it stands; what is open when nothing is said.
    status: Option<DutyStatus>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// A duty of one of many fairs.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct FairDuty {
    fair: FairId,
    title: String,
    city: String,
    starts_at: Timestamp,
    fair_status: FairStatus,
    duty: Duty,
}

/// Lists what falls due for the fairs of a school, a city or the province, the most urgent first.
#[utoipa::path(tag = "fairs", operation_id = "list_fair_duties", params(DueQuery),
    responses((status = 200, description = "到期事项", body = Page<FairDuty>), Failures))]
#[get("/fair-duties")]
async fn due(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    calendar: Data<Calendar>,
    caller: Caller,
    now: Now,
    query: Query<DueQuery>,
) -> Result<Json<Page<FairDuty>>> {
    let DueQuery { city, due_before, status, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<(NaiveDate, FairId, String)>()?);
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?.map(|area| area.city().prefix().to_owned());
    let day = due_before.unwrap_or_else(|| now.day() + Days::new(AHEAD_DAYS));
    let at = *now;
    let rows = db.read(move |conn| open_duties(conn, at, &calendar, &Scope { caller: &caller, area: area.as_deref() })).await?;
    let wanted = |row: &FairDuty| match status {
        Some(status) => row.duty.status == status,
        None => matches!(row.duty.status, DutyStatus::Due | DutyStatus::Overdue | DutyStatus::Unknown),
    };
    let mut rows: Vec<FairDuty> =
        rows.into_iter().filter(|row| wanted(row) && row.duty.due_on.is_some_and(|due| due <= day)).collect();
    let key = |row: &FairDuty| (row.duty.due_on.unwrap_or(day), row.fair.clone(), row.duty.id.as_str().to_owned());
    rows.sort_by_key(key);
    let total = i64::try_from(rows.len())?;
    rows.retain(|row| after.as_ref().is_none_or(|after| key(row) > *after));
    Page::from_rows(rows, limit, total, key, Ok).map(Json)
}

/// Whose fairs are looked at.
struct Scope<'a> {
    caller: &'a Caller,
    area: Option<&'a str>,
}

/// Judges the fairs of a scope that are handed in and not reported yet.
fn open_duties(conn: &mut DbConn, now: Timestamp, calendar: &Calendar, scope: &Scope<'_>) -> Result<Vec<FairDuty>> {
    use FairStatus::{Cancelled, Draft, Reported};
    let mut query = fairs::table.filter(fairs::status.ne_all([Draft, Reported])).into_boxed();
    let recent = fairs::starts_at.gt(now.plus_seconds(-CANCELLED_S));
    query = query.filter(fairs::status.ne(Cancelled).or(recent));
    query = match (scope.caller.role, &scope.caller.city, &scope.caller.school) {
        (Role::Province, ..) => query,
        (Role::Bureau, Some(city), _) => query.filter(fairs::city.like(format!("{}%", city.get(..4).unwrap_or(city)))),
        (Role::School, _, Some(own)) => query.filter(fairs::school_id.eq(own)),
        _ => query.filter(fairs::id.eq("")),
    };
    if let Some(area) = scope.area {
        query = query.filter(fairs::city.like(format!("{area}%")));
    }
    let rows: Vec<FairRow> =
        query.order((fairs::starts_at, fairs::id)).limit(FAIRS_MAX).select(FairRow::as_select()).load(conn)?;
    let duties = table::duties()?;
    let mut all = Vec::new();
    for facts in facts::load_many(conn, rows)? {
        for duty in judge(&facts, &duties, calendar, now.day())? {
            all.push(FairDuty {
                fair: facts.row.id.clone(),
                title: facts.row.title.clone(),
                city: facts.row.city.clone(),
                starts_at: facts.row.starts_at,
                fair_status: facts.row.status,
                duty,
            });
        }
    }
    Ok(all)
}
