//! Facts about the contract: the OpenAPI document, problems, the words of HTTP.

use std::collections::BTreeSet;

use jiangxin::http::access::RULES;
use reqwest::Method;
use serde_json::json;

use crate::facts;

#[test]
fn the_committed_openapi_document_is_the_generated_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let generated = jiangxin::server::document_json().unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == generated, "openapi/openapi.json differs from the routes: UPDATE=1 cargo test, then read the diff");
}

#[test]
fn every_operation_has_an_id_a_tag_a_summary_and_described_answers() {
    let document: serde_json::Value = serde_json::from_str(&jiangxin::server::document_json().unwrap()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id.clone()), "{id} twice");
            assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{method} {path}");
            for (status, answer) in operation["responses"].as_object().unwrap() {
                assert!(answer["description"].as_str().is_some_and(|d| !d.is_empty()), "{method} {path} {status}");
            }
            let known = RULES.iter().any(|rule| rule.route == path && rule.method.as_str().eq_ignore_ascii_case(method));
            assert!(known, "{method} {path} is not in the access table");
            assert!(operation["security"].is_array() && operation["x-roles"].is_array(), "{method} {path}");
        }
    }
    assert!(ids.len() >= 12);
}

facts! {
    async fn a_failure_is_a_problem_in_the_language_asked_for(app) {
        let zh = app.get("/v1/nothing", None).await.expect(404);
        assert_eq!(zh.headers["content-type"], "application/problem+json");
        assert_eq!((zh.json()["code"].as_str(), zh.json()["title"].as_str()), (Some("not_found"), Some("没有找到")));
        assert_eq!(zh.json()["instance"], "/v1/nothing");
        let request = app.request(Method::GET, "/v1/nothing", None).header("Accept-Language", "en-GB, zh;q=0.5");
        assert_eq!(app.send(request).await.expect(404).json()["title"], "Not found");
    }

    async fn broken_json_and_wrong_types_are_told_apart(app) {
        let raw = |kind: &str, body: &str| app.send(app.request(Method::POST, "/v1/sessions", None).header("Content-Type", kind.to_owned()).body(body.to_owned()));
        assert_eq!(raw("application/json", "{\"name\": ").await.expect(400).json()["code"], "malformed_json");
        let wrong = raw("application/json", "{\"name\": 7, \"password\": \"x\"}").await.expect(422).json();
        assert_eq!(wrong["errors"][0]["pointer"], "/name");
        let unknown = raw("application/json", "{\"name\": \"a\", \"password\": \"x\", \"extra\": 1}").await.expect(422).json();
        assert_eq!(unknown["code"], "bad_value");
        raw("text/plain", "{}").await.expect(415);
        let large = format!("{{\"name\": \"{}\"}}", "长".repeat(1_000_000));
        assert_eq!(raw("application/json", &large).await.expect(413).json()["code"], "too_large");
    }

    async fn a_wrong_method_names_the_right_ones(app) {
        let answer = app.send(app.request(Method::PUT, "/v1/sessions", None)).await.expect(405);
        assert_eq!(answer.headers["allow"], "POST");
        assert_eq!(answer.json()["code"], "method_not_allowed");
    }

    async fn a_request_keeps_its_id_and_an_odd_one_is_replaced(app) {
        let named = app.send(app.request(Method::GET, "/healthz", None).header("X-Request-Id", "abc-123")).await.expect(200);
        assert_eq!(named.headers["x-request-id"], "abc-123");
        let odd = app.send(app.request(Method::GET, "/healthz", None).header("X-Request-Id", "a b<c>")).await.expect(200);
        assert_ne!(odd.headers["x-request-id"], "a b<c>");
    }

    async fn a_look_with_a_known_etag_is_answered_304(app) {
        let first = app.get("/openapi.json", None).await.expect(200);
        let again = app.send(app.request(Method::GET, "/openapi.json", None).header("If-None-Match", first.etag())).await.expect(304);
        assert!(again.text.is_empty());
    }

    async fn the_service_says_that_it_lives_is_ready_and_what_it_counts(app) {
        app.get("/healthz", None).await.expect(200);
        let ready = app.get("/readyz", None).await.expect(200).json();
        assert_eq!(ready["database"], app.db.kind());
        let metrics = app.get("/metrics", None).await.expect(200);
        assert!(metrics.headers["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
        assert!(metrics.text.contains("jiangxin_http_requests_total{") && metrics.text.ends_with("# EOF\n"));
    }

    async fn the_documentation_needs_no_network(app) {
        let page = app.get("/docs/", None).await.expect(200);
        assert!(!page.text.contains("https://") || page.text.contains("swagger"), "{}", page.text);
        for line in page.text.lines().filter(|l| l.contains("src=") || l.contains("href=")) {
            assert!(!line.contains("http://") && !line.contains("https://"), "{line}");
        }
        assert_eq!(app.get("/openapi.json", None).await.expect(200).json()["openapi"], "3.1.0");
    }

    async fn repeated_keys_of_strangers_do_not_meet(app) {
        let body = json!({"name": "someone", "password": "wrong-password"});
        app.post("/v1/sessions", None, &body).await.expect(401);
        assert!(app.config.region == "37" && app.base.starts_with("http://127.0.0.1:"));
        app.stop().await;
    }
}
