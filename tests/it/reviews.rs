//! Facts about reviews: what was handed in is kept, a bureau sees its queue, and an owner sees what to do.

use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use jiangxin::vacancies;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::{Answer, App, json_body};

fn vacancy(title: &str, city: &str) -> Value {
    json!({"title": title, "description": "手工刺绣，学徒也可", "place": {"city": city}, "headcount": 2,
        "salary": {"text": "4000-6000元/月"}, "education": {"text": "中专/技校"}, "valid_from": "2026-11-25", "expires_at": "2099-01-31"})
}

async fn step(app: &App, token: &str, id: &str, etag: &str, body: Value) -> Answer {
    let request = app.request(Method::POST, &format!("/v1/vacancies/{id}/transitions"), Some(token)).header("If-Match", etag);
    app.send(json_body(request, &body)).await
}

/// Posts a vacancy and hands it in; gives its id and its revision.
async fn handed_in(app: &App, owner: &str, body: &Value) -> (String, String) {
    let draft = app.post("/v1/vacancies", Some(owner), body).await.expect(201);
    let id = draft.json()["id"].as_str().unwrap().to_owned();
    let etag = step(app, owner, &id, &draft.etag(), json!({"to": "submitted"})).await.expect(200).etag();
    (id, etag)
}

async fn reviews(app: &App, token: &str, id: &str) -> Vec<Value> {
    let answer = app.get(&format!("/v1/vacancies/{id}/reviews"), Some(token)).await.expect(200).json();
    answer.as_array().unwrap().clone()
}

