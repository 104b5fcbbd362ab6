//! Facts about planning: optimal where an exact solver can tell, never a clash, the same for the same seed.
#![expect(clippy::as_conversions, clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]

use std::path::PathBuf;
use std::time::Duration;

use microlp::{ComparisonOp, OptimizationDirection, Problem as Program, Variable};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use jiangxin::fairs::plan::{
    Binding, Choice, Circuits, City, Clash, Effort, Employer, Event, Fair, Instance, Problem, Stop, explain, repair, solve,
};

const EFFORT: Effort = Effort { seed: 1, rounds: 3, limit: Duration::from_secs(3600) };

/// Makes a crowded little province: two cities, three schools, more wishes than days at times.
fn crowded(seed: u64, fairs: usize, days: usize) -> Problem {
    let mut random = StdRng::seed_from_u64(seed);
    let cities = vec![City { teams: 2, region: 0 }, City { teams: 1, region: 1 }];
    let event = |at: usize, random: &mut StdRng| {
        let fair = at < fairs;
        let first = random.random_range(0..days / 2);
        let last = (first + random.random_range(3..days / 2)).min(days - 1);
        let choices = (first..=last).filter(|_| random.random_bool(0.7)).collect::<Vec<usize>>();
        let city = random.random_range(0..2);
        Event {
            city,
            school: fair.then(|| city + 2 * random.random_range(0..2)),
            fair,
            teams: if fair { random.random_range(1..=2).min(cities[city].teams) } else { 1 },
            load: if fair { vec![(0, random.random_range(2..8)), (1, random.random_range(1..4))] } else { Vec::new() },
            choices: choices.iter().map(|day| Choice { day: *day, venue: 0, cost: random.random_range(0..20) }).collect(),
            fixed: None,
            left_out: 500,
        }
    };
    let events = (0..fairs + 2).map(|at| event(at, &mut random)).collect();
    Problem {
        days,
        cities,
        schools: 4,
        regions: 2,
        sectors: 2,
        spacing_days: 3,
        school_gap_days: 5,
        events,
        supply: vec![6, 3, 6, 3],
        overload: 3,
    }
}

/// Solves a problem exactly, as the integer program that stands at the top of `model`.
fn exact(problem: &Problem) -> i64 {
    let mut program = Program::new(OptimizationDirection::Minimize);
    let mut chosen: Vec<(usize, usize, Variable)> = Vec::new();
    for (at, event) in problem.events.iter().enumerate() {
        let mut once: Vec<(Variable, f64)> = vec![(program.add_binary_var(event.left_out as f64), 1.0)];
        for choice in &event.choices {
            let variable = program.add_binary_var(choice.cost as f64);
            chosen.push((at, choice.day, variable));
            once.push((variable, 1.0));
        }
        program.add_constraint(&once[..], ComparisonOp::Eq, 1.0);
    }
    for (n, &(at, day, one)) in chosen.iter().enumerate() {
        for &(other, other_day, two) in &chosen[..n] {
            if at != other && problem.too_near(&problem.events[at], day, &problem.events[other], other_day) {
                program.add_constraint([(one, 1.0), (two, 1.0)], ComparisonOp::Le, 1.0);
            }
        }
    }
    let on = |day: usize| chosen.iter().filter(move |(_, other, _)| *other == day);
    let supply = problem.daily_supply();
    for day in 0..problem.days {
        for (city, bureau) in problem.cities.iter().enumerate() {
            let here = on(day).filter(|(at, ..)| problem.events[*at].city == city);
            let teams: Vec<_> = here.map(|(at, _, x)| (*x, problem.events[*at].teams as f64)).collect();
            program.add_constraint(&teams[..], ComparisonOp::Le, bureau.teams as f64);
            for sector in 0..problem.sectors {
                let cell = problem.row(city, sector) + day;
                let load = |at: usize| problem.events[at].load.iter().find(|(of, _)| *of == sector).map_or(0, |(_, b)| *b);
                let here = on(day).filter(|(at, ..)| problem.events[*at].city == city);
                let mut row: Vec<_> = here.map(|(at, _, x)| (*x, load(*at) as f64)).collect();
                row.push((program.add_var(problem.overload as f64, (0.0, f64::INFINITY)), -1.0));
                program.add_constraint(&row[..], ComparisonOp::Le, supply[cell] as f64);
            }
        }
    }
    let outcome = program.solve().unwrap();
    outcome.into_solution().unwrap().objective().round() as i64
}

