//! What is a booth worth? Prices by subgradient steps, and the upper bound on all circuits that they give.
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Circuits::sound`")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "values stay far below 2^53")]

use rayon::prelude::*;

use super::path::Path;
use super::{Circuits, Employer};

/// Steps without a better bound before the step length shrinks.
const PATIENCE: u32 = 6;
/// By how much it shrinks.
const SHRINK: f64 = 0.8;
/// The step length at the beginning.
const STEP: f64 = 0.1;
/// How much of the last direction is kept.
const DEFLECTION: f64 = 0.8;
/// How many employers are weighed in one piece of work.
const CHUNK: usize = 128;
/// How far below the bound circuits are hoped for at most, as a share of the bound.
const HOPE: f64 = 0.05;

/// The prices of booths and the best bound they gave.
pub struct Prices {
    price: Vec<f64>,
    toward: Vec<f64>,
    /// The prices that gave the best bound.
    pub kept: Vec<f64>,
    best: f64,
    step: f64,
    waited: u32,
}

impl Prices {
    /// Begins with prices of nought.
    pub fn new(world: &Circuits) -> Prices {
        let zero = || vec![0.0; world.fairs.len()];
        Prices { price: zero(), toward: zero(), kept: zero(), best: f64::INFINITY, step: STEP, waited: 0 }
    }

    /// Gives the best bound; values are whole numbers, so it is rounded down.
    #[expect(clippy::cast_possible_truncation, reason = "a bound is below the worth of all stops")]
    pub fn bound(&self) -> i64 {
        (self.best + 1e-6).floor() as i64
    }

    /// Lets every employer choose at the present prices, keeps a better bound, and moves the prices.
    pub fn climb(&mut self, world: &Circuits, reached: i64) {
        let choose = |(mut path, mut used, mut value): (Path, Vec<i64>, f64), employer: &Employer| {
            value += path.best(world, employer, &self.price, |_| true);
            for fair in &path.fairs {
                used[*fair] += employer.stops.iter().find(|stop| stop.fair == *fair).map_or(0, |stop| stop.booths);
            }
            (path, used, value)
        };
        let nothing = || (Path::default(), vec![0; world.fairs.len()], 0.0);
        let chunks = world.employers.par_chunks(CHUNK).map(|chunk| chunk.iter().fold(nothing(), choose));
        let chunks: Vec<_> = chunks.collect();
        let mut used = vec![0; world.fairs.len()];
        let mut value: f64 = self.price.iter().zip(&world.fairs).map(|(price, fair)| price * fair.booths as f64).sum();
        for (_, some, worth) in chunks {
            value += worth;
            used.iter_mut().zip(some).for_each(|(sum, some)| *sum += some);
        }
        self.waited += 1;
        if value < self.best - 1e-6 {
            (self.best, self.waited) = (value, 0);
            self.kept.clone_from(&self.price);
        } else if self.waited >= PATIENCE {
            (self.step, self.waited) = (self.step * SHRINK, 0);
        }
        let slope = |at: usize| (used[at] - world.fairs[at].booths) as f64;
        let mut length = 0.0;
        for at in 0..self.price.len() {
            let toward = DEFLECTION * self.toward[at] + (1.0 - DEFLECTION) * slope(at);
            self.toward[at] = if self.price[at] <= 0.0 && toward < 0.0 { 0.0 } else { toward };
            length += self.toward[at] * self.toward[at];
        }
        let hoped = (self.best - reached as f64).min(self.best * HOPE).max(1.0);
        let by = if length > 0.0 { self.step * hoped / length } else { 0.0 };
        for (price, toward) in self.price.iter_mut().zip(&self.toward) {
            *price = (*price + by * toward).max(0.0);
        }
    }
}
