//! Who stands beside whom? The booths of a session are given anew by wishes and by crafts, solved outside of any transaction
//! and written only when nobody came or went meanwhile.

use std::collections::BTreeMap;
use std::time::Instant;

use actix_web::post;
use actix_web::web::{Data, Json};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::fair_exhibitors as table;
use crate::db::types::{EmployerId, ExhibitorId, FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::arrangement::{self, Arrangement, Booth, Entrance, neighbours};
use crate::fairs::booths::{Floor, Seating, seat};
use crate::fairs::exhibitor::{Brings, ExhibitorRow, Outcome};
use crate::fairs::exhibitors::booking::{opened, save};
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{Body, Caller, Failures, Id, Line, Now, hidden_unless};
use crate::lexicon::Lexicon;
use crate::lexicon::skill::Relation;

/// How many exhibitors are seated at once at most.
const EXHIBITORS_MAX: usize = 400;
/// How often a seating is solved again because somebody came or went meanwhile.
const ATTEMPTS_MAX: usize = 5;
/// What the dearest wished booth, the next, and each further one bring.
const NUMBER_GAINS: [i64; 3] = [30, 20, 10];
/// What a booth as wide as wished brings.
const WIDTH_GAIN: i64 = 15;
/// What the booth nearest to an entrance brings to those who wish for one; the farthest brings nothing.
const ENTRANCE_GAIN: i64 = 10;

/// Mounts the route of seatings.
pub fn routes(config: &mut ServiceConfig) {
    config.service(assign);
}

/// How the booths shall be given.
#[derive(Debug, Default, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
struct SeatingBody {
    /// The session, from 1; the first when nothing is said.
    session: Option<i32>,
    /// Exhibitors that keep their booth.
    fixed: Vec<ExhibitorId>,
    /// The seed: the same seed gives the same seating; 1 when nothing is said.
    seed: Option<u64>,
}

/// The booth of one exhibitor.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct Seated {
    exhibitor: ExhibitorId,
    employer: EmployerId,
    booth: i32,
}

/// A seating as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SeatingView {
    session: i32,
    /// What it is worth: wishes granted, and crafts beside one another.
    objective: i64,
    /// What no seating exceeds.
    bound: i64,
    /// (bound − objective) / bound, 0 to 1.
    gap: f64,
    /// What it is worth when whoever applied first takes the dearest booth left; `null` where somebody would find none.
    first_come: Option<i64>,
    /// Exhibitors that stand elsewhere now.
    moved: Vec<ExhibitorId>,
    booths: Vec<Seated>,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// Everything that decides about a seating.
#[derive(Debug, Clone)]
struct Question {
    arrangement: Arrangement,
    session: i32,
    rows: Vec<ExhibitorRow>,
    booths: Vec<Booth>,
}

impl Question {
    fn same(&self, other: &Question) -> bool {
        let who = |question: &Question| question.rows.iter().map(|row| (row.id.clone(), row.revision)).collect::<Vec<_>>();
        who(self) == who(other) && self.booths == other.booths && self.arrangement.body == other.arrangement.body
    }
}

/// Gives the booths of a session anew by wish and craft neighbourhood, with a bound.
#[utoipa::path(tag = "fairs", operation_id = "create_booth_assignment", params(("id" = FairId, Path)),
    request_body = SeatingBody, responses((status = 200, description = "展位分配方案", body = SeatingView), Failures))]
#[post("/fairs/{id}/booth-assignments")]
async fn assign(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    planner: Data<Line>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    body: Body<SeatingBody>,
) -> Result<Json<SeatingView>> {
    let means = Means { db, lexicon, planner };
    means.seat_anew(*now, caller, id.0, body.0).await.map(Json)
}

/// What a seating needs.
struct Means {
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    planner: Data<Line>,
}

