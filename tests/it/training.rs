//! Facts about training orders: who offers and signs, who joins, and who is placed first.

use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, json_body};

fn terms(headcount: u32) -> Value {
    json!({"occupation": "陶瓷工艺品制作师", "skills": ["陶艺"], "grade_target": 4, "headcount": headcount, "promised_wage_min": 4_500,
        "contract_years": 2, "course_hours": 400, "practice_hours": 300, "starts_on": "2026-03-01", "ends_on": "2026-10-31", "funding": "employer"})
}

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// A pottery in Zibo, a school there, and the bureau.
struct Town {
    employer: String,
    workshop: String,
    school_id: String,
    school: String,
    bureau: String,
}

impl Town {
    async fn new(app: &App) -> Town {
        let (employer, workshop) = app.employer("虚构陶坊", "淄博").await;
        let (school_id, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        Town { employer, workshop, school_id, school, bureau }
    }

    /// An order of the pottery, and its address.
    async fn order(&self, app: &App, headcount: u32) -> String {
        let body = with(terms(headcount), json!({"school": self.school_id}));
        let made = app.post("/v1/training-orders", Some(&self.workshop), &body).await.expect(201).json();
        format!("/v1/training-orders/{}", made["id"].as_str().unwrap())
    }

    async fn register(&self, app: &App, number: &str, changes: Value) -> String {
        let body = with(somebody(number), changes);
        let made = app.post("/v1/graduates", Some(&self.school), &body).await.expect(201).json();
        made["id"].as_str().unwrap().to_owned()
    }

    async fn enrol(&self, app: &App, order: &str, graduate: &str) -> Answer {
        app.post(&format!("{order}/trainees"), Some(&self.school), &json!({"graduate": graduate})).await
    }
}

async fn step(app: &App, order: &str, token: &str, to: &str) -> Answer {
    let request = app.request(Method::POST, &format!("{order}/transitions"), Some(token)).header("If-Match", "*");
    app.send(json_body(request, &json!({"to": to}))).await
}

async fn patch(app: &App, path: &str, token: &str, body: &Value) -> Answer {
    app.send(json_body(app.request(Method::PATCH, path, Some(token)).header("If-Match", "*"), body)).await
}

facts! {
    async fn an_order_is_signed_by_the_side_that_did_not_offer_it_and_then_stands(app) {
        let town = Town::new(&app).await;
        let order = town.order(&app, 2).await;
        let seen = app.get(&order, Some(&town.school)).await.expect(200);
        assert_eq!((&seen.json()["status"], &seen.json()["offered_by"], &seen.json()["occupation"]), (&json!("intended"), &json!("employer"), &json!("6-09-03-03")));
        let refused = step(&app, &order, &town.workshop, "signed").await.expect(409).json();
        assert_eq!(refused["code"], "other_side_signs");
        patch(&app, &order, &town.school, &json!({"headcount": 3})).await.expect(200);
        step(&app, &order, &town.school, "signed").await.expect(409);
        step(&app, &order, &town.workshop, "signed").await.expect(200);
        assert_eq!(patch(&app, &order, &town.workshop, &json!({"headcount": 1})).await.expect(409).json()["code"], "agreed");
        app.send(app.request(Method::DELETE, &order, Some(&town.school)).header("If-Match", "*")).await.expect(409);
        app.send(json_body(app.request(Method::POST, &format!("{order}/transitions"), Some(&town.school)), &json!({"to": "training"}))).await.expect(428);
        assert_eq!(step(&app, &order, &town.school, "training").await.expect(409).json()["code"], "no_trainees");
        let open = town.order(&app, 1).await;
        app.send(app.request(Method::DELETE, &open, Some(&town.workshop)).header("If-Match", "*")).await.expect(204);
    }

    async fn an_order_below_the_minimum_wage_or_with_unknown_words_is_refused_at_its_place(app) {
        let town = Town::new(&app).await;
        for (change, pointer, code) in [
            (json!({"promised_wage_min": 1_000}), "/promised_wage_min", "below_minimum_wage"),
            (json!({"headcount": 0}), "/headcount", "out_of_range"),
            (json!({"grade_target": 6}), "/grade_target", "out_of_range"),
            (json!({"ends_on": "2025-01-01"}), "/ends_on", "bad_value"),
            (json!({"occupation": "没有这个职业"}), "/occupation", "unknown_occupation"),
            (json!({"skills": ["量子纠缠"]}), "/skills/0", "unknown_skill"),
            (json!({"practice_hours": 500}), "/practice_hours", "out_of_range"),
        ] {
            let body = with(with(terms(2), json!({"school": town.school_id})), change);
            let refused = app.post("/v1/training-orders", Some(&town.workshop), &body).await.expect(422).json();
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        let fee = with(terms(2), json!({"school": town.school_id, "fee": 100}));
        app.post("/v1/training-orders", Some(&town.workshop), &fee).await.expect(422);
        app.post("/v1/training-orders", Some(&town.workshop), &terms(2)).await.expect(422);
        app.post("/v1/training-orders", Some(&town.school), &with(terms(2), json!({"employer": town.employer}))).await.expect(201);
    }

    async fn an_order_is_seen_by_its_two_sides_and_the_offices_and_its_class_not_by_the_employer(app) {
        let town = Town::new(&app).await;
        let order = town.order(&app, 2).await;
        let (_, other_workshop) = app.employer("虚构木坊", "潍坊").await;
        let (_, other_school) = app.school("虚构乙技工学校", "潍坊").await;
        let weifang = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        for (token, status, listed) in [(&town.workshop, 200, 1), (&town.school, 200, 1), (&town.bureau, 200, 1), (&other_workshop, 404, 0), (&other_school, 404, 0), (&weifang, 404, 0)] {
            app.get(&order, Some(token)).await.expect(status);
            let list = app.get("/v1/training-orders", Some(token)).await.expect(200).json();
            assert_eq!(list["total"], json!(listed));
        }
        app.get(&format!("{order}/trainees"), Some(&town.workshop)).await.expect(403);
        app.get(&format!("{order}/candidates"), Some(&town.workshop)).await.expect(403);
        app.get(&format!("{order}/candidates"), Some(&other_school)).await.expect(404);
        let foreign = with(terms(1), json!({"school": town.school_id, "employer": town.employer}));
        app.post("/v1/training-orders", Some(&other_workshop), &foreign).await.expect(403);
        app.post("/v1/training-orders", Some(&weifang), &foreign).await.expect(403);
        app.post("/v1/training-orders", Some(&town.bureau), &foreign).await.expect(201);
    }

    async fn a_class_takes_as_many_as_there_are_places_none_of_them_under_16(app) {
        let town = Town::new(&app).await;
        let order = town.order(&app, 1).await;
        let one = town.register(&app, "1", json!({})).await;
        let two = town.register(&app, "2", json!({})).await;
        let child = town.register(&app, "3", json!({"birth_date": "2015-01-01"})).await;
        let unknown = town.register(&app, "4", json!({"birth_date": null})).await;
        assert_eq!(town.enrol(&app, &order, &one).await.expect(409).json()["code"], "not_open");
        step(&app, &order, &town.school, "signed").await.expect(200);
        for (who, code) in [(&child, "under_16"), (&unknown, "birth_date_needed")] {
            assert_eq!(town.enrol(&app, &order, who).await.expect(422).json()["errors"][0]["code"], code);
        }
        let late = app.get(&order, Some(&town.bureau)).await.expect(200).json();
        assert_eq!((&late["underfilled"], &late["conversion"]), (&json!(true), &Value::Null));
        let trainee = town.enrol(&app, &order, &one).await.expect(201);
        assert_eq!(town.enrol(&app, &order, &one).await.expect(409).json()["code"], "enrolled");
        assert_eq!(town.enrol(&app, &order, &two).await.expect(409).json()["code"], "full");
        let candidates = app.get(&format!("{order}/candidates"), Some(&town.school)).await.expect(200).json();
        assert_eq!(candidates["total"], json!(3), "all but the one who is in");
        assert!(candidates["items"][0]["requirements"].as_array().unwrap().iter().any(|need| need["skill"].is_string()));
        let path = trainee.headers["location"].to_str().unwrap().to_owned();
        assert_eq!(patch(&app, &path, &town.school, &json!({"hired_on": "2026-12-01"})).await.expect(422).json()["errors"][0]["code"], "not_finished");
        let done = json!({"finished_on": "2030-10-31", "certificate": {"occupation": "6-09-03-03", "grade": 4}, "hired_on": "2030-11-15", "wage": 4_800});
        assert_eq!(patch(&app, &path, &town.school, &done).await.expect(200).json()["wage"], json!(4_800));
        let told = app.get(&order, Some(&town.workshop)).await.expect(200).json();
        assert_eq!((&told["enrolled"], &told["finished"], &told["hired"], &told["conversion"]), (&json!(1), &json!(1), &json!(1), &json!(1.0)));
        app.send(app.request(Method::DELETE, &path, Some(&town.school)).header("If-Match", "*")).await.expect(404);
        let held = app.get(&format!("/v1/graduates/{one}/export"), Some(&town.school)).await.expect(200).json();
        assert_eq!(held["trainings"][0]["wage"], json!(4_800));
        app.send(app.request(Method::DELETE, &format!("/v1/graduates/{one}"), Some(&town.school)).header("If-Match", "*")).await.expect(204);
        assert_eq!(app.get(&format!("{order}/trainees"), Some(&town.school)).await.expect(200).json()["total"], json!(0));
    }

    async fn the_finished_class_is_placed_first_with_the_ordering_employer(app) {
        let town = Town::new(&app).await;
        let order = town.order(&app, 2).await;
        let id = order.rsplit('/').next().unwrap().to_owned();
        let better = town.register(&app, "1", json!({})).await;
        let plain = json!({"programme": "senior_worker", "cities": ["淄博"], "skills": [{"name": "陶艺"}], "graduates_on": "2027-06-30"});
        let trainee = town.register(&app, "2", json!({"profile": plain})).await;
        let vacancy = json!({"title": "陶瓷产品设计师", "description": "负责陶艺产品设计，会3D建模者优先", "headcount": 1, "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}});
        let vacancy = app.post("/v1/vacancies", Some(&town.workshop), &vacancy).await.expect(201).json();
        for (to, token) in [("submitted", &town.workshop), ("live", &town.bureau)] {
            let path = format!("/v1/vacancies/{}/transitions", vacancy["id"].as_str().unwrap());
            app.send(json_body(app.request(Method::POST, &path, Some(token)).header("If-Match", "*"), &json!({"to": to}))).await.expect(200);
        }
        let place = async |reserved: Value| app.post("/v1/placements", Some(&town.school), &json!({"objective": "stable", "cohort": {}, "reserved": reserved})).await;
        let who = |answer: &Value| answer["assignment"][0]["graduate"].clone();
        assert_eq!(who(&place(json!([])).await.expect(201).json()), json!(better));
        assert_eq!(place(json!([{"order": id}])).await.expect(422).json()["errors"][0]["code"], "not_finished");
        step(&app, &order, &town.school, "signed").await.expect(200);
        town.enrol(&app, &order, &trainee).await.expect(201);
        step(&app, &order, &town.school, "training").await.expect(200);
        assert_eq!(step(&app, &order, &town.school, "finished").await.expect(409).json()["code"], "nobody_finished");
        patch(&app, &format!("{order}/trainees/{trainee}"), &town.school, &json!({"finished_on": "2030-10-31"})).await.expect(200);
        step(&app, &order, &town.workshop, "finished").await.expect(403);
        step(&app, &order, &town.school, "finished").await.expect(200);
        let made = place(json!([{"order": id}])).await.expect(201).json();
        assert_eq!((who(&made), &made["assignment"][0]["reserved"]), (json!(trainee), &json!(true)));
        assert_eq!(made["unmatched"][0]["lost"][0]["full"], "reserved");
        let both = place(json!([{"order": id, "employer": town.employer}])).await.expect(422).json();
        assert_eq!((&both["errors"][0]["pointer"], &both["errors"][0]["code"]), (&json!("/reserved/0/order"), &json!("one_of")));
        step(&app, &order, &town.school, "placed").await.expect(200);
    }
}
