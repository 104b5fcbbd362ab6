//! Facts about booths: held for a while, given after the documents were checked, offered with a deadline, given back in time,
//! and kept against those who stay away.

use jiangxin::db::types::{EmployerId, ExhibitorId, Timestamp};
use jiangxin::fairs::{self, Presence};
use jiangxin::http::{Caller, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::facts;
use crate::fairs::{announced, employers, id_of, plan, step, venue};
use crate::support::{Answer, App, json_body};

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

async fn post(app: &App, path: &str, token: &str, body: &Value) -> Answer {
    app.send(json_body(app.request(Method::POST, path, Some(token)).header("If-Match", "*"), body)).await
}

/// Announces a fair with so many booths.
async fn fair(app: &App, bureau: &str, booths: i32, arrangement: &Value) -> String {
    let mut body = plan(9);
    (body["venue"], body["booths"]) = (json!(venue(app, bureau).await), json!(booths));
    let path = announced(app, bureau, &body).await;
    app.patch(&format!("{path}/arrangement"), Some(bureau), "\"r0\"", arrangement).await.expect(200);
    path
}

/// Applies for employers in their order and gives the paths of the applications.
async fn applied(app: &App, path: &str, bureau: &str, ids: &[EmployerId]) -> Vec<String> {
    let mut paths = Vec::new();
    for id in ids {
        let row = app.post(&format!("{path}/exhibitors"), Some(bureau), &json!({"employer": id})).await.expect(201).json();
        paths.push(format!("{path}/exhibitors/{}", text(&row, "id")));
    }
    paths
}

/// Lets the clock of the deadlines come to an instant.
async fn released(app: &App, at: &str) -> usize {
    let at = Timestamp::parse(at).unwrap();
    app.db.write(move |conn| fairs::release_due(conn, at)).await.unwrap()
}

facts! {
    async fn documents_are_checked_before_a_booth_is_held_or_given(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, 2, &json!({"documents": ["business_licence", "authorisation"]})).await;
        let own = applied(&app, &path, &bureau, &employers(&app, 1).await).await.remove(0);
        for (part, body) in [("holds", json!({})), ("transitions", json!({"to": "approved"}))] {
            assert_eq!(post(&app, &format!("{own}/{part}"), &bureau, &body).await.expect(409).json()["code"], "documents_unchecked");
        }
        let checks = format!("{own}/document-checks");
        let missing = post(&app, &checks, &bureau, &json!({"accepted": true})).await.expect(422).json();
        assert_eq!(missing["errors"].as_array().unwrap().len(), 2);
        let shown = |reference: &str| json!({"documents": [{"kind": "business_licence", "reference": reference}, {"kind": "authorisation", "reference": "虚构委托书1号"}]});
        app.patch(&own, Some(&bureau), "*", &shown("虚构执照1号")).await.expect(200);
        post(&app, &checks, &bureau, &json!({"accepted": false})).await.expect(422);
        assert!(post(&app, &checks, &bureau, &json!({"accepted": true})).await.expect(200).json()["documents_checked_at"].is_string());
        assert_eq!(post(&app, &format!("{own}/holds"), &bureau, &json!({})).await.expect(200).json()["booth"], 1);
        let changed = app.patch(&own, Some(&bureau), "*", &shown("虚构执照2号")).await.expect(200).json();
        assert_eq!(changed["documents_checked_at"], Value::Null, "other documents are checked again");
        assert_eq!(step(&app, &own, &bureau, &json!({"to": "approved"})).await.expect(409).json()["code"], "documents_unchecked");
    }

    async fn a_hold_runs_out_and_the_booth_is_free_again(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, 2, &json!({"hold_minutes": 60})).await;
        let own = applied(&app, &path, &bureau, &employers(&app, 3).await).await;
        let held = post(&app, &format!("{}/holds", own[0]), &bureau, &json!({"booth": 2})).await.expect(200).json();
        assert_eq!((&held["status"], &held["booth"], held["kept_until"].is_string()), (&json!("applied"), &json!(2), true));
        assert_eq!(post(&app, &format!("{}/holds", own[1]), &bureau, &json!({"booth": 2})).await.expect(409).json()["code"], "booth_taken");
        assert_eq!(post(&app, &format!("{}/holds", own[1]), &bureau, &json!({})).await.expect(200).json()["booth"], 1);
        assert_eq!(post(&app, &format!("{}/holds", own[2]), &bureau, &json!({})).await.expect(409).json()["code"], "full");
        let given = step(&app, &own[0], &bureau, &json!({"to": "approved"})).await.expect(200).json();
        assert_eq!((&given["booth"], &given["kept_until"]), (&json!(2), &Value::Null));
        assert_eq!(released(&app, "2035-03-20T08:59:00+08:00").await, 1);
        assert_eq!(released(&app, "2035-03-20T08:59:00+08:00").await, 0);
        let free = app.get(&own[1], Some(&bureau)).await.expect(200).json();
        assert_eq!((&free["status"], &free["booth"]), (&json!("applied"), &Value::Null));
        assert_eq!(step(&app, &own[2], &bureau, &json!({"to": "approved"})).await.expect(200).json()["booth"], 1);
    }

    async fn an_offer_that_is_not_answered_goes_to_the_next_who_waits(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, 1, &json!({"answer_minutes": 30})).await;
        let (employer, token) = app.employer("虚构陶坊", "淄博").await;
        let mut ids = employers(&app, 2).await;
        ids.push(EmployerId::parse(&employer).unwrap());
        let own = applied(&app, &path, &bureau, &ids).await;
        for (path, status) in own.iter().zip(["approved", "waitlisted", "waitlisted"]) {
            assert_eq!(step(&app, path, &bureau, &json!({"to": "approved"})).await.expect(200).json()["status"], status);
        }
        step(&app, &own[0], &bureau, &json!({"to": "withdrawn"})).await.expect(200);
        let offered = app.get(&own[1], Some(&bureau)).await.expect(200).json();
        assert_eq!((&offered["status"], &offered["booth"]), (&json!("offered"), &json!(1)));
        let until = text(&offered, "kept_until").to_owned();
        assert_eq!(released(&app, &until).await, 1);
        assert_eq!(app.get(&own[1], Some(&bureau)).await.expect(200).json()["status"], "lapsed");
        let next = app.get(&own[2], Some(&token)).await.expect(200).json();
        assert_eq!((&next["status"], &next["booth"]), (&json!("offered"), &json!(1)));
        assert_eq!(step(&app, &own[2], &token, &json!({"to": "declined", "reason": "x"})).await.status, 403);
        assert_eq!(step(&app, &own[2], &token, &json!({"to": "approved"})).await.expect(200).json()["status"], "approved");
        let again = app.post(&format!("{path}/exhibitors"), Some(&bureau), &json!({"employer": ids[1]})).await.expect(201).json();
        assert_eq!(again["status"], "applied", "whoever lapsed may apply again");
    }

    async fn one_employer_has_one_booth_a_session_unless_the_fair_says_more(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let halves = json!([
            {"title": "上半场", "starts_at": "2035-03-20T09:00:00+08:00", "ends_at": "2035-03-20T10:00:00+08:00"},
            {"title": "下半场", "starts_at": "2035-03-20T10:00:00+08:00", "ends_at": "2035-03-20T11:00:00+08:00"}]);
        let path = fair(&app, &bureau, 3, &json!({"sessions": halves})).await;
        let id = employers(&app, 1).await.remove(0);
        let booths = format!("{path}/exhibitors");
        let in_session = |session: i32| json!({"employer": id, "session": session, "booth_wish": {"numbers": [3, 2]}});
        let mut given = Vec::new();
        for (session, status) in [(1, 201), (1, 409), (2, 201)] {
            let answer = app.post(&booths, Some(&bureau), &in_session(session)).await.expect(status);
            if status == 201 {
                let own = format!("{booths}/{}", text(&answer.json(), "id"));
                given.push(step(&app, &own, &bureau, &json!({"to": "approved"})).await.expect(200).json()["booth"].as_i64());
            }
        }
        assert_eq!(given, [Some(3), Some(3)]);
        app.patch(&format!("{path}/arrangement"), Some(&bureau), "*", &json!({"booths_per_employer": 2})).await.expect(200);
        let second = app.post(&booths, Some(&bureau), &in_session(1)).await.expect(201).json();
        let own = format!("{booths}/{}", text(&second, "id"));
        assert_eq!(step(&app, &own, &bureau, &json!({"to": "approved"})).await.expect(200).json()["booth"], 2);
        app.post(&booths, Some(&bureau), &in_session(1)).await.expect(409);
        let unknown = app.post(&booths, Some(&bureau), &json!({"employer": id, "crafts": ["量子纠缠"]})).await.expect(422).json();
        assert_eq!(unknown["errors"][0]["pointer"], "/crafts/0");
    }

    async fn whoever_stays_away_is_remembered_and_suspended_and_a_late_leave_is_refused(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, 2, &json!({"cancel_minutes": 86_400})).await;
        let (employer, token) = app.employer("虚构陶坊", "淄博").await;
        let (_, rival) = app.employer("虚构别家", "淄博").await;
        app.send(app.request(Method::POST, &format!("/v1/employers/{employer}/verifications"), Some(&bureau)).header("If-Match", "*")
            .header("Content-Type", "application/json").body("{}")).await;
        employers(&app, 1).await;
        let own = applied(&app, &path, &bureau, &[EmployerId::parse(&employer).unwrap()]).await.remove(0);
        step(&app, &own, &bureau, &json!({"to": "approved"})).await.expect(200);
        let absent = json!({"presence": "absent"});
        assert_eq!(post(&app, &format!("{own}/presence"), &bureau, &absent).await.expect(409).json()["code"], "not_begun");
        post(&app, &format!("{own}/presence"), &token, &absent).await.expect(403);
        let (fair, id) = (id_of(&path), ExhibitorId::parse(own.rsplit('/').next().unwrap()).unwrap());
        let (leaving, of) = (fair.clone(), id.clone());
        let caller = Caller { role: Role::Employer, employer: EmployerId::parse(&employer), ..Caller::anonymous() };
        let late = Timestamp::parse("2035-03-01T09:00:00+08:00").unwrap();
        let refused = app.db.write(move |conn| fairs::decide(conn, late, &caller, (&leaving, &of), fairs::Outcome::Withdrawn, None, |_| Ok(()))).await;
        assert!(matches!(refused, Err(jiangxin::error::Error::Conflict { code: "too_late", .. })), "{refused:?}");
        let after = Timestamp::parse("2035-03-20T09:30:00+08:00").unwrap();
        app.db.write(move |conn| fairs::mark_presence(conn, after, &Caller::service(), (&fair, &id), Presence::Absent, |_| Ok(()))).await.unwrap();
        let ledger = format!("/v1/employers/{employer}/no-shows");
        let seen = app.get(&ledger, Some(&bureau)).await.expect(200).json();
        assert_eq!((&seen["total"], &seen["items"][0]["booth"]), (&json!(1), &json!(1)));
        assert_eq!(app.get(&ledger, Some(&token)).await.expect(200).json()["total"], 1);
        app.get(&ledger, Some(&rival)).await.expect(404);
        let mut body = plan(13);
        body["venue"] = json!(venue(&app, &bureau).await);
        let next = announced(&app, &bureau, &body).await;
        app.patch(&format!("{next}/arrangement"), Some(&bureau), "*", &json!({"no_shows_max": 1})).await.expect(200);
        assert_eq!(app.post(&format!("{next}/exhibitors"), Some(&token), &json!({})).await.expect(409).json()["code"], "suspended");
    }

    async fn booths_are_given_by_wish_and_craft_and_drawn_for_everybody(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let path = fair(&app, &bureau, 24, &json!({"entrances": [{"name": "东门", "x_cm": 0, "y_cm": 200}]})).await;
        let ids = employers(&app, 20).await;
        let mut own = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let craft = ["陶艺", "潍坊风筝", "剪纸"][at % 3];
            let body = json!({"employer": id, "crafts": [craft], "booth_wish": {"numbers": [at % 5 + 1], "near_entrance": at % 4 == 0}});
            let row = app.post(&format!("{path}/exhibitors"), Some(&bureau), &body).await.expect(201).json();
            own.push(format!("{path}/exhibitors/{}", text(&row, "id")));
            step(&app, &own[at], &bureau, &json!({"to": "approved"})).await.expect(200);
        }
        let before = app.get(&own[7], Some(&bureau)).await.expect(200).json();
        let asked = json!({"fixed": [before["id"]]});
        let made = app.post(&format!("{path}/booth-assignments"), Some(&bureau), &asked).await.expect(200).json();
        let worth = |name: &str| made[name].as_i64().unwrap();
        assert!(worth("objective") * 100 > worth("first_come") * 115 && worth("objective") <= worth("bound"), "{made}");
        let booths: std::collections::BTreeSet<i64> = made["booths"].as_array().unwrap().iter().map(|at| at["booth"].as_i64().unwrap()).collect();
        assert!(booths.len() == 20 && booths.iter().all(|booth| (1..=24).contains(booth)));
        assert_eq!(app.get(&own[7], Some(&bureau)).await.expect(200).json(), before, "who is fixed stays");
        for at in made["booths"].as_array().unwrap() {
            let row = app.get(&format!("{path}/exhibitors/{}", text(at, "exhibitor")), Some(&bureau)).await.expect(200).json();
            assert_eq!(row["booth"], at["booth"]);
        }
        let again = app.post(&format!("{path}/booth-assignments"), Some(&bureau), &asked).await.expect(200).json();
        assert_eq!((&again["objective"], &again["moved"]), (&made["objective"], &json!([])));
        let plan = app.get(&format!("{path}/floor-plan.svg"), None).await.expect(200);
        assert!(plan.headers["content-type"] == "image/svg+xml" && plan.text.contains("共 24 个展位，已安排 20 个；入口：东门"));
        assert_eq!(plan.text.matches("虚构工坊").count(), 40);
        app.post(&format!("{path}/booth-assignments"), None, &asked).await.expect(401);
    }
}
