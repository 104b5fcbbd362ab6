//! Where are the vacancies? In one partition a district, each with its rows and its inverted lists; a change makes only the
//! partitions anew that it touches, while readers keep the ones they hold.

#![expect(clippy::indexing_slicing, reason = "places come from the lists that were built with the rows")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;

use rayon::prelude::*;

use super::postings::Postings;
use super::score::{Query, Terms, VacancyItem};

/// How many classes of education there may be.
pub const CLASSES: usize = 16;
/// The partition of a vacancy that is not there.
const NOWHERE: u16 = u16::MAX;

/// The live vacancies of one district, alike beside alike: what a batch looks for lies close together.
#[derive(Debug, Clone)]
pub struct Partition {
    starts: Vec<u32>,
    /// For each vacancy its id, pay, `[class, open, sector]`, and then `[weight, 0, skill]` for each skill.
    words: Vec<u32>,
    /// What each counts without any skill.
    bases: Vec<i16>,
    postings: Postings,
}

/// A vacancy as it lies in its partition.
#[derive(Debug, Clone, Copy)]
pub struct Row<'p> {
    /// The number.
    pub id: u32,
    /// The most that is paid, in yuan a month.
    pub paid: i32,
    /// The class of education.
    pub class: u8,
    /// The sector.
    pub sector: u16,
    /// What it counts without any skill, one more where it is open.
    pub base: i16,
    /// Whether no skill need be covered.
    pub open: bool,
    words: &'p [u32],
}

impl<'p> Row<'p> {
    /// The skills asked for and their weights.
    #[inline]
    pub fn skills(&self) -> impl Iterator<Item = (u16, u8)> + use<'p> {
        self.words.iter().map(|word| {
            let [weight, _, low, high] = word.to_le_bytes();
            (u16::from_le_bytes([low, high]), weight)
        })
    }
}

/// What comes first and second in the order of a partition.
fn likeness(vacancy: &VacancyItem) -> (u16, [Option<u16>; 2], u32) {
    let mut skills = vacancy.skills.clone();
    skills.sort_unstable_by_key(|(skill, weight)| Reverse((*weight, *skill)));
    let heaviest = [0, 1].map(|at| skills.get(at).map(|(skill, _)| *skill));
    (vacancy.sector, heaviest, vacancy.id)
}

impl Partition {
    fn new(skills: usize, mut vacancies: Vec<VacancyItem>) -> Partition {
        vacancies.sort_by_cached_key(likeness);
        let postings = Postings::new(skills, vacancies.iter().map(|vacancy| vacancy.skills.as_slice()));
        let mut partition = Partition { postings, starts: vec![0], words: Vec::new(), bases: Vec::new() };
        for vacancy in vacancies {
            let VacancyItem { id, skills, open, class, base, paid, sector } = vacancy;
            let [low, high] = sector.to_le_bytes();
            partition.words.extend([id, paid.cast_unsigned(), u32::from_le_bytes([class, u8::from(open), low, high])]);
            partition.words.extend(skills.iter().map(|(skill, weight)| {
                let [low, high] = skill.to_le_bytes();
                u32::from_le_bytes([*weight, 0, low, high])
            }));
            partition.starts.push(u32::try_from(partition.words.len()).unwrap_or(u32::MAX));
            partition.bases.push(base + i16::from(open));
        }
        partition
    }

    /// What each vacancy counts without any skill.
    pub fn bases(&self) -> &[i16] {
        &self.bases
    }

    /// The inverted lists.
    pub fn postings(&self) -> &Postings {
        &self.postings
    }

    fn start(&self, place: usize) -> usize {
        usize::try_from(self.starts[place]).unwrap_or(usize::MAX)
    }

    /// Reads a word of each of several rows, so that they come from memory side by side rather than one after the other.
    #[inline]
    pub fn touch(&self, places: &[u32]) {
        let first = |place: &u32| usize::try_from(*place).map_or(0, |place| self.words[self.start(place)]);
        black_box(places.iter().fold(0, |sum, place| sum | first(place)));
    }

