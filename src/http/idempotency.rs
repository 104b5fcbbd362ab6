//! Was this asked before? A `POST` with an `Idempotency-Key` is answered once; for 24 h the same key and body get the
//! first answer again, the same key with another body is refused. Answers that carry a secret are not kept.

use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes_limited};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, web};
use diesel::prelude::*;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::db::schema::idempotency_keys as table;
use crate::db::types::Timestamp;
use crate::db::{Db, DbConn};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::http::Caller;
use crate::http::body::collect;
use crate::http::problem;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long an answer is kept, in seconds.
pub const KEPT_S: i64 = 24 * 3600;
/// After how long a request that never answered may be tried again, in seconds.
const ABANDONED_S: i64 = 300;
/// The longest key, in characters.
const KEY_CHARS_MAX: usize = 255;
/// The largest answer that is kept, in bytes.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Routes whose answers are never kept: they carry a secret, or are streams.
const NOT_KEPT: &[&str] =
    &["/v1/sessions", "/v1/api-keys", "/v1/subscriptions", "/v1/ingest/", "/v1/vacancies/import", "/v1/graduates/import"];
/// The same, by how the route ends.
const NOT_KEPT_ENDS: &[&str] = &["/calendar-token"];

#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
struct Kept {
    request_hash: String,
    status: Option<i32>,
    headers: Option<String>,
    body: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptHeaders {
    content_type: Option<String>,
    location: Option<String>,
    etag: Option<String>,
}

enum Begun {
    First,
    Again(Kept),
}

struct Key {
    caller: String,
    key: String,
}

/// Answers a repeated `POST` from what is kept.
pub async fn middleware<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let key = match key_of(&request) {
        Ok(Some(key)) => key,
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => return Ok(problem::refuse(request, &error)),
    };
    let Some(db) = request.app_data::<web::Data<Db>>().cloned() else {
        return Ok(problem::refuse(request, &Error::internal("the database is not mounted")));
    };
    match ask(&db, &mut request, &key).await {
        Ok(Some(answer)) => Ok(request.into_response(answer)),
        Ok(None) => keep(&db, key, next.call(request).await?.map_into_boxed_body()).await,
        Err(error) => Ok(problem::refuse(request, &error)),
    }
}

/// Gives the kept answer of a request, or notes that it is being answered; the body stays readable.
async fn ask(db: &Db, request: &mut ServiceRequest, key: &Key) -> Result<Option<HttpResponse>> {
    let limit = request.app_data::<web::Data<Config>>().map_or(0, |config| config.body_bytes_max);
    let bytes = collect(request.take_payload(), limit).await?;
    let hash = request_hash(request, &bytes);
    let body = web::Bytes::from(bytes);
    request.set_payload(Payload::Stream { payload: Box::pin(stream::once(async move { Ok(body) })) });
    let (now, caller, name) = (Timestamp::now(), key.caller.clone(), key.key.clone());
    match db.write(move |conn| begin(conn, now, &caller, &name, &hash)).await? {
        Begun::Again(kept) => again(kept).map(Some),
        Begun::First => Ok(None),
    }
}

fn key_of(request: &ServiceRequest) -> Result<Option<Key>> {
    let header = request.headers().get(&IDEMPOTENCY_KEY);
    let path = request.path();
    let kept = !NOT_KEPT.iter().any(|p| path.starts_with(p)) && !NOT_KEPT_ENDS.iter().any(|p| path.ends_with(p));
    let Some(value) = header.filter(|_| *request.method() == Method::POST && kept) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > KEY_CHARS_MAX {
        let zh = "Idempotency-Key 须为 1 至 255 个字符";
        return Err(Error::invalid("", "bad_idempotency_key", zh, "the Idempotency-Key is not of 1 to 255 characters"));
    }
    let caller = request.extensions().get::<Caller>().map_or_else(|| "role:anonymous".to_owned(), Caller::name);
    Ok(Some(Key { caller, key: key.to_owned() }))
}

fn request_hash(request: &ServiceRequest, body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(request.path().as_bytes());
    hasher.update(b"\n");
    hasher.update(body);
    hex::encode(hasher.finalize())
}

