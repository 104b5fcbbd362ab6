//! Which employer does a feed mean? Found by number, then by name; written down where it is new.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::employers;
use crate::db::types::{EmployerId, Timestamp};
use crate::each_backend;
use crate::error::Result;

/// How many rows one statement names or writes.
const ROWS_MAX: usize = 500;

/// An employer as a feed names it: name, number, city.
pub type Named<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

#[derive(Insertable, Clone)]
#[diesel(table_name = employers, treat_none_as_default_value = false)]
struct NewRow {
    id: EmployerId,
    name: String,
    uscc: Option<String>,
    city: Option<String>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Gives the employers that are named, in order; unknown ones are written down, unverified.
pub fn upsert_many(conn: &mut DbConn, now: Timestamp, named: &[Named<'_>]) -> Result<Vec<EmployerId>> {
    let (mut by_uscc, mut by_name) = known(conn, named)?;
    let mut new: Vec<NewRow> = Vec::new();
    let mut found = Vec::with_capacity(named.len());
    for (name, uscc, city) in named {
        let known = uscc.map_or_else(|| by_name.get(*name), |uscc| by_uscc.get(uscc));
        let id = match known {
            Some(id) => id.clone(),
            None => {
                let id = EmployerId::new(now);
                let (name, uscc, city) = ((*name).to_owned(), uscc.map(str::to_owned), city.map(str::to_owned));
                if let Some(uscc) = &uscc {
                    by_uscc.insert(uscc.clone(), id.clone());
                }
                by_name.entry(name.clone()).or_insert_with(|| id.clone());
                new.push(NewRow { id: id.clone(), name, uscc, city, revision: 1, created_at: now, updated_at: now });
                id
            }
        };
        found.push(id);
    }
    for part in new.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(employers::table).values(part).execute(c))?;
    }
    Ok(found)
}

type Known = HashMap<String, EmployerId>;

fn known(conn: &mut DbConn, named: &[Named<'_>]) -> Result<(Known, Known)> {
    let (mut by_uscc, mut by_name) = (Known::new(), Known::new());
    for part in named.chunks(ROWS_MAX) {
        let usccs: Vec<&str> = part.iter().filter_map(|(_, uscc, _)| *uscc).collect();
        let names: Vec<&str> = part.iter().filter(|(_, uscc, _)| uscc.is_none()).map(|(name, ..)| *name).collect();
        let rows: Vec<(Option<String>, EmployerId)> =
            employers::table.filter(employers::uscc.eq_any(usccs)).select((employers::uscc, employers::id)).load(conn)?;
        by_uscc.extend(rows.into_iter().filter_map(|(uscc, id)| uscc.map(|uscc| (uscc, id))));
        let rows: Vec<(String, EmployerId)> = employers::table
            .filter(employers::name.eq_any(names))
            .order(employers::id.desc())
            .select((employers::name, employers::id))
            .load(conn)?;
        by_name.extend(rows);
    }
    Ok((by_uscc, by_name))
}
