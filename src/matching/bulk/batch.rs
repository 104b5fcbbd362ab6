//! Which are the best vacancies of a batch of graduates?
//!
//! Partition by partition, the most welcome first, for all lanes of the batch together:
//! 1. a lane's threshold (its k-th score so far) gives the coverage that it needs here; who cannot reach it is out;
//! 2. term-at-a-time over the union of the skills bounds every vacancy of the partition: nobody covers more than that;
//! 3. what passes is counted for all lanes side by side, and offered to those whose need it meets.
//!
//! No pair is left out that could be among the best k, so the result equals brute force (safe-up-to-k pruning; Turtle and
//! Flood 1995, Mackenzie, Tonellotto and others for the term-at-a-time and impact forms).

#![expect(clippy::indexing_slicing, reason = "lanes are below L, places are those of the partition")]

use super::lanes::{Credits, NEVER, any};
use super::partition::{EDUCATION_RANKS, Partition, VacancyIndex};
use super::score::{Hit, Terms};
use super::search::Turn;

/// The level up to which lists are not read, as a part of the least need: half of the mean need of a unit of weight.
const LEVEL_PARTS: i16 = 256;
/// The most promising are those within one part in so many of the highest bound.
const STEPS: i16 = 8;
/// How many bounds are looked at together.
const BLOCK: usize = 16;
/// The share of a lane that needs least, in 1/256.
const WHOLE: i32 = 256;

/// At most `L` graduates who are counted side by side.
pub struct Batch<'a, 's, 'q, const L: usize> {
    terms: &'a Terms,
    lanes: &'a mut [Turn<'s, 'q>],
    credits: Credits<L>,
    /// The most that a lane can cover.
    reach: [i64; L],
    /// The sectors of the batch: their vacancies add the term of the major.
    sectors: Vec<u16>,
    /// The coverage that each lane needs, for each row of sector (the last: any other) and rank of education.
    needs: Vec<[i16; L]>,
    /// The least that each lane needs.
    least: [i16; L],
    /// The bound of each vacancy of the partition.
    bounds: Vec<i16>,
}

impl<'a, 's, 'q, const L: usize> Batch<'a, 's, 'q, L> {
    /// Begins with nothing found.
    pub fn new(index: &'a VacancyIndex, lanes: &'a mut [Turn<'s, 'q>]) -> Self {
        let mut credits = Credits::new(index.skills());
        let mut reach = [0; L];
        for (lane, search) in lanes.iter().enumerate() {
            let search = &search.1;
            for (skill, credit) in &search.query.credits {
                credits.set(lane, *skill, *credit);
            }
            reach[lane] = search.reach();
        }
        let mut sectors: Vec<u16> = lanes.iter().map(|(_, search)| search.query.sector).collect();
        sectors.sort_unstable();
        sectors.dedup();
        let needs = vec![[NEVER; L]; (sectors.len() + 1) * EDUCATION_RANKS];
        Self { terms: &index.terms, lanes, credits, reach, sectors, needs, least: [NEVER; L], bounds: Vec::new() }
    }

    /// The coverage that a lane needs to reach its threshold, with the term of the major and without.
    fn need(&self, lane: usize, district: usize) -> (i16, i16) {
        let factor = i64::from(self.lanes[lane].1.query.factors[district]);
        let missing = self.lanes[lane].1.top.threshold() - self.terms.salary_most();
        let need = |missing: i64| match factor * self.reach[lane] {
            0 if missing > 0 => NEVER,
            most if missing > most => NEVER,
            _ if missing <= 0 => 1,
            _ => i16::try_from((missing + factor - 1) / factor).unwrap_or(NEVER),
        };
        (need(missing - self.terms.major), need(missing))
    }

    fn set_needs(&mut self, lane: usize, (own, other): (i16, i16)) {
        let query = self.lanes[lane].1.query;
        self.least[lane] = own;
        for (row, needs) in self.needs.chunks_exact_mut(EDUCATION_RANKS).enumerate() {
            let need = if self.sectors.get(row) == Some(&query.sector) { own } else { other };
            for needs in needs.iter_mut().take(usize::from(query.education) + 1) {
                needs[lane] = need;
            }
        }
    }

