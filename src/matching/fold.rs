//! How do live vacancies and real profiles become the whole numbers of the kernel? So that a kernel's score is the points of
//! [`score`](super::score::score), to the last one: cities are its districts, skills of the taxonomy its skills with the
//! relations folded into what each profile earns, levels of education its classes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::db::types::VacancyId;
use crate::graduates::Profile;
use crate::lexicon::{AreaCode, Education, Lexicon};
use crate::matching::bulk::{Change, Hit, Query, Terms, VacancyIndex, VacancyItem, Wish, top_k};
use crate::matching::score::{CREDIT_FULL, Facts, Status, Weights, city_fit, credit, schooling};

/// The number of the skills that nobody can have: those that the taxonomy does not know.
const STRANGE: u16 = 0;
/// The class of the vacancies that say nothing of education.
const UNSAID: u8 = 15;

/// The live vacancies.
pub type Live = BTreeMap<VacancyId, Arc<Facts>>;

/// The numbers of skills, and what each speaks for.
pub struct Numbers {
    by_id: HashMap<String, u16>,
    /// For each held skill the asked ones that it earns something for, with the credit of the relation; found when wanted.
    earns: HashMap<String, OnceLock<Vec<(u16, f64)>>>,
}

impl Numbers {
    /// Numbers the skills of the taxonomy.
    pub fn of(lexicon: &Lexicon) -> Numbers {
        let by_id: HashMap<String, u16> = lexicon.skills.iter().map(|skill| skill.id.clone()).zip(STRANGE + 1..).collect();
        let earns = by_id.keys().map(|held| (held.clone(), OnceLock::new())).collect();
        Numbers { by_id, earns }
    }

    fn earns(&self, lexicon: &Lexicon, held: &str) -> &[(u16, f64)] {
        let one = |(asked, number): (&String, &u16)| (*number, lexicon.skills.credit(lexicon.skills.relation(asked, held)));
        let find = || self.by_id.iter().map(one).filter(|(_, credit)| *credit > 0.0).collect();
        self.earns.get(held).map_or(&[], |known| known.get_or_init(find))
    }

    /// The number of a skill that no vacancy asks for.
    fn unasked(&self) -> u16 {
        u16::try_from(self.by_id.len() + 1).unwrap_or(u16::MAX)
    }
}

/// What folding reads.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The word lists.
    pub lexicon: &'a Lexicon,
    /// The weights.
    pub weights: &'a Weights,
    /// The numbers of skills.
    pub numbers: &'a Numbers,
}

impl Means<'_> {
    fn terms(&self) -> Terms {
        let full = |share: u8| u16::from(share) * u16::from(CREDIT_FULL);
        let (sure, paid) = (full(self.weights.education), full(self.weights.salary));
        Terms { sure, paid, whole: CREDIT_FULL, ..Terms::default() }
    }

    /// Folds a vacancy.
    fn item(&self, id: u32, facts: &Facts) -> VacancyItem {
        let number = |skill: &String| self.numbers.by_id.get(skill).copied().unwrap_or(STRANGE);
        let ids = facts.skills.iter().map(|(id, _, _)| number(id));
        let experience = i16::from(self.weights.experience) * i16::from(CREDIT_FULL);
        VacancyItem {
            id,
            skills: ids.zip(self.weights.split(&facts.skills)).collect(),
            class: class(facts.education),
            base: if facts.min_months == Some(0) { experience } else { 0 },
            paid: facts.salary_max.map_or(-1, yuan),
            sector: 0,
        }
    }

    /// Folds a profile; `id` is its number, `cities` are the districts.
    fn query(&self, id: u32, profile: &Profile, cities: &[Option<AreaCode>]) -> Query {
        let mut credits: BTreeMap<u16, u8> = BTreeMap::new();
        for held in &profile.skills {
            // Who has skills is matched by skills alone, also where none of them is worth anything.
            credits.insert(self.numbers.unasked(), 1);
            for (asked, relation) in self.numbers.earns(self.lexicon, &held.id) {
                let best = credits.entry(*asked).or_default();
                *best = credit(*relation, held.sureness).max(*best);
            }
        }
        let levels = Education::ALL.iter().copied().map(Some).chain([None]);
        let (mut admits, mut sure) = (0_u16, 0_u16);
        for asked in levels {
            let met = schooling(profile.education, asked, self.lexicon);
            admits |= u16::from(met.is_some()) << class(asked);
            sure |= u16::from(met == Some(Status::Met)) << class(asked);
        }
        let mut own = profile.skills.iter().map(|held| self.numbers.by_id.get(&held.id).copied().unwrap_or(STRANGE));
        Query {
            id,
            kin: (own.next().unwrap_or(STRANGE), u32::from(own.next().unwrap_or(STRANGE))),
            credits: credits.into_iter().filter(|(_, credit)| *credit > 0).collect(),
            factors: cities.iter().map(|city| city_fit(profile, *city, self.weights, self.lexicon)).collect(),
            admits,
            wish: Wish { salary: profile.salary_min.map_or(-1, yuan), sector: 0, sure },
        }
    }
}

