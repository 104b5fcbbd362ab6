//! Facts about fairs: gates, booths and seats without a race, calendars.

use std::collections::BTreeSet;

use jiangxin::db::types::{EmployerId, FairId, GraduateId, Timestamp};
use jiangxin::fairs::{self, FairStatus};
use jiangxin::http::{Caller, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, json_body};

pub async fn step(app: &App, path: &str, token: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, &format!("{path}/transitions"), Some(token)).header("If-Match", "*");
    app.send(json_body(request, body)).await
}

pub fn plan(hour: u32) -> Value {
    json!({
        "kind": "campus_fair", "title": "虚构手造校园招聘会", "city": "淄博", "organiser": "虚构淄博人社局",
        "contact": "虚构联系人 13800000000", "expected_visitors": 300, "booths": 12, "seats": 25,
        "starts_at": format!("2035-03-20T{hour:02}:00:00+08:00"), "ends_at": format!("2035-03-20T{:02}:00:00+08:00", hour + 2),
        "filing": {"implementation_plan": "见附件一", "emergency_plan": "见附件二", "security_plan": "见附件三"}
    })
}

pub async fn venue(app: &App, bureau: &str) -> String {
    let body =
        json!({"name": "虚构体育馆", "city": "淄博", "booths": 40, "capacity": 800, "opens_at": "08:00", "closes_at": "18:00"});
    app.post("/v1/venues", Some(bureau), &body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

/// Announces a fair of Zibo's bureau and gives its path.
pub async fn announced(app: &App, bureau: &str, body: &Value) -> String {
    let fair = app.post("/v1/fairs", Some(bureau), body).await.expect(201).json();
    let path = format!("/v1/fairs/{}", fair["id"].as_str().unwrap());
    for to in ["submitted", "approved", "published"] {
        step(app, &path, bureau, &json!({"to": to})).await.expect(200);
    }
    path
}

pub fn id_of(path: &str) -> FairId {
    FairId::parse(path.rsplit('/').next().unwrap()).unwrap()
}

/// Writes so many checked employers down.
pub async fn employers(app: &App, count: usize) -> Vec<EmployerId> {
    app.db
        .write(move |conn| {
            use diesel::prelude::*;
            use jiangxin::db::schema::employers as table;
            let names: Vec<String> = (0..count).map(|n| format!("虚构工坊{n:03}")).collect();
            let named: Vec<_> = names.iter().map(|name| (name.as_str(), None, Some("370300"))).collect();
            let ids = jiangxin::employers::upsert_many(conn, Timestamp::now(), &named)?;
            diesel::update(table::table).set(table::verified_at.eq(Some(Timestamp::now()))).execute(conn)?;
            Ok(ids)
        })
        .await
        .unwrap()
}

facts! {
    async fn a_fair_goes_through_its_gates_from_draft_to_report(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let venue = venue(&app, &bureau).await;
        let mut bare = plan(9);
        (bare["venue"], bare["contact"], bare["expected_visitors"], bare["filing"]) = (Value::Null, Value::Null, Value::Null, json!({}));
        let fair = app.post("/v1/fairs", Some(&bureau), &bare).await.expect(201);
        let path = format!("/v1/fairs/{}", fair.json()["id"].as_str().unwrap());
        app.get(&path, None).await.expect(404);
        let refused = step(&app, &path, &bureau, &json!({"to": "submitted"})).await.expect(422).json();
        let pointers: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/venue", "/contact", "/expected_visitors"]);
        let mut whole = plan(9);
        whole["venue"] = json!(venue);
        app.patch(&path, Some(&bureau), &fair.etag(), &whole).await.expect(200);
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "published"})).await.expect(409).json()["code"], "wrong_step");
        for to in ["submitted", "approved", "published"] {
            step(&app, &path, &bureau, &json!({"to": to})).await.expect(200);
        }
        let seen = app.get(&path, None).await.expect(200).json();
        assert_eq!((&seen["status"], &seen["filing"]["security_plan"]), (&json!("published"), &Value::Null));
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "in_progress"})).await.expect(422).json()["code"], "not_begun");
        let (id, caller) = (id_of(&path), Caller::service());
        let day = |text: &str| Timestamp::parse(text).unwrap();
        let moved = app.db.write(move |conn| {
            use diesel::prelude::*;
            let closed = fairs::close_due(conn, day("2035-03-20T09:00:00+08:00"))?;
            let load = |conn: &mut jiangxin::db::DbConn| jiangxin::db::schema::fairs::table.find(&id).select(fairs::FairRow::as_select()).first::<fairs::FairRow>(conn);
            let row = load(conn)?;
            let row = fairs::transit(conn, day("2035-03-20T09:05:00+08:00"), &caller, row, FairStatus::InProgress, None)?;
            let row = fairs::transit(conn, day("2035-03-20T11:05:00+08:00"), &caller, row, FairStatus::Finished, None)?;
            Ok((closed, row.status))
        }).await.unwrap();
        assert_eq!(moved, (1, FairStatus::Finished));
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "reported"})).await.expect(422).json()["code"], "report_required");
        let report = json!({"filing": {"report": {"visitors": 280, "exhibitors": 12, "intents": 60}}});
        app.patch(&path, Some(&bureau), "*", &report).await.expect(200);
        assert_eq!(app.patch(&path, Some(&bureau), "*", &json!({"title": "改名"})).await.expect(409).json()["code"], "ended");
        step(&app, &path, &bureau, &json!({"to": "reported"})).await.expect(200);
    }

    async fn a_fair_is_seen_and_changed_by_its_own_people_only(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let (_, other) = app.school("虚构乙技工学校", "潍坊").await;
        let (zibo, weifang) = (app.log_in("zibo", Role::Bureau, Some("370300")).await, app.log_in("weifang", Role::Bureau, Some("370700")).await);
        let fair = app.post("/v1/fairs", Some(&school), &plan(9)).await.expect(201).json();
        let path = format!("/v1/fairs/{}", fair["id"].as_str().unwrap());
        for token in [&other, &weifang] {
            app.get(&path, Some(token)).await.expect(404);
            app.patch(&path, Some(token), "*", &json!({"title": "x"})).await.expect(404);
            step(&app, &path, token, &json!({"to": "submitted"})).await.expect(404);
            assert_eq!(app.get("/v1/fairs", Some(token)).await.expect(200).json()["total"], 0);
        }
        app.post("/v1/fairs", Some(&weifang), &plan(9)).await.expect(403);
        app.post("/v1/fairs", Some(&other), &plan(9)).await.expect(422);
        assert_eq!(app.get("/v1/fairs?city=淄博", Some(&zibo)).await.expect(200).json()["total"], 1);
        let venue = venue(&app, &zibo).await;
        app.patch(&path, Some(&school), "*", &json!({"venue": venue})).await.expect(200);
        step(&app, &path, &school, &json!({"to": "submitted"})).await.expect(200);
        step(&app, &path, &school, &json!({"to": "approved"})).await.expect(403);
        step(&app, &path, &zibo, &json!({"to": "approved"})).await.expect(200);
        step(&app, &path, &school, &json!({"to": "cancelled"})).await.expect(422);
        step(&app, &path, &school, &json!({"to": "cancelled", "reason": "考试"})).await.expect(200);
    }

    async fn a_venue_is_held_by_one_fair_at_an_hour_and_by_none_on_closed_days(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let venue = venue(&app, &bureau).await;
        let mut paths = Vec::new();
        for _ in 0..16 {
            let mut body = plan(9);
            body["venue"] = json!(venue);
            let fair = app.post("/v1/fairs", Some(&bureau), &body).await.expect(201).json();
            paths.push(format!("/v1/fairs/{}", fair["id"].as_str().unwrap()));
        }
        let to = json!({"to": "submitted"});
        let answers = futures_util::future::join_all(paths.iter().map(|path| step(&app, path, &bureau, &to))).await;
        let kept = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((kept, answers.iter().filter(|answer| answer.status == 409).count()), (1, 15));
        let mut early = plan(6);
        early["venue"] = json!(venue);
        let early = app.post("/v1/fairs", Some(&bureau), &early).await.expect(201).json();
        let refused = step(&app, &format!("/v1/fairs/{}", early["id"].as_str().unwrap()), &bureau, &to).await.expect(422).json();
        assert_eq!(refused["code"], "outside_hours");
        let closed = json!({"city": "淄博", "first_day": "2035-03-19", "last_day": "2035-03-21", "reason": "考试周"});
        app.post("/v1/blackouts", Some(&bureau), &closed).await.expect(201);
        let mut late = plan(14);
        late["venue"] = json!(venue);
        let late = app.post("/v1/fairs", Some(&bureau), &late).await.expect(201).json();
        let refused = step(&app, &format!("/v1/fairs/{}", late["id"].as_str().unwrap()), &bureau, &to).await.expect(409).json();
        assert_eq!(refused["code"], "blackout");
    }

    async fn forty_workshops_race_for_twelve_booths_and_none_is_given_twice(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let mut body = plan(9);
        body["venue"] = json!(venue(&app, &bureau).await);
        let path = announced(&app, &bureau, &body).await;
        let booths = format!("{path}/exhibitors");
        let ids = employers(&app, 40).await;
        let bodies: Vec<Value> = ids.iter().map(|id| json!({"employer": id})).collect();
        let applied = futures_util::future::join_all(bodies.iter().map(|body| app.post(&booths, Some(&bureau), body))).await;
        let paths: Vec<String> = applied.into_iter().map(|answer| format!("{booths}/{}", answer.expect(201).json()["id"].as_str().unwrap())).collect();
        app.post(&booths, Some(&bureau), &bodies[0]).await.expect(409);
        let to = json!({"to": "approved"});
        let answers = futures_util::future::join_all(paths.iter().map(|path| step(&app, path, &bureau, &to))).await;
        let rows: Vec<Value> = answers.into_iter().map(|answer| answer.expect(200).json()).collect();
        let given: BTreeSet<i64> = rows.iter().filter_map(|row| row["booth"].as_i64()).collect();
        assert_eq!(given, (1..=12).collect());
        assert_eq!(rows.iter().filter(|row| row["status"] == "waitlisted").count(), 28);
        let mut waiting: Vec<&Value> = rows.iter().filter(|row| row["status"] == "waitlisted").collect();
        waiting.sort_by_key(|row| (row["applied_at"].as_str().unwrap().to_owned(), row["id"].as_str().unwrap().to_owned()));
        let leaving = rows.iter().find(|row| row["booth"] == 5).unwrap();
        step(&app, &format!("{booths}/{}", leaving["id"].as_str().unwrap()), &bureau, &json!({"to": "withdrawn"})).await.expect(200);
        let next = app.get(&format!("{booths}/{}", waiting[0]["id"].as_str().unwrap()), Some(&bureau)).await.expect(200).json();
        assert_eq!((&next["status"], &next["booth"]), (&json!("offered"), &json!(5)));
        let taken = step(&app, &format!("{booths}/{}", waiting[0]["id"].as_str().unwrap()), &bureau, &json!({"to": "approved"})).await.expect(200).json();
        assert_eq!((&taken["status"], &taken["booth"], &taken["kept_until"]), (&json!("approved"), &json!(5), &Value::Null));
    }

    async fn sixty_graduates_race_for_twenty_five_seats_and_each_comes_in_once(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let mut body = plan(9);
        body["venue"] = json!(venue(&app, &bureau).await);
        let path = announced(&app, &bureau, &body).await;
        let mut people = Vec::new();
        for n in 0..60 {
            let made = app.post("/v1/graduates", Some(&school), &somebody(&n.to_string())).await.expect(201).json();
            people.push(json!({"graduate": made["id"]}));
        }
        let seats = format!("{path}/attendances");
        let answers = futures_util::future::join_all(people.iter().map(|body| app.post(&seats, Some(&school), body))).await;
        let rows: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201).json()).collect();
        let given: BTreeSet<i64> = rows.iter().filter_map(|row| row["seat"].as_i64()).collect();
        assert_eq!((given, rows.iter().filter(|row| row["status"] == "waitlisted").count()), ((1..=25).collect(), 35));
        app.post(&seats, Some(&school), &people[0]).await.expect(409);
        let mut waiting: Vec<&Value> = rows.iter().filter(|row| row["status"] == "waitlisted").collect();
        waiting.sort_by_key(|row| (row["reserved_at"].as_str().unwrap().to_owned(), row["id"].as_str().unwrap().to_owned()));
        let doors = format!("{path}/check-ins");
        let ticket = |row: &Value| json!({"ticket": row["ticket"]});
        assert_eq!(app.post(&doors, Some(&bureau), &ticket(waiting[0])).await.expect(409).json()["code"], "waitlisted");
        let leaving = rows.iter().find(|row| row["seat"] == 7).unwrap();
        app.send(app.request(Method::DELETE, &format!("{seats}/{}", leaving["id"].as_str().unwrap()), Some(&school)).header("If-Match", "*")).await.expect(204);
        app.post(&doors, Some(&bureau), &ticket(leaving)).await.expect(404);
        assert_eq!(app.post(&doors, Some(&bureau), &ticket(waiting[0])).await.expect(201).json()["seat"], 7);
        let again = json!(ticket(waiting[0]));
        let twice = futures_util::future::join_all((0..4).map(|_| app.post(&doors, Some(&bureau), &again))).await;
        assert!(twice.iter().all(|answer| answer.status == 409 && answer.json()["code"] == "checked_in"));
        let first = rows.iter().find(|row| row["seat"] == 1).unwrap();
        let once = ticket(first);
        let racing = futures_util::future::join_all((0..6).map(|_| app.post(&doors, Some(&bureau), &once))).await;
        assert_eq!(racing.iter().filter(|answer| answer.status == 201).count(), 1);
        let graduate = GraduateId::parse(people[0]["graduate"].as_str().unwrap()).unwrap();
        let student = app.account("student", Role::Graduate, None, Some(graduate.as_str())).await;
        assert_eq!(app.get(&seats, Some(&student)).await.expect(200).json()["total"], 1);
        assert_eq!(app.get(&seats, Some(&school)).await.expect(200).json()["total"], 60);
    }

    async fn an_employer_applies_for_itself_with_its_own_vacancies_after_being_checked(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let mut body = plan(9);
        body["venue"] = json!(venue(&app, &bureau).await);
        let path = announced(&app, &bureau, &body).await;
        let (employer, token) = app.employer("虚构陶坊", "淄博").await;
        let (_, rival) = app.employer("虚构别家陶坊", "淄博").await;
        let booths = format!("{path}/exhibitors");
        let foreign = json!({"vacancies": ["00000000-0000-7000-8000-000000000000"]});
        assert_eq!(app.post(&booths, Some(&token), &foreign).await.expect(422).json()["errors"][0]["pointer"], "/vacancies/0");
        let row = app.post(&booths, Some(&token), &json!({"contact_phone": "13800000011"})).await.expect(201).json();
        assert_eq!(row["employer"], json!(employer));
        let own = format!("{booths}/{}", row["id"].as_str().unwrap());
        app.get(&own, Some(&rival)).await.expect(404);
        step(&app, &own, &token, &json!({"to": "approved"})).await.expect(403);
        assert_eq!(step(&app, &own, &bureau, &json!({"to": "approved"})).await.expect(409).json()["code"], "employer_unverified");
        assert_eq!(app.get(&booths, Some(&rival)).await.expect(200).json()["total"], 0);
        step(&app, &own, &token, &json!({"to": "withdrawn"})).await.expect(200);
        step(&app, &path, &bureau, &json!({"to": "registration_closed"})).await.expect(200);
        assert_eq!(app.post(&booths, Some(&rival), &json!({})).await.expect(409).json()["code"], "registration_closed");
    }

    async fn calendars_are_read_by_another_parser_and_tell_what_changed(app) {
        let (school_id, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let mut body = plan(9);
        (body["venue"], body["school"]) = (json!(venue(&app, &bureau).await), json!(school_id));
        body["description"] = json!("第一行；含,逗号\n第二行很长：".to_owned() + &"剪纸、年画、风筝与陶瓷".repeat(12));
        let path = announced(&app, &bureau, &body).await;
        let text = app.get("/v1/fairs.ics", None).await.expect(200);
        assert_eq!(text.headers["content-type"], "text/calendar; charset=utf-8");
        assert!(text.text.split("\r\n").all(|line| line.len() <= 75) && text.text.matches("BEGIN:VTIMEZONE").count() == 1);
        let parsed: icalendar::Calendar = text.text.parse().unwrap();
        use icalendar::{Component, EventLike};
        let event = parsed.events().next().unwrap();
        assert_eq!((event.get_summary(), event.get_location()), (Some("虚构手造校园招聘会"), Some("虚构体育馆")));
        assert_eq!((event.property_value("SEQUENCE"), event.property_value("STATUS")), (Some("0"), Some("CONFIRMED")));
        let uid = event.get_uid().unwrap().to_owned();
        assert!(event.get_description().unwrap().contains("含,逗号\n第二行"));
        app.patch(&path, Some(&bureau), "*", &json!({"starts_at": "2035-03-20T10:00:00+08:00"})).await.expect(200);
        step(&app, &path, &bureau, &json!({"to": "cancelled", "reason": "天气"})).await.expect(200);
        let one = app.get(&format!("{path}.ics"), None).await.expect(200).text;
        let parsed: icalendar::Calendar = one.parse().unwrap();
        let event = parsed.events().next().unwrap();
        assert_eq!((event.get_uid(), event.property_value("SEQUENCE"), event.property_value("STATUS")), (Some(uid.as_str()), Some("2"), Some("CANCELLED")));
        assert!(one.contains("METHOD:CANCEL\r\n") && one.contains("DTSTART;TZID=Asia/Shanghai:20350320T100000\r\n"));
        let of_school = app.get(&format!("/v1/schools/{school_id}/fairs.ics"), Some(&school)).await.expect(200).text;
        assert!(of_school.contains(&uid));
        app.get("/v1/fairs.ics?city=潍坊", None).await.expect(200);
        app.get("/v1/fairs.ics?city=无此地", None).await.expect(422);
    }

    async fn working_days_skip_weekends_and_holidays_and_count_those_made_up(app) {
        let view = app.get("/v1/calendar/working-days?from=2026-09-30&days=2", None).await.expect(200).json();
        assert_eq!((&view["date"], &view["known"]), (&json!("2026-10-09"), &json!(true)));
        assert_eq!(view["skipped"].as_array().unwrap().len(), 7);
        let made_up = app.get("/v1/calendar/working-days?from=2026-10-09&days=1", None).await.expect(200).json();
        assert_eq!(made_up["date"], "2026-10-10");
        app.get("/v1/calendar/working-days?from=2026-10-09&days=9999", None).await.expect(400);
    }
}
