//! Which circuit is best for one employer? The longest path over its days, by the number of stops.
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Circuits::sound`")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "values stay far below 2^53")]

use super::{Circuits, Employer, Stop};

/// The tables of the dynamic programme: the best worth of a circuit of so many stops that ends at a stop.
#[derive(Default)]
pub struct Path {
    most: usize,
    worth: Vec<f64>,
    from: Vec<usize>,
    /// For each length the best worth among those two days back or more, and its stop.
    back: Vec<(f64, usize)>,
    /// The fairs of the circuit found last.
    pub fairs: Vec<usize>,
}

/// No stop before this one.
const NOBODY: usize = usize::MAX;

impl Path {
    /// Finds an employer's best circuit at given prices for a booth of each fair, among the fairs that `open` lets in; gives
    /// its worth at those prices.
    pub fn best(&mut self, world: &Circuits, employer: &Employer, price: &[f64], open: impl Fn(&Stop) -> bool) -> f64 {
        self.begin(employer.stops.len(), employer.most);
        let mut done = 0;
        for at in 0..employer.stops.len() {
            let stop = employer.stops[at];
            let day = world.fairs[stop.fair].day;
            // Fairs at least two days earlier are one to the circuit: only the best of each length counts.
            while done < at && world.fairs[employer.stops[done].fair].day + 2 <= day {
                self.retire(done);
                done += 1;
            }
            let gain = stop.value as f64 - price[stop.fair] * stop.booths as f64;
            if !open(&stop) {
                continue;
            }
            self.start(at, gain);
            for earlier in done..at {
                if let Some(bonus) = world.leg(employer.stops[earlier].fair, stop.fair) {
                    self.extend(earlier, at, gain + bonus as f64);
                }
            }
        }
        self.finish(employer)
    }

    fn begin(&mut self, stops: usize, most: usize) {
        self.most = most;
        self.worth.clear();
        self.worth.resize(stops * most, f64::NEG_INFINITY);
        self.from.clear();
        self.from.resize(stops * most, NOBODY);
        self.back.clear();
        self.back.resize(most, (f64::NEG_INFINITY, NOBODY));
        self.fairs.clear();
    }

    fn retire(&mut self, stop: usize) {
        for (length, back) in self.back.iter_mut().enumerate() {
            let worth = self.worth[stop * self.most + length];
            if worth > back.0 {
                *back = (worth, stop);
            }
        }
    }

    fn start(&mut self, stop: usize, gain: f64) {
        let row = stop * self.most;
        for length in 0..self.most {
            let (worth, from) = if length == 0 { (0.0, NOBODY) } else { self.back[length - 1] };
            (self.worth[row + length], self.from[row + length]) = (worth + gain, from);
        }
    }

    fn extend(&mut self, earlier: usize, stop: usize, gain: f64) {
        for length in 1..self.most {
            let worth = self.worth[earlier * self.most + length - 1] + gain;
            let cell = stop * self.most + length;
            if worth > self.worth[cell] {
                (self.worth[cell], self.from[cell]) = (worth, earlier);
            }
        }
    }

    /// Follows the best circuit back to its beginning.
    fn finish(&mut self, employer: &Employer) -> f64 {
        let mut best = (0.0, NOBODY);
        for (cell, worth) in self.worth.iter().enumerate() {
            if *worth > best.0 {
                best = (*worth, cell);
            }
        }
        let mut cell = best.1;
        while cell != NOBODY {
            let (stop, length) = (cell / self.most, cell % self.most);
            self.fairs.push(stop);
            let from = self.from[cell];
            cell = if from == NOBODY || length == 0 { NOBODY } else { from * self.most + length - 1 };
        }
        self.fairs.reverse();
        self.fairs.iter_mut().for_each(|stop| *stop = employer.stops[*stop].fair);
        best.0
    }
}
