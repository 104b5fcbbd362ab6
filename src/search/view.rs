//! What does a search look at? One commit of the index, with the columns of its segments; a view that a cursor speaks of is
//! kept for a while, so that its pages stay as they were while the index goes on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::{Searcher, SegmentReader};

use crate::error::Result;
use crate::search::bits::Bits;
use crate::search::columns::Columns;

/// How many views are kept for the cursors that speak of them.
const VIEWS_MAX: usize = 24;

/// One segment of a view.
pub struct Ground {
    /// Its postings.
    pub reader: SegmentReader,
    /// Its columns.
    pub columns: Arc<Columns>,
    /// How many documents it has, with those that are deleted.
    pub size: u32,
    alive: Option<Bits>,
}

impl Ground {
    fn open(reader: &SegmentReader, before: &[Ground]) -> Result<Ground> {
        let known = before.iter().find(|ground| ground.reader.segment_id() == reader.segment_id());
        let columns = known.map_or_else(|| Columns::read(reader).map(Arc::new), |ground| Ok(ground.columns.clone()))?;
        let size = reader.max_doc();
        let alive = reader.has_deletes().then(|| {
            let mut alive = Bits::none(size);
            reader.doc_ids_alive().for_each(|doc| alive.add(doc));
            alive
        });
        Ok(Ground { reader: reader.clone(), columns, size, alive })
    }

    /// Gives the documents that are not deleted.
    pub fn alive(&self) -> Bits {
        self.alive.clone().unwrap_or_else(|| Bits::all(self.size))
    }
}

/// One commit of the index.
pub struct View {
    /// Names the view in cursors.
    pub id: u64,
    /// The commit.
    pub searcher: Searcher,
    /// Its segments.
    pub grounds: Vec<Ground>,
}

impl View {
    /// Opens a commit; what it shares with the one before is not read again.
    pub fn open(id: u64, searcher: Searcher, before: Option<&View>) -> Result<View> {
        let before = before.map_or(&[][..], |view| &view.grounds);
        let grounds = searcher.segment_readers().iter().map(|reader| Ground::open(reader, before)).collect::<Result<_>>()?;
        Ok(View { id, searcher, grounds })
    }
}

/// The views that cursors speak of, the oldest first.
#[derive(Default)]
pub struct Kept(Mutex<VecDeque<Arc<View>>>);

impl Kept {
    /// Keeps a view; the one that was kept first makes room.
    pub fn keep(&self, view: &Arc<View>) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.iter().all(|kept| kept.id != view.id) {
            views.push_back(view.clone());
        }
        if views.len() > VIEWS_MAX {
            views.pop_front();
        }
    }

    /// Finds a view that is still kept.
    pub fn find(&self, id: u64) -> Option<Arc<View>> {
        let views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.iter().find(|view| view.id == id).cloned()
    }
}
