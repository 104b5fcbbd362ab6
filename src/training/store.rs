//! The rows of training orders.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{employers, training_orders, training_trainees};
use crate::db::types::{EmployerId, GraduateId, SchoolId, Timestamp, TrainingOrderId};
use crate::error::{Error, Result};
use crate::http::Caller;
use crate::training::life::{Class, OrderStatus};
use crate::training::model::OrderRow;

/// What a list of orders is narrowed to.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// One employer.
    pub employer: Option<EmployerId>,
    /// One school.
    pub school: Option<SchoolId>,
    /// The first digits of the area.
    pub area: Option<String>,
    /// Where they stand.
    pub status: Option<OrderStatus>,
}

/// Writes a new order.
pub fn insert(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &OrderRow) -> Result<()> {
    diesel::insert_into(training_orders::table).values(row).execute(conn)?;
    record(conn, now, caller, "training.create", &row.id, json!({"employer": row.employer_id, "school": row.school_id}))
}

/// Writes a changed order.
pub fn save(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &OrderRow) -> Result<()> {
    diesel::update(training_orders::table.find(&row.id)).set(row).execute(conn)?;
    record(conn, now, caller, "training.change", &row.id, json!({"revision": row.revision, "status": row.status}))
}

/// Removes an order.
pub fn delete(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &TrainingOrderId) -> Result<()> {
    diesel::delete(training_orders::table.find(id)).execute(conn)?;
    record(conn, now, caller, "training.delete", id, json!({}))
}

/// Reads an order.
pub fn load(conn: &mut DbConn, id: &TrainingOrderId) -> Result<OrderRow> {
    let found = training_orders::table.find(id).select(OrderRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("training_order"))
}

/// Lists orders by id after one.
pub fn page(conn: &mut DbConn, filter: &Filter, after: Option<TrainingOrderId>, limit: i64) -> Result<(Vec<OrderRow>, i64)> {
    let narrowed = || {
        let mut query = training_orders::table.into_boxed();
        if let Some(employer) = &filter.employer {
            query = query.filter(training_orders::employer_id.eq(employer));
        }
        if let Some(school) = &filter.school {
            query = query.filter(training_orders::school_id.eq(school));
        }
        if let Some(status) = filter.status {
            query = query.filter(training_orders::status.eq(status));
        }
        match &filter.area {
            Some(area) => query.filter(training_orders::city.like(format!("{area}%"))),
            None => query,
        }
    };
    let total = narrowed().count().get_result(conn)?;
    let mut query = narrowed().order(training_orders::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(training_orders::id.gt(after));
    }
    Ok((query.select(OrderRow::as_select()).load(conn)?, total))
}

/// Reads the city of an employer, by GB/T 2260 code.
pub fn city_of_employer(conn: &mut DbConn, id: &EmployerId) -> Result<Option<String>> {
    let found: Option<(Option<String>, Option<String>)> =
        employers::table.find(id).select((employers::district, employers::city)).first(conn).optional()?;
    let none = || Error::invalid("/employer", "unknown_employer", "没有这家用人单位", "no such employer");
    found.map(|(district, city)| district.or(city)).ok_or_else(none)
}

/// Counts the classes of orders.
pub fn classes(conn: &mut DbConn, ids: &[TrainingOrderId]) -> Result<HashMap<TrainingOrderId, Class>> {
    let counted = |column: &str| sql::<BigInt>(&format!("COUNT({column})"));
    let rows: Vec<(TrainingOrderId, i64, i64, i64)> = training_trainees::table
        .filter(training_trainees::order_id.eq_any(ids))
        .group_by(training_trainees::order_id)
        .select((training_trainees::order_id, count_star(), counted("finished_on"), counted("hired_on")))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, enrolled, finished, hired)| (id, Class { enrolled, finished, hired })).collect())
}

/// Reads who is or was in the class of an order.
pub fn enrolled(conn: &mut DbConn, id: &TrainingOrderId) -> Result<BTreeSet<GraduateId>> {
    let own = training_trainees::table.filter(training_trainees::order_id.eq(id));
    Ok(own.select(training_trainees::graduate_id).load::<GraduateId>(conn)?.into_iter().collect())
}

/// Reads who finished the class of an order.
pub fn finished(conn: &mut DbConn, id: &TrainingOrderId) -> Result<BTreeSet<GraduateId>> {
    let own = training_trainees::table.filter(training_trainees::order_id.eq(id));
    let ids: Vec<GraduateId> =
        own.filter(training_trainees::finished_on.is_not_null()).select(training_trainees::graduate_id).load(conn)?;
    Ok(ids.into_iter().collect())
}

/// Writes down what was done to an order.
pub fn record(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    action: &str,
    id: &TrainingOrderId,
    detail: Value,
) -> Result<()> {
    let deed = Deed { actor: &caller.name(), action, subject: &format!("training_order:{id}"), detail };
    audit::append(conn, now, &deed).map(|_| ())
}
