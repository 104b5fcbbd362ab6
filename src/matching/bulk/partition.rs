//! Where are the vacancies? In one partition a district, each with its rows and its inverted lists; a change makes only the
//! partitions anew that it touches, while readers keep the ones they hold.

#![expect(clippy::indexing_slicing, reason = "places come from the lists that were built with the rows")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::postings::Postings;
use super::score::{Terms, VacancyItem};

/// How many ranks of education there are.
pub const EDUCATION_RANKS: usize = 8;
/// The partition of a vacancy that is not there.
const NOWHERE: u16 = u16::MAX;

/// The live vacancies of one district, by id ascending.
#[derive(Debug, Clone, Default)]
pub struct Partition {
    ids: Vec<u32>,
    /// `sector * EDUCATION_RANKS + min_education`.
    classes: Vec<u32>,
    paid: Vec<u32>,
    starts: Vec<u32>,
    rows: Vec<(u16, u8)>,
    postings: Postings,
}

impl Partition {
    fn new(skills: usize, mut vacancies: Vec<VacancyItem>) -> Partition {
        vacancies.sort_unstable_by_key(|vacancy| vacancy.id);
        let postings = Postings::new(skills, vacancies.iter().map(|vacancy| vacancy.skills.as_slice()));
        let mut partition = Partition { postings, starts: vec![0], ..Partition::default() };
        for VacancyItem { id, skills, min_education, salary_max, sector } in vacancies {
            partition.ids.push(id);
            let class = usize::from(sector) * EDUCATION_RANKS + usize::from(min_education);
            partition.classes.push(u32::try_from(class).unwrap_or(u32::MAX));
            partition.paid.push(u32::try_from(salary_max).unwrap_or(u32::MAX));
            partition.rows.extend(skills);
            partition.starts.push(u32::try_from(partition.rows.len()).unwrap_or(u32::MAX));
        }
        partition
    }

    /// How many vacancies there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The inverted lists.
    pub fn postings(&self) -> &Postings {
        &self.postings
    }

    /// The id of the vacancy at a place.
    pub fn id(&self, place: usize) -> u32 {
        self.ids[place]
    }

    /// The class of the vacancy at a place: `sector * EDUCATION_RANKS + min_education`.
    pub fn class(&self, place: usize) -> usize {
        usize::try_from(self.classes[place]).unwrap_or(usize::MAX)
    }

    /// The most that the vacancy at a place pays, in yuan a month.
    pub fn paid(&self, place: usize) -> i64 {
        i64::from(self.paid[place])
    }

    /// The skills that the vacancy at a place asks for, with their weights.
    pub fn skills(&self, place: usize) -> &[(u16, u8)] {
        let at = |place: usize| usize::try_from(self.starts[place]).unwrap_or(usize::MAX);
        &self.rows[at(place)..at(place + 1)]
    }

    fn items(&self) -> impl Iterator<Item = VacancyItem> {
        (0..self.len()).map(|place| {
            let (sector, education) = (self.class(place) / EDUCATION_RANKS, self.class(place) % EDUCATION_RANKS);
            VacancyItem {
                id: self.id(place),
                skills: self.skills(place).to_vec(),
                min_education: u8::try_from(education).unwrap_or(u8::MAX),
                salary_max: self.paid(place),
                sector: u16::try_from(sector).unwrap_or(u16::MAX),
            }
        })
    }

    fn bytes(&self) -> usize {
        let words = self.ids.len() + self.classes.len() + self.paid.len() + self.starts.len();
        words * size_of::<u32>() + self.rows.len() * size_of::<(u16, u8)>() + self.postings.bytes()
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
