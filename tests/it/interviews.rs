//! Facts about interviews: nobody in two places, as few rounds as can be, and the least disturbance after a change.

use std::collections::{BTreeMap, BTreeSet};

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, json_body};

async fn step(app: &App, path: &str, token: &str, to: &str) -> Answer {
    let request = app.request(Method::POST, &format!("{path}/transitions"), Some(token)).header("If-Match", "*");
    app.send(json_body(request, &json!({"to": to}))).await.expect(200)
}

/// Announces a fair of Zibo from nine to twelve with so many employers and graduates, and gives its path and their ids.
async fn fair(app: &App, bureau: &str, employers: &[String], people: &[String]) -> String {
    let venue = json!({"name": "虚构体育馆", "city": "淄博", "booths": 40});
    let venue = app.post("/v1/venues", Some(bureau), &venue).await.expect(201).json();
    let body = json!({"kind": "campus_fair", "title": "虚构招聘会", "city": "淄博", "organiser": "虚构人社局", "venue": venue["id"],
        "contact": "虚构联系人", "expected_visitors": 100, "booths": 20, "starts_at": "2035-03-20T09:00:00+08:00",
        "ends_at": "2035-03-20T12:00:00+08:00",
        "filing": {"implementation_plan": "一", "emergency_plan": "二", "security_plan": "三"}});
    let fair = app.post("/v1/fairs", Some(bureau), &body).await.expect(201).json();
    let path = format!("/v1/fairs/{}", fair["id"].as_str().unwrap());
    for to in ["submitted", "approved", "published"] {
        step(app, &path, bureau, to).await;
    }
    for employer in employers {
        let row = app.post(&format!("{path}/exhibitors"), Some(bureau), &json!({"employer": employer})).await.expect(201).json();
        step(app, &format!("{path}/exhibitors/{}", row["id"].as_str().unwrap()), bureau, "approved").await;
    }
    for graduate in people {
        app.post(&format!("{path}/attendances"), Some(bureau), &json!({"graduate": graduate})).await.expect(201);
    }
    path
}

async fn employers(app: &App, count: usize) -> Vec<String> {
    let ids = app.db.write(move |conn| {
        use diesel::prelude::*;
        use jiangxin::db::schema::employers as table;
        use jiangxin::db::types::Timestamp;
        let names: Vec<String> = (0..count).map(|n| format!("虚构工坊{n:03}")).collect();
        let named: Vec<_> = names.iter().map(|name| (name.as_str(), None, Some("370300"))).collect();
        let ids = jiangxin::employers::upsert_many(conn, Timestamp::now(), &named)?;
        diesel::update(table::table).set(table::verified_at.eq(Some(Timestamp::now()))).execute(conn)?;
        Ok(ids)
    });
    ids.await.unwrap().iter().map(|id| id.as_str().to_owned()).collect()
}

async fn people(app: &App, school: &str, count: usize) -> Vec<String> {
    let mut people = Vec::new();
    for n in 0..count {
        let made = app.post("/v1/graduates", Some(school), &somebody(&n.to_string())).await.expect(201).json();
        people.push(made["id"].as_str().unwrap().to_owned());
    }
    people
}

/// Gives when each wish is granted, and checks that nobody is in two places and no desk is given twice.
fn checked(timetable: &Value) -> BTreeMap<String, String> {
    let (mut graduates, mut desks, mut when) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    for at in timetable["interviews"].as_array().unwrap() {
        let text = |name: &str| at[name].as_str().unwrap().to_owned();
        assert!(graduates.insert((text("graduate"), text("starts_at"))), "in two places: {at}");
        assert!(desks.insert((text("employer"), at["desk"].as_i64(), text("starts_at"))), "a desk twice: {at}");
        when.insert(text("id"), text("starts_at"));
    }
    when
}

