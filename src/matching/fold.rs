//! How do live vacancies and real profiles become the whole numbers of the kernel? So that a kernel's score is the points of
//! [`score`](super::score::score), to the last one: cities are its districts, skills of the taxonomy its skills with the
//! relations folded into what each profile earns, education with what may stand in for it its classes. Skills of a grade and
//! certificates are skills of their own; whoever is fresh from school and the vacancies that welcome them are one sector.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::db::types::VacancyId;
use crate::graduates::Profile;
use crate::lexicon::{AreaCode, Education, SkillGrade};
use crate::matching::bulk::{Change, Hit, Query, Terms, VacancyIndex, VacancyItem, Wish, top_k, top_k_of_one};
use crate::matching::demand::{Asked, Facts, stand_ins};
use crate::matching::relations::STRANGE;
use crate::matching::score::{CREDIT_FULL, Status, certificate_credit, city_fit, credit, freshness, schooling, waived};
use crate::matching::weights::Scale;

/// The sector of vacancies that welcome people fresh from school without experience, and of those people.
const FRESH: u16 = 1;
/// The sector of all other people; no vacancy is in it.
const OTHERS: u16 = 2;

/// The live vacancies.
pub type Live = BTreeMap<VacancyId, Arc<Facts>>;

/// The numbers of the classes of education.
pub struct Numbers {
    /// What each class of education asks for, and the grade that may stand in for it.
    classes: Vec<(Option<Education>, Option<SkillGrade>)>,
}

/// What is numbered beside the skills: only what a vacancy asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Extra {
    /// A skill, by its number, of a grade.
    Graded(u16, SkillGrade),
    /// A certificate of an occupation and a grade.
    Certificate(String, SkillGrade),
}

impl Numbers {
    /// Numbers what vacancies may ask for.
    pub fn new() -> Numbers {
        let plain = Education::ALL.iter().map(|asked| (Some(alike(*asked)), None)).chain([(None, None)]);
        let with_grade = stand_ins().map(|(asked, grade)| (Some(alike(asked)), Some(grade)));
        let mut classes = Vec::new();
        for class in plain.chain(with_grade) {
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        Numbers { classes }
    }

    fn class(&self, asked: Option<Education>, stand_in: Option<SkillGrade>) -> u8 {
        let wanted = (asked.map(alike), stand_in);
        let at = self.classes.iter().position(|class| *class == wanted);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default()
    }
}

/// Levels of one rank are one class: 高中 and 中专.
const fn alike(level: Education) -> Education {
    match level {
        Education::SeniorSecondary => Education::SecondaryVocational,
        other => other,
    }
}

/// What folding reads.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// What a score is measured by.
    pub scale: Scale<'a>,
    /// The numbers of skills.
    pub numbers: &'a Numbers,
}

