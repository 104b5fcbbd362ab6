//! Is a list being read to its end, or in circles? Counts what pages bring and what they say there is in all. Pure.

use std::collections::HashSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// How often the stated total may change before the list is given up.
const CHANGES_MAX: u32 = 3;
/// How many pages may come after the stated total is reached.
const PAGES_BEYOND_MAX: u64 = 2;

/// What was counted of a list so far.
#[derive(Debug, Default)]
pub struct Tally {
    total: Option<u64>,
    changes: u32,
    received: u64,
    distinct: HashSet<[u8; 16]>,
    pages: HashSet<[u8; 16]>,
}

/// How to go on after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// With the next page.
    Go,
    /// Not at all: all there is has come.
    Whole,
    /// Not at all, for a reason.
    Stop(&'static str),
}

impl Tally {
    /// Tells whether a page contradicts the pages before it, so that it should be asked for once more: another total, or an
    /// end before the total is reached.
    pub fn doubts(&self, rows: &[Value], total: Option<u64>) -> bool {
        let differs = self.total.is_some() && total.is_some() && total != self.total;
        differs || (rows.is_empty() && total.or(self.total).is_some_and(|total| self.received < total))
    }

    /// Takes another word for the total, said twice; counted as a change where one was known.
    pub fn trust(&mut self, total: Option<u64>) {
        if total.is_some() && total != self.total {
            self.changes += u32::from(self.total.is_some());
            self.total = total;
        }
    }

    /// Corrects a total that the page that said it no longer says.
    pub fn correct(&mut self, total: Option<u64>) {
        self.total = total;
    }

    /// Counts a page of at most `size` rows and tells how to go on; a page that came before is not to be landed.
    pub fn see(&mut self, rows: &[Value], size: u64) -> Next {
        if rows.is_empty() {
            return self.end();
        }
        let mut page = Sha256::new();
        for row in rows {
            let text = row.to_string();
            page.update(&text);
            let empty = row.as_object().is_some_and(|fields| fields.values().all(Value::is_null));
            self.received += 1;
            if !empty {
                self.distinct.insert(short(Sha256::digest(&text).as_slice()));
            }
        }
        if !self.pages.insert(short(page.finalize().as_slice())) {
            return if self.agrees() { Next::Whole } else { Next::Stop("page_repeats") };
        }
        if self.changes > CHANGES_MAX {
            return Next::Stop("total_changed");
        }
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        match self.total {
            Some(total) if self.distinct() > total + PAGES_BEYOND_MAX * size => Next::Stop("total_mismatch"),
            Some(total) if self.received < total => Next::Go,
            _ if count < size => self.end(),
            _ => Next::Go,
        }
    }

    fn distinct(&self) -> u64 {
        u64::try_from(self.distinct.len()).unwrap_or(u64::MAX)
    }

    /// Tells whether the stated total lies between the different rows and all rows that came.
    fn agrees(&self) -> bool {
        self.total.is_some_and(|total| self.distinct() <= total && total <= self.received)
    }

    fn end(&self) -> Next {
        match self.total {
            _ if self.changes > 0 => Next::Stop("total_changed"),
            Some(_) if !self.agrees() => Next::Stop("total_mismatch"),
            _ => Next::Whole,
        }
    }
}

fn short(hash: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(hash) {
        *to = *from;
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(from: usize, count: usize) -> Vec<Value> {
        (from..from + count).map(|n| json!({"id": n})).collect()
    }

    #[test]
    fn a_list_ends_with_a_short_page_and_agrees_with_its_total() {
        let mut tally = Tally::default();
        tally.trust(Some(25));
        assert_eq!(
            [tally.see(&page(0, 10), 10), tally.see(&page(10, 10), 10), tally.see(&page(20, 5), 10)],
            [Next::Go, Next::Go, Next::Whole]
        );
        let mut silent = Tally::default();
        assert_eq!([silent.see(&page(0, 10), 10), silent.see(&[], 10)], [Next::Go, Next::Whole]);
    }

    #[test]
    fn a_server_that_gives_smaller_pages_is_read_to_the_end() {
        let mut tally = Tally::default();
        tally.trust(Some(12));
        assert_eq!(
            [tally.see(&page(0, 5), 10), tally.see(&page(5, 5), 10), tally.see(&page(10, 2), 10)],
            [Next::Go, Next::Go, Next::Whole]
        );
    }

    #[test]
    fn a_page_that_came_before_ends_the_run_wherever_it_came() {
        let mut tally = Tally::default();
        assert_eq!([tally.see(&page(0, 10), 10), tally.see(&page(10, 10), 10)], [Next::Go, Next::Go]);
        assert_eq!(tally.see(&page(0, 10), 10), Next::Stop("page_repeats"));
        let mut clamped = Tally::default();
        clamped.trust(Some(10));
        assert_eq!([clamped.see(&page(0, 10), 10), clamped.see(&page(0, 10), 10)], [Next::Go, Next::Whole]);
    }

    #[test]
    fn a_total_that_lies_or_changes_is_named() {
        let mut large = Tally::default();
        large.trust(Some(1_000_000));
        assert_eq!(large.see(&page(0, 10), 10), Next::Go);
        assert!(large.doubts(&[], Some(1_000_000)));
        assert_eq!(large.see(&[], 10), Next::Stop("total_mismatch"));
        let mut small = Tally::default();
        small.trust(Some(3));
        let endless = (0..10).map(|n| small.see(&page(n * 10, 10), 10)).find(|next| *next != Next::Go);
        assert_eq!(endless, Some(Next::Stop("total_mismatch")));
        let mut changing = Tally::default();
        changing.trust(Some(20));
        changing.see(&page(0, 10), 10);
        assert!(changing.doubts(&page(10, 10), Some(21)));
        changing.trust(Some(21));
        assert_eq!([changing.see(&page(10, 10), 10), changing.see(&page(20, 1), 10)], [Next::Go, Next::Stop("total_changed")]);
    }

    #[test]
    fn rows_said_twice_and_rows_of_nulls_do_not_upset_the_count() {
        let mut tally = Tally::default();
        tally.trust(Some(5));
        let mut rows = page(0, 5);
        rows.extend(page(0, 3));
        rows.push(json!({"id": null}));
        assert_eq!(tally.see(&rows, 10), Next::Whole);
    }
}
