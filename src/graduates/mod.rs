//! Who looks for work? Graduates of technical schools: what they bring, what they wish, and to whom they agreed to be
//! shown. Knows nothing of what is offered.

mod class;
mod cohort;
mod consents;
mod http;
mod model;
mod profile;
mod store;

pub use cohort::{Cohort, agreed, cohort};
pub use consents::{ConsentBody, DataKind, Purpose, grant};
pub use http::{routes, yours};
pub use model::{GraduateBody, GraduateRow, JobIntent, NewGraduate};
pub use profile::{Certificate, CertificateHeld, Held, Profile, ProfileBody, SkillHeld};
pub use store::{count_looking, insert, load, looking, shown_to};
