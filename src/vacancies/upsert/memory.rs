//! What is known of the rows that arrive, before they land? Loaded in a few statements for a whole batch.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{vacancies, vacancy_bands, vacancy_sources};
use crate::db::types::{SourceId, Timestamp, VacancyId};
use crate::error::Result;
use crate::vacancies::life::{Event, Status};
use crate::vacancies::model::VacancyRow;
use crate::vacancies::store::{self, SeenRow};
use crate::vacancies::upsert::{Arrival, Incoming, SourceRef};

/// How many rows one statement names or writes; SQLite takes 32 766 values.
pub const ROWS_MAX: usize = 500;

/// What names a row: its source, and what the source calls it.
pub type Key = (SourceId, String);

/// What is to be written of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    Kept,
    /// All of it.
    New,
    /// The change.
    Changed,
}

impl Mark {
    /// Marks a change; what is new stays new.
    pub fn change(&mut self) {
        if *self == Mark::Kept {
            *self = Mark::Changed;
        }
    }
}

/// An event to be written.
pub struct Told {
    pub vacancy: VacancyId,
    pub event: Event,
    pub revision: i64,
    pub status: Status,
    pub reason: Option<&'static str>,
}

/// What is known before, and what is to be written after.
pub struct Memory<'a> {
    pub now: Timestamp,
    pub source: &'a SourceRef,
    pub rows: HashMap<Key, (SeenRow, Mark)>,
    pub rows_of: HashMap<VacancyId, Vec<Key>>,
    pub vacancies: HashMap<VacancyId, (VacancyRow, Mark)>,
    pub same: HashMap<String, Vec<VacancyId>>,
    pub near: HashMap<i64, Vec<VacancyId>>,
    pub created: Vec<VacancyId>,
    pub judged: HashSet<VacancyId>,
    pub bands: Vec<(i64, VacancyId)>,
    pub events: Vec<Told>,
}

impl<'a> Memory<'a> {
    /// Loads what is known of a batch.
    pub fn load(conn: &mut DbConn, now: Timestamp, source: &'a SourceRef, arrivals: &[Arrival]) -> Result<Memory<'a>> {
        let references: Vec<&str> = arrivals.iter().map(Arrival::reference).collect();
        let mut memory = Memory::of(conn, now, source, &references)?;
        let touched: Vec<&Arrival> = arrivals.iter().filter(|arrival| memory.is_news(arrival)).collect();
        let ids = touched.iter().filter_map(|arrival| memory.seen(arrival.reference())).map(|seen| seen.vacancy_id.clone());
        let ids = ids.collect::<HashSet<_>>();
        memory.meet(conn, ids)?;
        let merging: Vec<&Incoming> = touched.into_iter().filter_map(|arrival| memory.may_merge(arrival)).collect();
        memory.look_around(conn, &merging)?;
        Ok(memory)
    }

    /// Loads the named rows of a source.
    pub fn of(conn: &mut DbConn, now: Timestamp, source: &'a SourceRef, references: &[&str]) -> Result<Memory<'a>> {
        let mut rows = HashMap::with_capacity(references.len());
        for part in references.chunks(ROWS_MAX) {
            let own = vacancy_sources::table.filter(vacancy_sources::source_id.eq(&source.id));
            let found: Vec<SeenRow> =
                own.filter(vacancy_sources::reference.eq_any(part)).select(SeenRow::as_select()).load(conn)?;
            rows.extend(found.into_iter().map(|row| ((row.source_id.clone(), row.reference.clone()), (row, Mark::Kept))));
        }
        Ok(Memory {
            now,
            source,
            rows,
            rows_of: HashMap::new(),
            vacancies: HashMap::new(),
            same: HashMap::new(),
            near: HashMap::new(),
            created: Vec::new(),
            judged: HashSet::new(),
            bands: Vec::new(),
            events: Vec::new(),
        })
    }

    /// Names a row of this source.
    pub fn key(&self, reference: &str) -> Key {
        (self.source.id.clone(), reference.to_owned())
    }

    fn seen(&self, reference: &str) -> Option<&SeenRow> {
        self.rows.get(&self.key(reference)).map(|(seen, _)| seen)
    }

    fn is_news(&self, arrival: &Arrival) -> bool {
        match (arrival, self.seen(arrival.reference())) {
            (Arrival::Says(row), Some(seen)) => seen.row_hash != row.row_hash || seen.gone_at.is_some(),
            (Arrival::Says(_), None) => true,
            (Arrival::Withdraws { .. }, seen) => seen.is_some(),
        }
    }

    fn may_merge<'r>(&self, arrival: &'r Arrival) -> Option<&'r Incoming> {
        match arrival {
            Arrival::Says(row) if self.seen(&row.reference).is_none_or(|seen| !seen.leads) => Some(row),
            _ => None,
        }
    }

    /// Loads vacancies with all their rows.
    pub fn meet(&mut self, conn: &mut DbConn, ids: HashSet<VacancyId>) -> Result<()> {
        let ids: Vec<VacancyId> = ids.into_iter().filter(|id| !self.vacancies.contains_key(id)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let found = store::load_many(conn, &ids)?;
        self.vacancies.extend(found.into_iter().map(|row| (row.id.clone(), (row, Mark::Kept))));
        for seen in store::seen(conn, &ids)? {
            let key = (seen.source_id.clone(), seen.reference.clone());
            self.rows_of.entry(seen.vacancy_id.clone()).or_default().push(key.clone());
            self.rows.entry(key).or_insert((seen, Mark::Kept));
        }
        Ok(())
    }

    /// Loads open vacancies that say the same as the rows, or nearly so.
    fn look_around(&mut self, conn: &mut DbConn, rows: &[&Incoming]) -> Result<()> {
        let hashes: Vec<&str> = rows.iter().map(|row| row.content_hash.as_str()).collect();
        for part in hashes.chunks(ROWS_MAX) {
            let open = vacancies::table.filter(vacancies::status.eq_any([Status::Submitted, Status::Live]));
            let columns = (vacancies::content_hash, vacancies::id);
            let found: Vec<(String, VacancyId)> = open.filter(vacancies::content_hash.eq_any(part)).select(columns).load(conn)?;
            for (hash, id) in found {
                self.same.entry(hash).or_default().push(id);
            }
        }
        let strangers = rows.iter().filter(|row| !self.same.contains_key(&row.content_hash));
        let bands: Vec<i64> = strangers.flat_map(|row| bands_of(row)).collect();
        for part in bands.chunks(ROWS_MAX) {
            let found: Vec<(i64, VacancyId)> = vacancy_bands::table
                .filter(vacancy_bands::band.eq_any(part))
                .select((vacancy_bands::band, vacancy_bands::vacancy_id))
                .load(conn)?;
            for (band, id) in found {
                self.near.entry(band).or_default().push(id);
            }
        }
        let ids = self.same.values().chain(self.near.values()).flatten().cloned().collect();
        self.meet(conn, ids)
    }
}

/// Gives the bands under which a row is kept; none where it says too little, or not where and whose it is.
pub fn bands_of(row: &Incoming) -> Vec<i64> {
    match (&row.sketch, &row.employer, row.content.city()) {
        (Some(sketch), Some(employer), Some(city)) => sketch.bands(employer.as_str(), city).to_vec(),
        _ => Vec::new(),
    }
}
