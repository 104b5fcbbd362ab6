//! Who is counted beside whom, and when is a search over?
//!
//! In rounds. In each round every graduate looks at the most welcome region not yet seen; those in one region are put side by
//! side, alike beside alike. A search is over when not even full coverage in the next region would reach the k-th score.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::batch::Batch;
use super::partition::VacancyIndex;
use super::score::{Hit, Query, Terms, WEIGHT_SUM};
use super::top::Top;

/// How many graduates are counted side by side.
const LANES: usize = 64;
/// How many graduates share the visit of a partition, so that it stays in the cache of the core: a unit of work.
const UNIT: usize = LANES * 16;

/// The search of one graduate.
pub struct Search<'q> {
    /// What is searched for.
    pub query: &'q Query,
    /// The best so far.
    pub top: Top,
    /// The regions not yet seen with the best factor there, the most welcome last.
    ahead: Vec<(u8, Reverse<u16>)>,
}

/// A search and the region that it looks at in this round.
pub type Turn<'s, 'q> = (u16, &'s mut Search<'q>);

impl<'q> Search<'q> {
    fn new(index: &VacancyIndex, query: &'q Query, k: usize) -> Self {
        let mut best: BTreeMap<u16, u8> = BTreeMap::new();
        for (region, factor) in index.regions().iter().zip(&query.factors) {
            let known = best.entry(*region).or_default();
            *known = *factor.max(known);
        }
        let mut ahead: Vec<(u8, Reverse<u16>)> = best.into_iter().map(|(region, factor)| (factor, Reverse(region))).collect();
        ahead.sort_unstable();
        Self { query, top: Top::new(k), ahead }
    }

    /// The most that can be covered.
    pub fn reach(&self) -> i64 {
        self.query.credits.iter().map(|(_, credit)| i64::from(*credit)).max().unwrap_or(0) * i64::from(WEIGHT_SUM)
    }

    /// The region to look at next; none when the search is over.
    fn region(&self, terms: &Terms) -> Option<u16> {
        let (factor, Reverse(region)) = *self.ahead.last()?;
        let most = self.reach() * i64::from(factor) + terms.salary_most() + terms.major;
        (most >= self.top.threshold()).then_some(region)
    }
}

/// Gives each graduate's best k vacancies, in the order of the graduates.
pub fn top_k(index: &VacancyIndex, graduates: &[Query], k: usize) -> Vec<Vec<Hit>> {
    let mut searches: Vec<Search> = graduates.par_iter().map(|query| Search::new(index, query, k)).collect();
    loop {
        let goes_on = |search| -> Option<(u16, &mut Search)> {
            let s: &mut Search = search;
            Some((s.region(&index.terms)?, s))
        };
        let mut round: Vec<Turn> = searches.iter_mut().filter_map(goes_on).collect();
        if round.is_empty() {
            break;
        }
        round.par_sort_unstable_by_key(|(region, search)| (*region, search.query.kin, search.query.id));
        let units = round.chunk_by_mut(|one, other| one.0 == other.0).flat_map(|region| region.chunks_mut(UNIT));
        units.collect::<Vec<_>>().into_par_iter().for_each(|unit| visit::<LANES>(index, unit));
    }
    searches.into_iter().map(|search| search.top.finish()).collect()
}

/// Gives one graduate's best k vacancies.
pub fn top_k_of_one(index: &VacancyIndex, graduate: &Query, k: usize) -> Vec<Hit> {
    let mut search = Search::new(index, graduate, k);
    while let Some(region) = search.region(&index.terms) {
        visit::<1>(index, &mut [(region, &mut search)]);
    }
    search.top.finish()
}

