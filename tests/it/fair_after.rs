//! Facts about what comes after a fair: outcomes under consent, the report with small counts withheld, what is still to be
//! done, and feedback that names nobody.

use jiangxin::db::types::{EmployerId, Timestamp};
use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, json_body};

async fn post(app: &App, path: &str, token: &str, body: &Value) -> Answer {
    app.send(json_body(app.request(Method::POST, path, Some(token)).header("If-Match", "*"), body)).await
}

/// A fair that is going on, with who is there.
struct Held {
    path: String,
    bureau: String,
    school: String,
    employers: Vec<(String, String)>,
    graduates: Vec<(String, String)>,
}

impl Held {
    fn id(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// An employer's account, checked by a bureau.
async fn exhibitor(app: &App, name: &str) -> (String, String) {
    let (id, token) = app.employer(name, "淄博").await;
    let key = EmployerId::parse(&id).unwrap();
    app.db
        .write(move |conn| {
            use diesel::prelude::*;
            use jiangxin::db::schema::employers as table;
            Ok(diesel::update(table::table.find(key)).set(table::verified_at.eq(Some(Timestamp::now()))).execute(conn)?)
        })
        .await
        .unwrap();
    (id, token)
}

/// Holds a fair with so many graduates, each with an account, and so many exhibitors; the clock stands in its first hour.
async fn held(app: &App, graduates: usize, exhibitors: usize) -> Held {
    let (school_id, school) = app.school("虚构甲技工学校", "淄博").await;
    let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
    let hall = json!({"name": "虚构体育馆", "city": "淄博", "booths": 40, "school": school_id});
    let hall = app.post("/v1/venues", Some(&bureau), &hall).await.expect(201).json();
    let body = json!({
        "kind": "campus_fair", "title": "虚构手造校园招聘会", "city": "淄博", "organiser": "虚构淄博人社局", "school": school_id,
        "contact": "虚构联系人 13800000000", "expected_visitors": 300, "booths": 12, "venue": hall["id"],
        "starts_at": "2035-03-20T09:00:00+08:00", "ends_at": "2035-03-20T11:00:00+08:00",
        "filing": {"implementation_plan": "见附件一", "emergency_plan": "见附件二", "security_plan": "见附件三"}
    });
    let fair = app.post("/v1/fairs", Some(&bureau), &body).await.expect(201).json();
    let path = format!("/v1/fairs/{}", fair["id"].as_str().unwrap());
    for to in ["submitted", "approved", "published"] {
        post(app, &format!("{path}/transitions"), &bureau, &json!({"to": to})).await.expect(200);
    }
    let mut held = Held { path, bureau, school, employers: Vec::new(), graduates: Vec::new() };
    for n in 0..exhibitors {
        let (id, token) = exhibitor(app, &format!("虚构工坊{n}")).await;
        let row = app.post(&format!("{}/exhibitors", held.path), Some(&token), &json!({})).await.expect(201).json();
        let one = format!("{}/exhibitors/{}/transitions", held.path, row["id"].as_str().unwrap());
        post(app, &one, &held.bureau, &json!({"to": "approved"})).await.expect(200);
        held.employers.push((id, token));
    }
    let mut tickets = Vec::new();
    for n in 0..graduates {
        let made = app.post("/v1/graduates", Some(&held.school), &somebody(&n.to_string())).await.expect(201).json();
        let id = made["id"].as_str().unwrap().to_owned();
        let token = app.account(&format!("student{n}"), Role::Graduate, None, Some(&id)).await;
        let seat = app.post(&format!("{}/attendances", held.path), Some(&token), &json!({})).await.expect(201).json();
        tickets.push(json!({"ticket": seat["ticket"]}));
        held.graduates.push((id, token));
    }
    app.clock.set(at("2035-03-20T09:05:00+08:00"));
    for ticket in &tickets {
        app.post(&format!("{}/check-ins", held.path), Some(&held.bureau), ticket).await.expect(201);
    }
    post(app, &format!("{}/transitions", held.path), &held.bureau, &json!({"to": "in_progress"})).await.expect(200);
    held
}

async fn finish(app: &App, held: &Held) {
    app.clock.set(at("2035-03-20T11:30:00+08:00"));
    post(app, &format!("{}/transitions", held.path), &held.bureau, &json!({"to": "finished"})).await.expect(200);
}

async fn agree(app: &App, graduate: &(String, String), recipient: String) -> String {
    let body = json!({"purpose": "fair", "recipient": recipient, "data_kinds": ["profile", "name"], "text_version": "v1"});
    let made = app.post(&format!("/v1/graduates/{}/consents", graduate.0), Some(&graduate.1), &body).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

facts! {
    async fn an_employer_writes_outcomes_only_of_those_who_came_and_agreed(app) {
        let held = held(&app, 3, 2).await;
        let outcomes = format!("{}/outcomes", held.path);
        let [(first, first_token), (second, _), (third, third_token)] = [0, 1, 2].map(|n| held.graduates[n].clone());
        let (employer, workshop) = held.employers[0].clone();
        let intent = |graduate: &str| json!({"graduate": graduate, "outcome": "intent"});
        app.post(&outcomes, Some(&workshop), &intent(&first)).await.expect(404);
        agree(&app, &held.graduates[0], format!("employer:{employer}")).await;
        let made = app.post(&outcomes, Some(&workshop), &intent(&first)).await.expect(201);
        let one = format!("{outcomes}/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(app.post(&outcomes, Some(&workshop), &intent(&first)).await.expect(409).json()["code"], "noted");
        app.get(&one, Some(&held.employers[1].1)).await.expect(404);
        app.get(&one, Some(&third_token)).await.expect(404);
        app.get(&one, Some(&first_token)).await.expect(200);
        app.patch(&one, Some(&workshop), "\"r9\"", &json!({"outcome": "hired"})).await.expect(412);
        let hired = app.patch(&one, Some(&workshop), &made.etag(), &json!({"outcome": "hired"})).await.expect(200).json();
        assert_eq!(hired["hired_on"], "2035-03-20");
        assert_eq!(app.patch(&one, Some(&workshop), "*", &json!({"graduate": second})).await.expect(422).json()["code"], "fixed");
        assert_eq!(app.patch(&one, Some(&workshop), "*", &json!({"outcome": "offer"})).await.expect(422).json()["code"], "not_hired");
        let consent = agree(&app, &held.graduates[2], format!("fair:{}", held.id())).await;
        app.post(&outcomes, Some(&held.employers[1].1), &intent(&third)).await.expect(201);
        assert_eq!(app.get(&outcomes, Some(&held.employers[1].1)).await.expect(200).json()["total"], 1);
        let taken_back = format!("/v1/graduates/{third}/consents/{consent}");
        app.send(app.request(Method::DELETE, &taken_back, Some(&third_token))).await.expect(204);
        assert_eq!(app.get(&outcomes, Some(&held.employers[1].1)).await.expect(200).json()["total"], 0);
        assert_eq!(app.get(&outcomes, Some(&held.bureau)).await.expect(200).json()["total"], 2);
        let by_bureau = json!({"graduate": second, "employer": employer, "outcome": "offer"});
        app.post(&outcomes, Some(&held.bureau), &by_bureau).await.expect(201);
        let stranger = app.post("/v1/graduates", Some(&held.school), &somebody("99")).await.expect(201).json();
        let absent = json!({"graduate": stranger["id"], "employer": employer, "outcome": "offer"});
        assert_eq!(app.post(&outcomes, Some(&held.bureau), &absent).await.expect(422).json()["code"], "not_attended");
        let (_, other) = app.school("虚构乙技工学校", "潍坊").await;
        app.post(&outcomes, Some(&other), &by_bureau).await.expect(404);
        let export = app.get(&format!("/v1/graduates/{first}/export"), Some(&first_token)).await.expect(200).json();
        assert_eq!(export["outcomes"][0]["outcome"], "hired");
    }

    async fn a_report_is_generated_exact_for_its_people_and_withheld_for_the_world(app) {
        let held = held(&app, 8, 3).await;
        let (outcomes, report) = (format!("{}/outcomes", held.path), format!("{}/report", held.path));
        for (n, (graduate, _)) in held.graduates.iter().enumerate() {
            let employer = if n < 6 { &held.employers[0].0 } else { &held.employers[1].0 };
            let body = json!({"graduate": graduate, "employer": employer, "outcome": if n < 2 { "hired" } else { "intent" }});
            app.post(&outcomes, Some(&held.bureau), &body).await.expect(201);
        }
        assert_eq!(post(&app, &report, &held.bureau, &json!({})).await.expect(409).json()["code"], "not_finished");
        app.post(&format!("{}/walk-ins", held.path), Some(&held.bureau), &json!({"people": 12})).await.expect(201);
        finish(&app, &held).await;
        app.get(&report, None).await.expect(409);
        let own = app.get(&report, Some(&held.employers[1].1)).await.expect(200).json();
        assert_eq!((own["totals"].is_null(), own["employers"].as_array().unwrap().len(), &own["employers"][0]["intents"]), (true, 1, &json!(2)));
        assert_eq!(post(&app, &report, &held.bureau, &json!({"visitors": 19})).await.expect(422).json()["code"], "too_few");
        let made = post(&app, &report, &held.bureau, &json!({"visitors": 30, "complaints": 1, "note": "顺利"})).await.expect(201).json();
        assert_eq!((&made["visitors"], &made["exhibitors"], &made["intents"], &made["hired"]), (&json!(30), &json!(3), &json!(8), &json!(2)));
        assert_eq!((&made["students"], &made["students_by_programme"]["senior_worker"]), (&json!(8), &json!(8)));
        app.clock.set(at("2035-04-02T09:00:00+08:00"));
        post(&app, &format!("{}/transitions", held.path), &held.bureau, &json!({"to": "reported"})).await.expect(200);
        let all = app.get(&report, Some(&held.bureau)).await.expect(200).json();
        assert_eq!((&all["reported_on"], &all["withheld"], &all["totals"]["hired"]), (&json!("2035-04-02"), &json!(false), &json!(2)));
        let world = app.get(&report, None).await.expect(200).json();
        assert_eq!((&world["report"], &world["totals"]["visitors"], &world["totals"]["hired"]), (&Value::Null, &json!(30), &Value::Null));
        let intents: Vec<&Value> = world["employers"].as_array().unwrap().iter().map(|row| &row["intents"]).collect();
        assert_eq!(intents, [&Value::Null, &Value::Null, &Value::Null], "six, two and none: six would give the two away");
        assert_eq!((&world["schools"][0]["attended"], &world["schools"][0]["hired"]), (&json!(8), &Value::Null));
        let file = app.get(&format!("{}/file", held.path), Some(&held.bureau)).await.expect(200).json();
        let duty = file["duties"].as_array().unwrap().iter().find(|duty| duty["id"] == "report").unwrap().clone();
        assert_eq!((&duty["status"], &duty["late"], &duty["certain"]), (&json!("done"), &json!(false), &json!(false)));
    }

    async fn what_is_still_to_be_done_is_told_to_those_who_have_to_do_it(app) {
        let held = held(&app, 2, 1).await;
        let (employer, workshop) = held.employers[0].clone();
        for graduate in &held.graduates {
            agree(&app, graduate, format!("employer:{employer}")).await;
            app.post(&format!("{}/interview-wishes", held.path), Some(&graduate.1), &json!({"employer": employer})).await.expect(201);
        }
        let timetable = json!({"interview_minutes": 15, "walk_minutes": 0});
        let made = app.post(&format!("{}/timetable", held.path), Some(&held.bureau), &timetable).await;
        assert_eq!(made.status, 201, "{}", made.text);
        finish(&app, &held).await;
        let tasks = format!("{}/follow-ups", held.path);
        let kinds = |page: Value| page["items"].as_array().unwrap().iter().map(|task| task["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(kinds(app.get(&tasks, Some(&workshop)).await.expect(200).json()), ["note_outcome", "note_outcome"]);
        assert_eq!(kinds(app.get(&tasks, Some(&held.graduates[0].1)).await.expect(200).json()), ["note_outcome"]);
        let hired = json!({"graduate": held.graduates[0].0, "outcome": "hired"});
        let outcome = app.post(&format!("{}/outcomes", held.path), Some(&workshop), &hired).await.expect(201).json();
        let page = app.get(&tasks, Some(&workshop)).await.expect(200).json();
        assert_eq!(kinds(page.clone()), ["note_outcome", "register_employment"]);
        let task = &page["items"][1];
        assert_eq!((&task["due_on"], &task["basis"]["article"]), (&json!("2035-04-19"), &json!("第三十九条")));
        app.clock.set(at("2035-04-25T09:00:00+08:00"));
        assert_eq!(app.get(&tasks, Some(&held.bureau)).await.expect(200).json()["items"][1]["overdue"], true);
        let one = format!("{}/outcomes/{}", held.path, outcome["id"].as_str().unwrap());
        app.patch(&one, Some(&held.bureau), "*", &json!({"registered_on": "2035-04-24"})).await.expect(200);
        assert_eq!(kinds(app.get(&tasks, Some(&held.bureau)).await.expect(200).json()), ["note_outcome"]);
    }

    async fn feedback_is_given_once_by_those_who_were_there_and_names_nobody(app) {
        let held = held(&app, 5, 1).await;
        let feedback = format!("{}/feedback", held.path);
        for (n, (_, token)) in held.graduates.iter().enumerate() {
            if n == 4 {
                let few = app.get(&feedback, Some(&held.employers[0].1)).await.expect(200).json();
                assert_eq!((&few["graduates"]["average"], &few["graduates"]["answers"]), (&Value::Null, &Value::Null));
            }
            app.post(&feedback, Some(token), &json!({"rating": 4, "note": format!("意见{n}")})).await.expect(204);
        }
        assert_eq!(app.post(&feedback, Some(&held.graduates[0].1), &json!({"rating": 1})).await.expect(409).json()["code"], "answered");
        app.post(&feedback, Some(&held.employers[0].1), &json!({"rating": 9})).await.expect(422);
        app.post(&feedback, Some(&held.employers[0].1), &json!({"rating": 2})).await.expect(204);
        let (_, rival) = exhibitor(&app, "虚构别家工坊").await;
        assert_eq!(app.post(&feedback, Some(&rival), &json!({"rating": 1})).await.expect(409).json()["code"], "not_there");
        let seen = app.get(&feedback, Some(&held.employers[0].1)).await.expect(200).json();
        assert_eq!((&seen["graduates"]["average"], &seen["exhibitors"]["average"], &seen["notes"]), (&json!(4.0), &Value::Null, &json!([])));
        let own = app.get(&feedback, Some(&held.bureau)).await.expect(200);
        assert_eq!((own.json()["notes"].as_array().unwrap().len(), &own.json()["exhibitors"]["average"]), (6, &json!(2.0)));
        assert!(held.graduates.iter().all(|(id, _)| !own.text.contains(id)));
        let audit = app.get("/v1/audit-events?limit=100", Some(&held.bureau)).await.expect(200).json();
        let answered = audit["items"].as_array().unwrap().iter().filter(|event| event["action"] == "feedback.answer");
        assert!(answered.into_iter().all(|event| event["actor"] == "role:province"));
    }
}
