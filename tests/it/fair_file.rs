//! Facts about the statutory file of a fair: duties with their days, documents with their hashes, what falls due, and
//! reminders of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use jiangxin::workers;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::{Answer, App, json_body};

async fn step(app: &App, path: &str, token: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, &format!("{path}/transitions"), Some(token)).header("If-Match", "*");
    app.send(json_body(request, body)).await
}

async fn hall(app: &App, token: &str, city: &str, school: Option<&str>) -> Value {
    let body = json!({"name": "虚构会展厅", "city": city, "booths": 40, "school": school});
    app.post("/v1/venues", Some(token), &body).await.expect(201).json()["id"].clone()
}

/// A public fair of so many visitors in a hall of Zibo, as a draft.
async fn draft(app: &App, bureau: &str, visitors: u32) -> String {
    let body = json!({
        "kind": "campus_fair", "title": "虚构手造招聘会", "city": "淄博", "organiser": "虚构淄博人社局",
        "contact": "虚构联系人 13800000000", "expected_visitors": visitors, "booths": 12, "open_to_public": true,
        "venue": hall(app, bureau, "淄博", None).await,
        "starts_at": "2035-03-20T09:00:00+08:00", "ends_at": "2035-03-20T15:00:00+08:00"
    });
    let fair = app.post("/v1/fairs", Some(bureau), &body).await.expect(201).json();
    format!("/v1/fairs/{}", fair["id"].as_str().unwrap())
}

async fn duty(app: &App, path: &str, token: &str, id: &str) -> Value {
    let file = app.get(&format!("{path}/file"), Some(token)).await.expect(200).json();
    file["duties"].as_array().unwrap().iter().find(|duty| duty["id"] == id).unwrap().clone()
}

fn kept(kind: &str, words: &str) -> Value {
    json!({"kind": kind, "title": format!("虚构{kind}"), "media_type": "text/plain", "content": STANDARD.encode(words)})
}

const PLANS: [&str; 3] = ["implementation_plan", "emergency_plan", "security_plan"];
const PERMIT: &str = "虚构公许1号";

/// Takes a large fair to the state before its announcement.
async fn approved(app: &App, bureau: &str) -> String {
    let path = draft(app, bureau, 2_000).await;
    for kind in PLANS {
        app.post(&format!("{path}/documents"), Some(bureau), &kept(kind, kind)).await.expect(201);
    }
    for to in ["submitted", "approved"] {
        step(app, &path, bureau, &json!({"to": to})).await.expect(200);
    }
    path
}

