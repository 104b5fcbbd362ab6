//! Vacancies and profiles for tests: made at random, with much to do with each other.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use crate::db::types::{Timestamp, VacancyId};
use crate::graduates::{Certificate, Held, Profile};
use crate::lexicon::{AreaCode, Education, Lexicon, SkillGrade};
use crate::matching::demand::{Asked, CertificateAsked, Facts, stand_ins};

const CITIES: [&str; 5] = ["370100", "370300", "370700", "371000", "110100"];
const OCCUPATIONS: [&str; 3] = ["6-09-03-03", "6-09-03-17", "4-02-02-01"];

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).unwrap_or_default()
}

/// A day up to three years ago; many are near.
fn day() -> impl Strategy<Value = Option<NaiveDate>> {
    let days = prop_oneof![0_u64..40, 0_u64..1_100];
    proptest::option::of(days.prop_map(|days| today() - Days::new(days)))
}

fn city() -> impl Strategy<Value = AreaCode> {
    proptest::sample::select(&CITIES[..]).prop_filter_map("a code", AreaCode::parse)
}

fn level() -> impl Strategy<Value = Option<Education>> {
    proptest::option::of(proptest::sample::select(Education::ALL))
}

fn grade() -> impl Strategy<Value = SkillGrade> {
    (1_u8..=5).prop_filter_map("a grade", |number| SkillGrade::parse(number).ok())
}

fn occupation() -> impl Strategy<Value = String> {
    proptest::sample::select(&OCCUPATIONS[..]).prop_map(str::to_owned)
}

/// Skills that have much to do with each other, and one that the taxonomy does not know.
fn skill() -> impl Strategy<Value = String> {
    let some = |lexicon: &Arc<Lexicon>| lexicon.skills.iter().map(|skill| skill.id.clone()).take(25).collect::<Vec<_>>();
    let mut ids: Vec<String> = Lexicon::shared().iter().flat_map(some).collect();
    ids.push("unheard-of".to_owned());
    proptest::sample::select(ids)
}

pub fn facts() -> impl Strategy<Value = Facts> {
    let asked = (skill(), any::<bool>(), proptest::option::weighted(0.2, grade()));
    let asked = asked.prop_map(|(id, essential, grade)| Asked { name: id.clone(), id, essential, grade });
    let certificate = (proptest::option::of(occupation()), grade(), any::<bool>());
    let certificate = certificate.prop_map(|(occupation, grade, essential)| CertificateAsked { occupation, grade, essential });
    let months = proptest::option::of(proptest::sample::select(vec![0, 0, 12]));
    let pay = proptest::option::of(proptest::sample::select(vec![0, 4_000, 5_000, 6_500]));
    let stand_in = proptest::option::of(proptest::sample::select(stand_ins().collect::<Vec<_>>()));
    let what =
        (proptest::collection::vec(asked, 0..4), proptest::option::weighted(0.3, certificate), proptest::option::of(city()));
    let whom = (level(), stand_in, months, any::<bool>(), proptest::option::of(occupation()));
    (what, whom, pay, day()).prop_map(|((skills, certificate, city), whom, salary_max, live_since)| {
        let (level, stand_in, min_months, fresh_welcome, occupation) = whom;
        let education = stand_in.map_or(level, |(asked, _)| Some(asked));
        let stand_in = stand_in.map(|(_, grade)| grade);
        Facts { skills, certificate, city, occupation, education, stand_in, min_months, fresh_welcome, salary_max, live_since }
    })
}

pub fn profile() -> impl Strategy<Value = Profile> {
    let held = (skill(), proptest::sample::select(vec![1.0, 0.5, 0.37]), proptest::option::of(grade()));
    let held = held.prop_map(|(id, sureness, grade)| Held { name: id.clone(), id, sureness, grade });
    let certificate =
        (occupation(), grade()).prop_map(|(occupation, grade)| Certificate { name: occupation.clone(), occupation, grade });
    let pay = proptest::option::of(proptest::sample::select(vec![0, 4_500, 5_000]));
    let brings = (proptest::collection::vec(held, 0..5), level(), proptest::collection::vec(certificate, 0..3));
    let wishes = (proptest::collection::vec(city(), 0..3), any::<bool>(), pay, day());
    (brings, wishes).prop_map(|((skills, education, certificates), (cities, relocate, salary_min, graduates_on))| Profile {
        skills,
        education,
        cities,
        relocate,
        salary_min,
        certificates,
        graduates_on,
    })
}

/// So many ids, ascending.
pub fn ids(count: i64) -> Vec<VacancyId> {
    (0..count).map(|at| VacancyId::new(Timestamp::on(today(), at))).collect()
}
