//! Who is counted beside whom, and when is a search over?
//!
//! In rounds. In each round every graduate looks at the most welcome region not yet seen; those in one region are put side by
//! side, alike beside alike. A search is over when not even full coverage in the next region would reach the k-th score.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::batch::Batch;
use super::lanes::GROUP;
use super::partition::VacancyIndex;
use super::score::{Hit, Query, Terms};
use super::top::Top;

/// How many groups of graduates are counted side by side.
const GROUPS: usize = 8;
/// How many graduates share the visit of a partition, so that it stays in the cache of the core: a unit of work.
const UNIT: usize = GROUPS * GROUP * 4;

/// The search of one graduate.
pub struct Search<'q> {
    /// What is searched for.
    pub query: &'q Query,
    /// The best so far.
    pub top: Top,
    /// The most that can count.
    pub reach: i64,
    /// The regions not yet seen with the best factor there, the most welcome last.
    ahead: Vec<(u8, Reverse<u16>)>,
}

/// A search and the region that it looks at in this round.
pub type Turn<'s, 'q> = (u16, &'s mut Search<'q>);

impl<'q> Search<'q> {
    fn new(index: &VacancyIndex, query: &'q Query, k: usize) -> Self {
        let regions = index.regions().iter().max().map_or(0, |last| usize::from(*last) + 1);
        let mut best: Vec<Option<u8>> = vec![None; regions];
        for (region, factor) in index.regions().iter().zip(&query.factors) {
            if let Some(best) = best.get_mut(usize::from(*region)) {
                *best = (*best).max(*factor);
            }
        }
        let wanted = (0..).zip(best).filter_map(|(region, best)| Some((best?, Reverse(region))));
        let mut ahead: Vec<(u8, Reverse<u16>)> = wanted.collect();
        ahead.sort_unstable();
        Self { query, top: Top::new(k), reach: query.reach(&index.terms), ahead }
    }

    /// The region to look at next; none when the search is over.
    fn region(&self, terms: &Terms) -> Option<u16> {
        let (factor, Reverse(region)) = *self.ahead.last()?;
        let most = self.reach * i64::from(factor) + terms.outside();
        (most >= self.top.threshold()).then_some(region)
    }
}

/// Gives each graduate's best k vacancies, in the order of the graduates.
pub fn top_k(index: &VacancyIndex, graduates: &[Query], k: usize) -> Vec<Vec<Hit>> {
    let mut searches: Vec<Search> = graduates.par_iter().map(|query| Search::new(index, query, k)).collect();
    loop {
        let goes_on = |search| -> Option<(u16, &mut Search)> {
            let s: &mut Search = search;
            Some((s.region(&index.terms)?, s))
        };
        let mut round: Vec<Turn> = searches.iter_mut().filter_map(goes_on).collect();
        if round.is_empty() {
            break;
        }
        round.par_sort_unstable_by_key(|(region, search)| (*region, search.query.kin, search.query.id));
        let units = round.chunk_by_mut(|one, other| one.0 == other.0).flat_map(|region| region.chunks_mut(UNIT));
        units.collect::<Vec<_>>().into_par_iter().for_each(|unit| visit::<GROUPS>(index, unit));
    }
    searches.into_iter().map(|search| search.top.finish()).collect()
}

/// Gives one graduate's best k vacancies.
pub fn top_k_of_one(index: &VacancyIndex, graduate: &Query, k: usize) -> Vec<Hit> {
    let mut search = Search::new(index, graduate, k);
    while let Some(region) = search.region(&index.terms) {
        visit::<1>(index, &mut [(region, &mut search)]);
    }
    search.top.finish()
}

/// Visits the partitions of the region of a unit, the most welcome first.
fn visit<'s, 'q, const G: usize>(index: &VacancyIndex, unit: &mut [Turn<'s, 'q>]) {
    let Some(region) = unit.first().map(|(region, _)| *region) else { return };
    let inside = index.regions().iter().zip(index.partitions()).enumerate().filter(|(_, (of, _))| **of == region);
    let mut partitions: Vec<_> = inside.map(|(district, (_, partition))| (district, partition)).collect();
    partitions.sort_by_cached_key(|(district, _)| {
        let factors = unit.iter().filter_map(|(_, search)| search.query.factors.get(*district));
        Reverse(factors.map(|factor| u32::from(factor.unwrap_or(0))).sum::<u32>())
    });
    let mut batches: Vec<Batch<'_, 's, 'q, G>> = unit.chunks_mut(GROUP * G).map(|lanes| Batch::new(index, lanes)).collect();
    for (district, partition) in partitions {
        batches.iter_mut().for_each(|batch| batch.visit(district, partition));
    }
    drop(batches);
    for (_, search) in unit {
        search.ahead.pop();
    }
}
