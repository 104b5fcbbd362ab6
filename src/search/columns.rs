//! What numbers does a document have? The columns of a segment, read once into plain lists: a look costs no more than the
//! look itself. A segment never changes, so later commits share its columns.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "a list has a place for each document of its segment")]

use tantivy::columnar::{Column as Stored, StrColumn};
use tantivy::{DocId, SegmentReader};

use crate::error::Result;
use crate::search::bits::Bits;
use crate::search::schema::Column;

/// How many times more a look at one document costs than one in a row.
const ALONE: u32 = 8;

/// The numbers of one column, each list as narrow as they are; its greatest number stands for none.
pub enum Values {
    Bytes(Vec<u8>),
    Words(Vec<u32>),
    Longs(Vec<u64>),
    /// Several of a document: from where they stand, and what they are.
    Many(Vec<u32>, Vec<u32>),
    /// Seldom asked for: left on disk.
    Stored(Stored<u64>),
}

impl Values {
    fn read(stored: Stored<u64>, column: Column, size: u32) -> Values {
        if matches!(column, Column::High | Column::Low | Column::Revision) {
            return Values::Stored(stored);
        }
        let numbers = |doc: DocId| stored.values_for_doc(doc).map(|value| u32::try_from(value).unwrap_or(u32::MAX));
        if matches!(column, Column::Skill | Column::Craft) {
            let (mut starts, mut values) = (vec![0], Vec::new());
            for doc in 0..size {
                values.extend(numbers(doc));
                starts.push(values.len() as u32);
            }
            return Values::Many(starts, values);
        }
        match stored.max_value() {
            0..0xff => Values::Bytes((0..size).map(|doc| numbers(doc).next().map_or(u8::MAX, |n| n as u8)).collect()),
            0xff..0xffff_ffff => Values::Words((0..size).map(|doc| numbers(doc).next().unwrap_or(u32::MAX)).collect()),
            _ => Values::Longs((0..size).map(|doc| stored.first(doc).unwrap_or(u64::MAX)).collect()),
        }
    }

    /// Gives the first number of a document.
    #[inline]
    pub fn first(&self, doc: DocId) -> Option<u64> {
        let place = doc as usize;
        match self {
            Values::Bytes(list) => Some(list[place]).filter(|value| *value < u8::MAX).map(u64::from),
            Values::Words(list) => Some(list[place]).filter(|value| *value < u32::MAX).map(u64::from),
            Values::Longs(list) => Some(list[place]).filter(|value| *value < u64::MAX),
            Values::Many(starts, values) => {
                let range = starts[place] as usize..starts[place + 1] as usize;
                values[range].first().map(|value| u64::from(*value))
            }
            Values::Stored(stored) => stored.first(doc),
        }
    }

    /// Gives all numbers of a document.
    #[inline]
    pub fn each(&self, doc: DocId, mut take: impl FnMut(u64)) {
        match self {
            Values::Many(starts, values) => {
                let range = starts[doc as usize] as usize..starts[doc as usize + 1] as usize;
                values[range].iter().for_each(|value| take(u64::from(*value)));
            }
            _ => self.first(doc).into_iter().for_each(take),
        }
    }

    /// Gives those of the documents one of whose numbers is within one of the ranges.
    pub fn within(&self, ranges: &[(u64, u64)], among: &Bits, size: u32) -> Bits {
        let wanted = |value: u64| ranges.iter().any(|(from, to)| *from <= value && value <= *to);
        let dense = among.count() * ALONE >= size;
        let mut met = match (self, ranges) {
            (Values::Bytes(list), _) if dense => {
                let wanted: Vec<bool> = (0..=u8::MAX).map(|value| value < u8::MAX && wanted(u64::from(value))).collect();
                Bits::of(list, |value| wanted[usize::from(value)])
            }
            (Values::Words(list), [(from, to)]) if dense => {
                let bound = |value: u64| u32::try_from(value).unwrap_or(u32::MAX - 1).min(u32::MAX - 1);
                let (from, to) = (bound(*from), bound(*to));
                Bits::of(list, |value| from <= value && value <= to)
            }
            (Values::Words(list), _) if dense => Bits::of(list, |value| value < u32::MAX && wanted(u64::from(value))),
            _ => {
                let mut met = Bits::none(size);
                among.each(|doc| self.each(doc, |value| met.add_if(doc, wanted(value))));
                return met;
            }
        };
        met.keep(among);
        met
    }
}

/// The columns of one segment.
pub struct Columns {
    numbers: Vec<Values>,
    /// The titles.
    pub titles: Option<StrColumn>,
    /// The names of the employers.
    pub employers: Option<StrColumn>,
}

impl Columns {
    /// Reads the columns of a segment.
    pub fn read(reader: &SegmentReader) -> Result<Columns> {
        let (fast, size) = (reader.fast_fields(), reader.max_doc());
        let mut numbers = Vec::new();
        for column in Column::ALL {
            let stored = fast.column_opt::<u64>(column.name())?.unwrap_or_else(|| Stored::build_empty_column(size));
            numbers.push(Values::read(stored, column, size));
        }
        Ok(Columns { numbers, titles: fast.str("title")?, employers: fast.str("employer")? })
    }

    /// Gives a column of numbers.
    pub fn get(&self, column: Column) -> &Values {
        &self.numbers[column as usize]
    }
}
