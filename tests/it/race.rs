//! Facts about a rush: many clients want few booths and tickets while the service itself is killed again and again. The real
//! binary runs on the database; `JIANGXIN_RACE=full` tries 200 clients for 50 booths and 300 tickets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::prelude::*;
use jiangxin::db::Db;
use jiangxin::db::schema::{fair_attendances, fair_exhibitors};
use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::facts;
use crate::fairs::{announced, employers, id_of, plan};
use crate::support::App;
use crate::support::service::Service;

/// How large the rush is.
#[derive(Clone, Copy)]
struct Size {
    clients: usize,
    booths: usize,
    seats: usize,
    kills: usize,
}

/// How many tickets each client wants.
const TICKETS_EACH: usize = 2;

fn size() -> Size {
    match std::env::var("JIANGXIN_RACE").is_ok_and(|value| value == "full") {
        true => Size { clients: 200, booths: 50, seats: 300, kills: 8 },
        false => Size { clients: 24, booths: 6, seats: 36, kills: 3 },
    }
}

/// What every client knows.
#[derive(Clone)]
struct World {
    base: String,
    path: String,
    token: String,
    client: reqwest::Client,
    up: watch::Receiver<bool>,
    done: Arc<AtomicUsize>,
    tick: watch::Sender<()>,
    lost: Arc<AtomicUsize>,
}

impl World {
    /// Asks until there is an answer that says that it is done, now or by an earlier try whose answer was lost.
    async fn insist(&self, path: &str, body: &Value, done: &[(u16, &str)]) -> Value {
        loop {
            let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).header("If-Match", "*");
            let sent = request.header("Content-Type", "application/json").body(body.to_string()).send().await;
            let answer = match sent {
                Ok(answer) => (answer.status().as_u16(), answer.text().await),
                Err(_) => (0, Ok(String::new())),
            };
            let (status, Ok(text)) = answer else {
                self.lost.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            if status == 0 {
                self.lost.fetch_add(1, Ordering::Relaxed);
                self.up.clone().wait_for(|up| *up).await.unwrap();
                continue;
            }
            let json: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            if done.iter().any(|(wanted, code)| *wanted == status && (code.is_empty() || json["code"] == *code)) {
                self.done.fetch_add(1, Ordering::Relaxed);
                self.tick.send_replace(());
                return json;
            }
            assert_eq!(status, 503, "{path}: {text}");
        }
    }

    /// One client: an application and its approval, then tickets.
    async fn run(self, db: Db, employer: String, graduates: Vec<String>) {
        self.insist(&format!("{}/exhibitors", self.path), &json!({"employer": employer}), &[(201, ""), (409, "applied")]).await;
        let fair = id_of(&self.path);
        let row: String = db
            .read(move |conn| {
                let own = fair_exhibitors::table
                    .filter(fair_exhibitors::fair_id.eq(fair))
                    .filter(fair_exhibitors::employer_id.eq(employer));
                Ok(own.select(fair_exhibitors::id).first(conn)?)
            })
            .await
            .unwrap();
        let step = format!("{}/exhibitors/{row}/transitions", self.path);
        self.insist(&step, &json!({"to": "approved"}), &[(200, ""), (409, "wrong_step")]).await;
        for graduate in graduates {
            self.insist(&format!("{}/attendances", self.path), &json!({"graduate": graduate}), &[(201, ""), (409, "reserved")])
                .await;
        }
    }
}

type Row = (String, Option<i32>, Timestamp);

async fn rows(app: &App, path: &str) -> (Vec<Row>, Vec<Row>) {
    let fair = id_of(path);
    app.db
        .read(move |conn| {
            let booths = fair_exhibitors::table.filter(fair_exhibitors::fair_id.eq(&fair)).order(fair_exhibitors::applied_at);
            let booths =
                booths.select((fair_exhibitors::status, fair_exhibitors::booth, fair_exhibitors::applied_at)).load(conn)?;
            let seats = fair_attendances::table.filter(fair_attendances::fair_id.eq(&fair)).order(fair_attendances::reserved_at);
            let seats =
                seats.select((fair_attendances::status, fair_attendances::seat, fair_attendances::reserved_at)).load(conn)?;
            Ok((booths, seats))
        })
        .await
        .unwrap()
}

fn numbers(rows: &[Row], status: &str) -> Vec<i32> {
    let mut numbers: Vec<i32> = rows.iter().filter(|row| row.0 == status).filter_map(|row| row.1).collect();
    numbers.sort_unstable();
    numbers
}

fn counted(many: usize) -> Vec<i32> {
    (1..=i32::try_from(many).unwrap()).collect()
}

