//! Which exhibitor stands at which booth? Wishes and neighbours weighed against one another: values in, values out; knows
//! neither database nor clock.

mod floor;
mod hungarian;
mod seat;

pub use floor::Floor;
pub use seat::{Seating, seat};
