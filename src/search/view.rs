//! What does a search look at? One commit of the index, with the columns of its segments opened once; a view that a
//! cursor speaks of is kept for a while, so that its pages stay as they were while the index goes on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::Searcher;
use tantivy::columnar::{Column as Values, StrColumn};

use crate::error::Result;
use crate::search::schema::Column;

/// How many views are kept for the cursors that speak of them.
const VIEWS_MAX: usize = 24;

/// The columns of one segment.
pub struct Columns {
    numbers: Vec<Values<u64>>,
    empty: Values<u64>,
    /// The titles.
    pub titles: Option<StrColumn>,
    /// The names of the employers.
    pub employers: Option<StrColumn>,
}

impl Columns {
    /// Gives a column of numbers.
    pub fn get(&self, column: Column) -> &Values<u64> {
        let place = Column::ALL.iter().position(|other| *other == column);
        place.and_then(|place| self.numbers.get(place)).unwrap_or(&self.empty)
    }
}

/// One commit of the index.
pub struct View {
    /// Names the view in cursors.
    pub id: u64,
    /// The commit.
    pub searcher: Searcher,
    /// The columns of each segment.
    pub columns: Vec<Columns>,
}

impl View {
    /// Opens the columns of a commit.
    pub fn open(id: u64, searcher: Searcher) -> Result<View> {
        let mut columns = Vec::new();
        for reader in searcher.segment_readers() {
            let fast = reader.fast_fields();
            let empty = || Values::build_empty_column(reader.max_doc());
            let mut numbers = Vec::new();
            for column in Column::ALL {
                numbers.push(fast.column_opt::<u64>(column.name())?.unwrap_or_else(empty));
            }
            columns.push(Columns { numbers, empty: empty(), titles: fast.str("title")?, employers: fast.str("employer")? });
        }
        Ok(View { id, searcher, columns })
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
