//! Who talks to whom at a fair, when and at which desk? Wishes of both sides become a timetable without clashes, kept with
//! its proof and mended with the least disturbance.

mod hours;
mod wishes;

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{fair_interview_wishes as wish_table, fair_timetables as table};
use crate::db::types::{FairId, InterviewWishId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::fairs::timetable::{Effort, Interviews, Timetable, desks, mend, rounds, solve};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, hidden_unless, merged, tagged};

use hours::{Posed, Span, TimetableBody, pose};
use wishes::{WishRow, WishView};

/// How many wishes a timetable is made of at most.
const WISHES_MAX: i64 = 20_000;
/// How long a timetable may take, in milliseconds.
const TIME_LIMIT_MS: u64 = 1_000;
/// How often the search starts anew.
const ROUNDS: usize = 4;

/// Mounts the routes of interviews.
pub fn routes(config: &mut ServiceConfig) {
    wishes::routes(config);
    config.service(read).service(create).service(change);
}

/// The proof of a timetable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
struct Proof {
    /// How many wishes were granted.
    granted: usize,
    /// How many were not.
    refused: usize,
    /// How many rounds it takes.
    rounds: usize,
    /// How many rounds granting everything takes at least: the wishes of the busiest party.
    least_rounds: usize,
    /// The weight of the wishes granted.
    objective: i64,
    /// The weight that no timetable exceeds.
    bound: i64,
    /// (bound − objective) / bound, 0 to 1.
    gap: f64,
    /// Wishes whose interview was moved by the last change.
    moved: Vec<InterviewWishId>,
    /// Wishes whose interview was lost by the last change.
    lost: Vec<InterviewWishId>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(fair_id))]
struct TimetableRow {
    fair_id: FairId,
    asked: String,
    answer: String,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A timetable as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TimetableView {
    fair: FairId,
    asked: TimetableBody,
    #[serde(flatten)]
    proof: Proof,
    /// The interviews that the caller may see, by time.
    interviews: Vec<WishView>,
    revision: i64,
    updated_at: Timestamp,
}

/// Makes the timetable of a fair anew: every wish in the fewest rounds where nobody is away and the day is long enough, else
/// the heaviest set of wishes that can be found, with a bound.
#[utoipa::path(tag = "fairs", operation_id = "create_timetable", params(("id" = FairId, Path)), request_body = TimetableBody,
    responses((status = 201, description = "面谈时间表", body = TimetableView), Failures))]
#[post("/fairs/{id}/timetable")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<TimetableBody>) -> Result<HttpResponse> {
    let asked = body.0.parse()?;
    let view = db
        .write(move |conn| {
            let fair = yours(conn, &caller, &id.0)?;
            make(conn, *now, &caller, &fair, asked, Manner::Anew)
        })
        .await?;
    Ok(tagged(StatusCode::CREATED, view.revision, &view))
}

