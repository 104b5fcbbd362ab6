//! Which revision does the caller speak of? `ETag` in the answer, `If-Match` in a change, `If-None-Match` in a look.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody, to_bytes_limited};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The largest answer that is hashed for an `ETag`, in bytes; larger ones are streams.
const TAGGED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Writes the strong validator of a revision.
pub fn etag(revision: i64) -> String {
    format!("\"r{revision}\"")
}

/// Answers with a resource and its `ETag`.
pub fn tagged(status: StatusCode, revision: i64, view: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).insert_header((header::ETAG, etag(revision))).json(view)
}

/// Answers with a new resource, its address and its `ETag`.
pub fn created(location: &str, revision: i64, view: &impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).insert_header((header::ETAG, etag(revision))).json(view)
}

/// The revisions that a change was made against.
#[derive(Debug, Clone)]
pub struct IfMatch(Vec<String>);

impl IfMatch {
    /// Lets the change through when the row is still at a named revision.
    pub fn check(&self, revision: i64) -> Result<()> {
        let now = etag(revision);
        match self.0.iter().any(|tag| tag == "*" || *tag == now) {
            true => Ok(()),
            false => Err(Error::Stale),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<IfMatch>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let tags: Vec<String> =
            request.headers().get_all(header::IF_MATCH).filter_map(|v| v.to_str().ok()).flat_map(tags).collect();
        ready(match tags.is_empty() {
            true => Err(Error::RevisionMissing),
            false => Ok(IfMatch(tags)),
        })
    }
}

fn tags(header: &str) -> impl Iterator<Item = String> {
    header.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty())
}

/// Gives successful looks an `ETag` and answers 304 when the caller already has what it names.
pub async fn conditional<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let known: Vec<String> =
        request.headers().get_all(header::IF_NONE_MATCH).filter_map(|v| v.to_str().ok()).flat_map(tags).collect();
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = next.call(request).await?.map_into_boxed_body();
    if !looks || response.status() != StatusCode::OK {
        return Ok(response);
    }
    let response = with_etag(response).await;
    let tag = response.headers().get(header::ETAG).and_then(|v| v.to_str().ok()).map(|t| t.trim_start_matches("W/").to_owned());
    let same = tag.is_some_and(|tag| known.iter().any(|k| k == "*" || k.trim_start_matches("W/") == tag));
    if !same {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let mut unchanged = HttpResponse::NotModified();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        if let Some(value) = response.headers().get(&name) {
            unchanged.insert_header((name, value.clone()));
        }
    }
    Ok(ServiceResponse::new(request, unchanged.finish()))
}

async fn with_etag(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    use actix_web::body::BodySize;
    let sized = matches!(response.response().body().size(), BodySize::Sized(n) if usize::try_from(n).is_ok_and(|n| n <= TAGGED_BYTES_MAX));
    if response.headers().contains_key(header::ETAG) || !sized {
        return response;
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let Ok(Ok(bytes)) = to_bytes_limited(body, TAGGED_BYTES_MAX).await else {
        return ServiceResponse::new(request, HttpResponse::InternalServerError().finish());
    };
    let digest = Sha256::digest(&bytes);
    let short: String = hex::encode(digest).chars().take(24).collect();
    let mut response = response.set_body(BoxBody::new(bytes));
    if let Ok(value) = HeaderValue::from_str(&format!("W/\"{short}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
    ServiceResponse::new(request, response)
}
