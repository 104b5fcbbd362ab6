//! Who trains? Technical schools and the majors that they teach. Knows nothing of their graduates nor of what is offered.

mod http;
mod majors;
mod model;
mod store;

pub use http::routes;
pub use majors::{MajorBody, add_major};
pub use model::{Kind, NewSchool, SchoolBody, SchoolRow};
pub use store::{city_of, find_by_name, insert, load};
