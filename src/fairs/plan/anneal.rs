//! How is a good calendar found? Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) over feasible plans, with moves
//! that put one event somewhere, send away whoever stands in the way, and let those look for the cheapest free place.
#![expect(clippy::indexing_slicing, reason = "every index comes from a problem that was checked with `Problem::sound`")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "costs and counts stay far below 2^53")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank is drawn between nought and the count")]

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::model::Problem;
use super::state::State;

/// The temperature at the end of a descent, in units of cost.
const COLD: f64 = 0.1;
/// The mean rank of the choice that a move tries, from nought.
const RANK: f64 = 2.0;
/// How many moves are made between two looks at whether to stop.
const BETWEEN_LOOKS: usize = 64;

/// A search for a good plan.
pub struct Annealing<'a> {
    problem: &'a Problem,
    state: State<'a>,
    random: StdRng,
    /// The places of an event's choices, the most promising first.
    ranked: Vec<Vec<usize>>,
    free: Vec<usize>,
    best: (i64, Vec<Option<usize>>),
    undo: Vec<(usize, Option<usize>)>,
    leave: Vec<usize>,
    around: Vec<usize>,
}

impl<'a> Annealing<'a> {
    /// Begins with a greedy plan: the events with the fewest choices first, each at its cheapest free place.
    pub fn new(problem: &'a Problem, seed: u64) -> Annealing<'a> {
        let mut free: Vec<usize> = (0..problem.events.len()).filter(|at| problem.events[*at].fixed.is_none()).collect();
        free.retain(|at| !problem.events[*at].choices.is_empty());
        let mut search = Annealing {
            problem,
            state: State::new(problem),
            random: StdRng::seed_from_u64(seed),
            ranked: Vec::new(),
            free: free.clone(),
            best: (i64::MAX, Vec::new()),
            undo: Vec::new(),
            leave: Vec::new(),
            around: Vec::new(),
        };
        search.rank(|event, place| problem.events[event].choices[place].cost as f64);
        free.sort_by_key(|at| (problem.events[*at].choices.len(), *at));
        for event in free {
            if let Some(place) = search.state.best_free(event, &mut search.around) {
                search.state.place(event, place);
            }
        }
        search.keep_if_better();
        search
    }

    /// Goes on from a given plan instead, as far as it holds.
    pub fn set_out_from(&mut self, plan: &[Option<usize>]) {
        for &event in &self.free {
            self.state.remove(event);
        }
        for &event in &self.free {
            if let Some(place) = plan[event]
                && self.state.in_the_way(event, place, &mut self.leave)
                && self.leave.is_empty()
            {
                self.state.place(event, place);
            }
        }
        self.keep_if_better();
    }

    /// Ranks every event's choices by a price; equal ones stay in the order of their days.
    pub fn rank(&mut self, price: impl Fn(usize, usize) -> f64) {
        let of_event = |event: usize| {
            let mut places: Vec<usize> = (0..self.problem.events[event].choices.len()).collect();
            places.sort_by(|a, b| price(event, *a).total_cmp(&price(event, *b)));
            places
        };
        self.ranked = (0..self.problem.events.len()).map(of_event).collect();
    }

    /// Gives the best plan so far, with its cost.
    pub fn best(&self) -> (i64, &[Option<usize>]) {
        (self.best.0, &self.best.1)
    }

    /// Cools down from a temperature over so many moves, starting at the best plan; stops early when `stop` says so, and tells whether it did.
    pub fn descend(&mut self, moves: usize, warm: f64, mut stop: impl FnMut(i64) -> bool) -> bool {
        if self.free.is_empty() {
            return false;
        }
        let best = self.best.1.clone();
        self.set_out_from(&best);
        let cooling = (COLD / warm).ln();
        let mut temperature = warm;
        for made in 0..moves {
            if made % BETWEEN_LOOKS == 0 {
                if stop(self.best.0) {
                    return true;
                }
                temperature = warm * (cooling * made as f64 / moves as f64).exp();
            }
            self.make_move(temperature);
        }
        false
    }

    fn make_move(&mut self, temperature: f64) {
        let event = self.free[self.random.random_range(0..self.free.len())];
        let ranked = &self.ranked[event];
        let rank = (-RANK * (1.0 - self.random.random::<f64>()).ln()) as usize;
        let place = ranked[rank % ranked.len()];
        let worse = -temperature * (1.0 - self.random.random::<f64>()).ln();
        if self.state.at(event) == Some(place) || !self.state.in_the_way(event, place, &mut self.leave) {
            return;
        }
        let before = self.state.cost();
        self.undo.clear();
        self.lift(event);
        self.state.place(event, place);
        let leave = std::mem::take(&mut self.leave);
        for &other in &leave {
            self.lift(other);
        }
        for &other in &leave {
            if let Some(place) = self.best_free(other) {
                self.state.place(other, place);
            }
        }
        self.leave = leave;
        if (self.state.cost() - before) as f64 <= worse {
            self.keep_if_better();
        } else {
            self.take_back();
        }
    }

    fn lift(&mut self, event: usize) {
        self.undo.push((event, self.state.at(event)));
        self.state.remove(event);
    }

    fn take_back(&mut self) {
        for &(event, _) in &self.undo {
            self.state.remove(event);
        }
        for &(event, place) in &self.undo {
            if let Some(place) = place {
                self.state.place(event, place);
            }
        }
    }

    fn best_free(&mut self, event: usize) -> Option<usize> {
        self.state.best_free(event, &mut self.around)
    }

    fn keep_if_better(&mut self) {
        if self.state.cost() < self.best.0 {
            self.best = (self.state.cost(), self.state.plan().to_vec());
        }
    }
}