#[test]
fn plans_are_as_cheap_as_an_exact_solver_finds_and_bounds_are_never_above() {
    let mut left_out = 0;
    for seed in 0..12 {
        let problem = crowded(seed, 7, 14);
        assert!(problem.sound());
        let best = exact(&problem);
        let solved = solve(&problem, None, EFFORT);
        assert_eq!((solved.objective, problem.judge(&solved.plan)), (best, Ok(best)), "seed {seed}");
        assert!(solved.bound <= best && solved.bound * 10 >= best * 5, "seed {seed}: {} {best}", solved.bound);
        left_out += solved.plan.iter().filter(|place| place.is_none()).count();
    }
    assert!(left_out > 0, "none of these was crowded");
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let problem = crowded(3, 12, 40);
    let (one, two) = (solve(&problem, None, EFFORT), solve(&problem, None, EFFORT));
    assert_eq!(one, two);
}

#[test]
fn what_a_person_fixed_stays_even_where_it_is_in_the_way() {
    for seed in 0..6 {
        let mut problem = crowded(seed, 8, 20);
        let dearest = |event: &Event| (0..event.choices.len()).max_by_key(|place| event.choices[*place].cost);
        for at in [0, 4] {
            problem.events[at].fixed = dearest(&problem.events[at]);
        }
        let solved = solve(&problem, None, EFFORT);
        assert_eq!(problem.judge(&solved.plan), Ok(solved.objective), "seed {seed}");
        assert_eq!((solved.plan[0], solved.plan[4]), (problem.events[0].fixed, problem.events[4].fixed));
    }
}

#[test]
fn the_judge_sees_each_kind_of_clash() {
    let mut problem = crowded(1, 3, 20);
    for (at, event) in problem.events.iter_mut().enumerate() {
        (event.city, event.teams) = (1, 1);
        event.school = event.fair.then_some(1);
        event.choices = (0..3).map(|n| Choice { day: n * 4 + at / 2, venue: 0, cost: 0 }).collect();
    }
    assert!(
        matches!(problem.judge(&[Some(0), Some(0), None, None, None]), Err(clashes) if clashes.contains(&Clash::Spacing(0, 1)))
    );
    assert!(matches!(problem.judge(&[Some(0), Some(1), None, None, None]), Err(clashes) if clashes == [Clash::School(0, 1)]));
    let teams = Clash::Teams { city: 1, day: 5 };
    assert!(matches!(problem.judge(&[None, None, Some(1), Some(1), None]), Err(clashes) if clashes.contains(&teams)));
    assert!(matches!(problem.judge(&[Some(7), None, None, None, None]), Err(clashes) if clashes == [Clash::NoChoice(0)]));
    problem.events[0].fixed = Some(0);
    assert!(matches!(problem.judge(&[None; 5]), Err(clashes) if clashes == [Clash::Moved(0)]));
}

#[test]
fn a_repair_moves_only_what_must_move_and_says_so() {
    let problem = crowded(5, 6, 60);
    let solved = solve(&problem, None, EFFORT);
    let at = |plan: &[Option<usize>]| -> Vec<Option<Choice>> {
        problem.events.iter().zip(plan).map(|(event, place)| place.map(|place| event.choices[place])).collect()
    };
    let before = at(&solved.plan);
    let unchanged = repair(&problem, &before, EFFORT);
    assert!(unchanged.moved.is_empty() && unchanged.fewest);
    let mut changed = problem.clone();
    let closed = before[2].unwrap().day;
    changed.events[2].choices.retain(|choice| choice.day != closed);
    let repaired = repair(&changed, &before, EFFORT);
    assert!(changed.judge(&repaired.solved.plan).is_ok() && repaired.fewest);
    assert_eq!(repaired.moved.iter().map(|moved| (moved.event, moved.from.day)).collect::<Vec<_>>(), [(2, closed)]);
}