/// Visits the partitions of the region of a unit, the most welcome first.
fn visit<'s, 'q, const L: usize>(index: &VacancyIndex, unit: &mut [Turn<'s, 'q>]) {
    let Some(region) = unit.first().map(|(region, _)| *region) else { return };
    let inside = index.regions().iter().zip(index.partitions()).enumerate().filter(|(_, (of, _))| **of == region);
    let mut partitions: Vec<_> = inside.map(|(district, (_, partition))| (district, partition)).collect();
    partitions.sort_by_cached_key(|(district, _)| {
        let factors = unit.iter().filter_map(|(_, search)| search.query.factors.get(*district));
        Reverse(factors.map(|factor| u32::from(*factor)).sum::<u32>())
    });
    let mut batches: Vec<Batch<'_, 's, 'q, L>> = unit.chunks_mut(L).map(|lanes| Batch::new(index, lanes)).collect();
    for (district, partition) in partitions {
        batches.iter_mut().for_each(|batch| batch.visit(district, partition));
    }
    drop(batches);
    for (_, search) in unit {
        search.ahead.pop();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::partition::Change;
    use super::super::score::VacancyItem;
    use super::*;

    const SKILLS: u16 = 12;
    const REGIONS: [u16; 5] = [0, 0, 1, 1, 2];
    const TERMS: Terms = Terms { salary_step: 41_616, major: 249_696 };

    fn vacancy() -> impl Strategy<Value = (u16, VacancyItem)> {
        let skills = proptest::collection::btree_map(0..SKILLS, 1_u8..32, 0..4);
        (0_u16..5, 0_u32..40, skills, 0_u8..4, 3_000_i64..9_000, 0_u16..3).prop_map(
            |(district, id, skills, min_education, salary_max, sector)| {
                (district, VacancyItem { id, skills: skills.into_iter().collect(), min_education, salary_max, sector })
            },
        )
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![4 => vacancy().prop_map(|(district, item)| Change::Live(district, item)), 1 => (0_u32..40).prop_map(Change::Closed)]
    }

    fn query() -> impl Strategy<Value = Query> {
        let credits = proptest::collection::btree_map(0..SKILLS, 1_u8..=255, 0..8);
        let factors = proptest::collection::vec(prop_oneof![Just(0), Just(255), 0_u8..=255], 5);
        (credits, factors, 0_u8..4, 3_000_i64..9_000, 0_u16..3).prop_map(|(credits, factors, education, salary, sector)| Query {
            id: 0,
            credits: credits.into_iter().collect(),
            factors,
            education,
            salary,
            sector,
            kin: (sector, 0),
        })
    }

    fn brute_force(live: &BTreeMap<u32, (u16, VacancyItem)>, query: &Query, k: usize) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (district, vacancy) in live.values() {
            let coverage = query.coverage(&vacancy.skills);
            if coverage > 0 && query.education >= vacancy.min_education {
                let factor = query.factors[usize::from(*district)];
                let score = TERMS.score(coverage, factor, query, vacancy.salary_max, vacancy.sector);
                hits.push(Hit { id: vacancy.id, score });
            }
        }
        hits.sort_by_key(|hit| (Reverse(hit.score), hit.id));
        hits.truncate(k);
        hits
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_happened_the_best_are_those_of_brute_force(
            history in proptest::collection::vec(proptest::collection::vec(change(), 0..60), 1..5),
            queries in proptest::collection::vec(query(), 1..80),
            k in 1_usize..6,
        ) {
            let mut index = VacancyIndex::new(TERMS, usize::from(SKILLS), REGIONS.to_vec());
            let mut live = BTreeMap::new();
            for changes in history {
                for change in &changes {
                    match change {
                        Change::Live(district, item) => live.insert(item.id, (*district, item.clone())),
                        Change::Closed(id) => live.remove(id),
                    };
                }
                index.apply(changes);
            }
            let found = top_k(&index, &queries, k);
            for (query, hits) in queries.iter().zip(found) {
                let expected = brute_force(&live, query, k);
                prop_assert_eq!(&hits, &expected);
                prop_assert_eq!(top_k_of_one(&index, query, k), expected);
            }
        }
    }
}
