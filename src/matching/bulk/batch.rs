//! Which are the best vacancies of a batch of graduates?
//!
//! Partition by partition, the most welcome first, for all lanes of the batch together:
//! 1. a lane's threshold (its k-th score so far) gives what a vacancy must count here; who cannot reach it is out;
//! 2. term-at-a-time over the union of the skills bounds every vacancy of the partition: nobody counts more than that;
//! 3. what passes is taken from the highest bound down, so that thresholds rise early: bounded again for groups of eight
//!    lanes side by side, and counted for the lanes of the groups that pass.
//!
//! No pair is left out that could be among the best k, so the result equals brute force (safe-up-to-k pruning; Turtle and
//! Flood 1995, Mackenzie, Tonellotto and others for the term-at-a-time and impact forms).

#![expect(clippy::indexing_slicing, reason = "groups are below G, lanes below 8, places are those of the partition")]

use super::lanes::{Credits, GROUP, NEVER, WHOLE, any, which};
use super::partition::{CLASSES, Partition, Row, VacancyIndex};
use super::score::{Hit, Terms, Wish};
use super::search::Turn;

/// The level up to which lists are not read, as a part of the least need: half of the mean need of a unit of weight.
const LEVEL_PARTS: i16 = 256;
/// How many bounds are looked at together.
const BLOCK: usize = 16;
/// How many candidates are counted between two looks at the bar.
const STRIDE: usize = 16;
/// Candidates are sorted by the high bits of their bounds.
const BUCKETS: usize = 128;
/// One more than the highest bound.
const BOUNDS: usize = 1 << 15;

/// What a lane wants of the vacancies that it is offered.
#[derive(Debug, Clone, Copy, Default)]
struct Lane {
    wish: Wish,
    /// How welcome the district is; none: not at all.
    factor: Option<u8>,
    /// The most that can count.
    reach: i64,
    /// Whether no skill need be covered.
    open: bool,
}

/// At most `8 × G` graduates who are counted side by side.
pub struct Batch<'a, 's, 'q, const G: usize> {
    terms: &'a Terms,
    turns: &'a mut [Turn<'s, 'q>],
    lanes: [[Lane; GROUP]; G],
    /// For each class of education what keeps a lane out that may not have it.
    barriers: [[[i16; GROUP]; CLASSES]; G],
    credits: Credits<G>,
    /// What a vacancy must count for each lane at least.
    needs: [[i16; GROUP]; G],
    /// What a lane's credits count, in 1/256.
    shares: [[u16; GROUP]; G],
    /// For each class of education the bound that each group needs at least.
    bars: [[i16; G]; CLASSES],
    /// What a group's bounds count, in 1/256.
    group_shares: [u16; G],
    /// The bound of each vacancy of the partition.
    bounds: Vec<i16>,
    /// Those high enough, with their bounds, by place.
    found: Vec<(u32, i16)>,
    /// Their places, the highest bucket first.
    chosen: Vec<u32>,
}

impl<'a, 's, 'q, const G: usize> Batch<'a, 's, 'q, G> {
    /// Begins with nothing found.
    pub fn new(index: &'a VacancyIndex, turns: &'a mut [Turn<'s, 'q>]) -> Self {
        let mut credits = Credits::new(index.skills());
        let mut lanes = [[Lane::default(); GROUP]; G];
        let mut barriers = [[[0; GROUP]; CLASSES]; G];
        for (at, (_, search)) in turns.iter().enumerate() {
            let (group, lane) = (at / GROUP, at % GROUP);
            let query = search.query;
            for (skill, credit) in &query.credits {
                credits.set((group, lane), *skill, *credit);
            }
            lanes[group][lane] = Lane { wish: query.wish, factor: None, reach: search.reach, open: query.open };
            for (class, barriers) in barriers[group].iter_mut().enumerate() {
                barriers[lane] = if query.admits >> class & 1 == 1 { 0 } else { NEVER };
            }
        }
        Self {
            terms: &index.terms,
            turns,
            lanes,
            barriers,
            credits,
            needs: [[NEVER; GROUP]; G],
            shares: [[0; GROUP]; G],
            bars: [[NEVER; G]; CLASSES],
            group_shares: [0; G],
            bounds: Vec::new(),
            found: Vec::new(),
            chosen: Vec::new(),
        }
    }

