//! What does a follower want? The filters of a search and its words, both held against rows: the index may be behind, a
//! feed never is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::db::DbConn;
use crate::db::types::VacancyId;
use crate::error::Result;
use crate::search::{Search, Words};
use crate::vacancies::{self, Filter, FilterQuery, Talk, VacancyRow, VacancyView};

/// The filters and words of a follower, read.
#[derive(Clone)]
pub struct Wanted {
    filter: Filter,
    words: Option<Words>,
}

impl Wanted {
    /// Reads what is asked for; what is not understood is refused.
    pub fn read(asked: &FilterQuery, engine: &Arc<Search>, region: &str) -> Result<Wanted> {
        let talk = Talk { lexicon: engine.lexicon(), region };
        let words = asked.q.as_deref().filter(|words| !words.trim().is_empty());
        let read = |words| Words::read(engine, words, asked.understand.unwrap_or(true), region);
        Ok(Wanted { filter: Filter::read(asked, talk)?, words: words.map(read).transpose()? })
    }

    /// Shows rows, in their order, and names those that are wanted.
    pub fn look(&self, conn: &mut DbConn, rows: Vec<VacancyRow>) -> Result<(Vec<VacancyView>, HashSet<VacancyId>)> {
        let told: HashMap<VacancyId, VacancyRow> = match self.words {
            Some(_) => rows.iter().map(|row| (row.id.clone(), row.clone())).collect(),
            None => HashMap::new(),
        };
        let views = vacancies::views(conn, rows)?;
        let mut wanted = HashSet::new();
        for view in views.iter().filter(|view| self.filter.admits(view)) {
            if self.hears(told.get(&view.id))? {
                wanted.insert(view.id.clone());
            }
        }
        Ok((views, wanted))
    }

    /// Shows the rows that are wanted, in their order.
    pub fn among(&self, conn: &mut DbConn, rows: Vec<VacancyRow>) -> Result<Vec<VacancyView>> {
        let (mut views, wanted) = self.look(conn, rows)?;
        views.retain(|view| wanted.contains(&view.id));
        Ok(views)
    }

    fn hears(&self, row: Option<&VacancyRow>) -> Result<bool> {
        match (&self.words, row) {
            (Some(words), Some(row)) => words.are_met_by(row),
            (words, _) => Ok(words.is_none()),
        }
    }
}
