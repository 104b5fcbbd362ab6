//! Who talks to whom at a fair, when and at which desk? Wishes of both sides become a timetable without clashes, kept with
//! its proof, mended with the least disturbance, and printed for everybody who has to be somewhere.

mod hours;
mod make;
mod paper;
mod sheets;
mod wishes;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::Db;
use crate::db::types::FairId;
use crate::error::Result;
use crate::fairs::store::{self, is_yours};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Line, Now, tagged};

use hours::TimetableBody;
use make::{TimetableView, Wanted, kept, make, view, wishes_of};
pub use paper::escaped;
pub use wishes::WishRow;

/// Mounts the routes of interviews.
pub fn routes(config: &mut ServiceConfig) {
    wishes::routes(config);
    sheets::routes(config);
    config.service(read).service(create).service(change);
}

/// Makes the timetable of a fair anew: every wish in the fewest rounds where nobody is away and the day is long enough, else
/// the heaviest set of wishes that can be found, with a bound.
#[utoipa::path(tag = "fairs", operation_id = "create_timetable", params(("id" = FairId, Path)), request_body = TimetableBody,
    responses((status = 201, description = "面谈时间表", body = TimetableView), Failures))]
#[post("/fairs/{id}/timetable")]
async fn create(
    db: Data<Db>,
    planner: Data<Line>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    body: Body<TimetableBody>,
) -> Result<HttpResponse> {
    let view = make(&db, &planner, *now, caller, id.0, Wanted::Anew(body.0.parse()?)).await?;
    Ok(tagged(StatusCode::CREATED, view.revision, &view))
}

/// Changes absences, breaks or desks, takes new and withdrawn wishes in, and disturbs as few as possible.
#[utoipa::path(tag = "fairs", operation_id = "update_timetable", params(("id" = FairId, Path)),
    request_body(content = TimetableBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已调整", body = TimetableView), Failures))]
#[patch("/fairs/{id}/timetable")]
async fn change(
    db: Data<Db>,
    planner: Data<Line>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let view = make(&db, &planner, *now, caller, id.0, Wanted::Mended(revision, body.0)).await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

/// Reads the timetable of a fair: its own people see all interviews, the others their own.
#[utoipa::path(tag = "fairs", operation_id = "get_timetable", params(("id" = FairId, Path)),
    responses((status = 200, description = "面谈时间表", body = TimetableView), Failures))]
#[get("/fairs/{id}/timetable")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairId>) -> Result<HttpResponse> {
    let view = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let (row, rows) = (kept(conn, &fair.id)?, wishes_of(conn, &fair.id)?);
            let all = is_yours(&caller, &fair);
            let own =
                |wish: &WishRow| all || caller.is_employer(Some(&wish.employer_id)) || caller.is_graduate(&wish.graduate_id);
            view(row, rows.into_iter().filter(own).collect())
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}
