//! How well do documents fit the words? BM25 over one field in which the weights of all fields are frequencies: the best
//! way of each group counts, and the groups add up.
#![expect(clippy::indexing_slicing, reason = "all lists of one segment have one length, made beside each other")]

use std::collections::BTreeMap;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, TERMINATED, Term};

use crate::error::Result;
use crate::search::plan::Count;
use crate::search::view::{Ground, View};
use crate::search::weights::Weights;

/// How many lengths of a field BM25 tells apart.
const LENGTHS: usize = 256;
/// How many documents are scored at a time.
const CHUNK: usize = 4_096;

/// One way of meeting a group, ready to count.
struct Way {
    weight: f32,
    /// The places of its terms, each with what it counts.
    terms: Vec<(usize, f32)>,
}

/// What scores the documents of a view.
pub struct Score {
    words: Field,
    /// Where each term stands, segment by segment.
    infos: Vec<Vec<Option<TermInfo>>>,
    norms: Vec<f32>,
    groups: Vec<Vec<Way>>,
}

impl Score {
    /// Gets ready to score by these groups.
    pub fn of(groups: &[Vec<Count>], words: Field, view: &View, weights: &Weights) -> Result<Score> {
        let mut places: BTreeMap<&Term, usize> = BTreeMap::new();
        for (term, _) in groups.iter().flatten().flat_map(|count| &count.terms) {
            let next = places.len();
            places.entry(term).or_insert(next);
        }
        let (mut infos, mut tokens, mut docs) = (Vec::new(), 0, 0);
        let mut holding = vec![0_u64; places.len()];
        for ground in &view.grounds {
            let index = ground.reader.inverted_index(words)?;
            let mut of_segment = vec![None; places.len()];
            for (term, place) in &places {
                let info = index.get_term_info(term)?;
                holding[*place] += info.as_ref().map_or(0, |info| u64::from(info.doc_freq));
                of_segment[*place] = info;
            }
            infos.push(of_segment);
            tokens += index.total_num_tokens();
            docs += u64::from(ground.size);
        }
        let all = real(docs);
        let idf = |term: &Term| {
            let holding = real(places.get(term).map_or(0, |place| holding[*place]));
            (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
        };
        let ways = |group: &Vec<Count>| {
            let rarity = |count: &Count| count.terms.iter().map(|(term, share)| idf(term) * share).sum::<f32>();
            let first = group.first().map_or(0.0, rarity);
            let way = |count: &Count| {
                // Another word for a thing is worth no more than the thing, however rare the word.
                let part = (first / rarity(count).max(f32::MIN_POSITIVE)).min(1.0);
                let counts =
                    |(term, share): &(Term, f32)| Some((*places.get(term)?, part * idf(term) * share * (1.0 + weights.k1)));
                Way { weight: count.weight, terms: count.terms.iter().filter_map(counts).collect() }
            };
            group.iter().map(way).collect()
        };
        let groups = groups.iter().map(ways).collect();
        Ok(Score { words, infos, norms: norms(real(tokens) / all.max(1.0), weights), groups })
    }

    /// Scores documents of the segment at a place, in order.
    pub fn scores(&self, place: usize, ground: &Ground, docs: &[DocId]) -> Result<Vec<f32>> {
        let mut scores = Vec::with_capacity(docs.len());
        let mut terms: Vec<Option<Reading>> = Vec::new();
        for info in &self.infos[place] {
            terms.push(info.as_ref().map(|info| Reading::open(ground, self.words, info)).transpose()?);
        }
        let lengths = ground.reader.get_fieldnorms_reader(self.words)?;
        for chunk in docs.chunks(CHUNK) {
            let norms: Vec<f32> = chunk.iter().map(|doc| self.norms[usize::from(lengths.fieldnorm_id(*doc))]).collect();
            let counted: Vec<Option<Vec<f32>>> =
                terms.iter_mut().map(|term| term.as_mut().map(|term| term.count(chunk, &norms))).collect();
            let from = scores.len();
            scores.resize(from + chunk.len(), 0.0);
            for group in &self.groups {
                let best = best(group, &counted, chunk.len());
                scores[from..].iter_mut().zip(&best).for_each(|(score, best)| *score += best);
            }
        }
        Ok(scores)
    }

    /// Tells what each group gives a document.
    pub fn parts(&self, place: usize, ground: &Ground, doc: DocId) -> Result<Vec<f32>> {
        let lengths = ground.reader.get_fieldnorms_reader(self.words)?;
        let norms = [self.norms[usize::from(lengths.fieldnorm_id(doc))]];
        let mut counted = Vec::new();
        for info in &self.infos[place] {
            let read = info.as_ref().map(|info| Reading::open(ground, self.words, info)).transpose()?;
            counted.push(read.map(|mut read| read.count(&[doc], &norms)));
        }
        Ok(self.groups.iter().map(|group| best(group, &counted, 1)[0]).collect())
    }
}

/// Gives each document what the best way of a group gives it.
fn best(group: &[Way], counted: &[Option<Vec<f32>>], size: usize) -> Vec<f32> {
    let mut best = vec![0.0_f32; size];
    let mut sum = vec![0.0_f32; size];
    for way in group {
        let mut terms = way.terms.iter().filter_map(|(term, weight)| Some((counted[*term].as_ref()?, weight * way.weight)));
        match (terms.next(), terms.next()) {
            (None, _) => {}
            (Some((only, weight)), None) => {
                best.iter_mut().zip(only).for_each(|(best, share)| *best = best.max(share * weight));
            }
            (Some(first), Some(second)) => {
                sum.fill(0.0);
                for (shares, weight) in [first, second].into_iter().chain(terms) {
                    sum.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share * weight);
                }
                best.iter_mut().zip(&sum).for_each(|(best, sum)| *best = best.max(*sum));
            }
        }
    }
    best
}

