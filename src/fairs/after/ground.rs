//! What happened at a fair, as the rows tell it? People and employers are there once, however often they are written down.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde_json::Value;

use crate::db::DbConn;
use crate::db::schema::{
    employers, fair_attendances, fair_exhibitors, fair_interview_wishes as wishes, fair_outcomes, fair_walk_ins, graduates,
    schools,
};
use crate::db::types::{EmployerId, FairId, GraduateId, SchoolId, Timestamp, VacancyId};
use crate::error::Result;
use crate::fairs::after::count::{Became, Came, Happened, Met, Stood};
use crate::fairs::after::outcomes::Stage;
use crate::fairs::attendances::Attendance;
use crate::fairs::exhibitor::{Outcome, Presence};
use crate::vacancies::{self, Content};

/// Reads what happened at a fair.
pub fn load(conn: &mut DbConn, fair: &FairId) -> Result<Happened> {
    let met = wishes::table.filter(wishes::fair_id.eq(fair)).order(wishes::id);
    let columns = (wishes::graduate_id, wishes::employer_id, wishes::graduate_weight, wishes::starts_at);
    let met: Vec<(GraduateId, EmployerId, Option<i32>, Option<Timestamp>)> = met.select(columns).load(conn)?;
    let met = met.into_iter().map(|(graduate, employer, weight, at)| Met {
        graduate,
        employer,
        applied: weight.is_some(),
        interviewed: at.is_some(),
    });
    let met = met.collect();
    let became = fair_outcomes::table.filter(fair_outcomes::fair_id.eq(fair)).order(fair_outcomes::id);
    let columns = (fair_outcomes::graduate_id, fair_outcomes::employer_id, fair_outcomes::outcome);
    let became: Vec<(GraduateId, EmployerId, Stage)> = became.select(columns).load(conn)?;
    let became = became.into_iter().map(|(graduate, employer, stage)| Became { graduate, employer, stage }).collect();
    Ok(Happened { came: came(conn, fair)?, nameless: nameless(conn, fair)?, stood: stood(conn, fair)?, met, became })
}

fn nameless(conn: &mut DbConn, fair: &FairId) -> Result<u32> {
    let groups = fair_walk_ins::table.filter(fair_walk_ins::fair_id.eq(fair)).select(fair_walk_ins::people);
    Ok(u32::try_from(groups.load::<i32>(conn)?.into_iter().map(i64::from).sum::<i64>())?)
}

fn came(conn: &mut DbConn, fair: &FairId) -> Result<Vec<Came>> {
    let seats = fair_attendances::table.inner_join(graduates::table).filter(fair_attendances::fair_id.eq(fair));
    let seats = seats.filter(fair_attendances::status.eq(Attendance::Attended)).order(fair_attendances::id);
    let columns = (graduates::id, graduates::school_id, graduates::profile);
    let mut rows: Vec<(GraduateId, Option<SchoolId>, String)> = seats.select(columns).load(conn)?;
    rows.sort();
    rows.dedup();
    let mut ids: Vec<&SchoolId> = rows.iter().filter_map(|(_, school, _)| school.as_ref()).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = schools::table.filter(schools::id.eq_any(ids)).select((schools::id, schools::name));
    let names: BTreeMap<SchoolId, String> = names.load::<(SchoolId, String)>(conn)?.into_iter().collect();
    let one = |(graduate, school, profile): (GraduateId, Option<SchoolId>, String)| -> Result<Came> {
        let profile: Value = serde_json::from_str(&profile)?;
        let programme = profile.get("programme").and_then(Value::as_str).map(str::to_owned);
        let school = school.and_then(|id| names.get(&id).cloned().map(|name| (id, name)));
        Ok(Came { graduate, school, programme })
    };
    rows.into_iter().map(one).collect()
}

fn stood(conn: &mut DbConn, fair: &FairId) -> Result<Vec<Stood>> {
    let booths = fair_exhibitors::table.inner_join(employers::table).filter(fair_exhibitors::fair_id.eq(fair));
    let was_there = fair_exhibitors::presence.is_null().or(fair_exhibitors::presence.ne(Presence::Absent));
    let booths = booths.filter(fair_exhibitors::status.eq(Outcome::Approved)).filter(was_there).order(fair_exhibitors::id);
    let columns = (employers::id, employers::name, employers::handicraft, fair_exhibitors::vacancies);
    let rows: Vec<(EmployerId, String, Option<bool>, String)> = booths.select(columns).load(conn)?;
    let mut once: BTreeMap<EmployerId, (String, Option<bool>, BTreeSet<VacancyId>)> = BTreeMap::new();
    for (employer, name, handicraft, brought) in rows {
        let ids: Vec<String> = serde_json::from_str(&brought)?;
        let (_, _, all) = once.entry(employer).or_insert((name, handicraft, BTreeSet::new()));
        all.extend(ids.iter().filter_map(|id| VacancyId::parse(id)));
    }
    let ids: BTreeSet<VacancyId> = once.values().flat_map(|(_, _, ids)| ids).cloned().collect();
    let mut headcounts: BTreeMap<VacancyId, u32> = BTreeMap::new();
    for row in vacancies::load_many(conn, &ids.into_iter().collect::<Vec<_>>())? {
        headcounts.insert(row.id, serde_json::from_str::<Content>(&row.body)?.headcount.unwrap_or_default());
    }
    let one = |(employer, (name, handicraft, ids)): (EmployerId, (String, Option<bool>, BTreeSet<VacancyId>))| {
        let found: Vec<u32> = ids.iter().filter_map(|id| headcounts.get(id)).copied().collect();
        let (vacancies, headcount) = (u32::try_from(found.len())?, found.into_iter().sum());
        Ok(Stood { employer, name, handicraft, vacancies, headcount })
    };
    once.into_iter().map(one).collect()
}
