//! Ingest over HTTP: sources, runs, rejects, pushes and sheets.

mod push;
mod runs;
mod sheets;
mod sources;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(sources::list).service(sources::create).service(sources::read);
    config.service(sources::change).service(sources::remove);
    config.service(runs::start).service(runs::replay).service(push::push).service(sheets::import_vacancies);
    config.service(runs::list_runs).service(runs::read_run).service(runs::list_rejects);
}
