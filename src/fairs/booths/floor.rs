//! What is a good seating, and what is it worth? The problem, its independent judge, and the seating that nobody thought about.
//!
//! A seating gives every exhibitor a booth of its own (a quadratic assignment, Koopmans and Beckmann 1957):
//!
//! ```text
//! max  Σ wish(i, b(i)) + Σ(i<j, b(i) and b(j) neighbours) affinity(i, j)
//! s.t. b(i) ≠ b(j), b(i) allowed for i
//! ```
#![expect(clippy::indexing_slicing, reason = "indices are checked once in `Floor::sound`")]

/// The most a single wish or affinity weighs.
const WEIGHT_MAX: i64 = 1_000_000;

/// Everything that decides about a seating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// What each exhibitor gains at each booth; nothing where it may not stand. Exhibitors in the order of their application.
    pub wishes: Vec<Vec<Option<i64>>>,
    /// What two exhibitors gain beside one another, at least 0; the same both ways.
    pub affinity: Vec<Vec<i64>>,
    /// The neighbours of each booth; both ways.
    pub neighbours: Vec<Vec<usize>>,
}

impl Floor {
    /// Counts the booths.
    pub fn booths(&self) -> usize {
        self.neighbours.len()
    }

    /// Tells whether every table has the right size and every index points at something that is there.
    pub fn sound(&self) -> bool {
        let (people, booths) = (self.wishes.len(), self.booths());
        let within = |weight: &i64| (0..=WEIGHT_MAX).contains(weight);
        people <= booths
            && self.wishes.iter().all(|own| own.len() == booths && own.iter().flatten().all(within))
            && self.affinity.len() == people
            && self.affinity.iter().all(|own| own.len() == people && own.iter().all(within))
            && (0..people).all(|i| (0..people).all(|j| self.affinity[i][j] == self.affinity[j][i]))
            && (0..booths).all(|b| self.neighbours[b].iter().all(|c| *c < booths && *c != b && self.neighbours[*c].contains(&b)))
    }

    /// Judges a seating from nothing but the definition: its worth, or nothing when it is none.
    pub fn judge(&self, seating: &[usize]) -> Option<i64> {
        let mut taken = vec![false; self.booths()];
        let mut worth = 0;
        for (i, booth) in seating.iter().enumerate() {
            if *booth >= taken.len() || std::mem::replace(&mut taken[*booth], true) {
                return None;
            }
            worth += (*self.wishes.get(i)?.get(*booth)?)?;
        }
        if seating.len() != self.wishes.len() {
            return None;
        }
        for i in 0..seating.len() {
            for j in i + 1..seating.len() {
                if self.neighbours[seating[i]].contains(&seating[j]) {
                    worth += self.affinity[i][j];
                }
            }
        }
        Some(worth)
    }

    /// Seats whoever comes first at the dearest booth that is left; nothing where somebody finds none.
    pub fn first_come(&self) -> Option<Vec<usize>> {
        let mut free = vec![true; self.booths()];
        let mut seating = Vec::with_capacity(self.wishes.len());
        for own in &self.wishes {
            let allowed = (0..free.len()).filter(|booth| free[*booth] && own[*booth].is_some());
            let booth = allowed.max_by_key(|booth| (own[*booth], std::cmp::Reverse(*booth)))?;
            free[booth] = false;
            seating.push(booth);
        }
        Some(seating)
    }
}