fn class(level: Option<Education>) -> u8 {
    let at = level.and_then(|level| Education::ALL.iter().position(|known| *known == level));
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(UNSAID)
}

fn yuan(amount: i64) -> i32 {
    i32::try_from(amount.max(0)).unwrap_or(i32::MAX)
}

/// The live vacancies as the kernel has them, at one event.
#[derive(Debug, Clone)]
pub struct Folded {
    /// The vacancies themselves.
    pub live: Arc<Live>,
    index: VacancyIndex,
    /// The id of each number; both ascend together, so that equal scores have the older vacancy first.
    ids: Vec<VacancyId>,
    /// The city of each district.
    cities: Vec<Option<AreaCode>>,
    /// The last event that is in.
    pub seq: i64,
}

impl Folded {
    /// Folds all live vacancies.
    pub fn new(means: Means<'_>, live: Arc<Live>, seq: i64) -> Folded {
        let cities: BTreeSet<Option<AreaCode>> = live.values().map(|facts| facts.city).collect();
        let cities: Vec<Option<AreaCode>> = cities.into_iter().collect();
        let regions = (0..).take(cities.len()).collect();
        let index = VacancyIndex::new(means.terms(), usize::from(means.numbers.unasked()) + 1, regions);
        let ids: Vec<VacancyId> = live.keys().cloned().collect();
        let mut folded = Folded { live, index, ids: ids.clone(), cities, seq };
        folded.apply(means, ids.iter());
        folded
    }

    /// Folds what changed since, and everything anew only if a vacancy came in between or in a city not seen before.
    pub fn follow(&self, means: Means<'_>, live: Arc<Live>, changed: &BTreeSet<VacancyId>, seq: i64) -> Folded {
        let mut next = Folded { live, seq, ..self.clone() };
        for id in changed {
            let Some(facts) = next.live.get(id) else { continue };
            let later = self.ids.last().is_none_or(|last| id > last);
            if !self.cities.contains(&facts.city) || (!later && self.ids.binary_search(id).is_err()) {
                return Folded::new(means, next.live, seq);
            }
            if later {
                next.ids.push(id.clone());
            }
        }
        next.apply(means, changed.iter());
        next
    }

