//! Which are the best k so far? Keys that order as score down, id up, kept sorted: k is small.

use super::score::Hit;

/// The best `k` of what was offered.
#[derive(Debug, Clone)]
pub struct Top {
    k: usize,
    /// `score << 32 | !id`, the greatest first.
    keys: Vec<u64>,
}

impl Top {
    /// Starts with nothing.
    pub fn new(k: usize) -> Top {
        Top { k, keys: Vec::with_capacity(k + 1) }
    }

    /// The least score that may still come in; 0 while there is room.
    pub fn threshold(&self) -> i64 {
        if self.keys.len() < self.k { 0 } else { self.keys.last().map_or(0, |key| i64::try_from(key >> 32).unwrap_or(i64::MAX)) }
    }

    /// Takes a pair in if it is among the best; says whether it is.
    pub fn offer(&mut self, hit: Hit) -> bool {
        let key = u64::try_from(hit.score).unwrap_or(0) << 32 | u64::from(!hit.id);
        if self.keys.len() == self.k {
            if self.keys.last().is_none_or(|worst| key <= *worst) {
                return false;
            }
            self.keys.pop();
        }
        let at = self.keys.iter().rposition(|better| *better > key).map_or(0, |last| last + 1);
        self.keys.insert(at, key);
        true
    }

    /// Gives the pairs, the best first.
    pub fn finish(self) -> Vec<Hit> {
        let hit = |key: u64| Hit {
            id: !u32::try_from(key & u64::from(u32::MAX)).unwrap_or(0),
            score: i64::try_from(key >> 32).unwrap_or(0),
        };
        self.keys.into_iter().map(hit).collect()
    }
}
