//! Who stands behind a request? The middleware that turns a bearer token into a `Caller` and asks the table of `access`.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use crate::accounts::store;
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::Error;
use crate::http::Caller;
use crate::http::access::{Verdict, decide};
use crate::http::problem;

/// Authenticates the request and refuses what its caller may not do.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let caller = match caller_of(&request).await {
        Ok(caller) => caller,
        Err(error) => return Ok(problem::refuse(request, &error)),
    };
    match decide(request.method(), request.path(), caller.role, &caller.scopes) {
        Verdict::Unauthenticated => return Ok(problem::refuse(request, &Error::Unauthenticated)),
        Verdict::Forbidden => return Ok(problem::refuse(request, &Error::Forbidden)),
        Verdict::Allowed | Verdict::WrongMethod(_) | Verdict::NoRoute => {}
    }
    request.extensions_mut().insert(caller);
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn caller_of(request: &ServiceRequest) -> Result<Caller, Error> {
    match bearer(request)? {
        None => Ok(Caller::anonymous()),
        Some(token) => known(request, token).await,
    }
}

/// Reads the bearer token (RFC 6750); another scheme is not understood.
fn bearer(request: &ServiceRequest) -> Result<Option<String>, Error> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|v| v.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if !token.trim().is_empty() => Ok(Some(token.trim().to_owned())),
        _ => Err(Error::Unauthenticated),
    }
}

async fn known(request: &ServiceRequest, token: String) -> Result<Caller, Error> {
    let db = request.app_data::<web::Data<Db>>().ok_or_else(|| Error::internal("the database is not mounted"))?;
    let now = Timestamp::now();
    db.read(move |conn| store::authenticate(conn, now, &token)).await?.ok_or(Error::Unauthenticated)
}
