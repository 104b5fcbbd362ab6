//! How does a timetable come about? What decides about it is read, solved outside of any transaction when its turn has come,
//! and written only when nothing of it has changed meanwhile: neither the wishes, nor the timetable, nor where the same people
//! are expected at other fairs. Timetables are written one after the other, so nobody is ever in two places.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::db::schema::{
    fair_attendances as attendance_table, fair_exhibitors as exhibitor_table, fair_interview_wishes as wish_table,
    fair_timetables as table, fairs,
};
use crate::db::types::{EmployerId, FairId, GraduateId, InterviewWishId, Timestamp, VenueId};
use crate::db::{Db, DbConn, sequence};
use crate::error::{Error, Result};
use crate::fairs::arrangement::{self, Session};
use crate::fairs::attendances::Attendance;
use crate::fairs::exhibitor::Outcome;
use crate::fairs::interviews::hours::{MINUTES_MAX, Posed, Span, TimetableBody, pose};
use crate::fairs::interviews::wishes::{WishRow, WishView};
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::fairs::timetable::{Effort, Interviews, Timetable, desks, mend, rounds, solve};
use crate::http::{Caller, IfMatch, Line, hidden_unless, merged};

/// How many wishes a timetable is made of at most.
const WISHES_MAX: i64 = 20_000;
/// How long a timetable may take, in milliseconds.
const TIME_LIMIT_MS: u64 = 1_000;
/// How often the search starts anew.
const ROUNDS: usize = 4;
/// How often a timetable is solved again because something changed meanwhile.
const ATTEMPTS_MAX: usize = 5;

/// The proof of a timetable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proof {
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

/// A timetable as kept.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(fair_id))]
pub struct TimetableRow {
    fair_id: FairId,
    /// What was asked for, as JSON.
    pub asked: String,
    answer: String,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A timetable as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TimetableView {
    fair: FairId,
    asked: TimetableBody,
    #[serde(flatten)]
    proof: Proof,
    /// The interviews that the caller may see, by time.
    interviews: Vec<WishView>,
    /// How often it was changed, from 1.
    pub revision: i64,
    updated_at: Timestamp,
}

/// How a timetable is wanted.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Made from nothing.
    Anew(TimetableBody),
    /// Changed by a patch of what was asked, with the least disturbance.
    Mended(IfMatch, Value),
}

/// Somebody who is expected at another fair.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expected {
    graduate: GraduateId,
    employer: EmployerId,
    span: Span,
    venue: Option<VenueId>,
}

/// Everything that decides about a timetable.
#[derive(Debug, Clone)]
struct Question {
    fair: FairRow,
    rows: Vec<WishRow>,
    kept: Option<TimetableRow>,
    elsewhere: Vec<Expected>,
    graduates_away: Vec<(GraduateId, Span)>,
    employers_away: Vec<(EmployerId, Span)>,
}

impl Question {
    fn same(&self, other: &Question) -> bool {
        let hours = |fair: &FairRow| (fair.starts_at, fair.ends_at, fair.venue_id.clone());
        hours(&self.fair) == hours(&other.fair)
            && (&self.rows, &self.kept, &self.elsewhere) == (&other.rows, &other.kept, &other.elsewhere)
            && (&self.graduates_away, &self.employers_away) == (&other.graduates_away, &other.employers_away)
    }

    fn asked(&self, wanted: &Wanted) -> Result<TimetableBody> {
        match wanted {
            Wanted::Anew(body) => Ok(body.clone()),
            Wanted::Mended(revision, patch) => {
                let row = self.kept.as_ref().ok_or(Error::NotFound("timetable"))?;
                revision.check(row.revision)?;
                merged(&serde_json::from_str::<TimetableBody>(&row.asked)?, patch).and_then(TimetableBody::parse)
            }
        }
    }
}

/// Makes the timetable of a fair.
pub async fn make(db: &Db, planner: &Line, now: Timestamp, caller: Caller, id: FairId, wanted: Wanted) -> Result<TimetableView> {
    for _ in 0..ATTEMPTS_MAX {
        let (asks, sought) = (caller.clone(), id.clone());
        let question = db
            .read(move |conn| {
                let fair = store::load(conn, &sought)?;
                hidden_unless(is_yours(&asks, &fair), "fair")?;
                question(conn, fair)
            })
            .await?;
        let asked = question.asked(&wanted)?;
        let anew = matches!(wanted, Wanted::Anew(_));
        let (posed, body) = (question.clone(), asked.clone());
        let (rows, proof) = planner.turn().await?.run(move || answer(&posed, &body, now, anew)).await?;
        let writes = caller.clone();
        let written = db.write(move |conn| write(conn, now, &writes, &question, &asked, rows, &proof)).await?;
        if let Some(view) = written {
            return Ok(view);
        }
    }
    Err(Error::Busy(1))
}

