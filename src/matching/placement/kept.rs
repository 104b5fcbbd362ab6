//! What is kept of a placement? The question without the names of graduates, the certificate, and one row for each graduate,
//! which goes when the graduate goes.

use std::collections::HashSet;

use diesel::prelude::*;
use serde_json::json;

use super::answer::{Answer, Placed, Proof, Unplaced};
use super::cohort::Fate;
use super::outcome::Objective;
use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{graduates, placement_graduates, placements};
use crate::db::types::{GraduateId, PlacementId, SchoolId, Timestamp, VacancyId};
use crate::each_backend;
use crate::error::{Error, Result};
use crate::http::{Caller, hidden_unless};

/// How many rows one statement writes, and how many ids one names.
const ROWS_MAX: usize = 500;

/// A placement as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = placements, treat_none_as_default_value = false)]
pub struct PlacementRow {
    pub id: PlacementId,
    pub school_id: Option<SchoolId>,
    pub area: String,
    pub objective: Objective,
    pub asked: String,
    pub certificate: String,
    pub took_ms: i64,
    pub created_at: Timestamp,
}

/// What became of one graduate, as kept; `outcome` is a `Placed` or an `Unplaced`, as JSON.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = placement_graduates, treat_none_as_default_value = false)]
struct FateRow {
    placement_id: PlacementId,
    graduate_id: GraduateId,
    vacancy_id: Option<VacancyId>,
    outcome: String,
}

impl FateRow {
    fn of(id: &PlacementId, graduate: &str, fate: &Fate) -> Result<FateRow> {
        let (vacancy_id, outcome) = match fate {
            Fate::Placed(told) => (VacancyId::parse(&told.vacancy), serde_json::to_string(told)?),
            Fate::Unplaced(told) => (None, serde_json::to_string(told)?),
        };
        let graduate_id = GraduateId::parse(graduate).ok_or_else(|| Error::internal("a graduate without an id"))?;
        Ok(FateRow { placement_id: id.clone(), graduate_id, vacancy_id, outcome })
    }
}

/// Writes a placement down; who has been removed since it was begun is left out.
pub fn keep(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: &PlacementRow, answer: Answer) -> Result<()> {
    diesel::insert_into(placements::table).values(row).execute(conn)?;
    let placed = answer.assignment.len();
    let fates = answer.fates().into_iter().map(|(graduate, fate)| FateRow::of(&row.id, &graduate, &fate));
    let fates = fates.collect::<Result<Vec<FateRow>>>()?;
    for part in fates.chunks(ROWS_MAX) {
        let ids: Vec<&GraduateId> = part.iter().map(|fate| &fate.graduate_id).collect();
        let there = graduates::table.filter(graduates::id.eq_any(ids)).select(graduates::id);
        let there: HashSet<GraduateId> = there.load(conn)?.into_iter().collect();
        let part: Vec<FateRow> = part.iter().filter(|fate| there.contains(&fate.graduate_id)).cloned().collect();
        each_backend!(&mut *conn, |c| diesel::insert_into(placement_graduates::table).values(part).execute(c))?;
    }
    let detail = json!({"objective": row.objective, "graduates": fates.len(), "placed": placed});
    let subject = format!("placement:{}", row.id);
    audit::append(conn, now, &Deed { actor: &caller.name(), action: "placements.create", subject: &subject, detail }).map(|_| ())
}

/// Reads a placement that is the caller's: of the own school, or of the own area.
pub fn load(conn: &mut DbConn, caller: &Caller, id: &PlacementId) -> Result<(PlacementRow, Answer)> {
    let found: Option<PlacementRow> = placements::table.find(id).select(PlacementRow::as_select()).first(conn).optional()?;
    let row = found.ok_or(Error::NotFound("placement"))?;
    hidden_unless(caller.is_school(row.school_id.as_ref()) || caller.governs(Some(&row.area)), "placement")?;
    let own = placement_graduates::table.filter(placement_graduates::placement_id.eq(id));
    let fates: Vec<FateRow> = own.order(placement_graduates::graduate_id).select(FateRow::as_select()).load(conn)?;
    let certificate: Proof = serde_json::from_str(&row.certificate)?;
    let (mut assignment, mut unmatched) = (Vec::new(), Vec::new());
    for fate in &fates {
        match fate.vacancy_id {
            Some(_) => assignment.push(serde_json::from_str::<Placed>(&fate.outcome)?),
            None => unmatched.push(serde_json::from_str::<Unplaced>(&fate.outcome)?),
        }
    }
    let took_ms = u64::try_from(row.took_ms)?;
    Ok((row, Answer { assignment, unmatched, certificate, took_ms }))
}
