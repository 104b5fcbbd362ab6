//! Which are the best k vacancies of everybody? Exact, for a whole province at once, in whole numbers.
//!
//! Vacancies lie in one partition a district, each with inverted lists (`partition`, `postings`); graduates who look at one
//! region are counted 64 side by side (`lanes`, `batch`), in rounds from the most welcome region outwards (`search`). The
//! other way round, a vacancy's best graduates are found in inverted lists over what they earn (`reverse`).
//! Nothing here knows a database, a clock or the words of the lexicon.

mod batch;
mod instance;
mod lanes;
mod partition;
mod postings;
mod reverse;
mod score;
mod search;
#[cfg(test)]
mod tests;
mod top;

pub use instance::{BadInstance, Instance};
pub use partition::{Change, VacancyIndex};
pub use reverse::{GraduateIndex, top_k_for, top_k_for_one};
pub use score::{Hit, Query, Terms, VacancyItem, WEIGHT_SUM, Wish};
pub use search::{top_k, top_k_of_one};
