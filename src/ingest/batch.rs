//! How do some thousands of rows land? They are read on all cores, outside of any transaction; then they land in one
//! transaction together with the counts, so that a run that is killed has counted what it has landed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::DbConn;
use crate::db::types::Timestamp;
use crate::employers;
use crate::error::Result;
use crate::ingest::mapping::Mapping;
use crate::ingest::model::{Kind, RejectRow, RunRow, SourceRow};
use crate::ingest::posting::{Posting, understand};
use crate::ingest::receipt::Receipt;
use crate::ingest::row::{Reader, Reject};
use crate::ingest::store;
use crate::lexicon::sheet;
use crate::vacancies::{self, Arrival, Incoming, Landed, SourceRef, Talk};

/// A row as it came.
#[derive(Debug)]
pub enum Raw {
    /// Read already.
    Row(Value),
    /// A line of JSON.
    Line(Vec<u8>),
    /// A line of which only the beginning was kept, because it is too long.
    Cut(Vec<u8>),
}

/// What rows are read with.
pub struct Reading<'a> {
    pub reader: &'a Reader,
    pub kind: Kind,
    pub mapping: Option<&'a Mapping>,
    pub talk: Talk<'a>,
    pub day: NaiveDate,
}

/// A row with what was read of it.
pub struct Read {
    outcome: std::result::Result<Said, (Reject, String)>,
    dropped: BTreeMap<String, i64>,
}

enum Said {
    Posting(Box<Posting>),
    Withdrawal { reference: String, raw: String },
}

/// Reads rows on all cores, in their order.
pub fn read_all(rows: Vec<Raw>, reading: &Reading<'_>) -> Vec<Read> {
    rows.into_par_iter().map(|raw| reading.one(raw)).collect()
}

impl Reading<'_> {
    fn one(&self, raw: Raw) -> Read {
        let mut dropped = BTreeMap::new();
        let row = match raw {
            Raw::Row(row) => row,
            Raw::Line(line) => sheet::line(&line),
            Raw::Cut(line) => {
                let detail = "the row is larger than 2 MiB".to_owned();
                let raw = Value::String(String::from_utf8_lossy(&line).into_owned()).to_string();
                return Read { outcome: Err((Reject { code: "row_too_large", detail, reference: None }, raw)), dropped };
            }
        };
        let read = self.reader.read(self.kind, self.mapping, &row, &mut dropped);
        let outcome = read.and_then(|read| match read.withdrawn {
            true => Ok(Said::Withdrawal { reference: read.reference, raw: self.reader.without_quarantined(&row).to_string() }),
            false => understand(read, self.talk, self.day).map(|posting| Said::Posting(Box::new(posting))),
        });
        Read { outcome: outcome.map_err(|reject| (reject, self.reader.without_quarantined(&row).to_string())), dropped }
    }
}

/// What a batch lands in: its run as it stands, and what was counted so far.
#[derive(Clone)]
pub struct Account {
    pub run: RunRow,
    pub dropped: BTreeMap<String, i64>,
}

/// What came of a batch.
pub struct Outcome {
    pub account: Account,
    pub receipts: Vec<Receipt>,
    pub references: Vec<String>,
    pub changed_at: Vec<String>,
}

