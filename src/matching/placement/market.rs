//! What is there to place? Graduates with their lists, and places with their limits, in numbers.
//!
//! A place is a vacancy (its headcount), a part of a vacancy that is reserved for the class of a training order, or a group
//! of vacancies with a common limit (a city's quota). A place may stand within one other, and whoever is placed in it counts
//! for all that it stands within: the limits form a forest, a laminar family.
//!
//! Of two applications that want the same room the one with the higher vacancy score goes first; those to reserved places
//! go before all others; on equal scores the graduate with the lower number goes first. Applications are ranked so in every
//! place, also where a group holds those of several vacancies.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "everything is numbered here, below 2^32, by `parse`")]

use std::ops::Range;

/// No place, or no application.
pub const NONE: u32 = u32::MAX;
/// Every score is below this.
pub const SCORE_END: u32 = 1 << 30;
/// How many graduates or places there may be.
const COUNT_END: usize = 1 << 24;

/// A place, and how many it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How many it takes.
    pub most: u32,
    /// The place that it stands within, or `NONE`.
    pub within: u32,
    /// Whether it is reserved: who applies there goes first in everything that it stands within. Nothing stands within it.
    pub reserved: bool,
}

/// One line of a graduate's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// Where to.
    pub place: u32,
    /// How well the place suits the graduate, below `SCORE_END`.
    pub graduate_score: u32,
    /// How well the graduate suits the place, below `SCORE_END`.
    pub vacancy_score: u32,
}

/// Why places and lists make no market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This place stands within one that is not there or is reserved, or within itself.
    Place(usize),
    /// The list of this graduate names a place that is not there or one twice, or has a score that is too high.
    List(usize),
    /// There is more than can be numbered.
    TooLarge,
}

/// An application as its place sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bid {
    pub place: u32,
    /// The vacancy score, and `SCORE_END` more where the place is reserved.
    pub rank: u32,
}

/// Those who look for a place, and the places.
#[derive(Debug, Clone)]
pub struct Market {
    pub(super) places: Vec<Place>,
    /// Where the list of each graduate begins; at the end, where the last one ends.
    pub(super) starts: Vec<u32>,
    pub(super) bids: Vec<Bid>,
    /// The graduate score of each bid, which stable placements never look at.
    pub(super) graduate_scores: Vec<u32>,
}

impl Market {
    /// Takes places and lists, each list in the graduate's order of preference.
    pub fn parse<L>(places: Vec<Place>, lists: impl IntoIterator<Item = L>) -> Result<Market, Fault>
    where
        L: IntoIterator<Item = Application>,
    {
        if places.len() >= COUNT_END {
            return Err(Fault::TooLarge);
        }
        check_forest(&places)?;
        let mut seen = vec![NONE; places.len()];
        let mut market = Market { places, starts: vec![0], bids: Vec::new(), graduate_scores: Vec::new() };
        for (graduate, list) in lists.into_iter().enumerate() {
            for Application { place, graduate_score, vacancy_score } in list {
                let known = market.places.get(place as usize).filter(|_| graduate_score < SCORE_END && vacancy_score < SCORE_END);
                let band = known.map(|place| if place.reserved { SCORE_END } else { 0 }).ok_or(Fault::List(graduate))?;
                if std::mem::replace(&mut seen[place as usize], graduate as u32) == graduate as u32 {
                    return Err(Fault::List(graduate));
                }
                market.bids.push(Bid { place, rank: vacancy_score + band });
                market.graduate_scores.push(graduate_score);
            }
            let end = u32::try_from(market.bids.len()).ok().filter(|end| *end < u32::MAX - 8 && graduate < COUNT_END);
            market.starts.push(end.ok_or(Fault::TooLarge)?);
        }
        Ok(market)
    }

    /// Counts the graduates.
    pub fn graduates(&self) -> usize {
        self.starts.len() - 1
    }

    /// Gives the numbers of the applications of a graduate, the dearest first.
    pub fn list(&self, graduate: usize) -> Range<usize> {
        self.starts[graduate] as usize..self.starts[graduate + 1] as usize
    }

    /// Gives the place that an application names.
    pub fn place_of(&self, application: usize) -> u32 {
        self.bids[application].place
    }

    /// Gives the graduate score and the vacancy score of an application.
    pub fn scores(&self, application: usize) -> (u32, u32) {
        (self.graduate_scores[application], self.bids[application].rank % SCORE_END)
    }

    /// Gives what a placement by an application is worth: the sum of both scores.
    pub fn weight(&self, application: usize) -> i64 {
        let (graduate, vacancy) = self.scores(application);
        i64::from(graduate) + i64::from(vacancy)
    }

    /// Gives a place and everything that it stands within, inner first.
    pub fn chain(&self, place: u32) -> impl Iterator<Item = usize> + '_ {
        let above = |at: &u32| Some(self.places[*at as usize].within).filter(|above| *above != NONE);
        std::iter::successors(Some(place), above).map(|at| at as usize)
    }

    /// Ranks an application among all others: the greater goes first.
    pub(super) fn key(&self, graduate: usize, application: usize) -> u64 {
        key(graduate, self.bids[application].rank)
    }
}

/// Ranks an application of a graduate: the greater goes first.
pub(super) fn key(graduate: usize, rank: u32) -> u64 {
    (u64::from(rank) << 32) | u64::from(NONE - graduate as u32)
}

/// Gives the graduate whose application a key ranks.
pub(super) fn graduate_of(key: u64) -> usize {
    (NONE - (key & u64::from(u32::MAX)) as u32) as usize
}

/// Refuses places that stand within nothing that is there, or within themselves.
fn check_forest(places: &[Place]) -> Result<(), Fault> {
    for (at, place) in places.iter().enumerate() {
        let (mut above, mut steps) = (place.within, 0);
        while above != NONE {
            steps += 1;
            let next = places.get(above as usize).filter(|next| steps <= places.len() && !next.reserved);
            above = next.ok_or(Fault::Place(at))?.within;
        }
    }
    Ok(())
}
