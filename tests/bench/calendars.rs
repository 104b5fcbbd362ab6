//! Made years of a city or a province for the planner: schools, halls, exam weeks, wishes scattered around a hidden calendar
//! that keeps every rule, so that each has a plan without a gap; the same seed makes the same year.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use jiangxin::calendar::Calendar;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

const SECTORS: usize = 20;
const SCHOOL_GAP: usize = 28;
/// The days of a school year.
const HORIZON: usize = 303;
/// Where the cities lie, in kilometres on a flat map, and how heavy each is.
const CITIES: [(f64, f64, f64); 16] = [
    (0.0, 0.0, 3.0),
    (320.0, -60.0, 3.2),
    (90.0, 10.0, 2.2),
    (60.0, -190.0, 2.0),
    (150.0, 90.0, 1.5),
    (390.0, 90.0, 2.7),
    (190.0, 10.0, 3.1),
    (-40.0, -140.0, 2.9),
    (10.0, -60.0, 2.3),
    (460.0, 80.0, 1.7),
    (220.0, -140.0, 1.7),
    (140.0, -180.0, 3.3),
    (-60.0, 80.0, 2.4),
    (-110.0, -20.0, 2.4),
    (90.0, 80.0, 2.0),
    (-150.0, -160.0, 3.0),
];

/// How large a year is: cities, fairs, schools, employers, and how many days fairs of a city keep apart.
#[derive(Clone, Copy)]
pub struct Size {
    pub name: &'static str,
    cities: usize,
    fairs: usize,
    schools: usize,
    employers: usize,
    spacing: usize,
}

pub const SIZES: [Size; 3] = [
    Size { name: "city", cities: 1, fairs: 8, schools: 8, employers: 260, spacing: 5 },
    Size { name: "province", cities: 16, fairs: 150, schools: 120, employers: 4_000, spacing: 5 },
    Size { name: "large", cities: 16, fairs: 600, schools: 120, employers: 4_000, spacing: 2 },
];

struct Year {
    size: Size,
    rng: StdRng,
    open: Vec<usize>,
    teams: Vec<usize>,
    closed: Vec<Vec<usize>>,
    city_of: Vec<usize>,
    exams: Vec<Vec<usize>>,
}

/// Makes a year as a file of the planner (`fair-c/1`).
pub fn year(size: Size, seed: u64) -> Value {
    let mut rng = StdRng::seed_from_u64(seed);
    let calendar = Calendar::load().unwrap();
    let first = NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
    let winter = 139..=178;
    let held = |day: &usize| {
        let date = first + Days::new(*day as u64);
        let known = calendar.is_working_day(date);
        !winter.contains(day)
            && (known.working
                || date.weekday() == Weekday::Sat && !calendar.holidays(date.year()).iter().any(|off| off.date == date))
    };
    let open: Vec<usize> = (0..HORIZON).filter(held).collect();
    let more = usize::from(size.spacing == 2);
    let teams: Vec<usize> = (0..size.cities).map(|_| rng.random_range(1 + more..=2 + more)).collect();
    let closed = (0..size.cities).map(|_| sorted(open.choose_multiple(&mut rng, 10).copied().collect())).collect();
    let weights: Vec<usize> = (0..size.cities).collect();
    let heavy = |rng: &mut StdRng| *weights.choose_weighted(rng, |city| CITIES[*city].2.sqrt()).unwrap();
    let city_of = (0..size.schools).map(|school| if school < size.cities { school } else { heavy(&mut rng) }).collect();
    let exams = (0..size.schools).map(|_| exam_days(&mut rng)).collect();
    Year { size, rng, open, teams, closed, city_of, exams }.made()
}

fn sorted(mut days: Vec<usize>) -> Vec<usize> {
    days.sort_unstable();
    days
}

fn exam_days(rng: &mut StdRng) -> Vec<usize> {
    let week = |base: usize, rng: &mut StdRng| {
        let from = base + rng.random_range(0..11);
        (from..from + rng.random_range(5..10)).filter(|day| *day < HORIZON).collect::<Vec<_>>()
    };
    [65, 120, 210, 280].into_iter().flat_map(|base| week(base, rng)).collect()
}

