//! The rows of schools.

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{accounts, fairs, graduates, schools, training_orders, venues};
use crate::db::types::{SchoolId, Timestamp};
use crate::error::{Error, Result};
use crate::http::Caller;
use crate::schools::model::{NewSchool, SchoolRow};

/// What a list of schools is narrowed to.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// The first digits of the area.
    pub area: Option<String>,
    /// A part of the name.
    pub name: Option<String>,
}

/// Writes a new school; a name or number that is taken is refused.
pub fn insert(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewSchool) -> Result<SchoolRow> {
    let row = new.row(now);
    is_free(conn, &row)?;
    diesel::insert_into(schools::table).values(&row).execute(conn)?;
    record(conn, now, caller, "schools.create", &row.id)?;
    Ok(row)
}

/// Writes a changed school.
pub fn save(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &SchoolRow) -> Result<()> {
    is_free(conn, row)?;
    diesel::update(schools::table.find(&row.id)).set(row).execute(conn)?;
    record(conn, now, caller, "schools.change", &row.id)
}

/// Removes a school that nothing hangs on.
pub fn delete(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &SchoolId) -> Result<()> {
    let people: i64 = graduates::table.filter(graduates::school_id.eq(id)).count().get_result(conn)?;
    let halls: i64 = venues::table.filter(venues::school_id.eq(id)).count().get_result(conn)?;
    let held: i64 = fairs::table.filter(fairs::school_id.eq(id)).count().get_result(conn)?;
    let users: i64 = accounts::table.filter(accounts::school_id.eq(id)).count().get_result(conn)?;
    let orders: i64 = training_orders::table.filter(training_orders::school_id.eq(id)).count().get_result(conn)?;
    if people + halls + held + users + orders > 0 {
        let zh =
            format!("该校还有 {people} 名毕业生、{halls} 个场地、{held} 场招聘会、{users} 个账号、{orders} 个培训订单，不能删除");
        let en = format!(
            "{people} graduates, {halls} venues, {held} fairs, {users} accounts and {orders} training orders hang on the school"
        );
        return Err(Error::conflict("in_use", zh, en));
    }
    diesel::delete(schools::table.find(id)).execute(conn)?;
    record(conn, now, caller, "schools.delete", id)
}

/// Reads a school.
pub fn load(conn: &mut DbConn, id: &SchoolId) -> Result<SchoolRow> {
    let found = schools::table.find(id).select(SchoolRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("school"))
}

/// Finds a school by its whole name.
pub fn find_by_name(conn: &mut DbConn, name: &str) -> Result<Option<SchoolRow>> {
    Ok(schools::table.filter(schools::name.eq(name)).select(SchoolRow::as_select()).first(conn).optional()?)
}

/// Reads the city of a school, by GB/T 2260 code.
pub fn city_of(conn: &mut DbConn, id: &SchoolId) -> Result<Option<String>> {
    Ok(schools::table.find(id).select(schools::city).first(conn).optional()?)
}

/// Lists schools by id after one.
pub fn page(conn: &mut DbConn, filter: &Filter, after: Option<SchoolId>, limit: i64) -> Result<(Vec<SchoolRow>, i64)> {
    let narrowed = || {
        let mut query = schools::table.into_boxed();
        if let Some(area) = &filter.area {
            let begins = format!("{area}%");
            query = query.filter(schools::city.like(begins.clone()).or(schools::district.like(begins)));
        }
        if let Some(name) = &filter.name {
            let escaped = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            query = query.filter(schools::name.like(format!("%{escaped}%")).escape('\\'));
        }
        query
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(schools::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(schools::id.gt(after));
    }
    Ok((query.select(SchoolRow::as_select()).load(conn)?, total))
}

fn is_free(conn: &mut DbConn, row: &SchoolRow) -> Result<()> {
    let others = schools::table.filter(schools::id.ne(&row.id));
    let named: i64 = others.filter(schools::name.eq(&row.name)).count().get_result(conn)?;
    let numbered: i64 = match &row.uscc {
        Some(uscc) => others.filter(schools::uscc.eq(uscc)).count().get_result(conn)?,
        None => 0,
    };
    match named + numbered {
        0 => Ok(()),
        _ => Err(Error::conflict("registered", "该学校已登记", "a school with this name or credit code is registered")),
    }
}

/// Writes down what was done to a school.
pub fn record(conn: &mut DbConn, now: Timestamp, caller: &Caller, action: &str, id: &SchoolId) -> Result<()> {
    let deed = Deed { actor: &caller.name(), action, subject: &format!("school:{id}"), detail: json!({}) };
    audit::append(conn, now, &deed).map(|_| ())
}
