//! Do database and index still say the same? Every live vacancy is compared by its revision; what has drifted is counted
//! and written anew from its row.

use std::collections::HashMap;
use std::sync::Arc;

use crate::db::types::VacancyId;
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::search::index::{Search, load};
use crate::search::schema::{Column, halves, joined};
use crate::search::view::View;
use crate::vacancies;

/// How many revisions one statement reads.
const PAGE_ROWS: i64 = 5_000;

/// How far database and index were apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drift {
    /// Live vacancies that the index did not have.
    pub missing: usize,
    /// Vacancies of which the index had another revision.
    pub stale: usize,
    /// Vacancies that the index had and that are not live.
    pub surplus: usize,
}

type Revisions = Vec<(VacancyId, i64)>;

impl Search {
    /// Compares the index with the database and writes what has drifted; nothing is said while changes are coming in.
    pub async fn repair(self: &Arc<Self>, db: &Db) -> Result<Option<Drift>> {
        let _turn = self.turn.lock().await;
        let at = self.position()?;
        let Some(live) = db.read(move |conn| live_at(conn, at)).await? else { return Ok(None) };
        let view = self.own_view();
        let (drift, ids) = tokio::task::spawn_blocking(move || apart(&view, live)).await??;
        if !ids.is_empty() {
            let wanted = ids.clone();
            let entries = db.read(move |conn| load(conn, &wanted)).await?;
            let search = self.clone();
            tokio::task::spawn_blocking(move || search.write(at, &ids, &entries)).await??;
            tracing::warn!(?drift, "the index had drifted from the database and was repaired");
        }
        Ok(Some(drift))
    }
}

/// Reads the revisions of all live vacancies, if the database stands at this event before and after.
fn live_at(conn: &mut DbConn, at: i64) -> Result<Option<Revisions>> {
    let mut live: Revisions = Vec::new();
    if vacancies::last_change(conn)? != at {
        return Ok(None);
    }
    loop {
        let page = vacancies::live_revisions(conn, live.last().map(|(id, _)| id), PAGE_ROWS)?;
        if page.is_empty() {
            break;
        }
        live.extend(page);
    }
    let still = vacancies::last_change(conn)? == at;
    Ok(still.then_some(live))
}

/// Tells how far a view is from what is live, and which vacancies are to be written anew.
fn apart(view: &View, live: Revisions) -> Result<(Drift, Vec<VacancyId>)> {
    let mut held: HashMap<(u64, u64), u64> = HashMap::new();
    for ground in &view.grounds {
        let first = |column, doc| ground.columns.get(column).first(doc).unwrap_or(0);
        for doc in ground.reader.doc_ids_alive() {
            held.insert((first(Column::High, doc), first(Column::Low, doc)), first(Column::Revision, doc));
        }
    }
    let (mut drift, mut ids) = (Drift::default(), Vec::new());
    for (id, revision) in live {
        match held.remove(&halves(&id)?) {
            Some(held) if held == revision.unsigned_abs() => continue,
            Some(_) => drift.stale += 1,
            None => drift.missing += 1,
        }
        ids.push(id);
    }
    drift.surplus = held.len();
    for (high, low) in held.into_keys() {
        ids.push(joined(high, low)?);
    }
    Ok((drift, ids))
}
