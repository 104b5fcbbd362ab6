//! Facts about plans of fairs: proven, repaired with the fewest moves, published as fairs; nothing refused silently.

use std::collections::BTreeMap;

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::{Answer, App, json_body};

async fn with_match(app: &App, path: &str, token: &str, etag: &str, body: &Value) -> Answer {
    app.send(json_body(app.request(Method::POST, path, Some(token)).header("If-Match", etag), body)).await
}

async fn wish(app: &App, token: &str, city: &str, title: &str, days: (&str, &str), shift: u32) -> String {
    let body = json!({"kind": "campus_fair", "title": title, "city": city, "booths": 20, "expected_visitors": 300,
        "first_day": days.0, "last_day": days.1, "max_shift_weeks": shift, "crafts": ["陶艺"]});
    app.post("/v1/fair-requests", Some(token), &body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

async fn hall(app: &App, token: &str, city: &str) -> String {
    let body = json!({"name": format!("虚构{city}会展厅"), "city": city, "booths": 40});
    app.post("/v1/venues", Some(token), &body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

fn days(plan: &Value) -> BTreeMap<String, String> {
    let scheduled = plan["schedule"].as_array().unwrap().iter().filter(|at| at["request"].is_string());
    scheduled.map(|at| (at["request"].as_str().unwrap().to_owned(), at["day"].as_str().unwrap().to_owned())).collect()
}

facts! {
    async fn a_province_is_planned_with_proof_repaired_with_one_move_and_published(app) {
        let province = app.log_in("province", Role::Province, None).await;
        let mut ids = Vec::new();
        for city in ["淄博", "潍坊", "济南"] {
            hall(&app, &province, city).await;
            for n in 0..3 {
                ids.push(wish(&app, &province, city, &format!("虚构{city}招聘会{n}"), ("2026-11-02", "2026-11-13"), 2).await);
            }
        }
        let closed = json!({"city": "淄博", "first_day": "2026-11-04", "last_day": "2026-11-06", "reason": "考试周"});
        app.post("/v1/blackouts", Some(&province), &closed).await.expect(201);
        let body = json!({"first_day": "2026-09-01", "last_day": "2026-12-31", "spacing_days": 3, "rounds": 2});
        let plan = app.post("/v1/fair-plans", Some(&province), &body).await.expect(201);
        let (etag, plan) = (plan.etag(), plan.json());
        let path = format!("/v1/fair-plans/{}", plan["id"].as_str().unwrap());
        assert_eq!(plan["unplaced"], json!([]));
        let missing = plan["objective"].as_i64().unwrap() - plan["bound"].as_i64().unwrap();
        assert!((0..=1).contains(&missing), "{missing} above the bound");
        let first = days(&plan);
        assert_eq!(first.len(), 9);
        let cities: Vec<&str> = plan["schedule"].as_array().unwrap().iter().filter(|at| at["kind"] == "policy_outreach")
            .map(|at| at["city"].as_str().unwrap()).collect();
        assert_eq!(cities.len(), 16, "every city has its yearly visit");
        for day in ["2026-11-04", "2026-11-05", "2026-11-06", "2026-11-08", "2026-10-01"] {
            assert!(!plan["schedule"].as_array().unwrap().iter().any(|at| at["day"] == day && at["city"] == "370300"), "{day}");
        }
        let moving = plan["schedule"].as_array().unwrap().iter().find(|at| at["request"] == json!(ids[4])).unwrap();
        let shut = json!({"city": "潍坊", "first_day": moving["day"], "last_day": moving["day"], "reason": "停电"});
        app.post("/v1/blackouts", Some(&province), &shut).await.expect(201);
        let repaired = with_match(&app, &format!("{path}/repair"), &province, &etag, &json!({})).await.expect(200);
        let (etag, plan) = (repaired.etag(), repaired.json());
        let moved: Vec<&str> = plan["moved"].as_array().unwrap().iter().filter_map(|at| at["request"].as_str()).collect();
        assert_eq!((moved, &plan["fewest_moved"]), (vec![ids[4].as_str()], &json!(true)));
        let second = days(&plan);
        assert_eq!(first.iter().filter(|(id, day)| second[*id] != **day).count(), 1);
        with_match(&app, &format!("{path}/transitions"), &province, "\"r1\"", &json!({"to": "published"})).await.expect(412);
        with_match(&app, &format!("{path}/transitions"), &province, &etag, &json!({"to": "published"})).await.expect(200);
        with_match(&app, &format!("{path}/transitions"), &province, "*", &json!({"to": "published"})).await.expect(409);
        let fairs = app.get("/v1/fairs?limit=100&status=draft", Some(&province)).await.expect(200).json();
        assert_eq!(fairs["total"], 25);
        let request = app.get(&format!("/v1/fair-requests/{}", ids[0]), Some(&province)).await.expect(200).json();
        let fair = app.get(&format!("/v1/fairs/{}", request["fair"].as_str().unwrap()), Some(&province)).await.expect(200).json();
        assert!(fair["starts_at"].as_str().unwrap().starts_with(&second[&ids[0]]) && fair["venue"].is_string());
    }

    async fn what_has_no_day_is_told_why_and_where_else_and_what_is_fixed_stays(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        hall(&app, &bureau, "淄博").await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(wish(&app, &bureau, "淄博", &format!("虚构招聘会{n}"), ("2026-11-03", "2026-11-06"), 0).await);
        }
        let holiday = wish(&app, &bureau, "淄博", "虚构国庆招聘会", ("2026-10-01", "2026-10-07"), 0).await;
        let body = json!({"city": "淄博", "first_day": "2026-09-01", "last_day": "2026-12-31", "spacing_days": 3, "duty_visits": false,
            "rounds": 2, "fixed": [{"request": ids[1], "day": "2026-11-06"}]});
        let plan = app.post("/v1/fair-plans", Some(&bureau), &body).await.expect(201).json();
        assert_eq!(days(&plan)[&ids[1]], "2026-11-06");
        assert_eq!(plan["schedule"].as_array().unwrap().len(), 2);
        let unplaced = plan["unplaced"].as_array().unwrap();
        let reasons: BTreeMap<&str, &str> =
            unplaced.iter().map(|at| (at["request"].as_str().unwrap(), at["reason"].as_str().unwrap())).collect();
        assert_eq!((reasons.len(), reasons[holiday.as_str()]), (2, "no_open_day"));
        let crowded = unplaced.iter().find(|at| at["reason"] == "spacing").unwrap();
        assert!(!crowded["in_the_way"].as_array().unwrap().is_empty());
        let elsewhere = crowded["alternative"]["day"].as_str().unwrap();
        assert!(!("2026-11-01".."2026-11-09").contains(&elsewhere), "{elsewhere}");
        let again = app.post("/v1/fair-plans", Some(&bureau), &body).await.expect(201).json();
        assert_eq!((&again["schedule"], &again["unplaced"]), (&plan["schedule"], &plan["unplaced"]));
    }

    async fn plans_and_wishes_are_seen_by_their_own_people_only(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let (_, other) = app.school("虚构乙技工学校", "淄博").await;
        let (zibo, weifang) = (app.log_in("zibo", Role::Bureau, Some("370300")).await, app.log_in("weifang", Role::Bureau, Some("370700")).await);
        let id = wish(&app, &school, "淄博", "虚构招聘会", ("2026-11-02", "2026-11-13"), 2).await;
        let path = format!("/v1/fair-requests/{id}");
        app.get(&path, Some(&other)).await.expect(404);
        app.get(&path, Some(&weifang)).await.expect(404);
        app.patch(&path, Some(&zibo), "*", &json!({"booths": 30})).await.expect(200);
        assert_eq!(app.get("/v1/fair-requests", Some(&other)).await.expect(200).json()["total"], 0);
        let body = json!({"city": "淄博", "first_day": "2026-11-01", "last_day": "2026-12-31", "rounds": 1});
        app.post("/v1/fair-plans", Some(&weifang), &body).await.expect(403);
        app.post("/v1/fair-plans", Some(&school), &body).await.expect(403);
        let plan = app.post("/v1/fair-plans", Some(&zibo), &body).await.expect(201).json();
        app.get(&format!("/v1/fair-plans/{}", plan["id"].as_str().unwrap()), Some(&weifang)).await.expect(404);
        let reversed = json!({"first_day": "2026-12-31", "last_day": "2026-11-01"});
        app.post("/v1/fair-plans", Some(&zibo), &reversed).await.expect(422);
        app.send(app.request(Method::DELETE, &path, Some(&school)).header("If-Match", "*")).await.expect(204);
    }

    async fn a_full_line_answers_busy_and_says_when_to_come_again(app) {
        let province = app.log_in("province", Role::Province, None).await;
        let body = json!({"first_day": "2026-11-01", "last_day": "2026-12-31", "rounds": 1, "duty_visits": false});
        let running = app.planner.turn().await.unwrap();
        let waiting: Vec<_> = (1..app.planner.most()).map(|_| {
            let planner = app.planner.clone();
            tokio::spawn(async move { planner.turn().await.map(drop) })
        }).collect();
        while app.planner.count() < app.planner.most() {
            tokio::task::yield_now().await;
        }
        let refused = app.post("/v1/fair-plans", Some(&province), &body).await.expect(503);
        assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0 && refused.json()["code"] == "busy");
        drop(running);
        for turn in waiting {
            turn.await.unwrap().unwrap();
        }
        app.post("/v1/fair-plans", Some(&province), &body).await.expect(201);
    }
}
