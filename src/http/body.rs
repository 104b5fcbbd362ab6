//! How is a request read? `Body` (JSON), `Query`, `Id` (one path segment) and `Now`; each refusal points at its value.

use std::future::{Future, Ready, ready};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::config::Config;
use crate::db::types::Timestamp;
use crate::error::{Error, Refusal, Result};

/// A request body in JSON, read into `T`; unknown fields are refused where `T` says so.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Body<T>>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request.app_data::<web::Data<Config>>().map_or(0, |config| config.body_bytes_max);
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let payload = payload.take();
        Box::pin(async move {
            if !is_json(&kind) {
                return Err(Error::UnsupportedMedia("application/json"));
            }
            let bytes = collect(payload, limit).await?;
            json(&bytes).map(Body)
        })
    }
}

fn is_json(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || essence == "application/merge-patch+json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Collects a body of at most `limit` bytes.
pub async fn collect(mut payload: Payload, limit: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|cause| Error::Malformed(Refusal::new("", "broken_body", "请求体中断", cause.to_string())))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Error::TooLarge(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads JSON; broken JSON is malformed, JSON of the wrong shape is refused at its place.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|refused| {
        let pointer = pointer(refused.path());
        let cause = refused.into_inner();
        if cause.is_data() {
            Error::Invalid(vec![Refusal::new(pointer, "bad_value", format!("此处的值不符合要求：{cause}"), cause.to_string())])
        } else {
            Error::Malformed(Refusal::new(pointer, "malformed_json", format!("不是合法的 JSON：{cause}"), cause.to_string()))
        }
    })?;
    reader
        .end()
        .map_err(|cause| Error::Malformed(Refusal::new("", "malformed_json", "JSON 之后还有多余内容", cause.to_string())))?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

/// The query of a request, read into `T`; a field that is a list may be repeated.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Query<T>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let reader = serde_html_form::Deserializer::from_bytes(request.query_string().as_bytes());
        ready(serde_path_to_error::deserialize(reader).map(Query).map_err(|refused| {
            let name = pointer(refused.path());
            let cause = refused.into_inner();
            Error::Malformed(Refusal::new(name, "bad_query", format!("查询参数有误：{cause}"), cause.to_string()))
        }))
    }
}

/// The identifier in a path; what cannot be one names nothing.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Id<T> {
    type Error = Error;
    type Future = Ready<Result<Id<T>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Id(path.into_inner())).map_err(|_| Error::NotFound("resource")))
    }
}

/// The clock by which requests are answered: that of the machine, or one that is so far ahead of it or behind.
#[derive(Debug, Default)]
pub struct Clock {
    ahead_s: AtomicI64,
}

impl Clock {
    /// Reads the clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::now().plus_seconds(self.ahead_s.load(Ordering::Relaxed))
    }

    /// Sets the clock, from which it goes on at its pace.
    pub fn set(&self, at: Timestamp) {
        self.ahead_s.store(at.seconds_since(Timestamp::now()), Ordering::Relaxed);
    }
}

/// The instant at which a request is answered.
#[derive(Debug, Clone, Copy)]
pub struct Now(pub Timestamp);

impl Deref for Now {
    type Target = Timestamp;

    fn deref(&self) -> &Timestamp {
        &self.0
    }
}

impl FromRequest for Now {
    type Error = Error;
    type Future = Ready<Result<Now>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let clock = request.app_data::<web::Data<Clock>>();
        ready(Ok(Now(clock.map_or_else(Timestamp::now, |clock| clock.now()))))
    }
}
