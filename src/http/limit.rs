//! How much may one caller ask? A number of requests a minute for each key or address (GCRA), told in `RateLimit` headers.
//! The machine itself is not limited, unless it speaks for others (`X-Forwarded-For` from a proxy on loopback).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;
use governor::clock::{Clock, QuantaClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::http::problem;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How many failed logins one name may have in a minute.
const LOGIN_FAILURES_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

type Limiter = RateLimiter<String, DefaultKeyedStateStore<String>, QuantaClock, StateInformationMiddleware>;

/// The limits and what has been used of them.
pub struct Limits {
    requests: Option<(Limiter, NonZeroU32)>,
    logins: Limiter,
}

impl Limits {
    /// Allows so many requests a minute; 0 allows any number.
    pub fn new(per_minute: u32) -> Limits {
        let keyed = |n| RateLimiter::keyed(Quota::per_minute(n)).with_middleware::<StateInformationMiddleware>();
        Limits { requests: NonZeroU32::new(per_minute).map(|n| (keyed(n), n)), logins: keyed(LOGIN_FAILURES_PER_MINUTE) }
    }

    /// Counts one attempt to log in under a name.
    pub fn login(&self, name: &str) -> Result<(), Error> {
        self.logins.check_key(&name.to_owned()).map(|_| ()).map_err(|refused| Error::TooMany(seconds(&refused)))
    }

    /// Forgets callers that have not asked for a while.
    pub fn forget_idle(&self) {
        self.logins.retain_recent();
        if let Some((requests, _)) = &self.requests {
            requests.retain_recent();
        }
    }
}

fn seconds(refused: &governor::NotUntil<governor::clock::QuantaInstant>) -> u32 {
    let wait: Duration = refused.wait_time_from(QuantaClock::default().now());
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
}

/// Refuses callers that ask too much.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let limits = request.app_data::<web::Data<Limits>>().cloned();
    let limiter = limits.as_ref().and_then(|limits| limits.requests.as_ref());
    let (Some((limiter, per_minute)), Some(who)) = (limiter, limited(&request)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let left = match limiter.check_key(&who) {
        Ok(snapshot) => snapshot.remaining_burst_capacity(),
        Err(refused) => return Ok(problem::refuse(request, &Error::TooMany(seconds(&refused)))),
    };
    let mut response = next.call(request).await?.map_into_boxed_body();
    for (name, text) in
        [(RATE_LIMIT, format!("\"default\";r={left}")), (RATE_LIMIT_POLICY, format!("\"default\";q={per_minute};w=60"))]
    {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Names the one to be limited: the hash of a token, or an address that is not the machine itself.
fn limited(request: &ServiceRequest) -> Option<String> {
    let peer: Option<IpAddr> = request.peer_addr().map(|a| a.ip());
    let local = peer.is_none_or(|ip| ip.is_loopback());
    let forwarded = request.headers().get(&FORWARDED_FOR).and_then(|v| v.to_str().ok()).and_then(|v| v.split(',').next_back());
    if local && forwarded.is_none() {
        return None;
    }
    if let Some(token) = request.headers().get(header::AUTHORIZATION) {
        return Some(hex::encode(Sha256::digest(token.as_bytes())));
    }
    match (local, forwarded, peer) {
        (true, Some(address), _) => Some(address.trim().to_owned()),
        (_, _, Some(ip)) => Some(ip.to_string()),
        _ => None,
    }
}
