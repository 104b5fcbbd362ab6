//! Which vacancies come first, how many are there, and how do they spread? One pass over those that meet the words: each
//! that meets all filters is counted and ranked, one that misses only the filter of a facet counts for that facet.
#![expect(clippy::indexing_slicing, reason = "all lists of one segment have one length, made beside each other")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, SegmentReader, Term};

use crate::error::Result;
use crate::lexicon::place::haversine_km;
use crate::search::facet::Facet;
use crate::search::members::Members;
use crate::search::plan::Count;
use crate::search::schema::{Column, completeness, degrees};
use crate::search::view::{Columns, View};
use crate::search::weights::Weights;

/// How many milliseconds a day has.
const DAY_MS: f32 = 86_400_000.0;
/// How many lengths of a field BM25 tells apart.
const LENGTHS: usize = 256;
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

/// The statistics of one term over all segments.
struct Counted<'t> {
    term: &'t Term,
    idf: f32,
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
        let members = self.members.weigh(&self.view.searcher)?;
        let terms = self.statistics()?;
        let norms = self.norms()?;
        let mut spread: Vec<Vec<u64>> = self.facets.iter().map(|facet| vec![0; facet.buckets()]).collect();
        let mut heap: BinaryHeap<Reverse<(Key, u32, DocId, u32)>> = BinaryHeap::with_capacity(self.limit + 1);
        let mut total = 0;
        for (place, reader) in self.view.searcher.segment_readers().iter().enumerate() {
            let columns = &self.view.columns[place];
            let mut docs: Vec<DocId> = Vec::new();
            let mut sift = Sift::new(self, columns, &mut spread);
            members.each(reader, |doc| {
                if sift.take(doc) {
                    docs.push(doc);
                }
            })?;
            total += u64::try_from(docs.len())?;
            if self.limit > 0 {
                let scores = self.scores(reader, &docs, &terms, &norms, None)?;
                self.rank(u32::try_from(place)?, columns, &docs, &scores, &mut heap);
            }
        }
        let mut found: Vec<(Key, u32, DocId, u32)> = heap.into_iter().map(|Reverse(hit)| hit).collect();
        found.sort_unstable_by(|left, right| right.cmp(left));
        let hit = |(key, segment, doc, score)| Hit { key, score: f32::from_bits(score), at: DocAddress::new(segment, doc) };
        Ok(Scanned { total, hits: found.into_iter().map(hit).collect(), spread })
    }

    /// Tells why a hit stands where it stands.
    pub fn explain(&self, hit: &Hit) -> Result<Why> {
        let (terms, norms) = (self.statistics()?, self.norms()?);
        let place = usize::try_from(hit.at.segment_ord)?;
        let reader = self.view.searcher.segment_reader(hit.at.segment_ord);
        let mut groups = Vec::new();
        self.scores(reader, &[hit.at.doc_id], &terms, &norms, Some(&mut groups))?;
        Ok(Why { groups, factor: self.factor(&self.view.columns[place], hit.at.doc_id) })
    }

    /// Gives the distance of a document from the point asked for, in kilometres.
    pub fn distance_km(&self, hit: &Hit) -> Option<f64> {
        let place = usize::try_from(hit.at.segment_ord).ok()?;
        self.distance(&self.view.columns[place], hit.at.doc_id)
    }

    fn distance(&self, columns: &Columns, doc: DocId) -> Option<f64> {
        let (lat, lon) = (columns.get(Column::Lat).first(doc)?, columns.get(Column::Lon).first(doc)?);
        self.near.map(|near| haversine_km(near, (degrees(lat), degrees(lon))))
    }

    fn statistics(&self) -> Result<Vec<Counted<'_>>> {
        let mut terms: Vec<&Term> = self.groups.iter().flatten().flat_map(|count| &count.terms).map(|(term, _)| term).collect();
        terms.sort_unstable();
        terms.dedup();
        let docs = real(self.view.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum());
        let mut counted = Vec::new();
        for term in terms {
            let holding = real(self.view.searcher.doc_freq(term)?);
            counted.push(Counted { term, idf: (1.0 + (docs - holding + 0.5) / (holding + 0.5)).ln() });
        }
        Ok(counted)
    }

    /// Gives, for each length of a field, the part of BM25 that depends on it.
    fn norms(&self) -> Result<Vec<f32>> {
        let (mut tokens, mut docs) = (0, 0);
        for reader in self.view.searcher.segment_readers() {
            tokens += reader.inverted_index(self.words)?.total_num_tokens();
            docs += u64::from(reader.max_doc());
        }
        let average = (real(tokens) / real(docs).max(1.0)).max(1.0);
        let Weights { k1, b, .. } = *self.weights;
        let lengths =
            (0..LENGTHS).filter_map(|id| u8::try_from(id).ok()).map(tantivy::fieldnorm::FieldNormReader::id_to_fieldnorm);
        Ok(lengths.map(|length| k1 * (1.0 - b + b * real(u64::from(length)) / average)).collect())
    }

    /// Scores documents, term by term: the best way of each group counts, and the groups add up.
    fn scores(
        &self,
        reader: &SegmentReader,
        docs: &[DocId],
        terms: &[Counted<'_>],
        norms: &[f32],
        mut parts: Option<&mut Vec<f32>>,
    ) -> Result<Vec<f32>> {
        let mut scores = vec![0.0_f32; docs.len()];
        if self.order != Order::Relevance || docs.is_empty() || self.groups.is_empty() {
            return Ok(scores);
        }
        let lengths = reader.get_fieldnorms_reader(self.words)?;
        let norms: Vec<f32> = docs.iter().map(|doc| norms[usize::from(lengths.fieldnorm_id(*doc))]).collect();
        let index = reader.inverted_index(self.words)?;
        let (mut best, mut way) = (vec![0.0_f32; docs.len()], vec![0.0_f32; docs.len()]);
        let idf = |term: &Term| terms.iter().find(|counted| counted.term == term).map_or(0.0, |counted| counted.idf);
        let rarity = |count: &Count| count.terms.iter().map(|(term, share)| idf(term) * share).sum::<f32>();
        for group in &self.groups {
            best.fill(0.0);
            let first = group.first().map_or(0.0, rarity);
            for count in group {
                way.fill(0.0);
                // Another word for a thing is worth no more than the thing, however rare the word.
                let part = (first / rarity(count).max(f32::MIN_POSITIVE)).min(1.0);
                for (term, share) in &count.terms {
                    let weight = part * idf(term) * share * (1.0 + self.weights.k1);
                    if let Some(mut postings) = index.read_postings(term, IndexRecordOption::WithFreqs)? {
                        add_term(&mut postings, docs, &norms, weight, &mut way);
                    }
                }
                best.iter_mut().zip(&way).for_each(|(best, way)| *best = best.max(way * count.weight));
            }
            scores.iter_mut().zip(&best).for_each(|(score, best)| *score += best);
            if let Some(parts) = parts.as_deref_mut() {
                parts.push(best.first().copied().unwrap_or(0.0));
            }
        }
        Ok(scores)
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
        for (doc, score) in docs.iter().zip(scores) {
            let (first, score) = self.sort_key(columns, *doc, *score);
            let full = heap.len() >= self.limit;
            let least = heap.peek().map_or(0, |Reverse(hit)| hit.0.0);
            if (full && first < least) || self.after.is_some_and(|after| first > after.0) {
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

/// Decides document by document, and counts for the facets.
struct Sift<'c> {
    tests: Vec<(&'c Test, &'c tantivy::columnar::Column<u64>)>,
    facets: Vec<(Facet, &'c tantivy::columnar::Column<u64>)>,
    spread: &'c mut [Vec<u64>],
    scan: &'c Scan<'c>,
    columns: &'c Columns,
}

impl<'c> Sift<'c> {
    fn new(scan: &'c Scan<'_>, columns: &'c Columns, spread: &'c mut [Vec<u64>]) -> Sift<'c> {
        let tests = scan.tests.iter().map(|test| (test, columns.get(test.column))).collect();
        let facets = scan.facets.iter().map(|facet| (*facet, columns.get(facet.column()))).collect();
        Sift { tests, facets, spread, scan, columns }
    }

    /// Tells whether a document meets every filter.
    fn take(&mut self, doc: DocId) -> bool {
        let mut missed: Option<usize> = None;
        for (test, column) in &self.tests {
            let wanted = |value: u64| test.ranges.iter().any(|(from, to)| *from <= value && value <= *to);
            if (test.facet.is_some() && missed == test.facet) || column.values_for_doc(doc).any(wanted) {
                continue;
            }
            if missed.is_some() || test.facet.is_none() {
                return false;
            }
            missed = test.facet;
        }
        if let Some(radius) = self.scan.radius_km
            && self.scan.distance(self.columns, doc).is_none_or(|away| away > radius)
        {
            return false;
        }
        for (place, (facet, column)) in self.facets.iter().enumerate() {
            if missed.is_none_or(|missed| missed == place) {
                let spread = &mut self.spread[place];
                for bucket in column.values_for_doc(doc).filter_map(|value| facet.bucket(value)) {
                    if let Some(count) = spread.get_mut(bucket) {
                        *count += 1;
                    }
                }
            }
        }
        missed.is_none()
    }
}

fn add_term(postings: &mut impl Postings, docs: &[DocId], norms: &[f32], weight: f32, way: &mut [f32]) {
    let mut at = postings.doc();
    for (place, doc) in docs.iter().enumerate() {
        if at < *doc {
            at = postings.seek(*doc);
        }
        if at == *doc {
            let frequency = real(u64::from(postings.term_freq()));
            way[place] += weight * frequency / (frequency + norms[place]);
        }
    }
}

/// Gives a count as a real number; beyond 2^24 the last digits are lost.
#[expect(clippy::as_conversions, reason = "a rounded count is what a statistic wants")]
fn real(count: u64) -> f32 {
    count as f32
}

#[expect(clippy::as_conversions, reason = "a distance within the earth fits")]
fn narrow(value: f64) -> f32 {
    value as f32
}
