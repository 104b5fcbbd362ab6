//! Facts about accounts, sessions, API keys and the audit.

use jiangxin::http::Role;
use jiangxin::http::access::RULES;
use reqwest::Method;
use serde_json::json;

use crate::facts;
use crate::support::{PASSWORD, json_body};

facts! {
    async fn a_session_knows_its_account_until_it_is_closed(app) {
        let token = app.log_in("烟台人社（虚构）", Role::Bureau, Some("370600")).await;
        let me = app.get("/v1/sessions/current", Some(&token)).await.expect(200).json();
        assert_eq!((me["role"].as_str(), me["city"].as_str()), (Some("bureau"), Some("370600")));
        app.send(app.request(Method::DELETE, "/v1/sessions/current", Some(&token))).await.expect(204);
        let problem = app.get("/v1/sessions/current", Some(&token)).await.expect(401).json();
        assert_eq!(problem["code"], "unauthenticated");
    }

    async fn a_wrong_password_opens_nothing(app) {
        app.log_in("someone", Role::Graduate, None).await;
        app.post("/v1/sessions", None, &json!({"name": "someone", "password": "wrong"})).await.expect(401);
        app.post("/v1/sessions", None, &json!({"name": "nobody", "password": "wrong"})).await.expect(401);
    }

    async fn guessing_a_password_is_slowed_down(app) {
        let mut refused = 0;
        for _ in 0..12 {
            let answer = app.post("/v1/sessions", None, &json!({"name": "target", "password": "guess"})).await;
            refused += u32::from(answer.status == 429 && answer.headers.contains_key("retry-after"));
        }
        assert_eq!(refused, 2, "ten guesses a minute, then wait");
    }

    async fn an_api_key_is_shown_once_and_can_be_revoked(app) {
        let token = app.log_in("feeder", Role::Feed, None).await;
        let made = app.post("/v1/api-keys", Some(&token), &json!({"name": "push", "scopes": ["ingest", "accounts"]})).await.expect(201).json();
        let key = made["key"].as_str().unwrap().to_owned();
        let listed = app.get("/v1/api-keys", Some(&key)).await.expect(200);
        assert!(!listed.text.contains(&key) && listed.json()["items"][0].get("key").is_none());
        let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
        app.send(app.request(Method::DELETE, &path, Some(&token))).await.expect(204);
        app.get("/v1/api-keys", Some(&key)).await.expect(401);
    }

    async fn people_register_themselves_but_never_as_an_office(app) {
        let body = |role: &str| json!({"name": format!("self-{role}"), "role": role, "password": PASSWORD, "city": if role == "bureau" { json!("370100") } else { json!(null) }});
        app.post("/v1/accounts", None, &body("graduate")).await.expect(201);
        app.post("/v1/accounts", None, &body("employer")).await.expect(201);
        app.post("/v1/accounts", None, &body("bureau")).await.expect(403);
        app.post("/v1/accounts", None, &body("province")).await.expect(403);
    }

    async fn a_bureau_makes_accounts_for_its_own_city_only(app) {
        let token = app.log_in("bureau", Role::Bureau, Some("370700")).await;
        let body = |city: &str| json!({"name": format!("b{city}"), "role": "bureau", "password": PASSWORD, "city": city});
        app.post("/v1/accounts", Some(&token), &body("370700")).await.expect(201);
        app.post("/v1/accounts", Some(&token), &body("370600")).await.expect(403);
    }

    async fn a_change_needs_the_revision_it_was_made_against(app) {
        let token = app.log_in("careful", Role::Graduate, None).await;
        let id = app.get("/v1/sessions/current", Some(&token)).await.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/accounts/{id}");
        let etag = app.get(&path, Some(&token)).await.expect(200).etag();
        let body = json!({"current_password": PASSWORD, "password": "另一个虚构的密码 2"});
        let without = app.send(json_body(app.request(Method::PATCH, &path, Some(&token)), &body)).await.expect(428);
        assert_eq!(without.json()["code"], "if_match_required");
        app.patch(&path, Some(&token), "\"r99\"", &body).await.expect(412);
        app.patch(&path, Some(&token), &etag, &body).await.expect(200);
        app.get(&path, Some(&token)).await.expect(401);
    }

    async fn a_repeated_post_is_answered_from_the_first(app) {
        let token = app.log_in("province", Role::Province, None).await;
        let body = json!({"name": "once", "role": "graduate", "password": PASSWORD});
        let send = |body: serde_json::Value| app.send(json_body(app.request(Method::POST, "/v1/accounts", Some(&token)), &body).header("Idempotency-Key", "k1"));
        let first = send(body.clone()).await.expect(201);
        let again = send(body).await.expect(201);
        assert_eq!(first.json()["id"], again.json()["id"]);
        assert_eq!(again.headers["idempotency-replayed"], "true");
        let other = send(json!({"name": "other", "role": "graduate", "password": PASSWORD})).await.expect(422);
        assert_eq!(other.json()["code"], "idempotency_key_reused");
    }

    async fn the_audit_chain_shows_a_changed_event(app) {
        let token = app.log_in("auditor", Role::Province, None).await;
        for n in 0..3 {
            app.post("/v1/accounts", Some(&token), &json!({"name": format!("g{n}"), "role": "graduate", "password": PASSWORD})).await.expect(201);
        }
        let intact = app.get("/v1/audit-events/verify", Some(&token)).await.expect(200).json();
        assert_eq!((intact["intact"].as_bool(), intact["verified"].as_i64()), (Some(true), Some(4)));
        app.db
            .write(|conn| {
                use diesel::RunQueryDsl;
                diesel::sql_query("UPDATE audit_events SET detail = '{}' WHERE seq = 2").execute(conn)?;
                Ok(())
            })
            .await
            .unwrap();
        let broken = app.get("/v1/audit-events/verify", Some(&token)).await.expect(200).json();
        assert_eq!(broken["first_broken"], 2);
    }

    async fn every_route_is_open_to_its_roles_and_shut_to_the_others(app) {
        let (school, _) = app.school("虚构技工学校", "潍坊").await;
        let mut tokens = vec![(Role::Anonymous, None)];
        for role in [Role::Graduate, Role::School, Role::Employer, Role::Bureau, Role::Province, Role::Feed] {
            let name = format!("role-{role}");
            let body = jiangxin::accounts::AccountBody {
                name: name.clone(), role, password: PASSWORD.to_owned(), city: (role == Role::Bureau).then(|| "370700".to_owned()),
                school: (role == Role::School).then(|| jiangxin::db::types::SchoolId::parse(&school).unwrap()),
                employer: None, graduate: None,
            };
            let new = jiangxin::accounts::NewAccount::parse(body).unwrap();
            app.db.write(move |conn| jiangxin::accounts::create(conn, jiangxin::db::types::Timestamp::now(), &jiangxin::http::Caller::service(), new)).await.unwrap();
            tokens.push((role, Some(app.session(&name).await)));
        }
        let mounted = jiangxin::server::openapi();
        let mut tried = 0;
        for rule in RULES.iter().filter(|rule| mounted.paths.paths.contains_key(rule.route)) {
            if rule.route == "/v1/sessions/current" && rule.method == Method::DELETE.as_str() {
                continue;
            }
            let path = ["{id}", "{major}", "{consent}", "{exhibitor}", "{attendance}"].iter().fold(rule.route.to_owned(), |path, name| path.replace(name, "00000000-0000-7000-8000-000000000000"));
            for (role, token) in &tokens {
                let method = Method::from_bytes(rule.method.as_str().as_bytes()).unwrap();
                let answer = app.send(json_body(app.request(method, &path, token.as_deref()), &json!({}))).await;
                let shut = matches!(answer.status, 401 | 403);
                assert_eq!(shut, !rule.roles.contains(role), "{} {} as {role}: {} {}", rule.method, rule.route, answer.status, answer.text);
                tried += 1;
            }
        }
        assert!(tried >= 7 * 12, "only {tried} calls");
    }

    async fn a_key_names_known_scopes_and_never_reaches_beyond_the_key_that_made_it(app) {
        let token = app.log_in("province", Role::Province, None).await;
        let unknown = app.post("/v1/api-keys", Some(&token), &json!({"name": "k", "scopes": ["ingest", "everything"]})).await.expect(422).json();
        assert_eq!((&unknown["errors"][0]["pointer"], &unknown["errors"][0]["code"]), (&json!("/scopes/1"), &json!("unknown_scope")));
        let issued = app.post("/v1/api-keys", Some(&token), &json!({"name": "k", "scopes": ["accounts", "ingest"]})).await.expect(201).json();
        let key = issued["key"].as_str().unwrap();
        app.post("/v1/api-keys", Some(key), &json!({"name": "all"})).await.expect(403);
        app.post("/v1/api-keys", Some(key), &json!({"name": "more", "scopes": ["audit"]})).await.expect(403);
        app.post("/v1/api-keys", Some(key), &json!({"name": "less", "scopes": ["ingest"]})).await.expect(201);
    }
}
