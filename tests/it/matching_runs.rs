//! Facts about matching many graduates at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::prelude::*;
use jiangxin::db::DbConn;
use jiangxin::db::schema::graduates;
use jiangxin::db::types::{GraduateId, Timestamp};
use jiangxin::http::Role;
use jiangxin::matching;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, json_body};

/// Publishes vacancies in Zibo and next to it, and registers three graduates of a school; gives the school's token.
async fn town(app: &App) -> String {
    let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
    let province = app.log_in("province", Role::Province, None).await;
    let titles = [("陶艺师", "淄博"), ("陶瓷产品设计师", "淄博"), ("陶艺师", "潍坊"), ("会计", "淄博"), ("风筝扎制学徒", "威海")];
    for (title, city) in titles {
        let body = json!({"title": title, "description": "手工拉坯，会3D建模者优先", "place": {"city": city}, "salary": {"text": "5-8千/月"}});
        let vacancy = app.post("/v1/vacancies", Some(&workshop), &body).await.expect(201).json();
        let path = format!("/v1/vacancies/{}/transitions", vacancy["id"].as_str().unwrap());
        for (to, token) in [("submitted", &workshop), ("live", &province)] {
            let request = app.request(Method::POST, &path, Some(token)).header("If-Match", "*");
            app.send(json_body(request, &json!({"to": to}))).await.expect(200);
        }
    }
    let (_, school) = app.school("虚构甲技工学校", "淄博").await;
    for number in ["1", "2", "3", "4"] {
        let mut body = somebody(number);
        match number {
            "2" => body["profile"]["cities"] = json!([]),
            "3" => (body["profile"]["relocate"], body["profile"]["salary_min"]) = (json!(true), json!(9_000)),
            "4" => body["job_intent"] = json!("enlistment"),
            _ => {}
        }
        app.post("/v1/graduates", Some(&school), &body).await.expect(201);
    }
    school
}

async fn begin(app: &App, token: &str, body: &Value) -> Answer {
    app.post("/v1/matching-runs", Some(token), body).await.expect(202)
}

fn path(run: &Answer) -> String {
    format!("/v1/matching-runs/{}", run.json()["id"].as_str().unwrap())
}

/// Works off what waits, a graduate between two writes, so many seconds from now; gives how many parts were written.
async fn work(app: &App, seconds: i64) -> usize {
    let clock = move || Timestamp::now().plus_seconds(seconds);
    matching::work_off(&app.db, &app.pool.clone().into_inner(), &app.config.region, 1, clock).await.unwrap()
}

/// Makes the profile of the graduate with the lowest id name a skill that there is not.
async fn spoil_first(app: &App) {
    let spoil = |conn: &mut DbConn| {
        let first: GraduateId = graduates::table.select(graduates::id).order(graduates::id).first(conn)?;
        let profile = json!({"skills": [{"id": "taken-out-of-the-taxonomy"}]}).to_string();
        diesel::update(graduates::table.find(first)).set(graduates::profile.eq(profile)).execute(conn)?;
        Ok(())
    };
    app.db.write(spoil).await.unwrap();
}