impl Means<'_> {
    /// The number of a skill that no vacancy asks for; those of extras follow.
    fn unasked(&self) -> u16 {
        u16::try_from(self.scale.relations.count() + 1).unwrap_or(u16::MAX)
    }

    /// Names what a vacancy asks for beside skills as such.
    fn extras<'f>(&'f self, facts: &'f Facts) -> impl Iterator<Item = Extra> + 'f {
        let number = |asked: &Asked| self.scale.relations.number(&asked.id);
        let graded = facts.skills.iter().filter_map(move |asked| Some(Extra::Graded(number(asked), asked.grade?)));
        graded
            .chain(facts.certificate.iter().filter_map(|asked| Some(Extra::Certificate(asked.occupation.clone()?, asked.grade))))
    }

    fn terms(&self) -> Terms {
        let full = |share: u8| u16::from(share) * u16::from(CREDIT_FULL);
        let weights = self.scale.weights;
        let (sure, paid, welcome) = (full(weights.education), full(weights.salary), full(weights.experience));
        Terms { sure, paid, welcome, whole: CREDIT_FULL, ..Terms::default() }
    }

    /// Folds a vacancy.
    fn item(&self, id: u32, facts: &Facts, extras: &[Extra]) -> VacancyItem {
        let weights = self.scale.weights;
        let extra = |wanted: &Extra| {
            let at = extras.binary_search(wanted).ok().and_then(|at| u16::try_from(at).ok());
            at.map_or(STRANGE, |at| self.unasked() + 1 + at)
        };
        let skill = |asked: &Asked| match asked.grade {
            Some(grade) => extra(&Extra::Graded(self.scale.relations.number(&asked.id), grade)),
            None => self.scale.relations.number(&asked.id),
        };
        let certificate = facts.certificate.as_ref().map(|asked| match &asked.occupation {
            Some(code) => extra(&Extra::Certificate(code.clone(), asked.grade)),
            None => STRANGE,
        });
        let parts = weights.split(facts);
        let unnamed = parts.len().saturating_sub(facts.skills.len() + usize::from(certificate.is_some()));
        let numbers = facts.skills.iter().map(skill).chain(certificate);
        let experience = i16::from(weights.experience) * i16::from(CREDIT_FULL);
        let fresh = i16::from(weights.freshness) * i16::from(freshness(facts, self.scale).unwrap_or(0));
        VacancyItem {
            id,
            skills: numbers.zip(parts.into_iter().skip(unnamed)).collect(),
            open: facts.skills.is_empty(),
            class: self.numbers.class(facts.education, facts.stand_in),
            base: fresh + if facts.min_months == Some(0) { experience } else { 0 },
            paid: facts.salary_max.map_or(-1, yuan),
            sector: if facts.waives(weights) { FRESH } else { 0 },
        }
    }

    /// Folds a profile; `id` is its number, `cities` are the districts.
    fn query(&self, id: u32, profile: &Profile, cities: &[Option<AreaCode>], extras: &[Extra]) -> Query {
        let lexicon = self.scale.lexicon;
        let (mut admits, mut sure) = (0_u16, 0_u16);
        for (class, (asked, stand_in)) in self.numbers.classes.iter().enumerate() {
            let met = schooling(profile, *asked, *stand_in, lexicon);
            admits |= u16::from(met.is_some()) << class;
            sure |= u16::from(met == Some(Status::Met)) << class;
        }
        let mut own = profile.skills.iter().map(|held| self.scale.relations.number(&held.id));
        let sector = if waived(profile, self.scale) == Some(true) { FRESH } else { OTHERS };
        Query {
            id,
            kin: (own.next().unwrap_or(STRANGE), u32::from(own.next().unwrap_or(STRANGE))),
            credits: self.credits(profile, extras),
            open: profile.skills.is_empty(),
            factors: cities.iter().map(|city| city_fit(profile, *city, self.scale)).collect(),
            admits,
            wish: Wish { salary: profile.salary_min.map_or(-1, yuan), sector, sure },
        }
    }

    /// What a profile earns for each skill and each extra, ascending, none 0.
    fn credits(&self, profile: &Profile, extras: &[Extra]) -> Vec<(u16, u8)> {
        let Scale { weights, lexicon, relations, .. } = self.scale;
        let mut credits: BTreeMap<u16, u8> = BTreeMap::new();
        // What each held skill is worth to a skill that is asked for in a grade.
        let mut shares: HashMap<u16, Vec<(f64, f64, Option<SkillGrade>)>> = HashMap::new();
        let graded: BTreeSet<u16> =
            extras.iter().filter_map(|extra| if let Extra::Graded(skill, _) = extra { Some(*skill) } else { None }).collect();
        for held in &profile.skills {
            for (asked, relation) in relations.earns(lexicon, &held.id) {
                let best = credits.entry(*asked).or_default();
                *best = credit(*relation, held.sureness, 1.0).max(*best);
                if graded.contains(asked) {
                    shares.entry(*asked).or_default().push((*relation, held.sureness, held.grade));
                }
            }
        }
        for (number, extra) in (self.unasked() + 1..).zip(extras) {
            let best = match extra {
                Extra::Graded(skill, grade) => {
                    let earned = |(relation, sureness, held): &(f64, f64, Option<SkillGrade>)| {
                        credit(*relation, *sureness, weights.grade_share(Some(*grade), *held).0)
                    };
                    shares.get(skill).into_iter().flatten().map(earned).max()
                }
                Extra::Certificate(code, grade) => {
                    profile.certificates.iter().map(|held| certificate_credit(code, *grade, held, weights)).max()
                }
            };
            credits.insert(number, best.unwrap_or(0));
        }
        credits.into_iter().filter(|(_, credit)| *credit > 0).collect()
    }
}

