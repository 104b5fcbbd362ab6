//! How fast are graduates placed? `stable` and `max_score` on one thread, over a made cohort (`BENCH_GRADUATES`, 100 000 when
//! not said, a fifth as many vacancies of about five places, lists of 20), contested (everybody wants the same vacancies) and
//! flat (tastes differ); solving alone, and with the checks and the reasons, which are told alongside. `BENCH_INSTANCE` names a `match-b/1` file instead.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench may fail loudly and tells figures"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use criterion::{BatchSize, Criterion};
use jiangxin::matching::placement::{Application, Market, Objective, Pose, Standing, best, bound, place, read, stable};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const LIST: usize = 20;
/// How often a step is run to tell what it takes.
const RUNS: usize = 11;

/// Makes a cohort: of 200 vacancies within sight the 20 that suit best, by place, by pay and by taste.
fn cohort(graduates: usize, common: f64, seed: u64) -> Market {
    let mut random = StdRng::seed_from_u64(seed);
    let vacancies = (graduates / 5).max(LIST);
    let normal = |random: &mut StdRng| (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    let pay: Vec<f64> = (0..vacancies).map(|_| normal(&mut random)).collect();
    let score = |x: f64| (500.0 + 110.0 * x).clamp(1.0, 1000.0).round() as u32;
    let list = |random: &mut StdRng| {
        let marks = normal(random);
        let mut seen: Vec<u32> = (0..200).map(|_| random.random_range(0..vacancies) as u32).collect();
        seen.sort_unstable();
        seen.dedup();
        let suit = |place: u32, random: &mut StdRng| {
            let taste = normal(random) * 0.5;
            let graduate_score = score(taste + common * pay.get(place as usize).copied().unwrap_or_default());
            Application { place, graduate_score, vacancy_score: score(taste + 0.9 * marks + 0.3 * normal(random)) }
        };
        let mut list: Vec<Application> = seen.into_iter().map(|place| suit(place, random)).collect();
        list.sort_by_key(|line| (std::cmp::Reverse(line.graduate_score), line.place));
        list.truncate(LIST);
        list
    };
    let lists = (0..graduates).map(|_| list(&mut random)).collect();
    let headcounts = (0..vacancies).map(|_| random.random_range(1..=9)).collect();
    Pose { headcounts, lists, ..Pose::default() }.market().unwrap().market
}

/// Tells the least and the median of what a step takes, of this thread's CPU and on the clock.
fn measure<T>(name: &str, step: impl Fn() -> T) {
    let one = |_: usize| {
        let (begun, cpu) = (Instant::now(), ThreadTime::now());
        black_box(step());
        (cpu.elapsed(), begun.elapsed())
    };
    let (mut cpu, mut wall): (Vec<Duration>, Vec<Duration>) = (0..RUNS).map(one).unzip();
    cpu.sort_unstable();
    wall.sort_unstable();
    let ms = |all: &[Duration], at: usize| all.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3);
    let (least, half) = (ms(&cpu, 0), ms(&cpu, RUNS / 2));
    println!("{name:<34} CPU {least:>8.2} ms least, {half:>8.2} median; clock {:>8.2} ms median", ms(&wall, RUNS / 2));
}

fn run(criterion: &mut Criterion, name: &str, market: &Market) {
    let placed = stable(market);
    let standing = Standing::of(market, &placed).unwrap();
    println!(
        "{name}: stable places {} of {}, {} blocking pairs",
        standing.applications().count(),
        placed.len(),
        standing.blocking_pairs()
    );
    let found = best(market);
    let standing = Standing::of(market, &found.placed).unwrap();
    let bound_of = bound(market, &found.prices, found.band);
    println!("{name}: max_score places {}, worth {}, bound {bound_of:?}", standing.applications().count(), standing.worth(0));
    measure(&format!("{name}: stable alone"), || stable(market));
    measure(&format!("{name}: stable, check"), || Standing::of(market, &placed).map(|standing| standing.blocking_pairs()));
    measure(&format!("{name}: stable, check and reasons"), || place(market, Objective::Stable));
    measure(&format!("{name}: max_score alone"), || best(market));
    measure(&format!("{name}: max_score, check and reasons"), || place(market, Objective::MaxScore));
    criterion.bench_function(&format!("{name}/stable"), |bench| bench.iter(|| black_box(stable(market))));
    criterion.bench_function(&format!("{name}/stable check"), |bench| {
        bench.iter(|| Standing::of(market, &placed).map(|standing| standing.blocking_pairs()));
    });
    criterion.bench_function(&format!("{name}/max_score"), |bench| {
        bench.iter_batched(|| (), |()| black_box(best(market)), BatchSize::PerIteration);
    });
    criterion.bench_function(&format!("{name}/max_score check"), |bench| {
        bench.iter(|| {
            (Standing::of(market, &found.placed).map(|standing| standing.worth(0)), bound(market, &found.prices, found.band))
        });
    });
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    if let Some(file) = std::env::var_os("BENCH_INSTANCE") {
        let (posed, _, _) = read(&std::fs::read(file).unwrap()).unwrap();
        run(&mut criterion, "instance", &posed.market);
    } else {
        let graduates = std::env::var("BENCH_GRADUATES").map_or(100_000, |text| text.parse().unwrap());
        run(&mut criterion, "contested", &cohort(graduates, 0.6, 1));
        run(&mut criterion, "flat", &cohort(graduates, 0.1, 2));
    }
    criterion.final_summary();
}
