//! The rows of vacancies, their events and their sources.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{sequences, vacancies, vacancy_events, vacancy_sources};
use crate::db::types::{EmployerId, SourceId, Timestamp, VacancyId};
use crate::db::{DbConn, sequence};
use crate::error::{Error, Result};
use crate::vacancies::life::{Event, Status};
use crate::vacancies::model::VacancyRow;

/// How many ids one statement names.
const IDS_MAX: usize = 500;
/// The row of `sequences` that says from where on changes are told.
const FEED_FLOOR: &str = "vacancy_feed_floor";

/// One event, as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = vacancy_events, treat_none_as_default_value = false)]
pub struct EventRow {
    /// Its place in the sequence.
    pub seq: i64,
    /// The vacancy.
    pub vacancy_id: VacancyId,
    /// The revision that it made.
    pub revision: i64,
    /// What happened.
    pub kind: Event,
    /// Where the vacancy stood after it.
    pub status: Status,
    /// Who did it.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Where a vacancy was seen, as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vacancy_sources, primary_key(source_id, reference))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SeenRow {
    pub source_id: SourceId,
    pub reference: String,
    pub vacancy_id: VacancyId,
    pub source_name: String,
    pub label: Option<String>,
    pub url: Option<String>,
    pub row_hash: String,
    pub changed_at: Option<String>,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub leads: bool,
    pub missed: i64,
    pub gone_at: Option<Timestamp>,
    pub body: Option<String>,
}

/// One change, for those that follow.
#[derive(Debug, Clone, Queryable)]
pub struct Change {
    /// Its place in the sequence.
    pub seq: i64,
    /// The vacancy that changed.
    pub vacancy_id: VacancyId,
    /// The revision that it made.
    pub revision: i64,
    /// What happened.
    pub kind: Event,
}

impl Change {
    /// Tells whether there was nothing of the vacancy before.
    pub fn is_first(&self) -> bool {
        self.revision == 1 && matches!(self.kind, Event::Created | Event::Submitted | Event::Published)
    }
}

/// Waits for the turn to write: what is read from here on in the transaction nobody else changes before it ends. Whoever
/// read before would lay an old row over a newer one.
pub fn hold(conn: &mut DbConn) -> Result<()> {
    sequence::take(conn, "vacancy_events", 0).map(|_| ())
}

/// Writes the next event of a vacancy; the row of the counter stays locked until the commit.
pub fn append(
    conn: &mut DbConn,
    now: Timestamp,
    row: &VacancyRow,
    kind: Event,
    actor: &str,
    reason: Option<&str>,
) -> Result<i64> {
    let seq = sequence::take(conn, "vacancy_events", 1)?;
    let event = EventRow {
        seq,
        vacancy_id: row.id.clone(),
        revision: row.revision,
        kind,
        status: row.status,
        actor: actor.to_owned(),
        reason: reason.map(str::to_owned),
        at: now,
    };
    diesel::insert_into(vacancy_events::table).values(&event).execute(conn)?;
    Ok(seq)
}

