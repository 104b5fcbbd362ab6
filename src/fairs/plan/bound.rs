//! How cheap can a calendar be at best? A Lagrangian lower bound by subgradient steps.
//!
//! All coupling rows (spacing, school gap, teams, overload) get prices ≥ 0; then every event chooses alone, and for any
//! prices the sum of the choices less the price of what there is stays below every plan's cost (Geoffrion 1974). Overload
//! is soft: max(0, x) = max of p·x over 0 ≤ p ≤ `overload`, so its prices are capped. Prices climb along a deflected
//! subgradient (Camerini, Fratta and Maffioli 1975) with Polyak's step towards the cost of a known plan.
#![expect(clippy::indexing_slicing, reason = "every index comes from a problem that was checked with `Problem::sound`")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "costs and counts stay far below 2^53")]

use super::model::{Choice, Event, Problem};

/// Steps without a better bound before the step length shrinks.
const PATIENCE: u32 = 20;
/// By how much it shrinks.
const SHRINK: f64 = 0.7;
/// How much of the last direction is kept.
const DEFLECTION: f64 = 0.97;
/// The step length at the beginning.
const STEP: f64 = 0.3;
/// The step length below which nothing more is gained.
const STEP_MIN: f64 = 1e-5;
/// How far above the bound a plan is hoped for at most, as a share of the bound.
const HOPE: f64 = 0.05;
/// What is taken off a bound before it is rounded up, against rounding errors.
const SLACK: f64 = 1e-6;

/// One family of rows: for each group (city, school, region and sector) and day a price, an activity and a right side.
struct Rows {
    /// How many days a row covers, from its own on.
    width: usize,
    most: f64,
    right: Vec<f64>,
    price: Vec<f64>,
    toward: Vec<f64>,
    used: Vec<f64>,
    /// The price at a cell: the sum of the prices of all rows that cover its day.
    sums: Vec<f64>,
}

impl Rows {
    fn new(right: Vec<f64>, width: usize, most: f64) -> Rows {
        let zero = || vec![0.0; right.len()];
        Rows { width, most, price: zero(), toward: zero(), used: zero(), sums: zero(), right }
    }

    /// Sums the prices of the rows that cover each day.
    fn spread(&mut self, days: usize) {
        for (price, sums) in self.price.chunks(days).zip(self.sums.chunks_mut(days)) {
            let mut sum = 0.0;
            for day in 0..days {
                sum += price[day];
                if day >= self.width {
                    sum -= price[day - self.width];
                }
                sums[day] = sum;
            }
        }
        self.used.fill(0.0);
    }

    /// Turns what is used on single days into what is used by each row, and gives Σ price · right.
    fn gather(&mut self, days: usize) -> f64 {
        if self.width > 1 {
            for used in self.used.chunks_mut(days) {
                let mut sum = 0.0;
                let alone = used.to_vec();
                for day in (0..days).rev() {
                    sum += alone[day];
                    if day + self.width < days {
                        sum -= alone[day + self.width];
                    }
                    used[day] = sum;
                }
            }
        }
        self.price.iter().zip(&self.right).map(|(price, right)| price * right).sum()
    }

    /// Bends the direction towards the subgradient and gives its squared length over the rows that can move.
    fn bend(&mut self) -> f64 {
        let mut length = 0.0;
        for row in 0..self.right.len() {
            let slope = self.used[row] - self.right[row];
            let toward = DEFLECTION * self.toward[row] + (1.0 - DEFLECTION) * slope;
            let stuck = self.price[row] <= 0.0 && toward <= 0.0 || self.price[row] >= self.most && toward >= 0.0;
            self.toward[row] = if stuck { 0.0 } else { toward };
            length += self.toward[row] * self.toward[row];
        }
        length
    }

    fn step(&mut self, by: f64) {
        for (price, toward) in self.price.iter_mut().zip(&self.toward) {
            *price = (*price + by * toward).clamp(0.0, self.most);
        }
    }
}

/// The prices of a problem's rows and the best bound they gave.
pub struct Bound<'a> {
    problem: &'a Problem,
    spacing: Rows,
    gap: Rows,
    teams: Rows,
    overload: Rows,
    step: f64,
    waited: u32,
    best: f64,
}

