//! Who hires? The organisations behind vacancies: they register themselves or are named by a feed, and a bureau checks
//! them. Knows nothing of what they offer.

mod http;
mod model;
mod named;
mod store;

pub use http::routes;
pub use model::{EmployerBody, NewEmployer, VerificationBody};
pub use named::upsert_many;
pub use store::{insert, verify};