/// Lands rows that were read, with one receipt each, in their order.
pub fn land(
    conn: &mut DbConn,
    now: Timestamp,
    source: &SourceRow,
    mut account: Account,
    rows: Vec<Read>,
    lexicon_version: &str,
) -> Result<Outcome> {
    let first = account.run.fetched + 1;
    account.run.fetched += i64::try_from(rows.len())?;
    let (mut said, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, place) in rows.into_iter().zip(first..) {
        for (field, count) in row.dropped {
            *account.dropped.entry(field).or_default() += count;
        }
        match row.outcome {
            Ok(one) => said.push((place, one)),
            Err((reject, raw)) => refused.push((place, reject, raw)),
        }
    }
    account.run.rejected += i64::try_from(refused.len())?;
    let (places, said): (Vec<i64>, Vec<Said>) = said.into_iter().unzip();
    let raw = |one: &Said| match one {
        Said::Withdrawal { raw, .. } => raw.clone(),
        Said::Posting(_) => String::new(),
    };
    let raws: Vec<String> = said.iter().map(raw).collect();
    let arrivals = arrivals(conn, now, said, lexicon_version)?;
    let mut references: Vec<String> = arrivals.iter().map(|arrival| arrival.reference().to_owned()).collect();
    let changed_at = arrivals.iter().filter_map(|arrival| match arrival {
        Arrival::Says(row) => row.changed_at.clone(),
        Arrival::Withdraws { .. } => None,
    });
    let changed_at = changed_at.collect();
    let from = SourceRef { id: source.id.clone(), name: source.name.clone(), label: source.label.clone() };
    let landed = vacancies::upsert(conn, now, &from, arrivals)?;
    account.run.count(&landed);
    let mut receipts = Vec::with_capacity(places.len() + refused.len());
    let mut taken = Vec::with_capacity(places.len());
    for (((place, raw), reference), landed) in places.into_iter().zip(raws).zip(&references).zip(landed) {
        match landed {
            Landed::Unknown => refused.push((place, unknown(reference), raw)),
            landed => {
                taken.push(reference.as_str());
                receipts.push(Receipt::taken(place, landed.as_str(), Some(reference.clone())));
            }
        }
    }
    store::resolve_rejects(conn, &account.run, &taken)?;
    references.extend(refused.iter().filter_map(|(_, reject, _)| reject.reference.clone()));
    store::keep_rejects(
        conn,
        &account.run,
        refused.iter().map(|(place, reject, raw)| row_of(&account.run, *place, reject, raw)),
    )?;
    receipts.extend(refused.into_iter().map(|(place, reject, _)| Receipt::rejected(place, reject)));
    receipts.sort_by_key(|receipt| receipt.place);
    account.run.quarantined_fields = serde_json::to_string(&account.dropped)?;
    store::save_run(conn, &account.run)?;
    Ok(Outcome { account, receipts, references, changed_at })
}

fn unknown(reference: &str) -> Reject {
    let detail = "the source takes back a vacancy that is not here".to_owned();
    Reject { code: "withdrawal_without_vacancy", detail, reference: Some(reference.to_owned()) }
}

fn row_of(run: &RunRow, place: i64, reject: &Reject, raw: &str) -> RejectRow {
    let unnamed = || hex::encode(Sha256::digest(raw)).chars().take(32).collect();
    RejectRow {
        source_id: run.source_id.clone(),
        row_key: reject.reference.clone().unwrap_or_else(unnamed),
        code: reject.code.to_owned(),
        reference: reject.reference.clone(),
        detail: reject.detail.clone(),
        raw: raw.to_owned(),
        place,
        times: 1,
        first_run_id: run.id.clone(),
        last_run_id: run.id.clone(),
        resolved_run_id: None,
    }
}

/// Gives every row the employer that it names; employers that are new are written down.
fn arrivals(conn: &mut DbConn, now: Timestamp, said: Vec<Said>, lexicon_version: &str) -> Result<Vec<Arrival>> {
    let postings = said.iter().filter_map(|one| match one {
        Said::Posting(one) => Some((one.row.raw.employer_name.as_str(), one.row.uscc.as_deref(), one.content.city())),
        Said::Withdrawal { .. } => None,
    });
    let named: Vec<_> = postings.collect();
    let mut owners = employers::upsert_many(conn, now, &named)?.into_iter();
    let arrival = |one| match one {
        Said::Withdrawal { reference, .. } => Arrival::Withdraws { reference },
        Said::Posting(posting) => {
            let Posting { row, content, content_hash, sketch, findings } = *posting;
            Arrival::Says(Box::new(Incoming {
                reference: row.reference,
                row_hash: row.hash,
                content,
                content_hash,
                sketch,
                findings,
                employer: owners.next(),
                url: row.url,
                changed_at: row.changed_at,
                valid_from: row.valid_from,
                expires_at: row.expires_at,
                lexicon_version: lexicon_version.to_owned(),
            }))
        }
    };
    Ok(said.into_iter().map(arrival).collect())
}
