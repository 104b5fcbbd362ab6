//! Which documents of a segment? A set that holds one bit for each, so that sets are met, joined and counted word by word.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "a document of a segment has its word in each of its sets")]

use tantivy::DocId;

/// How many documents one word holds.
const WORD: u32 = u64::BITS;

/// A set of documents of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Makes the empty set of a segment of so many documents.
    pub fn none(size: u32) -> Bits {
        Bits { words: vec![0; size.div_ceil(WORD) as usize] }
    }

    /// Makes the set of all documents of a segment.
    pub fn all(size: u32) -> Bits {
        let mut words = vec![u64::MAX; size.div_ceil(WORD) as usize];
        if let Some(last) = words.last_mut().filter(|_| !size.is_multiple_of(WORD)) {
            *last = (1 << (size % WORD)) - 1;
        }
        Bits { words }
    }

    /// Makes the set of the documents whose value is wanted; the values stand in a list.
    pub fn of<T: Copy>(list: &[T], wanted: impl Fn(T) -> bool) -> Bits {
        let word = |values: &[T]| values.iter().rev().fold(0, |word, value| (word << 1) | u64::from(wanted(*value)));
        Bits { words: list.chunks(WORD as usize).map(word).collect() }
    }

    /// Adds a document.
    #[inline]
    pub fn add(&mut self, doc: DocId) {
        self.words[(doc / WORD) as usize] |= 1 << (doc % WORD);
    }

    /// Adds a document when `added` says so.
    #[inline]
    pub fn add_if(&mut self, doc: DocId, added: bool) {
        self.words[(doc / WORD) as usize] |= u64::from(added) << (doc % WORD);
    }

    /// Keeps what the other set has too.
    pub fn keep(&mut self, other: &Bits) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Adds what the other set has.
    pub fn join(&mut self, other: &Bits) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Removes what the other set has.
    pub fn remove(&mut self, other: &Bits) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Counts the documents.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Gives the documents in order.
    #[inline]
    pub fn each(&self, mut take: impl FnMut(DocId)) {
        for (at, word) in self.words.iter().enumerate() {
            let (first, mut left) = (at as u32 * WORD, *word);
            while left != 0 {
                take(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    /// Lists the documents in order.
    pub fn list(&self) -> Vec<DocId> {
        let mut docs = Vec::with_capacity(self.count() as usize);
        self.each(|doc| docs.push(doc));
        docs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(docs: &[DocId]) -> Bits {
        let mut bits = Bits::none(130);
        docs.iter().for_each(|doc| bits.add(*doc));
        bits
    }

    #[test]
    fn sets_are_met_joined_and_counted() {
        let (left, right) = (set(&[0, 63, 64, 129]), set(&[63, 65, 129]));
        let with = |change: fn(&mut Bits, &Bits)| {
            let mut bits = left.clone();
            change(&mut bits, &right);
            bits.list()
        };
        assert_eq!(with(Bits::keep), [63, 129]);
        assert_eq!(with(Bits::join), [0, 63, 64, 65, 129]);
        assert_eq!(with(Bits::remove), [0, 64]);
        assert_eq!((left.count(), Bits::all(130).count(), Bits::all(128).count()), (4, 130, 128));
        let numbers: Vec<u32> = (0..130).collect();
        assert_eq!(Bits::of(&numbers, |number| number % 65 == 64).list(), [64, 129]);
        assert!(Bits::none(0).is_empty() && Bits::all(0).is_empty() && !left.is_empty());
    }
}