/// Changes absences, breaks or desks, takes new and withdrawn wishes in, and disturbs as few as possible.
#[utoipa::path(tag = "fairs", operation_id = "update_timetable", params(("id" = FairId, Path)),
    request_body(content = TimetableBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已调整", body = TimetableView), Failures))]
#[patch("/fairs/{id}/timetable")]
async fn change(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let view = db
        .write(move |conn| {
            let fair = yours(conn, &caller, &id.0)?;
            let row = kept(conn, &fair.id)?;
            revision.check(row.revision)?;
            let asked: TimetableBody = merged(&serde_json::from_str::<TimetableBody>(&row.asked)?, &body.0)?;
            make(conn, *now, &caller, &fair, asked.parse()?, Manner::Mended)
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

/// Reads the timetable of a fair: its own people see all interviews, the others their own.
#[utoipa::path(tag = "fairs", operation_id = "get_timetable", params(("id" = FairId, Path)),
    responses((status = 200, description = "面谈时间表", body = TimetableView), Failures))]
#[get("/fairs/{id}/timetable")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairId>) -> Result<HttpResponse> {
    let view = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let (row, rows) = (kept(conn, &fair.id)?, wishes_of(conn, &fair.id)?);
            let all = is_yours(&caller, &fair);
            let own =
                |wish: &WishRow| all || caller.is_employer(Some(&wish.employer_id)) || caller.is_graduate(&wish.graduate_id);
            view(row, rows.into_iter().filter(own).collect())
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &FairId) -> Result<FairRow> {
    let fair = store::lock(conn, id)?;
    hidden_unless(is_yours(caller, &fair), "fair")?;
    Ok(fair)
}

fn kept(conn: &mut DbConn, fair: &FairId) -> Result<TimetableRow> {
    let found = table::table.find(fair).select(TimetableRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("timetable"))
}

fn wishes_of(conn: &mut DbConn, fair: &FairId) -> Result<Vec<WishRow>> {
    let own = wish_table::table.filter(wish_table::fair_id.eq(fair)).order(wish_table::id).limit(WISHES_MAX);
    Ok(own.select(WishRow::as_select()).load(conn)?)
}

fn view(row: TimetableRow, mut rows: Vec<WishRow>) -> Result<TimetableView> {
    rows.retain(|wish| wish.starts_at.is_some());
    rows.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
    let TimetableRow { fair_id: fair, asked, answer, revision, created_at: _, updated_at } = row;
    let (asked, proof) = (serde_json::from_str(&asked)?, serde_json::from_str(&answer)?);
    Ok(TimetableView { fair, asked, proof, interviews: rows.into_iter().map(WishView::from).collect(), revision, updated_at })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Anew,
    Mended,
}

fn make(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    fair: &FairRow,
    asked: TimetableBody,
    manner: Manner,
) -> Result<TimetableView> {
    let mut rows = wishes_of(conn, &fair.id)?;
    let hours = Span { from: fair.starts_at, to: fair.ends_at };
    let busy = elsewhere(conn, fair)?;
    let graduates = busy.iter().map(|(wish, span)| (wish.graduate_id.clone(), *span)).collect();
    let employers = busy.iter().map(|(wish, span)| (wish.employer_id.clone(), *span)).collect();
    let posed = pose(hours, &asked, &rows, &graduates, &employers);
    let at = |time: Timestamp| posed.times.iter().position(|slot| slot.from == time);
    let before: Vec<Option<usize>> = rows.iter().map(|wish| wish.starts_at.and_then(at)).collect();
    let (slots, proof) = decide(&posed, &before, &rows, asked.seed, manner)?;
    let old_desks: Vec<Option<usize>> = rows.iter().map(|wish| usize::try_from(wish.desk? - 1).ok()).collect();
    let desks = desks(&posed.world, &slots, &old_desks);
    for ((wish, slot), desk) in rows.iter_mut().zip(&slots).zip(desks) {
        let time = slot.and_then(|slot| posed.times.get(slot));
        let desk = desk.map(|desk| i32::try_from(desk + 1)).transpose()?;
        let next = (time.map(|time| time.from), time.map(|time| time.to), desk);
        if next != (wish.starts_at, wish.ends_at, wish.desk) {
            (wish.starts_at, wish.ends_at, wish.desk) = next;
            wish.updated_at = now;
            diesel::update(wish_table::table.find(&wish.id)).set(&*wish).execute(conn)?;
        }
    }
    let row = keep(conn, now, fair, &asked, &proof)?;
    record(conn, now, caller, "timetables.make", &format!("fair:{}", fair.id))?;
    view(row, rows)
}

fn keep(conn: &mut DbConn, now: Timestamp, fair: &FairRow, asked: &TimetableBody, proof: &Proof) -> Result<TimetableRow> {
    let (asked, answer) = (serde_json::to_string(asked)?, serde_json::to_string(proof)?);
    let known: Option<TimetableRow> = table::table.find(&fair.id).select(TimetableRow::as_select()).first(conn).optional()?;
    let row = TimetableRow {
        fair_id: fair.id.clone(),
        asked,
        answer,
        revision: known.as_ref().map_or(1, |row| row.revision + 1),
        created_at: known.as_ref().map_or(now, |row| row.created_at),
        updated_at: now,
    };
    match known {
        Some(_) => diesel::update(table::table.find(&fair.id)).set(&row).execute(conn)?,
        None => diesel::insert_into(table::table).values(&row).execute(conn)?,
    };
    Ok(row)
}

/// Reads the interviews at other fairs that overlap this one.
fn elsewhere(conn: &mut DbConn, fair: &FairRow) -> Result<Vec<(WishRow, Span)>> {
    let others = wish_table::table.filter(wish_table::fair_id.ne(&fair.id));
    let others = others.filter(wish_table::starts_at.lt(fair.ends_at)).filter(wish_table::ends_at.gt(fair.starts_at));
    let rows: Vec<WishRow> = others.order(wish_table::id).limit(WISHES_MAX).select(WishRow::as_select()).load(conn)?;
    let span = |row: WishRow| Some((row.clone(), Span { from: row.starts_at?, to: row.ends_at? }));
    Ok(rows.into_iter().filter_map(span).collect())
}

/// Decides which wish is granted in which slot.
fn decide(
    posed: &Posed,
    before: &[Option<usize>],
    rows: &[WishRow],
    seed: u64,
    manner: Manner,
) -> Result<(Vec<Option<usize>>, Proof)> {
    let begun = Instant::now();
    let world = &posed.world;
    let meetings: Vec<(usize, usize)> = world.wishes.iter().map(|wish| (wish.graduate, wish.employer)).collect();
    let interviewers: Vec<usize> = world.employers.iter().map(|employer| employer.interviewers).collect();
    let (round, least) = rounds(&meetings, world.graduates.len(), &interviewers);
    let (timetable, moved, lost) = match manner {
        Manner::Mended => {
            let mended = mend(world, before);
            (mended.timetable, mended.moved, mended.lost)
        }
        Manner::Anew => (in_rounds(world, &round).unwrap_or_else(|| solve(world, effort(seed))), Vec::new(), Vec::new()),
    };
    let ids = |wishes: Vec<usize>| wishes.iter().filter_map(|at| rows.get(*at)).map(|wish| wish.id.clone()).collect();
    let granted = timetable.slots.iter().flatten().count();
    let used: std::collections::BTreeSet<usize> = timetable.slots.iter().flatten().copied().collect();
    let proof = Proof {
        granted,
        refused: timetable.slots.len() - granted,
        rounds: used.len(),
        least_rounds: least,
        objective: timetable.objective,
        bound: timetable.bound,
        gap: timetable.gap,
        moved: ids(moved),
        lost: ids(lost),
        took_ms: u64::try_from(begun.elapsed().as_millis())?,
    };
    Ok((timetable.slots, proof))
}

/// Takes the fewest rounds where they fit into the hours of everybody.
fn in_rounds(world: &Interviews, round: &[usize]) -> Option<Timetable> {
    let slots: Vec<Option<usize>> = round.iter().map(|round| Some(*round)).collect();
    let objective = world.judge(&slots)?;
    Some(Timetable { slots, objective, bound: objective, gap: 0.0 })
}

fn effort(seed: u64) -> Effort {
    Effort { seed, rounds: ROUNDS, limit: Duration::from_millis(TIME_LIMIT_MS) }
}
