//! Who was reminded of what, and when? One record for each duty and threshold, written by the workers' loop, read by the
//! people whose duty it is.

use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::schema::{fair_reminders as table, fairs};
use crate::db::types::{FairId, FairReminderId, Timestamp};
use crate::db::{Db, DbConn};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::fairs::file::judge::DutyStatus;
use crate::fairs::file::table::DutyId;
use crate::fairs::file::{FairDuty, Scope, open_duties};
use crate::http::{Caller, Failures, Page, PageQuery, Query, Role};
use crate::lexicon::{Lexicon, asked_area};

/// How many working days before its day a duty is reminded of; when it is over, once more.
const THRESHOLDS_DAYS: [i64; 4] = [0, 2, 5, 10];
/// The threshold of what is over.
const OVER: i64 = -1;

/// Mounts the routes of reminders.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// A reminder as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
pub struct ReminderRow {
    id: FairReminderId,
    fair_id: FairId,
    city: String,
    duty: DutyId,
    days_left: i32,
    due_on: NaiveDate,
    created_at: Timestamp,
}

/// A reminder as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ReminderView {
    id: FairReminderId,
    fair: FairId,
    city: String,
    duty: DutyId,
    /// The threshold that was reached, in working days; -1 when the day was over.
    days_left: i32,
    due_on: NaiveDate,
    created_at: Timestamp,
}

impl From<ReminderRow> for ReminderView {
    fn from(row: ReminderRow) -> ReminderView {
        let ReminderRow { id, fair_id: fair, city, duty, days_left, due_on, created_at } = row;
        ReminderView { id, fair, city, duty, days_left, due_on, created_at }
    }
}

/// Gives the threshold that is reached with so many working days left; none while there is time.
fn threshold(left: i64) -> Option<i64> {
    match left < 0 {
        true => Some(OVER),
        false => THRESHOLDS_DAYS.into_iter().find(|threshold| left <= *threshold),
    }
}

/// Finds every duty that reached a threshold of which nobody was reminded; only looks.
pub fn reminders_due(conn: &mut DbConn, now: Timestamp) -> Result<Vec<ReminderRow>> {
    let calendar = Calendar::load().map_err(Error::internal)?;
    let scope = Scope { caller: &Caller::service(), area: None };
    let mut reached = Vec::new();
    for FairDuty { fair, city, duty, .. } in open_duties(conn, now, &calendar, &scope)? {
        let open = matches!(duty.status, DutyStatus::Due | DutyStatus::Overdue);
        let (Some(due_on), Some(left), true) = (duty.due_on, duty.working_days_left, open) else { continue };
        if let Some(days_left) = threshold(if due_on < now.day() { OVER } else { left }) {
            let (id, days_left) = (FairReminderId::new(now), i32::try_from(days_left)?);
            reached.push(ReminderRow { id, fair_id: fair, city, duty: duty.id, days_left, due_on, created_at: now });
        }
    }
    let mut fairs: Vec<&FairId> = reached.iter().map(|row| &row.fair_id).collect();
    fairs.dedup();
    let known = table::table.filter(table::fair_id.eq_any(fairs));
    let known = known.select((table::fair_id, table::duty, table::due_on, table::days_left));
    let known: Vec<(FairId, DutyId, NaiveDate, i32)> = known.load(conn)?;
    let is_new = |row: &ReminderRow| {
        let same = |(fair, duty, due_on, left): &(FairId, DutyId, NaiveDate, i32)| {
            (fair, duty, due_on) == (&row.fair_id, &row.duty, &row.due_on) && *left <= row.days_left
        };
        !known.iter().any(same)
    };
    reached.retain(is_new);
    Ok(reached)
}

/// Writes reminders down and counts them; one that another instance wrote meanwhile is left as it is.
pub fn remind(conn: &mut DbConn, rows: &[ReminderRow]) -> Result<usize> {
    let mut written = 0;
    for row in rows {
        written +=
            each_backend!(&mut *conn, |c| diesel::insert_into(table::table).values(row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(written)
}

/// What reminders are narrowed to.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// A city, by code, prefix or name.
    city: Option<String>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Lists the reminders of the own fairs, the newest first.
#[utoipa::path(tag = "fairs", operation_id = "list_fair_reminders", params(ListQuery),
    responses((status = 200, description = "到期提醒", body = Page<ReminderView>), Failures))]
#[get("/fair-reminders")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<ReminderView>>> {
    let ListQuery { city, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<FairReminderId>()?);
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?.map(|area| area.city().prefix().to_owned());
    let (rows, total) = db.read(move |conn| page(conn, &caller, area.as_deref(), after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row: &ReminderRow| row.id.clone(), |row| Ok(row.into())).map(Json)
}

fn page(
    conn: &mut DbConn,
    caller: &Caller,
    area: Option<&str>,
    after: Option<FairReminderId>,
    limit: i64,
) -> Result<(Vec<ReminderRow>, i64)> {
    let narrowed = || {
        let mut query = table::table.inner_join(fairs::table).into_boxed();
        query = match (caller.role, &caller.city, &caller.school) {
            (Role::Province, ..) => query,
            (Role::Bureau, Some(city), _) => query.filter(table::city.like(format!("{}%", city.get(..4).unwrap_or(city)))),
            (Role::School, _, Some(own)) => query.filter(fairs::school_id.eq(own)),
            _ => query.filter(table::id.eq("")),
        };
        match area {
            Some(area) => query.filter(table::city.like(format!("{area}%"))),
            None => query,
        }
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(table::id.desc()).limit(limit);
    if let Some(after) = after {
        query = query.filter(table::id.lt(after));
    }
    Ok((query.select(ReminderRow::as_select()).load(conn)?, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_reached_from_its_day_on_and_what_is_over_has_its_own() {
        let reached: Vec<Option<i64>> = [11, 10, 6, 5, 3, 2, 1, 0, -1, -9].map(threshold).to_vec();
        let wanted = [None, Some(10), Some(10), Some(5), Some(5), Some(2), Some(2), Some(0), Some(-1), Some(-1)];
        assert_eq!(reached, wanted);
    }
}
