//! Facts about subscriptions: what goes out, signed for whom, how often, and what never does.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use hmac::{Hmac, Mac};
use jiangxin::db::schema::subscriptions;
use jiangxin::db::types::Timestamp;
use jiangxin::feeds::Post;
use jiangxin::http::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::Office;
use crate::facts;
use crate::support::{Answer, App};

/// A message as it arrived.
struct Arrived {
    id: String,
    timestamp: String,
    signature: String,
    body: String,
}

/// A receiver that answers as it is told, then 204.
#[derive(Default)]
struct Receiver {
    arrived: Mutex<Vec<Arrived>>,
    answers: Mutex<Vec<u16>>,
}

impl Receiver {
    fn start(answers: &[u16]) -> (Arc<Receiver>, String) {
        let receiver = Arc::new(Receiver { answers: Mutex::new(answers.iter().rev().copied().collect()), ..Receiver::default() });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let data = Data::from(receiver.clone());
        let server =
            HttpServer::new(move || actix_web::App::new().app_data(data.clone()).route("/hook", actix_web::web::post().to(take)));
        actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
        (receiver, url)
    }

    fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.arrived.lock().unwrap())
    }
}

async fn take(receiver: Data<Receiver>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let arrived = Arrived {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body,
    };
    receiver.arrived.lock().unwrap().push(arrived);
    let status = receiver.answers.lock().unwrap().pop().unwrap_or(204);
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
}

async fn subscribe(app: &App, token: &str, url: &str, filter: Value) -> Answer {
    let body = json!({"name": "潍坊的新岗位", "url": url, "filter": filter, "allow_private_network": true});
    app.post("/v1/subscriptions", Some(token), &body).await
}