impl Year {
    fn made(mut self) -> Value {
        let size = self.size;
        let km =
            |one: usize, other: usize| (CITIES[one].0 - CITIES[other].0).hypot(CITIES[one].1 - CITIES[other].1).round() as i64;
        let anchors: &[usize] = if size.cities == 1 { &[0] } else { &[0, 1, 5, 11, 7] };
        let region = |city: usize| (0..anchors.len()).min_by_key(|at| km(city, anchors[*at])).unwrap();
        let (mut schools, mut venues) = (Vec::new(), Vec::new());
        for school in 0..size.schools {
            venues.push(json!({"booths": self.rng.random_range(15..61)}));
            let sectors: Vec<usize> = (1..SECTORS).collect::<Vec<_>>().choose_multiple(&mut self.rng, 3).copied().collect();
            let shares: BTreeMap<String, f64> =
                sectors.iter().zip([0.5, 0.3, 0.2]).map(|(at, share)| (at.to_string(), share)).collect();
            schools.push(json!({"venue": school, "sectors": shares, "exams": self.exams[school]}));
        }
        let mut halls: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for city in 0..size.cities {
            for _ in 0..if size.spacing == 2 { 3 } else { 2 } {
                halls.entry(city.to_string()).or_default().push(venues.len());
                let shut = sorted(self.open.choose_multiple(&mut self.rng, self.open.len() / 4).copied().collect());
                venues.push(json!({"booths": self.rng.random_range(60..161), "closed": shut}));
            }
        }
        let (fairs, visits) = self.wishes();
        let employers: Vec<Value> = (0..size.employers).map(|_| self.employer()).collect();
        let cities: Vec<Value> = (0..size.cities)
            .map(|city| json!({"teams": self.teams[city], "closed": self.closed[city], "region": region(city)}))
            .collect();
        let distance: Vec<Vec<i64>> = (0..size.cities).map(|from| (0..size.cities).map(|to| km(from, to)).collect()).collect();
        json!({"horizon": HORIZON, "open_days": self.open, "spacing_days": size.spacing, "same_school_gap": SCHOOL_GAP, "cities": cities,
            "distance_km": distance, "schools": schools, "venues": venues, "halls": halls, "fairs": fairs, "visits": visits, "employers": employers})
    }

    fn employer(&mut self) -> Value {
        let sectors: Vec<usize> = (1..SECTORS).collect::<Vec<_>>().choose_multiple(&mut self.rng, 2).copied().collect();
        let radius = *[60, 60, 60, 150, 150, 150, 150, 300, 300, 800].choose(&mut self.rng).unwrap();
        json!({"city": self.rng.random_range(0..self.size.cities), "sectors": sectors, "vacancies": 1 + self.rng.random_range(0..5usize).pow(2),
            "max_fairs": self.rng.random_range(1..5), "radius": radius})
    }

    /// Plants a calendar first, then scatters the wishes around it; a third of them want the same weeks.
    fn wishes(&mut self) -> (Vec<Value>, Vec<Value>) {
        let (size, mut planted) = (self.size, vec![0; self.size.fairs]);
        let (mut in_city, mut at_school) = (vec![Vec::<usize>::new(); size.cities], vec![Vec::<usize>::new(); size.schools]);
        let mut busy: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut order: Vec<usize> = (0..size.fairs).collect();
        order.shuffle(&mut self.rng);
        for fair in order {
            let (school, apart) = (fair % size.schools, |days: &[usize], day: usize, gap: usize| {
                days.iter().all(|other| day.abs_diff(*other) >= gap)
            });
            let city = self.city_of[school];
            let fits = |day: &usize| {
                !self.exams[school].contains(day)
                    && !self.closed[city].contains(day)
                    && apart(&in_city[city], *day, size.spacing)
                    && apart(&at_school[school], *day, SCHOOL_GAP)
            };
            let days: Vec<usize> = self.open.iter().copied().filter(fits).collect();
            let day = *days.choose(&mut self.rng).expect("a day for every fair");
            (planted[fair], _) = (day, in_city[city].push(day));
            at_school[school].push(day);
        }
        let mut fairs = Vec::new();
        for (fair, day) in planted.into_iter().enumerate() {
            let (school, week) = (fair % size.schools, day / 7);
            let city = self.city_of[school];
            let peak = if day < 150 { 6 } else { 28 };
            let near = (week + self.rng.random_range(0..5)).saturating_sub(2);
            let weeks = if self.rng.random_bool(0.33) && week.abs_diff(peak) <= 3 { vec![peak, peak + 1] } else { vec![near] };
            let demand = self.rng.random_range(8..100);
            let teams = self.teams[city].min(if demand < 70 { 1 } else { 2 });
            *busy.entry((city, day)).or_default() += teams;
            fairs.push(json!({"school": school, "city": city, "demand": demand, "teams": teams, "pref_weeks": weeks, "max_shift_weeks": 3}));
        }
        let spans = (0..size.cities).map(|city| (city, 20, 290)).collect::<Vec<_>>();
        let more = (0..size.fairs / 4).map(|_| {
            let from = self.rng.random_range(10..240);
            (self.rng.random_range(0..size.cities), from, from + 40)
        });
        let mut visits = Vec::new();
        for (city, earliest, latest) in spans.into_iter().chain(more.collect::<Vec<_>>()) {
            let free = |day: &&usize| {
                (earliest..=latest).contains(*day)
                    && !self.closed[city].contains(*day)
                    && busy.get(&(city, **day)).copied().unwrap_or(0) < self.teams[city]
            };
            let days: Vec<usize> = self.open.iter().filter(free).copied().collect();
            if let Some(day) = days.choose(&mut self.rng) {
                *busy.entry((city, *day)).or_default() += 1;
                visits.push(json!({"city": city, "earliest": earliest, "latest": latest}));
            }
        }
        (fairs, visits)
    }
}
