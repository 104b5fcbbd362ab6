//! Who is told of changes without asking? Saved searches with an address (webhooks): every change that the search admits
//! goes there as a signed message (Standard Webhooks 1.0.0), again and again until it is taken or patience ends.

mod http;
mod model;
mod post;
mod seal;
mod sign;
mod store;

pub use http::{change, create, list, list_deliveries, read, redeliver, remove};
pub use post::Post;
pub use store::drop_old;