async fn log(app: &App, token: &str, id: &str) -> Value {
    app.get(&format!("/v1/subscriptions/{id}/deliveries"), Some(token)).await.expect(200).json()
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

facts! {
    async fn what_a_saved_search_admits_arrives_signed_and_once(app) {
        let office = Office::open(&app).await;
        let (receiver, url) = Receiver::start(&[]);
        office.live("风筝扎制学徒早", "潍坊").await;
        let made = subscribe(&app, &office.token, &url, json!({"city": ["潍坊"]})).await.expect(201);
        let secret = made.json()["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap().to_owned();
        let shown = app.get(&format!("/v1/subscriptions/{}", id(&made)), Some(&office.token)).await.expect(200);
        assert!(shown.json()["secret"].is_null() && !shown.text.contains(&secret));
        let wanted = office.live("风筝扎制学徒", "潍坊").await;
        office.live("陶艺师", "淄博").await;
        let now = Timestamp::now();
        assert_eq!(app.post.deliver_once(now).await.unwrap(), 1);
        let arrived = receiver.take();
        let message: Value = serde_json::from_str(&arrived[0].body).unwrap();
        assert_eq!((message["type"].as_str(), message["data"]["changes"].as_array().unwrap().len()), (Some("vacancies.changed"), 1));
        assert_eq!(message["data"]["changes"][0]["vacancy"]["id"], wanted.id);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&STANDARD.decode(secret).unwrap()).unwrap();
        mac.update(format!("{}.{}.{}", arrived[0].id, arrived[0].timestamp, arrived[0].body).as_bytes());
        assert_eq!(arrived[0].signature, format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        assert_eq!((app.post.deliver_once(now.plus_seconds(600)).await.unwrap(), receiver.take().len()), (0, 0));
        let log = log(&app, &office.token, &id(&made)).await;
        assert_eq!((log["total"].as_i64(), log["items"][0]["status"].as_str()), (Some(1), Some("delivered")));
        assert_eq!((log["items"][0]["attempts"].as_i64(), log["items"][0]["response_status"].as_i64()), (Some(1), Some(204)));
    }

    async fn secrets_are_kept_sealed_also_those_of_an_earlier_version(app) {
        let office = Office::open(&app).await;
        let (receiver, url) = Receiver::start(&[]);
        let made = subscribe(&app, &office.token, &url, json!({"q": "风筝"})).await.expect(201);
        let secret = made.json()["secret"].as_str().unwrap().to_owned();
        let kept = async || -> String {
            app.db.read(|conn| Ok(subscriptions::table.select(subscriptions::secret).first(conn)?)).await.unwrap()
        };
        assert!(kept().await.starts_with("sealed:v1:"), "{}", kept().await);
        let open = secret.clone();
        app.db.write(|conn| Ok(diesel::update(subscriptions::table).set(subscriptions::secret.eq(open)).execute(conn)?)).await.unwrap();
        assert_eq!((kept().await, app.post.seal_open().await.unwrap()), (secret.clone(), 1));
        assert!(kept().await.starts_with("sealed:v1:") && app.post.seal_open().await.unwrap() == 0);
        office.live("陶艺师", "淄博").await;
        office.live("风筝扎制学徒", "潍坊").await;
        assert_eq!(app.post.deliver_once(Timestamp::now()).await.unwrap(), 1);
        let arrived = receiver.take();
        let message: Value = serde_json::from_str(&arrived[0].body).unwrap();
        assert_eq!(message["data"]["changes"].as_array().unwrap().len(), 2, "the name of the employer has the word too");
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", arrived[0].id, arrived[0].timestamp, arrived[0].body).as_bytes());
        assert_eq!(arrived[0].signature, format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    }

    async fn a_refused_message_comes_again_later_under_the_same_id_and_can_be_asked_for_once_more(app) {
        let office = Office::open(&app).await;
        let (receiver, url) = Receiver::start(&[503, 302]);
        let made = subscribe(&app, &office.token, &url, json!({})).await.expect(201);
        office.live("风筝扎制学徒", "潍坊").await;
        let now = Timestamp::now();
        assert_eq!(app.post.deliver_once(now).await.unwrap(), 1);
        let first = log(&app, &office.token, &id(&made)).await["items"][0].clone();
        assert_eq!((first["status"].as_str(), first["response_status"].as_i64()), (Some("pending"), Some(503)));
        let next = Timestamp::parse(first["next_attempt_at"].as_str().unwrap()).unwrap();
        assert!((4..=6).contains(&next.seconds_since(now)), "{first}");
        assert_eq!(app.post.deliver_once(now.plus_seconds(3)).await.unwrap(), 0);
        assert_eq!(app.post.deliver_once(now.plus_seconds(10)).await.unwrap(), 1);
        assert_eq!(app.post.deliver_once(now.plus_seconds(100)).await.unwrap(), 1);
        let path = format!("/v1/subscriptions/{}/deliveries/{}/redeliveries", id(&made), first["id"].as_str().unwrap());
        app.post(&path, Some(&office.token), &json!({})).await.expect(202);
        assert_eq!(app.post.deliver_once(now.plus_seconds(200)).await.unwrap(), 1);
        let arrived = receiver.take();
        assert_eq!(arrived.len(), 4);
        assert!(arrived.iter().all(|message| message.id == arrived[0].id && message.body == arrived[0].body));
        let last = log(&app, &office.token, &id(&made)).await["items"][0].clone();
        assert_eq!((last["status"].as_str(), last["attempts"].as_i64()), (Some("delivered"), Some(1)));
    }

    async fn a_receiver_that_is_gone_is_left_alone(app) {
        let office = Office::open(&app).await;
        let (receiver, url) = Receiver::start(&[410]);
        let made = subscribe(&app, &office.token, &url, json!({})).await.expect(201);
        office.live("风筝扎制学徒", "潍坊").await;
        let now = Timestamp::now();
        assert_eq!(app.post.deliver_once(now).await.unwrap(), 1);
        office.live("剪纸学徒", "潍坊").await;
        assert_eq!(app.post.deliver_once(now.plus_seconds(100_000)).await.unwrap(), 0);
        assert_eq!(receiver.take().len(), 1);
        let shown = app.get(&format!("/v1/subscriptions/{}", id(&made)), Some(&office.token)).await.expect(200);
        assert_eq!(shown.json()["active"], false);
        assert_eq!(log(&app, &office.token, &id(&made)).await["items"][0]["status"], "failed");
        app.patch(&format!("/v1/subscriptions/{}", id(&made)), Some(&office.token), &shown.etag(), &json!({"active": true})).await.expect(200);
        assert_eq!(app.post.deliver_once(now.plus_seconds(100_001)).await.unwrap(), 1);
        assert!(receiver.take()[0].body.contains("剪纸学徒"));
    }

    async fn of_two_instances_one_sends_until_its_claim_runs_out(app) {
        let office = Office::open(&app).await;
        let (receiver, url) = Receiver::start(&[500]);
        subscribe(&app, &office.token, &url, json!({})).await.expect(201);
        office.live("风筝扎制学徒", "潍坊").await;
        let now = Timestamp::now();
        let other = Post::new(&app.db, app.search.clone(), &app.config, now).unwrap();
        assert_eq!(app.post.deliver_once(now).await.unwrap(), 1);
        assert_eq!(other.deliver_once(now.plus_seconds(60)).await.unwrap(), 0);
        assert_eq!(other.deliver_once(now.plus_seconds(600)).await.unwrap(), 1);
        assert_eq!(app.post.deliver_once(now.plus_seconds(601)).await.unwrap(), 0);
        assert_eq!(receiver.take().len(), 2);
    }

    async fn inner_addresses_and_the_rows_of_others_are_out_of_reach(app) {
        let office = Office::open(&app).await;
        let (_receiver, url) = Receiver::start(&[]);
        let graduate = app.log_in("graduate", Role::Graduate, None).await;
        let body = |url: &str, allow: bool| json!({"name": "我的订阅", "url": url, "allow_private_network": allow});
        for inner in [url.as_str(), "http://169.254.169.254/latest", "http://[::1]/", "http://localhost:1/"] {
            let refused = app.post("/v1/subscriptions", Some(&graduate), &body(inner, false)).await.expect(422).json();
            assert_eq!(refused["code"], "private_address", "{inner}");
        }
        app.post("/v1/subscriptions", Some(&graduate), &body(&url, true)).await.expect(403);
        app.post("/v1/subscriptions", None, &body(&url, true)).await.expect(401);
        let bad = json!({"name": " ", "url": "nowhere", "filter": {"city": ["淄薄"]}});
        let refused = app.post("/v1/subscriptions", Some(&graduate), &bad).await.expect(422).json();
        let pointers: Vec<&str> = refused["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/name", "/url", "/filter/city"]);
        app.post("/v1/subscriptions", Some(&graduate), &body("ftp://192.0.2.1/", false)).await.expect(422);
        let made = subscribe(&app, &office.token, &url, json!({})).await.expect(201);
        let path = format!("/v1/subscriptions/{}", id(&made));
        app.get(&path, Some(&graduate)).await.expect(404);
        app.get(&format!("{path}/deliveries"), Some(&graduate)).await.expect(404);
        assert_eq!(app.get("/v1/subscriptions", Some(&graduate)).await.expect(200).json()["total"], 0);
        let remove = |etag: Option<String>| {
            let request = app.request(Method::DELETE, &path, Some(&office.token));
            app.send(etag.into_iter().fold(request, |request, etag| request.header("If-Match", etag)))
        };
        remove(None).await.expect(428);
        remove(Some(made.etag())).await.expect(204);
        app.get(&path, Some(&office.token)).await.expect(404);
    }
}
