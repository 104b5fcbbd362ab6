//! How many are in? Counts of a fair by session, by school and by door, as they are at this moment.

use std::collections::BTreeMap;

use actix_web::get;
use actix_web::web::{Data, Json};
use diesel::prelude::*;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{fair_attendances as table, fair_walk_ins as walk_in_table, graduates as graduate_table};
use crate::db::types::{FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::fairs::arrangement;
use crate::fairs::attendances::model::Attendance;
use crate::fairs::store::{self, is_yours};
use crate::http::{Caller, Failures, Id, Now, hidden_unless};

/// Mounts the route of the counts.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read);
}

/// So many people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Count {
    /// With a place, not yet come.
    pub reserved: i64,
    /// Waiting for a place.
    pub waitlisted: i64,
    /// Come with a reservation.
    pub attended: i64,
    /// Come without one.
    pub walk_ins: i64,
    /// Come altogether.
    pub present: i64,
}

impl Count {
    fn add(&mut self, fact: &Fact) {
        let cell = match (fact.status, fact.walk_in) {
            (Attendance::Reserved, _) => &mut self.reserved,
            (Attendance::Waitlisted, _) => &mut self.waitlisted,
            (Attendance::Attended, false) => &mut self.attended,
            (Attendance::Attended, true) => &mut self.walk_ins,
            (Attendance::Cancelled, _) => return,
        };
        *cell += fact.people;
        self.present = self.attended + self.walk_ins;
    }
}

/// The count of one session.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OfSession {
    /// Its number, from 1.
    session: i32,
    /// Its name.
    title: String,
    /// How many places there are; `null` without a limit.
    seats: Option<i32>,
    #[serde(flatten)]
    count: Count,
}

/// The count of one school; `null` stands for those of whom no school is known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OfSchool {
    school: Option<String>,
    #[serde(flatten)]
    count: Count,
}

/// How many came through one door; `null` stands for those of whom no door is known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OfEntrance {
    entrance: Option<String>,
    present: i64,
}

/// The counts of a fair.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CountsView {
    fair: FairId,
    /// When it was counted.
    at: Timestamp,
    #[serde(flatten)]
    count: Count,
    sessions: Vec<OfSession>,
    schools: Vec<OfSchool>,
    entrances: Vec<OfEntrance>,
}

/// So many people of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    session: i32,
    school: Option<String>,
    status: Attendance,
    walk_in: bool,
    entrance: Option<String>,
    people: i64,
}

fn facts(conn: &mut DbConn, fair: &FairId) -> Result<Vec<Fact>> {
    type Row = (i32, Option<String>, Attendance, bool, Option<String>, i64);
    let by = (table::session, graduate_table::school_id, table::status, table::walk_in, table::entrance);
    let own = table::table.inner_join(graduate_table::table).filter(table::fair_id.eq(fair)).group_by(by);
    let columns =
        (table::session, graduate_table::school_id, table::status, table::walk_in, table::entrance, diesel::dsl::count_star());
    let named: Vec<Row> = own.select(columns).load(conn)?;
    let own = walk_in_table::table.filter(walk_in_table::fair_id.eq(fair));
    let columns = (walk_in_table::session, walk_in_table::school_id, walk_in_table::entrance, walk_in_table::people);
    let nameless: Vec<(i32, Option<String>, Option<String>, i32)> = own.select(columns).load(conn)?;
    let named = named.into_iter().map(|(session, school, status, walk_in, entrance, people)| Fact {
        session,
        school,
        status,
        walk_in,
        entrance,
        people,
    });
    let nameless = nameless.into_iter().map(|(session, school, entrance, people)| Fact {
        session,
        school,
        status: Attendance::Attended,
        walk_in: true,
        entrance,
        people: i64::from(people),
    });
    Ok(named.chain(nameless).collect())
}

fn counted<K: Ord>(facts: &[Fact], key: impl Fn(&Fact) -> K) -> BTreeMap<K, Count> {
    let mut counts: BTreeMap<K, Count> = BTreeMap::new();
    facts.iter().for_each(|fact| counts.entry(key(fact)).or_default().add(fact));
    counts
}

/// Counts who has a place, who waits and who came: altogether, by session, by school and by door.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_counts", params(("id" = FairId, Path)),
    responses((status = 200, description = "实时人数", body = CountsView), Failures))]
#[get("/fairs/{id}/counts")]
async fn read(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>) -> Result<Json<CountsView>> {
    let counts = db
        .read(move |conn| {
            let fair = store::load(conn, &id.0)?;
            hidden_unless(is_yours(&caller, &fair), "fair")?;
            let arrangement = arrangement::of(conn, &fair)?;
            Ok(view(fair.id.clone(), *now, &arrangement.sessions, &facts(conn, &fair.id)?))
        })
        .await?;
    Ok(Json(counts))
}

fn view(fair: FairId, at: Timestamp, sessions: &[arrangement::Session], facts: &[Fact]) -> CountsView {
    let by_session = counted(facts, |fact| fact.session);
    let session = |session: &arrangement::Session| OfSession {
        session: session.number,
        title: session.title.clone(),
        seats: session.seats,
        count: by_session.get(&session.number).copied().unwrap_or_default(),
    };
    let schools = counted(facts, |fact| fact.school.clone());
    let entrances = counted(facts, |fact| fact.entrance.clone());
    let through = entrances.into_iter().filter(|(_, count)| count.present > 0);
    CountsView {
        fair,
        at,
        count: counted(facts, |_| ()).remove(&()).unwrap_or_default(),
        sessions: sessions.iter().map(session).collect(),
        schools: schools.into_iter().map(|(school, count)| OfSchool { school, count }).collect(),
        entrances: through.map(|(entrance, count)| OfEntrance { entrance, present: count.present }).collect(),
    }
}
