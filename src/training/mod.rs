//! Who has ordered which class? Training orders (订单班): an employer promises places and pay before training begins, a school
//! trains to them. Knows nothing of who fits nor of who is placed.

mod http;
mod life;
mod model;
mod store;
mod trainees;

pub use http::{routes, yours};
pub use life::OrderStatus;
pub use model::{OrderBody, OrderRow};
pub use store::{enrolled, finished};
