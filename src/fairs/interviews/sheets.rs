//! Who has to be where, on paper and in calendars? Sheets for each employer, each room and each graduate; the fair's own people
//! print all, an employer, a school and a graduate their own. A graduate's name reaches an employer only when the graduate
//! agreed to be known to it, or to the fair.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use diesel::prelude::*;
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::schema::{employers, fair_exhibitors as exhibitor_table, fair_interview_wishes as table, graduates};
use crate::db::types::{EmployerId, FairId, GraduateId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::fairs::after;
use crate::fairs::exhibitor::Outcome;
use crate::fairs::http::place;
use crate::fairs::ics::{self, Event};
use crate::fairs::interviews::hours::TimetableBody;
use crate::fairs::interviews::make::kept;
use crate::fairs::interviews::paper::{Line, Sheet, document};
use crate::fairs::interviews::wishes::WishRow;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours};
use crate::http::{Caller, Failures, Id, Query, Role};
use crate::text_enum;

/// Mounts the routes of sheets.
pub fn routes(config: &mut ServiceConfig) {
    config.service(print).service(calendar);
}

text_enum! {
    /// For whom the sheets are.
    Party {
        /// One for each employer.
        Employer = "employer",
        /// One for each room.
        Room = "room",
        /// One for each graduate.
        Graduate = "graduate",
    }
}

/// Which sheets are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SheetQuery {
    /// For whom: `employer`, `room` or `graduate`.
    by: Party,
    /// Only those of one employer.
    employer: Option<EmployerId>,
    /// Only those of one graduate.
    graduate: Option<GraduateId>,
    /// Only those in one room.
    room: Option<String>,
}

/// One interview with the names of those who meet.
#[derive(Debug, Clone)]
struct Meeting {
    wish: WishRow,
    from: Timestamp,
    to: Timestamp,
    employer: String,
    graduate: String,
    room: String,
}

impl Meeting {
    fn party(&self, by: Party) -> (String, String) {
        match by {
            Party::Employer => (self.employer.clone(), self.wish.employer_id.to_string()),
            Party::Room => (self.room.clone(), self.room.clone()),
            Party::Graduate => (self.graduate.clone(), self.wish.graduate_id.to_string()),
        }
    }

    fn with(&self, by: Party) -> String {
        match by {
            Party::Employer => self.graduate.clone(),
            Party::Room => format!("{} — {}", self.employer, self.graduate),
            Party::Graduate => self.employer.clone(),
        }
    }

    fn place(&self) -> String {
        let desk = self.wish.desk.map(|desk| format!("{desk} 号桌"));
        [Some(self.room.clone()), desk].into_iter().flatten().collect::<Vec<_>>().join("，")
    }
}

/// Reads the interviews of a fair that the caller may see, by time.
fn meetings(conn: &mut DbConn, caller: &Caller, fair: &FairRow, wanted: &SheetQuery) -> Result<Vec<Meeting>> {
    let asked: TimetableBody = serde_json::from_str(&kept(conn, &fair.id)?.asked)?;
    let booths = exhibitor_table::table.filter(exhibitor_table::fair_id.eq(&fair.id));
    let booths = booths.filter(exhibitor_table::status.eq(Outcome::Approved)).order(exhibitor_table::session.desc());
    let booths: Vec<(EmployerId, Option<i32>)> =
        booths.select((exhibitor_table::employer_id, exhibitor_table::booth)).load(conn)?;
    let mut rooms: BTreeMap<EmployerId, String> = BTreeMap::new();
    rooms.extend(booths.into_iter().filter_map(|(employer, booth)| Some((employer, format!("{} 号展位", booth?)))));
    rooms.extend(asked.rooms.iter().flat_map(|room| room.employers.iter().map(|id| (id.clone(), room.name.clone()))));
    let own = table::table.inner_join(employers::table).inner_join(graduates::table).filter(table::fair_id.eq(&fair.id));
    let own = own.filter(table::starts_at.is_not_null()).order((table::starts_at, table::id));
    let rows: Vec<(WishRow, String, String, Option<SchoolId>)> =
        own.select((WishRow::as_select(), employers::name, graduates::name, graduates::school_id)).load(conn)?;
    let all = is_yours(caller, fair);
    let named = after::named_to(conn, caller, fair)?;
    let meeting = |(wish, employer, graduate, school): (WishRow, String, String, Option<SchoolId>)| {
        let theirs = caller.is_employer(Some(&wish.employer_id));
        let seen = all || theirs || caller.is_graduate(&wish.graduate_id) || caller.is_school(school.as_ref());
        let short: String = wish.graduate_id.as_str().chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
        let graduate = if theirs && !named.contains(&wish.graduate_id) { format!("毕业生 {short}") } else { graduate };
        let room = rooms.get(&wish.employer_id).cloned().unwrap_or_else(|| "展位待定".to_owned());
        let (from, to) = (wish.starts_at?, wish.ends_at?);
        seen.then_some(Meeting { wish, from, to, employer, graduate, room })
    };
    let fits = |meeting: &Meeting| {
        wanted.employer.as_ref().is_none_or(|id| *id == meeting.wish.employer_id)
            && wanted.graduate.as_ref().is_none_or(|id| *id == meeting.wish.graduate_id)
            && wanted.room.as_ref().is_none_or(|room| *room == meeting.room)
    };
    Ok(rows.into_iter().filter_map(meeting).filter(fits).collect())
}

