//! Something has changed: what has to move? The same problem with another aim: first leave out as few as possible, then move
//! as few as possible, and only then be as cheap as before.

use super::model::{Choice, Problem};
use super::solve::{Effort, Solved, solve};

/// What an event costs that moves to another day; more than any detour.
const MOVED_COST: i64 = 10_000;
/// What an event costs that keeps its day in another venue.
const REHOUSED_COST: i64 = 1_000;
/// What leaving an event out costs on top, so that moving many is better than leaving one out.
const LEFT_OUT_COST: i64 = 100 * MOVED_COST;

/// An event that a repair moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The event.
    pub event: usize,
    /// Where it was.
    pub from: Choice,
    /// Where it is now; nothing when no place was left.
    pub to: Option<Choice>,
}

/// A repaired plan; `objective`, `bound` and `gap` of `solved` count what moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The plan and its proof.
    pub solved: Solved,
    /// What moved.
    pub moved: Vec<Moved>,
    /// Whether it is proven that no plan leaves out and moves fewer.
    pub fewest: bool,
}

/// Plans again after a change; `before` holds where the events stood, in the order of the problem's events, and nothing for
/// those that are new or were left out.
pub fn repair(problem: &Problem, before: &[Option<Choice>], effort: Effort) -> Repaired {
    let mut aim = problem.clone();
    let mut known = Vec::new();
    for (event, stood) in aim.events.iter_mut().zip(before.iter().copied().chain(std::iter::repeat(None))) {
        event.left_out += LEFT_OUT_COST;
        known.push(stood.and_then(|stood| event.choices.iter().position(|choice| choice.day == stood.day)));
        let Some(stood) = stood else { continue };
        for choice in &mut event.choices {
            choice.cost += match (choice.day == stood.day, choice.venue == stood.venue) {
                (true, true) => 0,
                (true, false) => REHOUSED_COST,
                (false, _) => MOVED_COST,
            };
        }
    }
    let solved = solve(&aim, Some(&known), effort);
    let mut moved = Vec::new();
    for (at, (event, stood)) in problem.events.iter().zip(before).enumerate() {
        let to = solved.plan.get(at).copied().flatten().and_then(|place| event.choices.get(place)).copied();
        let same = |from: &Choice| to.is_some_and(|to| to.day == from.day && to.venue == from.venue);
        if let Some(from) = stood.filter(|from| !same(from)) {
            moved.push(Moved { event: at, from, to });
        }
    }
    let fewest = solved.objective / REHOUSED_COST == solved.bound / REHOUSED_COST;
    Repaired { solved, moved, fewest }
}