fn question(conn: &mut DbConn, fair: FairRow) -> Result<Question> {
    let rows = wishes_of(conn, &fair.id)?;
    let kept = table::table.find(&fair.id).select(TimetableRow::as_select()).first(conn).optional()?;
    let elsewhere = elsewhere(conn, &fair, &rows)?;
    let (graduates_away, employers_away) = without_a_place(conn, &fair, &rows)?;
    Ok(Question { fair, rows, kept, elsewhere, graduates_away, employers_away })
}

/// Reads the kept timetable of a fair.
pub fn kept(conn: &mut DbConn, fair: &FairId) -> Result<TimetableRow> {
    let found = table::table.find(fair).select(TimetableRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("timetable"))
}

/// Reads the wishes of a fair.
pub fn wishes_of(conn: &mut DbConn, fair: &FairId) -> Result<Vec<WishRow>> {
    let own = wish_table::table.filter(wish_table::fair_id.eq(fair)).order(wish_table::id).limit(WISHES_MAX);
    Ok(own.select(WishRow::as_select()).load(conn)?)
}

/// Reads when the same people are expected at other fairs, near enough for the way to matter.
fn elsewhere(conn: &mut DbConn, fair: &FairRow, rows: &[WishRow]) -> Result<Vec<Expected>> {
    let (from, to) = (fair.starts_at.plus_seconds(-MINUTES_MAX * 60), fair.ends_at.plus_seconds(MINUTES_MAX * 60));
    let others = wish_table::table.inner_join(fairs::table).filter(wish_table::fair_id.ne(&fair.id));
    let others = others.filter(wish_table::starts_at.lt(to)).filter(wish_table::ends_at.gt(from)).order(wish_table::id);
    let found: Vec<(WishRow, Option<VenueId>)> = others.select((WishRow::as_select(), fairs::venue_id)).load(conn)?;
    let graduates: BTreeSet<&GraduateId> = rows.iter().map(|wish| &wish.graduate_id).collect();
    let employers: BTreeSet<&EmployerId> = rows.iter().map(|wish| &wish.employer_id).collect();
    let expected = |(wish, venue): (WishRow, Option<VenueId>)| {
        let span = Span { from: wish.starts_at?, to: wish.ends_at? };
        let known = graduates.contains(&wish.graduate_id) || employers.contains(&wish.employer_id);
        known.then_some(Expected { graduate: wish.graduate_id, employer: wish.employer_id, span, venue })
    };
    Ok(found.into_iter().filter_map(expected).collect())
}

type Away = (Vec<(GraduateId, Span)>, Vec<(EmployerId, Span)>);

/// Tells when somebody has no place at the fair itself: in sessions of others, or at all since giving the place back.
fn without_a_place(conn: &mut DbConn, fair: &FairRow, rows: &[WishRow]) -> Result<Away> {
    let sessions = arrangement::of(conn, fair)?.sessions;
    let seats = attendance_table::table.filter(attendance_table::fair_id.eq(&fair.id));
    let seats = seats.filter(attendance_table::status.eq_any([Attendance::Reserved, Attendance::Attended]));
    let seats: Vec<(GraduateId, i32)> = seats.select((attendance_table::graduate_id, attendance_table::session)).load(conn)?;
    let booths = exhibitor_table::table.filter(exhibitor_table::fair_id.eq(&fair.id));
    let booths = booths.filter(exhibitor_table::status.eq(Outcome::Approved));
    let booths: Vec<(EmployerId, i32)> = booths.select((exhibitor_table::employer_id, exhibitor_table::session)).load(conn)?;
    let hours = Span { from: fair.starts_at, to: fair.ends_at };
    let graduates = rows.iter().map(|wish| wish.graduate_id.clone());
    let employers = rows.iter().map(|wish| wish.employer_id.clone());
    Ok((away(graduates, &seats, &sessions, hours), away(employers, &booths, &sessions, hours)))
}

/// Gives the sessions in which somebody has no place; the whole fair to those who have none.
fn away<P: Ord + Clone>(
    parties: impl Iterator<Item = P>,
    places: &[(P, i32)],
    sessions: &[Session],
    hours: Span,
) -> Vec<(P, Span)> {
    let mut held: BTreeMap<&P, BTreeSet<i32>> = BTreeMap::new();
    places.iter().for_each(|(party, session)| {
        held.entry(party).or_default().insert(*session);
    });
    let of = |party: P| match held.get(&party) {
        None => vec![(party, hours)],
        Some(own) => {
            let others = sessions.iter().filter(|session| !own.contains(&session.number));
            others.map(|session| (party.clone(), Span { from: session.starts_at, to: session.ends_at })).collect()
        }
    };
    parties.collect::<BTreeSet<P>>().into_iter().flat_map(of).collect()
}

