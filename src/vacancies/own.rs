//! What has an employer posted, and what must it see to? All its vacancies in every state, with what holds them back and
//! when they run out.

use actix_web::HttpRequest;
use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::Days;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::{employers, vacancies};
use crate::db::types::{EmployerId, Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::{Caller, Failures, Id, Language, Now, Page, PageQuery, Query, hidden_unless};
use crate::vacancies::life::{Closing, Status};
use crate::vacancies::model::{VacancyRow, VacancyView, views};
use crate::vacancies::screening::ObstacleView;

/// What the list is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OwnQuery {
    /// Where they stand.
    status: Option<Status>,
    /// Only live ones whose last day comes within so many days, 0 to 366.
    expiring_within_days: Option<u32>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// A vacancy as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OwnView {
    /// The vacancy.
    #[serde(flatten)]
    vacancy: VacancyView,
    /// What keeps it from being live; empty where it is.
    blocked_by: Vec<ObstacleView>,
    /// How many days are left until its last day; negative once it has passed, `null` where it has none.
    expires_in_days: Option<i64>,
    /// How often its last day was moved on after it had gone live.
    renewals: i64,
    /// Why it was ended.
    closed_reason: Option<String>,
    /// What became of the opening.
    closing: Option<Closing>,
}

/// Lists all vacancies of an employer in every state, the newest first.
#[utoipa::path(tag = "employers", operation_id = "list_vacancies_of_employer", params(("id" = EmployerId, Path), OwnQuery),
    responses((status = 200, description = "本单位的岗位", body = Page<OwnView>), Failures))]
#[get("/employers/{id}/vacancies")]
pub(super) async fn own(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<EmployerId>,
    request: HttpRequest,
    query: Query<OwnQuery>,
) -> Result<Json<Page<OwnView>>> {
    let (language, now) = (Language::of(&request), *now);
    let read = move |conn: &mut DbConn| {
        let city: Option<Option<String>> = employers::table.find(&id.0).select(employers::city).first(conn).optional()?;
        let city = city.ok_or(Error::NotFound("employer"))?;
        hidden_unless(caller.is_employer(Some(&id.0)) || caller.governs(city.as_deref()), "employer")?;
        page(conn, now, &id.0, &query.0, language)
    };
    db.read(read).await.map(Json)
}

fn page(conn: &mut DbConn, now: Timestamp, id: &EmployerId, asked: &OwnQuery, language: Language) -> Result<Page<OwnView>> {
    let paging = PageQuery { limit: asked.limit, cursor: asked.cursor.clone() };
    let (limit, after) = (paging.limit()?, paging.after::<VacancyId>()?);
    let until = asked.expiring_within_days.map(|days| now.day().checked_add_days(Days::new(u64::from(days.min(366)))));
    let until = until.map(|day| day.ok_or_else(|| Error::internal("no such day"))).transpose()?;
    let narrowed = || {
        let mut query = vacancies::table.filter(vacancies::employer_id.eq(id)).into_boxed();
        if let Some(status) = asked.status {
            query = query.filter(vacancies::status.eq(status));
        }
        if let Some(until) = until {
            query = query.filter(vacancies::status.eq(Status::Live)).filter(vacancies::expires_at.le(until));
        }
        query
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(vacancies::id.desc()).limit(i64::from(limit) + 1);
    if let Some(after) = after {
        query = query.filter(vacancies::id.lt(after));
    }
    let rows: Vec<VacancyRow> = query.select(VacancyRow::as_select()).load(conn)?;
    let shown = views(conn, rows.clone())?;
    let rows: Vec<(VacancyRow, VacancyView)> = rows.into_iter().zip(shown).collect();
    Page::from_rows(rows, limit, total, |(row, _)| row.id.clone(), |(row, view)| OwnView::of(row, view, now, language))
}

impl OwnView {
    fn of(row: VacancyRow, vacancy: VacancyView, now: Timestamp, language: Language) -> Result<OwnView> {
        let blocked_by = ObstacleView::all(row.status, &row.findings()?, language);
        let expires_in_days = row.expires_at.map(|last| (last - now.day()).num_days());
        let VacancyRow { renewals, closed_reason, closing, .. } = row;
        Ok(OwnView { vacancy, blocked_by, expires_in_days, renewals, closed_reason, closing })
    }
}
