//! Who meets whom, when and where? Venues and the days on which nothing is held, fairs with their states and gates,
//! exhibitors with their booths, attendances with their seats, and all of it as a calendar.

mod after;
mod arrangement;
mod attendances;
mod blackouts;
pub mod booths;
mod exhibitor;
mod exhibitors;
mod file;
mod filing;
mod http;
mod ics;
mod interviews;
mod life;
mod model;
mod own_calendar;
mod places;
pub mod plan;
mod planning;
mod requests;
mod search;
mod store;
pub mod timetable;
mod venues;

use utoipa_actix_web::service_config::ServiceConfig;

pub use attendances::{Attendance, reserve};
pub use exhibitor::{ExhibitorBody, Outcome, Presence};
pub use exhibitors::{apply, decide, mark_presence, release_due};
pub use file::{ReminderRow, next_working_day, remind, reminders_due};
pub use filing::{Filing, Permit};
pub use http::create_fair;
pub use life::{FairStatus, Kind};
pub use model::{FairBody, FairRow};
pub use requests::{RequestBody, ask};
pub use store::{close_due, transit};
pub use venues::{VenueBody, add_venue};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    search::routes(config);
    venues::routes(config);
    blackouts::routes(config);
    exhibitors::routes(config);
    attendances::routes(config);
    arrangement::routes(config);
    requests::routes(config);
    planning::routes(config);
    interviews::routes(config);
    file::routes(config);
    own_calendar::routes(config);
    after::routes(config);
    http::routes(config);
}
