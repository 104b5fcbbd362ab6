//! Working days over HTTP.

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::{Calendar, DayReason};
use crate::error::{Error, Refusal, Result};
use crate::http::{Failures, Query};

/// How many working days may be counted.
const DAYS_MAX: u32 = 366;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(working_days);
}

/// From which day on, and how many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WorkingDaysQuery {
    /// The day from which to count; it does not count itself.
    from: NaiveDate,
    /// How many working days, 0 to 366.
    days: u32,
}

/// A day that does not count, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SkippedDay {
    date: NaiveDate,
    reason: String,
}

/// The day that is reached.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WorkingDaysView {
    from: NaiveDate,
    days: u32,
    date: NaiveDate,
    /// Whether the holiday notices of all years passed are known; if not, the answer may change.
    known: bool,
    skipped: Vec<SkippedDay>,
}

/// Counts working days, with statutory holidays and the days moved by notice (调休).
#[utoipa::path(tag = "reference", operation_id = "get_working_days", params(WorkingDaysQuery),
    responses((status = 200, description = "工作日推算", body = WorkingDaysView), Failures))]
#[get("/calendar/working-days")]
async fn working_days(calendar: Data<Calendar>, query: Query<WorkingDaysQuery>) -> Result<Json<WorkingDaysView>> {
    let WorkingDaysQuery { from, days } = query.0;
    if days > DAYS_MAX {
        let zh = "days 须在 0 至 366 之间";
        return Err(Error::Malformed(Refusal::new("/days", "out_of_range", zh, "days is not within 0 to 366")));
    }
    let reached = calendar.add_working_days(from, days).map_err(Error::internal)?;
    let passed = from.iter_days().skip(1).take_while(|day| *day < reached.date).map(|day| calendar.is_working_day(day));
    let skipped = passed.filter(|day| !day.working).map(|day| SkippedDay {
        date: day.date,
        reason: match day.reason {
            DayReason::Holiday(name) => name,
            _ => "周末".to_owned(),
        },
    });
    Ok(Json(WorkingDaysView { from, days, date: reached.date, known: reached.known, skipped: skipped.collect() }))
}
