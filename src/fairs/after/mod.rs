//! What came of a fair? What became of those who met, the report that is generated from it, what is still to be done, and
//! what people say of it.

mod count;
mod feedback;
mod follow;
mod follow_ups;
mod ground;
mod outcomes;
mod report;
mod withhold;

use utoipa_actix_web::service_config::ServiceConfig;

pub use outcomes::named_to;

/// Mounts the routes of what comes after a fair.
pub fn routes(config: &mut ServiceConfig) {
    outcomes::routes(config);
    report::routes(config);
    follow_ups::routes(config);
    feedback::routes(config);
}
