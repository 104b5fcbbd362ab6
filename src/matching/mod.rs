//! Which vacancy fits which graduate, and why? A pure score with its reasons, over the live vacancies held in memory.
//! Age, sex, origin and the like are no inputs.

pub mod bulk;
mod fold;
mod http;
pub mod placement;
mod pool;
mod runs;
mod score;

pub use http::routes;
pub use pool::Pool;
pub use runs::{PART, work_off};
pub use score::{Need, Requirement, Scored, Status, Subject, Weights};
