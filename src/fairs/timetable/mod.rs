//! Who talks to whom, when and at which desk? Timetables of interviews: in the fewest rounds where nobody is absent, as full
//! as can be proven where somebody is. Knows neither database nor clock: values in, values out.

mod clock;
mod colour;
mod instance;
mod matching;
mod model;
mod solve;
mod state;

pub use clock::{Clock, Times, desks, overlap};
pub use colour::{Meeting, rounds};
pub use instance::Instance;
pub use matching::heaviest;
pub use model::{Employer, Graduate, Interviews, SLOTS_MAX, Slots, Wish, each_slot, first_slots};
pub use solve::{Effort, Mended, Timetable, mend, solve};