fn clock(at: Timestamp) -> String {
    (at.utc() + chrono::TimeDelta::hours(8)).format("%H:%M").to_string()
}

fn sheets(meetings: &[Meeting], by: Party, days: bool) -> Vec<Sheet> {
    let mut pages: BTreeMap<(String, String), Vec<Line>> = BTreeMap::new();
    for meeting in meetings {
        let day = if days { format!("{} ", meeting.from.day()) } else { String::new() };
        let time = format!("{day}{}–{}", clock(meeting.from), clock(meeting.to));
        let line = Line { time, with: meeting.with(by), place: meeting.place() };
        pages.entry(meeting.party(by)).or_default().push(line);
    }
    pages.into_iter().map(|((heading, _), lines)| Sheet { heading, lines }).collect()
}

fn found(
    conn: &mut DbConn,
    caller: &Caller,
    id: &FairId,
    wanted: &SheetQuery,
) -> Result<(FairRow, Option<String>, Vec<Meeting>)> {
    let fair = store::visible(conn, caller, id)?;
    let (place, meetings) = (place(conn, &fair)?, meetings(conn, caller, &fair, wanted)?);
    Ok((fair, place, meetings))
}

/// Gives the interview sheets as pages to be printed.
#[utoipa::path(tag = "fairs", operation_id = "print_interview_sheets", params(("id" = FairId, Path), SheetQuery),
    responses((status = 200, description = "面谈安排表（打印页）", body = String, content_type = "text/html"), Failures))]
#[get("/fairs/{id}/interview-sheets")]
async fn print(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<SheetQuery>) -> Result<HttpResponse> {
    let by = query.0.by;
    let (fair, place, meetings) = db.read(move |conn| found(conn, &caller, &id.0, &query.0)).await?;
    let days = fair.starts_at.day() != fair.ends_at.day();
    let below = [Some(fair.starts_at.day().to_string()), place].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let with = match by {
        Party::Employer => "毕业生",
        Party::Room => "单位 — 毕业生",
        Party::Graduate => "单位",
    };
    let page = document(&fair.title, &below, with, &sheets(&meetings, by, days));
    let answer = HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header((header::CACHE_CONTROL, "private"))
        .body(page);
    Ok(answer)
}

/// Gives the interviews of the same sheets as a calendar.
#[utoipa::path(tag = "fairs", operation_id = "get_interview_calendar", params(("id" = FairId, Path), SheetQuery),
    responses((status = 200, description = "面谈日历", body = String, content_type = "text/calendar"), Failures))]
#[get("/fairs/{id}/interview-sheets.ics")]
async fn calendar(
    db: Data<Db>,
    config: Data<Config>,
    caller: Caller,
    id: Id<FairId>,
    query: Query<SheetQuery>,
) -> Result<HttpResponse> {
    let by = if caller.role == Role::Graduate { Party::Graduate } else { query.0.by };
    let (fair, place, meetings) = db.read(move |conn| found(conn, &caller, &id.0, &query.0)).await?;
    let title = format!("{}面谈", fair.title);
    let events: Vec<Event> = meetings.iter().map(|meeting| event(meeting, &fair, place.as_deref(), by)).collect();
    Ok(ics::answer(ics::calendar(&title, &events, ics::Method::Publish, &config.public_url)))
}

fn event(meeting: &Meeting, fair: &FairRow, place: Option<&str>, by: Party) -> Event {
    let at = [place.map(str::to_owned), Some(meeting.place())].into_iter().flatten().collect::<Vec<_>>().join("，");
    let title = fair.title.clone();
    let event = Event::of_fair(fair.clone(), Some(at));
    Event {
        uid: format!("interview-{}@jiangxin", meeting.wish.id),
        sequence: event.sequence + i64::from(meeting.wish.calendar_sequence),
        changed_at: event.changed_at.max(meeting.wish.updated_at),
        starts_at: meeting.from,
        ends_at: meeting.to,
        summary: format!("面谈：{}", meeting.with(by)),
        category: "interview".to_owned(),
        words: vec![title],
        ..event
    }
}
