//! What is a vacancy, and what may happen to it? Its content, its life cycle, its history and its events, which every
//! follower (the search index above all) reads in commit order. Knows neither where vacancies come from nor how they
//! are found.

mod body;
mod content;
mod draft;
mod filter;
mod http;
mod life;
mod model;
mod own;
mod reminders;
mod rescreen;
mod review;
mod screen;
mod screening;
mod separation;
mod store;
mod transition;
mod upsert;

pub use content::{Content, RawVacancy, SkillNeed, Talk};
pub use draft::{NewVacancy, draft, employer_name, employer_of, hand_in};
pub use filter::{Filter, FilterQuery, RADIUS_KM, point};
pub use http::routes;
pub use life::{Event, Status};
pub use model::{VacancyRow, VacancyView, content_hash, expire_due, views};
pub use reminders::remind_of_ends;
pub use rescreen::rescreen;
pub use screen::{Finding, Subject, screen};
pub use store::{
    Change, EventRow, changes_after, events_between, feed_floor, last_change, live_page, live_revisions, load, load_many,
    newest_page, raise_feed_floor, source_names, statuses,
};
pub use upsert::{Arrival, Incoming, Landed, MISSING, Sketch, SourceRef, absent, note_absence, upsert, withdraw};
