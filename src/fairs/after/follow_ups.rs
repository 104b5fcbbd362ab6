//! Who has to do what after a fair? The tasks of those who ask.

use actix_web::get;
use actix_web::web::{Data, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::db::types::{FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::after::follow::{Basis, Task, tasks};
use crate::fairs::after::{ground, outcomes};
use crate::fairs::file::table::{DutyId, duties};
use crate::fairs::life::FairStatus;
use crate::fairs::store::{self, is_yours};
use crate::http::{Caller, Failures, Id, Now, Page, PageQuery, Query, Role};

/// How many outcomes of a fair are followed.
const OUTCOMES_MAX: i64 = 20_000;

/// Mounts the routes of tasks.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list);
}

/// Lists what is still to be done after a fair: its own people see all, everybody else what concerns them.
#[utoipa::path(tag = "fairs", operation_id = "list_follow_ups", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "后续跟进", body = Page<Task>), Failures))]
#[get("/fairs/{id}/follow-ups")]
async fn list(
    db: Data<Db>,
    calendar: Data<Calendar>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Task>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<(String, String, String)>()?);
    let at = *now;
    let mut rows = db.read(move |conn| open_tasks(conn, at, &calendar, &caller, &id.0)).await?;
    let key = |task: &Task| (task.due_on.to_string(), task.graduate.to_string(), task.employer.to_string());
    let total = i64::try_from(rows.len())?;
    rows.retain(|task| after.as_ref().is_none_or(|after| key(task) > *after));
    Page::from_rows(rows, limit, total, key, Ok).map(Json)
}

fn open_tasks(conn: &mut DbConn, now: Timestamp, calendar: &Calendar, caller: &Caller, id: &FairId) -> Result<Vec<Task>> {
    let fair = store::visible(conn, caller, id)?;
    if !matches!(fair.status, FairStatus::Finished | FairStatus::Reported) {
        return Ok(Vec::new());
    }
    let (seen, _) = outcomes::seen(conn, caller, &fair, None, OUTCOMES_MAX)?;
    let mut happened = ground::load(conn, &fair.id)?;
    let all = is_yours(caller, &fair);
    let school = caller.school.as_ref();
    let own: Vec<_> = happened.came.iter().filter(|came| came.school.as_ref().map(|(id, _)| id) == school).collect();
    let own: Vec<_> = own.into_iter().map(|came| came.graduate.clone()).collect();
    happened.met.retain(|met| match caller.role {
        _ if all => true,
        Role::Employer => caller.is_employer(Some(&met.employer)),
        Role::Graduate => caller.is_graduate(&met.graduate),
        Role::School => own.contains(&met.graduate),
        _ => false,
    });
    if caller.role == Role::Employer && !all {
        let known = outcomes::known_to(conn, caller, &fair)?;
        happened.met.retain(|met| known.contains(&met.graduate));
    }
    let row = duties()?.into_iter().find(|row| row.id == DutyId::EmploymentRegistration);
    let row = row.ok_or_else(|| Error::internal("the registration of employment is not in the table"))?;
    let days = row.due_count.and_then(|days| u32::try_from(days).ok()).unwrap_or_default();
    let basis = Basis { statute: row.statute, article: row.article, days };
    tasks(&seen, &happened, (fair.ends_at.day(), now.day()), &basis, calendar)
}
