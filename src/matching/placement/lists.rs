//! Which vacancies stand on whose list, and how do both sides see each other? The best of each graduate come from the kernel
//! for everybody at once; only those are taken apart into the two sides. A graduate looks at all of the score (the city and the
//! pay that were wished for among it), a vacancy at what it asks for, which is the score without the city's factor, the pay and
//! the freshness.
#![expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores lie within 0 and 1")]

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::market::Application;
use crate::db::types::VacancyId;
use crate::graduates::Profile;
use crate::matching::demand::Facts;
use crate::matching::fold::Live;
use crate::matching::pool::Pool;
use crate::matching::score::{POINTS_FULL, Scored, Status, Subject, score};
use crate::matching::weights::Weights;

/// How many whole numbers of the kernel make one point of a cohort's score.
pub const POINTS: f64 = POINTS_FULL as f64;

/// Those who look for a place, with what is read of them, and the vacancies in question by id.
pub struct Sides<'a> {
    /// What scores.
    pub pool: &'a Pool,
    /// The day on which it is asked.
    pub day: NaiveDate,
    /// The profiles; none of those who get no list.
    pub profiles: Vec<Option<&'a Profile>>,
    /// The vacancies, ascending by id.
    pub vacancies: Vec<(VacancyId, &'a Facts)>,
}

/// What may stand on the list of one graduate.
#[derive(Debug, Clone, Default)]
pub struct May {
    /// Nothing but these, where it is narrowed.
    pub only: Option<BTreeSet<usize>>,
    /// These at any rate, however they suit, as far as they suit at all.
    pub kept: BTreeSet<usize>,
}

impl Sides<'_> {
    /// Makes the lists: the vacancies that suit best, equal ones the oldest first, and those that are kept for the graduate's
    /// class.
    pub fn lists(&self, length: usize, may: &[May]) -> Vec<Vec<Application>> {
        let best = self.best(length, may);
        let list = |((graduate, may), best): ((usize, &May), Vec<usize>)| {
            let few = may.only.iter().flatten().copied();
            let suits = |at: &usize| may.only.as_ref().is_none_or(|only| only.contains(at));
            let line = |at: usize| self.line(graduate, at);
            let mut list: Vec<Application> = best.into_iter().chain(few).filter_map(line).collect();
            list.sort_by_key(|line| (Reverse(line.graduate_score), line.place));
            list.truncate(length);
            let there: BTreeSet<usize> = list.iter().map(|line| line.place as usize).collect();
            list.extend(may.kept.iter().filter(|at| suits(at) && !there.contains(at)).filter_map(|at| line(*at)));
            list.sort_by_key(|line| (Reverse(line.graduate_score), line.place));
            list
        };
        may.par_iter().enumerate().zip(best).map(list).collect()
    }

    /// Finds the best vacancies of everybody whose list is not narrowed.
    fn best(&self, length: usize, may: &[May]) -> Vec<Vec<usize>> {
        let wide = |(graduate, may): (usize, &May)| {
            let profile = self.profiles.get(graduate).copied().flatten()?;
            may.only.is_none().then(|| profile.clone())
        };
        let profiles: Vec<Option<Profile>> = may.iter().enumerate().map(wide).collect();
        let asking: Vec<Profile> = profiles.iter().flatten().cloned().collect();
        let mut found = Vec::new();
        if !asking.is_empty() {
            let live: Live = self.vacancies.iter().map(|(id, facts)| (id.clone(), Arc::new((*facts).clone()))).collect();
            found = self.pool.best(&self.pool.fold(self.day, &live), &asking, length);
        }
        let number = |id: &VacancyId| self.vacancies.binary_search_by_key(&id, |(id, _)| id).ok();
        let mut found = found.into_iter().map(|hits| hits.iter().filter_map(number).collect());
        profiles.iter().map(|profile| profile.as_ref().and_then(|_| found.next()).unwrap_or_default()).collect()
    }

    /// Scores a graduate and a vacancy; none where they do not match at all.
    pub fn score(&self, graduate: usize, vacancy: usize) -> Option<Scored> {
        let profile = self.profiles.get(graduate).copied().flatten()?;
        score(profile, self.vacancies.get(vacancy)?.1, self.pool.scale(self.day))
    }

    fn line(&self, graduate: usize, at: usize) -> Option<Application> {
        let scored = self.score(graduate, at)?;
        let vacancy_score = asked_for(&scored, &self.pool.weights);
        Some(Application { place: at as u32, graduate_score: scored.points, vacancy_score })
    }
}

/// How a vacancy sees a graduate, in whole numbers.
fn asked_for(scored: &Scored, weights: &Weights) -> u32 {
    let pay = scored.requirements.iter().find(|need| matches!(need.subject, Subject::Salary(_)) && need.status == Status::Met);
    let all = if scored.city_fit > 0.0 { scored.score / scored.city_fit } else { 0.0 };
    let fresh = scored.freshness.unwrap_or(0.0) * weights.share(weights.freshness);
    ((all - fresh - pay.map_or(0.0, |need| need.weight)).clamp(0.0, 1.0) * f64::from(POINTS_FULL)).round() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lexicon::Lexicon;
    use crate::matching::fold::made::{facts, ids, profile, today};

    /// The list as it is defined: everything scored, sorted and cut.
    fn defined(sides: &Sides<'_>, graduate: usize, length: usize, may: &May) -> Vec<Application> {
        let suits = |at: &usize| may.only.as_ref().is_none_or(|only| only.contains(at));
        let mut all: Vec<Application> =
            (0..sides.vacancies.len()).filter(suits).filter_map(|at| sides.line(graduate, at)).collect();
        all.sort_by_key(|line| (Reverse(line.graduate_score), line.place));
        let stays = |(rank, line): &(usize, Application)| *rank < length || may.kept.contains(&(line.place as usize));
        all.into_iter().enumerate().filter(stays).map(|(_, line)| line).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_lists_are_those_of_scoring_every_pair(
            asked in proptest::collection::vec(facts(), 1..40),
            profiles in proptest::collection::vec(proptest::option::weighted(0.9, profile()), 1..20),
            only in proptest::collection::vec(proptest::option::weighted(0.2, proptest::collection::btree_set(0_usize..40, 0..6)), 20),
            kept in proptest::collection::vec(proptest::collection::btree_set(0_usize..40, 0..3), 20),
            length in 1_usize..8,
        ) {
            let pool = Pool::new(Lexicon::shared().unwrap()).unwrap();
            let vacancies = ids(40).into_iter().zip(&asked).collect();
            let sides = Sides { pool: &pool, day: today(), profiles: profiles.iter().map(Option::as_ref).collect(), vacancies };
            let may: Vec<May> = only.into_iter().zip(kept).take(profiles.len()).map(|(only, kept)| May { only, kept }).collect();
            let lists = sides.lists(length, &may);
            prop_assert_eq!(lists.len(), profiles.len());
            for (graduate, list) in lists.into_iter().enumerate() {
                prop_assert_eq!(list, defined(&sides, graduate, length, &may[graduate]));
            }
        }
    }
}
