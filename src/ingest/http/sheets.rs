//! Sheets of vacancies that people hand in, over HTTP.

use actix_web::post;
use actix_web::web::{Data, Json, Payload};
use serde::{Deserialize, Serialize};

use crate::db::Db;
use crate::error::Result;
use crate::http::{Caller, Failures, Now, Query, collect};
use crate::ingest::import::{self, Destination, Sheet};
use crate::ingest::receipt::Receipt;
use crate::ingest::row::Reader;
use crate::ingest::run::Ground;
use crate::vacancies::Talk;

/// The largest sheet that is taken in, in bytes.
const IMPORT_BYTES_MAX: usize = 20 * 1024 * 1024;

/// How far imported vacancies go.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// `draft` (when nothing is said) or `submitted`.
    #[serde(default = "draft")]
    to: Destination,
}

const fn draft() -> Destination {
    Destination::Draft
}

/// What became of the rows of a sheet.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportView {
    created: usize,
    unchanged: usize,
    rejected: usize,
    receipts: Vec<Receipt>,
}

impl ImportView {
    fn of(receipts: Vec<Receipt>) -> ImportView {
        let count = |status: &str| receipts.iter().filter(|receipt| receipt.status == status).count();
        let (created, unchanged, rejected) = (count("created"), count("unchanged"), count("rejected"));
        ImportView { created, unchanged, rejected, receipts }
    }
}

/// Takes a sheet of vacancies in (XLSX, CSV or NDJSON) and answers with one receipt a row; each becomes a draft, or is
/// handed in with `to=submitted`.
#[utoipa::path(tag = "vacancies", operation_id = "import_vacancies", params(ImportQuery),
    request_body(content(
        (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/x-ndjson"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "每行一个回执", body = ImportView), Failures))]
#[post("/vacancies/import")]
pub async fn import_vacancies(
    db: Data<Db>,
    ground: Data<Ground>,
    caller: Caller,
    now: Now,
    query: Query<ImportQuery>,
    payload: Payload,
) -> Result<Json<ImportView>> {
    let bytes = collect(payload.into_inner(), IMPORT_BYTES_MAX).await?;
    let receipts = db.write(move |conn| {
        let reader = Reader::default();
        let talk = Talk { lexicon: &ground.lexicon, region: &ground.region };
        let rows = import::rows_of(&bytes, &reader)?;
        import::import(conn, *now, &caller, Sheet { rows, reader: &reader, talk, to: query.0.to })
    });
    Ok(Json(ImportView::of(receipts.await?)))
}
