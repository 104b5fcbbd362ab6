//! Are these two openings after all? An officer takes what a source says out of a vacancy that it was merged into.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::json;

use crate::audit::{self, Deed};
use crate::db::types::{Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, created};
use crate::lexicon::Lexicon;
use crate::vacancies::http::{one, yours};
use crate::vacancies::model::{VacancyRow, VacancyView};
use crate::vacancies::store;
use crate::vacancies::upsert;

/// What a source says that tells of another opening.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeparationBody {
    /// The name of the source.
    source: String,
    /// What the source calls it.
    reference: String,
}

/// Undoes a merge: what a source says becomes a vacancy of its own and is not merged again.
#[utoipa::path(tag = "vacancies", operation_id = "create_vacancy_separation", params(("id" = VacancyId, Path)), request_body = SeparationBody,
    responses((status = 201, description = "已分出为单独的岗位", body = VacancyView), Failures))]
#[post("/vacancies/{id}/separations")]
pub(super) async fn separate(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<VacancyId>,
    revision: IfMatch,
    body: Body<SeparationBody>,
) -> Result<HttpResponse> {
    let part = move |conn: &mut DbConn| {
        store::hold(conn)?;
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        take(conn, *now, &caller, &row, &body.0, &lexicon)
    };
    let view = db.write(part).await?;
    Ok(created(&format!("/v1/vacancies/{}", view.id), view.revision, &view))
}

fn take(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    row: &VacancyRow,
    body: &SeparationBody,
    lexicon: &Lexicon,
) -> Result<VacancyView> {
    let actor = caller.name();
    let id = upsert::separate(conn, now, &actor, row, (&body.source, &body.reference), lexicon)?;
    let subject = format!("vacancy:{}", row.id);
    let detail = json!({"source": body.source, "reference": body.reference, "vacancy": id});
    audit::append(conn, now, &Deed { actor: &actor, action: "vacancies.separate", subject: &subject, detail })?;
    let row = store::load(conn, &id)?;
    one(conn, row)
}
