//! Which vacancies fit these words? A tantivy index that follows the events of `vacancies`: a shadow of the database,
//! written only here, only from rows, and always rebuilt from event 1 when its folder is gone or its make has changed.

mod analyse;
mod bits;
mod board;
mod columns;
mod facet;
mod find;
mod highlight;
mod http;
mod index;
mod meets;
mod members;
mod names;
mod plan;
mod read;
mod repair;
mod scan;
mod schema;
mod score;
mod similar;
mod suggest;
mod tally;
mod terms;
mod view;
mod weights;

pub use analyse::Cutter;
pub use board::{Notice, Posted, Seek};
pub use facet::Facet;
pub use find::{Asked, Found, Relaxed, Seen};
pub use http::routes;
pub use index::{Entry, Search, Step};
pub use meets::Words;
pub use read::{Depth, Group, Mark, Reader, Reading, Understood, Way, split};
pub use repair::Drift;
pub use scan::Order;
pub use weights::Weights;
