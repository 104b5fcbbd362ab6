//! Facts about matches of stored graduates.

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{App, json_body};

/// Publishes a vacancy of a Zibo workshop and gives its id.
async fn publish(app: &App, workshop: &str, bureau: &str, body: &Value) -> String {
    let vacancy = app.post("/v1/vacancies", Some(workshop), body).await.expect(201).json();
    let path = format!("/v1/vacancies/{}/transitions", vacancy["id"].as_str().unwrap());
    for (to, token) in [("submitted", workshop), ("live", bureau)] {
        let request = app.request(Method::POST, &path, Some(token)).header("If-Match", "*");
        app.send(json_body(request, &json!({"to": to}))).await.expect(200);
    }
    vacancy["id"].as_str().unwrap().to_owned()
}

facts! {
    async fn a_senior_worker_is_matched_with_college_vacancies_and_told_why(app) {
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let vacancy = |education: &str| json!({"title": format!("陶瓷产品设计师（{education}）"), "description": "负责陶艺产品设计，会3D建模者优先",
            "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}, "education": {"text": education}});
        let college = publish(&app, &workshop, &bureau, &vacancy("大专")).await;
        publish(&app, &workshop, &bureau, &vacancy("硕士")).await;
        app.pool.catch_up(&app.db).await.unwrap();
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let made = app.post("/v1/graduates", Some(&school), &somebody("1")).await.expect(201).json();
        let path = format!("/v1/graduates/{}/matches", made["id"].as_str().unwrap());
        let found = app.get(&path, Some(&school)).await.expect(200).json();
        assert_eq!((&found["total"], &found["items"][0]["vacancy"]["id"]), (&json!(1), &json!(college)));
        let needs = found["items"][0]["requirements"].as_array().unwrap();
        let education = needs.iter().find(|need| need.get("education").is_some()).unwrap();
        assert_eq!((&education["education"], &education["status"]), (&json!("college"), &json!("met")));
        let skills: Vec<(&str, &str)> = needs.iter().filter(|need| need.get("skill").is_some()).map(|need| (need["asked"].as_str().unwrap(), need["status"].as_str().unwrap())).collect();
        assert!(skills.contains(&("3D建模", "met")), "{skills:?}");
        let range = &found["items"][0]["score_range"];
        assert!(range[0].as_f64().unwrap() <= range[1].as_f64().unwrap());
        app.get(&format!("{path}?limit=101"), Some(&school)).await.expect(422);
    }

    async fn an_order_that_looks_at_nobody_shows_the_newest_first(app) {
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let vacancy = |title: &str| json!({"title": title, "description": "虚构岗位", "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}, "education": {"text": "硕士"}});
        publish(&app, &workshop, &bureau, &vacancy("陶艺师")).await;
        let newest = publish(&app, &workshop, &bureau, &vacancy("会计")).await;
        app.pool.catch_up(&app.db).await.unwrap();
        let token = app.log_in("student", Role::Graduate, None).await;
        let made = app.post("/v1/graduates", Some(&token), &somebody("1")).await.expect(201).json();
        let path = format!("/v1/graduates/{}/matches", made["id"].as_str().unwrap());
        let neutral = app.get(&format!("{path}?personalised=false"), Some(&token)).await.expect(200).json();
        assert_eq!((&neutral["personalised"], &neutral["total"]), (&json!(false), &json!(2)));
        assert_eq!(neutral["items"][0]["vacancy"]["id"], json!(newest));
    }

    async fn age_and_name_change_nothing(app) {
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        publish(&app, &workshop, &bureau, &json!({"title": "陶艺师", "description": "手工拉坯", "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}})).await;
        app.pool.catch_up(&app.db).await.unwrap();
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let mut scores = Vec::new();
        for (number, name, born) in [("1", "虚构甲", "2008-01-01"), ("2", "虚构乙", "1975-12-31"), ("3", "虚构丙", "2001-07-07")] {
            let mut body = somebody(number);
            (body["name"], body["birth_date"]) = (json!(name), json!(born));
            let made = app.post("/v1/graduates", Some(&school), &body).await.expect(201).json();
            let found = app.get(&format!("/v1/graduates/{}/matches", made["id"].as_str().unwrap()), Some(&school)).await.expect(200).json();
            scores.push(found["items"].clone());
        }
        assert!(!scores[0].as_array().unwrap().is_empty() && scores[0] == scores[1] && scores[1] == scores[2]);
    }
}
