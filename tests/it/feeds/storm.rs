//! The fact that carries the feeds: whoever follows snapshot and changes through random writes of many, while the service
//! itself is killed again and again, ends with exactly what is live. `JIANGXIN_STORM=full` tries 10 000 writes,
//! a number as many as it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiangxin::db::Db;
use jiangxin::db::types::Timestamp;
use jiangxin::vacancies;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::Office;
use crate::facts;
use crate::support::service::Service;

const WRITERS: u64 = 8;
const CITIES: &[&str] = &["潍坊", "淄博", "临沂"];

/// How large the storm is: writes, and how often the service is killed. A number asks for so many writes.
fn size() -> (usize, usize) {
    match std::env::var("JIANGXIN_STORM").ok().as_deref() {
        Some("full") => (10_000, 12),
        Some(writes) => (writes.parse().expect("full or a number of writes"), 12),
        None => (300, 3),
    }
}

/// A service that is killed and started again while others use it.
struct Storm {
    base: String,
    client: Client,
    up: watch::Receiver<bool>,
    token: String,
    employer: String,
    wanted: usize,
    written: watch::Sender<usize>,
    over: AtomicBool,
}

impl Storm {
    /// Asks until somebody answers whole: a service that was killed meanwhile is asked again once it is back.
    async fn ask(&self, method: Method, path: &str, etag: &str, body: Option<Value>) -> (u16, String, i64, String) {
        loop {
            let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
            if method != Method::GET || path.ends_with("?own") {
                request = request.bearer_auth(&self.token);
            }
            if let Some(body) = &body {
                request = request.header("Content-Type", "application/json").header("If-Match", etag).body(body.to_string());
            }
            if let Ok(answer) = request.send().await {
                let text = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
                let (status, etag, cursor) =
                    (answer.status().as_u16(), text("etag"), text("x-feed-cursor").parse().unwrap_or(-1));
                if let Ok(text) = answer.text().await {
                    return (status, etag, cursor, text);
                }
            }
            self.up.clone().wait_for(|up| *up).await.unwrap();
        }
    }

    /// Takes the number of the next write; none when there have been enough.
    fn next(&self) -> Option<usize> {
        let mut number = 0;
        self.written.send_modify(|written| {
            number = *written;
            *written += 1;
        });
        (number < self.wanted).then_some(number)
    }

    /// Writes at random: vacancies of the writer's own come, change, pause and go.
    async fn write(&self, db: &Db, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        let mut own: Vec<String> = Vec::new();
        for round in 0.. {
            if self.next().is_none() {
                return;
            }
            let city = CITIES.choose(&mut random).unwrap();
            if own.len() < 6 || random.random_bool(0.1) {
                let body = json!({"title": format!("风筝扎制学徒{seed}之{round}"), "description": "扎骨架", "employer": self.employer,
                    "place": {"city": city}, "salary": {"text": "4000-6000元/月"}});
                let (status, _, _, text) = self.ask(Method::POST, "/v1/vacancies", "", Some(body)).await;
                if status == 201 {
                    own.push(serde_json::from_str::<Value>(&text).unwrap()["id"].as_str().unwrap().to_owned());
                }
                continue;
            }
            let id = own.choose(&mut random).unwrap().clone();
            let (_, etag, _, text) = self.ask(Method::GET, &format!("/v1/vacancies/{id}?own"), "", None).await;
            let view: Value = serde_json::from_str(&text).unwrap();
            let to = match (view["status"].as_str().unwrap(), random.random_range(0..10)) {
                ("draft", _) | ("expired", 0..8) => "submitted",
                ("submitted", _) | ("suspended", 0..6) => "live",
                ("live", 0..3) => "suspended",
                ("live", 3) | ("suspended", 6) => "closed",
                ("live", 4) => "expired",
                ("closed" | "expired", _) => {
                    own.retain(|other| *other != id);
                    continue;
                }
                _ => "corrected",
            };
            let day = if to == "expired" { json!("2020-01-01") } else { Value::Null };
            let patch = json!({"place": {"city": city}, "headcount": round % 9 + 1, "expires_at": day});
            match to {
                "expired" | "corrected" => self.ask(Method::PATCH, &format!("/v1/vacancies/{id}"), &etag, Some(patch)).await,
                to => {
                    let body = json!({"to": to, "reason": "测试"});
                    self.ask(Method::POST, &format!("/v1/vacancies/{id}/transitions"), &etag, Some(body)).await
                }
            };
            if to == "expired" {
                db.write(|conn| vacancies::expire_due(conn, Timestamp::now())).await.unwrap();
            }
        }
    }

