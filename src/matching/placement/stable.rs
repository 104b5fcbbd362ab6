//! Who gets which place so that nobody has a reason to complain? Deferred acceptance (Gale and Shapley 1962): each graduate
//! applies down the list, each place keeps the best that it has room for.
//!
//! Where a place stands within others (a city's quota), the innermost full one decides: the weakest application that it
//! holds, in whichever vacancy, makes room for a better one. For limits that form a forest this greedy choice is that of
//! a matroid, so a stable placement exists, and this one is the best of them for every graduate at once (Fleiner 2003; Biró,
//! Fleiner, Irving and Manlove 2010).
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "numbers given out by `Market::parse`, below 2^32")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::market::{Market, NONE, graduate_of, key};

/// Marks a place that stands within nothing and has nothing within it.
const ALONE: u32 = u32::MAX;
/// Marks a place that stands within another and has nothing within it.
const INNER: u32 = u32::MAX - 1;

/// What a place holds.
#[derive(Clone, Copy)]
struct Shelf {
    /// Where its part of the keys begins.
    start: u32,
    count: u32,
    most: u32,
    /// `ALONE`, `INNER`, or the number of the pile of a place that has others within it.
    pile: u32,
}

/// The weakest first; those that have left are only dropped when they come to the top.
type Pile = BinaryHeap<Reverse<(u64, u32)>>;

struct Held<'a> {
    market: &'a Market,
    /// The application by which each graduate is placed for now.
    at: Vec<u32>,
    shelves: Vec<Shelf>,
    /// For each place without others within it a heap of keys, the weakest first.
    keys: Vec<u64>,
    piles: Vec<Pile>,
}

enum Offer {
    Taken,
    Refused,
    Ousted(usize),
}

/// Gives for each graduate the application by which they are placed, or `NONE`: the stable placement that is best for all
/// graduates.
pub fn stable(market: &Market) -> Vec<u32> {
    let mut held = Held::empty(market);
    let mut next: Vec<u32> = market.starts.iter().take(market.graduates()).copied().collect();
    for graduate in 0..market.graduates() {
        let mut free = graduate;
        while next[free] < market.starts[free + 1] {
            let application = next[free];
            next[free] += 1;
            match held.offer(free, application) {
                Offer::Taken => break,
                Offer::Refused => {}
                Offer::Ousted(other) => free = other,
            }
        }
    }
    held.at
}

impl Held<'_> {
    fn empty(market: &Market) -> Held<'_> {
        let (mut wanted, mut outer) = (vec![0; market.places.len()], vec![false; market.places.len()]);
        market.bids.iter().for_each(|bid| wanted[bid.place as usize] += 1);
        market.places.iter().filter(|place| place.within != NONE).for_each(|place| outer[place.within as usize] = true);
        let (mut piles, mut start) = (Vec::new(), 0);
        let mut shelves = Vec::with_capacity(market.places.len());
        for (at, place) in market.places.iter().enumerate() {
            let (most, pile) = match (outer[at], place.within) {
                (true, _) => {
                    piles.push(Pile::new());
                    (place.most, piles.len() as u32 - 1)
                }
                (false, NONE) => (place.most.min(wanted[at]), ALONE),
                (false, _) => (place.most.min(wanted[at]), INNER),
            };
            shelves.push(Shelf { start, count: 0, most, pile });
            start += if outer[at] { 0 } else { most };
        }
        Held { market, at: vec![NONE; market.graduates()], shelves, keys: vec![0; start as usize], piles }
    }

    fn offer(&mut self, graduate: usize, application: u32) -> Offer {
        let bid = self.market.bids[application as usize];
        let key = key(graduate, bid.rank);
        let shelf = &mut self.shelves[bid.place as usize];
        if shelf.pile != ALONE {
            return self.offer_within(graduate, application, key);
        }
        let keys = &mut self.keys[shelf.start as usize..(shelf.start + shelf.most) as usize];
        if shelf.count < shelf.most {
            keys[shelf.count as usize] = key;
            rise(keys, shelf.count as usize);
            shelf.count += 1;
            self.at[graduate] = application;
            return Offer::Taken;
        }
        match keys.first_mut() {
            Some(weakest) if *weakest < key => {
                let other = graduate_of(std::mem::replace(weakest, key));
                sink(keys, 0);
                (self.at[graduate], self.at[other]) = (application, NONE);
                Offer::Ousted(other)
            }
            _ => Offer::Refused,
        }
    }

    /// Offers an application to a place that stands within others, or has others within it.
    fn offer_within(&mut self, graduate: usize, application: u32, key: u64) -> Offer {
        let market = self.market;
        let place = market.bids[application as usize].place;
        let full = market.chain(place).find(|at| self.shelves[*at].count >= self.shelves[*at].most);
        let ousted = match full.map(|full| self.weakest(full)) {
            None => None,
            Some(Some(weakest)) if weakest < key => {
                let other = graduate_of(weakest);
                let left = std::mem::replace(&mut self.at[other], NONE);
                market.chain(market.bids[left as usize].place).for_each(|at| self.take_off(at, weakest));
                Some(other)
            }
            Some(_) => return Offer::Refused,
        };
        self.at[graduate] = application;
        market.chain(place).for_each(|at| self.put_on(at, key, application));
        ousted.map_or(Offer::Taken, Offer::Ousted)
    }

    fn weakest(&mut self, place: usize) -> Option<u64> {
        let Shelf { start, count, pile, .. } = self.shelves[place];
        if pile == INNER {
            return (count > 0).then(|| self.keys[start as usize]);
        }
        let pile = &mut self.piles[pile as usize];
        while let Some(Reverse((key, application))) = pile.peek() {
            if self.at[graduate_of(*key)] == *application {
                return Some(*key);
            }
            pile.pop();
        }
        None
    }

    fn take_off(&mut self, place: usize, key: u64) {
        let shelf = &mut self.shelves[place];
        let keys = self.keys.iter_mut().skip(shelf.start as usize).take(shelf.count as usize);
        let found = (shelf.pile == INNER).then(|| keys.into_iter().position(|held| *held == key)).flatten();
        shelf.count -= 1;
        if let Some(at) = found {
            let (start, last) = (shelf.start as usize, shelf.count as usize);
            self.keys.swap(start + at, start + last);
            let keys = &mut self.keys[start..start + last];
            if at < last {
                rise(keys, at);
                sink(keys, at);
            }
        }
    }

    fn put_on(&mut self, place: usize, key: u64, application: u32) {
        let shelf = &mut self.shelves[place];
        shelf.count += 1;
        if shelf.pile != INNER {
            self.piles[shelf.pile as usize].push(Reverse((key, application)));
            return;
        }
        let (start, last) = (shelf.start as usize, shelf.count as usize - 1);
        self.keys[start + last] = key;
        rise(&mut self.keys[start..=start + last], last);
    }
}

/// Moves a key up a heap to where it belongs.
fn rise(keys: &mut [u64], mut at: usize) {
    while at > 0 && keys[at] < keys[(at - 1) / 2] {
        keys.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

/// Moves a key down a heap to where it belongs.
fn sink(keys: &mut [u64], mut at: usize) {
    loop {
        let mut child = 2 * at + 1;
        if child + 1 < keys.len() && keys[child + 1] < keys[child] {
            child += 1;
        }
        if child >= keys.len() || keys[at] <= keys[child] {
            return;
        }
        keys.swap(at, child);
        at = child;
    }
}
