//! Which vacancy fits which graduate, and why? A pure score with its reasons, over the live vacancies held in memory.
//! Age, sex, origin and the like are no inputs.

mod affinity;
pub mod bulk;
mod classes;
mod demand;
mod fit;
mod fold;
mod http;
pub mod placement;
mod pool;
mod relations;
mod runs;
mod score;
mod weights;

pub use affinity::Affinity;
pub use demand::{Asked, CertificateAsked, Facts};
pub use http::routes;
pub use pool::Pool;
pub use relations::Relations;
pub use runs::{PART, work_off};
pub use score::{Need, Requirement, Scored, Status, Subject, score};
pub use weights::{Scale, Weights};
