//! Which documents meet every group? The group that fewest can meet leads; the others are only asked about its documents,
//! way by way, so that a common word never costs more than a look.

use tantivy::query::{AllQuery, BooleanQuery, EnableScoring, Occur, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TERMINATED};

use crate::error::Result;

/// The ways of one group.
type Ways<T> = Vec<Box<T>>;

/// What documents must meet: of each group one way, of the others none.
pub struct Members {
    /// The groups.
    pub groups: Vec<Ways<dyn Query>>,
    /// What must not be met.
    pub without: Ways<dyn Query>,
}

/// The same, made ready for one commit of the index.
pub struct Weighed {
    groups: Vec<Ways<dyn Weight>>,
    unions: Vec<Box<dyn Weight>>,
    without: Ways<dyn Weight>,
}

impl Members {
    /// Makes the groups ready for a commit.
    pub fn weigh(&self, searcher: &Searcher) -> Result<Weighed> {
        let ready = |query: &dyn Query| query.weight(EnableScoring::disabled_from_searcher(searcher));
        let all: Ways<dyn Query> = vec![Box::new(AllQuery)];
        let groups: Vec<&Ways<dyn Query>> = if self.groups.is_empty() { vec![&all] } else { self.groups.iter().collect() };
        let mut weighed = Weighed { groups: Vec::new(), unions: Vec::new(), without: Vec::new() };
        for ways in groups {
            weighed.groups.push(ways.iter().map(|way| ready(&**way)).collect::<tantivy::Result<_>>()?);
            weighed.unions.push(match ways.as_slice() {
                [only] => ready(&**only)?,
                several => ready(&BooleanQuery::new(several.iter().map(|way| (Occur::Should, way.box_clone())).collect()))?,
            });
        }
        weighed.without = self.without.iter().map(|way| ready(&**way)).collect::<tantivy::Result<_>>()?;
        Ok(weighed)
    }
}

impl Weighed {
    /// Calls `take` with each document of a segment that is a member, in order.
    pub fn each(&self, reader: &SegmentReader, mut take: impl FnMut(DocId)) -> Result<()> {
        let mut groups = Vec::new();
        for (ways, union) in self.groups.iter().zip(&self.unions) {
            let ways = scorers(ways, reader)?;
            groups.push((ways.iter().map(|way| u64::from(way.size_hint())).sum::<u64>(), ways, union));
        }
        groups.sort_by_key(|(size, ..)| *size);
        let mut groups = groups.into_iter();
        let Some((_, mut ways, union)) = groups.next() else { return Ok(()) };
        let mut leader = if ways.len() == 1 { ways.swap_remove(0) } else { union.scorer(reader, 1.0)? };
        let mut others: Vec<Ways<dyn Scorer>> = groups.map(|(_, ways, _)| ways).collect();
        let mut without = scorers(&self.without, reader)?;
        let alive = reader.alive_bitset();
        let mut doc = leader.doc();
        while doc != TERMINATED {
            let lives = alive.is_none_or(|alive| alive.is_alive(doc));
            if lives && others.iter_mut().all(|ways| is_met(ways, doc)) && !is_met(&mut without, doc) {
                take(doc);
            }
            doc = leader.advance();
        }
        Ok(())
    }
}

fn scorers(ways: &Ways<dyn Weight>, reader: &SegmentReader) -> Result<Ways<dyn Scorer>> {
    let mut scorers = Vec::new();
    for way in ways {
        let scorer = way.scorer(reader, 1.0)?;
        if scorer.doc() != TERMINATED {
            scorers.push(scorer);
        }
    }
    scorers.sort_by_key(|scorer| u32::MAX - scorer.size_hint());
    Ok(scorers)
}

/// Tells whether any of the ways holds at a document; each goes on only as far as the document.
fn is_met(ways: &mut Ways<dyn Scorer>, doc: DocId) -> bool {
    ways.iter_mut().any(|way| way.doc() == doc || (way.doc() < doc && way.seek(doc) == doc))
}