    /// What a vacancy must count at least for a lane to reach its threshold, if every other term were full.
    #[inline]
    fn need(&self, group: usize, lane: usize) -> i16 {
        let Lane { factor: Some(factor), reach, open, .. } = self.lanes[group][lane] else { return NEVER };
        let missing = self.turns[group * GROUP + lane].1.top.threshold() - self.terms.outside();
        if missing > i64::from(factor) * reach {
            return NEVER;
        }
        let total = u32::try_from(missing).unwrap_or(0).div_ceil(u32::from(factor).max(1));
        let need = total.saturating_sub(u32::from(self.terms.inside()));
        i16::try_from(need).unwrap_or(NEVER).max(i16::from(!open))
    }

    /// Looks for better vacancies in a partition.
    pub fn visit(&mut self, district: usize, partition: &Partition) {
        for at in 0..self.turns.len() {
            let (group, lane) = (at / GROUP, at % GROUP);
            self.lanes[group][lane].factor = self.turns[at].1.query.factors[district];
            self.needs[group][lane] = self.need(group, lane);
        }
        let least = self.needs.map(|needs| needs.into_iter().min().unwrap_or(NEVER));
        let need = least.into_iter().min().unwrap_or(NEVER);
        if need == NEVER {
            return;
        }
        self.set_shares(need, &least);
        let level = need / LEVEL_PARTS;
        self.bound(partition, level);
        self.choose(partition, self.bar(level));
        let chosen = std::mem::take(&mut self.chosen);
        for places in chosen.chunks(STRIDE) {
            let bar = self.bar(level);
            partition.touch(places);
            for place in places.iter().filter_map(|place| usize::try_from(*place).ok()) {
                if self.bounds[place] >= bar {
                    self.count(partition.row(place));
                }
            }
        }
        self.chosen = chosen;
    }

    fn set_shares(&mut self, need: i16, least: &[i16; G]) {
        let mut across = [[0_u16; G]; GROUP];
        for group in 0..G {
            self.group_shares[group] = share(need, least[group]);
            for (lane, across) in across.iter_mut().enumerate() {
                let share = share(least[group], self.needs[group][lane]);
                self.shares[group][lane] = share;
                across[group] = share;
            }
            self.set_bars(group);
        }
        self.credits.scale(&across);
    }

    /// Bounds every vacancy of a partition.
    ///
    /// As weights sum to at most 128, `Σ w·m ≤ 128·μ + Σ w·(m − μ)⁺` for any level μ: lists whose bound is at most μ need not
    /// be read (MaxScore's non-essential lists).
    fn bound(&mut self, partition: &Partition, level: i16) {
        self.bounds.clear();
        self.bounds.extend_from_slice(partition.bases());
        self.bounds.resize(partition.bases().len().next_multiple_of(BLOCK), -1);
        let bounds = self.bounds.as_mut_slice();
        for (skill, most) in self.credits.bounds(&self.group_shares).filter(|(_, most)| *most > level) {
            for (place, weight) in partition.postings().list(skill) {
                bounds[place] += (most - level) * i16::from(weight);
            }
        }
    }

    /// Chooses the places whose bound is at least the bar, the highest bucket of bounds first (a counting sort).
    fn choose(&mut self, partition: &Partition, bar: i16) {
        let bucket = |bound: i16| usize::from(u16::try_from(i16::MAX - bound).unwrap_or(0)) / (BOUNDS / BUCKETS);
        let mut starts = [0_usize; BUCKETS + 1];
        self.found.clear();
        self.found.reserve(partition.bases().len());
        for (places, bounds) in (0_u32..).step_by(BLOCK).zip(self.bounds.as_chunks::<BLOCK>().0) {
            if any(bounds, bar) {
                for (place, bound) in (places..).zip(bounds).filter(|(_, bound)| **bound >= bar) {
                    self.found.push((place, *bound));
                    starts[bucket(*bound) + 1] += 1;
                }
            }
        }
        for at in 1..=BUCKETS {
            starts[at] += starts[at - 1];
        }
        self.chosen.clear();
        self.chosen.resize(self.found.len(), 0);
        for (place, bound) in &self.found {
            let next = &mut starts[bucket(*bound)];
            self.chosen[*next] = *place;
            *next += 1;
        }
    }

