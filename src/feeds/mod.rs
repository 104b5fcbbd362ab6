//! How does one follow the vacancies from outside? The whole (`snapshot`, `export`, Atom) and what changed since (`changes`),
//! from one commit-ordered sequence, so that a follower has exactly what is live. Knows neither index nor words: what a
//! feed leaves out, the pure `vacancies::Filter` decides.

mod asked;
mod atom;
mod change;
mod chunk;
mod columns;
mod export;
mod http;
mod subscriptions;
mod tide;

pub use http::routes;
pub use subscriptions::{Post, drop_old};
pub use tide::Tide;
