//! Facts about placements over HTTP: who may ask for them, what is kept, and what is told to whom.

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{App, json_body};

/// Publishes a vacancy of a pottery in Zibo and gives its id.
async fn publish(app: &App, workshop: &str, bureau: &str, headcount: u32, more: &Value) -> String {
    let mut body = json!({"title": "陶瓷产品设计师", "description": "负责陶艺产品设计，会3D建模者优先", "headcount": headcount,
        "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}, "education": {"text": "大专"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let vacancy = app.post("/v1/vacancies", Some(workshop), &body).await.expect(201).json();
    let path = format!("/v1/vacancies/{}/transitions", vacancy["id"].as_str().unwrap());
    for (to, token) in [("submitted", workshop), ("live", bureau)] {
        let request = app.request(Method::POST, &path, Some(token)).header("If-Match", "*");
        app.send(json_body(request, &json!({"to": to}))).await.expect(200);
    }
    vacancy["id"].as_str().unwrap().to_owned()
}

/// Registers somebody with these skills and gives the id.
async fn register(app: &App, school: &str, number: &str, skills: &[&str]) -> String {
    let mut body = somebody(number);
    body["profile"]["major"] = Value::Null;
    body["profile"]["skills"] = skills.iter().map(|name| json!({"name": name})).collect();
    let made = app.post("/v1/graduates", Some(school), &body).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

fn placed(answer: &Value) -> Vec<(&str, &str)> {
    let assignment = answer["assignment"].as_array().unwrap().iter();
    assignment.map(|one| (one["graduate"].as_str().unwrap(), one["vacancy"].as_str().unwrap())).collect()
}

facts! {
    async fn scores_of_ones_own_are_placed_and_nothing_is_kept(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let pair = |graduate: &str, vacancy: &str, a: f64, b: f64| json!({"graduate": graduate, "vacancy": vacancy, "graduate_score": a, "vacancy_score": b});
        let mut body = json!({"objective": "stable", "capacities": {"v1": 1, "v2": 1}, "pairs": [
            pair("g1", "v1", 0.9, 0.4), pair("g1", "v2", 0.2, 0.9), pair("g2", "v1", 0.8, 0.5), pair("g3", "v1", 0.7, 0.1)]});
        let stable = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!(placed(&stable), [("g1", "v2"), ("g2", "v1")]);
        assert_eq!(stable["certificate"], json!({"blocking_pairs": 0}));
        assert_eq!((&stable["unmatched"][0]["graduate"], &stable["unmatched"][0]["reason"]), (&json!("g3"), &json!("outranked")));
        assert_eq!(stable["unmatched"][0]["lost"][0], json!({"vacancy": "v1", "full": "headcount", "short_by": 0.4}));
        assert!(stable["took_ms"].is_u64() && stable.get("id").is_none());
        body["objective"] = json!("max_score");
        let best = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!(best["certificate"], json!({"objective": 2.4, "bound": 2.4, "gap": 0.0}));
        body["quotas"] = json!([{"vacancies": ["v1", "v2"], "at_most": 1}]);
        let limited = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!((placed(&limited), &limited["unmatched"][1]["lost"][0]["full"]), (vec![("g1", "v1")], &json!("quota")));
        body["quotas"] = json!([]);
        body["reserved"] = json!([{"vacancy": "v1", "graduates": ["g3"]}]);
        let reserved = app.post("/v1/placements", Some(&school), &body).await.expect(200).json();
        assert_eq!(placed(&reserved), [("g1", "v2"), ("g3", "v1")]);
        assert_eq!((&reserved["assignment"][1]["reserved"], &reserved["unmatched"][0]["lost"][0]["full"]), (&json!(true), &json!("reserved")));
    }

    async fn what_cannot_be_placed_is_refused_at_its_place(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let pair = json!({"graduate": "g", "vacancy": "v", "graduate_score": 1, "vacancy_score": 1});
        let mut high = pair.clone();
        high["graduate_score"] = json!(1000.5);
        let crossing = json!([{"vacancies": ["v", "w"], "at_most": 1}, {"vacancies": ["w", "x"], "at_most": 1}]);
        for (body, pointer, code) in [
            (json!({"objective": "stable"}), "", "one_of"),
            (json!({"objective": "stable", "pairs": [], "cohort": {}}), "", "one_of"),
            (json!({"objective": "fair", "pairs": []}), "/objective", "bad_value"),
            (json!({"objective": "stable", "pairs": [high]}), "/pairs/0/graduate_score", "bad_score"),
            (json!({"objective": "stable", "pairs": [pair, pair]}), "/pairs", "duplicate_pair"),
            (json!({"objective": "stable", "pairs": [pair], "quotas": [{"vacancies": ["z"], "at_most": 1}]}), "/quotas/0/vacancies", "unknown_vacancy"),
            (json!({"objective": "stable", "pairs": [], "capacities": {"v": 1, "w": 1, "x": 1}, "quotas": crossing}), "/quotas/1", "crossing_quotas"),
            (json!({"objective": "stable", "cohort": {}, "list_length": 0}), "/list_length", "bad_length"),
            (json!({"objective": "stable", "cohort": {}, "quotas": [{"city": "没有这个地方", "at_most": 1}]}), "/quotas/0/city", "unknown_place"),
        ] {
            let refused = app.post("/v1/placements", Some(&school), &body).await.expect(422).json();
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{body}");
        }
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        app.post("/v1/placements", Some(&workshop), &json!({"objective": "stable", "pairs": []})).await.expect(403);
        app.post("/v1/placements", None, &json!({"objective": "stable", "pairs": []})).await.expect(401);
        let empty = app.post("/v1/placements", Some(&school), &json!({"objective": "max_score", "pairs": []})).await.expect(200).json();
        assert_eq!(empty["certificate"], json!({"objective": 0.0, "bound": 0.0, "gap": 0.0}));
    }

    async fn a_cohort_is_placed_on_live_vacancies_and_everybody_is_told_why_not(app) {
        let (_, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let one = publish(&app, &workshop, &bureau, 1, &json!({})).await;
        let two = publish(&app, &workshop, &bureau, 1, &json!({"title": "陶艺师", "salary": {"text": "3千/月"}})).await;
        let (id, school) = app.school("虚构甲技工学校", "淄博").await;
        let handy = register(&app, &school, "1", &["陶艺"]).await;
        let handier = register(&app, &school, "2", &["陶艺", "3D建模"]).await;
        let last = register(&app, &school, "3", &["陶艺"]).await;
        let mut away = somebody("4");
        away["job_intent"] = json!("further_study");
        let away = app.post("/v1/graduates", Some(&school), &away).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let answer = app.post("/v1/placements", Some(&school), &json!({"objective": "stable", "cohort": {}})).await.expect(201);
        let location = answer.headers["location"].to_str().unwrap().to_owned();
        let made = answer.json();
        assert_eq!(placed(&made), [(handy.as_str(), one.as_str()), (handier.as_str(), two.as_str())], "{made}");
        assert_eq!((&made["school"], &made["area"], &made["certificate"]), (&json!(id), &json!("370300"), &json!({"blocking_pairs": 0})));
        let reason = |id: &str| made["unmatched"].as_array().unwrap().iter().find(|one| one["graduate"] == id).unwrap().clone();
        assert_eq!(reason(&away)["reason"], "not_seeking");
        let lost = reason(&last);
        let tie = json!({"vacancy": one, "full": "headcount", "short_by": 0.0});
        assert_eq!((&lost["reason"], &lost["lost"][0]), (&json!("outranked"), &tie));
        assert!(lost["detail"].as_str().unwrap().contains("同分"));
        let behind = lost["lost"].as_array().unwrap().iter().find(|place| place["vacancy"] == json!(two)).unwrap();
        assert!(behind["short_by"].as_f64().unwrap() > 0.0 && behind["requirements"][0]["asked"] == "3D建模", "{lost}");
        assert!(!lost.to_string().contains(&handier) && !lost.to_string().contains(&handy), "others are not named");
        let best = app.post("/v1/placements", Some(&bureau), &json!({"objective": "max_score", "cohort": {"school": id}})).await.expect(201).json();
        assert_eq!((&best["certificate"]["gap"], &best["certificate"]["objective"]), (&json!(0.0), &best["certificate"]["bound"]));
        let read = app.get(&location, Some(&bureau)).await.expect(200);
        assert_eq!(read.json(), made);
        let english = app.send(app.request(Method::GET, &location, Some(&school)).header("Accept-Language", "en")).await.expect(200).json();
        assert!(english["unmatched"].to_string().contains("does not look for work"));
        app.send(app.request(Method::DELETE, &format!("/v1/graduates/{last}"), Some(&school)).header("If-Match", "*")).await.expect(204);
        let read = app.get(&location, Some(&school)).await.expect(200).json();
        assert!(!read.to_string().contains(&last) && read["assignment"] == made["assignment"]);
        let kept = app.get(&format!("/v1/graduates/{handy}/export"), Some(&school)).await.expect(200).json();
        assert_eq!(kept["placements"][0]["outcome"]["vacancy"], json!(one));
    }

    async fn a_placement_is_read_only_by_the_own_school_and_the_own_city(app) {
        let (id, school) = app.school("虚构甲技工学校", "淄博").await;
        let (_, other) = app.school("虚构乙技工学校", "潍坊").await;
        let zibo = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let weifang = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let own = register(&app, &school, "1", &["陶艺"]).await;
        let made = app.post("/v1/placements", Some(&zibo), &json!({"objective": "stable", "cohort": {"school": id}})).await.expect(201).json();
        assert_eq!(made["unmatched"][0]["reason"], "no_eligible_vacancy");
        let path = format!("/v1/placements/{}", made["id"].as_str().unwrap());
        for (token, status) in [(&school, 200), (&zibo, 200), (&other, 404), (&weifang, 404)] {
            app.get(&path, Some(token)).await.expect(status);
        }
        for (token, cohort, status) in [
            (&other, json!({"school": id}), 404),
            (&other, json!({"graduates": [own]}), 404),
            (&weifang, json!({"school": id}), 404),
            (&weifang, json!({"graduates": [own]}), 404),
            (&weifang, json!({"city": "淄博"}), 403),
            (&zibo, json!({"graduates": [own]}), 201),
            (&zibo, json!({"city": "淄博"}), 201),
            (&zibo, json!({}), 201),
        ] {
            app.post("/v1/placements", Some(token), &json!({"objective": "stable", "cohort": cohort})).await.expect(status);
        }
        let none = app.post("/v1/placements", Some(&weifang), &json!({"objective": "stable", "cohort": {}})).await.expect(201).json();
        assert_eq!((placed(&none).len(), none["unmatched"].as_array().unwrap().len()), (0, 0));
        for (class, members) in [(json!({"graduates_on": "2030-06-30"}), 0), (json!({"major": "没有这个专业"}), 0), (json!({"graduates_on": "2027-06-30"}), 1)] {
            let placed = app.post("/v1/placements", Some(&school), &json!({"objective": "stable", "cohort": class})).await.expect(201).json();
            assert_eq!(placed["unmatched"].as_array().unwrap().len(), members, "{class}");
        }
    }

    async fn a_class_goes_first_where_places_are_reserved_and_consent_is_told(app) {
        let (pottery, workshop) = app.employer("虚构陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let vacancy = publish(&app, &workshop, &bureau, 1, &json!({})).await;
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let handier = register(&app, &school, "1", &["陶艺", "3D建模"]).await;
        let trainee = register(&app, &school, "2", &["陶艺"]).await;
        let ask = |more: Value| {
            let mut body = json!({"objective": "stable", "cohort": {}});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let made = app.post("/v1/placements", Some(&school), &ask(json!({}))).await.expect(201).json();
        assert_eq!((placed(&made), &made["assignment"][0]["may_be_shown"]), (vec![(handier.as_str(), vacancy.as_str())], &json!(false)));
        let order = json!({"reserved": [{"employer": pottery, "graduates": [trainee]}]});
        let made = app.post("/v1/placements", Some(&school), &ask(order)).await.expect(201).json();
        assert_eq!((placed(&made), &made["assignment"][0]["reserved"]), (vec![(trainee.as_str(), vacancy.as_str())], &json!(true)));
        assert_eq!((&made["unmatched"][0]["lost"][0]["full"], &made["asked"]["reserved"][0]["graduates"]), (&json!("reserved"), &json!(1)));
        for (reserved, pointer, code) in [
            (json!({"employer": pottery, "graduates": [vacancy]}), "/reserved/0/graduates", "not_in_cohort"),
            (json!({"vacancy": trainee, "graduates": [trainee]}), "/reserved/0", "unknown_vacancy"),
            (json!({"graduates": [trainee]}), "/reserved/0", "one_of"),
        ] {
            let refused = app.post("/v1/placements", Some(&school), &ask(json!({"reserved": [reserved]}))).await.expect(422).json();
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        let none = app.post("/v1/placements", Some(&school), &ask(json!({"quotas": [{"city": "淄博", "at_most": 0}]}))).await.expect(201).json();
        assert_eq!(none["unmatched"][0]["reason"], "no_places");
        let consented = json!({"consented_only": true});
        let none = app.post("/v1/placements", Some(&school), &ask(consented.clone())).await.expect(201).json();
        assert_eq!(none["unmatched"][0]["reason"], "no_eligible_vacancy");
        let student = app.account("虚构学生账号", Role::Graduate, None, Some(&trainee)).await;
        let consent = json!({"purpose": "matching", "recipient": format!("employer:{pottery}"), "text_version": "1"});
        app.post(&format!("/v1/graduates/{trainee}/consents"), Some(&student), &consent).await.expect(201);
        let made = app.post("/v1/placements", Some(&school), &ask(consented)).await.expect(201).json();
        assert_eq!((placed(&made), &made["assignment"][0]["may_be_shown"]), (vec![(trainee.as_str(), vacancy.as_str())], &json!(true)));
    }
}
