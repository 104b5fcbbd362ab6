//! How do vacancies come in? From sources outside, in runs: fetch, read each row, drop what no vacancy may depend on,
//! normalise, land in `vacancies`. A bad row is a reject with its reason, never a failed run; the same feed twice writes
//! nothing; what a source no longer lists comes to an end.

mod batch;
mod cursor;
mod due;
mod fetch;
mod http;
mod import;
mod job_posting;
mod lines;
mod mapping;
mod model;
mod posting;
mod reading;
mod receipt;
mod replay;
mod row;
mod run;
mod schedule;
mod store;
mod sweep;

pub use batch::Raw;
pub use due::run_due;
pub use http::routes;
pub use import::rows_of;
pub use lines::Lines;
pub use mapping::Mapping;
pub use model::{Kind, RunStatus, RunView, SourceBody, SourceRow};
pub use receipt::Receipt;
pub use row::Reader;
pub use run::{Ground, Intake, run_once};
pub use store::{add_source, find_source_by_name};
