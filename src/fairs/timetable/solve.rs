//! Which interviews are held when? The heaviest matching first, coloured with slots; where absences stand in the way, by
//! chains of exchanges and then by annealing towards the matching's weight, which no timetable can exceed.
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Interviews::sound`")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "weights and counts stay far below 2^53")]

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::matching::heaviest;
use super::model::{Interviews, Wish, each_slot};
use super::state::State;

/// Moves for each wish in every round.
const MOVES: usize = 400;
/// The temperature at the beginning of a round, in units of weight.
const WARM: f64 = 12.0;
/// The temperature at its end.
const COLD: f64 = 0.5;
/// How many moves are made between two looks at whether to stop.
const BETWEEN_LOOKS: usize = 64;
/// How many interviews are moved for one more at most, when a timetable is filled.
const FILL_MOVES: usize = 3;
/// How many interviews are moved for one more at most, when a timetable is mended.
const MEND_MOVES: usize = 2;

/// How much work is put into a timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// The seed of the search.
    pub seed: u64,
    /// How often the search cools down.
    pub rounds: usize,
    /// When it ends at the latest, after its beginning.
    pub limit: Duration,
}

/// A timetable and its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Timetable {
    /// The slot of each wish; nothing where it is not granted.
    pub slots: Vec<Option<usize>>,
    /// The weight of the wishes granted.
    pub objective: i64,
    /// The weight that no timetable exceeds.
    pub bound: i64,
    /// (bound − objective) / bound, 0 to 1.
    pub gap: f64,
}

fn answer(slots: Vec<Option<usize>>, objective: i64, bound: i64) -> Timetable {
    let gap = if bound == 0 { 0.0 } else { (bound - objective) as f64 / bound as f64 };
    Timetable { slots, objective, bound, gap }
}

/// Makes a timetable. The same seed and rounds give the same one, unless the limit cuts the search short.
pub fn solve(world: &Interviews, effort: Effort) -> Timetable {
    let over = Instant::now().checked_add(effort.limit);
    let late = || over.is_some_and(|over| Instant::now() >= over);
    let (chosen, bound) = heaviest(world);
    let mut state = State::new(world);
    let mut order: Vec<usize> = (0..world.wishes.len()).collect();
    order.sort_by_key(|wish| (!chosen[*wish], world.common(*wish).count_ones(), -world.wishes[*wish].weight, *wish));
    for wish in order {
        if state.weight() == bound || late() {
            break;
        }
        if !state.insert(wish) && !state.insert_by_chain(wish) {
            state.insert_moving(wish, FILL_MOVES, &mut Vec::new());
        }
    }
    let mut best = (state.weight(), state.slots().to_vec());
    let mut random = StdRng::seed_from_u64(effort.seed);
    for _ in 0..effort.rounds {
        if best.0 == bound || late() {
            break;
        }
        anneal(world, &mut state, &mut best, bound, &mut random, &late);
    }
    answer(best.1, best.0, bound)
}

/// Cools down once: a wish that is not granted takes a slot, and whoever stands there looks for another.
fn anneal(
    world: &Interviews,
    state: &mut State,
    best: &mut (i64, Vec<Option<usize>>),
    bound: i64,
    random: &mut StdRng,
    late: &impl Fn() -> bool,
) {
    let moves = MOVES * world.wishes.len();
    let mut temperature = WARM;
    for made in 0..moves {
        if made % BETWEEN_LOOKS == 0 {
            if best.0 == bound || late() {
                return;
            }
            temperature = WARM * ((COLD / WARM).ln() * made as f64 / moves as f64).exp();
        }
        let wish = random.random_range(0..world.wishes.len());
        let worse = -temperature * (1.0 - random.random::<f64>()).ln();
        if state.slots()[wish].is_some() {
            continue;
        }
        let before = state.weight();
        state.mark();
        if take_slot(world, state, wish, random) && (before - state.weight()) as f64 <= worse {
            if state.weight() > best.0 {
                *best = (state.weight(), state.slots().to_vec());
            }
        } else {
            state.take_back(0);
        }
    }
}

/// Grants a wish in a random slot and lets those who must leave look for another slot.
fn take_slot(world: &Interviews, state: &mut State, wish: usize, random: &mut StdRng) -> bool {
    let common = world.common(wish);
    if common == 0 {
        return false;
    }
    let free = state.free(wish);
    let drawn = random.random_range(0..super::model::count(if free == 0 { common } else { free }));
    let Some(slot) = each_slot(if free == 0 { common } else { free }).nth(drawn) else { return false };
    let Wish { graduate, employer, .. } = world.wishes[wish];
    let mut left: Vec<usize> = state.graduate_at(graduate, slot).into_iter().collect();
    left.iter().for_each(|other| state.remove(*other));
    if let Some(lightest) = state.lightest_if_enough(graduate) {
        state.remove(lightest);
        left.push(lightest);
    }
    if !state.has_room(employer, slot) {
        let here = state.employer_at(employer, slot);
        let Some(other) = here.get(random.random_range(0..here.len().max(1))).copied() else { return false };
        state.remove(other);
        left.push(other);
    }
    state.place(wish, slot);
    for other in left {
        if !state.insert(other) {
            state.insert_by_chain(other);
        }
    }
    true
}

/// What a mended timetable changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// The timetable and its proof.
    pub timetable: Timetable,
    /// The wishes that were granted in another slot before.
    pub moved: Vec<usize>,
    /// The wishes that were granted before and are not any more.
    pub lost: Vec<usize>,
}

/// Mends a timetable after a cancellation or a late arrival with the least disturbance: whatever still fits stays; what lost
/// its slot and what is new gets a free one, or one that the fewest others make free by moving.
pub fn mend(world: &Interviews, before: &[Option<usize>]) -> Mended {
    let mut state = State::new(world);
    let was = |wish: usize| before.get(wish).copied().flatten();
    for wish in 0..world.wishes.len() {
        if let Some(slot) = was(wish).filter(|slot| state.free(wish) >> slot & 1 == 1) {
            state.place(wish, slot);
        }
    }
    let mut rest: Vec<usize> = (0..world.wishes.len()).filter(|wish| state.slots()[*wish].is_none()).collect();
    rest.sort_by_key(|wish| (was(*wish).is_none(), -world.wishes[*wish].weight, *wish));
    for moves in 0..=MEND_MOVES {
        rest.retain(|wish| {
            state.mark();
            !state.insert_moving(*wish, moves, &mut Vec::new())
        });
    }
    let now = |wish: &usize| state.slots()[*wish];
    let granted = |wish: &usize| was(*wish).is_some();
    let moved = (0..world.wishes.len()).filter(|wish| granted(wish) && now(wish).is_some() && now(wish) != was(*wish));
    let lost = (0..world.wishes.len()).filter(|wish| granted(wish) && now(wish).is_none());
    let (moved, lost) = (moved.collect(), lost.collect());
    let timetable = answer(state.slots().to_vec(), state.weight(), heaviest(world).1);
    Mended { timetable, moved, lost }
}