facts! {
    async fn a_review_keeps_what_was_handed_in_and_what_has_changed_since(app) {
        let (_, owner) = app.employer("虚构绣坊", "潍坊").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let (id, etag) = handed_in(&app, &owner, &vacancy("绣花工", "370700")).await;
        let remarks = json!({"to": "referred", "reason": "请补充工作时间",
            "indicators": [{"pointer": "/description", "note": "请写明每天工作几小时"}]});
        let referred = step(&app, &bureau, &id, &etag, remarks).await.expect(200);
        let patch = json!({"description": "手工刺绣，每天八小时", "headcount": 3});
        let changed = app.patch(&format!("/v1/vacancies/{id}"), Some(&owner), &referred.etag(), &patch).await.expect(200);
        let again = step(&app, &owner, &id, &changed.etag(), json!({"to": "submitted"})).await.expect(200);
        step(&app, &bureau, &id, &again.etag(), json!({"to": "live"})).await.expect(200);
        let kept = reviews(&app, &owner, &id).await;
        assert_eq!(kept.len(), 2);
        assert_eq!((&kept[0]["outcome"], &kept[1]["outcome"]), (&json!("referred"), &json!("approved")));
        assert_eq!(kept[0]["snapshot"]["description"], "手工刺绣，学徒也可");
        assert_eq!(kept[1]["snapshot"]["description"], "手工刺绣，每天八小时");
        assert_eq!((&kept[0]["changed"], &kept[1]["changed"]), (&json!([]), &json!(["/description", "/headcount"])));
        assert_eq!(kept[0]["indicators"][0]["note"], "请写明每天工作几小时");
        let (_, other) = app.employer("虚构陶坊", "淄博").await;
        app.get(&format!("/v1/vacancies/{id}/reviews"), Some(&other)).await.expect(404);
    }

    async fn remarks_on_what_is_not_there_are_refused(app) {
        let (_, owner) = app.employer("虚构绣坊", "潍坊").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let body = json!({"title": "绣花工", "description": "年龄18-35岁，手工刺绣", "place": {"city": "370700"}});
        let (id, etag) = handed_in(&app, &owner, &body).await;
        for (remarks, pointer) in [
            (json!({"to": "live", "dismissed": ["AGE", "SEX"]}), "/dismissed/1"),
            (json!({"to": "referred", "reason": "x", "indicators": [{"pointer": "/nothing", "note": "x"}]}), "/indicators/0"),
            (json!({"to": "referred", "reason": "x", "indicators": [{"pointer": "/title", "note": " "}]}), "/indicators/0"),
            (json!({"to": "live", "closing": "filled_here"}), "/closing"),
        ] {
            let refused = step(&app, &bureau, &id, &etag, remarks).await.expect(422).json();
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        }
        assert_eq!(reviews(&app, &bureau, &id).await[0]["outcome"], Value::Null);
        let live = step(&app, &bureau, &id, &etag, json!({"to": "live", "dismissed": ["AGE"]})).await.expect(200);
        assert_eq!(reviews(&app, &bureau, &id).await[0]["dismissed"], json!(["AGE"]));
        let late = json!({"to": "closed", "reason": "x", "dismissed": ["AGE"]});
        assert_eq!(step(&app, &bureau, &id, &live.etag(), late).await.expect(422).json()["errors"][0]["code"], "nothing_to_review");
    }

    async fn a_bureau_sees_what_waits_in_its_city_the_longest_first(app) {
        let (_, here) = app.employer("虚构绣坊", "潍坊").await;
        let (_, there) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let province = app.log_in("province", Role::Province, None).await;
        let (first, _) = handed_in(&app, &here, &vacancy("绣花工", "370700")).await;
        let (other, _) = handed_in(&app, &there, &vacancy("陶艺工", "370300")).await;
        let (second, etag) = handed_in(&app, &here, &vacancy("剪纸师", "370700")).await;
        let queue = app.get("/v1/vacancy-reviews", Some(&bureau)).await.expect(200).json();
        let waiting: Vec<&str> = queue["items"].as_array().unwrap().iter().map(|r| r["vacancy"].as_str().unwrap()).collect();
        assert_eq!((queue["total"].as_u64(), waiting), (Some(2), vec![first.as_str(), second.as_str()]));
        assert_eq!(queue["items"][0]["overdue"], false);
        assert!(queue["items"][0]["due_on"].as_str().unwrap() > queue["items"][0]["submitted_at"].as_str().unwrap());
        app.get("/v1/vacancy-reviews?city=淄博", Some(&bureau)).await.expect(403);
        let all = app.get("/v1/vacancy-reviews?limit=2", Some(&province)).await.expect(200).json();
        assert_eq!((&all["total"], all["next_cursor"].is_string()), (&json!(3), true));
        let zibo = app.get("/v1/vacancy-reviews?city=淄博", Some(&province)).await.expect(200).json();
        assert_eq!(zibo["items"][0]["vacancy"], other.as_str());
        step(&app, &here, &second, &etag, json!({"to": "closed", "reason": "不招了", "closing": "withdrawn"})).await.expect(200);
        assert_eq!(app.get("/v1/vacancy-reviews", Some(&bureau)).await.expect(200).json()["total"], 1);
        assert_eq!(reviews(&app, &here, &second).await[0]["outcome"], "withdrawn");
    }

    async fn an_owner_sees_all_its_vacancies_what_blocks_them_and_when_they_run_out(app) {
        let (employer, owner) = app.employer("虚构绣坊", "潍坊").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let soon = chrono::Utc::now().date_naive() + chrono::Days::new(5);
        let mut body = vacancy("绣花工", "370700");
        body["expires_at"] = json!(soon);
        let (id, etag) = handed_in(&app, &owner, &body).await;
        app.post("/v1/vacancies", Some(&owner), &vacancy("剪纸师", "370700")).await.expect(201);
        let live = step(&app, &bureau, &id, &etag, json!({"to": "live"})).await.expect(200);
        let path = format!("/v1/employers/{employer}/vacancies");
        let own = app.get(&path, Some(&owner)).await.expect(200).json();
        assert_eq!((&own["total"], &own["items"][0]["title"]), (&json!(2), &json!("剪纸师")));
        assert_eq!(own["items"][0]["blocked_by"][0]["code"], "not_submitted");
        let expiring = format!("{path}?expiring_within_days=7");
        let ending = app.get(&expiring, Some(&owner)).await.expect(200).json();
        assert_eq!((&ending["total"], &ending["items"][0]["id"]), (&json!(1), &json!(id)));
        assert!((4..=6).contains(&ending["items"][0]["expires_in_days"].as_i64().unwrap()), "{ending}");
        let later = json!({"expires_at": "2099-01-31"});
        let renewed = app.patch(&format!("/v1/vacancies/{id}"), Some(&owner), &live.etag(), &later).await.expect(200);
        let live = step(&app, &bureau, &id, &renewed.etag(), json!({"to": "live"})).await.expect(200);
        assert_eq!(app.get(&expiring, Some(&owner)).await.expect(200).json()["total"], 0);
        step(&app, &owner, &id, &live.etag(), json!({"to": "closed", "reason": "招满", "closing": "filled_here"})).await.expect(200);
        let closed = app.get(&format!("{path}?status=closed"), Some(&owner)).await.expect(200).json();
        let ended = &closed["items"][0];
        assert_eq!((&ended["renewals"], &ended["closing"], &ended["closed_reason"]), (&json!(1), &json!("filled_here"), &json!("招满")));
        let (_, other) = app.employer("虚构陶坊", "淄博").await;
        app.get(&path, Some(&other)).await.expect(404);
    }

    async fn an_employer_is_told_once_a_threshold_that_a_vacancy_runs_out(app) {
        let (_, owner) = app.employer("虚构绣坊", "潍坊").await;
        let bureau = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let mut body = vacancy("绣花工", "370700");
        body["expires_at"] = json!("2035-03-20");
        let (id, etag) = handed_in(&app, &owner, &body).await;
        let live = step(&app, &bureau, &id, &etag, json!({"to": "live"})).await.expect(200);
        let remind = async |day: &str| {
            let at = Timestamp::parse(&format!("2035-03-{day}T09:00:00+08:00")).unwrap();
            app.db.write(move |conn| vacancies::remind_of_ends(conn, at)).await.unwrap()
        };
        assert_eq!((remind("12").await, remind("13").await, remind("13").await, remind("16").await), (0, 1, 0, 0));
        assert_eq!((remind("18").await, remind("19").await, remind("20").await, remind("21").await), (1, 1, 0, 0));
        let told = app.get("/v1/vacancy-reminders", Some(&owner)).await.expect(200).json();
        let days: Vec<i64> = told["items"].as_array().unwrap().iter().map(|one| one["days_left"].as_i64().unwrap()).collect();
        assert_eq!((days, &told["items"][0]["vacancy"], &told["total"]), (vec![1, 3, 7], &json!(id), &json!(3)));
        assert_eq!(app.get("/v1/vacancy-reminders?limit=2", Some(&bureau)).await.expect(200).json()["items"].as_array().unwrap().len(), 2);
        let later = json!({"expires_at": "2035-03-29"});
        let renewed = app.patch(&format!("/v1/vacancies/{id}"), Some(&owner), &live.etag(), &later).await.expect(200);
        assert_eq!(remind("28").await, 0, "it waits to be looked at");
        step(&app, &bureau, &id, &renewed.etag(), json!({"to": "live"})).await.expect(200);
        assert_eq!(remind("28").await, 1, "another last day is another reminder; only the nearest threshold is told");
        let (_, other) = app.employer("虚构陶坊", "淄博").await;
        assert_eq!(app.get("/v1/vacancy-reminders", Some(&other)).await.expect(200).json()["total"], 0);
        app.get("/v1/vacancy-reminders", None).await.expect(401);
    }

    async fn pay_is_changed_in_words_or_in_figures_and_never_in_both(app) {
        let (_, owner) = app.employer("虚构绣坊", "潍坊").await;
        let draft = app.post("/v1/vacancies", Some(&owner), &vacancy("绣花工", "370700")).await.expect(201);
        let path = format!("/v1/vacancies/{}", draft.json()["id"].as_str().unwrap());
        let raised = app.patch(&path, Some(&owner), &draft.etag(), &json!({"salary": {"min": 5000}})).await.expect(200);
        assert_eq!((&raised.json()["salary"]["min"], &raised.json()["salary"]["max"]), (&json!(5000), &json!(6000)));
        let worded = app.patch(&path, Some(&owner), &raised.etag(), &json!({"salary": {"text": "7000-8000元/月"}})).await.expect(200);
        assert_eq!((&worded.json()["salary"]["min"], &worded.json()["headcount"]), (&json!(7000), &json!(2)));
        for (pay, pointer) in [
            (json!({"text": "面议", "min": 4000}), "/salary"),
            (json!({"min": 4000, "unit": "week"}), "/salary/unit"),
            (json!({"min": -1}), "/salary/min"),
        ] {
            let refused = app.post("/v1/screenings", None, &json!({"salary": pay})).await.expect(422).json();
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        }
    }
}
