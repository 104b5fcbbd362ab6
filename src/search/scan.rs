//! Which vacancies come first, how many are there, and how do they spread? Of those that meet the words, each
//! that meets all filters is counted and ranked; one that misses only the filter of a facet counts for that facet.
#![expect(clippy::indexing_slicing, reason = "all lists of one segment have one length, made beside each other")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::schema::Field;
use tantivy::{DocAddress, DocId};

use crate::error::Result;
use crate::lexicon::place::haversine_km;
use crate::search::bits::Bits;
use crate::search::columns::Columns;
use crate::search::facet::Facet;
use crate::search::members::Members;
use crate::search::plan::Count;
use crate::search::schema::{Column, completeness, degrees};
use crate::search::score::{Score, real};
use crate::search::view::{Ground, View};
use crate::search::weights::Weights;

/// How many milliseconds a day has.
const DAY_MS: f32 = 86_400_000.0;
/// The distance that stands for none known, in kilometres.
const FAR_KM: f64 = 30_000.0;

/// By what the vacancies are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The best first.
    Relevance,
    /// The newest first.
    Published,
    /// The best paid first.
    Salary,
    /// The nearest first.
    Distance,
}

/// Where a page ends: the sort key and the halves of the id of its last row.
pub type Key = (u64, u64, u64);

/// A filter that is looked up in its column.
pub struct Test {
    /// The place of the facet that leaves it out, if one does.
    pub facet: Option<usize>,
    /// The column.
    pub column: Column,
    /// The numbers wanted.
    pub ranges: Vec<(u64, u64)>,
}

/// What is scanned, and how it is ranked.
pub struct Scan<'s> {
    /// What is looked at.
    pub view: &'s View,
    /// The field of the words.
    pub words: Field,
    /// The weights.
    pub weights: &'s Weights,
    /// What all must meet.
    pub members: Members,
    /// The groups of the query, by their ways.
    pub groups: Vec<Vec<Count>>,
    /// The filters that are looked up in columns.
    pub tests: Vec<Test>,
    /// The facets.
    pub facets: Vec<Facet>,
    /// The order.
    pub order: Order,
    /// The point from which distances are taken, in degrees.
    pub near: Option<(f64, f64)>,
    /// How far from it is wanted, in kilometres.
    pub radius_km: Option<f64>,
    /// The cities asked for, when their neighbours count less.
    pub own_areas: Vec<(u64, u64)>,
    /// Now, in milliseconds.
    pub now_ms: u64,
    /// Where the last page ended.
    pub after: Option<Key>,
    /// How many rows are wanted.
    pub limit: usize,
}

/// One vacancy that was found.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// Where it stands in the order.
    pub key: Key,
    /// How well it fits.
    pub score: f32,
    /// Where it stands in the index.
    pub at: DocAddress,
}

/// What a scan found.
pub struct Scanned {
    /// How many there are.
    pub total: u64,
    /// The first of them.
    pub hits: Vec<Hit>,
    /// How they spread, by facet and bucket.
    pub spread: Vec<Vec<u64>>,
}

/// Why a hit stands where it stands.
pub struct Why {
    /// What each group gives.
    pub groups: Vec<f32>,
    /// What recency, completeness, handicraft and nearness make of it, as one factor.
    pub factor: f32,
}

