//! Reviews over HTTP: the queue of a bureau, and how the looks at one vacancy ended.

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::{ReviewId, Timestamp, VacancyId};
use crate::error::{Error, Result};
use crate::http::{Caller, Failures, Id, Now, Page, PageQuery, Query, Role};
use crate::lexicon::{Lexicon, asked_area};
use crate::vacancies::http::yours;
use crate::vacancies::review::{Indicator, Outcome, ReviewRow, store};

/// Within how many working days a bureau means to look; this service's own aim, no statute names a number.
const REVIEW_WORKING_DAYS: u32 = 3;

/// What the queue is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::vacancies) struct WaitingQuery {
    /// A city or district, by code, prefix or name.
    city: Option<String>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// One look of a bureau at a vacancy that was handed in, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::vacancies) struct ReviewView {
    id: ReviewId,
    vacancy: VacancyId,
    /// What was handed in.
    #[schema(value_type = Object)]
    snapshot: Box<RawValue>,
    /// Pointers to what changed since it was handed in before.
    changed: Vec<String>,
    /// What screening found of it.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<Value>,
    /// The rules whose findings the reviewer set aside.
    dismissed: Vec<String>,
    /// What the reviewer said of single fields.
    indicators: Vec<Indicator>,
    submitted_at: Timestamp,
    /// The day by which the bureau means to decide.
    due_on: NaiveDate,
    /// Whether that day has passed without a decision.
    overdue: bool,
    /// How it ended; `null` while it waits.
    outcome: Option<Outcome>,
    reviewer: Option<String>,
    reason: Option<String>,
    decided_at: Option<Timestamp>,
}

impl ReviewView {
    fn of(row: ReviewRow, calendar: &Calendar, now: Timestamp) -> Result<ReviewView> {
        let ReviewRow { id, vacancy_id, city: _, snapshot, changed, findings, dismissed, indicators, submitted_at, .. } = row;
        let due_on = calendar.add_working_days(submitted_at.day(), REVIEW_WORKING_DAYS).map_err(Error::internal)?.date;
        Ok(ReviewView {
            id,
            vacancy: vacancy_id,
            snapshot: serde_json::from_str(&snapshot)?,
            changed: serde_json::from_str(&changed)?,
            findings: serde_json::from_str(&findings)?,
            dismissed: serde_json::from_str(&dismissed)?,
            indicators: serde_json::from_str(&indicators)?,
            submitted_at,
            due_on,
            overdue: row.outcome.is_none() && due_on < now.day(),
            outcome: row.outcome,
            reviewer: row.reviewer,
            reason: row.reason,
            decided_at: row.decided_at,
        })
    }
}

/// Lists the vacancies that wait for the bureau, the longest waiting first.
#[utoipa::path(tag = "vacancies", operation_id = "list_vacancy_reviews", params(WaitingQuery),
    responses((status = 200, description = "待审岗位", body = Page<ReviewView>), Failures))]
#[get("/vacancy-reviews")]
pub(in crate::vacancies) async fn waiting(
    db: Data<Db>,
    config: Data<Config>,
    lexicon: Data<Lexicon>,
    calendar: Data<Calendar>,
    caller: Caller,
    now: Now,
    query: Query<WaitingQuery>,
) -> Result<Json<Page<ReviewView>>> {
    let WaitingQuery { city, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<ReviewId>()?);
    let asked = asked_area(&lexicon.places, &config.region, city.as_deref())?.map(|area| area.prefix().to_owned());
    let area = match caller.role {
        Role::Province => asked,
        _ => Some(within(asked, caller.city.as_deref())?),
    };
    let rows = db.read(move |conn| store::waiting(conn, area.as_deref(), after.as_ref(), i64::from(limit) + 1));
    let (rows, total) = rows.await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| ReviewView::of(row, &calendar, *now)).map(Json)
}

/// Narrows what a bureau asks to its own city; another city is not its own.
fn within(asked: Option<String>, own: Option<&str>) -> Result<String> {
    let own = own.and_then(|city| city.get(..4)).ok_or(Error::Forbidden)?;
    match asked {
        Some(asked) if asked.starts_with(own) => Ok(asked),
        Some(asked) if !own.starts_with(&asked) => Err(Error::Forbidden),
        _ => Ok(own.to_owned()),
    }
}

/// Lists every look at a vacancy, the oldest first.
#[utoipa::path(tag = "vacancies", operation_id = "list_reviews_of_vacancy", params(("id" = VacancyId, Path)),
    responses((status = 200, description = "审核记录", body = Vec<ReviewView>), Failures))]
#[get("/vacancies/{id}/reviews")]
pub(in crate::vacancies) async fn of_vacancy(
    db: Data<Db>,
    calendar: Data<Calendar>,
    caller: Caller,
    now: Now,
    id: Id<VacancyId>,
) -> Result<Json<Vec<ReviewView>>> {
    let rows = db.read(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        store::of_vacancy(conn, &row.id)
    });
    rows.await?.into_iter().map(|row| ReviewView::of(row, &calendar, *now)).collect::<Result<_>>().map(Json)
}
