//! Which vacancies fit these words? A tantivy index that follows the events of `vacancies`: a shadow of the database,
//! written only here, only from rows, and always rebuilt from event 1 when its folder is gone or its make has changed.

mod analyse;
mod filter;
mod http;
mod index;
mod query;
mod schema;

pub use http::routes;
pub use index::{Search, Step};
