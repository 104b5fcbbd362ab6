//! Who came, and who stayed away? Each exhibitor is marked on the day; staying away without giving the booth back is kept
//! against the employer for bureaus and schools to see.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{employers, fair_exhibitors as table, fairs};
use crate::db::types::{EmployerId, ExhibitorId, FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::exhibitor::{ExhibitorRow, ExhibitorView, Outcome, Presence};
use crate::fairs::exhibitors::booking::{find, opened, save};
use crate::fairs::exhibitors::checks::all_shown;
use crate::fairs::store::{is_yours, record};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, hidden_unless, tagged};

/// Mounts the routes of presence, documents and no-shows.
pub fn routes(config: &mut ServiceConfig) {
    config.service(mark).service(check_documents).service(no_shows);
}

/// Whether an exhibitor came.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PresenceBody {
    presence: Presence,
}

/// Writes down that an exhibitor came, or stayed away.
#[utoipa::path(tag = "fairs", operation_id = "create_exhibitor_presence",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)), request_body = PresenceBody,
    responses((status = 200, description = "已登记到场情况", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors/{exhibitor}/presence")]
async fn mark(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<PresenceBody>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let (fair, exhibitor) = &path.0;
            mark_presence(conn, *now, &caller, (fair, exhibitor), body.0.presence, |at| revision.check(at))
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

/// Marks an exhibitor with a booth: as come on the day of its session, as absent once the session has begun.
pub fn mark_presence(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): (&FairId, &ExhibitorId),
    presence: Presence,
    check: impl FnOnce(i64) -> Result<()>,
) -> Result<ExhibitorRow> {
    let (fair, arrangement) = opened(conn, now, fair)?;
    let row = find(conn, &fair, caller, id)?;
    check(row.revision)?;
    if !is_yours(caller, &fair) {
        return Err(Error::Forbidden);
    }
    if row.status != Outcome::Approved {
        return Err(Error::conflict("no_booth", "该单位没有展位", "the exhibitor has no booth"));
    }
    let session = arrangement.session(Some(row.session))?;
    let begun = match presence {
        Presence::Arrived => now.day() >= session.starts_at.day(),
        Presence::Absent => now >= session.starts_at,
    };
    if !begun {
        return Err(Error::conflict("not_begun", "尚未到举办时间", "the session has not begun"));
    }
    let row = save(conn, now, ExhibitorRow { presence: Some(presence), ..row })?;
    record(conn, now, caller, &format!("exhibitors.{presence}"), &format!("exhibitor:{id}"))?;
    Ok(row)
}

/// Whether the documents of an exhibitor are good.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckBody {
    accepted: bool,
    /// What is wrong with them.
    reason: Option<String>,
}

/// Writes down that the documents of an exhibitor were checked; without it no booth is held or given where the fair wants any.
#[utoipa::path(tag = "fairs", operation_id = "create_document_check",
    params(("id" = FairId, Path), ("exhibitor" = ExhibitorId, Path)), request_body = CheckBody,
    responses((status = 200, description = "材料审核结果已登记", body = ExhibitorView), Failures))]
#[post("/fairs/{id}/exhibitors/{exhibitor}/document-checks")]
async fn check_documents(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(FairId, ExhibitorId)>,
    revision: IfMatch,
    body: Body<CheckBody>,
) -> Result<HttpResponse> {
    let row = db.write(move |conn| checked(conn, *now, &caller, &path.0, &revision, body.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &ExhibitorView::of(row)?))
}

fn checked(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (fair, id): &(FairId, ExhibitorId),
    revision: &IfMatch,
    body: CheckBody,
) -> Result<ExhibitorRow> {
    let (fair, arrangement) = opened(conn, now, fair)?;
    let row = find(conn, &fair, caller, id)?;
    revision.check(row.revision)?;
    if !is_yours(caller, &fair) {
        return Err(Error::Forbidden);
    }
    let reason = body.reason.filter(|text| !text.trim().is_empty());
    if body.accepted {
        all_shown(&arrangement, &row)?;
    } else if reason.is_none() {
        return Err(Error::invalid("/reason", "reason_required", "请说明原因", "the reason is missing"));
    }
    let row = save(conn, now, ExhibitorRow { documents_checked_at: body.accepted.then_some(now), reason, ..row })?;
    record(conn, now, caller, "exhibitors.check_documents", &format!("exhibitor:{id}"))?;
    Ok(row)
}

/// One fair from which an employer stayed away.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NoShowView {
    exhibitor: ExhibitorId,
    fair: FairId,
    /// The title of the fair.
    title: String,
    starts_at: Timestamp,
    session: i32,
    booth: Option<i32>,
    /// When it was written down.
    recorded_at: Timestamp,
}

/// Lists the fairs from which an employer stayed away: bureaus and schools see any employer, an employer itself.
#[utoipa::path(tag = "fairs", operation_id = "list_no_shows", params(("id" = EmployerId, Path), PageQuery),
    responses((status = 200, description = "缺席记录", body = Page<NoShowView>), Failures))]
#[get("/employers/{id}/no-shows")]
async fn no_shows(db: Data<Db>, caller: Caller, id: Id<EmployerId>, query: Query<PageQuery>) -> Result<Json<Page<NoShowView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<ExhibitorId>()?);
    hidden_unless(caller.role != Role::Employer || caller.is_employer(Some(&id.0)), "employer")?;
    let (rows, total) = db.read(move |conn| absences(conn, &id.0, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.exhibitor.clone(), Ok).map(Json)
}

fn absences(conn: &mut DbConn, employer: &EmployerId, after: Option<ExhibitorId>, limit: i64) -> Result<(Vec<NoShowView>, i64)> {
    if employers::table.find(employer).count().get_result::<i64>(conn)? == 0 {
        return Err(Error::NotFound("employer"));
    }
    let own = || table::table.filter(table::employer_id.eq(employer)).filter(table::presence.eq(Presence::Absent));
    let total = own().count().get_result(conn)?;
    let mut query = own().inner_join(fairs::table).order(table::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(table::id.gt(after));
    }
    type Row = (ExhibitorId, FairId, String, Timestamp, i32, Option<i32>, Timestamp);
    let columns = (table::id, table::fair_id, fairs::title, fairs::starts_at, table::session, table::booth, table::updated_at);
    let rows: Vec<Row> = query.select(columns).load(conn)?;
    let view = |(exhibitor, fair, title, starts_at, session, booth, recorded_at)| NoShowView {
        exhibitor,
        fair,
        title,
        starts_at,
        session,
        booth,
        recorded_at,
    };
    Ok((rows.into_iter().map(view).collect(), total))
}