    fn apply<'i>(&mut self, means: Means<'_>, changed: impl Iterator<Item = &'i VacancyId>) {
        let change = |id: &VacancyId| {
            let number = u32::try_from(self.ids.binary_search(id).ok()?).ok()?;
            let Some(facts) = self.live.get(id) else { return Some(Change::Closed(number)) };
            let district = self.cities.iter().position(|city| *city == facts.city)?;
            Some(Change::Live(u16::try_from(district).ok()?, means.item(number, facts)))
        };
        let changes = changed.filter_map(change).collect();
        self.index.apply(changes);
    }

    /// Gives the best k vacancies of each profile with their points: most points first, then the oldest.
    pub fn best(&self, means: Means<'_>, profiles: &[Profile], k: usize) -> Vec<Vec<(VacancyId, i64)>> {
        let query = |(id, profile): (usize, &Profile)| means.query(u32::try_from(id).unwrap_or(u32::MAX), profile, &self.cities);
        let queries: Vec<Query> = profiles.par_iter().enumerate().map(query).collect();
        let named = |hit: Hit| {
            let id = self.ids.get(usize::try_from(hit.id).ok()?)?;
            Some((id.clone(), hit.score))
        };
        top_k(&self.index, &queries, k).into_iter().map(|hits| hits.into_iter().filter_map(named).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::db::types::Timestamp;
    use crate::graduates::Held;
    use crate::matching::score::score;

    const CITIES: [&str; 5] = ["370100", "370300", "370700", "371000", "110100"];

    static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());
    static NUMBERS: LazyLock<Numbers> = LazyLock::new(|| Numbers::of(&LEXICON));

    fn city() -> impl Strategy<Value = AreaCode> {
        proptest::sample::select(&CITIES[..]).prop_map(|code| AreaCode::parse(code).unwrap())
    }

    fn level() -> impl Strategy<Value = Option<Education>> {
        proptest::option::of(proptest::sample::select(Education::ALL))
    }

    /// Skills that have much to do with each other, and one that the taxonomy does not know.
    fn skill() -> impl Strategy<Value = String> {
        let mut ids: Vec<String> = LEXICON.skills.iter().map(|skill| skill.id.clone()).take(25).collect();
        ids.push("unheard-of".to_owned());
        proptest::sample::select(ids)
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let skills = proptest::collection::vec((skill(), any::<bool>()), 0..4);
        let months = proptest::option::of(proptest::sample::select(vec![0, 0, 12]));
        let pay = proptest::option::of(proptest::sample::select(vec![0, 4_000, 5_000, 6_500]));
        (skills, proptest::option::of(city()), level(), months, pay).prop_map(
            |(skills, city, education, min_months, salary_max)| {
                let skills = skills.into_iter().map(|(id, essential)| (id.clone(), id, essential)).collect();
                Facts { skills, city, education, min_months, salary_max }
            },
        )
    }

    fn profile() -> impl Strategy<Value = Profile> {
        let skills = proptest::collection::vec((skill(), proptest::sample::select(vec![1.0, 0.5, 0.37])), 0..5);
        let pay = proptest::option::of(proptest::sample::select(vec![0, 4_500, 5_000]));
        (skills, level(), proptest::collection::vec(city(), 0..3), any::<bool>(), pay).prop_map(
            |(skills, education, cities, relocate, salary_min)| {
                let held = |(id, sureness): (String, f64)| Held { name: id.clone(), id, sureness };
                Profile { skills: skills.into_iter().map(held).collect(), education, cities, relocate, salary_min }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_kernel_finds_what_scoring_each_pair_finds_whatever_came_and_went(
            history in proptest::collection::vec(proptest::collection::vec((0_i64..60, proptest::option::weighted(0.8, facts())), 1..40), 1..4),
            profiles in proptest::collection::vec(profile(), 1..30),
            k in 1_usize..8,
        ) {
            let weights = Weights::load().unwrap();
            let means = Means { lexicon: &LEXICON, weights: &weights, numbers: &NUMBERS };
            let ids: Vec<VacancyId> = (0..60).map(|at| VacancyId::new(Timestamp::on(chrono::NaiveDate::MIN + chrono::Days::new(800_000), at))).collect();
            let mut all = Live::new();
            let mut folded = Folded::new(means, Arc::default(), 0);
            for (seq, changes) in (1..).zip(history) {
                let mut changed = BTreeSet::new();
                for (at, facts) in changes {
                    let id = ids[usize::try_from(at).unwrap()].clone();
                    changed.insert(id.clone());
                    match facts {
                        Some(facts) => all.insert(id, Arc::new(facts)),
                        None => all.remove(&id),
                    };
                }
                folded = folded.follow(means, Arc::new(all.clone()), &changed, seq);
            }
            for (profile, found) in profiles.iter().zip(folded.best(means, &profiles, k)) {
                let points = |(id, facts): (&VacancyId, &Arc<Facts>)| Some((id.clone(), i64::from(score(profile, facts, &weights, &LEXICON)?.points)));
                let mut expected: Vec<(VacancyId, i64)> = all.iter().filter_map(points).collect();
                expected.sort_by_key(|(id, points)| (std::cmp::Reverse(*points), id.clone()));
                expected.truncate(k);
                prop_assert_eq!(found, expected);
            }
        }
    }
}
