//! Is what the kernels find what brute force finds?

use std::cmp::Reverse;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::partition::{Change, VacancyIndex};
use super::reverse::{GraduateIndex, top_k_for};
use super::score::{Hit, Query, Terms, VacancyItem, Wish};
use super::search::{top_k, top_k_of_one};

const SKILLS: u16 = 12;
const REGIONS: [u16; 5] = [0, 0, 1, 1, 2];

/// As the files have them, as real profiles have them, and everything at once.
fn terms() -> impl Strategy<Value = Terms> {
    prop_oneof![
        Just(Terms { salary_step: 41_616, major: 249_696, ..Terms::default() }),
        Just(Terms { sure: 18 * 255, paid: 21 * 255, welcome: 10 * 255, whole: 255, ..Terms::default() }),
        Just(Terms { salary_step: 41_616, major: 249_696, sure: 4590, paid: 100, welcome: 2_550, whole: 255 }),
    ]
}

fn vacancy() -> impl Strategy<Value = (u16, VacancyItem)> {
    let skills = proptest::collection::btree_map(0..SKILLS, 1_u8..20, 0..4);
    let base = prop_oneof![Just(0), Just(10 * 255)];
    let paid = prop_oneof![Just(-1), Just(5_000), 3_000..9_000_i32];
    let open = proptest::bool::weighted(0.1);
    (0_u16..5, 0_u32..40, skills, open, 0_u8..4, base, paid, 0_u16..3).prop_map(
        |(district, id, skills, open, class, base, paid, sector)| {
            let open = open || skills.is_empty();
            (district, VacancyItem { id, skills: skills.into_iter().collect(), open, class, base, paid, sector })
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![4 => vacancy().prop_map(|(district, item)| Change::Live(district, item)), 1 => (0_u32..40).prop_map(Change::Closed)]
}

fn query() -> impl Strategy<Value = Query> {
    let credits = proptest::collection::btree_map(0..SKILLS, prop_oneof![Just(255), 1_u8..=255], 0..8);
    let factor = prop_oneof![Just(None), Just(Some(0)), Just(Some(255)), (0_u8..=255).prop_map(Some)];
    let factors = proptest::collection::vec(factor, 5);
    let salary = prop_oneof![Just(-1), 3_000..9_000_i32];
    let open = proptest::bool::weighted(0.1);
    (credits, open, factors, 0_u16..16, 0_u16..16, salary, 0_u16..3).prop_map(
        |(credits, open, factors, admits, sure, salary, sector)| {
            let (wish, open) = (Wish { salary, sector, sure }, open || credits.is_empty());
            Query { id: 0, credits: credits.into_iter().collect(), open, factors, admits, wish, kin: (sector, 0) }
        },
    )
}

/// The best k of pairs, one by one.
fn best(pairs: impl Iterator<Item = Option<Hit>>, k: usize) -> Vec<Hit> {
    let mut hits: Vec<Hit> = pairs.flatten().collect();
    hits.sort_by_key(|hit| (Reverse(hit.score), hit.id));
    hits.truncate(k);
    hits
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happened_the_best_vacancies_are_those_of_brute_force(
        terms in terms(),
        history in proptest::collection::vec(proptest::collection::vec(change(), 0..60), 1..5),
        queries in proptest::collection::vec(query(), 1..80),
        k in 1_usize..6,
    ) {
        let mut index = VacancyIndex::new(terms, usize::from(SKILLS), REGIONS.to_vec());
        let mut live = BTreeMap::new();
        for mut changes in history {
            for change in &mut changes {
                if let Change::Live(_, item) = change {
                    item.base = if terms.whole == 0 { 0 } else { item.base };
                }
                match change {
                    Change::Live(district, item) => live.insert(item.id, (*district, item.clone())),
                    Change::Closed(id) => live.remove(id),
                };
            }
            index.apply(changes);
        }
        for (query, hits) in queries.iter().zip(top_k(&index, &queries, k)) {
            let score = |(district, item): &(u16, VacancyItem)| {
                Some(Hit { id: item.id, score: terms.pair(query, *district, item)? })
            };
            prop_assert_eq!(index.count(query), live.values().filter_map(score).count());
            let expected = best(live.values().map(score), k);
            prop_assert_eq!(&hits, &expected);
            prop_assert_eq!(top_k_of_one(&index, query, k), expected);
        }
    }

    #[test]
    fn the_best_graduates_are_those_of_brute_force(
        terms in terms(),
        vacancies in proptest::collection::vec(vacancy(), 1..30),
        mut queries in proptest::collection::vec(query(), 1..80),
        k in 1_usize..6,
    ) {
        (0..).zip(&mut queries).for_each(|(id, query)| query.id = id);
        let index = GraduateIndex::new(terms, usize::from(SKILLS), &REGIONS, &queries);
        for ((district, item), hits) in vacancies.iter().zip(top_k_for(&index, &vacancies, k)) {
            let score = |query: &Query| Some(Hit { id: query.id, score: terms.pair(query, *district, item)? });
            prop_assert_eq!(hits, best(queries.iter().map(score), k));
        }
    }
}
