//! What becomes of a row that a source sends? Created, updated, unchanged, or merged into a vacancy that says the same;
//! a row that is seen again unchanged writes nothing.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{vacancies, vacancy_events, vacancy_sources};
use crate::db::types::{EmployerId, SourceId, Timestamp, VacancyId};
use crate::db::{DbConn, sequence};
use crate::each_backend;
use crate::error::Result;
use crate::text_enum;
use crate::vacancies::content::Content;
use crate::vacancies::life::{Event, Status};
use crate::vacancies::model::{VacancyRow, content_hash};
use crate::vacancies::screen::{Finding, blocking_rules, settle};
use crate::vacancies::store::{self, EventRow, SeenRow};

/// How many rows one statement writes; SQLite takes 32 766 values.
const ROWS_MAX: usize = 500;

text_enum! {
    /// What became of a row.
    Landed {
        /// A new vacancy.
        Created = "created",
        /// A change of a known one.
        Updated = "updated",
        /// Nothing new.
        Unchanged = "unchanged",
        /// A further source of a known one.
        Merged = "merged",
    }
}

/// The source of rows.
#[derive(Debug, Clone)]
pub struct SourceRef {
    /// Its id.
    pub id: SourceId,
    /// Its name, as shown.
    pub name: String,
    /// Who stands behind it, as shown.
    pub label: Option<String>,
}

/// A row of a source, read.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What the source calls it.
    pub reference: String,
    /// A hash over everything that was read of it.
    pub row_hash: String,
    /// What it says.
    pub content: Content,
    /// What screening found.
    pub findings: Vec<Finding>,
    /// Whose it is.
    pub employer: Option<EmployerId>,
    /// Where it can be read at the source.
    pub url: Option<String>,
    /// The source's own word for when it changed.
    pub changed_at: Option<String>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// The version of the word lists that it was read with.
    pub lexicon_version: String,
}

/// Lands the rows of one source in order and says what became of each; all of them or none.
pub fn upsert(conn: &mut DbConn, now: Timestamp, source: &SourceRef, rows: Vec<Incoming>) -> Result<Vec<Landed>> {
    let mut landing = Landing::prepare(conn, now, source, &rows)?;
    let landed = rows.into_iter().map(|row| landing.land(row)).collect::<Result<Vec<Landed>>>()?;
    landing.write(conn)?;
    Ok(landed)
}

/// What is known before, and what is to be written after.
struct Landing<'a> {
    now: Timestamp,
    source: &'a SourceRef,
    seen: HashMap<String, SeenRow>,
    by_content: HashMap<String, (VacancyId, Status)>,
    known: HashMap<VacancyId, VacancyRow>,
    created: Vec<VacancyId>,
    updated: Vec<VacancyId>,
    seen_new: Vec<String>,
    seen_changed: Vec<String>,
    events: Vec<(VacancyId, Event, i64, Status)>,
}

