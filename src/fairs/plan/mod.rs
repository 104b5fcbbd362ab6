//! Which fair is held when and where, and who goes there? The calendar (dates, venues, bureau teams) first, the employers'
//! circuits after it; each with a proven bound. Knows neither database nor clock: values in, values out.
//!
//! `model` says what is wanted, `solve` finds it, `repair` mends it, `explain` says why something has no day, `circuits`
//! sends employers on the road, and `instance` reads all of it from a file.

mod anneal;
mod bound;
mod circuits;
mod explain;
mod instance;
mod model;
mod repair;
mod solve;
mod state;

pub use circuits::{Circuits, Driven, Employer, Fair, Stop};
pub use explain::{Binding, LeftOut, explain};
pub use instance::Instance;
pub use model::{Choice, City, Clash, Event, Problem};
pub use repair::{Moved, Repaired, repair};
pub use solve::{Effort, Solved, gap, solve};