fn yuan(amount: i64) -> i32 {
    i32::try_from(amount.max(0)).unwrap_or(i32::MAX)
}

/// The live vacancies as the kernel has them, at one event and on one day.
#[derive(Debug, Clone)]
pub struct Folded {
    index: VacancyIndex,
    /// The id of each number; both ascend together, so that equal scores have the older vacancy first.
    ids: Vec<VacancyId>,
    /// The vacancy of each number, as long as it is live.
    facts: Vec<Option<Arc<Facts>>>,
    /// The city of each district.
    cities: Vec<Option<AreaCode>>,
    /// What is numbered beside the skills, ascending.
    extras: Vec<Extra>,
    /// The last event that is in.
    pub seq: i64,
    /// The day that freshness is counted to.
    pub day: NaiveDate,
}

impl Folded {
    /// Folds all live vacancies.
    pub fn new(means: Means<'_>, live: &Live, seq: i64) -> Folded {
        let cities: BTreeSet<Option<AreaCode>> = live.values().map(|facts| facts.city).collect();
        let cities: Vec<Option<AreaCode>> = cities.into_iter().collect();
        let extras: BTreeSet<Extra> = live.values().flat_map(|facts| means.extras(facts)).collect();
        let extras: Vec<Extra> = extras.into_iter().collect();
        let regions = (0..).take(cities.len()).collect();
        let index = VacancyIndex::new(means.terms(), usize::from(means.unasked()) + 1 + extras.len(), regions);
        let ids: Vec<VacancyId> = live.keys().cloned().collect();
        let facts = vec![None; ids.len()];
        let mut folded = Folded { index, ids, facts, cities, extras, seq, day: means.scale.day };
        folded.apply(means, live, live.keys());
        folded
    }

    /// Folds what changed since, and everything anew only on another day, or if a vacancy came in between, in a city or with a
    /// grade not seen before.
    pub fn follow(mut self, means: Means<'_>, live: &Live, changed: &BTreeSet<VacancyId>, seq: i64) -> Folded {
        if self.day != means.scale.day {
            return Folded::new(means, live, seq);
        }
        for id in changed {
            let Some(facts) = live.get(id) else { continue };
            let later = self.ids.last().is_none_or(|last| id > last);
            let numbered = means.extras(facts).all(|extra| self.extras.binary_search(&extra).is_ok());
            let placed = self.cities.contains(&facts.city) && (later || self.ids.binary_search(id).is_ok());
            if !numbered || !placed {
                return Folded::new(means, live, seq);
            }
            if later {
                self.ids.push(id.clone());
            }
        }
        self.facts.resize(self.ids.len(), None);
        self.seq = seq;
        self.apply(means, live, changed.iter());
        self
    }

    fn apply<'i>(&mut self, means: Means<'_>, live: &Live, changed: impl Iterator<Item = &'i VacancyId>) {
        let mut changes = Vec::new();
        for id in changed {
            let Ok(at) = self.ids.binary_search(id) else { continue };
            let (Ok(number), Some(kept)) = (u32::try_from(at), self.facts.get_mut(at)) else { continue };
            *kept = live.get(id).cloned();
            let Some(facts) = kept else {
                changes.push(Change::Closed(number));
                continue;
            };
            let district = self.cities.iter().position(|city| *city == facts.city);
            if let Some(Ok(district)) = district.map(u16::try_from) {
                changes.push(Change::Live(district, means.item(number, facts, &self.extras)));
            }
        }
        self.index.apply(changes);
    }

    /// Gives what a vacancy asks for, if it was live.
    pub fn facts(&self, id: &VacancyId) -> Option<&Facts> {
        self.facts.get(self.ids.binary_search(id).ok()?)?.as_deref()
    }

    /// Gives the best k vacancies of one profile with their points, and how many match it at all.
    pub fn best_of_one(&self, means: Means<'_>, profile: &Profile, k: usize) -> (Vec<(VacancyId, i64)>, usize) {
        let query = means.query(0, profile, &self.cities, &self.extras);
        let named = |hit: Hit| Some((self.ids.get(usize::try_from(hit.id).ok()?)?.clone(), hit.score));
        (top_k_of_one(&self.index, &query, k).into_iter().filter_map(named).collect(), self.index.count(&query))
    }

    /// Gives the best k vacancies of each profile with their points: most points first, then the oldest.
    pub fn best(&self, means: Means<'_>, profiles: &[Profile], k: usize) -> Vec<Vec<(VacancyId, i64)>> {
        let query = |(id, profile): (usize, &Profile)| {
            means.query(u32::try_from(id).unwrap_or(u32::MAX), profile, &self.cities, &self.extras)
        };
        let queries: Vec<Query> = profiles.par_iter().enumerate().map(query).collect();
        let named = |hit: Hit| {
            let id = self.ids.get(usize::try_from(hit.id).ok()?)?;
            Some((id.clone(), hit.score))
        };
        top_k(&self.index, &queries, k).into_iter().map(|hits| hits.into_iter().filter_map(named).collect()).collect()
    }
}

