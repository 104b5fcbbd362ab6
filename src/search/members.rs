//! Which documents meet every group? The group that fewest can meet comes first, the others are only asked about what is
//! left; a word is read through or looked up document by document, whichever costs less; and where words must stand in a
//! row, their places are read last and only where all of them stand.

use std::sync::Arc;

use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED, Term};

use crate::error::Result;
use crate::search::bits::Bits;
use crate::search::columns::Values;
use crate::search::schema::Column;
use crate::search::view::Ground;

/// How many times more it costs to look a document up than to read on to the next.
const LOOKED_UP: u32 = 12;

/// One thing that is looked up.
#[derive(Debug, Clone)]
pub enum Look {
    /// A term.
    Term(Term),
    /// Any of these terms.
    Any(Vec<Term>),
    /// These terms in a row: how far from the first each stands, and to where it reaches.
    Row(Vec<(u32, u32, Term)>),
    /// A number within one of these ranges.
    Within(Column, Vec<(u64, u64)>),
}

/// One way of meeting a group: all that it looks for.
pub type Way = Vec<Look>;

/// What documents must meet: of each group one way, of the others none.
#[derive(Debug, Clone, Default)]
pub struct Members {
    /// The groups.
    pub groups: Vec<Vec<Way>>,
    /// What must not be met.
    pub without: Vec<Way>,
}

/// A look as it is found in one segment.
struct Found<'f> {
    /// How many documents it can hold at most.
    size: u32,
    kind: Kind<'f>,
}

enum Kind<'f> {
    Terms(Arc<InvertedIndexReader>, Vec<TermInfo>),
    Row(Arc<InvertedIndexReader>, Vec<(u32, u32, TermInfo)>),
    Within(&'f Values, &'f [(u64, u64)]),
}

