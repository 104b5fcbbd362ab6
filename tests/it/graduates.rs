//! Facts about graduates: whose they are, whom they agreed to be shown to, and that they can leave without a trace.

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use jiangxin::db::DbConn;
use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::support::people::somebody;
use crate::support::{Answer, App, PASSWORD};

const CLASS: &str = "虚构技工学校 2027 届毕业生名单,,,,,\n学号,姓名,专业,班次,技能,手机号,就业意愿\n\
                     A01,虚构学生甲,陶瓷工艺,高级工班,陶艺、3D建模,13800000201,有\n\
                     A02,,陶瓷工艺,高级工班,陶艺,13800000202,有\n\
                     A03,虚构学生丙,工艺美术,高级工班,无此技能,13800000203,升学\n\
                     ,虚构学生丁,工艺美术,高级工班,,,\n\
                     A05,虚构学生戊,工艺美术,预备技师班,剪纸,13800000205,创业\n";

async fn import(app: &App, token: &str, bytes: &[u8]) -> Answer {
    let request = app.request(Method::POST, "/v1/graduates/import", Some(token)).header("Content-Type", "text/csv");
    app.send(request.body(bytes.to_vec())).await
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["receipts"].as_array().unwrap().iter().map(|receipt| receipt["status"].as_str().unwrap()).collect()
}

async fn remove(app: &App, path: &str, token: &str) -> Answer {
    app.send(app.request(Method::DELETE, path, Some(token)).header("If-Match", "*")).await
}

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    cell: String,
}

/// Reads every text cell of every table that may speak of people.
fn all_text(conn: &mut DbConn) -> String {
    let columns = [
        ("accounts", "name"),
        ("graduates", "name"),
        ("graduates", "profile"),
        ("consents", "data_kinds"),
        ("audit_events", "detail"),
        ("audit_events", "subject"),
        ("audit_events", "actor"),
        ("fair_attendances", "status"),
    ];
    let mut text = String::new();
    for (table, column) in columns {
        let rows: Vec<Cell> = diesel::sql_query(format!("SELECT {column} AS cell FROM {table}")).load(conn).unwrap();
        text.extend(rows.into_iter().map(|row| row.cell + "\n"));
    }
    for (table, column) in [("graduates", "phone"), ("graduates", "email"), ("idempotency_keys", "body")] {
        let query = format!("SELECT COALESCE({column}, '') AS cell FROM {table}");
        let rows: Vec<Cell> = diesel::sql_query(query).load(conn).unwrap();
        text.extend(rows.into_iter().map(|row| row.cell + "\n"));
    }
    text
}