impl Means {
    /// Looks, solves when its turn has come, and writes; anew when somebody came or went meanwhile.
    async fn seat_anew(&self, now: Timestamp, caller: Caller, id: FairId, asked: SeatingBody) -> Result<SeatingView> {
        for _ in 0..ATTEMPTS_MAX {
            let (asks, sought, wanted) = (caller.clone(), id.clone(), asked.clone());
            let question = self.db.read(move |conn| looked_at(conn, &asks, &sought, &wanted)).await?;
            let (posed, wanted, words, begun) = (question.clone(), asked.clone(), self.lexicon.clone(), Instant::now());
            let seating = self.planner.turn().await?.run(move || solved(&posed, &wanted, &words)).await?;
            let took_ms = u64::try_from(begun.elapsed().as_millis())?;
            let (writes, sought, wanted) = (caller.clone(), id.clone(), asked.clone());
            let write = move |conn: &mut DbConn| write(conn, now, &writes, (&sought, &wanted), &question, &seating);
            if let Some(view) = self.db.write(write).await? {
                return Ok(SeatingView { took_ms, ..view });
            }
        }
        Err(Error::Busy(1))
    }
}

fn looked_at(conn: &mut DbConn, caller: &Caller, id: &FairId, asked: &SeatingBody) -> Result<Question> {
    let fair = store::load(conn, id)?;
    hidden_unless(is_yours(caller, &fair), "fair")?;
    let arrangement = arrangement::of(conn, &fair)?;
    question(conn, &fair, arrangement, asked)
}

fn question(conn: &mut DbConn, fair: &FairRow, arrangement: Arrangement, asked: &SeatingBody) -> Result<Question> {
    if !matches!(fair.status, FairStatus::Published | FairStatus::RegistrationClosed) {
        return Err(Error::conflict("not_open", "招聘会尚未公布或已开始", "the fair is not announced, or has begun"));
    }
    let session = arrangement.session(asked.session)?.number;
    let own = table::table.filter(table::fair_id.eq(&fair.id)).filter(table::session.eq(session));
    let own = own.filter(table::booth.is_not_null()).order((table::applied_at, table::id));
    let with_booth: Vec<ExhibitorRow> = own.select(ExhibitorRow::as_select()).load(conn)?;
    let (rows, kept): (Vec<ExhibitorRow>, Vec<ExhibitorRow>) =
        with_booth.into_iter().partition(|row| row.status == Outcome::Approved);
    if rows.len() > EXHIBITORS_MAX {
        return Err(Error::conflict("too_many", "参展单位超过 400 家", "more than 400 exhibitors"));
    }
    let free = |booth: &&Booth| !kept.iter().any(|row| row.booth == Some(booth.number));
    let booths = arrangement.booths.iter().filter(free).copied().collect();
    Ok(Question { arrangement, session, rows, booths })
}

fn solved(question: &Question, asked: &SeatingBody, lexicon: &Lexicon) -> Result<Seating> {
    let brings: Vec<Brings> = question.rows.iter().map(ExhibitorRow::brings).collect::<Result<_>>()?;
    let entrances = &question.arrangement.body.entrances;
    let far: Vec<i64> = question.booths.iter().map(|booth| way(booth, entrances)).collect();
    let farthest = far.iter().copied().max().unwrap_or(0);
    let wishes = question.rows.iter().zip(&brings).map(|(row, brings)| {
        let fixed = asked.fixed.contains(&row.id).then_some(row.booth).flatten();
        let gain = |(booth, far): (&Booth, &i64)| match fixed {
            Some(own) if own != booth.number => None,
            _ => Some(gain(brings, booth, (*far, farthest))),
        };
        question.booths.iter().zip(&far).map(gain).collect()
    });
    let beside = |one: &Booth| {
        let near = question.booths.iter().enumerate().filter(|(_, other)| neighbours(one, other));
        near.map(|(at, _)| at).collect()
    };
    let floor = Floor {
        wishes: wishes.collect(),
        affinity: affinities(&brings, lexicon),
        neighbours: question.booths.iter().map(beside).collect(),
    };
    let none = || Error::conflict("no_seating", "展位不足以安排所有单位", "there is no booth for everybody");
    seat(&floor, asked.seed.unwrap_or(1)).ok_or_else(none)
}

/// How far a booth is from the nearest entrance, along the aisles, in centimetres.
fn way(booth: &Booth, entrances: &[Entrance]) -> i64 {
    let to = |door: &Entrance| {
        let (x, y) = (i64::from(booth.x_cm + booth.width_cm / 2), i64::from(booth.y_cm + booth.depth_cm / 2));
        (x - i64::from(door.x_cm)).abs() + (y - i64::from(door.y_cm)).abs()
    };
    entrances.iter().map(to).min().unwrap_or(0)
}