async fn lines(app: &App, path: &str, token: &str) -> Vec<Value> {
    let answer = app.get(&format!("{path}/results"), Some(token)).await.expect(200);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

facts! {
    async fn a_run_finds_for_everybody_what_each_would_find_alone(app) {
        let school = town(&app).await;
        let run = begin(&app, &school, &json!({"limit": 3})).await;
        assert_eq!((&run.json()["status"], &run.json()["total"]), (&json!("queued"), &json!(3)));
        assert!(work(&app, 0).await >= 3);
        let over = app.get(&path(&run), Some(&school)).await.expect(200).json();
        assert_eq!((&over["status"], &over["done"]), (&json!("succeeded"), &json!(3)));
        let found = lines(&app, &path(&run), &school).await;
        assert_eq!(found.len(), 3, "the one who joins the army is not looked for");
        for line in found {
            let alone = format!("/v1/graduates/{}/matches?limit=3", line["graduate"].as_str().unwrap());
            let alone = app.get(&alone, Some(&school)).await.expect(200).json();
            let told = |one: &Value| {
                let mut told = one.clone();
                told["vacancy"] = one.pointer("/vacancy/id").unwrap_or(&one["vacancy"]).clone();
                told
            };
            let expected: Vec<Value> = alone["items"].as_array().unwrap().iter().map(told).collect();
            assert!(!expected.is_empty() && expected.iter().all(|one| !one["requirements"].as_array().unwrap().is_empty()));
            assert_eq!(line["matches"], json!(expected), "with every reason");
        }
    }

    async fn a_run_is_taken_up_where_an_instance_that_died_left_it(app) {
        let school = town(&app).await;
        let run = begin(&app, &school, &json!({})).await;
        let (db, pool, region) = (app.db.clone(), app.pool.clone().into_inner(), app.config.region.clone());
        let looks = Arc::new(AtomicUsize::new(0));
        let dying = tokio::spawn(async move {
            let clock = move || match looks.fetch_add(1, Ordering::Relaxed) {
                0..=4 => Timestamp::now(),
                _ => panic!("this instance dies"),
            };
            matching::work_off(&db, &pool, &region, 1, clock).await
        });
        assert!(dying.await.is_err());
        let half = app.get(&path(&run), Some(&school)).await.expect(200).json();
        assert_eq!((&half["status"], &half["done"]), (&json!("running"), &json!(2)));
        assert_eq!(lines(&app, &path(&run), &school).await.len(), 2);
        assert_eq!(work(&app, 0).await, 0, "the run is still claimed");
        assert_eq!(work(&app, 61).await, 2, "the third graduate, and nobody after");
        let over = app.get(&path(&run), Some(&school)).await.expect(200).json();
        assert_eq!((&over["status"], &over["done"]), (&json!("succeeded"), &json!(3)));
        assert_eq!(lines(&app, &path(&run), &school).await.len(), 3);
    }

    async fn a_profile_that_cannot_be_read_any_more_costs_nobody_else_the_matches(app) {
        let school = town(&app).await;
        let run = begin(&app, &school, &json!({})).await;
        spoil_first(&app).await;
        work(&app, 0).await;
        let over = app.get(&path(&run), Some(&school)).await.expect(200).json();
        assert_eq!((&over["status"], &over["done"]), (&json!("succeeded"), &json!(3)));
        let found = lines(&app, &path(&run), &school).await;
        let matches: Vec<bool> = found.iter().map(|line| line["matches"].is_array()).collect();
        assert_eq!(matches, [false, true, true]);
        assert!(found[0]["matches"].is_null());
    }

    async fn a_run_can_be_called_off_once(app) {
        let school = town(&app).await;
        let run = begin(&app, &school, &json!({})).await;
        let transition = |tag: Option<String>| {
            let request = app.request(Method::POST, &format!("{}/transitions", path(&run)), Some(&school));
            let request = match tag {
                Some(tag) => request.header("If-Match", tag),
                None => request,
            };
            app.send(json_body(request, &json!({"to": "cancelled"})))
        };
        transition(None).await.expect(428);
        let ended = transition(Some(run.etag())).await.expect(200);
        assert_eq!(ended.json()["status"], json!("cancelled"));
        transition(Some(run.etag())).await.expect(412);
        transition(Some("*".to_owned())).await.expect(409);
        assert_eq!(work(&app, 0).await, 0);
        assert!(lines(&app, &path(&run), &school).await.is_empty());
    }

    async fn a_run_is_seen_by_its_school_and_the_offices_above_it_only(app) {
        let school = town(&app).await;
        let run = begin(&app, &school, &json!({})).await;
        let (other_id, other) = app.school("虚构乙技工学校", "潍坊").await;
        let zibo = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let weifang = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        app.get(&path(&run), Some(&zibo)).await.expect(200);
        for stranger in [&other, &weifang] {
            app.get(&path(&run), Some(stranger)).await.expect(404);
            app.get(&format!("{}/results", path(&run)), Some(stranger)).await.expect(404);
        }
        app.post("/v1/matching-runs", Some(&school), &json!({"school": other_id})).await.expect(403);
        app.post("/v1/matching-runs", Some(&weifang), &json!({"city": "淄博"})).await.expect(403);
        app.post("/v1/matching-runs", Some(&school), &json!({"limit": 0})).await.expect(422);
        assert_eq!(begin(&app, &weifang, &json!({})).await.json()["total"], json!(0));
        assert_eq!(begin(&app, &zibo, &json!({"city": "淄博"})).await.json()["total"], json!(3));
    }

    async fn what_a_run_found_goes_with_the_graduate(app) {
        let school = town(&app).await;
        let run = begin(&app, &school, &json!({})).await;
        work(&app, 0).await;
        let found = lines(&app, &path(&run), &school).await;
        let graduate = format!("/v1/graduates/{}", found[0]["graduate"].as_str().unwrap());
        let export = app.get(&format!("{graduate}/export"), Some(&school)).await.expect(200).json();
        assert_eq!(export["matches"][0]["matches"], found[0]["matches"]);
        app.send(app.request(Method::DELETE, &graduate, Some(&school)).header("If-Match", "*")).await.expect(204);
        assert_eq!(lines(&app, &path(&run), &school).await.len(), found.len() - 1);
    }
}