    /// Sets what a group needs at least, for each class of education.
    fn set_bars(&mut self, group: usize) {
        let mut bars = [NEVER; CLASSES];
        for lane in 0..GROUP {
            let bar = part(self.needs[group][lane], self.shares[group][lane]);
            for (bar_of, barriers) in bars.iter_mut().zip(&self.barriers[group]) {
                *bar_of = (bar | barriers[lane]).min(*bar_of);
            }
        }
        for (class, bar) in bars.into_iter().enumerate() {
            self.bars[class][group] = bar;
        }
    }

    /// The least bound of a vacancy that somebody may still need.
    fn bar(&self, level: i16) -> i16 {
        let mut bar = NEVER;
        for (group, share) in self.group_shares.iter().enumerate() {
            let least = self.needs[group].iter().zip(&self.shares[group]).map(|(need, share)| part(*need, *share)).min();
            bar = bar.min(part(least.unwrap_or(NEVER), *share));
        }
        bar - level * 128
    }

    /// Counts one vacancy for the groups that may need it.
    fn count(&mut self, row: Row<'_>) {
        let sums = self.credits.group_bounds(row.base, row.skills());
        let mut groups = which(&sums, &self.bars[usize::from(row.class)]);
        while groups != 0 {
            self.count_group(row, usize::try_from(groups.trailing_zeros()).unwrap_or(0));
            groups &= groups - 1;
        }
    }

    /// Counts one vacancy for the lanes of a group and offers it to those whose need it meets.
    fn count_group(&mut self, row: Row<'_>, group: usize) {
        let sums = self.credits.sums(group, row.base, row.skills());
        let mut needs = self.needs[group];
        for (need, barrier) in needs.iter_mut().zip(&self.barriers[group][usize::from(row.class)]) {
            *need |= barrier;
        }
        let mut lanes = which(&sums, &needs);
        if lanes == 0 {
            return;
        }
        while lanes != 0 {
            let lane = usize::try_from(lanes.trailing_zeros()).unwrap_or(0);
            lanes &= lanes - 1;
            self.offer(&row, sums[lane], (group, lane));
        }
        self.set_bars(group);
    }

    /// Offers a vacancy that counts so much to a lane.
    #[inline]
    fn offer(&mut self, row: &Row<'_>, sum: i16, (group, lane): (usize, usize)) {
        let Lane { wish, factor: Some(factor), open, .. } = self.lanes[group][lane] else { return };
        if sum == row.base && !row.open && !open {
            return;
        }
        let counted = u32::from(sum.cast_unsigned()) - u32::from(row.open);
        let score = self.terms.score(counted, factor, &wish, (row.class, row.paid, row.sector));
        if self.turns[group * GROUP + lane].1.top.offer(Hit { id: row.id, score }) {
            self.needs[group][lane] = self.need(group, lane);
        }
    }
}

/// The share of a lane that needs `need` beside one that needs `least`, rounded up; 0 for one that is out.
fn share(least: i16, need: i16) -> u16 {
    if need == NEVER {
        return 0;
    }
    let (least, need) = (u32::from(least.cast_unsigned()), u32::from(need.cast_unsigned()));
    u16::try_from((least * u32::from(WHOLE)).div_ceil(need.max(1))).unwrap_or(WHOLE).min(WHOLE)
}

/// The share of a need, rounded down; one that is never met stays so.
fn part(need: i16, share: u16) -> i16 {
    if need == NEVER {
        return NEVER;
    }
    i16::try_from((u32::from(need.cast_unsigned()) * u32::from(share)) >> 8).unwrap_or(NEVER)
}