#[test]
fn what_has_no_day_is_told_what_binds_and_where_it_could_go() {
    let mut problem = crowded(2, 2, 30);
    for event in &mut problem.events {
        (event.city, event.teams, event.school) = (0, 2, None);
        event.choices = vec![Choice { day: 10, venue: 0, cost: 1 }, Choice { day: 12, venue: 0, cost: 0 }];
    }
    let plan = [Some(1), None, None, None];
    let beyond = [13, 14, 15, 16].map(|day| Choice { day, venue: 0, cost: 0 });
    let told = explain(&problem, &plan, 1, &beyond).unwrap();
    assert_eq!((told.binding, told.days, told.in_the_way), (Binding::Spacing, 2, vec![0]));
    assert_eq!(told.alternative.map(|choice| choice.day), Some(15));
    let visit = explain(&problem, &plan, 2, &[]).unwrap();
    assert_eq!((visit.binding, visit.alternative), (Binding::Teams, None));
    problem.events[3].choices.clear();
    assert_eq!(explain(&problem, &plan, 3, &beyond).unwrap().binding, Binding::NoOpenDay);
}

fn little_circuits(seed: u64) -> Circuits {
    let mut random = StdRng::seed_from_u64(seed);
    let days = [3, 4, 4, 5, 9];
    let fairs: Vec<Fair> = days.iter().enumerate().map(|(n, day)| Fair { day: *day, city: n % 3, booths: 2 }).collect();
    let employer = |random: &mut StdRng| Employer {
        stops: (0..5)
            .filter_map(|fair| {
                let booths = random.random_range(1..=2);
                random.random_bool(0.6).then(|| Stop { fair, value: random.random_range(10..60), booths })
            })
            .collect(),
        most: random.random_range(1..=3),
    };
    let employers = (0..4).map(|_| employer(&mut random)).collect();
    let distance_km = vec![vec![0, 100, 500], vec![100, 0, 300], vec![500, 300, 0]];
    Circuits { fairs, employers, distance_km, bonus: 25, near_km: 150, far_km: 400 }
}

/// Tries every set of stops of every employer.
fn best_of_all(circuits: &Circuits) -> i64 {
    let sets: Vec<usize> = circuits.employers.iter().map(|employer| 1 << employer.stops.len()).collect();
    let mut best = 0;
    for mut number in 0..sets.iter().product::<usize>() {
        let mut plan = Vec::new();
        for (employer, sets) in circuits.employers.iter().zip(&sets) {
            let mask = number % sets;
            number /= sets;
            plan.push((0..employer.stops.len()).filter(|bit| mask >> bit & 1 == 1).map(|bit| employer.stops[bit].fair).collect());
        }
        best = best.max(circuits.judge(&plan).unwrap_or(0));
    }
    best
}

#[test]
fn circuits_are_as_good_as_trying_everything_and_bounds_are_never_below() {
    for seed in 0..6 {
        let circuits = little_circuits(seed);
        assert!(circuits.sound());
        let (driven, best) = (circuits.drive(EFFORT), best_of_all(&circuits));
        assert_eq!((circuits.judge(&driven.circuits), driven.objective), (Some(best), best), "seed {seed}");
        assert!(driven.bound >= best && driven.bound * 10 <= best * 13, "seed {seed}: {} {best}", driven.bound);
    }
}

#[test]
fn a_city_from_a_file_is_planned_to_proven_optimality() {
    let folder = std::env::var_os("JIANGXIN_BENCH").map_or_else(|| PathBuf::from("../shared/bench"), PathBuf::from);
    let Ok(text) = std::fs::read(folder.join("c_city.json")) else {
        eprintln!("skipped: no c_city.json in {}", folder.display());
        return;
    };
    let problem = serde_json::from_slice::<Instance>(&text).unwrap().problem().unwrap();
    let solved = solve(&problem, None, EFFORT);
    assert_eq!((solved.objective, solved.bound, problem.judge(&solved.plan)), (65, 65, Ok(65)));
}