    /// The vacancy at a place.
    #[inline]
    pub fn row(&self, place: usize) -> Row<'_> {
        let base = self.bases[place];
        match &self.words[self.start(place)..self.start(place + 1)] {
            [id, paid, word, words @ ..] => {
                let [class, open, low, high] = word.to_le_bytes();
                let sector = u16::from_le_bytes([low, high]);
                Row { id: *id, paid: paid.cast_signed(), class, sector, base, open: open != 0, words }
            }
            _ => Row { id: 0, paid: 0, class: 0, sector: 0, base, open: false, words: &[] },
        }
    }

    /// Counts the vacancies that a query may have at all, by what it earns for each skill.
    fn count(&self, query: &Query, earns: &[bool]) -> usize {
        let covered = |row: &Row<'_>| row.skills().any(|(skill, weight)| weight > 0 && earns[usize::from(skill)]);
        let counts = |row: &Row<'_>| query.admits >> row.class & 1 == 1 && (query.open || row.open || covered(row));
        (0..self.bases.len()).filter(|place| counts(&self.row(*place))).count()
    }

    fn items(&self) -> impl Iterator<Item = VacancyItem> {
        (0..self.bases.len()).map(|place| {
            let row = self.row(place);
            let Row { id, paid, class, sector, base, open, .. } = row;
            VacancyItem { id, skills: row.skills().collect(), open, class, base: base - i16::from(open), paid, sector }
        })
    }

    fn bytes(&self) -> usize {
        let words = self.starts.len() + self.words.len();
        words * size_of::<u32>() + self.bases.len() * size_of::<i16>() + self.postings.bytes()
    }
}

/// What happened to a vacancy.
#[derive(Debug, Clone)]
pub enum Change {
    /// It is live in a district, with these demands: it is new, or what was known of it is replaced.
    Live(u16, VacancyItem),
    /// It is no longer live.
    Closed(u32),
}

/// The live vacancies by district.
#[derive(Debug, Clone)]
pub struct VacancyIndex {
    /// The terms of the score.
    pub terms: Terms,
    skills: usize,
    /// The region of each district.
    regions: Vec<u16>,
    partitions: Vec<Arc<Partition>>,
    /// The district of each id.
    districts: Vec<u16>,
}

impl VacancyIndex {
    /// Starts with no vacancy.
    pub fn new(terms: Terms, skills: usize, regions: Vec<u16>) -> VacancyIndex {
        let partitions = regions.iter().map(|_| Arc::new(Partition::new(skills, Vec::new()))).collect();
        VacancyIndex { terms, skills, regions, partitions, districts: Vec::new() }
    }

    /// The partitions, one a district.
    pub fn partitions(&self) -> &[Arc<Partition>] {
        &self.partitions
    }

    /// The region of each district: who wishes for one of its districts looks at them together.
    pub fn regions(&self) -> &[u16] {
        &self.regions
    }

    /// How many skills there are.
    pub fn skills(&self) -> usize {
        self.skills
    }

    /// Counts the vacancies that a query may have at all.
    pub fn count(&self, query: &Query) -> usize {
        let mut earns = vec![false; self.skills];
        query.credits.iter().for_each(|(skill, _)| earns[usize::from(*skill)] = true);
        let wanted = self.partitions.par_iter().zip(&query.factors).filter(|(_, factor)| factor.is_some());
        wanted.map(|(partition, _)| partition.count(query, &earns)).sum()
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> usize {
        self.districts.len() * size_of::<u16>() + self.partitions.iter().map(|partition| partition.bytes()).sum::<usize>()
    }

    /// Takes changes in, the later of two about one vacancy standing; districts without a change stay as they are.
    pub fn apply(&mut self, changes: Vec<Change>) {
        let mut last = BTreeMap::new();
        for change in changes {
            match change {
                Change::Live(district, item) => last.insert(item.id, Some((district, item))),
                Change::Closed(id) => last.insert(id, None),
            };
        }
        let highest = last.last_key_value().map_or(0, |(id, _)| usize::try_from(*id).unwrap_or(usize::MAX) + 1);
        self.districts.resize(self.districts.len().max(highest), NOWHERE);
        let mut touched: BTreeMap<u16, (BTreeSet<u32>, Vec<VacancyItem>)> = BTreeMap::new();
        for (id, change) in last {
            let at = usize::try_from(id).unwrap_or(usize::MAX);
            if self.districts[at] != NOWHERE {
                touched.entry(self.districts[at]).or_default().0.insert(id);
            }
            self.districts[at] = change.as_ref().map_or(NOWHERE, |(district, _)| *district);
            if let Some((district, item)) = change {
                touched.entry(district).or_default().1.push(item);
            }
        }
        let made: Vec<(u16, Partition)> = touched
            .into_par_iter()
            .map(|(district, (gone, mut items))| {
                let before = &self.partitions[usize::from(district)];
                items.extend(before.items().filter(|item| !gone.contains(&item.id)));
                (district, Partition::new(self.skills, items))
            })
            .collect();
        for (district, partition) in made {
            self.partitions[usize::from(district)] = Arc::new(partition);
        }
    }
}
