//! What can be counted? Requests, durations and the work of the rooms, as OpenMetrics 1.0 text.

use std::sync::atomic::AtomicU64;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::error::{Error, Result};

/// The content type of OpenMetrics text.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// A label that names one outcome of a kind of work.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// The outcome.
    pub outcome: &'static str,
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Call, Counter>,
    durations: Family<Route, Histogram>,
    /// Rows taken in, by what became of them.
    pub ingested_rows: Family<Outcome, Counter>,
    /// Vacancies written into the search index.
    pub indexed_vacancies: Counter,
    /// How many events the search index is behind the database.
    pub index_lag: Gauge<i64, std::sync::atomic::AtomicI64>,
    /// Searches, by what became of them.
    pub searches: Family<Outcome, Counter>,
    /// Seconds since 1970 at which the process began.
    pub started: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let timed: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_5, 2.0, 16));
        let durations = Family::new_with_constructor(timed);
        let mut metrics = Metrics {
            registry: Registry::with_prefix("jiangxin"),
            requests: Family::default(),
            durations,
            ingested_rows: Family::default(),
            indexed_vacancies: Counter::default(),
            index_lag: Gauge::default(),
            searches: Family::default(),
            started: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register("http_request_duration_seconds", "Time to answer", metrics.durations.clone());
        registry.register("ingested_rows", "Rows taken in, by outcome", metrics.ingested_rows.clone());
        registry.register("indexed_vacancies", "Vacancies written into the index", metrics.indexed_vacancies.clone());
        registry.register("index_lag_events", "Events the index is behind", metrics.index_lag.clone());
        registry.register("searches", "Searches, by outcome", metrics.searches.clone());
        registry.register("process_start_time_seconds", "When the process began", metrics.started.clone());
        metrics
    }
}

impl Metrics {
    /// Writes everything as OpenMetrics text.
    pub fn text(&self) -> Result<String> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry).map_err(Error::internal)?;
        Ok(text)
    }
}

/// Counts and times each request.
pub async fn middleware<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<B>, actix_web::Error> {
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let method = request.method().to_string();
    let begun = std::time::Instant::now();
    let response = next.call(request).await?;
    if let Some(metrics) = metrics {
        let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
        let status = response.status().as_u16();
        metrics.durations.get_or_create(&Route { route: route.clone() }).observe(begun.elapsed().as_secs_f64());
        metrics.requests.get_or_create(&Call { method, route, status }).inc();
    }
    Ok(response)
}
