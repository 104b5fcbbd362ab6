//! How does one follow the vacancies from outside? The whole (`snapshot`, `export`, Atom) and what changed since (`changes`),
//! from one commit-ordered sequence, so that a follower has exactly what is live. What a feed leaves out is decided row by row
//! (`wanted`), never by what the index has.

mod asked;
mod atom;
mod change;
mod chunk;
mod columns;
mod export;
mod http;
mod subscriptions;
mod tide;
mod wanted;

pub use http::routes;
pub use subscriptions::{Post, drop_old};
pub use tide::Tide;
