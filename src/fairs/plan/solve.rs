//! Which calendar is good, and how good can any be? Two threads: one finds plans, the other proves how cheap a plan can be.
//!
//! The same seed and number of rounds give the same plan; the time limit may cut the search short, never make it go on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::anneal::Annealing;
use super::bound::Bound;
use super::model::Problem;

/// The rounds, the last of them again and again. In the first the prices of the bound are not known and its plan only tells
/// the bound where to aim; the second makes haste to a fair plan; the others take their time.
const ROUNDS: [Round; 4] = [
    Round { moves: 40, warm: 8.0, steps: 350 },
    Round { moves: 50, warm: 4.0, steps: 100 },
    Round { moves: 180, warm: 25.0, steps: 250 },
    Round { moves: 540, warm: 25.0, steps: 300 },
];

#[derive(Clone, Copy)]
struct Round {
    /// Moves of the search for each event.
    moves: usize,
    /// The temperature at the beginning.
    warm: f64,
    /// Steps of the bound.
    steps: usize,
}

/// How much work is put into a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// The seed of the search.
    pub seed: u64,
    /// How often the search cools down.
    pub rounds: usize,
    /// When it ends at the latest, after its beginning.
    pub limit: Duration,
}

/// A plan and its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// A place among each event's choices; nothing where it is left out.
    pub plan: Vec<Option<usize>>,
    /// What the plan costs.
    pub objective: i64,
    /// What any plan costs at least.
    pub bound: i64,
    /// How far the plan may be from the best: (objective − bound) / objective, 0 to 1.
    pub gap: f64,
    /// Whether the time limit cut the search short.
    pub cut: bool,
}

/// Gives the share by which a cost may be above the best.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "costs stay far below 2^53")]
pub fn gap(objective: i64, bound: i64) -> f64 {
    match objective {
        0 => 0.0,
        _ => (objective - bound) as f64 / objective.abs() as f64,
    }
}

/// Finds a plan, from a known one if there is one, and a bound for it.
pub fn solve(problem: &Problem, known: Option<&[Option<usize>]>, effort: Effort) -> Solved {
    let over = Instant::now().checked_add(effort.limit);
    let late = || over.is_some_and(|over| Instant::now() >= over);
    let proven = AtomicI64::new(i64::MIN);
    let reached = AtomicI64::new(i64::MAX);
    let mut bound = Bound::new(problem);
    let mut search = Annealing::new(problem, effort.seed);
    if let Some(known) = known {
        search.set_out_from(known);
    }
    let mut cut = false;
    let again = ROUNDS.iter().rev().take(1).cycle();
    for round in ROUNDS.iter().chain(again).take(effort.rounds) {
        let aim = search.best().0;
        reached.store(aim, Ordering::Relaxed);
        cut = thread::scope(|scope| {
            let climbing = scope.spawn(|| {
                for _ in 0..round.steps {
                    proven.store(bound.value(), Ordering::Relaxed);
                    if bound.settled() || late() || bound.value() >= reached.load(Ordering::Relaxed) {
                        return;
                    }
                    bound.climb(aim);
                }
            });
            let stopped = search.descend(round.moves * problem.events.len(), round.warm, |best| {
                reached.store(best, Ordering::Relaxed);
                late() || best <= proven.load(Ordering::Relaxed)
            });
            reached.store(search.best().0, Ordering::Relaxed);
            climbing.join().is_err() || stopped
        });
        proven.store(bound.value(), Ordering::Relaxed);
        if cut || search.best().0 <= bound.value() {
            break;
        }
        let reduced = bound.reduced();
        search.rank(|event, place| reduced.get(event).and_then(|prices| prices.get(place)).copied().unwrap_or(0.0));
    }
    let (objective, plan) = search.best();
    let bound = bound.value().min(objective);
    Solved { plan: plan.to_vec(), objective, bound, gap: gap(objective, bound), cut: cut && objective > bound }
}