facts! {
    async fn a_rush_with_kills_gives_every_booth_and_ticket_once_and_keeps_the_queue(app) {
        let Size { clients, booths, seats, kills } = size();
        let (_, school) = app.school("虚构甲技工学校", "淄博").await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let hall = json!({"name": "虚构会展中心", "city": "淄博", "booths": 200});
        let hall = app.post("/v1/venues", Some(&bureau), &hall).await.expect(201).json()["id"].clone();
        let mut body = plan(9);
        (body["venue"], body["booths"], body["seats"]) = (hall, json!(booths), json!(seats));
        let path = announced(&app, &bureau, &body).await;
        let firms = employers(&app, clients).await;
        let people = crate::doors::people(&app, &school, 0, clients * TICKETS_EACH).await;
        let folder = tempfile::tempdir().unwrap();
        let mut service = Service::start(&app, folder.path(), None);
        let (up, is_up) = watch::channel(true);
        let (tick, mut ticks) = watch::channel(());
        let world = World {
            base: format!("http://{}", service.listen),
            path: path.clone(),
            token: bureau.clone(),
            client: reqwest::Client::new(),
            up: is_up,
            done: Arc::default(),
            tick,
            lost: Arc::default(),
        };
        let begun = std::time::Instant::now();
        let all: Vec<_> = firms.iter().zip(people.chunks(TICKETS_EACH)).map(|(firm, people)| {
            tokio::spawn(world.clone().run(app.db.clone(), firm.to_string(), people.to_vec()))
        }).collect();
        let steps = clients * (2 + TICKETS_EACH);
        for kill in 1..=kills {
            while world.done.load(Ordering::Relaxed) < steps * kill / (kills + 1) {
                ticks.changed().await.unwrap();
            }
            up.send_replace(false);
            service.kill();
            let listen = service.listen.clone();
            service = Service::start(&app, folder.path(), Some(listen));
            up.send_replace(true);
        }
        for client in all {
            client.await.unwrap();
        }
        let took = begun.elapsed();
        let (at_booths, at_seats) = rows(&app, &path).await;
        assert_eq!((at_booths.len(), at_seats.len()), (clients, clients * TICKETS_EACH));
        assert_eq!((numbers(&at_booths, "approved"), numbers(&at_seats, "reserved")), (counted(booths), counted(seats)));
        let waiting = |rows: &[Row]| rows.iter().filter(|row| row.0 == "waitlisted").cloned().collect::<Vec<Row>>();
        assert_eq!((waiting(&at_booths).len(), waiting(&at_seats).len()), (clients - booths, clients * TICKETS_EACH - seats));
        assert!(at_seats[..seats].iter().all(|row| row.0 == "reserved"), "whoever came first has a seat, whoever came later waits");
        leave_and_follow(&app, &world, &path, (&at_booths, &at_seats)).await;
        let chain = app.get("/v1/audit-events/verify", Some(&app.log_in("province", Role::Province, None).await)).await.expect(200);
        assert!(chain.json()["intact"] == true, "{}", chain.text);
        let lost = world.lost.load(Ordering::Relaxed);
        eprintln!("{}: {clients} clients, {booths} booths, {seats} tickets, {kills} kills, {lost} answers lost, {took:?}", app.db.kind());
        service.kill();
    }
}

/// Some leave, and exactly the first who wait take their places, in their order.
async fn leave_and_follow(app: &App, world: &World, path: &str, (booths, seats): (&[Row], &[Row])) {
    let (exhibitors, attendances) = {
        let fair = id_of(path);
        app.db
            .read(move |conn| {
                let own = fair_exhibitors::table
                    .filter(fair_exhibitors::fair_id.eq(&fair))
                    .filter(fair_exhibitors::status.eq("approved"));
                let exhibitors: Vec<String> =
                    own.order(fair_exhibitors::booth).limit(3).select(fair_exhibitors::id).load(conn)?;
                let own = fair_attendances::table
                    .filter(fair_attendances::fair_id.eq(&fair))
                    .filter(fair_attendances::status.eq("reserved"));
                let attendances: Vec<String> =
                    own.order(fair_attendances::seat).limit(5).select(fair_attendances::id).load(conn)?;
                Ok((exhibitors, attendances))
            })
            .await
            .unwrap()
    };
    for id in &exhibitors {
        world.insist(&format!("{path}/exhibitors/{id}/transitions"), &json!({"to": "withdrawn"}), &[(200, "")]).await;
    }
    for id in &attendances {
        let request = world
            .client
            .delete(format!("{}{path}/attendances/{id}", world.base))
            .bearer_auth(&world.token)
            .header("If-Match", "*");
        assert_eq!(request.send().await.unwrap().status().as_u16(), 204);
    }
    let first = |rows: &[Row], many: usize| {
        rows.iter().filter(|row| row.0 == "waitlisted").take(many).map(|row| row.2).collect::<Vec<_>>()
    };
    let (wanted_booths, wanted_seats) = (first(booths, 3), first(seats, 5));
    let (booths, seats) = rows(app, path).await;
    let offered: Vec<&Row> = booths.iter().filter(|row| row.0 == "offered").collect();
    assert_eq!(offered.iter().map(|row| row.2).collect::<Vec<_>>(), wanted_booths);
    assert_eq!(offered.iter().map(|row| row.1).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    let followed: Vec<Option<i32>> = seats.iter().filter(|row| wanted_seats.contains(&row.2)).map(|row| row.1).collect();
    assert_eq!(followed, (1..=5).map(Some).collect::<Vec<_>>());
}