impl<'a> Landing<'a> {
    fn prepare(conn: &mut DbConn, now: Timestamp, source: &'a SourceRef, rows: &[Incoming]) -> Result<Landing<'a>> {
        let references: Vec<&str> = rows.iter().map(|row| row.reference.as_str()).collect();
        let mut seen = HashMap::new();
        for part in references.chunks(ROWS_MAX) {
            let own = vacancy_sources::table.filter(vacancy_sources::source_id.eq(&source.id));
            let found: Vec<SeenRow> =
                own.filter(vacancy_sources::reference.eq_any(part)).select(SeenRow::as_select()).load(conn)?;
            seen.extend(found.into_iter().map(|row| (row.reference.clone(), row)));
        }
        let changed = |row: &&Incoming| seen.get(&row.reference).is_none_or(|s: &SeenRow| s.row_hash != row.row_hash);
        let hashes: Vec<String> = rows.iter().filter(changed).map(|row| content_hash(&row.content)).collect();
        let mut by_content = HashMap::new();
        for part in hashes.chunks(ROWS_MAX) {
            let open = vacancies::table.filter(vacancies::status.eq_any([Status::Submitted, Status::Live]));
            let columns = (vacancies::content_hash, (vacancies::id, vacancies::status));
            let found: Vec<(String, (VacancyId, Status))> =
                open.filter(vacancies::content_hash.eq_any(part)).order(vacancies::status.desc()).select(columns).load(conn)?;
            by_content.extend(found);
        }
        let ids: Vec<VacancyId> = seen.values().map(|row| row.vacancy_id.clone()).collect();
        let known = match hashes.is_empty() {
            true => HashMap::new(),
            false => store::load_many(conn, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect(),
        };
        Ok(Landing {
            now,
            source,
            seen,
            by_content,
            known,
            created: Vec::new(),
            updated: Vec::new(),
            seen_new: Vec::new(),
            seen_changed: Vec::new(),
            events: Vec::new(),
        })
    }

    fn land(&mut self, row: Incoming) -> Result<Landed> {
        let hash = content_hash(&row.content);
        if let Some(seen) = self.seen.get(&row.reference) {
            if seen.row_hash == row.row_hash {
                return Ok(Landed::Unchanged);
            }
            let id = seen.vacancy_id.clone();
            return self.update(row, id, hash);
        }
        let held = !blocking_rules(&row.findings).is_empty();
        if let Some((id, _)) = self.by_content.get(&hash).filter(|(_, status)| held || *status == Status::Live).cloned() {
            self.see(&row, id, self.now);
            self.seen_new.push(row.reference);
            return Ok(Landed::Merged);
        }
        let id = VacancyId::new(self.now);
        self.see(&row, id.clone(), self.now);
        self.seen_new.push(row.reference.clone());
        let vacancy = VacancyRow::published(id.clone(), self.now, row.employer, &row.content, hash.clone())?;
        let mut vacancy = VacancyRow { valid_from: row.valid_from, expires_at: row.expires_at, ..vacancy };
        vacancy.note(&row.findings, &row.lexicon_version)?;
        if held {
            (vacancy.status, vacancy.published_at) = (Status::Submitted, None);
        }
        self.by_content.insert(hash, (id.clone(), vacancy.status));
        let event = if held { Event::Submitted } else { Event::Published };
        self.events.push((id.clone(), event, vacancy.revision, vacancy.status));
        self.known.insert(id.clone(), vacancy);
        self.created.push(id);
        Ok(Landed::Created)
    }

    fn update(&mut self, row: Incoming, id: VacancyId, hash: String) -> Result<Landed> {
        let first_seen = self.seen.get(&row.reference).map_or(self.now, |seen| seen.first_seen_at);
        self.see(&row, id.clone(), first_seen);
        if !self.seen_new.contains(&row.reference) && !self.seen_changed.contains(&row.reference) {
            self.seen_changed.push(row.reference.clone());
        }
        let Some(vacancy) = self.known.get_mut(&id) else { return Ok(Landed::Updated) };
        let before = (vacancy.status, vacancy.findings()?);
        let back = before.0 == Status::Expired && row.expires_at.is_none_or(|day| day >= self.now.day());
        vacancy.rewrite(self.now, &row.content, hash)?;
        vacancy.note(&row.findings, &row.lexicon_version)?;
        (vacancy.valid_from, vacancy.expires_at) = (row.valid_from, row.expires_at);
        vacancy.status = settle(if back { Status::Live } else { before.0 }, &before.1, &row.findings);
        let public = vacancy.status == Status::Live;
        vacancy.published_at = vacancy.published_at.or(public.then_some(self.now));
        let event = if public && before.0 != Status::Live { Event::Published } else { Event::Corrected };
        self.events.push((id.clone(), event, vacancy.revision, vacancy.status));
        if !self.created.contains(&id) && !self.updated.contains(&id) {
            self.updated.push(id);
        }
        Ok(Landed::Updated)
    }

    fn see(&mut self, row: &Incoming, vacancy_id: VacancyId, first_seen_at: Timestamp) {
        let seen = SeenRow {
            source_id: self.source.id.clone(),
            reference: row.reference.clone(),
            vacancy_id,
            source_name: self.source.name.clone(),
            label: self.source.label.clone(),
            url: row.url.clone(),
            row_hash: row.row_hash.clone(),
            changed_at: row.changed_at.clone(),
            first_seen_at,
            last_seen_at: self.now,
        };
        self.seen.insert(row.reference.clone(), seen);
    }

    /// Writes everything; the counter is taken first, so that writers meet there and nowhere else.
    fn write(self, conn: &mut DbConn) -> Result<()> {
        let count = i64::try_from(self.events.len())?;
        if count == 0 && self.seen_new.is_empty() && self.seen_changed.is_empty() {
            return Ok(());
        }
        let first = sequence::take(conn, "vacancy_events", count)?;
        let new: Vec<&VacancyRow> = self.created.iter().filter_map(|id| self.known.get(id)).collect();
        for part in new.chunks(ROWS_MAX) {
            let part = part.to_vec();
            each_backend!(&mut *conn, |c| diesel::insert_into(vacancies::table).values(part).execute(c))?;
        }
        for vacancy in self.updated.iter().filter_map(|id| self.known.get(id)) {
            store::save(conn, vacancy)?;
        }
        let seen: Vec<&SeenRow> = self.seen_new.iter().filter_map(|reference| self.seen.get(reference)).collect();
        for part in seen.chunks(ROWS_MAX) {
            let part = part.to_vec();
            each_backend!(&mut *conn, |c| diesel::insert_into(vacancy_sources::table).values(part).execute(c))?;
        }
        for seen in self.seen_changed.iter().filter_map(|reference| self.seen.get(reference)) {
            let row = vacancy_sources::table.find((&seen.source_id, &seen.reference));
            let hash = (vacancy_sources::row_hash.eq(&seen.row_hash), vacancy_sources::changed_at.eq(&seen.changed_at));
            diesel::update(row).set((hash, vacancy_sources::last_seen_at.eq(self.now))).execute(conn)?;
        }
        let actor = format!("source:{}", self.source.name);
        let events = self.events.into_iter().zip(first..).map(|((vacancy_id, kind, revision, status), seq)| EventRow {
            seq,
            vacancy_id,
            revision,
            kind,
            status,
            actor: actor.clone(),
            reason: None,
            at: self.now,
        });
        let events: Vec<EventRow> = events.collect();
        for part in events.chunks(ROWS_MAX) {
            let part = part.to_vec();
            each_backend!(&mut *conn, |c| diesel::insert_into(vacancy_events::table).values(part).execute(c))?;
        }
        Ok(())
    }
}