/// Writes a new vacancy.
pub fn insert(conn: &mut DbConn, row: &VacancyRow) -> Result<()> {
    diesel::insert_into(vacancies::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes a changed vacancy over its row.
pub fn save(conn: &mut DbConn, row: &VacancyRow) -> Result<()> {
    match diesel::update(vacancies::table.find(&row.id)).set(row).execute(conn)? {
        1 => Ok(()),
        _ => Err(Error::NotFound("vacancy")),
    }
}

/// Removes a vacancy that was never public, with its events.
pub fn delete(conn: &mut DbConn, id: &VacancyId) -> Result<()> {
    diesel::delete(vacancies::table.find(id)).execute(conn)?;
    Ok(())
}

/// Reads a vacancy.
pub fn load(conn: &mut DbConn, id: &VacancyId) -> Result<VacancyRow> {
    let found = vacancies::table.find(id).select(VacancyRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("vacancy"))
}

/// Reads the vacancies that are there of those named, in no order.
pub fn load_many(conn: &mut DbConn, ids: &[VacancyId]) -> Result<Vec<VacancyRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for part in ids.chunks(IDS_MAX) {
        rows.extend(vacancies::table.filter(vacancies::id.eq_any(part)).select(VacancyRow::as_select()).load(conn)?);
    }
    Ok(rows)
}

/// Reads live vacancies by id after one, for whoever wants them all.
pub fn live_page(conn: &mut DbConn, after: Option<&VacancyId>, limit: i64) -> Result<Vec<VacancyRow>> {
    let mut query = vacancies::table.filter(vacancies::status.eq(Status::Live)).order(vacancies::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(vacancies::id.gt(after));
    }
    Ok(query.select(VacancyRow::as_select()).load(conn)?)
}

/// Reads live vacancies, the newest first, after one that was published at an instant.
pub fn newest_page(conn: &mut DbConn, after: Option<(Timestamp, VacancyId)>, limit: i64) -> Result<Vec<VacancyRow>> {
    let order = (vacancies::published_at.desc(), vacancies::id.desc());
    let live = vacancies::table.filter(vacancies::status.eq(Status::Live)).filter(vacancies::published_at.is_not_null());
    let mut query = live.order(order).limit(limit).into_boxed();
    if let Some((at, id)) = after {
        let same = vacancies::published_at.eq(at).and(vacancies::id.lt(id));
        query = query.filter(vacancies::published_at.lt(at).or(same).assume_not_null());
    }
    Ok(query.select(VacancyRow::as_select()).load(conn)?)
}

/// Reads the events of a vacancy, oldest first.
pub fn history(conn: &mut DbConn, id: &VacancyId) -> Result<Vec<EventRow>> {
    let own = vacancy_events::table.filter(vacancy_events::vacancy_id.eq(id));
    Ok(own.order(vacancy_events::seq).select(EventRow::as_select()).load(conn)?)
}

/// Reads what changed after a place in the sequence, in commit order.
pub fn changes_after(conn: &mut DbConn, seq: i64, limit: i64) -> Result<Vec<Change>> {
    let later = vacancy_events::table.filter(vacancy_events::seq.gt(seq)).order(vacancy_events::seq).limit(limit);
    let columns = (vacancy_events::seq, vacancy_events::vacancy_id, vacancy_events::revision, vacancy_events::kind);
    Ok(later.select(columns).load(conn)?)
}

/// Reads the events after one place in the sequence up to another, in commit order.
pub fn events_between(conn: &mut DbConn, after: i64, until: i64, limit: i64) -> Result<Vec<EventRow>> {
    let span = vacancy_events::table.filter(vacancy_events::seq.gt(after)).filter(vacancy_events::seq.le(until));
    Ok(span.order(vacancy_events::seq).limit(limit).select(EventRow::as_select()).load(conn)?)
}

/// Reads where the named vacancies stood after each of their events, oldest first.
pub fn statuses(conn: &mut DbConn, ids: &[VacancyId]) -> Result<Vec<(i64, VacancyId, Status)>> {
    let mut rows = Vec::new();
    for part in ids.chunks(IDS_MAX) {
        let own = vacancy_events::table.filter(vacancy_events::vacancy_id.eq_any(part)).order(vacancy_events::seq);
        let columns = (vacancy_events::seq, vacancy_events::vacancy_id, vacancy_events::status);
        rows.extend(own.select(columns).load::<(i64, VacancyId, Status)>(conn)?);
    }
    Ok(rows)
}

/// Gives the place in the sequence from which on a follower may go on; what came before is no longer told.
pub fn feed_floor(conn: &mut DbConn) -> Result<i64> {
    sequence::last(conn, FEED_FLOOR)
}

/// Raises the place from which on a follower may go on; it never falls.
pub fn raise_feed_floor(conn: &mut DbConn, seq: i64) -> Result<()> {
    let floor = sequences::table.find(FEED_FLOOR).filter(sequences::last.lt(seq));
    diesel::update(floor).set(sequences::last.eq(seq)).execute(conn)?;
    Ok(())
}

/// Gives the place of the last change.
pub fn last_change(conn: &mut DbConn) -> Result<i64> {
    sequence::last(conn, "vacancy_events")
}

/// Reads where the named vacancies were seen.
pub fn seen(conn: &mut DbConn, ids: &[VacancyId]) -> Result<Vec<SeenRow>> {
    let mut rows = Vec::new();
    for part in ids.chunks(IDS_MAX) {
        let own = vacancy_sources::table.filter(vacancy_sources::vacancy_id.eq_any(part));
        rows.extend(own.order(vacancy_sources::first_seen_at).select(SeenRow::as_select()).load::<SeenRow>(conn)?);
    }
    Ok(rows)
}

/// Reads the names of the sources at which the named vacancies were seen.
pub fn source_names(conn: &mut DbConn, ids: &[VacancyId]) -> Result<HashMap<VacancyId, Vec<String>>> {
    let mut names: HashMap<VacancyId, Vec<String>> = HashMap::new();
    for SeenRow { vacancy_id, source_name, .. } in seen(conn, ids)? {
        names.entry(vacancy_id).or_default().push(source_name);
    }
    Ok(names)
}

/// Reads id and revision of live vacancies by id after one.
pub fn live_revisions(conn: &mut DbConn, after: Option<&VacancyId>, limit: i64) -> Result<Vec<(VacancyId, i64)>> {
    let mut query = vacancies::table.filter(vacancies::status.eq(Status::Live)).order(vacancies::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(vacancies::id.gt(after));
    }
    Ok(query.select((vacancies::id, vacancies::revision)).load(conn)?)
}

/// Reads live vacancies whose last day has passed.
pub fn overdue(conn: &mut DbConn, today: NaiveDate, limit: i64) -> Result<Vec<VacancyRow>> {
    let over = vacancies::table.filter(vacancies::status.eq(Status::Live)).filter(vacancies::expires_at.lt(today));
    Ok(over.order(vacancies::id).limit(limit).select(VacancyRow::as_select()).load(conn)?)
}

/// Reads vacancies that have not ended and were screened with other word lists than these.
pub fn screened_otherwise(conn: &mut DbConn, version: &str, limit: i64) -> Result<Vec<VacancyRow>> {
    let open = [Status::Draft, Status::Submitted, Status::Referred, Status::Live, Status::Suspended];
    let other = vacancies::table.filter(vacancies::lexicon_version.ne(version)).filter(vacancies::status.eq_any(open));
    Ok(other.order(vacancies::id).limit(limit).select(VacancyRow::as_select()).load(conn)?)
}

/// Counts the vacancies of an employer with a title in a city that have not ended.
pub fn count_like(conn: &mut DbConn, employer: &EmployerId, content_hash: &str) -> Result<i64> {
    let same = vacancies::table.filter(vacancies::employer_id.eq(employer)).filter(vacancies::content_hash.eq(content_hash));
    let open = same.filter(vacancies::status.eq_any([Status::Draft, Status::Submitted, Status::Referred, Status::Live]));
    Ok(open.count().get_result(conn)?)
}