facts! {
    async fn the_file_of_a_large_fair_names_each_duty_with_its_day_basis_and_what_shows_it(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = draft(&app, &bureau, 2_000).await;
        let file = app.get(&format!("{path}/file"), Some(&bureau)).await.expect(200).json();
        assert_eq!(file["duties"].as_array().unwrap().len(), 15);
        let permit = duty(&app, &path, &bureau, "safety_permit").await;
        assert_eq!((&permit["status"], &permit["due_on"]), (&json!("due"), &json!("2035-02-28")));
        assert_eq!((&permit["statute"], &permit["due_rule"]), (&json!("大型群众性活动安全管理条例"), &json!("举办日的 20 日前")));
        let plan = duty(&app, &path, &bureau, "emergency_plan").await;
        assert_eq!((&plan["status"], &plan["article"], &plan["missing"]), (&json!("due"), &json!("第二十八条"), &json!(["应急预案"])));
        step(&app, &path, &bureau, &json!({"to": "submitted"})).await.expect(200);
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "approved"})).await.expect(422).json()["errors"].as_array().unwrap().len(), 3);
        let documents = format!("{path}/documents");
        for kind in PLANS {
            app.post(&documents, Some(&bureau), &kept(kind, kind)).await.expect(201);
        }
        assert_eq!(duty(&app, &path, &bureau, "emergency_plan").await["status"], "done");
        step(&app, &path, &bureau, &json!({"to": "approved"})).await.expect(200);
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "published"})).await.expect(422).json()["code"], "permit_required");
        let late = json!({"filing": {"permit": {"number": PERMIT, "applied_on": "2035-03-01"}}});
        app.patch(&path, Some(&bureau), "*", &late).await.expect(200);
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "published"})).await.expect(422).json()["code"], "permit_late");
        app.patch(&path, Some(&bureau), "*", &json!({"filing": {"permit": {"applied_on": "2035-02-20"}}})).await.expect(200);
        step(&app, &path, &bureau, &json!({"to": "published"})).await.expect(200);
        assert_eq!(duty(&app, &path, &bureau, "announced").await["status"], "done");
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        app.get(&format!("{path}/file"), Some(&school)).await.expect(404);
        app.get(&format!("{path}/file"), None).await.expect(401);
    }

    async fn a_document_is_kept_with_its_hash_or_by_its_place_and_stays_once_the_fair_is_approved(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let other = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let path = draft(&app, &bureau, 300).await;
        let documents = format!("{path}/documents");
        let made = app.post(&documents, Some(&bureau), &kept("emergency_plan", "虚构应急预案")).await.expect(201).json();
        assert_eq!(made["sha256"], sha256("虚构应急预案"));
        let one = format!("{documents}/{}", made["id"].as_str().unwrap());
        assert_eq!(app.get(&one, Some(&bureau)).await.expect(200).json()["content"], STANDARD.encode("虚构应急预案"));
        app.get(&one, Some(&other)).await.expect(404);
        app.post(&documents, Some(&other), &kept("emergency_plan", "x")).await.expect(404);
        let mut wrong = kept("emergency_plan", "x");
        wrong["sha256"] = json!("00".repeat(32));
        assert_eq!(app.post(&documents, Some(&bureau), &wrong).await.expect(422).json()["code"], "hash_mismatch");
        let by_place = |sha256: Value| json!({"kind": "safety_permit", "title": "安全许可决定", "reference": "档案室 3-12", "sha256": sha256});
        assert_eq!(app.post(&documents, Some(&bureau), &by_place(Value::Null)).await.expect(422).json()["code"], "hash_required");
        app.post(&documents, Some(&bureau), &by_place(json!("ab".repeat(32)))).await.expect(201);
        app.post(&documents, Some(&bureau), &json!({"kind": "other", "title": "空"})).await.expect(422);
        app.send(app.request(Method::DELETE, &one, Some(&bureau))).await.expect(204);
        assert_eq!(app.get(&documents, Some(&bureau)).await.expect(200).json()["total"], 1);
        let mut last = Value::Null;
        for kind in PLANS {
            last = app.post(&documents, Some(&bureau), &kept(kind, kind)).await.expect(201).json();
        }
        for to in ["submitted", "approved"] {
            step(&app, &path, &bureau, &json!({"to": to})).await.expect(200);
        }
        let one = format!("{documents}/{}", last["id"].as_str().unwrap());
        assert_eq!(app.send(app.request(Method::DELETE, &one, Some(&bureau))).await.expect(409).json()["code"], "filed");
    }

    async fn after_the_permit_another_time_needs_consent_and_another_place_or_size_a_new_permit(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = approved(&app, &bureau).await;
        let permit = json!({"filing": {"permit": {"number": PERMIT, "applied_on": "2035-02-01"}}});
        let filed = app.patch(&path, Some(&bureau), "*", &permit).await.expect(200).json();
        assert_eq!(filed["filing"]["permit"]["terms"]["expected_visitors"], 2_000);
        step(&app, &path, &bureau, &json!({"to": "published"})).await.expect(200);
        let later = json!({"starts_at": "2035-03-27T09:00:00+08:00", "ends_at": "2035-03-27T15:00:00+08:00"});
        let refused = app.patch(&path, Some(&bureau), "*", &later).await.expect(422).json();
        assert_eq!((&refused["code"], &refused["errors"][0]["pointer"]), (&json!("permit_consent_required"), &json!("/starts_at")));
        let mut agreed = later.clone();
        agreed["filing"] = json!({"permit": {"time_consents": [{"starts_at": later["starts_at"], "ends_at": later["ends_at"],
            "consented_on": "2035-03-10", "reference": "虚构公函2号"}]}});
        app.patch(&path, Some(&bureau), "*", &agreed).await.expect(200);
        let consent = duty(&app, &path, &bureau, "permit_change_consent").await;
        assert_eq!((&consent["status"], &consent["due_on"]), (&json!("done"), &json!("2035-03-20")));
        let elsewhere = json!({"venue": hall(&app, &bureau, "淄博", None).await, "expected_visitors": 2_500});
        let refused = app.patch(&path, Some(&bureau), "*", &elsewhere).await.expect(422).json();
        let pointers: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/venue", "/expected_visitors"]);
        let mut renewed = elsewhere;
        renewed["filing"] = json!({"permit": {"number": "虚构公许9号", "applied_on": "2035-03-01"}});
        let renewed = app.patch(&path, Some(&bureau), "*", &renewed).await.expect(200).json();
        assert_eq!(renewed["filing"]["permit"]["terms"]["starts_at"], "2035-03-27T09:00:00+08:00");
        step(&app, &path, &bureau, &json!({"to": "cancelled", "reason": "天气"})).await.expect(200);
        let notice = duty(&app, &path, &bureau, "cancellation_notice").await;
        assert_eq!((&notice["status"], &notice["due_on"]), (&json!("due"), &json!("2035-03-27")));
        app.post(&format!("{path}/documents"), Some(&bureau), &kept("cancellation_notice", "书面告知")).await.expect(201);
        assert_eq!(duty(&app, &path, &bureau, "cancellation_notice").await["status"], "done");
    }

    async fn a_fair_in_another_schools_hall_is_handed_in_with_its_consent(app) {
        let (school, _) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = draft(&app, &bureau, 300).await;
        let hall = hall(&app, &bureau, "淄博", Some(&school)).await;
        app.patch(&path, Some(&bureau), "*", &json!({"venue": hall})).await.expect(200);
        assert_eq!(step(&app, &path, &bureau, &json!({"to": "submitted"})).await.expect(422).json()["code"], "venue_consent_required");
        app.post(&format!("{path}/documents"), Some(&bureau), &kept("venue_consent", "同意")).await.expect(201);
        step(&app, &path, &bureau, &json!({"to": "submitted"})).await.expect(200);
    }

    async fn a_fair_that_is_moved_or_called_off_tells_every_calendar_and_frees_the_hours_of_its_interviews(app) {
        use icalendar::Component;
        let (school_id, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = approved(&app, &bureau).await;
        let here = json!({"school": school_id, "filing": {"permit": {"number": PERMIT, "applied_on": "2035-02-01"}}});
        app.patch(&path, Some(&bureau), "*", &here).await.expect(200);
        step(&app, &path, &bureau, &json!({"to": "published"})).await.expect(200);
        let of_school = format!("/v1/schools/{school_id}/fairs.ics");
        let read = async |from: &str| {
            let text = app.get(from, None).await.expect(200).text;
            let parsed: icalendar::Calendar = text.parse().unwrap();
            let event = parsed.events().next().unwrap();
            let value = |name: &str| event.property_value(name).unwrap().to_owned();
            (event.get_uid().unwrap().to_owned(), value("SEQUENCE"), value("STATUS"), text)
        };
        let (uid, sequence, status, text) = read(&of_school).await;
        assert_eq!((sequence.as_str(), status.as_str()), ("0", "CONFIRMED"));
        assert!(text.contains("ORGANIZER;CN=\"虚构淄博人社局\":http"));
        app.patch(&path, Some(&bureau), "*", &json!({"contact": "虚构联系人 13800000001"})).await.expect(200);
        assert_eq!(read(&of_school).await.1, "0", "what a calendar does not show leaves it alone");
        let graduate = app.post("/v1/graduates", Some(&school), &crate::support::people::somebody("1")).await.expect(201).json();
        app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": graduate["id"]})).await.expect(201);
        let employer = app.db.write(|conn| {
            use diesel::prelude::*;
            use jiangxin::db::schema::employers as table;
            let ids = jiangxin::employers::upsert_many(conn, Timestamp::now(), &[("虚构陶坊", None, Some("370300"))])?;
            diesel::update(table::table).set(table::verified_at.eq(Some(Timestamp::now()))).execute(conn)?;
            Ok(ids)
        }).await.unwrap();
        let row = app.post(&format!("{path}/exhibitors"), Some(&bureau), &json!({"employer": employer[0]})).await.expect(201).json();
        step(&app, &format!("{path}/exhibitors/{}", row["id"].as_str().unwrap()), &bureau, &json!({"to": "approved"})).await.expect(200);
        let wish = json!({"graduate": graduate["id"], "employer": employer[0]});
        app.post(&format!("{path}/interview-wishes"), Some(&school), &wish).await.expect(201);
        let hours = async || app.get(&format!("{path}/interview-wishes"), Some(&bureau)).await.expect(200).json()["items"][0]["starts_at"].clone();
        app.post(&format!("{path}/timetable"), Some(&bureau), &json!({})).await.expect(201);
        assert_eq!(hours().await, "2035-03-20T09:00:00+08:00");
        let moved = json!({"starts_at": "2035-03-27T09:00:00+08:00", "ends_at": "2035-03-27T15:00:00+08:00", "filing": {"permit": {"time_consents":
            [{"starts_at": "2035-03-27T09:00:00+08:00", "ends_at": "2035-03-27T15:00:00+08:00", "consented_on": "2035-03-10", "reference": "虚构公函2号"}]}}});
        app.patch(&path, Some(&bureau), "*", &moved).await.expect(200);
        assert_eq!(hours().await, Value::Null);
        app.get(&format!("{path}/timetable"), Some(&bureau)).await.expect(404);
        assert_eq!(read(&of_school).await.1, "1");
        app.post(&format!("{path}/timetable"), Some(&bureau), &json!({})).await.expect(201);
        step(&app, &path, &bureau, &json!({"to": "cancelled", "reason": "天气"})).await.expect(200);
        assert_eq!(hours().await, Value::Null);
        for from in [of_school.as_str(), "/v1/fairs.ics", &format!("{path}.ics")] {
            let (same, sequence, status, text) = read(from).await;
            assert_eq!((same.as_str(), sequence.as_str(), status.as_str()), (uid.as_str(), "2", "CANCELLED"), "{from}");
            let method = if from.starts_with("/v1/fairs/") { "METHOD:CANCEL" } else { "METHOD:PUBLISH" };
            assert!(text.contains(method) && text.contains("DTSTART;TZID=Asia/Shanghai:20350327T090000"), "{from}");
        }
        app.post(&format!("{path}/attendances"), Some(&school), &json!({"graduate": graduate["id"]})).await.expect(409);
    }

    async fn what_falls_due_is_listed_by_day_and_reminded_of_once_for_each_threshold(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let other = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let path = approved(&app, &bureau).await;
        let due = app.get("/v1/fair-duties?city=淄博&due_before=2035-03-01&limit=2", Some(&bureau)).await.expect(200).json();
        let ids = |page: &Value| page["items"].as_array().unwrap().iter().map(|row| row["duty"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((due["total"].as_u64(), ids(&due)), (Some(3), vec!["safety_permit".to_owned(), "safety_work_plan".to_owned()]));
        let next = format!("/v1/fair-duties?city=淄博&due_before=2035-03-01&limit=2&cursor={}", due["next_cursor"].as_str().unwrap());
        assert_eq!(ids(&app.get(&next, Some(&bureau)).await.expect(200).json()), ["venue_consent"]);
        assert_eq!(app.get("/v1/fair-duties?due_before=2035-12-31", Some(&other)).await.expect(200).json()["total"], 0);
        assert_eq!(app.get("/v1/fair-duties", Some(&bureau)).await.expect(200).json()["total"], 0);
        let at = |text: &str| Timestamp::parse(text).unwrap();
        assert_eq!(workers::remind_of_duties(&app.db, at("2035-01-05T09:00:00+08:00")).await.unwrap(), 0);
        assert_eq!(workers::remind_of_duties(&app.db, at("2035-02-26T09:00:00+08:00")).await.unwrap(), 3);
        assert_eq!(workers::remind_of_duties(&app.db, at("2035-02-26T09:05:00+08:00")).await.unwrap(), 0);
        assert_eq!(workers::remind_of_duties(&app.db, at("2035-02-28T09:00:00+08:00")).await.unwrap(), 3);
        assert_eq!(workers::remind_of_duties(&app.db, at("2035-03-01T09:00:00+08:00")).await.unwrap(), 3);
        let list = app.get("/v1/fair-reminders?limit=100", Some(&bureau)).await.expect(200).json();
        let left: Vec<i64> = list["items"].as_array().unwrap().iter().map(|row| row["days_left"].as_i64().unwrap()).collect();
        assert_eq!((left.len(), left[0], left[8]), (9, -1, 2));
        assert_eq!(list["items"][0]["fair"], path.rsplit('/').next().unwrap());
        assert_eq!(app.get("/v1/fair-reminders", Some(&other)).await.expect(200).json()["total"], 0);
    }
}

fn sha256(words: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(words.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
