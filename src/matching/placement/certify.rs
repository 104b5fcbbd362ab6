//! Is a placement what it claims to be? Judged from the market and the placement alone, by none of the code that made it.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "numbers given out by `Market::parse`, below 2^32")]

use super::market::{Market, NONE};

/// Where everybody stands after a placement.
#[derive(Debug)]
pub struct Standing<'a> {
    pub(super) market: &'a Market,
    /// The application by which each graduate is placed, or `NONE`.
    pub(super) placed: &'a [u32],
    /// How many each place holds, with all that stand within it.
    load: Vec<u32>,
    /// The weakest application in each place, by key.
    weakest: Vec<u64>,
}

impl<'a> Standing<'a> {
    /// Looks at a placement; none where somebody is placed off their list or a place holds more than it takes.
    pub fn of(market: &'a Market, placed: &'a [u32]) -> Option<Standing<'a>> {
        let mut standing =
            Standing { market, placed, load: vec![0; market.places.len()], weakest: vec![u64::MAX; market.places.len()] };
        for (graduate, application) in standing.applications() {
            if !market.list(graduate).contains(&application) {
                return None;
            }
            let key = market.key(graduate, application);
            for place in market.chain(market.place_of(application)) {
                standing.load[place] += 1;
                standing.weakest[place] = standing.weakest[place].min(key);
            }
        }
        let fits = standing.load.iter().zip(&market.places).all(|(load, place)| *load <= place.most);
        (fits && placed.len() == market.graduates()).then_some(standing)
    }

    /// Gives those who are placed, and the application by which they are.
    pub fn applications(&self) -> impl Iterator<Item = (usize, usize)> + use<'a> {
        let placed = self.placed.iter().enumerate();
        placed.filter(|(_, application)| **application != NONE).map(|(graduate, application)| (graduate, *application as usize))
    }

    /// Gives the innermost full place that an application would have to enter, if one is full, and the key of the weakest
    /// application in it (`u64::MAX` where it takes nobody at all).
    pub fn barrier(&self, application: usize) -> Option<(usize, u64)> {
        let mut chain = self.market.chain(self.market.place_of(application));
        chain.find(|place| self.load[*place] >= self.market.places[*place].most).map(|place| (place, self.weakest[place]))
    }

    /// Gives the key of the weakest application in a place, `u64::MAX` where it holds none.
    pub(super) fn weakest_in(&self, place: usize) -> u64 {
        self.weakest[place]
    }

    /// Counts the blocking pairs: a graduate who likes a place better than what they have, where nothing is full, or the
    /// innermost full place holds an application that goes behind theirs.
    pub fn blocking_pairs(&self) -> usize {
        let dearer = |graduate: usize| {
            let list = self.market.list(graduate);
            list.take_while(move |at| *at != self.placed[graduate] as usize).map(move |at| (graduate, at))
        };
        let blocks = |(graduate, at): &(usize, usize)| {
            self.barrier(*at).is_none_or(|(_, weakest)| weakest < self.market.key(*graduate, *at))
        };
        (0..self.placed.len()).flat_map(dearer).filter(blocks).count()
    }

    /// Sums what the placement is worth: both scores of everybody placed, and `band` for everybody in a reserved place.
    pub fn worth(&self, band: i64) -> i64 {
        self.applications().map(|(_, at)| weight(self.market, at, band)).sum()
    }

    /// Counts those who are in reserved places.
    pub fn reserved(&self) -> usize {
        self.applications().filter(|(_, at)| self.market.places[self.market.place_of(*at) as usize].reserved).count()
    }
}

fn weight(market: &Market, application: usize, band: i64) -> i64 {
    let reserved = market.places[market.place_of(application) as usize].reserved;
    market.weight(application) + if reserved { band } else { 0 }
}

/// Gives a sum that no placement can be worth more than, by weak duality: whoever is placed in `p` pays the prices of `p` and
/// of all that it stands within, so Σ worth ≤ Σ most·price + Σ over graduates of the best that is left after paying. None
/// where a price is negative.
pub fn bound(market: &Market, prices: &[i64], band: i64) -> Option<i64> {
    if prices.len() != market.places.len() || prices.iter().any(|price| *price < 0) {
        return None;
    }
    let most = |at: usize| i128::from(market.places[at].most).min(market.graduates() as i128);
    let rent: i128 = prices.iter().enumerate().map(|(at, price)| i128::from(*price) * most(at)).sum();
    let whole: Vec<i64> = (0..market.places.len()).map(|at| market.chain(at as u32).map(|above| prices[above]).sum()).collect();
    let left = |at: usize| weight(market, at, band) - whole[market.place_of(at) as usize];
    let best = |graduate: usize| i128::from(market.list(graduate).map(left).max().unwrap_or(0).max(0));
    i64::try_from(rent + (0..market.graduates()).map(best).sum::<i128>()).ok()
}
