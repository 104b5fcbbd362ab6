//! Facts about the placement kernels: nobody has a reason to complain, or together worth most; proven and explained.
#![expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "small numbers")]

use std::cmp::Reverse;

use jiangxin::matching::placement::{
    Application, Certificate, Fault, Market, NONE, Objective, Place, Standing, Why, best, bound, explain, place, read, stable,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::support::instances::instance;

#[test]
fn placements_are_those_of_another_program() {
    for size in ["small", "medium"] {
        let (Some(file), Some(answers)) = (instance(&format!("b_{size}.json")), instance(&format!("b_{size}.ref.json"))) else {
            return;
        };
        let (posed, _, _) = read(&file).unwrap();
        let answers: Value = serde_json::from_slice(&answers).unwrap();
        let found = place(&posed.market, Objective::Stable).unwrap();
        assert_eq!(found.certificate, Certificate::Stable { blocking_pairs: 0 });
        let vacancies: Vec<i64> =
            found.placed.iter().map(|at| at.map_or(-1, |at| i64::from(posed.market.place_of(at)))).collect();
        assert_eq!(serde_json::json!(vacancies), answers["stable_graduate_optimal"]);
        let found = place(&posed.market, Objective::MaxScore).unwrap();
        let weight = answers["max_weight"]["weight"].as_i64().unwrap();
        assert_eq!(found.certificate, Certificate::MaxScore { objective: weight, bound: weight });
        assert_eq!(found.placed.iter().flatten().count() as u64, answers["max_weight"]["matched"].as_u64().unwrap());
    }
}

fn room(most: u32) -> Place {
    Place { most, within: NONE, reserved: false }
}

fn line(place: u32, graduate_score: u32, vacancy_score: u32) -> Application {
    Application { place, graduate_score, vacancy_score }
}

/// Makes a small market: limits within limits, reserved places, places for nobody, empty lists, and ties.
fn small(random: &mut StdRng) -> (Vec<Place>, Vec<Vec<Application>>) {
    let count = random.random_range(1..=6u32);
    let mut places: Vec<Place> = (0..count).map(|_| room(random.random_range(0..=2))).collect();
    for at in 0..count {
        if at + 1 < count && random.random_bool(0.5) {
            places[at as usize].within = random.random_range(at + 1..count);
        }
    }
    for at in 0..places.len() {
        let leaf = places.iter().all(|place| place.within != at as u32);
        places[at].reserved = leaf && random.random_bool(0.2);
    }
    let highest = if random.random_bool(0.5) { 3 } else { 1000 };
    let mut lists = Vec::new();
    for _ in 0..random.random_range(0..=4) {
        let mut open: Vec<u32> = (0..count).collect();
        let length = random.random_range(0..=open.len().min(3));
        let draw = |_| {
            let place = open.swap_remove(random.random_range(0..open.len()));
            line(place, random.random_range(0..highest), random.random_range(0..highest))
        };
        lists.push((0..length).map(draw).collect());
    }
    (places, lists)
}

fn chain(places: &[Place], place: u32) -> Vec<usize> {
    let above = |at: &u32| Some(places[*at as usize].within).filter(|at| *at != NONE);
    std::iter::successors(Some(place), above).map(|at| at as usize).collect()
}

/// Takes applications one by one, the best first, as far as there is room: the definition of what places want.
fn choice(places: &[Place], mut applications: Vec<(usize, Application)>) -> Vec<(usize, Application)> {
    applications.sort_by_key(|(graduate, line)| (Reverse((places[line.place as usize].reserved, line.vacancy_score)), *graduate));
    let mut left: Vec<u32> = places.iter().map(|place| place.most).collect();
    applications.retain(|(_, line)| {
        let chain = chain(places, line.place);
        let fits = chain.iter().all(|at| left[*at] > 0);
        chain.iter().for_each(|at| left[*at] -= u32::from(fits));
        fits
    });
    applications
}

/// Every way to place everybody: for each graduate the place on the list, or none.
fn every_placement(places: &[Place], lists: &[Vec<Application>]) -> Vec<Vec<Option<usize>>> {
    let mut all: Vec<Vec<Option<usize>>> = vec![Vec::new()];
    for list in lists {
        let longer = |some: &Vec<Option<usize>>| {
            let options: Vec<Option<usize>> = std::iter::once(None).chain((0..list.len()).map(Some)).collect();
            options.into_iter().map(|option| [some.as_slice(), &[option]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.retain(|placement| held(lists, placement).len() == choice(places, held(lists, placement)).len());
    all
}

fn held(lists: &[Vec<Application>], placement: &[Option<usize>]) -> Vec<(usize, Application)> {
    placement.iter().enumerate().filter_map(|(graduate, at)| at.map(|at| (graduate, lists[graduate][at]))).collect()
}

fn is_stable(places: &[Place], lists: &[Vec<Application>], placement: &[Option<usize>]) -> bool {
    let held = held(lists, placement);
    let blocks = |graduate: usize, line: Application| {
        let with = [held.as_slice(), &[(graduate, line)]].concat();
        choice(places, with).contains(&(graduate, line))
    };
    let dearer = |graduate: usize| lists[graduate].iter().take(placement[graduate].unwrap_or(usize::MAX));
    (0..lists.len()).all(|graduate| dearer(graduate).all(|line| !blocks(graduate, *line)))
}

/// Words a placement by positions on lists.
fn positions(market: &Market, placed: &[u32]) -> Vec<Option<usize>> {
    let position = |(graduate, at): (usize, &u32)| (*at != NONE).then(|| *at as usize - market.list(graduate).start);
    placed.iter().enumerate().map(position).collect()
}

#[test]
fn a_stable_placement_is_the_best_of_all_stable_ones_for_every_graduate() {
    let mut random = StdRng::seed_from_u64(1);
    for round in 0..3_000 {
        let (places, lists) = small(&mut random);
        let market = Market::parse(places.clone(), lists.clone()).unwrap();
        let placed = stable(&market);
        assert_eq!(Standing::of(&market, &placed).unwrap().blocking_pairs(), 0, "round {round}");
        let found = positions(&market, &placed);
        let all: Vec<_> = every_placement(&places, &lists).into_iter().filter(|one| is_stable(&places, &lists, one)).collect();
        assert!(all.contains(&found), "round {round}: {places:?} {lists:?} {found:?}");
        for graduate in 0..lists.len() {
            let reached = all.iter().map(|one| one[graduate].unwrap_or(usize::MAX)).min().unwrap();
            assert_eq!(found[graduate].unwrap_or(usize::MAX), reached, "round {round}, graduate {graduate}");
        }
    }
}

#[test]
fn blocking_pairs_are_found_wherever_there_are_some() {
    let mut random = StdRng::seed_from_u64(2);
    for round in 0..500 {
        let (places, lists) = small(&mut random);
        let market = Market::parse(places.clone(), lists.clone()).unwrap();
        for placement in every_placement(&places, &lists) {
            let number =
                |(graduate, at): (usize, &Option<usize>)| at.map_or(NONE, |at| (market.list(graduate).start + at) as u32);
            let placed: Vec<u32> = placement.iter().enumerate().map(number).collect();
            let blocking = Standing::of(&market, &placed).unwrap().blocking_pairs();
            assert_eq!(
                blocking == 0,
                is_stable(&places, &lists, &placement),
                "round {round}: {places:?} {lists:?} {placement:?}"
            );
        }
    }
}

#[test]
fn the_placement_worth_most_is_worth_as_much_as_any_and_its_prices_prove_it() {
    let mut random = StdRng::seed_from_u64(3);
    for round in 0..3_000 {
        let (places, lists) = small(&mut random);
        let market = Market::parse(places.clone(), lists.clone()).unwrap();
        let found = best(&market);
        let standing = Standing::of(&market, &found.placed).unwrap();
        assert_eq!(bound(&market, &found.prices, found.band), Some(standing.worth(found.band)), "round {round}");
        let worth = |one: &Vec<Option<usize>>| {
            let held = held(&lists, one);
            let reserved = held.iter().filter(|(_, line)| places[line.place as usize].reserved).count();
            (reserved, held.iter().map(|(_, line)| i64::from(line.graduate_score + line.vacancy_score)).sum::<i64>())
        };
        let most = every_placement(&places, &lists).iter().map(worth).max().unwrap();
        assert_eq!((standing.reserved(), standing.worth(0)), most, "round {round}: {places:?} {lists:?}");
    }
}

#[test]
fn large_random_markets_stand_their_checks() {
    let mut random = StdRng::seed_from_u64(4);
    for round in 0..20 {
        let (graduates, vacancies) = (random.random_range(0..2_000), random.random_range(1..300u32));
        let cities = vacancies / 20;
        let mut places: Vec<Place> = (0..vacancies).map(|_| room(random.random_range(0..8))).collect();
        for at in 0..vacancies {
            if cities > 0 && round % 2 == 0 {
                places[at as usize].within = vacancies + at % cities;
            }
        }
        places.extend((0..cities).map(|_| room(random.random_range(0..60))));
        let list = |random: &mut StdRng| {
            let mut at: Vec<u32> = (0..vacancies).collect();
            let (chosen, _) = rand::seq::SliceRandom::partial_shuffle(at.as_mut_slice(), random, 12);
            chosen.iter().map(|place| line(*place, random.random_range(0..50), random.random_range(0..50))).collect::<Vec<_>>()
        };
        let lists: Vec<Vec<Application>> = (0..graduates).map(|_| list(&mut random)).collect();
        let market = Market::parse(places, lists).unwrap();
        let found = place(&market, Objective::Stable).unwrap();
        assert_eq!(found.certificate, Certificate::Stable { blocking_pairs: 0 }, "round {round}");
        let found = place(&market, Objective::MaxScore).unwrap();
        let Certificate::MaxScore { objective, bound } = found.certificate else { panic!("another certificate") };
        assert_eq!(objective, bound, "round {round}");
    }
}

#[test]
fn a_placement_that_overfills_or_leaves_the_list_does_not_stand() {
    let market = Market::parse(vec![room(1), room(1)], vec![vec![line(0, 1, 1)], vec![line(0, 1, 1)]]).unwrap();
    assert!(Standing::of(&market, &[0, 1]).is_none(), "two in a place for one");
    assert!(Standing::of(&market, &[1, NONE]).is_none(), "placed by the application of another");
    assert!(Standing::of(&market, &[0]).is_none(), "somebody is missing");
    assert_eq!(Standing::of(&market, &[NONE, 1]).unwrap().blocking_pairs(), 1);
    assert_eq!(bound(&market, &[-1, 0], 0), None);
    assert_eq!(bound(&market, &[2, 0], 0), Some(2));
}

#[test]
fn equal_scores_go_to_the_graduate_who_comes_first() {
    let lists = vec![vec![line(0, 5, 7)]; 3];
    let market = Market::parse(vec![room(2)], lists).unwrap();
    assert_eq!(stable(&market), [0, 1, NONE]);
}

#[test]
fn no_score_reaches_a_place_that_is_reserved() {
    let places = vec![room(1), Place { most: 1, within: 0, reserved: true }];
    let market = Market::parse(places, vec![vec![line(0, 900, 900)], vec![line(1, 1, 1)]]).unwrap();
    let found = best(&market);
    for (placed, prices) in [(stable(&market), Vec::new()), (found.placed, found.prices)] {
        assert_eq!(placed, [NONE, 1]);
        let Why::Outranked(lost) = explain(&Standing::of(&market, &placed).unwrap(), &prices, 0) else {
            panic!("another reason")
        };
        assert_eq!((lost[0].reserved, lost[0].short_by, lost[0].full), (true, 0, 0));
    }
}

#[test]
fn what_makes_no_market_is_refused() {
    let within = |within| Place { most: 1, within, reserved: false };
    let none = || Vec::<Vec<Application>>::new();
    assert_eq!(Market::parse(vec![within(0)], none()).err(), Some(Fault::Place(0)));
    assert_eq!(Market::parse(vec![within(1), within(0)], none()).err(), Some(Fault::Place(0)));
    assert_eq!(Market::parse(vec![within(7)], none()).err(), Some(Fault::Place(0)));
    let reserved = Place { reserved: true, ..room(1) };
    assert_eq!(Market::parse(vec![reserved, within(0)], none()).err(), Some(Fault::Place(1)));
    let parse = |lists: Vec<Vec<Application>>| Market::parse(vec![room(1)], lists).err();
    assert_eq!(parse(vec![vec![line(1, 1, 1)]]), Some(Fault::List(0)));
    assert_eq!(parse(vec![vec![], vec![line(0, 1, 1), line(0, 2, 2)]]), Some(Fault::List(1)));
    assert_eq!(parse(vec![vec![line(0, 1, 1 << 30)]]), Some(Fault::List(0)));
    assert_eq!(parse(vec![vec![line(0, 1, 1)], vec![line(0, 1, 1)]]), None);
}

#[test]
fn everybody_without_a_place_is_told_why() {
    let city = Place { most: 1, within: NONE, reserved: false };
    let places = vec![Place { within: 2, ..room(1) }, Place { within: 2, ..room(1) }, city, room(0)];
    let lists = vec![vec![line(0, 9, 80)], vec![line(1, 9, 75), line(0, 8, 30)], vec![], vec![line(3, 9, 99)]];
    let market = Market::parse(places, lists).unwrap();
    let placed = stable(&market);
    let standing = Standing::of(&market, &placed).unwrap();
    let Why::Outranked(lost) = explain(&standing, &[], 1) else { panic!("another reason") };
    assert_eq!((lost[0].application, lost[0].full, lost[0].last, lost[0].short_by), (1, 2, Some(0), 5));
    assert_eq!((lost[1].application, lost[1].full, lost[1].short_by), (2, 0, 50));
    assert_eq!(explain(&standing, &[], 2), Why::NoVacancy);
    assert_eq!(explain(&standing, &[], 3), Why::NoRoom);
    let found = best(&market);
    let standing = Standing::of(&market, &found.placed).unwrap();
    let Why::Outranked(lost) = explain(&standing, &found.prices, 1) else { panic!("another reason") };
    assert!(lost[0].full == 2 && lost[0].short_by >= 0 && lost[0].last == Some(0), "{lost:?}");
}
