//! How is a good seating found, and how good can one be? The bound is Gilmore and Lawler's (1962): every exhibitor at every
//! booth gains at most its wish and half of what its dearest possible neighbours bring, and those gains are assigned at best.
//! The seating is found by annealing (Kirkpatrick, Gelatt and Vecchi 1983) from the best wishes, from the assignment of the
//! bound and from the order of application; the same seed gives the same seating.
#![expect(clippy::indexing_slicing, reason = "every index comes from a floor that was checked with `Floor::sound`")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "gains stay far below 2^53")]

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::floor::Floor;
use super::hungarian::assign;

/// How many exchanges are tried for each exhibitor and start.
const TRIES_EACH: usize = 2_000;
/// How many exchanges are tried for one start at least and at most.
const TRIES: std::ops::RangeInclusive<usize> = 4_000..=300_000;
/// The temperature at the end of a descent, in units of gain.
const COLD: f64 = 0.2;
/// Nobody's place.
const NOBODY: usize = usize::MAX;

/// A seating and its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Seating {
    /// The booth of each exhibitor.
    pub booths: Vec<usize>,
    /// What it is worth.
    pub objective: i64,
    /// What no seating exceeds.
    pub bound: i64,
    /// (bound − objective) / bound, 0 to 1.
    pub gap: f64,
    /// What it is worth when whoever comes first takes the dearest booth left; nothing where somebody would find none.
    pub first_come: Option<i64>,
}

/// Seats the exhibitors; nothing where no seating allows everybody a booth.
pub fn seat(floor: &Floor, seed: u64) -> Option<Seating> {
    if !floor.sound() {
        return None;
    }
    let (by_wish, _) = assign(&floor.wishes)?;
    let (by_bound, twice) = assign(&doubled(floor))?;
    let bound = twice.div_euclid(2);
    let first = floor.first_come();
    let first_come = first.as_deref().and_then(|seating| floor.judge(seating));
    let mut random = StdRng::seed_from_u64(seed);
    let mut best: Option<(i64, Vec<usize>)> = None;
    for start in [Some(by_bound), first, Some(by_wish)].into_iter().flatten() {
        let found = Search::new(floor, start).run(&mut random);
        if best.as_ref().is_none_or(|(worth, _)| found.0 > *worth) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|(worth, _)| *worth == bound) {
            break;
        }
    }
    let (objective, booths) = best?;
    let gap = if bound > 0 { (bound - objective) as f64 / bound as f64 } else { 0.0 };
    Some(Seating { booths, objective, bound, gap, first_come })
}

/// Gives twice what an exhibitor gains at a booth at most: twice its wish, and its dearest neighbours as many as the booth has.
fn doubled(floor: &Floor) -> Vec<Vec<Option<i64>>> {
    let row = |(i, own): (usize, &Vec<Option<i64>>)| {
        let mut dearest: Vec<i64> =
            floor.affinity[i].iter().enumerate().filter(|(j, _)| *j != i).map(|(_, gain)| *gain).collect();
        dearest.sort_unstable_by(|one, other| other.cmp(one));
        let beside = |booth: usize| dearest.iter().take(floor.neighbours[booth].len()).sum::<i64>();
        own.iter().enumerate().map(|(booth, wish)| wish.map(|wish| 2 * wish + beside(booth))).collect()
    };
    floor.wishes.iter().enumerate().map(row).collect()
}

struct Search<'a> {
    floor: &'a Floor,
    booth_of: Vec<usize>,
    who_at: Vec<usize>,
    worth: i64,
}

