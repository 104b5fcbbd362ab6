//! How fast and how near to the best are plans and timetables? Made years of a city, a province and one four times as large
//! (`BENCH_SEEDS` of each, 3 when not said; `BENCH_LIMIT_MS`, 2 000 when not said), and made wishes for interviews.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly and tells figures"
)]

mod calendars;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use jiangxin::fairs::plan::{Effort, Instance, gap, solve};
use jiangxin::fairs::timetable::{self, Employer, Graduate, Interviews, Slots, Wish, first_slots};
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use rand::{Rng, SeedableRng};

use calendars::{SIZES, Size, year};

/// Graduates, employers, slots, and the share of a graduate's slots that is closed.
const HALLS: [(&str, usize, usize, usize, f64); 5] = [
    ("open 150 x 20", 150, 20, 24, 0.0),
    ("open 300 x 60", 300, 60, 24, 0.0),
    ("open 1500 x 120", 1_500, 120, 24, 0.0),
    ("tight 150 x 20", 150, 20, 24, 0.7),
    ("tight 500 x 60", 500, 60, 24, 0.7),
];

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn instance(size: Size, seed: u64) -> Instance {
    serde_json::from_value(year(size, seed)).expect("a year as the planner reads it")
}

/// Makes wishes: each graduate wants a few employers, the popular ones more often.
fn hall(seed: u64, (_, graduates, employers, slots, closed): (&str, usize, usize, usize, f64)) -> Interviews {
    let mut rng = StdRng::seed_from_u64(seed);
    let all = first_slots(slots);
    let open = |rng: &mut StdRng| (0..slots).filter(|_| rng.random_bool(closed)).fold(all, |set: Slots, slot| set & !(1 << slot));
    let employers: Vec<Employer> =
        (0..employers).map(|_| Employer { interviewers: rng.random_range(1..=2), open: all }).collect();
    let people: Vec<Graduate> = (0..graduates).map(|_| Graduate { most: 6, open: open(&mut rng) }).collect();
    let mut wishes = Vec::new();
    for graduate in 0..graduates {
        for employer in (0..employers.len()).choose_multiple(&mut rng, 8) {
            wishes.push(Wish { graduate, employer, weight: rng.random_range(1..=100) });
        }
    }
    Interviews { slots, employers, graduates: people, wishes }
}

fn plans(limit: Duration) {
    println!(
        "{:<10} seed {:>9} {:>9} {:>7} {:>6} {:>9} | employers {:>9} {:>9} {:>7} {:>9}",
        "calendar", "cost", "bound", "gap", "out", "took", "worth", "bound", "gap", "took"
    );
    for size in SIZES {
        for seed in 1..=number("BENCH_SEEDS", 3) {
            let instance = instance(size, seed);
            let problem = instance.problem().expect("a sound year");
            let effort = Effort { seed: 1, rounds: 8, limit };
            let begun = Instant::now();
            let solved = solve(&problem, None, effort);
            let took = begun.elapsed();
            assert_eq!(problem.judge(&solved.plan), Ok(solved.objective), "the judge agrees");
            let out = solved.plan.iter().filter(|place| place.is_none()).count();
            let share = gap(solved.objective, solved.bound);
            print!(
                "{:<10} {seed:>4} {:>9} {:>9} {:>6.2}% {out:>6} {:>6} ms",
                size.name,
                solved.objective,
                solved.bound,
                share * 100.0,
                took.as_millis()
            );
            let chosen = solved.plan.iter().zip(&problem.events).take(instance.fairs());
            let held: Option<Vec<(usize, usize)>> = chosen
                .map(|(place, event)| place.and_then(|place| event.choices.get(place)).map(|choice| (choice.day, choice.venue)))
                .collect();
            match held.and_then(|held| instance.circuits(&held)) {
                Some(circuits) => {
                    let begun = Instant::now();
                    let driven = circuits.drive(effort);
                    println!(
                        " | {:>19} {:>9} {:>6.2}% {:>6} ms",
                        driven.objective,
                        driven.bound,
                        driven.gap * 100.0,
                        begun.elapsed().as_millis()
                    );
                }
                None => println!(" | a fair has no day"),
            }
        }
    }
}

fn timetables() {
    for kind in HALLS {
        for seed in 1..=number("BENCH_SEEDS", 3) {
            let world = hall(seed, kind);
            let effort = timetable::Effort { seed: 1, rounds: 4, limit: Duration::from_secs(1) };
            let begun = Instant::now();
            let made = timetable::solve(&world, effort);
            let took = begun.elapsed();
            assert_eq!(world.judge(&made.slots), Some(made.objective), "the judge agrees");
            println!(
                "{:<16} seed {seed}: {} wishes, weight {} of at most {} ({:.2}%), {:.1} ms",
                kind.0,
                world.wishes.len(),
                made.objective,
                made.bound,
                made.gap * 100.0,
                took.as_secs_f64() * 1000.0
            );
        }
    }
}

fn main() {
    let limit = Duration::from_millis(number("BENCH_LIMIT_MS", 2_000));
    plans(limit);
    timetables();
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    for size in &SIZES[..2] {
        let problem = instance(*size, 1).problem().unwrap();
        let effort = Effort { seed: 1, rounds: 1, limit };
        criterion.bench_function(&format!("plan/{}", size.name), |bench| bench.iter(|| black_box(solve(&problem, None, effort))));
    }
    for kind in HALLS {
        let world = hall(1, kind);
        let effort = timetable::Effort { seed: 1, rounds: 1, limit: Duration::from_secs(1) };
        criterion
            .bench_function(&format!("timetable/{}", kind.0), |bench| bench.iter(|| black_box(timetable::solve(&world, effort))));
    }
    criterion.final_summary();
}
