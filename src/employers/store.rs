//! The rows of employers.

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{employers, fair_exhibitors, training_orders, vacancies};
use crate::db::types::{EmployerId, Timestamp};
use crate::employers::model::{EmployerRow, NewEmployer, VerificationBody};
use crate::error::{Error, Result};
use crate::http::Caller;

/// What a list of employers is narrowed to.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// The first digits of the area.
    pub area: Option<String>,
    /// A part of the name.
    pub name: Option<String>,
    /// Whether a bureau has checked them.
    pub verified: Option<bool>,
}

/// Writes a new employer; a number that is registered is refused.
pub fn insert(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewEmployer) -> Result<EmployerRow> {
    number_is_free(conn, new.uscc(), None)?;
    let row = new.row(now);
    diesel::insert_into(employers::table).values(&row).execute(conn)?;
    record(conn, now, caller, "employers.create", &row.id, json!({}))?;
    Ok(row)
}

/// Writes a changed employer.
pub fn save(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &EmployerRow) -> Result<()> {
    number_is_free(conn, row.uscc.as_deref(), Some(&row.id))?;
    diesel::update(employers::table.find(&row.id)).set(row).execute(conn)?;
    record(conn, now, caller, "employers.change", &row.id, json!({"revision": row.revision}))
}

/// Writes down that a bureau looked at an employer, and what it found.
pub fn verify(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    row: EmployerRow,
    body: &VerificationBody,
) -> Result<EmployerRow> {
    if body.verified && row.uscc.is_none() {
        let zh = "请先补充统一社会信用代码";
        return Err(Error::conflict("uscc_required", zh, "the employer has no credit code to be checked against"));
    }
    let row = EmployerRow {
        verified_at: body.verified.then_some(now),
        verified_by: body.verified.then(|| caller.name()),
        verification: Some(serde_json::to_string(body)?),
        revision: row.revision + 1,
        updated_at: now,
        ..row
    };
    diesel::update(employers::table.find(&row.id)).set(&row).execute(conn)?;
    record(conn, now, caller, "employers.verify", &row.id, json!({"verified": body.verified, "documents": body.documents}))?;
    Ok(row)
}

/// Removes an employer that nothing hangs on.
pub fn delete(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &EmployerId) -> Result<()> {
    let offers: i64 = vacancies::table.filter(vacancies::employer_id.eq(id)).count().get_result(conn)?;
    let booths: i64 = fair_exhibitors::table.filter(fair_exhibitors::employer_id.eq(id)).count().get_result(conn)?;
    let orders: i64 = training_orders::table.filter(training_orders::employer_id.eq(id)).count().get_result(conn)?;
    if offers + booths + orders > 0 {
        let zh = format!("该单位还有 {offers} 个岗位、{booths} 个展位、{orders} 个培训订单，不能删除");
        let en = format!("{offers} vacancies, {booths} booths and {orders} training orders hang on the employer");
        return Err(Error::conflict("in_use", zh, en));
    }
    diesel::delete(employers::table.find(id)).execute(conn)?;
    record(conn, now, caller, "employers.delete", id, json!({}))
}

/// Reads an employer.
pub fn load(conn: &mut DbConn, id: &EmployerId) -> Result<EmployerRow> {
    let found = employers::table.find(id).select(EmployerRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("employer"))
}

/// Lists employers by id after one.
pub fn page(conn: &mut DbConn, filter: &Filter, after: Option<EmployerId>, limit: i64) -> Result<(Vec<EmployerRow>, i64)> {
    let narrowed = || {
        let mut query = employers::table.into_boxed();
        if let Some(area) = &filter.area {
            let begins = format!("{area}%");
            query = query.filter(employers::city.like(begins.clone()).or(employers::district.like(begins)));
        }
        if let Some(name) = &filter.name {
            let escaped = name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            query = query.filter(employers::name.like(format!("%{escaped}%")).escape('\\'));
        }
        match filter.verified {
            Some(true) => query.filter(employers::verified_at.is_not_null()),
            Some(false) => query.filter(employers::verified_at.is_null()),
            None => query,
        }
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(employers::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(employers::id.gt(after));
    }
    Ok((query.select(EmployerRow::as_select()).load(conn)?, total))
}

fn number_is_free(conn: &mut DbConn, uscc: Option<&str>, own: Option<&EmployerId>) -> Result<()> {
    let Some(uscc) = uscc else { return Ok(()) };
    let holder: Option<EmployerId> =
        employers::table.filter(employers::uscc.eq(uscc)).select(employers::id).first(conn).optional()?;
    match holder {
        Some(holder) if Some(&holder) != own => {
            let zh = "该统一社会信用代码已登记，请联系当地人社部门开通账号";
            Err(Error::conflict("registered", zh, "an employer with this credit code is registered; ask the city bureau"))
        }
        _ => Ok(()),
    }
}

fn record(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    action: &str,
    id: &EmployerId,
    detail: serde_json::Value,
) -> Result<()> {
    let deed = Deed { actor: &caller.name(), action, subject: &format!("employer:{id}"), detail };
    audit::append(conn, now, &deed).map(|_| ())
}
