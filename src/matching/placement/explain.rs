//! Why did somebody get no place? From the market and the placement: which places were lost, what was full, to whom at least
//! one would have had to be preferred, and by how much it was missed.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "numbers given out by `Market::parse`, below 2^32")]

use super::certify::Standing;
use super::market::{SCORE_END, graduate_of};

/// Why somebody has no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The list is empty: no vacancy is eligible.
    NoVacancy,
    /// Nothing on the list takes anybody at all.
    NoRoom,
    /// Others go before in everything on the list; the nearest misses first.
    Outranked(Vec<Lost>),
}

/// A place that was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// The application that failed.
    pub application: usize,
    /// What was full: the place itself, or something that it stands within.
    pub full: usize,
    /// The graduate who was the last to be taken there.
    pub last: Option<usize>,
    /// Whether that one was taken first because the place is reserved.
    pub reserved: bool,
    /// How much more would have been needed: of the vacancy score where the placement is stable, of the sum of both scores
    /// where it is the one worth most. Zero where an equal score went to the graduate with the lower number, and where no
    /// score would have been enough because the place is reserved.
    pub short_by: i64,
}

/// Explains why a graduate has no place; `prices` are those of the placement worth most, empty where it is a stable one.
pub fn explain(standing: &Standing<'_>, prices: &[i64], graduate: usize) -> Why {
    let market = standing.market;
    let list = market.list(graduate);
    if list.is_empty() {
        return Why::NoVacancy;
    }
    let open = |at: &usize| market.chain(market.place_of(*at)).all(|place| market.places[place].most > 0);
    let mut lost: Vec<Lost> = list.filter(open).filter_map(|at| lose(standing, prices, at)).collect();
    if lost.is_empty() {
        return Why::NoRoom;
    }
    lost.sort_by_key(|lost| (lost.reserved, lost.short_by));
    Why::Outranked(lost)
}

fn lose(standing: &Standing<'_>, prices: &[i64], application: usize) -> Option<Lost> {
    let market = standing.market;
    let chain = || market.chain(market.place_of(application));
    let (full, weakest) = standing.barrier(application).unwrap_or_else(|| (chain().last().unwrap_or_default(), u64::MAX));
    let dearest = prices.first().and_then(|_| chain().max_by_key(|at| (prices[*at], usize::MAX - at)));
    let full = dearest.filter(|at| prices[*at] > 0).unwrap_or(full);
    let weakest = if dearest == Some(full) { standing.weakest_in(full) } else { weakest };
    let rank = (weakest >> 32) as u32;
    let own = market.bids[application].rank;
    // No score reaches this far: the room goes to those it is reserved for.
    let rent: i64 = prices.first().map_or(0, |_| chain().map(|at| prices[at]).sum());
    let beyond = rent > 2 * i64::from(SCORE_END);
    let reserved = beyond || (weakest != u64::MAX && rank >= SCORE_END && own < SCORE_END);
    let short_by = match prices.is_empty() {
        _ if reserved => 0,
        true => i64::from(rank % SCORE_END) - i64::from(own % SCORE_END),
        false => rent - market.weight(application),
    };
    let last = (weakest != u64::MAX).then(|| graduate_of(weakest));
    Some(Lost { application, full, last, reserved, short_by: short_by.max(0) })
}