impl<'a> Bound<'a> {
    /// Begins with prices of nought.
    pub fn new(problem: &'a Problem) -> Bound<'a> {
        let of = |count: usize, right: f64| vec![right; count * problem.days];
        let teams = problem.cities.iter().flat_map(|city| std::iter::repeat_n(city.teams as f64, problem.days)).collect();
        let supply = problem.daily_supply().into_iter().map(|booths| booths as f64).collect();
        let mut bound = Bound {
            problem,
            spacing: Rows::new(of(problem.cities.len(), 1.0), problem.spacing_days, f64::INFINITY),
            gap: Rows::new(of(problem.schools, 1.0), problem.school_gap_days, f64::INFINITY),
            teams: Rows::new(teams, 1, f64::INFINITY),
            overload: Rows::new(supply, 1, problem.overload as f64),
            step: STEP,
            waited: 0,
            best: f64::NEG_INFINITY,
        };
        bound.evaluate();
        bound
    }

    /// Gives the best lower bound so far; costs are whole numbers, so it is rounded up.
    #[expect(clippy::cast_possible_truncation, reason = "a bound is below the cost of leaving everything out")]
    pub fn value(&self) -> i64 {
        (self.best - SLACK).ceil() as i64
    }

    /// Tells whether further steps are too short to gain anything.
    pub fn settled(&self) -> bool {
        self.step < STEP_MIN
    }

    /// Takes one step towards the cost of a known plan.
    pub fn climb(&mut self, target: i64) {
        let length: f64 = self.rows().into_iter().map(Rows::bend).sum();
        if length <= 0.0 {
            self.step = 0.0;
            return;
        }
        let hoped = (self.best.abs() * HOPE).max(1.0);
        let by = self.step * (target as f64 - self.best).clamp(1.0, hoped) / length;
        self.rows().into_iter().for_each(|rows| rows.step(by));
        self.evaluate();
    }

    fn rows(&mut self) -> [&mut Rows; 4] {
        [&mut self.spacing, &mut self.gap, &mut self.teams, &mut self.overload]
    }

    /// Lets every event choose at the present prices, and keeps the bound if it is the best.
    fn evaluate(&mut self) {
        let days = self.problem.days;
        self.rows().into_iter().for_each(|rows| rows.spread(days));
        let mut value = 0.0;
        for event in &self.problem.events {
            let cheapest = cheapest(event, |choice| self.priced(event, choice));
            value += cheapest.map_or(event.left_out as f64, |(price, _)| price);
            if let Some((_, choice)) = cheapest {
                self.book(event, choice.day);
            }
        }
        value -= self.rows().into_iter().map(|rows| rows.gather(days)).sum::<f64>();
        self.waited += 1;
        if value > self.best + SLACK {
            (self.best, self.waited) = (value, 0);
        } else if self.waited >= PATIENCE {
            (self.step, self.waited) = (self.step * SHRINK, 0);
        }
    }

    /// Gives for each event its choices' present prices less the cheapest of them: what choosing it would add to the bound.
    pub fn reduced(&self) -> Vec<Vec<f64>> {
        let of_event = |event: &Event| {
            let price = |choice: Choice| self.priced(event, choice);
            let least = cheapest(event, price).map_or(event.left_out as f64, |(least, _)| least);
            event.choices.iter().map(|choice| price(*choice) - least).collect()
        };
        self.problem.events.iter().map(of_event).collect()
    }

    /// Gives what a choice costs at the present prices.
    fn priced(&self, event: &Event, choice: Choice) -> f64 {
        let (days, day) = (self.problem.days, choice.day);
        let here = event.city * days + day;
        let mut price = choice.cost as f64 + event.teams as f64 * self.teams.sums[here];
        if event.fair {
            price += self.spacing.sums[here] + event.school.map_or(0.0, |school| self.gap.sums[school * days + day]);
        }
        for &(sector, booths) in &event.load {
            price += booths as f64 * self.overload.sums[self.problem.row(event.city, sector) + day];
        }
        price
    }

    fn book(&mut self, event: &Event, day: usize) {
        let days = self.problem.days;
        if event.fair {
            self.spacing.used[event.city * days + day] += 1.0;
            if let Some(school) = event.school {
                self.gap.used[school * days + day] += 1.0;
            }
        }
        self.teams.used[event.city * days + day] += event.teams as f64;
        for &(sector, booths) in &event.load {
            self.overload.used[self.problem.row(event.city, sector) + day] += booths as f64;
        }
    }
}

/// Gives an event's cheapest choice: what a person fixed, or the cheapest of all if it is cheaper than leaving it out.
fn cheapest(event: &Event, price: impl Fn(Choice) -> f64) -> Option<(f64, Choice)> {
    if let Some(fixed) = event.fixed {
        return event.choices.get(fixed).map(|choice| (price(*choice), *choice));
    }
    let mut best: Option<(f64, Choice)> = None;
    for choice in &event.choices {
        let price = price(*choice);
        if best.is_none_or(|(least, _)| price < least) {
            best = Some((price, *choice));
        }
    }
    best.filter(|(price, _)| *price < event.left_out as f64)
}
