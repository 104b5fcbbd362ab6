//! How do vacancies come in? From sources outside, in runs: fetch, read each row, drop what no vacancy may depend on,
//! normalise, land in `vacancies`. A bad row is a reject with its reason, never a failed run; the same feed twice writes
//! nothing.

mod fetch;
mod http;
mod import;
mod model;
mod posting;
mod row;
mod run;
mod store;

pub use http::routes;
pub use import::rows_of;
pub use model::{Kind, RunStatus, RunView, SourceBody, SourceRow};
pub use row::Reader;
pub use run::{Ground, Intake, Receipt, run_once};
pub use store::{add_source, find_source_by_name};
