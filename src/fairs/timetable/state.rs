//! Who is where in which slot? A timetable under construction, free of clashes at every step, that can be taken back.
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Interviews::sound`")]

use super::model::{Interviews, Slots, Wish, each_slot};

/// No wish.
const NOTHING: usize = usize::MAX;

/// A timetable under construction.
pub struct State<'a> {
    world: &'a Interviews,
    slot: Vec<Option<usize>>,
    /// The wish granted to a graduate in a slot, at `graduate · slots + slot`.
    of_graduate: Vec<usize>,
    /// The wishes granted at an employer in a slot.
    at_employer: Vec<Vec<usize>>,
    graduate_free: Vec<Slots>,
    employer_free: Vec<Slots>,
    granted: Vec<usize>,
    weight: i64,
    /// Every change since the last `mark`: the wish, and its slot before.
    changes: Vec<(usize, Option<usize>)>,
}

impl<'a> State<'a> {
    /// Begins with no interview.
    pub fn new(world: &'a Interviews) -> State<'a> {
        let free = |employer: &super::model::Employer| if employer.interviewers == 0 { 0 } else { employer.open };
        State {
            world,
            slot: vec![None; world.wishes.len()],
            of_graduate: vec![NOTHING; world.graduates.len() * world.slots],
            at_employer: vec![Vec::new(); world.employers.len() * world.slots],
            graduate_free: world.graduates.iter().map(|graduate| graduate.open).collect(),
            employer_free: world.employers.iter().map(free).collect(),
            granted: vec![0; world.graduates.len()],
            weight: 0,
            changes: Vec::new(),
        }
    }

    /// Gives the slot of each wish.
    pub fn slots(&self) -> &[Option<usize>] {
        &self.slot
    }

    /// Gives the weight of the wishes granted.
    pub fn weight(&self) -> i64 {
        self.weight
    }

    /// Gives the slots in which both sides of a wish are free; none when the graduate has enough interviews.
    pub fn free(&self, wish: usize) -> Slots {
        let Wish { graduate, employer, .. } = self.world.wishes[wish];
        match self.granted[graduate] < self.world.graduates[graduate].most {
            true => self.graduate_free[graduate] & self.employer_free[employer],
            false => 0,
        }
    }

    /// Gives the wish granted to a graduate in a slot.
    pub fn graduate_at(&self, graduate: usize, slot: usize) -> Option<usize> {
        Some(self.of_graduate[graduate * self.world.slots + slot]).filter(|wish| *wish != NOTHING)
    }

    /// Gives the wishes granted at an employer in a slot.
    pub fn employer_at(&self, employer: usize, slot: usize) -> &[usize] {
        &self.at_employer[employer * self.world.slots + slot]
    }

    /// Tells whether an employer is there and has an interviewer left in a slot.
    pub fn has_room(&self, employer: usize, slot: usize) -> bool {
        self.employer_free[employer] >> slot & 1 == 1
    }

    /// Gives the lightest wish granted to a graduate who has enough interviews.
    pub fn lightest_if_enough(&self, graduate: usize) -> Option<usize> {
        if self.granted[graduate] < self.world.graduates[graduate].most {
            return None;
        }
        let granted = (0..self.world.slots).filter_map(|slot| self.graduate_at(graduate, slot));
        granted.min_by_key(|wish| (self.world.wishes[*wish].weight, *wish))
    }

    /// Grants a wish in a slot that is free on both sides.
    pub fn place(&mut self, wish: usize, slot: usize) {
        let Wish { graduate, employer, weight } = self.world.wishes[wish];
        self.changes.push((wish, None));
        self.slot[wish] = Some(slot);
        self.of_graduate[graduate * self.world.slots + slot] = wish;
        self.graduate_free[graduate] &= !(1 << slot);
        self.granted[graduate] += 1;
        self.weight += weight;
        let here = &mut self.at_employer[employer * self.world.slots + slot];
        here.push(wish);
        if here.len() >= self.world.employers[employer].interviewers {
            self.employer_free[employer] &= !(1 << slot);
        }
    }

    /// Takes a wish back.
    pub fn remove(&mut self, wish: usize) {
        let Some(slot) = self.slot[wish].take() else { return };
        let Wish { graduate, employer, weight } = self.world.wishes[wish];
        self.changes.push((wish, Some(slot)));
        self.of_graduate[graduate * self.world.slots + slot] = NOTHING;
        self.graduate_free[graduate] |= 1 << slot;
        self.granted[graduate] -= 1;
        self.weight -= weight;
        self.at_employer[employer * self.world.slots + slot].retain(|other| *other != wish);
        self.employer_free[employer] |= 1 << slot;
    }

    /// Makes the present state the one to which `take_back` returns.
    pub fn mark(&mut self) {
        self.changes.clear();
    }

    /// Gives how many changes were made since the mark.
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    /// Returns to the state after so many changes since the mark.
    pub fn take_back(&mut self, to: usize) {
        while self.changes.len() > to {
            let Some((wish, before)) = self.changes.pop() else { return };
            match before {
                None => self.remove(wish),
                Some(slot) => self.place(wish, slot),
            }
            self.changes.pop();
        }
    }

    /// Grants a wish in the first slot that is free on both sides.
    pub fn insert(&mut self, wish: usize) -> bool {
        let Some(slot) = each_slot(self.free(wish)).next() else { return false };
        self.place(wish, slot);
        true
    }

    /// Grants a wish in a slot in which the graduate is free but the employer is not, by exchanging that slot with another
    /// along an alternating path (a Kempe chain); the path may only lead where everybody is there in both slots.
    pub fn insert_by_chain(&mut self, wish: usize) -> bool {
        let Wish { graduate, employer, .. } = self.world.wishes[wish];
        if self.granted[graduate] >= self.world.graduates[graduate].most {
            return false;
        }
        let wanted = self.graduate_free[graduate] & self.world.employers[employer].open;
        for first in each_slot(wanted) {
            for second in each_slot(self.employer_free[employer]) {
                if let Some(path) = self.chain(wish, first, second) {
                    path.iter().for_each(|(moved, _)| self.remove(*moved));
                    path.iter().for_each(|(moved, slot)| self.place(*moved, *slot));
                    self.place(wish, first);
                    return true;
                }
            }
        }
        false
    }

    /// Follows the path that frees an interviewer for a wish in the first slot, whose employer has one in the second.
    fn chain(&self, wish: usize, first: usize, second: usize) -> Option<Vec<(usize, usize)>> {
        let Wish { graduate: origin, mut employer, .. } = self.world.wishes[wish];
        let mut path: Vec<(usize, usize)> = Vec::new();
        loop {
            let here = self.employer_at(employer, first).iter().rev();
            let fits = |other: &&usize| {
                let open = self.world.graduates[self.world.wishes[**other].graduate].open;
                open >> second & 1 == 1 && path.iter().all(|(moved, _)| moved != *other)
            };
            let moved = *here.copied().collect::<Vec<_>>().iter().find(fits)?;
            path.push((moved, second));
            let graduate = self.world.wishes[moved].graduate;
            if graduate == origin {
                return None;
            }
            let Some(next) = self.graduate_at(graduate, second) else { return Some(path) };
            employer = self.world.wishes[next].employer;
            if self.world.employers[employer].open >> first & 1 == 0 {
                return None;
            }
            path.push((next, first));
            if self.has_room(employer, first) {
                return Some(path);
            }
        }
    }

    /// Grants a wish by moving at most so many other interviews to other slots, each exactly once.
    pub fn insert_moving(&mut self, wish: usize, moves: usize, moving: &mut Vec<usize>) -> bool {
        if self.insert(wish) {
            return true;
        }
        let Wish { graduate, employer, .. } = self.world.wishes[wish];
        if moves == 0 || self.granted[graduate] >= self.world.graduates[graduate].most {
            return false;
        }
        moving.push(wish);
        for slot in each_slot(self.world.common(wish)) {
            let busy = match (self.graduate_at(graduate, slot), self.has_room(employer, slot)) {
                (Some(other), true) => vec![other],
                (None, false) => self.employer_at(employer, slot).to_vec(),
                _ => continue,
            };
            for other in busy.into_iter().filter(|other| !moving.contains(other)).collect::<Vec<_>>() {
                let before = self.changes();
                self.remove(other);
                self.place(wish, slot);
                if self.insert_moving(other, moves - 1, moving) {
                    moving.pop();
                    return true;
                }
                self.take_back(before);
            }
        }
        moving.pop();
        false
    }
}
