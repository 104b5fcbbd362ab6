//! Which are the best k graduates of a vacancy? The same score the other way round.
//!
//! Graduates lie in blocks by the region that they like best, each with inverted lists over what they earn. Blocks are looked
//! at from the highest bound down, until not even full terms could reach the k-th score.

#![expect(clippy::indexing_slicing, reason = "places come from the lists that were built with the rows")]

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::lanes::any;
use super::postings::Postings;
use super::score::{Hit, Query, Terms, VacancyItem, Wish};
use super::top::Top;

/// How many sums are looked at together.
const STRIDE: usize = 16;

/// The graduates who like one region best.
#[derive(Debug, Clone)]
struct Block {
    ids: Vec<u32>,
    wishes: Vec<Wish>,
    admits: Vec<u16>,
    /// Who need no skill covered.
    open: Vec<bool>,
    /// How welcome each district is to each, district by district.
    factors: Vec<Option<u8>>,
    /// The most welcome that each district is to anybody.
    best: Vec<Option<u8>>,
    /// The most that anybody earns for each skill.
    tops: Vec<u8>,
    postings: Postings,
}

impl Block {
    fn new(skills: usize, districts: usize, mut graduates: Vec<&Query>) -> Block {
        graduates.sort_by_key(|query| (query.kin, query.id));
        let postings = Postings::new(skills, graduates.iter().map(|query| query.credits.as_slice()));
        let factor = |district: usize, query: &&Query| query.factors.get(district).copied().flatten();
        let column = |district: usize| graduates.iter().map(move |query| factor(district, query));
        let mut tops = vec![0; skills];
        for (skill, credit) in graduates.iter().flat_map(|query| &query.credits) {
            tops[usize::from(*skill)] = tops[usize::from(*skill)].max(*credit);
        }
        Block {
            ids: graduates.iter().map(|query| query.id).collect(),
            wishes: graduates.iter().map(|query| query.wish).collect(),
            admits: graduates.iter().map(|query| query.admits).collect(),
            open: graduates.iter().map(|query| query.open).collect(),
            best: (0..districts).map(|district| column(district).max().flatten()).collect(),
            factors: (0..districts).flat_map(column).collect(),
            tops,
            postings,
        }
    }

    /// The most that anybody here can be worth to a vacancy of a district; none when nobody would work there.
    fn bound(&self, terms: &Terms, district: u16, vacancy: &VacancyItem) -> Option<i64> {
        let factor = self.best[usize::from(district)]?;
        let top = |skill: u16| i64::from(self.tops[usize::from(skill)]);
        let most: i64 = vacancy.skills.iter().map(|(skill, weight)| top(*skill) * i64::from(*weight)).sum();
        let inside = most + i64::from(vacancy.base) + i64::from(terms.inside());
        Some(inside * i64::from(factor) + terms.outside())
    }

    /// What somebody here must count at least to reach a threshold, if every other term were full.
    fn need(&self, terms: &Terms, district: u16, threshold: i64) -> i64 {
        let factor = self.best[usize::from(district)].map_or(1, |factor| i64::from(factor).max(1));
        let missing = (threshold - terms.outside()).max(0);
        (missing + factor - 1) / factor - i64::from(terms.inside())
    }

    /// Offers everybody here who might be among the best; `sums` is room to count in.
    fn visit(&self, terms: &Terms, district: u16, vacancy: &VacancyItem, sums: &mut Vec<i16>, top: &mut Top) {
        sums.clear();
        sums.resize(self.ids.len().next_multiple_of(STRIDE), vacancy.base);
        for (skill, weight) in &vacancy.skills {
            for (place, credit) in self.postings.list(*skill) {
                sums[place] += i16::from(credit) * i16::from(*weight);
            }
        }
        let factors = &self.factors[usize::from(district) * self.ids.len()..];
        let anybody = vacancy.open || self.open.contains(&true);
        let least = if anybody { 0 } else { vacancy.base + 1 };
        let mut need = least;
        for (stride, counted) in sums.as_chunks::<STRIDE>().0.iter().enumerate() {
            if !any(counted, need) {
                continue;
            }
            for (place, sum) in (stride * STRIDE..self.ids.len()).zip(counted).filter(|(_, sum)| **sum >= need) {
                let named = !self.open[place] && !vacancy.open;
                let admitted = self.admits[place] >> vacancy.class & 1 == 1;
                if !admitted || (named && *sum == vacancy.base) {
                    continue;
                }
                let Some(factor) = factors[place] else { continue };
                let counted = u32::from(sum.cast_unsigned());
                let asked = (vacancy.class, vacancy.paid, vacancy.sector);
                let score = terms.score(counted, factor, &self.wishes[place], asked);
                top.offer(Hit { id: self.ids[place], score });
            }
            need = i16::try_from(self.need(terms, district, top.threshold())).unwrap_or(i16::MAX).max(least);
        }
    }
}

/// Graduates to be found for vacancies.
#[derive(Debug, Clone)]
pub struct GraduateIndex {
    terms: Terms,
    blocks: Vec<Block>,
}

impl GraduateIndex {
    /// Puts graduates in; `regions` has the region of each district.
    pub fn new(terms: Terms, skills: usize, regions: &[u16], graduates: &[Query]) -> GraduateIndex {
        let mut by_region: BTreeMap<u16, Vec<&Query>> = BTreeMap::new();
        for query in graduates {
            let welcome = regions.iter().zip(&query.factors).max_by_key(|(region, factor)| (**factor, Reverse(**region)));
            by_region.entry(welcome.map_or(0, |(region, _)| *region)).or_default().push(query);
        }
        let blocks: Vec<Vec<&Query>> = by_region.into_values().collect();
        let blocks = blocks.into_par_iter().map(|graduates| Block::new(skills, regions.len(), graduates)).collect();
        GraduateIndex { terms, blocks }
    }

    fn best(&self, district: u16, vacancy: &VacancyItem, k: usize, sums: &mut Vec<i16>) -> Vec<Hit> {
        let bound = |block| -> Option<(i64, &Block)> {
            let b: &Block = block;
            Some((b.bound(&self.terms, district, vacancy)?, b))
        };
        let mut blocks: Vec<(i64, &Block)> = self.blocks.iter().filter_map(bound).collect();
        blocks.sort_by_key(|(bound, _)| Reverse(*bound));
        let mut top = Top::new(k);
        for (bound, block) in blocks {
            if bound < top.threshold() {
                break;
            }
            block.visit(&self.terms, district, vacancy, sums, &mut top);
        }
        top.finish()
    }
}

/// Gives each vacancy's best k graduates, in the order of the vacancies.
pub fn top_k_for(index: &GraduateIndex, vacancies: &[(u16, VacancyItem)], k: usize) -> Vec<Vec<Hit>> {
    vacancies.par_iter().map_init(Vec::new, |sums, (district, vacancy)| index.best(*district, vacancy, k, sums)).collect()
}

/// Gives one vacancy's best k graduates; `district` is where it is.
pub fn top_k_for_one(index: &GraduateIndex, district: u16, vacancy: &VacancyItem, k: usize) -> Vec<Hit> {
    index.best(district, vacancy, k, &mut Vec::new())
}
