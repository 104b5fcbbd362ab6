//! Who gets which vacancies, a whole school, city or province at once? Runs that go on by themselves, that tell how far they
//! are, that can be called off, and that another instance takes up where one that died left off.

mod http;
mod model;
mod store;
mod work;

pub use http::routes;
pub use work::{PART, work_off};
