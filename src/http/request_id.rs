//! Under which id does the log know a request? The caller's `X-Request-Id` when it is plain, else a new one.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use tracing::Instrument;

/// The header that carries the id both ways.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id taken from a caller, in characters.
const REQUEST_ID_CHARS_MAX: usize = 64;

/// The id of the request at hand.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// Reads the id that the middleware gave.
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// Gives each request its id, a log line and the header in the answer.
pub async fn middleware<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let given = request.headers().get(&X_REQUEST_ID).and_then(|v| v.to_str().ok()).filter(|id| is_plain(id));
    let id = given.map_or_else(|| uuid::Uuid::now_v7().simple().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = request.path());
    let begun = std::time::Instant::now();
    let mut response = next.call(request).instrument(span.clone()).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let took_ms = begun.elapsed().as_millis();
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), took_ms, "answered"));
    Ok(response)
}

fn is_plain(id: &str) -> bool {
    (1..=REQUEST_ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
