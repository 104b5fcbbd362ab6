//! A running service for each test, as `main` starts it, on a database of its own.

pub mod instances;
pub mod people;
pub mod postgres;
pub mod service;
pub mod site;
pub mod upstream;

use std::future::Future;
use std::net::TcpListener;
use std::path::Path;
use std::sync::OnceLock;

use jiangxin::accounts::{self, AccountBody, NewAccount};
use jiangxin::config::Config;
use jiangxin::db::types::Timestamp;
use jiangxin::db::{Address, Db};
use jiangxin::http::{Caller, Role};
use jiangxin::server::{self, Parts};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A password that every account of the tests has.
pub const PASSWORD: &str = "虚构的测试用密码 1";

/// Which database a fact is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// One running service.
pub struct App {
    pub base: String,
    pub db: Db,
    pub config: Config,
    pub search: std::sync::Arc<jiangxin::search::Search>,
    pub pool: actix_web::web::Data<jiangxin::matching::Pool>,
    pub ground: jiangxin::ingest::Ground,
    pub planner: actix_web::web::Data<jiangxin::http::Line>,
    pub tide: actix_web::web::Data<jiangxin::feeds::Tide>,
    pub post: actix_web::web::Data<jiangxin::feeds::Post>,
    pub clock: actix_web::web::Data<jiangxin::http::Clock>,
    pub client: reqwest::Client,
    #[expect(dead_code, reason = "the folder lives as long as the service")]
    folder: TempDir,
    handle: actix_web::dev::ServerHandle,
}

/// One answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    pub fn etag(&self) -> String {
        self.headers.get("etag").expect("an ETag").to_str().unwrap().to_owned()
    }

    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl App {
    pub fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a body") }
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(self.request(Method::GET, path, token)).await
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.send(json_body(self.request(Method::POST, path, token), body)).await
    }

    pub async fn patch(&self, path: &str, token: Option<&str>, etag: &str, body: &Value) -> Answer {
        self.send(json_body(self.request(Method::PATCH, path, token).header("If-Match", etag), body)).await
    }

    /// Makes an account straight in the database and logs it in.
    pub async fn log_in(&self, name: &str, role: Role, city: Option<&str>) -> String {
        let body = AccountBody {
            name: name.to_owned(),
            role,
            password: PASSWORD.to_owned(),
            city: city.map(str::to_owned),
            school: None,
            employer: None,
            graduate: None,
        };
        let new = NewAccount::parse(body).expect("a sound account");
        self.db.write(move |conn| accounts::create(conn, Timestamp::now(), &Caller::service(), new)).await.expect("an account");
        self.session(name).await
    }

    pub async fn session(&self, name: &str) -> String {
        let answer = self.post("/v1/sessions", None, &json!({"name": name, "password": PASSWORD})).await.expect(201);
        answer.json()["token"].as_str().expect("a token").to_owned()
    }
}

pub fn json_body(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("Content-Type", "application/json").body(body.to_string())
}

/// Starts a service and tries one fact on it.
pub fn try_on<F, Fut>(kind: Kind, fact: F)
where
    F: FnOnce(App) -> Fut,
    Fut: Future<Output = ()>,
{
    let folder = tempfile::tempdir().expect("a folder");
    let Some(address) = address(kind, folder.path()) else { return };
    static TLS: OnceLock<()> = OnceLock::new();
    TLS.get_or_init(|| rustls::crypto::ring::default_provider().install_default().expect("the first provider"));
    actix_web::rt::System::new().block_on(async move {
        let mut config = Config::in_folder(folder.path(), address).expect("a configuration");
        config.database_connections = 4;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let parts = Parts::open(config.clone()).expect("an open database");
        let db = parts.db.as_ref().clone();
        let (pool, tide, post) = (parts.pool.clone(), parts.tide.clone(), parts.post.clone());
        let planner = parts.planner.clone();
        let clock = parts.clock.clone();
        let (search, ground) = (parts.search.clone().into_inner(), parts.ground.as_ref().clone());
        let server = server::build(parts, listener).expect("a server");
        let handle = server.handle();
        let running = tokio::spawn(server);
        let app = App {
            base,
            db,
            config,
            search,
            pool,
            ground,
            planner,
            tide,
            post,
            clock,
            client: reqwest::Client::new(),
            folder,
            handle: handle.clone(),
        };
        fact(app).await;
        handle.stop(false).await;
        running.await.expect("no panic in the server").expect("a server that stopped");
    });
}

impl App {
    /// Stops answering.
    pub async fn stop(&self) {
        self.handle.stop(true).await;
    }
}

fn address(kind: Kind, folder: &Path) -> Option<Address> {
    match kind {
        Kind::Sqlite => Some(Address::Sqlite(folder.join("test.sqlite"))),
        Kind::Postgres => postgres::new_database().map(|url| Address::parse(&url).expect("a URL")),
    }
}

/// Declares facts that are tried on both databases.
#[macro_export]
macro_rules! facts {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident) $body:block)+) => { $(
        async fn $name($app: $crate::support::App) $body

        mod $name {
            #[test]
            fn on_sqlite() {
                $crate::support::try_on($crate::support::Kind::Sqlite, super::$name);
            }

            #[test]
            fn on_postgres() {
                $crate::support::try_on($crate::support::Kind::Postgres, super::$name);
            }
        }
    )+ };
}
