//! How does a sheet of vacancies come in from a person? Each row becomes a draft of its employer, or is told why not; the
//! same sheet twice writes nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::db::DbConn;
use crate::db::types::{EmployerId, Timestamp};
use crate::employers;
use crate::error::{Error, Result};
use crate::http::{Caller, Role};
use crate::ingest::model::Kind;
use crate::ingest::posting::{Posting, understand};
use crate::ingest::receipt::Receipt;
use crate::ingest::row::{Reader, Reject};
use crate::lexicon::sheet;
use crate::text_enum;
use crate::vacancies::{self, NewVacancy, Talk};

/// The heading under which a reader knows the employer.
const EMPLOYER: &str = "employer";

text_enum! {
    /// How far an imported vacancy goes.
    Destination {
        /// It waits for its employer.
        Draft = "draft",
        /// It waits for the bureau.
        Submitted = "submitted",
    }
}

/// Reads the rows of NDJSON, CSV or a spreadsheet; a line that is not JSON stays as its text, to be rejected in its place.
pub fn rows_of(bytes: &[u8], reader: &Reader) -> Result<Vec<Value>> {
    if sheet::is_ndjson(bytes) {
        return Ok(sheet::lines(bytes));
    }
    let rows = sheet::rows(bytes, |heading| reader.knows(heading));
    rows.map_err(|cause| Error::invalid("", "bad_file", "文件无法读取，或没有可识别的表头", cause.to_string()))
}

/// What is imported, and how far it goes.
pub struct Sheet<'a> {
    /// The rows as they stand.
    pub rows: Vec<Value>,
    /// How rows are read.
    pub reader: &'a Reader,
    /// What words are read with.
    pub talk: Talk<'a>,
    /// How far each vacancy goes.
    pub to: Destination,
}

/// Writes each row down as a draft and gives one receipt a row, in their order.
pub fn import(conn: &mut DbConn, now: Timestamp, caller: &Caller, sheet: Sheet<'_>) -> Result<Vec<Receipt>> {
    let own = match caller.role {
        Role::Employer => {
            let id = vacancies::employer_of(caller, None)?;
            Some((vacancies::employer_name(conn, &id)?, id))
        }
        _ => None,
    };
    let Sheet { rows, reader, talk, to } = sheet;
    let mut receipts = Vec::with_capacity(rows.len());
    for (row, place) in rows.into_iter().zip(1..) {
        let read = read(reader, row, own.as_ref(), talk, now.day());
        let (reference, outcome) = match read {
            Ok(one) => (Some(one.row.reference.clone()), land(conn, now, caller, own.as_ref(), one, talk, to)?),
            Err(reject) => (reject.reference.clone(), Err(reject)),
        };
        receipts.push(receipt(place, reference, outcome));
    }
    Ok(receipts)
}

fn read(
    reader: &Reader,
    mut row: Value,
    own: Option<&(String, EmployerId)>,
    talk: Talk<'_>,
    day: NaiveDate,
) -> std::result::Result<Posting, Reject> {
    if let (Some((name, _)), Some(fields)) = (own, row.as_object_mut()) {
        let said = reader.by_columns(&Value::Object(fields.clone())).remove(EMPLOYER).unwrap_or_default();
        if !said.is_empty() && said != *name {
            let detail = format!("the row names {said:?}, which is not the own employer");
            return Err(Reject { code: "other_employer", detail, reference: None });
        }
        fields.insert(EMPLOYER.to_owned(), json!(name));
    }
    let read = reader.read(Kind::File, None, &row, &mut BTreeMap::new())?;
    understand(read, talk, day)
}

fn land(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    own: Option<&(String, EmployerId)>,
    Posting { row, content, findings, .. }: Posting,
    talk: Talk<'_>,
    to: Destination,
) -> Result<std::result::Result<&'static str, Reject>> {
    let refuse = |code, detail: String| Ok(Err(Reject { code, detail, reference: Some(row.reference.clone()) }));
    if own.is_none() && !caller.governs(content.city()) {
        return refuse("other_city", "the vacancy lies in a city that is not the caller's".to_owned());
    }
    let employer = match own {
        Some((_, id)) => id.clone(),
        None => {
            let named = [(content.employer_name.as_str(), row.uscc.as_deref(), content.city())];
            let found = employers::upsert_many(conn, now, &named)?.pop();
            found.ok_or_else(|| Error::internal("an employer that was written is not there"))?
        }
    };
    let (valid_from, expires_at) = (row.valid_from, row.expires_at);
    let lexicon_version = talk.lexicon.version().to_owned();
    match vacancies::draft(conn, now, caller, NewVacancy { employer, content, findings, valid_from, expires_at, lexicon_version })
    {
        Ok(row) if to == Destination::Submitted => vacancies::hand_in(conn, now, caller, row).map(|_| Ok("created")),
        Ok(_) => Ok(Ok("created")),
        Err(Error::Conflict { code: "duplicate", .. }) => Ok(Ok("unchanged")),
        Err(error) => Err(error),
    }
}

fn receipt(place: i64, reference: Option<String>, outcome: std::result::Result<&'static str, Reject>) -> Receipt {
    match outcome {
        Ok(status) => Receipt::taken(place, status, reference),
        Err(reject) => Receipt::rejected(place, Reject { reference: reject.reference.or(reference), ..reject }),
    }
}
