//! What is a timetable of interviews, and what makes it good? The problem, and its independent judge.
//!
//! Wishes are the edges of a bipartite multigraph between graduates and employers; a timetable colours some of them with
//! slots so that a graduate has one interview in a slot and an employer no more than it has interviewers:
//!
//! ```text
//! max  Σ weight(w)·x(w,t)
//! s.t. Σ(t) x(w,t) ≤ 1                     a wish is granted once, in a slot open to both
//!      Σ(w of g) x(w,t) ≤ 1                nobody in two places
//!      Σ(w of e) x(w,t) ≤ interviewers(e)
//!      Σ(w of g, t) x(w,t) ≤ most(g)
//! ```
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Interviews::sound`")]

/// How many slots a timetable has at most.
pub const SLOTS_MAX: usize = 128;

/// The slots of a timetable as a set: bit t stands for slot t.
pub type Slots = u128;

/// Gives the set of the first slots.
pub fn first_slots(count: usize) -> Slots {
    if count >= SLOTS_MAX { Slots::MAX } else { (1 << count) - 1 }
}

/// Gives the slots of a set, the earliest first.
pub fn each_slot(mut set: Slots) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let slot = usize::try_from(set.trailing_zeros()).ok().filter(|slot| *slot < SLOTS_MAX)?;
        set &= set - 1;
        Some(slot)
    })
}

/// Counts the slots of a set.
pub fn count(set: Slots) -> usize {
    usize::try_from(set.count_ones()).unwrap_or(SLOTS_MAX)
}

/// An employer at the fair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Employer {
    /// How many interviews it holds at once.
    pub interviewers: usize,
    /// When it is there.
    pub open: Slots,
}

/// A graduate at the fair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Graduate {
    /// When the graduate is there.
    pub open: Slots,
    /// How many interviews the graduate has at most.
    pub most: usize,
}

/// A wish for an interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The graduate.
    pub graduate: usize,
    /// The employer.
    pub employer: usize,
    /// How much it is wished for, at least 1.
    pub weight: i64,
}

/// Everything that decides about a timetable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interviews {
    /// How many slots there are.
    pub slots: usize,
    /// The employers.
    pub employers: Vec<Employer>,
    /// The graduates.
    pub graduates: Vec<Graduate>,
    /// The wishes.
    pub wishes: Vec<Wish>,
}

impl Interviews {
    /// Tells whether every index points at something that is there.
    pub fn sound(&self) -> bool {
        let all = first_slots(self.slots);
        let wish = |wish: &Wish| {
            wish.graduate < self.graduates.len()
                && wish.employer < self.employers.len()
                && (1..=i64::from(u32::MAX)).contains(&wish.weight)
        };
        self.slots <= SLOTS_MAX
            && self.employers.iter().all(|employer| employer.open & !all == 0)
            && self.graduates.iter().all(|graduate| graduate.open & !all == 0)
            && self.wishes.iter().all(wish)
    }

    /// Gives the slots in which both sides of a wish are there.
    pub fn common(&self, wish: usize) -> Slots {
        let Wish { graduate, employer, .. } = self.wishes[wish];
        self.graduates[graduate].open & self.employers[employer].open
    }

    /// Gives how many interviews a graduate can have.
    pub fn graduate_most(&self, graduate: usize) -> usize {
        let graduate = self.graduates[graduate];
        graduate.most.min(count(graduate.open))
    }

    /// Gives how many interviews an employer can hold.
    pub fn employer_most(&self, employer: usize) -> usize {
        let employer = self.employers[employer];
        employer.interviewers * count(employer.open)
    }

    /// Judges a timetable from nothing but the definition: the weight of the wishes granted, or nothing when it has a clash.
    pub fn judge(&self, timetable: &[Option<usize>]) -> Option<i64> {
        let mut weight = 0;
        let mut at_employer = vec![0; self.employers.len() * self.slots];
        let mut at_graduate = vec![0; self.graduates.len() * self.slots];
        let mut granted = vec![0; self.graduates.len()];
        for (at, slot) in timetable.iter().enumerate() {
            let Some(slot) = *slot else { continue };
            let wish = self.wishes[at];
            if slot >= self.slots || self.common(at) >> slot & 1 == 0 {
                return None;
            }
            weight += wish.weight;
            at_employer[wish.employer * self.slots + slot] += 1;
            at_graduate[wish.graduate * self.slots + slot] += 1;
            granted[wish.graduate] += 1;
        }
        let employers = at_employer.chunks(self.slots.max(1)).zip(&self.employers);
        let fits = employers.into_iter().all(|(used, employer)| used.iter().all(|count| *count <= employer.interviewers));
        let once = at_graduate.iter().all(|count| *count <= 1);
        let few = granted.iter().zip(&self.graduates).all(|(granted, graduate)| *granted <= graduate.most);
        (fits && once && few).then_some(weight)
    }
}
