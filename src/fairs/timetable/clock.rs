//! At what time is a slot, and at which desk? Slots become clock times around breaks, with time to walk between them.

use super::model::Interviews;

/// The hours of a fair, in minutes from any beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// When the first interview may begin.
    pub opens: i64,
    /// When the last interview must be over.
    pub closes: i64,
    /// How long an interview takes, at least 1.
    pub interview: i64,
    /// How long it takes to walk to the next desk.
    pub walk: i64,
    /// When nobody is interviewed: from, to.
    pub breaks: Vec<(i64, i64)>,
}

/// One slot in minutes: from, to.
pub type Times = (i64, i64);

impl Clock {
    /// Gives the times of the slots, at most so many, none of them touching a break.
    pub fn slots(&self, most: usize) -> Vec<Times> {
        let mut slots = Vec::new();
        let mut from = self.opens;
        while slots.len() < most && self.interview > 0 {
            let to = from + self.interview;
            if to > self.closes {
                break;
            }
            match self.breaks.iter().filter(|(begins, ends)| *begins < to && from < *ends).map(|(_, ends)| *ends).max() {
                Some(ends) => from = ends,
                None => {
                    slots.push((from, to));
                    from = to + self.walk.max(0);
                }
            }
        }
        slots
    }
}

/// Tells whether two times overlap.
pub fn overlap(one: Times, other: Times) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// Gives every granted wish a desk of its employer, counted from 0; a desk given before is kept where it can be.
pub fn desks(world: &Interviews, slots: &[Option<usize>], before: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut taken = std::collections::BTreeSet::new();
    let mut desks = vec![None; slots.len()];
    for keep in [true, false] {
        for (at, wish) in world.wishes.iter().enumerate() {
            let (Some(slot), Some(None)) = (slots.get(at).copied().flatten(), desks.get(at)) else { continue };
            let interviewers = world.employers.get(wish.employer).map_or(0, |employer| employer.interviewers);
            let old = before.get(at).copied().flatten().filter(|desk| *desk < interviewers);
            let free = |desk: &usize| !taken.contains(&(wish.employer, slot, *desk));
            let desk = if keep { old.filter(free) } else { (0..interviewers).find(free) };
            if let (Some(desk), Some(cell)) = (desk, desks.get_mut(at)) {
                taken.insert((wish.employer, slot, desk));
                *cell = Some(desk);
            }
        }
    }
    desks
}
