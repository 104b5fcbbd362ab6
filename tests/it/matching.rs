//! Facts about matches of stored graduates.

use diesel::prelude::*;
use jiangxin::db::DbConn;
use jiangxin::db::schema::graduates;
use jiangxin::db::types::GraduateId;
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

    async fn who_somebody_is_changes_nothing_and_what_somebody_can_do_does(app) {
        let (pottery, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let body = json!({"title": "陶艺师", "description": "手工拉坯，会3D建模者优先", "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}});
        let vacancy = publish(&app, &workshop, &bureau, &body).await;
        app.pool.catch_up(&app.db).await.unwrap();
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let (_, elsewhere) = app.school("虚构乙技工学校", "威海").await;
        let register = async |token: &str, number: &str, changes: &[(&str, Value)]| {
            let mut body = somebody(number);
            for (at, value) in changes {
                *body.pointer_mut(at).unwrap_or_else(|| panic!("{at} is not said")) = value.clone();
            }
            let made = app.post("/v1/graduates", Some(token), &body).await.expect(201).json();
            let id = made["id"].as_str().unwrap().to_owned();
            let student = app.account(&format!("虚构学生账号{number}"), Role::Graduate, None, Some(&id)).await;
            let consent = json!({"purpose": "matching", "recipient": format!("employer:{pottery}"), "text_version": "1"});
            app.post(&format!("/v1/graduates/{id}/consents"), Some(&student), &consent).await.expect(201);
            id
        };
        let person = |name: &str, born: &str, phone: &str| {
            [("/name", json!(name)), ("/birth_date", json!(born)), ("/phone", json!(phone)), ("/email", json!(format!("{phone}@example.com")))]
        };
        let alike = [
            register(&school, "1", &person("虚构甲", "2008-01-01", "13800000001")).await,
            register(&school, "男2", &person("虚构乙娃", "1975-12-31", "13800000002")).await,
            register(&elsewhere, "女3", &person("买买提·虚构", "2001-07-07", "13800000003")).await,
        ];
        let other = register(&school, "4", &[("/profile/skills", json!([{"name": "陶艺"}]))]).await;
        let matches = async |id: &str, token: &str| {
            app.get(&format!("/v1/graduates/{id}/matches"), Some(token)).await.expect(200).json()["items"].clone()
        };
        let expected = matches(&alike[0], &school).await;
        assert!(!expected.as_array().unwrap().is_empty());
        assert_eq!(matches(&alike[1], &school).await, expected);
        assert_eq!(matches(&alike[2], &elsewhere).await, expected);
        assert_ne!(matches(&other, &school).await, expected, "a skill less is seen");
        let seen = app.get(&format!("/v1/vacancies/{vacancy}/matches"), Some(&workshop)).await.expect(200).json();
        let fit = |id: &str| {
            let mut fit = seen["items"].as_array().unwrap().iter().find(|one| one["graduate"]["id"] == id).unwrap().clone();
            fit["graduate"]["id"] = Value::Null;
            fit
        };
        assert!(alike.iter().all(|id| fit(id) == fit(&alike[0])) && fit(&other) != fit(&alike[0]));
    }

    async fn a_profile_that_cannot_be_read_any_more_hides_no_other_candidate(app) {
        let (pottery, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let vacancy = publish(&app, &workshop, &bureau, &json!({"title": "陶艺师", "description": "手工拉坯", "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}})).await;
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let mut ids = Vec::new();
        for number in ["1", "2"] {
            let made = app.post("/v1/graduates", Some(&school), &somebody(number)).await.expect(201).json();
            let id = made["id"].as_str().unwrap().to_owned();
            let student = app.account(&format!("虚构学生账号{number}"), Role::Graduate, None, Some(&id)).await;
            let consent = json!({"purpose": "matching", "recipient": format!("employer:{pottery}"), "text_version": "1"});
            app.post(&format!("/v1/graduates/{id}/consents"), Some(&student), &consent).await.expect(201);
            ids.push(id);
        }
        let path = format!("/v1/vacancies/{vacancy}/matches");
        let both = app.get(&path, Some(&workshop)).await.expect(200).json();
        assert_eq!((&both["total"], &both["unreadable"]), (&json!(2), &json!(0)));
        let first = GraduateId::parse(&ids[0]).unwrap();
        let spoil = move |conn: &mut DbConn| {
            diesel::update(graduates::table.find(first)).set(graduates::profile.eq("{\"skills\": ")).execute(conn)?;
            Ok(())
        };
        app.db.write(spoil).await.unwrap();
        let left = app.get(&path, Some(&workshop)).await.expect(200).json();
        assert_eq!((&left["total"], &left["unreadable"], &left["items"][0]["graduate"]["id"]), (&json!(1), &json!(1), &json!(ids[1])));
        let placed = app.post("/v1/placements", Some(&school), &json!({"objective": "stable", "cohort": {}})).await.expect(201).json();
        assert_eq!((&placed["unmatched"][0]["reason"], &placed["assignment"][0]["graduate"]), (&json!("unreadable_profile"), &json!(ids[1])));
    }

    async fn grades_and_certificates_are_read_from_the_words_of_a_vacancy_and_told(app) {
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let words = "负责陶艺产品制作。须持中级工及以上职业资格证书。";
        let body = json!({"title": "陶艺师", "description": words, "occupation": "6-09-03-03", "place": {"city": "淄博"},
            "salary": {"text": "5-8千/月"}, "education": {"text": "大专或高级工"}, "experience": {"text": "1年，应届毕业生亦可"}});
        publish(&app, &workshop, &bureau, &body).await;
        app.pool.catch_up(&app.db).await.unwrap();
        let ask = async |grade: Option<u8>| {
            let held: Vec<Value> = grade.iter().map(|grade| json!({"occupation": "6-09-03-03", "grade": grade})).collect();
            let profile = json!({"programme": "middle_worker", "skills": [{"name": "陶艺"}], "cities": ["淄博"], "certificates": held, "graduates_on": "2026-06-30"});
            app.post("/v1/matches", None, &profile).await.expect(200).json()
        };
        let met = ask(Some(3)).await;
        let need = |found: &Value, kind: &str| {
            let needs = found["items"][0]["requirements"].as_array().unwrap().iter();
            needs.clone().find(|need| need.get(kind).is_some()).unwrap_or_else(|| panic!("no {kind} in {found}")).clone()
        };
        let certificate = need(&met, "certificate");
        assert_eq!((&certificate["certificate"], &certificate["status"]), (&json!({"occupation": "6-09-03-03", "grade": 4}), &json!("met")));
        let education = need(&met, "education");
        assert_eq!((&education["status"], &education["evidence"]), (&json!("met"), &json!("陶瓷工艺品制作师高级工证书")));
        assert_eq!(need(&met, "experience")["status"], json!("met"));
        let unsaid = ask(None).await;
        assert_eq!((&need(&unsaid, "certificate")["status"], &need(&unsaid, "education")["status"]), (&json!("unknown"), &json!("unknown")));
        let range = &unsaid["items"][0]["score_range"];
        assert!(range[0].as_f64() < range[1].as_f64() && range[1] == met["items"][0]["score_range"][1], "{range}");
        assert_eq!(ask(Some(5)).await["total"], json!(0), "neither the degree nor what stands in for it");
        for (profile, pointer, code) in [
            (json!({"certificates": [{"occupation": "6-09-03-03", "grade": 6}]}), "/certificates/0/grade", "bad_grade"),
            (json!({"certificates": [{"occupation": "没有这个职业", "grade": 3}]}), "/certificates/0/occupation", "unknown_occupation"),
            (json!({"skills": [{"name": "陶艺", "grade": 0}]}), "/skills/0/grade", "bad_grade"),
        ] {
            let refused = app.post("/v1/matches", None, &profile).await.expect(422).json();
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
    }
}