impl<'a> Search<'a> {
    fn new(floor: &'a Floor, booth_of: Vec<usize>) -> Search<'a> {
        let mut who_at = vec![NOBODY; floor.booths()];
        booth_of.iter().enumerate().for_each(|(i, booth)| who_at[*booth] = i);
        let worth = floor.judge(&booth_of).unwrap_or(0);
        Search { floor, booth_of, who_at, worth }
    }

    /// What somebody at a booth gains from the neighbours there, one of whom is passed over.
    fn beside(&self, i: usize, booth: usize, but: usize) -> i64 {
        let others = self.floor.neighbours[booth].iter().map(|booth| self.who_at[*booth]);
        others.filter(|j| *j != NOBODY && *j != i && *j != but).map(|j| self.floor.affinity[i][j]).sum()
    }

    /// What is gained when somebody moves to a booth and whoever is there takes the one left; nothing where that is forbidden.
    fn gain(&self, i: usize, to: usize) -> Option<i64> {
        let (from, j) = (self.booth_of[i], self.who_at[to]);
        let wishes = &self.floor.wishes;
        let mut gain = wishes[i][to]? - wishes[i][from]? + self.beside(i, to, j) - self.beside(i, from, j);
        if j != NOBODY {
            // What the two gain from one another does not change: neighbours stay neighbours.
            gain += wishes[j][from]? - wishes[j][to]? + self.beside(j, from, i) - self.beside(j, to, i);
        }
        Some(gain)
    }

    fn exchange(&mut self, i: usize, to: usize, gain: i64) {
        let (from, j) = (self.booth_of[i], self.who_at[to]);
        (self.booth_of[i], self.who_at[to], self.who_at[from]) = (to, i, j);
        if j != NOBODY {
            self.booth_of[j] = from;
        }
        self.worth += gain;
    }

    fn run(mut self, random: &mut StdRng) -> (i64, Vec<usize>) {
        let (people, booths) = (self.booth_of.len(), self.who_at.len());
        let mut best = (self.worth, self.booth_of.clone());
        if people == 0 || booths < 2 {
            return best;
        }
        let tries = (people * TRIES_EACH).clamp(*TRIES.start(), *TRIES.end());
        let mut hot = self.hot(random);
        let cooling = (COLD / hot).powf(1.0 / tries as f64);
        for _ in 0..tries {
            hot *= cooling;
            let (i, to) = (random.random_range(0..people), random.random_range(0..booths));
            if self.booth_of[i] == to {
                continue;
            }
            let Some(gain) = self.gain(i, to) else { continue };
            if gain >= 0 || random.random::<f64>() < (gain as f64 / hot).exp() {
                self.exchange(i, to, gain);
                if self.worth > best.0 {
                    best = (self.worth, self.booth_of.clone());
                }
            }
        }
        (self.booth_of, self.who_at) = (best.1.clone(), Search::new(self.floor, best.1).who_at);
        self.worth = best.0;
        self.climb();
        (self.worth, self.booth_of)
    }

    /// The temperature to begin with: what an exchange costs on average.
    fn hot(&self, random: &mut StdRng) -> f64 {
        let (people, booths) = (self.booth_of.len(), self.who_at.len());
        let mut losses = Vec::new();
        for _ in 0..200 {
            let (i, to) = (random.random_range(0..people), random.random_range(0..booths));
            losses.extend(self.gain(i, to).filter(|gain| *gain < 0 && self.booth_of[i] != to).map(|gain| -gain as f64));
        }
        (losses.iter().sum::<f64>() / losses.len().max(1) as f64).max(2.0 * COLD)
    }

    /// Takes every exchange that gains, until there is none.
    fn climb(&mut self) {
        loop {
            let before = self.worth;
            for i in 0..self.booth_of.len() {
                for to in 0..self.who_at.len() {
                    if self.booth_of[i] != to
                        && let Some(gain) = self.gain(i, to).filter(|gain| *gain > 0)
                    {
                        self.exchange(i, to, gain);
                    }
                }
            }
            if self.worth == before {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Booths in rows of ten back to back, exhibitors of so many crafts with up to three wishes each.
    fn hall(seed: u64, people: usize, booths: usize, crafts: usize) -> Floor {
        let mut random = StdRng::seed_from_u64(seed);
        let near = |one: usize, other: usize| {
            let (row, column) = ((one / 10).abs_diff(other / 10), (one % 10).abs_diff(other % 10));
            row + column == 1
        };
        let neighbours = (0..booths).map(|one| (0..booths).filter(|other| near(one, *other)).collect()).collect();
        let craft: Vec<usize> = (0..people).map(|_| random.random_range(0..crafts)).collect();
        let affinity = |i: usize, j: usize| {
            if i == j {
                0
            } else if craft[i] == craft[j] {
                6
            } else if craft[i] / 3 == craft[j] / 3 {
                3
            } else {
                0
            }
        };
        let affinity = (0..people).map(|i| (0..people).map(|j| affinity(i, j)).collect()).collect();
        let mut wishes = vec![vec![Some(0); booths]; people];
        for own in &mut wishes {
            for gain in [10, 20, 30] {
                // Booths near the entrance are wished for more often.
                own[random.random_range(0..booths).min(random.random_range(0..booths))] = Some(gain);
            }
        }
        Floor { wishes, affinity, neighbours }
    }

    fn best(floor: &Floor, seating: &mut Vec<usize>) -> Option<i64> {
        if seating.len() == floor.wishes.len() {
            return floor.judge(seating);
        }
        let mut most = None;
        for booth in 0..floor.booths() {
            if !seating.contains(&booth) && floor.wishes[seating.len()][booth].is_some() {
                seating.push(booth);
                most = most.max(best(floor, seating));
                seating.pop();
            }
        }
        most
    }

    #[test]
    fn small_halls_are_seated_as_well_as_can_be_and_within_the_bound() {
        for seed in 0..40 {
            let mut floor = hall(seed, 5 + usize::try_from(seed % 2).unwrap(), 7, 3);
            if seed % 3 == 0 {
                floor.wishes[0] = (0..7).map(|booth| (booth == 4).then_some(1)).collect();
            }
            let found = seat(&floor, seed).unwrap();
            assert_eq!(floor.judge(&found.booths), Some(found.objective));
            assert_eq!(Some(found.objective), best(&floor, &mut Vec::new()), "hall {seed}");
            assert!(found.objective <= found.bound && found.first_come.is_none_or(|first| first <= found.objective));
        }
    }

    #[test]
    fn a_hall_of_fifty_is_worth_much_more_than_first_come() {
        for seed in 0..3 {
            let floor = hall(seed, 46, 50, 12);
            let found = seat(&floor, 1).unwrap();
            assert_eq!(floor.judge(&found.booths), Some(found.objective));
            assert!(found.objective * 100 > found.first_come.unwrap() * 115 && found.gap < 0.3, "{found:?}");
            assert_eq!(seat(&floor, 1), Some(found));
        }
    }

    #[test]
    fn nobody_is_seated_where_there_is_no_place_for_all() {
        let floor = |wishes: Vec<Vec<Option<i64>>>| Floor {
            affinity: vec![vec![0; wishes.len()]; wishes.len()],
            wishes,
            neighbours: vec![vec![1], vec![0]],
        };
        assert_eq!(seat(&floor(vec![vec![Some(1), None], vec![Some(1), None]]), 1), None);
        assert_eq!(seat(&floor(vec![vec![Some(1); 2]; 3]), 1), None);
        assert_eq!(seat(&floor(Vec::new()), 1).map(|seating| seating.booths), Some(Vec::new()));
        assert_eq!(
            seat(&floor(vec![vec![None, Some(3)], vec![Some(0), Some(9)]]), 1).map(|seating| seating.booths),
            Some(vec![1, 0])
        );
    }
}