    /// Looks for better vacancies in a partition, the most promising first, so that the thresholds rise early.
    pub fn visit(&mut self, district: usize, partition: &Partition) {
        self.least = [NEVER; L];
        self.needs.fill([NEVER; L]);
        for lane in 0..self.lanes.len() {
            let needs = self.need(lane, district);
            if needs.0 != NEVER {
                self.set_needs(lane, needs);
            }
        }
        let Some(need) = self.least.iter().copied().min().filter(|need| *need != NEVER) else { return };
        let (shares, level) = self.bound(partition, need);
        let bounds = std::mem::take(&mut self.bounds);
        let mut above = bounds.iter().copied().max().unwrap_or(0) + 1;
        loop {
            let bar = self.bar(&shares, level);
            if bar >= above {
                break;
            }
            let floor = bar.max(above - above / STEPS - 1);
            for (block, bounds) in bounds.as_chunks::<BLOCK>().0.iter().enumerate() {
                if !any(bounds, &[floor; BLOCK]) {
                    continue;
                }
                for (at, bound) in bounds.iter().enumerate() {
                    if (floor..above).contains(bound) {
                        self.count(district, partition, block * BLOCK + at);
                    }
                }
            }
            above = floor;
        }
        self.bounds = bounds;
    }

    /// Bounds every vacancy of a partition; gives the share of each lane's coverage that counts, and the level.
    ///
    /// As weights sum to at most 128, `Σ w·m ≤ 128·μ + Σ w·(m − μ)⁺` for any level μ: lists whose bound is at most μ need not
    /// be read (MaxScore's non-essential lists).
    fn bound(&mut self, partition: &Partition, need: i16) -> ([u16; L], i16) {
        let mut shares = [0_u16; L];
        for (share, least) in shares.iter_mut().zip(&self.least).filter(|(_, least)| **least != NEVER) {
            *share = u16::try_from((WHOLE * i32::from(need) / i32::from(*least) + 1).min(WHOLE)).unwrap_or(0);
        }
        self.bounds.clear();
        self.bounds.resize(partition.len().next_multiple_of(BLOCK), 0);
        let level = need / LEVEL_PARTS;
        for (skill, most) in self.credits.bounds(&shares).filter(|(_, most)| *most > level) {
            for (place, weight) in partition.postings().list(skill) {
                self.bounds[place] += (most - level) * i16::from(weight);
            }
        }
        (shares, level)
    }

    /// The least bound of a vacancy that somebody may still need.
    fn bar(&self, shares: &[u16; L], level: i16) -> i16 {
        let lanes = self.least.iter().zip(shares).filter(|(least, _)| **least != NEVER);
        let shared = lanes.map(|(least, share)| u32::from(least.cast_unsigned()) * u32::from(*share) / 256);
        let bar = shared.min().map_or(NEVER, |bar| i16::try_from(bar).unwrap_or(NEVER));
        bar - level * 128
    }

    /// Counts one vacancy for all lanes and offers it to those whose need it meets.
    fn count(&mut self, district: usize, partition: &Partition, place: usize) {
        let sums = self.credits.coverage(partition.skills(place));
        let class = partition.class(place);
        let (sector, education) = (class / EDUCATION_RANKS, class % EDUCATION_RANKS);
        let row = self.sectors.iter().position(|own| usize::from(*own) == sector).unwrap_or(self.sectors.len());
        let needs = &self.needs[row * EDUCATION_RANKS + education];
        if !any(&sums, needs) {
            return;
        }
        let needs = *needs;
        for lane in 0..self.lanes.len() {
            if sums[lane] < needs[lane] {
                continue;
            }
            let coverage = u32::from(sums[lane].cast_unsigned());
            let sector = u16::try_from(sector).unwrap_or(u16::MAX);
            let query = self.lanes[lane].1.query;
            let score = self.terms.score(coverage, query.factors[district], query, partition.paid(place), sector);
            if self.lanes[lane].1.top.offer(Hit { id: partition.id(place), score }) {
                let needs = self.need(lane, district);
                self.set_needs(lane, needs);
            }
        }
    }
}
