//! Who is placed where, when places are few? A cohort against vacancies with headcounts: `stable` (nobody has a reason to
//! complain) or `max_score` (together worth most), each with a certificate that other code checks, and a reason for everybody
//! who is not placed.
//!
//! The kernel is pure, numbers in and numbers out: `pose` makes the `market`, `stable` and `best` place, `certify` judges,
//! `explain` gives reasons, `outcome` does it all, `answer` puts it into names. Around it: `own` and `file` read questions,
//! `ground`, `cohort` and `lists` take them from the database and the score, `kept` keeps the result.

mod answer;
mod asked;
mod best;
mod certify;
mod cohort;
mod explain;
mod file;
mod ground;
mod http;
mod kept;
mod lists;
mod market;
mod outcome;
mod own;
mod pose;
mod stable;

pub use answer::{Answer, Names, Proof};
pub use best::{Best, best};
pub use certify::{Standing, bound};
pub use explain::{Lost, Why, explain};
pub use file::read;
pub use http::routes;
pub use market::{Application, Fault, Market, NONE, Place, SCORE_END};
pub use outcome::{Certificate, Objective, Outcome, place};
pub use own::{Own, Pair};
pub use pose::{Pose, Posed, Quota, Reserved, Stands, Unsound};
pub use stable::stable;
