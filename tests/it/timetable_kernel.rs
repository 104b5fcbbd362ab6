//! Facts about timetables: as few rounds as can be, as full as can be, and mended with the least disturbance.
#![expect(clippy::as_conversions, clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]

use std::collections::BTreeMap;
use std::time::Duration;

use microlp::{ComparisonOp, OptimizationDirection, Problem as Program};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use jiangxin::fairs::timetable::{
    Clock, Effort, Employer, Graduate, Interviews, Wish, desks, first_slots, heaviest, mend, rounds, solve,
};

const EFFORT: Effort = Effort { seed: 1, rounds: 2, limit: Duration::from_secs(3600) };

/// Makes a fair; `absent` is the share of slots in which somebody is away.
fn fair(seed: u64, graduates: usize, employers: usize, slots: usize, absent: f64) -> Interviews {
    let mut random = StdRng::seed_from_u64(seed);
    let open = |random: &mut StdRng| {
        let closed = (0..slots).filter(|_| random.random_bool(absent)).fold(0, |set, slot| set | 1 << slot);
        first_slots(slots) & !closed
    };
    let employers: Vec<Employer> =
        (0..employers).map(|_| Employer { interviewers: random.random_range(1..=2), open: open(&mut random) }).collect();
    let graduates: Vec<Graduate> =
        (0..graduates).map(|_| Graduate { most: random.random_range(2..=5), open: open(&mut random) }).collect();
    let mut wishes = Vec::new();
    for graduate in 0..graduates.len() {
        for employer in 0..employers.len() {
            if random.random_bool((5.0 / employers.len() as f64).min(1.0)) {
                wishes.push(Wish { graduate, employer, weight: random.random_range(1..100) });
            }
        }
    }
    Interviews { slots, employers, graduates, wishes }
}

#[test]
fn a_thousand_fairs_need_exactly_as_many_rounds_as_the_busiest_party() {
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..1_000 {
        let (graduates, employers) = (random.random_range(1..=300), random.random_range(1..=60));
        let interviewers: Vec<usize> = (0..employers).map(|_| random.random_range(1..=3)).collect();
        let count = random.random_range(0..=900);
        let meetings: Vec<(usize, usize)> =
            (0..count).map(|_| (random.random_range(0..graduates), random.random_range(0..employers))).collect();
        let (round, most) = rounds(&meetings, graduates, &interviewers);
        let (mut of_graduate, mut at_employer) = (vec![0; graduates], vec![0; employers]);
        let mut at: BTreeMap<(bool, usize, usize), usize> = BTreeMap::new();
        for (&(graduate, employer), &round) in meetings.iter().zip(&round) {
            (of_graduate[graduate], at_employer[employer]) = (of_graduate[graduate] + 1, at_employer[employer] + 1);
            *at.entry((true, graduate, round)).or_default() += 1;
            *at.entry((false, employer, round)).or_default() += 1;
        }
        let busiest = at_employer.iter().zip(&interviewers).map(|(count, desks): (&usize, &usize)| count.div_ceil(*desks));
        assert_eq!(most, busiest.chain(of_graduate).max().unwrap_or(0));
        assert!(round.iter().all(|round| *round < most));
        assert!(at.iter().all(|((one, party, _), count)| *count <= if *one { 1 } else { interviewers[*party] }));
    }
}

/// Solves the heaviest b-matching as a linear program.
fn exact(world: &Interviews) -> i64 {
    let mut program = Program::new(OptimizationDirection::Maximize);
    let most = |wish: usize| if world.common(wish) == 0 { 0.0 } else { 1.0 };
    let chosen: Vec<_> =
        world.wishes.iter().enumerate().map(|(at, wish)| program.add_var(wish.weight as f64, (0.0, most(at)))).collect();
    let mut limit = |own: &dyn Fn(&Wish) -> bool, most: usize| {
        let row: Vec<_> = world.wishes.iter().zip(&chosen).filter(|(wish, _)| own(wish)).map(|(_, x)| (*x, 1.0)).collect();
        program.add_constraint(&row[..], ComparisonOp::Le, most as f64);
    };
    (0..world.graduates.len()).for_each(|at| limit(&|wish| wish.graduate == at, world.graduate_most(at)));
    (0..world.employers.len()).for_each(|at| limit(&|wish| wish.employer == at, world.employer_most(at)));
    program.solve().unwrap().into_solution().unwrap().objective().round() as i64
}