    /// Follows from a snapshot through the changes until nothing is written any more, and gives what is then held.
    async fn follow(&self, db: &Db, filter: &str, seed: u64) -> BTreeMap<String, i64> {
        let mut random = StdRng::seed_from_u64(seed);
        let (mut held, mut seen) = (BTreeMap::new(), BTreeSet::new());
        let (status, _, mut cursor, text) = self.ask(Method::GET, &format!("/v1/vacancies/snapshot?{filter}"), "", None).await;
        assert_eq!(status, 200);
        text.lines().for_each(|line| apply(&mut held, &serde_json::from_str(line).unwrap()));
        loop {
            let over = self.over.load(Ordering::SeqCst);
            let limit = random.random_range(1..40);
            let path = format!("/v1/vacancies/changes?{filter}&after={cursor}&limit={limit}&wait=1");
            let (status, _, next, text) = self.ask(Method::GET, &path, "", None).await;
            assert_eq!(status, 200, "{text}");
            let mut last = cursor;
            for line in text.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                let seq = line["seq"].as_i64().unwrap();
                assert!(seq > last && seq <= next && seen.insert(seq), "{seq} after {last} up to {next}");
                last = seq;
                match line["left_filter"].as_bool() {
                    Some(true) => drop(held.remove(line["vacancy"]["id"].as_str().unwrap())),
                    _ => apply(&mut held, &line["vacancy"]),
                }
            }
            assert!(next >= cursor && next <= cursor + limit, "{next} after {cursor}");
            cursor = next;
            if over && cursor == db.read(vacancies::last_change).await.unwrap() {
                return held;
            }
        }
    }
}

/// Keeps what is live and lets go of what is not.
fn apply(held: &mut BTreeMap<String, i64>, vacancy: &Value) {
    let id = vacancy["id"].as_str().unwrap().to_owned();
    match vacancy["status"] == "live" {
        true => held.insert(id, vacancy["revision"].as_i64().unwrap()),
        false => held.remove(&id),
    };
}

/// Reads the live set, of one city or of all.
async fn live(db: &Db, city: Option<&'static str>) -> BTreeMap<String, i64> {
    let rows = db.read(|conn| vacancies::live_page(conn, None, 1_000_000)).await.unwrap();
    let of_city = rows.into_iter().filter(|row| city.is_none() || row.city.as_deref() == city);
    of_city.map(|row| (row.id.to_string(), row.revision)).collect()
}

facts! {
    async fn whoever_follows_ends_with_exactly_what_is_live(app) {
        let office = Office::open(&app).await;
        let (wanted, kills) = size();
        let folder = tempfile::tempdir().unwrap();
        let mut service = Service::start(&app, folder.path(), None);
        let (up, is_up) = watch::channel(true);
        let (written, mut writes) = watch::channel(0);
        let storm = Arc::new(Storm {
            base: format!("http://{}", service.listen),
            client: Client::new(),
            up: is_up,
            token: office.token.clone(),
            employer: office.employer.clone(),
            wanted,
            written,
            over: AtomicBool::new(false),
        });
        let begun = std::time::Instant::now();
        let follow = |filter: &'static str, seed| {
            let (storm, db) = (storm.clone(), app.db.clone());
            tokio::spawn(async move { storm.follow(&db, filter, seed).await })
        };
        let followers = [follow("", 101), follow("", 102), follow("city=潍坊", 103)];
        let writers: Vec<_> = (0..WRITERS)
            .map(|seed| {
                let (storm, db) = (storm.clone(), app.db.clone());
                tokio::spawn(async move { storm.write(&db, seed).await })
            })
            .collect();
        for kill in 1..=kills {
            writes.wait_for(|written| *written >= wanted * kill / (kills + 1)).await.unwrap();
            up.send_replace(false);
            service.kill();
            service = Service::start(&app, folder.path(), Some(service.listen.clone()));
            up.send_replace(true);
        }
        for writer in writers {
            writer.await.unwrap();
        }
        storm.over.store(true, Ordering::SeqCst);
        let (all, weifang) = (live(&app.db, None).await, live(&app.db, Some("370700")).await);
        assert!(all.len() > 5 && !weifang.is_empty(), "{all:?}");
        let events = app.db.read(|conn| vacancies::events_between(conn, 0, i64::MAX, i64::MAX)).await.unwrap();
        for (follower, expected) in followers.into_iter().zip([&all, &all, &weifang]) {
            let held = follower.await.unwrap();
            let strayed = |id: &str| held.get(id) != expected.get(id);
            let strays = events.iter().filter(|event| strayed(event.vacancy_id.as_str()));
            let strays: Vec<_> = strays.map(|e| (e.vacancy_id.as_str(), e.seq, e.kind, e.status, e.revision, e.at)).collect();
            assert!(held == *expected, "held {} of {}: {strays:?}", held.len(), expected.len());
        }
        let told = events.len();
        assert!(events.iter().map(|event| event.seq).eq(1..=events.last().unwrap().seq), "a gap in the sequence");
        let (kind, live, took) = (app.db.kind(), all.len(), begun.elapsed());
        eprintln!("{kind}: {wanted} writes, {kills} kills, {told} events, {live} live, {took:?}");
        service.kill();
    }
}