facts! {
    async fn a_graduate_writes_the_own_profile_once_and_changes_it(app) {
        let token = app.log_in("student", Role::Graduate, None).await;
        app.get("/v1/graduates/me", Some(&token)).await.expect(404);
        app.post("/v1/graduates", Some(&token), &somebody("7")).await.expect(201);
        app.post("/v1/graduates", Some(&token), &somebody("8")).await.expect(409);
        let me = app.get("/v1/graduates/me", Some(&token)).await.expect(200);
        assert_eq!((&me.json()["phone"], &me.json()["birth_date"]), (&json!("13800000123"), &json!("2007-05-06")));
        let path = format!("/v1/graduates/{}", me.json()["id"].as_str().unwrap());
        app.send(app.request(Method::PATCH, &path, Some(&token)).header("Content-Type", "application/json").body("{}")).await.expect(428);
        let wrong = app.patch(&path, Some(&token), &me.etag(), &json!({"phone": "12", "profile": {"skills": [{"name": "无此技能"}]}})).await.expect(422).json();
        let pointers: Vec<&str> = wrong["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/phone", "/profile/skills/0"]);
        let next = app.patch(&path, Some(&token), &me.etag(), &json!({"job_intent": "startup", "phone": null})).await.expect(200).json();
        assert_eq!((&next["job_intent"], &next["phone"], &next["email"]), (&json!("startup"), &Value::Null, &json!("student@example.com")));
    }

    async fn a_row_that_is_not_yours_is_not_there(app) {
        let (_, jia) = app.school("虚构甲技工学校", "淄博").await;
        let (_, yi) = app.school("虚构乙技工学校", "潍坊").await;
        let made = app.post("/v1/graduates", Some(&jia), &somebody("1")).await.expect(201).json();
        let path = format!("/v1/graduates/{}", made["id"].as_str().unwrap());
        let zibo = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let weifang = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let stranger = app.log_in("stranger", Role::Graduate, None).await;
        for token in [&yi, &weifang, &stranger] {
            app.get(&path, Some(token)).await.expect(404);
            app.patch(&path, Some(token), "*", &json!({"name": "x"})).await.expect(404);
            app.get(&format!("{path}/export"), Some(token)).await.expect(404);
            app.get(&format!("{path}/consents"), Some(token)).await.expect(404);
            app.get(&format!("{path}/matches"), Some(token)).await.expect(404);
            remove(&app, &path, token).await.expect(404);
        }
        let office = app.get(&path, Some(&zibo)).await.expect(200).json();
        assert_eq!((&office["phone"], &office["email"], &office["birth_date"]), (&json!("138****0123"), &json!("s***@example.com"), &Value::Null));
        for (token, total) in [(&jia, 1), (&yi, 0), (&zibo, 1), (&weifang, 0)] {
            assert_eq!(app.get("/v1/graduates?job_intent=seeking", Some(token)).await.expect(200).json()["total"], total);
        }
        assert_eq!(app.get("/v1/graduates", Some(&jia)).await.expect(200).json()["items"][0]["phone"], "138****0123");
        assert_eq!(app.get("/v1/graduates?city=潍坊", Some(&zibo)).await.expect(200).json()["total"], 0);
    }

    async fn a_class_comes_in_row_by_row_and_twice_is_once(app) {
        let (_, token) = app.school("虚构甲技工学校", "淄博").await;
        let (gb, ..) = encoding_rs::GB18030.encode(CLASS);
        let first = import(&app, &token, &gb).await.expect(200).json();
        assert_eq!(statuses(&first), ["created", "rejected", "rejected", "rejected", "created"]);
        let codes: Vec<&str> = first["receipts"].as_array().unwrap().iter().filter_map(|r| r["code"].as_str()).collect();
        assert_eq!(codes, ["bad_name", "unknown_skill", "missing_number"]);
        let again = import(&app, &token, CLASS.as_bytes()).await.expect(200).json();
        assert_eq!(statuses(&again), ["unchanged", "rejected", "rejected", "rejected", "unchanged"]);
        let moved = CLASS.replace("13800000201", "13800000299");
        let third = import(&app, &token, moved.as_bytes()).await.expect(200).json();
        assert_eq!((&third["updated"], &third["unchanged"]), (&json!(1), &json!(1)));
        assert_eq!(app.get("/v1/graduates", Some(&token)).await.expect(200).json()["total"], 2);
        assert_eq!(import(&app, &token, "甲,乙\n1,2\n".as_bytes()).await.expect(422).json()["code"], "bad_file");
    }

    async fn what_graduates_wrote_of_themselves_outlives_the_sheet(app) {
        let (_, token) = app.school("虚构甲技工学校", "淄博").await;
        let first = import(&app, &token, CLASS.as_bytes()).await.expect(200).json();
        let path = format!("/v1/graduates/{}", first["receipts"][0]["graduate"].as_str().unwrap());
        let body = json!({"email": "own@example.com", "profile": {"salary_min": 4500, "cities": ["潍坊"]}});
        app.patch(&path, Some(&token), "*", &body).await.expect(200);
        assert_eq!(import(&app, &token, CLASS.as_bytes()).await.expect(200).json()["unchanged"], 2);
        let kept = app.get(&path, Some(&token)).await.expect(200).json();
        assert_eq!((&kept["email"], &kept["profile"]["salary_min"], &kept["profile"]["cities"]), (&json!("own@example.com"), &json!(4500), &json!(["潍坊"])));
    }

    async fn only_the_graduate_agrees_and_an_employer_sees_nothing_before(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let (employer, workshop) = app.employer("虚构陶坊", "淄博").await;
        let (other, rival) = app.employer("虚构别家陶坊", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let body = json!({"title": "陶瓷产品设计师", "description": "陶艺与3D建模", "place": {"city": "淄博"}, "salary": {"text": "5-8千/月"}, "education": {"text": "大专"}});
        let vacancy = app.post("/v1/vacancies", Some(&workshop), &body).await.expect(201).json();
        let path = format!("/v1/vacancies/{}", vacancy["id"].as_str().unwrap());
        assert_eq!(app.get(&format!("{path}/matches"), Some(&workshop)).await.expect(409).json()["code"], "not_live");
        for (to, token) in [("submitted", &workshop), ("live", &bureau)] {
            let request = app.request(Method::POST, &format!("{path}/transitions"), Some(token)).header("If-Match", "*");
            app.send(crate::support::json_body(request, &json!({"to": to}))).await.expect(200);
        }
        let made = app.post("/v1/graduates", Some(&school), &somebody("1")).await.expect(201).json();
        let id = made["id"].as_str().unwrap();
        let student = app.account("student", Role::Graduate, None, Some(id)).await;
        let consents = format!("/v1/graduates/{id}/consents");
        let consent = json!({"purpose": "matching", "recipient": format!("employer:{employer}"), "text_version": "2026-1"});
        app.post(&consents, Some(&school), &consent).await.expect(403);
        app.post(&consents, Some(&student), &json!({"purpose": "matching", "text_version": "2026-1"})).await.expect(422);
        let nobody = json!({"purpose": "matching", "recipient": format!("employer:{id}"), "text_version": "2026-1"});
        assert_eq!(app.post(&consents, Some(&student), &nobody).await.expect(422).json()["code"], "unknown_recipient");
        assert_eq!(app.get(&format!("{path}/matches"), Some(&workshop)).await.expect(200).json()["total"], 0);
        let granted = app.post(&consents, Some(&student), &consent).await.expect(201).json();
        app.post(&consents, Some(&student), &consent).await.expect(409);
        let seen = app.get(&format!("{path}/matches"), Some(&workshop)).await.expect(200);
        assert_eq!(seen.json()["items"][0]["graduate"]["id"], id);
        for secret in ["虚构学生", "13800000123", "example.com", "2007-05-06"] {
            assert!(!seen.text.contains(secret), "{secret} in {}", seen.text);
        }
        app.get(&format!("{path}/matches"), Some(&rival)).await.expect(404);
        assert_ne!(employer, other);
        let own = format!("{consents}/{}", granted["id"].as_str().unwrap());
        app.send(app.request(Method::DELETE, &own, Some(&student))).await.expect(204);
        app.send(app.request(Method::DELETE, &own, Some(&student))).await.expect(404);
        assert_eq!(app.get(&format!("{path}/matches"), Some(&workshop)).await.expect(200).json()["total"], 0);
        assert!(app.get(&consents, Some(&student)).await.expect(200).json()["items"][0]["revoked_at"].is_string());
    }

    async fn under_fourteen_a_guardian_has_to_agree(app) {
        let token = app.log_in("child", Role::Graduate, None).await;
        let mut body = somebody("9");
        body["birth_date"] = json!("2015-01-01");
        let made = app.post("/v1/graduates", Some(&token), &body).await.expect(201).json();
        let token = app.session("child").await;
        let (employer, _) = app.employer("虚构陶坊", "淄博").await;
        let consent = json!({"purpose": "matching", "recipient": format!("employer:{employer}"), "text_version": "2026-1"});
        let path = format!("/v1/graduates/{}/consents", made["id"].as_str().unwrap());
        assert_eq!(app.post(&path, Some(&token), &consent).await.expect(409).json()["code"], "guardian_required");
    }

    async fn a_graduate_takes_everything_along_and_leaves_nothing_behind(app) {
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let request = app.request(Method::POST, "/v1/graduates", Some(&school)).header("Idempotency-Key", "once");
        let made = app.send(crate::support::json_body(request, &somebody("1"))).await.expect(201).json();
        let id = made["id"].as_str().unwrap().to_owned();
        let student = app.account("虚构学生1的账号", Role::Graduate, None, Some(&id)).await;
        let path = format!("/v1/graduates/{id}");
        app.get(&path, Some(&school)).await.expect(200);
        let export = app.get(&format!("{path}/export"), Some(&student)).await.expect(200).json();
        assert_eq!((&export["graduate"]["phone"], &export["accounts"]), (&json!("13800000123"), &json!(["虚构学生1的账号"])));
        let actions: Vec<&str> = export["audit"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["graduates.create", "graduates.read_contact"]);
        let before = app.db.read(|conn| Ok(all_text(conn))).await.unwrap();
        assert!(before.contains("虚构学生1") && before.contains("13800000123"));
        remove(&app, &path, &student).await.expect(204);
        let after = app.db.read(|conn| Ok(all_text(conn))).await.unwrap();
        for secret in ["虚构学生1", "13800000123", "student@example.com"] {
            assert!(!after.contains(secret), "{secret} stays");
        }
        assert!(after.contains(&format!("graduate:{id}")));
        app.get("/v1/graduates/me", Some(&student)).await.expect(401);
        assert_eq!(app.get("/v1/audit-events/verify", Some(&app.log_in("province", Role::Province, None).await)).await.expect(200).json()["intact"], true);
    }

    async fn an_account_is_bound_only_to_what_is_its_makers(app) {
        let (jia, token) = app.school("虚构甲技工学校", "淄博").await;
        let (_, other) = app.school("虚构乙技工学校", "潍坊").await;
        let weifang = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let made = app.post("/v1/graduates", Some(&token), &somebody("1")).await.expect(201).json();
        let of_school = json!({"name": "a", "role": "school", "password": PASSWORD, "school": jia});
        app.post("/v1/accounts", Some(&weifang), &of_school).await.expect(404);
        let of_graduate = json!({"name": "b", "role": "graduate", "password": PASSWORD, "graduate": made["id"]});
        app.post("/v1/accounts", Some(&weifang), &of_graduate).await.expect(404);
        app.post("/v1/accounts", Some(&other), &of_graduate).await.expect(404);
        app.post("/v1/accounts", Some(&token), &of_graduate).await.expect(201);
    }
}