#[test]
fn the_heaviest_matching_is_as_heavy_as_a_linear_program_finds() {
    for seed in 0..30 {
        let world = fair(seed, 20, 5, 6, if seed % 2 == 0 { 0.0 } else { 0.6 });
        assert!(world.sound());
        assert_eq!(heaviest(&world).1, exact(&world), "seed {seed}");
    }
}

#[test]
fn a_timetable_without_absences_is_proven_the_best() {
    for seed in 0..10 {
        let world = fair(seed, 60, 12, 10, 0.0);
        let timetable = solve(&world, EFFORT);
        assert_eq!(world.judge(&timetable.slots), Some(timetable.objective));
        assert_eq!((timetable.objective, timetable.gap), (timetable.bound, 0.0), "seed {seed}");
    }
}

#[test]
fn a_timetable_with_absences_has_no_clash_and_a_small_proven_gap() {
    for seed in 0..6 {
        let world = fair(seed, 40, 8, 12, 0.6);
        let timetable = solve(&world, EFFORT);
        assert_eq!(world.judge(&timetable.slots), Some(timetable.objective));
        assert!(timetable.objective <= timetable.bound && timetable.gap < 0.05, "seed {seed}: {}", timetable.gap);
        assert_eq!(timetable, solve(&world, EFFORT));
    }
}

#[test]
fn the_judge_refuses_two_places_at_once() {
    let mut world = fair(1, 3, 2, 4, 0.0);
    world.wishes = [(0, 0), (0, 1), (1, 0)].map(|(graduate, employer)| Wish { graduate, employer, weight: 1 }).to_vec();
    world.employers[0].interviewers = 1;
    assert_eq!(world.judge(&[Some(0), Some(1), Some(2)]), Some(3));
    assert_eq!(world.judge(&[Some(0), Some(0), None]), None);
    assert_eq!(world.judge(&[Some(0), None, Some(0)]), None);
    assert_eq!(world.judge(&[Some(4), None, None]), None);
    world.graduates[0].most = 1;
    assert_eq!(world.judge(&[Some(0), Some(1), None]), None);
}

#[test]
fn a_cancellation_disturbs_nobody_else_and_a_late_arrival_few() {
    let world = fair(4, 60, 12, 24, 0.2);
    let before = solve(&world, EFFORT).slots;
    let same = mend(&world, &before);
    assert!(same.moved.is_empty() && same.lost.is_empty());
    let mut away = world.clone();
    away.employers[3].open = 0;
    let mended = mend(&away, &before);
    assert!(away.judge(&mended.timetable.slots).is_some());
    assert!(mended.moved.is_empty(), "{:?}", mended.moved);
    assert!(!mended.lost.is_empty() && mended.lost.iter().all(|wish| world.wishes[*wish].employer == 3));
    let mut late = world.clone();
    late.graduates.push(Graduate { most: 3, open: first_slots(24) });
    (4..7).for_each(|employer| late.wishes.push(Wish { graduate: 60, employer, weight: 50 }));
    let mended = mend(&late, &before);
    let got = mended.timetable.slots[world.wishes.len()..].iter().flatten().count();
    assert!(late.judge(&mended.timetable.slots).is_some() && mended.lost.is_empty());
    assert!(got >= 1 && mended.moved.len() <= 2 * got, "{got} {:?}", mended.moved);
}

#[test]
fn slots_go_around_breaks_and_leave_time_to_walk() {
    let clock = Clock { opens: 540, closes: 720, interview: 15, walk: 5, breaks: vec![(590, 620)] };
    let slots = clock.slots(100);
    assert_eq!(slots, [(540, 555), (560, 575), (620, 635), (640, 655), (660, 675), (680, 695), (700, 715)]);
    assert_eq!(clock.slots(2).len(), 2);
}

#[test]
fn desks_are_shared_by_nobody_and_kept() {
    let world = fair(2, 30, 4, 8, 0.0);
    let slots = solve(&world, EFFORT).slots;
    let first = desks(&world, &slots, &[]);
    let mut seen = std::collections::BTreeSet::new();
    for (at, wish) in world.wishes.iter().enumerate() {
        assert_eq!(first[at].is_some(), slots[at].is_some());
        assert!(slots[at].is_none() || seen.insert((wish.employer, slots[at], first[at])));
    }
    assert_eq!(desks(&world, &slots, &first), first);
}
