//! Which employers go to which fairs? Each employer drives a circuit: fairs on rising days, one place a day, neighbours on
//! neighbouring days welcome and far ones impossible. The circuits meet only in the booths.
//!
//! Booths get prices ≥ 0 (Lagrangian relaxation); then every employer's best circuit is a longest path over its days, found
//! by dynamic programming, and their sum and the price of all booths bound every plan from above. Plans come from the same
//! programme with the booths that are left, one employer after the other, led by the prices.
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Circuits::sound`")]

mod path;
mod plan;
mod prices;

use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;

use plan::Plan;
use prices::Prices;

use super::solve::{Effort, gap};

/// Steps of the bound before its prices lead the first circuits.
const FIRST_STEPS: usize = 30;
/// Steps of the bound in every round.
const STEPS: usize = 60;
/// Shakes for each employer in every round.
const SHAKES: usize = 10;

/// A fair that an employer could go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The fair.
    pub fair: usize,
    /// What it is worth to the employer and the fair.
    pub value: i64,
    /// How many booths the employer needs.
    pub booths: i64,
}

/// A fair with its day, place and booths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fair {
    /// The day.
    pub day: usize,
    /// The city.
    pub city: usize,
    /// The booths.
    pub booths: i64,
}

/// An employer with what it could do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employer {
    /// Where it could go, by day and fair.
    pub stops: Vec<Stop>,
    /// To how many fairs it goes at most.
    pub most: usize,
}

/// All employers and fairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circuits {
    /// The fairs.
    pub fairs: Vec<Fair>,
    /// The employers.
    pub employers: Vec<Employer>,
    /// The distances between cities, in kilometres.
    pub distance_km: Vec<Vec<i64>>,
    /// What a near fair on the next day is worth on top.
    pub bonus: i64,
    /// How far the next day's fair may be for that, in kilometres, another city.
    pub near_km: i64,
    /// How far the next day's fair may be at all.
    pub far_km: i64,
}

/// Circuits and their proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Driven {
    /// The fairs of each employer, by day.
    pub circuits: Vec<Vec<usize>>,
    /// What they are worth.
    pub objective: i64,
    /// What any circuits are worth at most.
    pub bound: i64,
    /// (bound − objective) / bound, 0 to 1.
    pub gap: f64,
}

impl Circuits {
    /// Tells whether every index points at something that is there, and stops rise by day.
    pub fn sound(&self) -> bool {
        let cities = self.distance_km.len();
        let day = |stop: &Stop| self.fairs[stop.fair].day;
        let employer = |employer: &Employer| {
            employer.stops.iter().all(|stop| stop.fair < self.fairs.len() && stop.booths >= 0)
                && employer.stops.windows(2).all(|pair| day(&pair[0]) <= day(&pair[1]))
        };
        self.distance_km.iter().all(|row| row.len() == cities)
            && self.fairs.iter().all(|fair| fair.city < cities && fair.booths >= 0)
            && self.employers.iter().all(employer)
    }

    /// Gives what going from one fair to a later one adds; `None` where it cannot be done.
    pub fn leg(&self, from: usize, to: usize) -> Option<i64> {
        let (from, to) = (self.fairs[from], self.fairs[to]);
        if to.day <= from.day {
            return None;
        }
        let km = self.distance_km[from.city][to.city];
        match to.day - from.day {
            1 if km > self.far_km => None,
            1 if km > 0 && km <= self.near_km => Some(self.bonus),
            _ => Some(0),
        }
    }

    /// Judges circuits from nothing but the definition: what they are worth, or nothing when they break a rule.
    pub fn judge(&self, circuits: &[Vec<usize>]) -> Option<i64> {
        let mut left: Vec<i64> = self.fairs.iter().map(|fair| fair.booths).collect();
        let mut value = 0;
        for (employer, fairs) in self.employers.iter().zip(circuits) {
            if fairs.len() > employer.most {
                return None;
            }
            for &fair in fairs {
                let stop = employer.stops.iter().find(|stop| stop.fair == fair)?;
                left[fair] -= stop.booths;
                value += stop.value;
            }
            for pair in fairs.windows(2) {
                value += self.leg(pair[0], pair[1])?;
            }
        }
        left.iter().all(|left| *left >= 0).then_some(value)
    }

    /// Drives circuits for so many rounds, or until the limit, and bounds what any could be worth. One thread shakes circuits
    /// at the prices of the last round while others find better prices.
    pub fn drive(&self, effort: Effort) -> Driven {
        let over = Instant::now().checked_add(effort.limit);
        let late = || over.is_some_and(|over| Instant::now() >= over);
        let mut random = StdRng::seed_from_u64(effort.seed);
        let mut prices = Prices::new(self);
        let mut plan = Plan::new(self);
        for _ in 0..FIRST_STEPS {
            if !late() {
                prices.climb(self, plan.value);
            }
        }
        let mut led_by = prices.kept.clone();
        plan.fill(&led_by, &mut random);
        for _ in 0..effort.rounds {
            let reached = plan.value;
            let shakes = SHAKES * self.employers.len();
            rayon::join(
                || (0..STEPS).take_while(|_| !late()).for_each(|_| prices.climb(self, reached)),
                || (0..shakes).take_while(|_| !late()).for_each(|_| plan.shake(&led_by, &mut random)),
            );
            if late() || plan.value >= prices.bound() {
                break;
            }
            led_by.clone_from(&prices.kept);
        }
        let (objective, bound) = (plan.value, prices.bound().max(plan.value));
        Driven { circuits: plan.circuits, objective, bound, gap: gap(bound, objective) }
    }
}
