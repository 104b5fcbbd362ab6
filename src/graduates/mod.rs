//! Who looks for work? Graduates of technical schools: what they bring, what they wish, and to whom they agreed to be
//! shown. Knows nothing of what is offered.

mod profile;

pub use profile::{CertificateHeld, Held, Profile, ProfileBody, SkillHeld};
