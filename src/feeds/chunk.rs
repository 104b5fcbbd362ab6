//! How does a feed of any length fit in a small room? Chunk by chunk, each read, written and sent before the next is read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use serde::Serialize;

use crate::db::types::VacancyId;
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::feeds::change::{ChangeView, tell};
use crate::feeds::wanted::Wanted;
use crate::vacancies::{self, Event, EventRow, Status, VacancyView};

/// How many rows or events one chunk reads.
pub const CHUNK_ROWS: i64 = 500;

/// Live vacancies that are wanted, by id, chunk by chunk.
#[derive(Clone)]
pub struct LiveRows {
    db: Db,
    wanted: Arc<Wanted>,
    after: Option<VacancyId>,
    over: bool,
}

impl LiveRows {
    /// Begins at the first.
    pub fn new(db: &Db, wanted: Wanted) -> LiveRows {
        LiveRows { db: db.clone(), wanted: Arc::new(wanted), after: None, over: false }
    }

    /// Reads the next chunk; it may be empty, and there is none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<VacancyView>>> {
        if self.over {
            return Ok(None);
        }
        let (after, wanted) = (self.after.take(), self.wanted.clone());
        let (last, views) = self.db.read(move |conn| live_chunk(conn, after, &wanted)).await?;
        self.over = last.is_none();
        self.after = last;
        Ok(Some(views))
    }

    /// Streams the chunks as lines.
    pub fn lines(self) -> impl Stream<Item = Result<Bytes>> {
        stream::try_unfold(self, |mut rows| async move {
            match rows.next().await? {
                Some(views) => Ok(Some((lines(&views)?, rows))),
                None => Ok(None),
            }
        })
    }
}

type LiveChunk = (Option<VacancyId>, Vec<VacancyView>);

fn live_chunk(conn: &mut DbConn, after: Option<VacancyId>, wanted: &Wanted) -> Result<LiveChunk> {
    let rows = vacancies::live_page(conn, after.as_ref(), CHUNK_ROWS)?;
    let last = rows.last().map(|row| row.id.clone());
    Ok((last, wanted.among(conn, rows)?))
}

/// Changes that are wanted, in commit order, from one place in the sequence to another.
#[derive(Clone)]
pub struct ChangeRows {
    db: Db,
    wanted: Arc<Wanted>,
    after: i64,
    until: i64,
}

impl ChangeRows {
    /// Covers what comes after `after` up to `until`.
    pub fn new(db: &Db, wanted: &Arc<Wanted>, after: i64, until: i64) -> ChangeRows {
        ChangeRows { db: db.clone(), wanted: wanted.clone(), after, until }
    }

    /// Reads the next chunk; it may be empty, and there is none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<ChangeView>>> {
        if self.after >= self.until {
            return Ok(None);
        }
        let (after, until, wanted) = (self.after, self.until, self.wanted.clone());
        let (covered, changes) = self.db.read(move |conn| change_chunk(conn, after, until, &wanted)).await?;
        self.after = covered;
        Ok(Some(changes))
    }

    /// Reads on until a chunk has something to tell.
    pub async fn first(&mut self) -> Result<Vec<ChangeView>> {
        while let Some(changes) = self.next().await? {
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
        Ok(Vec::new())
    }

    /// Streams the chunks as lines.
    pub fn lines(self) -> impl Stream<Item = Result<Bytes>> {
        stream::try_unfold(self, |mut rows| async move {
            match rows.next().await? {
                Some(changes) => Ok(Some((lines(&changes)?, rows))),
                None => Ok(None),
            }
        })
    }
}

/// Reads one chunk of changes and the place up to which it covers the sequence.
pub fn change_chunk(conn: &mut DbConn, after: i64, until: i64, wanted: &Wanted) -> Result<(i64, Vec<ChangeView>)> {
    let events = vacancies::events_between(conn, after, until, CHUNK_ROWS)?;
    let full = i64::try_from(events.len())? == CHUNK_ROWS;
    let covered = events.last().filter(|_| full).map_or(until, |event| event.seq);
    let was_live = live_before(conn, &events)?;
    let ids: HashSet<VacancyId> = events.iter().map(|event| event.vacancy_id.clone()).collect();
    let ids: Vec<VacancyId> = ids.into_iter().collect();
    let rows = vacancies::load_many(conn, &ids)?;
    let (views, admitted) = wanted.look(conn, rows)?;
    let views: HashMap<VacancyId, VacancyView> = views.into_iter().map(|view| (view.id.clone(), view)).collect();
    let told = |event: &EventRow| {
        let id = &event.vacancy_id;
        tell(event, was_live.contains(&event.seq), views.get(id), admitted.contains(id))
    };
    Ok((covered, events.iter().filter_map(told).collect()))
}

/// Names the corrections among the events that took a live vacancy off; an event whose past is gone counts as one.
fn live_before(conn: &mut DbConn, events: &[EventRow]) -> Result<HashSet<i64>> {
    let asked = |event: &&EventRow| event.kind == Event::Corrected && event.status != Status::Live;
    let asked: Vec<&EventRow> = events.iter().filter(asked).collect();
    let ids: Vec<VacancyId> = asked.iter().map(|event| event.vacancy_id.clone()).collect();
    let past = vacancies::statuses(conn, &ids)?;
    let before = |event: &EventRow| past.iter().rfind(|(seq, id, _)| *seq < event.seq && *id == event.vacancy_id);
    let live = asked.iter().filter(|event| before(event).is_none_or(|(.., status)| *status == Status::Live));
    Ok(live.map(|event| event.seq).collect())
}

/// Writes values as NDJSON.
pub fn lines<T: Serialize>(values: &[T]) -> Result<Bytes> {
    let mut text = Vec::new();
    for value in values {
        serde_json::to_writer(&mut text, value)?;
        text.push(b'\n');
    }
    Ok(Bytes::from(text))
}