impl Scan<'_> {
    /// Scans every segment.
    pub fn run(&self) -> Result<Scanned> {
        let score = match self.order == Order::Relevance && self.limit > 0 && !self.groups.is_empty() {
            true => Some(Score::of(&self.groups, self.words, self.view, self.weights)?),
            false => None,
        };
        let mut spread: Vec<Vec<u64>> = self.facets.iter().map(|facet| vec![0; facet.buckets()]).collect();
        let mut heap: BinaryHeap<Reverse<(Key, u32, DocId, u32)>> = BinaryHeap::with_capacity(self.limit + 1);
        let mut total = 0;
        for (place, ground) in self.view.grounds.iter().enumerate() {
            let found = self.sift(ground, self.members.gather(ground)?, &mut spread);
            total += u64::from(found.count());
            if self.limit > 0 {
                let docs = found.list();
                let scores = match &score {
                    Some(score) => score.scores(place, ground, &docs)?,
                    None => vec![0.0; docs.len()],
                };
                self.rank(u32::try_from(place)?, &ground.columns, &docs, &scores, &mut heap);
            }
        }
        let mut found: Vec<(Key, u32, DocId, u32)> = heap.into_iter().map(|Reverse(hit)| hit).collect();
        found.sort_unstable_by(|left, right| right.cmp(left));
        let hit = |(key, segment, doc, score)| Hit { key, score: f32::from_bits(score), at: DocAddress::new(segment, doc) };
        Ok(Scanned { total, hits: found.into_iter().map(hit).collect(), spread })
    }

    /// Gives the members that meet every filter; one that misses only the filter of a facet counts for that facet.
    fn sift(&self, ground: &Ground, mut members: Bits, spread: &mut [Vec<u64>]) -> Bits {
        let columns = &ground.columns;
        for test in self.tests.iter().filter(|test| test.facet.is_none()) {
            members = columns.get(test.column).within(&test.ranges, &members, ground.size);
        }
        if let Some(radius) = self.radius_km {
            let mut near = Bits::none(ground.size);
            members.each(|doc| near.add_if(doc, self.distance(columns, doc).is_some_and(|away| away <= radius)));
            members = near;
        }
        let of_facets: Vec<(usize, Bits)> = self
            .tests
            .iter()
            .filter_map(|test| {
                let met = columns.get(test.column).within(&test.ranges, &members, ground.size);
                test.facet.map(|facet| (facet, met))
            })
            .collect();
        for (place, facet) in self.facets.iter().enumerate() {
            let mut counted = members.clone();
            of_facets.iter().filter(|(own, _)| *own != place).for_each(|(_, met)| counted.keep(met));
            let (column, spread) = (columns.get(facet.column()), &mut spread[place]);
            counted.each(|doc| {
                column.each(doc, |value| {
                    if let Some(count) = facet.bucket(value).and_then(|bucket| spread.get_mut(bucket)) {
                        *count += 1;
                    }
                });
            });
        }
        of_facets.iter().for_each(|(_, met)| members.keep(met));
        members
    }

    /// Tells why a hit stands where it stands.
    pub fn explain(&self, hit: &Hit) -> Result<Why> {
        let place = usize::try_from(hit.at.segment_ord)?;
        let ground = &self.view.grounds[place];
        let groups = match self.order {
            Order::Relevance => {
                Score::of(&self.groups, self.words, self.view, self.weights)?.parts(place, ground, hit.at.doc_id)?
            }
            _ => vec![0.0; self.groups.len()],
        };
        Ok(Why { groups, factor: self.factor(&ground.columns, hit.at.doc_id) })
    }

    /// Gives the distance of a document from the point asked for, in kilometres.
    pub fn distance_km(&self, hit: &Hit) -> Option<f64> {
        let place = usize::try_from(hit.at.segment_ord).ok()?;
        self.distance(&self.view.grounds[place].columns, hit.at.doc_id)
    }

    fn distance(&self, columns: &Columns, doc: DocId) -> Option<f64> {
        let (lat, lon) = (columns.get(Column::Lat).first(doc)?, columns.get(Column::Lon).first(doc)?);
        self.near.map(|near| haversine_km(near, (degrees(lat), degrees(lon))))
    }

    /// Puts the documents of a segment in their order, as far as they come after the last page.
    fn rank(
        &self,
        segment: u32,
        columns: &Columns,
        docs: &[DocId],
        scores: &[f32],
        heap: &mut BinaryHeap<Reverse<(Key, u32, DocId, u32)>>,
    ) {
        let (high, low) = (columns.get(Column::High), columns.get(Column::Low));
        let most = self.factor_at_most();
        for (doc, score) in docs.iter().zip(scores) {
            let least = heap.peek().filter(|_| heap.len() >= self.limit).map_or(0, |Reverse(hit)| hit.0.0);
            if self.order == Order::Relevance && u64::from(((self.weights.floor + score) * most).to_bits()) < least {
                continue;
            }
            let (first, score) = self.sort_key(columns, *doc, *score);
            if first < least || self.after.is_some_and(|after| first > after.0) {
                continue;
            }
            let key = (first, high.first(*doc).unwrap_or(0), low.first(*doc).unwrap_or(0));
            if self.after.is_some_and(|after| key >= after) {
                continue;
            }
            heap.push(Reverse((key, segment, *doc, score.to_bits())));
            if heap.len() > self.limit {
                heap.pop();
            }
        }
    }

    fn sort_key(&self, columns: &Columns, doc: DocId, score: f32) -> (u64, f32) {
        match self.order {
            Order::Relevance => {
                let score = (self.weights.floor + score) * self.factor(columns, doc);
                (u64::from(score.to_bits()), score)
            }
            Order::Published => (columns.get(Column::Published).first(doc).unwrap_or(0), 0.0),
            Order::Salary => (columns.get(Column::PayMax).first(doc).unwrap_or(0), 0.0),
            Order::Distance => {
                let metres = (FAR_KM - self.distance(columns, doc).unwrap_or(FAR_KM)) * 1000.0;
                (format!("{metres:.0}").parse().unwrap_or(0), 0.0)
            }
        }
    }

    /// Gives the most that the factor of any document can be.
    fn factor_at_most(&self) -> f32 {
        let Weights { recency, completeness, handicraft, nearness, .. } = *self.weights;
        1.0 + recency + completeness + handicraft + nearness
    }

    /// Gives what recency, completeness, handicraft and nearness make of a score.
    fn factor(&self, columns: &Columns, doc: DocId) -> f32 {
        let weights = self.weights;
        let published = columns.get(Column::Published).first(doc).unwrap_or(0);
        let days = real(self.now_ms.saturating_sub(published)) / DAY_MS;
        let mut factor = 1.0 + weights.recency * (-days / weights.recency_days * std::f32::consts::LN_2).exp();
        factor += weights.completeness * completeness(columns.get(Column::Parts).first(doc).unwrap_or(0));
        if columns.get(Column::Handicraft).first(doc) == Some(1) {
            factor += weights.handicraft;
        }
        if self.near.is_some() {
            let away = self.distance(columns, doc).unwrap_or(FAR_KM);
            factor += weights.nearness * (-narrow(away) / weights.nearness_km * std::f32::consts::LN_2).exp();
        }
        let own = |area| self.own_areas.iter().any(|(from, to)| (*from..=*to).contains(&area));
        if !self.own_areas.is_empty() && !columns.get(Column::Area).first(doc).is_some_and(own) {
            factor *= weights.neighbour;
        }
        factor
    }
}

#[expect(clippy::as_conversions, reason = "a distance within the earth fits")]
fn narrow(value: f64) -> f32 {
    value as f32
}