impl Members {
    /// Gives the documents of a segment that are members.
    pub fn gather(&self, ground: &Ground) -> Result<Bits> {
        let mut groups: Vec<(u64, Vec<Vec<Found<'_>>>)> = Vec::new();
        for ways in &self.groups {
            let ways = found(ways, ground)?;
            groups.push((ways.iter().map(|way| u64::from(size(way))).sum(), ways));
        }
        groups.sort_by_key(|(size, _)| *size);
        let mut left = ground.alive();
        for (_, ways) in &groups {
            left = meeting(ways, left, ground)?;
        }
        if !self.without.is_empty() && !left.is_empty() {
            let unwanted = meeting(&found(&self.without, ground)?, left.clone(), ground)?;
            left.remove(&unwanted);
        }
        Ok(left)
    }
}

/// Finds ways in a segment, the cheap ones first; a way of which something is not there at all is none.
fn found<'f>(ways: &'f [Way], ground: &'f Ground) -> Result<Vec<Vec<Found<'f>>>> {
    let mut all = Vec::new();
    for way in ways {
        let looks = way.iter().map(|look| look.find(ground)).collect::<Result<Vec<_>>>()?;
        let mut looks: Vec<Found<'_>> = looks.into_iter().flatten().collect();
        if looks.len() == way.len() {
            looks.sort_by_key(|look| (matches!(look.kind, Kind::Row(..)), look.size));
            all.push(looks);
        }
    }
    let last = |way: &[Found<'_>]| way.iter().any(|look| matches!(look.kind, Kind::Row(..)));
    all.sort_by_key(|way| (last(way), u32::MAX - size(way)));
    Ok(all)
}

fn size(way: &[Found<'_>]) -> u32 {
    way.iter().map(|look| look.size).min().unwrap_or(0)
}

/// Gives those of the documents that meet any of the ways.
fn meeting(ways: &[Vec<Found<'_>>], mut left: Bits, ground: &Ground) -> Result<Bits> {
    let mut met = Bits::none(ground.size);
    for way in ways {
        if left.is_empty() {
            break;
        }
        let mut holding: Option<Bits> = None;
        for look in way {
            holding = Some(look.among(holding.as_ref().unwrap_or(&left), ground)?);
        }
        if let Some(holding) = holding {
            met.join(&holding);
            left.remove(&holding);
        }
    }
    Ok(met)
}

impl Look {
    fn find<'f>(&'f self, ground: &'f Ground) -> Result<Option<Found<'f>>> {
        let index = |field: Field| ground.reader.inverted_index(field);
        Ok(match self {
            Look::Term(term) => {
                let index = index(term.field())?;
                let info = index.get_term_info(term)?;
                info.map(|info| Found { size: info.doc_freq, kind: Kind::Terms(index, vec![info]) })
            }
            Look::Any(terms) => {
                let Some(first) = terms.first() else { return Ok(None) };
                let index = index(first.field())?;
                let infos = terms.iter().map(|term| index.get_term_info(term)).collect::<std::io::Result<Vec<_>>>()?;
                let infos: Vec<TermInfo> = infos.into_iter().flatten().collect();
                let size = infos.iter().map(|info| info.doc_freq).fold(0, u32::saturating_add).min(ground.size);
                (size > 0).then_some(Found { size, kind: Kind::Terms(index, infos) })
            }
            Look::Row(terms) => {
                let Some((_, _, first)) = terms.first() else { return Ok(None) };
                let (index, mut infos) = (index(first.field())?, Vec::new());
                for (at, reach, term) in terms {
                    let Some(info) = index.get_term_info(term)? else { return Ok(None) };
                    infos.push((*at, *reach, info));
                }
                let size = infos.iter().map(|(_, _, info)| info.doc_freq).min().unwrap_or(0);
                Some(Found { size, kind: Kind::Row(index, infos) })
            }
            Look::Within(column, ranges) => {
                Some(Found { size: ground.size / 2, kind: Kind::Within(ground.columns.get(*column), ranges) })
            }
        })
    }
}

impl Found<'_> {
    /// Gives those of the documents that hold what is looked for.
    fn among(&self, among: &Bits, ground: &Ground) -> Result<Bits> {
        match &self.kind {
            Kind::Within(values, ranges) => Ok(values.within(ranges, among, ground.size)),
            Kind::Terms(index, infos) => match infos.as_slice() {
                [info] => holding(index, info, among, ground.size),
                infos => {
                    let mut met = Bits::none(ground.size);
                    for info in infos {
                        met.join(&holding(index, info, among, ground.size)?);
                    }
                    Ok(met)
                }
            },
            Kind::Row(index, terms) => {
                let mut rarest: Vec<&TermInfo> = terms.iter().map(|(_, _, info)| info).collect();
                rarest.sort_by_key(|info| info.doc_freq);
                let mut left: Option<Bits> = None;
                for info in rarest {
                    left = Some(holding(index, info, left.as_ref().unwrap_or(among), ground.size)?);
                }
                in_a_row(index, terms, &left.unwrap_or_else(|| Bits::none(ground.size)), ground.size)
            }
        }
    }
}

/// Gives those of the documents that hold a term.
fn holding(index: &InvertedIndexReader, info: &TermInfo, among: &Bits, size: u32) -> Result<Bits> {
    let mut met = Bits::none(size);
    let mut block = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    if among.count().saturating_mul(LOOKED_UP) < info.doc_freq {
        let mut at = 0;
        among.each(|doc| {
            if at < doc {
                let place = block.seek(doc);
                at = block.doc(place);
            }
            met.add_if(doc, at == doc);
        });
        return Ok(met);
    }
    while block.docs().first().is_some_and(|doc| *doc != TERMINATED) {
        block.docs().iter().for_each(|doc| met.add(*doc));
        block.advance();
    }
    met.keep(among);
    Ok(met)
}

/// Gives those of the documents, all of which hold the terms, in which they stand in a row.
fn in_a_row(index: &InvertedIndexReader, terms: &[(u32, u32, TermInfo)], among: &Bits, size: u32) -> Result<Bits> {
    let furthest = terms.iter().map(|(at, ..)| *at).max().unwrap_or(0);
    let mut row: Vec<(u32, SegmentPostings)> = Vec::new();
    for (at, info) in spanning(terms) {
        let option = IndexRecordOption::WithFreqsAndPositions;
        row.push((furthest - at, index.read_postings_from_terminfo(info, option)?));
    }
    if row.len() < 2 {
        return Ok(among.clone());
    }
    row.sort_by_key(|(_, postings)| postings.doc_freq());
    let (mut met, mut common, mut next) = (Bits::none(size), Vec::new(), Vec::new());
    among.each(|doc| met.add_if(doc, stands(&mut row, doc, &mut common, &mut next)));
    Ok(met)
}

/// Gives the fewest of the terms that leave no gap between them.
fn spanning(terms: &[(u32, u32, TermInfo)]) -> Vec<(u32, &TermInfo)> {
    let (mut spanning, mut reached) = (Vec::new(), 0);
    for (place, (at, reach, info)) in terms.iter().enumerate() {
        let bridged = terms.get(place + 1).is_some_and(|(next, ..)| *next <= reached);
        if place == 0 || !bridged {
            spanning.push((*at, info));
            reached = *reach;
        }
    }
    spanning
}

fn stands(row: &mut [(u32, SegmentPostings)], doc: DocId, common: &mut Vec<u32>, next: &mut Vec<u32>) -> bool {
    common.clear();
    for (place, (before, postings)) in row.iter_mut().enumerate() {
        if postings.doc() < doc {
            postings.seek(doc);
        }
        if postings.doc() != doc {
            return false;
        }
        match place {
            0 => postings.positions_with_offset(*before, common),
            _ => {
                postings.positions_with_offset(*before, next);
                common.retain(|at| next.binary_search(at).is_ok());
            }
        }
        if common.is_empty() {
            return false;
        }
    }
    true
}