/// The postings of a term, as far as they have been read.
struct Reading {
    block: tantivy::postings::BlockSegmentPostings,
    at: usize,
}

impl Reading {
    fn open(ground: &Ground, words: Field, info: &TermInfo) -> Result<Reading> {
        let index = ground.reader.inverted_index(words)?;
        Ok(Reading { block: index.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?, at: 0 })
    }

    /// Gives each of the documents the share of the term: its frequency, saturated and by the length.
    fn count(&mut self, docs: &[DocId], norms: &[f32]) -> Vec<f32> {
        let mut shares = vec![0.0; docs.len()];
        for ((doc, norm), share) in docs.iter().zip(norms).zip(&mut shares) {
            let mut here = self.block.docs().get(self.at).copied().unwrap_or(TERMINATED);
            if here < *doc {
                self.at += 1;
                here = self.block.docs().get(self.at).copied().unwrap_or(0);
                if here < *doc {
                    self.at = self.block.seek(*doc);
                    here = self.block.docs().get(self.at).copied().unwrap_or(TERMINATED);
                }
            }
            if here == *doc {
                let frequency = real(u64::from(self.block.freq(self.at)));
                *share = frequency / (frequency + norm);
            }
        }
        shares
    }
}

/// Gives, for each length of a field, the part of BM25 that depends on it.
fn norms(average: f32, weights: &Weights) -> Vec<f32> {
    let (k1, b, average) = (weights.k1, weights.b, average.max(1.0));
    let lengths = (0..LENGTHS).filter_map(|id| u8::try_from(id).ok()).map(FieldNormReader::id_to_fieldnorm);
    lengths.map(|length| k1 * (1.0 - b + b * real(u64::from(length)) / average)).collect()
}

/// Gives a count as a real number; beyond 2^24 the last digits are lost.
#[expect(clippy::as_conversions, reason = "a rounded count is what a statistic wants")]
pub fn real(count: u64) -> f32 {
    count as f32
}
