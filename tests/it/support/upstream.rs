//! A small employment service of the tests' own: pages of rows in the shape of the public labour-market system, with
//! faults that pass.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::web::{Data, Query};
use actix_web::{App, HttpResponse, HttpServer};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageOf {
    page_no: usize,
    page_size: usize,
}

/// What the service serves, and how it misbehaves.
#[derive(Default)]
pub struct World {
    pub rows: Mutex<Vec<Value>>,
    /// Every so many answers one is a fault; 0 for none.
    pub fault_every: usize,
    answers: AtomicUsize,
}

impl World {
    pub fn of(rows: Vec<Value>, fault_every: usize) -> Arc<World> {
        Arc::new(World { rows: Mutex::new(rows), fault_every, answers: AtomicUsize::new(0) })
    }
}

/// Starts the service on a free port and gives its address.
pub fn start(world: Arc<World>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/lemis/vacancies", listener.local_addr().expect("an address"));
    let data = Data::from(world);
    let server =
        HttpServer::new(move || App::new().app_data(data.clone()).route("/lemis/vacancies", actix_web::web::get().to(page)));
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).expect("a server").run());
    url
}

async fn page(world: Data<World>, query: Query<PageOf>) -> HttpResponse {
    let PageOf { page_no, page_size } = query.into_inner();
    let answer = world.answers.fetch_add(1, Ordering::Relaxed);
    if world.fault_every > 0 && answer.is_multiple_of(world.fault_every) {
        return match (answer / world.fault_every) % 3 {
            0 => HttpResponse::ServiceUnavailable().finish(),
            1 => HttpResponse::Ok().json(json!({"code": "-1", "msg": "查询失败", "data": null})),
            _ => HttpResponse::Ok().content_type("application/json").body("{\"code\": \"0\", \"da"),
        };
    }
    let rows = world.rows.lock().expect("the rows");
    let part: Vec<&Value> = rows.iter().skip((page_no - 1) * page_size).take(page_size).collect();
    HttpResponse::Ok().json(json!({"code": "0", "data": {"total": rows.len(), "rows": part}}))
}

/// Makes a row of a plainly fictional workshop.
pub fn row(reference: usize, title: &str, area: &str, pay: &str, text: &str) -> Value {
    json!({"acb210": format!("r{reference}"), "op": "I", "aab004": format!("虚构手造坊{}号", reference % 7), "aab998": "",
        "aab301": area, "acb204": "示例路1号", "acb216": title, "acb21d": "3", "acb21i": pay, "aac011_text": "大专",
        "acb22a": "经验不限", "aae013": text, "aac004": if reference.is_multiple_of(5) { "2" } else { "0" },
        "aae030": "2026-11-01", "aae031": "2099-12-31", "aae036": "20261101080000"})
}
