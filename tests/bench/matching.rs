//! How fast is matching? Everybody's best 20 at once, one profile alone, one vacancy's best graduates, and the floor where
//! nobody wishes for a place; over the instance that `BENCH_INSTANCE` names (`match-a/1`), or a made one of 10 000 graduates
//! and 100 000 vacancies.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly and tells figures"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use cpu_time::{ProcessTime, ThreadTime};
use criterion::Criterion;
use jiangxin::matching::bulk::{
    Change, GraduateIndex, Instance, Query, Terms, VacancyIndex, VacancyItem, Wish, top_k, top_k_for, top_k_for_one, top_k_of_one,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

const GRADUATES: u32 = 10_000;
const VACANCIES: u32 = 100_000;
const SKILLS: u16 = 2_000;
const REGIONS: u16 = 16;
const DISTRICTS: u16 = 128;
const OCCUPATIONS: usize = 400;
const ALONE: usize = 2_000;

/// Occupations with a pool of skills each, some far more common than others; districts 80 km wide in a line.
struct Maker {
    rng: StdRng,
    pools: Vec<Vec<u16>>,
}

impl Maker {
    fn new(seed: u64) -> Maker {
        let mut rng = StdRng::seed_from_u64(seed);
        let pools = (0..OCCUPATIONS).map(|_| (0..14).map(|_| rng.random_range(0..SKILLS)).collect()).collect();
        Maker { rng, pools }
    }

    fn occupation(&mut self) -> usize {
        (self.rng.random::<f64>().powi(3) * OCCUPATIONS as f64) as usize
    }

    fn skills(&mut self, occupation: usize, count: usize) -> Vec<u16> {
        let mut skills: Vec<u16> = self.pools[occupation].choose_multiple(&mut self.rng, count).copied().collect();
        skills.push(self.rng.random_range(0..SKILLS));
        skills.sort_unstable();
        skills.dedup();
        skills
    }

    fn vacancy(&mut self, id: u32) -> (u16, VacancyItem) {
        let occupation = self.occupation();
        let count = self.rng.random_range(2..8);
        let skills = self.skills(occupation, count);
        let weight = (128 / skills.len()) as u8;
        let item = VacancyItem {
            id,
            skills: skills.into_iter().map(|skill| (skill, weight)).collect(),
            open: false,
            class: self.rng.random_range(0..3),
            base: 0,
            paid: self.rng.random_range(8..20) * 500,
            sector: (occupation % 20) as u16,
        };
        (self.rng.random_range(0..DISTRICTS), item)
    }

    fn graduate(&mut self, id: u32) -> Query {
        let occupation = self.occupation();
        let mut credits = BTreeMap::new();
        for skill in self.skills(occupation, 8) {
            let level = self.rng.random_range(100..=255_u8);
            for near in 0..6 {
                let best = credits.entry((skill / 8 * 8 + near) % SKILLS).or_default();
                *best = level.wrapping_div(3).max(*best);
            }
            credits.insert(skill, level);
        }
        let home = self.rng.random_range(0..DISTRICTS);
        let factor = |district: u16| Some((255 / (1 + home.abs_diff(district) / 8)).max(25) as u8);
        Query {
            id,
            credits: credits.into_iter().collect(),
            open: false,
            factors: (0..DISTRICTS).map(factor).collect(),
            admits: (2 << self.rng.random_range(0..3)) - 1,
            wish: Wish { salary: self.rng.random_range(6..18) * 500, sector: (occupation % 20) as u16, sure: 0 },
            kin: ((occupation % 20) as u16, occupation as u32),
        }
    }

    fn instance(mut self) -> Instance {
        Instance {
            terms: Terms { salary_step: 41_616, major: 249_696, ..Terms::default() },
            skills: usize::from(SKILLS),
            regions: (0..DISTRICTS).map(|district| district / (DISTRICTS / REGIONS)).collect(),
            k: 20,
            vacancies: (0..VACANCIES).map(|id| self.vacancy(id)).collect(),
            graduates: (0..GRADUATES).map(|id| self.graduate(id)).collect(),
        }
    }
}

/// Tells what a step over so many took, on the clock and of the processor.
fn measure<T>(name: &str, count: usize, step: impl FnOnce() -> T) -> T {
    let (begun, cpu) = (Instant::now(), ProcessTime::now());
    let made = step();
    let (wall, cpu) = (begun.elapsed().as_secs_f64(), cpu.elapsed().as_secs_f64());
    println!("{name:<22} {wall:>7.3} s, {cpu:>7.3} s of CPU, {:>9.0} a second of CPU", count as f64 / cpu);
    made
}

/// Tells what one alone takes.
fn alone<T>(name: &str, all: &[T], one: impl Fn(&T)) {
    let mut took: Vec<u128> = Vec::new();
    for item in all.iter().step_by((all.len() / ALONE).max(1)) {
        let begun = ThreadTime::now();
        one(item);
        took.push(begun.elapsed().as_micros());
    }
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    println!("{name:<22} p50 {:>6}, p99 {:>6} µs of CPU on one thread", at(50), at(99));
}

fn main() {
    let instance = match std::env::var("BENCH_INSTANCE") {
        Ok(path) => Instance::parse(&std::fs::read(path).unwrap()).unwrap(),
        Err(_) => Maker::new(42).instance(),
    };
    let Instance { terms, skills, regions, k, vacancies, graduates } = instance;
    println!("{} graduates, {} vacancies, {} threads", graduates.len(), vacancies.len(), rayon::current_num_threads());
    let mut index = VacancyIndex::new(terms, skills, regions.clone());
    let changes: Vec<Change> = vacancies.iter().cloned().map(|(district, item)| Change::Live(district, item)).collect();
    measure("index of vacancies", vacancies.len(), || index.apply(changes));
    println!("{} bytes", index.bytes());
    measure("best vacancies", graduates.len(), || black_box(top_k(&index, &graduates, k)));
    alone("best vacancies, alone", &graduates, |query| drop(black_box(top_k_of_one(&index, query, k))));
    let anywhere: Vec<Query> = graduates.iter().step_by(10).cloned().map(Query::anywhere).collect();
    measure("without a place", anywhere.len(), || black_box(top_k(&index, &anywhere, k)));
    alone("without a place, alone", &anywhere, |query| drop(black_box(top_k_of_one(&index, query, k))));
    let by_graduate = measure("index of graduates", graduates.len(), || GraduateIndex::new(terms, skills, &regions, &graduates));
    let some: Vec<(u16, VacancyItem)> = vacancies.iter().step_by(10).cloned().collect();
    measure("best graduates", some.len(), || black_box(top_k_for(&by_graduate, &some, k)));
    let one = |(district, vacancy): &(u16, VacancyItem)| drop(black_box(top_k_for_one(&by_graduate, *district, vacancy, k)));
    alone("best graduates, alone", &some, one);
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let (mut people, mut offers) = (graduates.iter().cycle(), some.iter().cycle());
    criterion.bench_function("graduate/alone", |bench| bench.iter(|| top_k_of_one(&index, people.next().unwrap(), k)));
    criterion.bench_function("vacancy/alone", |bench| bench.iter(|| one(offers.next().unwrap())));
    criterion.final_summary();
}