/// What a booth brings to an exhibitor; `far` is its way to the entrance, and the longest of all.
fn gain(brings: &Brings, booth: &Booth, (far, farthest): (i64, i64)) -> i64 {
    let wish = &brings.booth_wish;
    let rank = wish.numbers.iter().position(|number| *number == booth.number);
    let last = NUMBER_GAINS.last().copied().unwrap_or_default();
    let by_number = rank.map_or(0, |rank| NUMBER_GAINS.get(rank).copied().unwrap_or(last));
    let by_width = if wish.min_width_cm.is_some_and(|width| booth.width_cm >= width) { WIDTH_GAIN } else { 0 };
    let near = wish.near_entrance && farthest > 0;
    by_number + by_width + if near { ENTRANCE_GAIN * (farthest - far) / farthest } else { 0 }
}

/// What any two exhibitors gain beside one another: as near as the nearest two of their crafts.
fn affinities(brings: &[Brings], lexicon: &Lexicon) -> Vec<Vec<i64>> {
    let mut known: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut of_crafts = |one, other| *known.entry((one, other)).or_insert_with(|| affinity(lexicon, one, other));
    let mut table = vec![vec![0; brings.len()]; brings.len()];
    for (i, row) in table.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate().filter(|(j, _)| *j != i) {
            let (Some(one), Some(other)) = (brings.get(i.min(j)), brings.get(i.max(j))) else { continue };
            let pairs = one.crafts.iter().flat_map(|craft| other.crafts.iter().map(move |beside| (craft, beside)));
            *cell = pairs.map(|(craft, beside)| of_crafts(craft.as_str(), beside.as_str())).max().unwrap_or(0);
        }
    }
    table
}

fn affinity(lexicon: &Lexicon, one: &str, other: &str) -> i64 {
    match lexicon.skills.relation(one, other) {
        Relation::Exact => 6,
        Relation::NarrowerThanAsked | Relation::BroaderThanAsked => 5,
        Relation::Sibling => 3,
        Relation::ProcessOf | Relation::Adjacent => 2,
        Relation::None => 0,
    }
}

/// Writes a seating, unless somebody came or went meanwhile.
fn write(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    (id, asked): (&FairId, &SeatingBody),
    asked_of: &Question,
    seating: &Seating,
) -> Result<Option<SeatingView>> {
    let (fair, arrangement) = opened(conn, now, id)?;
    if !question(conn, &fair, arrangement, asked)?.same(asked_of) {
        return Ok(None);
    }
    let booth = |at: &usize| asked_of.booths.get(*at).map(|booth| booth.number);
    let placed: Vec<(&ExhibitorRow, i32)> =
        asked_of.rows.iter().zip(&seating.booths).filter_map(|(row, at)| Some((row, booth(at)?))).collect();
    let moved: Vec<&(&ExhibitorRow, i32)> = placed.iter().filter(|(row, booth)| row.booth != Some(*booth)).collect();
    // No two may have one booth for a moment, so those who move stand nowhere first.
    for (row, _) in &moved {
        diesel::update(table::table.find(&row.id)).set(table::booth.eq(None::<i32>)).execute(conn)?;
    }
    for (row, booth) in &moved {
        save(conn, now, ExhibitorRow { booth: Some(*booth), ..(*row).clone() })?;
    }
    record(conn, now, caller, "exhibitors.assign", &format!("fair:{id}"))?;
    let seated = |(row, booth): &(&ExhibitorRow, i32)| Seated {
        exhibitor: row.id.clone(),
        employer: row.employer_id.clone(),
        booth: *booth,
    };
    Ok(Some(SeatingView {
        session: asked_of.session,
        objective: seating.objective,
        bound: seating.bound,
        gap: seating.gap,
        first_come: seating.first_come,
        moved: moved.iter().map(|(row, _)| row.id.clone()).collect(),
        booths: placed.iter().map(seated).collect(),
        took_ms: 0,
    }))
}
