//! Pushed vacancies over HTTP: NDJSON comes in and receipts go out at the same time, so that a push of any length needs
//! little room.

use actix_web::web::{Bytes, Data, Path, Payload};
use actix_web::{HttpResponse, post};
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::http::{Failures, Now};
use crate::ingest::lines::Lines;
use crate::ingest::model::RunStatus;
use crate::ingest::receipt::Receipt;
use crate::ingest::run::{Ground, Intake};
use crate::ingest::store;

/// How many parts of the answer wait for a slow reader before no more is read.
const PARTS_WAITING_MAX: usize = 2;

type Out = mpsc::Sender<std::result::Result<Bytes, Error>>;

/// Takes NDJSON in and answers with one receipt a line, while it still reads; where the run breaks off, the last line says
/// `failed` and why.
#[utoipa::path(tag = "ingest", operation_id = "push_vacancies", params(("source" = String, Path)),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, description = "每行一个回执（NDJSON）", body = Receipt, content_type = "application/x-ndjson"), Failures))]
#[post("/ingest/{source}")]
pub async fn push(db: Data<Db>, ground: Data<Ground>, now: Now, source: Path<String>, payload: Payload) -> Result<HttpResponse> {
    let name = source.into_inner();
    let source = db.read(move |conn| store::find_source_by_name(conn, &name)).await?.ok_or(Error::NotFound("source"))?;
    let intake = Intake::begin(&ground, source, now.0).await?.with_receipts();
    let (out, parts) = mpsc::channel(PARTS_WAITING_MAX);
    actix_web::rt::spawn(take_in(intake, payload, out));
    let answer = stream::unfold(parts, async |mut parts: mpsc::Receiver<_>| parts.recv().await.map(|part| (part, parts)));
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(answer))
}

/// Lands what comes, sends the receipts, and ends the run; one whose caller has gone lands what came.
async fn take_in(mut intake: Intake, payload: Payload, mut out: Out) {
    let taken = receive(&mut intake, payload, &mut out).await;
    let taken = match taken {
        Ok(()) => intake.settle().await,
        Err(error) => intake.settle().await.and(Err(error)),
    };
    let sent = send(&mut out, intake.take_receipts()).await;
    let (status, reason) = match &taken {
        Ok(()) => (RunStatus::Succeeded, None),
        Err(error) => (RunStatus::Failed, Some(error.to_string())),
    };
    let place = intake.row().fetched + 1;
    let ended = intake.end(status, reason).await.map(|_| ());
    if let Err(error) = taken.and(ended) {
        let (code, detail) = ("run_failed".to_owned(), error.to_string());
        let last = Receipt { place, status: "failed", reference: None, code: Some(code), detail: Some(detail) };
        if sent.is_err() || send(&mut out, vec![last]).await.is_err() {
            tracing::warn!("a push broke off and its caller has gone: {error}");
        }
    }
}

async fn receive(intake: &mut Intake, mut payload: Payload, out: &mut Out) -> Result<()> {
    let mut lines = Lines::default();
    while let Some(chunk) = payload.next().await {
        let broken = |cause: actix_web::error::PayloadError| {
            Error::Malformed(Refusal::new("", "broken_body", "请求体中断", cause.to_string()))
        };
        if let Some(batch) = lines.push(&chunk.map_err(broken)?) {
            intake.take_raw(batch).await?;
            send(out, intake.take_receipts()).await?;
        }
    }
    intake.take_raw(lines.rest()).await
}

async fn send(out: &mut Out, receipts: Vec<Receipt>) -> Result<()> {
    if receipts.is_empty() {
        return Ok(());
    }
    let mut text = Vec::new();
    for receipt in &receipts {
        serde_json::to_writer(&mut text, receipt)?;
        text.push(b'\n');
    }
    out.send(Ok(Bytes::from(text))).await.map_err(|_| Error::internal("the caller has gone"))
}
