//! Facts about pushes: receipts come while rows go.

use futures_util::{StreamExt, stream};
use jiangxin::http::Role;
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::facts;
use crate::ingest::Desk;
use crate::support::upstream::row;

fn line(n: usize) -> String {
    format!("{}\n", row(n, &format!("面塑工{n}"), "370700", "面议", &format!("捏第{n}个面人")))
}

facts! {
    async fn receipts_come_while_rows_still_go(app) {
        let desk = Desk::open(&app).await;
        desk.add("push", json!({"url": "http://127.0.0.1:9/unused"})).await;
        let token = app.log_in("feeder", Role::Feed, None).await;
        let (rows, parts) = mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
        let parts = stream::unfold(parts, async |mut parts| parts.recv().await.map(|part| (part, parts)));
        let request = app.request(Method::POST, "/v1/ingest/push", Some(&token)).header("Content-Type", "application/x-ndjson");
        let answer = tokio::spawn(request.body(Body::wrap_stream(parts)).send());
        for n in 0..3 {
            let batch: String = (n * 2_000..(n + 1) * 2_000).map(line).collect();
            rows.send(Ok(batch.into_bytes())).await.unwrap();
        }
        let response = answer.await.unwrap().unwrap();
        assert_eq!(response.status(), 200);
        let mut receipts = response.bytes_stream();
        let first = receipts.next().await.unwrap().unwrap();
        assert!(!first.is_empty(), "a receipt before the last row was sent");
        rows.send(Ok(format!("{{broken\n{}", line(6_000).trim_end()).into_bytes())).await.unwrap();
        drop(rows);
        let mut text = first.to_vec();
        while let Some(part) = receipts.next().await {
            text.extend(part.unwrap());
        }
        let receipts: Vec<Value> = String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let places: Vec<i64> = receipts.iter().map(|receipt| receipt["place"].as_i64().unwrap()).collect();
        assert_eq!(places, (1..=6_002).collect::<Vec<i64>>());
        assert_eq!((&receipts[6_000]["code"], &receipts[6_001]["status"]), (&json!("not_an_object"), &json!("created")));
    }

    async fn a_push_to_a_source_that_is_being_read_or_is_not_there_is_refused(app) {
        let token = app.log_in("feeder", Role::Feed, None).await;
        let request = app.request(Method::POST, "/v1/ingest/nowhere", Some(&token)).body("{}");
        app.send(request).await.expect(404);
    }
}