fn begin(conn: &mut DbConn, now: Timestamp, caller: &str, key: &str, hash: &str) -> Result<Begun> {
    let row = (table::caller.eq(caller), table::idempotency_key.eq(key), table::request_hash.eq(hash), table::created_at.eq(now));
    let mine = table::table.find((caller, key));
    diesel::delete(mine.filter(table::created_at.lt(now.plus_seconds(-KEPT_S)))).execute(conn)?;
    let unanswered = mine.filter(table::status.is_null());
    diesel::delete(unanswered.filter(table::created_at.lt(now.plus_seconds(-ABANDONED_S)))).execute(conn)?;
    let inserted =
        each_backend!(&mut *conn, |c| diesel::insert_into(table::table).values(row).on_conflict_do_nothing().execute(c))?;
    if inserted == 1 {
        return Ok(Begun::First);
    }
    let kept = mine.select(Kept::as_select()).first(conn)?;
    if kept.request_hash != hash {
        let zh = "同一 Idempotency-Key 已用于不同的请求";
        return Err(Error::invalid("", "idempotency_key_reused", zh, "this Idempotency-Key was used for another request"));
    }
    match kept.status {
        Some(_) => Ok(Begun::Again(kept)),
        None => Err(Error::conflict("in_progress", "同一请求正在处理中", "the same request is being answered")),
    }
}

fn again(kept: Kept) -> Result<HttpResponse> {
    let Kept { request_hash: _, status, headers, body } = kept;
    let status = status.and_then(|s| u16::try_from(s).ok()).and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    let headers: KeptHeaders = serde_json::from_str(headers.as_deref().unwrap_or("{}"))?;
    for (name, value) in
        [(header::CONTENT_TYPE, headers.content_type), (header::LOCATION, headers.location), (header::ETAG, headers.etag)]
    {
        if let Some(value) = value {
            response.insert_header((name, value));
        }
    }
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    Ok(response.body(body.unwrap_or_default()))
}

/// Keeps a final answer; one that says "try again" (429, 5xx) is not final.
async fn keep(
    db: &Db,
    key: Key,
    response: ServiceResponse<BoxBody>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let status = response.status();
    let sized = matches!(response.response().body().size(), BodySize::Sized(n) if usize::try_from(n).is_ok_and(|n| n <= ANSWER_BYTES_MAX));
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || !sized {
        forget(db, key).await?;
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let text = |name: HeaderName| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let headers =
        KeptHeaders { content_type: text(header::CONTENT_TYPE), location: text(header::LOCATION), etag: text(header::ETAG) };
    let bytes = to_bytes_limited(body, ANSWER_BYTES_MAX)
        .await
        .map_err(|_| Error::internal("an answer grew past its size"))?
        .map_err(|cause| Error::internal(cause.to_string()))?;
    let body_text = String::from_utf8_lossy(&bytes).into_owned();
    let headers = serde_json::to_string(&headers).map_err(Error::from)?;
    db.write(move |conn| {
        diesel::update(table::table.find((key.caller, key.key)))
            .set((table::status.eq(i32::from(status.as_u16())), table::headers.eq(headers), table::body.eq(body_text)))
            .execute(conn)?;
        Ok(())
    })
    .await?;
    Ok(ServiceResponse::new(request, response.set_body(BoxBody::new(bytes))))
}

async fn forget(db: &Db, key: Key) -> Result<()> {
    db.write(move |conn| {
        diesel::delete(table::table.find((key.caller, key.key))).execute(conn)?;
        Ok(())
    })
    .await
}

/// Drops the kept answers that speak of a row.
pub fn forget_about(conn: &mut DbConn, id: &str) -> Result<()> {
    diesel::delete(table::table.filter(table::body.like(format!("%{id}%")))).execute(conn)?;
    Ok(())
}

/// Drops what is older than it is kept and counts it.
pub fn drop_old(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    Ok(diesel::delete(table::table.filter(table::created_at.lt(now.plus_seconds(-KEPT_S)))).execute(conn)?)
}