#[cfg(test)]
pub mod made;
#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use chrono::Days;
    use proptest::prelude::*;

    use super::made::{facts, ids, profile, today};
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::matching::relations::Relations;
    use crate::matching::score::score;
    use crate::matching::weights::Weights;

    static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Lexicon::shared().unwrap());
    static NUMBERS: LazyLock<Numbers> = LazyLock::new(Numbers::new);
    static RELATIONS: LazyLock<Relations> = LazyLock::new(|| Relations::of(&LEXICON));

    #[test]
    fn the_classes_of_education_fit_into_the_kernel() {
        assert_eq!(NUMBERS.classes.len(), 16);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_kernel_finds_what_scoring_each_pair_finds_whatever_came_and_went(
            history in proptest::collection::vec((proptest::collection::vec((0_i64..60, proptest::option::weighted(0.8, facts())), 1..40), 0_u64..2), 1..4),
            profiles in proptest::collection::vec(profile(), 1..30),
            k in 1_usize..8,
        ) {
            let weights = Weights::load().unwrap();
            let mut scale = Scale { weights: &weights, lexicon: &LEXICON, relations: &RELATIONS, day: today() };
            let means = |scale| Means { scale, numbers: &NUMBERS };
            let ids = ids(60);
            let mut all = Live::new();
            let mut folded = Folded::new(means(scale), &Live::new(), 0);
            for (seq, (changes, days)) in (1..).zip(history) {
                let mut changed = BTreeSet::new();
                for (at, facts) in changes {
                    let id = ids[usize::try_from(at).unwrap()].clone();
                    changed.insert(id.clone());
                    match facts {
                        Some(facts) => all.insert(id, Arc::new(facts)),
                        None => all.remove(&id),
                    };
                }
                scale.day = scale.day + Days::new(days);
                folded = folded.follow(means(scale), &all, &changed, seq);
            }
            for (profile, found) in profiles.iter().zip(folded.best(means(scale), &profiles, k)) {
                let points = |(id, facts): (&VacancyId, &Arc<Facts>)| Some((id.clone(), i64::from(score(profile, facts, scale)?.points)));
                let mut expected: Vec<(VacancyId, i64)> = all.iter().filter_map(points).collect();
                expected.sort_by_key(|(id, points)| (std::cmp::Reverse(*points), id.clone()));
                let total = expected.len();
                expected.truncate(k);
                prop_assert_eq!(&found, &expected);
                prop_assert_eq!(folded.best_of_one(means(scale), profile, k), (expected, total));
            }
        }

        #[test]
        fn what_is_certain_is_never_more_than_what_could_be(facts in facts(), profile in profile()) {
            let weights = Weights::load().unwrap();
            let scale = Scale { weights: &weights, lexicon: &LEXICON, relations: &RELATIONS, day: today() };
            if let Some(scored) = score(&profile, &facts, scale) {
                prop_assert!(0.0 <= scored.score && scored.score <= scored.high && scored.high <= 1.0);
                let unknown = scored.requirements.iter().any(|need| need.status == Status::Unknown);
                prop_assert!(!unknown || scored.high > scored.score || scored.city_fit == 0.0 || scored.requirements.iter().all(|need| need.weight == 0.0));
            }
        }
    }
}