/// Solves a question: the wishes with their interviews, and the proof.
fn answer(question: &Question, asked: &TimetableBody, now: Timestamp, anew: bool) -> Result<(Vec<WishRow>, Proof)> {
    let mut rows = question.rows.clone();
    let hours = Span { from: question.fair.starts_at, to: question.fair.ends_at };
    let (mut graduates, mut employers) = (question.graduates_away.clone(), question.employers_away.clone());
    for expected in &question.elsewhere {
        let here = expected.venue.is_some() && expected.venue == question.fair.venue_id;
        let way = if here { asked.walk_minutes } else { asked.travel_minutes } * 60;
        let span = Span { from: expected.span.from.plus_seconds(-way), to: expected.span.to.plus_seconds(way) };
        graduates.push((expected.graduate.clone(), span));
        employers.push((expected.employer.clone(), span));
    }
    let posed = pose(hours, asked, &rows, &graduates, &employers);
    let at = |time: Timestamp| posed.times.iter().position(|slot| slot.from == time);
    let before: Vec<Option<usize>> = rows.iter().map(|wish| wish.starts_at.and_then(at)).collect();
    let (slots, proof) = decide(&posed, &before, &rows, asked.seed, anew)?;
    let old_desks: Vec<Option<usize>> = rows.iter().map(|wish| usize::try_from(wish.desk? - 1).ok()).collect();
    let desks = desks(&posed.world, &slots, &old_desks);
    for ((wish, slot), desk) in rows.iter_mut().zip(&slots).zip(desks) {
        let time = slot.and_then(|slot| posed.times.get(slot));
        let desk = desk.map(|desk| i32::try_from(desk + 1)).transpose()?;
        let next = (time.map(|time| time.from), time.map(|time| time.to), desk);
        if next != (wish.starts_at, wish.ends_at, wish.desk) {
            (wish.starts_at, wish.ends_at, wish.desk) = next;
            wish.updated_at = now;
            wish.calendar_sequence += 1;
        }
    }
    Ok((rows, proof))
}

/// Writes an answer, unless what was asked of has changed meanwhile.
fn write(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    asked_of: &Question,
    asked: &TimetableBody,
    rows: Vec<WishRow>,
    proof: &Proof,
) -> Result<Option<TimetableView>> {
    let fair = store::lock(conn, &asked_of.fair.id)?;
    sequence::take(conn, "fair_timetables", 1)?;
    if !question(conn, fair)?.same(asked_of) {
        return Ok(None);
    }
    for (wish, _) in rows.iter().zip(&asked_of.rows).filter(|(next, before)| next != before) {
        diesel::update(wish_table::table.find(&wish.id)).set(wish).execute(conn)?;
    }
    let row = keep(conn, now, asked_of, asked, proof)?;
    record(conn, now, caller, "timetables.make", &format!("fair:{}", asked_of.fair.id))?;
    view(row, rows).map(Some)
}

fn keep(conn: &mut DbConn, now: Timestamp, question: &Question, asked: &TimetableBody, proof: &Proof) -> Result<TimetableRow> {
    let (asked, answer) = (serde_json::to_string(asked)?, serde_json::to_string(proof)?);
    let (fair, known) = (&question.fair, &question.kept);
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

/// Words a timetable with the interviews that may be seen.
pub fn view(row: TimetableRow, mut rows: Vec<WishRow>) -> Result<TimetableView> {
    rows.retain(|wish| wish.starts_at.is_some());
    rows.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
    let TimetableRow { fair_id: fair, asked, answer, revision, created_at: _, updated_at } = row;
    let (asked, proof) = (serde_json::from_str(&asked)?, serde_json::from_str(&answer)?);
    Ok(TimetableView { fair, asked, proof, interviews: rows.into_iter().map(WishView::from).collect(), revision, updated_at })
}

/// Decides which wish is granted in which slot.
fn decide(
    posed: &Posed,
    before: &[Option<usize>],
    rows: &[WishRow],
    seed: u64,
    anew: bool,
) -> Result<(Vec<Option<usize>>, Proof)> {
    let begun = Instant::now();
    let world = &posed.world;
    let meetings: Vec<(usize, usize)> = world.wishes.iter().map(|wish| (wish.graduate, wish.employer)).collect();
    let interviewers: Vec<usize> = world.employers.iter().map(|employer| employer.interviewers).collect();
    let (round, least) = rounds(&meetings, world.graduates.len(), &interviewers);
    let (timetable, moved, lost) = match anew {
        false => {
            let mended = mend(world, before);
            (mended.timetable, mended.moved, mended.lost)
        }
        true => (in_rounds(world, &round).unwrap_or_else(|| solve(world, effort(seed))), Vec::new(), Vec::new()),
    };
    let ids = |wishes: Vec<usize>| wishes.iter().filter_map(|at| rows.get(*at)).map(|wish| wish.id.clone()).collect();
    let granted = timetable.slots.iter().flatten().count();
    let used: BTreeSet<usize> = timetable.slots.iter().flatten().copied().collect();
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