facts! {
    async fn everybody_meets_everybody_in_the_fewest_rounds_and_a_cancellation_moves_nobody_else(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let (firms, graduates) = (employers(&app, 4).await, people(&app, &school, 5).await);
        let path = fair(&app, &bureau, &firms, &graduates).await;
        let wishes = format!("{path}/interview-wishes");
        for graduate in &graduates {
            for firm in &firms {
                app.post(&wishes, Some(&school), &json!({"graduate": graduate, "employer": firm})).await.expect(201);
            }
        }
        let asked = json!({"interview_minutes": 15, "walk_minutes": 5,
            "breaks": [{"from": "2035-03-20T10:00:00+08:00", "to": "2035-03-20T10:15:00+08:00"}]});
        let made = app.post(&format!("{path}/timetable"), Some(&bureau), &asked).await.expect(201);
        let (etag, made) = (made.etag(), made.json());
        let before = checked(&made);
        assert_eq!((&made["granted"], &made["rounds"], &made["least_rounds"], &made["gap"]), (&json!(20), &json!(5), &json!(5), &json!(0.0)));
        assert!(before.values().all(|at| !("2035-03-20T09:46".."2035-03-20T10:15").contains(&at.as_str())), "{before:?}");
        let away = json!({"absences": [{"employer": firms[0], "from": "2035-03-20T09:00:00+08:00", "to": "2035-03-20T12:00:00+08:00"}]});
        app.patch(&format!("{path}/timetable"), Some(&bureau), "\"r9\"", &away).await.expect(412);
        let mended = app.patch(&format!("{path}/timetable"), Some(&bureau), &etag, &away).await.expect(200).json();
        let after = checked(&mended);
        assert_eq!((mended["lost"].as_array().unwrap().len(), &mended["moved"], after.len()), (5, &json!([]), 15));
        assert!(after.iter().all(|(id, at)| before[id] == *at));
        let student = app.account("student", Role::Graduate, None, Some(&graduates[0])).await;
        let own = app.get(&format!("{path}/timetable"), Some(&student)).await.expect(200).json();
        assert_eq!(own["interviews"].as_array().unwrap().len(), 3);
        let made = app.post("/v1/graduates/me/calendar-token", Some(&student), &json!({})).await.expect(201).json();
        let feed = format!("/v1/graduates/me/calendar.ics?token={}", made["token"].as_str().unwrap());
        assert_eq!(app.get(&feed, None).await.expect(200).text.matches("STATUS:CONFIRMED").count(), 4);
        let seat = app.get(&format!("{path}/attendances"), Some(&student)).await.expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
        let leave = app.request(Method::DELETE, &format!("{path}/attendances/{seat}"), Some(&student)).header("If-Match", "*");
        app.send(leave).await.expect(204);
        assert_eq!(app.get(&feed, None).await.expect(200).text.matches("STATUS:CANCELLED").count(), 4);
        let mended = app.patch(&format!("{path}/timetable"), Some(&bureau), "*", &json!({})).await.expect(200).json();
        let last = checked(&mended);
        assert_eq!((mended["lost"].as_array().unwrap().len(), &mended["moved"], last.len()), (3, &json!([]), 12));
        assert!(last.iter().all(|(id, at)| after[id] == *at));
    }

    async fn nobody_is_at_two_fairs_of_one_day_at_the_same_time(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let (firms, graduates) = (employers(&app, 3).await, people(&app, &school, 3).await);
        let mut times = BTreeSet::new();
        for _ in 0..2 {
            let path = fair(&app, &bureau, &firms, &graduates).await;
            for graduate in &graduates {
                app.post(&format!("{path}/interview-wishes"), Some(&school), &json!({"graduate": graduate, "employer": firms[0]})).await.expect(201);
            }
            let made = app.post(&format!("{path}/timetable"), Some(&bureau), &json!({})).await.expect(201).json();
            assert_eq!(made["granted"], 3);
            for at in made["interviews"].as_array().unwrap() {
                assert!(times.insert(at["starts_at"].as_str().unwrap().to_owned()), "the employer is at two fairs: {at}");
            }
        }
    }

    async fn a_wish_is_for_those_who_come_and_weighs_more_when_both_wish(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let (_, stranger) = app.school("虚构乙技工学校", "潍坊").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let (firms, graduates) = (employers(&app, 2).await, people(&app, &school, 2).await);
        let path = fair(&app, &bureau, &firms[..1], &graduates[..1]).await;
        let wishes = format!("{path}/interview-wishes");
        let both = json!({"graduate": graduates[0], "employer": firms[0], "weight": 80});
        app.post(&wishes, Some(&stranger), &both).await.expect(404);
        let made = app.post(&wishes, Some(&school), &both).await.expect(201).json();
        assert_eq!((&made["graduate_weight"], &made["employer_weight"]), (&json!(80), &Value::Null));
        let absent = json!({"graduate": graduates[1], "employer": firms[0]});
        assert_eq!(app.post(&wishes, Some(&school), &absent).await.expect(422).json()["errors"][0]["pointer"], "/graduate");
        let nobody = json!({"graduate": graduates[0], "employer": firms[1]});
        assert_eq!(app.post(&wishes, Some(&school), &nobody).await.expect(422).json()["errors"][0]["pointer"], "/employer");
        app.get(&format!("{path}/timetable"), Some(&school)).await.expect(404);
        app.post(&format!("{path}/timetable"), Some(&stranger), &json!({})).await.expect(404);
        app.send(app.request(Method::DELETE, &format!("{wishes}/{}", made["id"].as_str().unwrap()), Some(&school))).await.expect(204);
        assert_eq!(app.get(&wishes, Some(&bureau)).await.expect(200).json()["total"], 0);
    }

    async fn fairs_of_one_day_that_are_timed_at_once_leave_everybody_the_way_between_them(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let (firms, graduates) = (employers(&app, 2).await, people(&app, &school, 3).await);
        let mut paths = Vec::new();
        for _ in 0..3 {
            let path = fair(&app, &bureau, &firms, &graduates).await;
            for graduate in &graduates[..2] {
                for firm in &firms {
                    app.post(&format!("{path}/interview-wishes"), Some(&school), &json!({"graduate": graduate, "employer": firm})).await.expect(201);
                }
            }
            paths.push(format!("{path}/timetable"));
        }
        let asked = json!({"travel_minutes": 40});
        let made = futures_util::future::join_all(paths.iter().map(|path| app.post(path, Some(&bureau), &asked))).await;
        assert!(made.iter().any(|answer| answer.status == 201) && made.iter().all(|answer| matches!(answer.status, 201 | 503)));
        let mut times: BTreeMap<String, Vec<(i64, i64, usize)>> = BTreeMap::new();
        let mut granted = 0;
        for (fair, path) in paths.iter().enumerate() {
            let table = app.post(path, Some(&bureau), &asked).await.expect(201).json();
            for at in table["interviews"].as_array().unwrap() {
                let clock = |name: &str| jiangxin::db::types::Timestamp::parse(at[name].as_str().unwrap()).unwrap().millis() / 60_000;
                for party in ["graduate", "employer"] {
                    times.entry(at[party].as_str().unwrap().to_owned()).or_default().push((clock("starts_at"), clock("ends_at"), fair));
                }
                granted += 1;
            }
        }
        assert!(granted >= 8, "{granted} interviews");
        for spans in times.values_mut() {
            spans.sort_unstable();
            for pair in spans.windows(2) {
                let way = if pair[0].2 == pair[1].2 { 0 } else { 40 };
                assert!(pair[1].0 - pair[0].1 >= way, "in two places: {pair:?}");
            }
        }
    }

    async fn everybody_gets_a_sheet_and_a_calendar_with_the_own_interviews_only(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let graduates = people(&app, &school, 2).await;
        let (firm, token) = app.employer("虚构<陶>坊", "淄博").await;
        let mut firms = employers(&app, 1).await;
        firms.push(firm.clone());
        let path = fair(&app, &bureau, &firms, &graduates).await;
        let wishes = format!("{path}/interview-wishes");
        app.post(&wishes, Some(&school), &json!({"graduate": graduates[0], "employer": firm})).await.expect(201);
        app.post(&wishes, Some(&school), &json!({"graduate": graduates[0], "employer": firms[0]})).await.expect(201);
        app.post(&wishes, Some(&token), &json!({"graduate": graduates[1]})).await.expect(201);
        let rooms = json!({"rooms": [{"name": "201 室", "employers": [firm]}]});
        app.post(&format!("{path}/timetable"), Some(&bureau), &rooms).await.expect(201);
        let sheets = format!("{path}/interview-sheets");
        let all = app.get(&format!("{sheets}?by=employer"), Some(&bureau)).await.expect(200);
        assert!(all.headers["content-type"] == "text/html; charset=utf-8" && all.text.matches("<section>").count() == 2);
        assert!(all.text.contains("虚构&lt;陶&gt;坊") && all.text.contains("虚构学生0") && all.text.contains("201 室") && all.text.contains("1 号展位"));
        assert_eq!(app.get(&format!("{sheets}?by=room"), Some(&bureau)).await.expect(200).text.matches("<section>").count(), 2);
        assert_eq!(app.get(&format!("{sheets}?by=graduate&graduate={}", graduates[0]), Some(&bureau)).await.expect(200).text.matches("<tr>").count(), 3);
        let own = app.get(&format!("{sheets}?by=employer"), Some(&token)).await.expect(200).text;
        assert!(own.matches("<section>").count() == 1 && !own.contains("虚构学生"), "nobody agreed to be known: {own}");
        let first = app.account("first", Role::Graduate, None, Some(&graduates[0])).await;
        for (purpose, kind) in [("matching", "name"), ("fair", "profile")] {
            let agreed = json!({"purpose": purpose, "recipient": format!("employer:{firm}"), "data_kinds": [kind], "text_version": "v1"});
            app.post(&format!("/v1/graduates/{}/consents", graduates[0]), Some(&first), &agreed).await.expect(201);
            let own = app.get(&format!("{sheets}?by=employer"), Some(&token)).await.expect(200).text;
            assert!(!own.contains("虚构学生"), "to be found, or to show the profile, is not to be named: {own}");
        }
        let agreed = json!({"purpose": "referral", "recipient": format!("employer:{firm}"), "data_kinds": ["name"], "text_version": "v1"});
        app.post(&format!("/v1/graduates/{}/consents", graduates[0]), Some(&first), &agreed).await.expect(201);
        let own = app.get(&format!("{sheets}?by=employer"), Some(&token)).await.expect(200).text;
        assert!(own.contains("虚构学生0") && !own.contains("虚构学生1"), "only the first agreed to be known");
        let student = app.account("student", Role::Graduate, None, Some(&graduates[1])).await;
        assert_eq!(app.get(&format!("{sheets}?by=graduate"), Some(&student)).await.expect(200).text.matches("<section>").count(), 1);
        let text = app.get(&format!("{path}/interview-sheets.ics?by=employer"), Some(&token)).await.expect(200).text;
        let parsed: icalendar::Calendar = text.parse().unwrap();
        use icalendar::Component;
        let named: Vec<&str> = parsed.events().filter_map(|event| event.get_summary()).collect();
        assert!(named.len() == 2 && named.contains(&"面谈：虚构学生0"), "{named:?}");
        let made = app.post("/v1/graduates/me/calendar-token", Some(&student), &json!({})).await.expect(201).json();
        let own = app.get(&format!("/v1/graduates/me/calendar.ics?token={}", made["token"].as_str().unwrap()), None).await.expect(200).text;
        assert!(own.contains("SUMMARY:面谈：虚构<陶>坊") && own.matches("BEGIN:VEVENT").count() == 2);
        app.get(&format!("{sheets}?by=nobody"), Some(&bureau)).await.expect(400);
    }
}
