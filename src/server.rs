//! How do the rooms become one service? Mounts every room's routes, makes the OpenAPI document from them, and builds the
//! server; `main` and the tests start the same.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::OnceLock;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::SwaggerUi;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::feeds::{self, Post, Tide};
use crate::http::access::{RULES, Verdict, decide};
use crate::http::limit::Limits;
use crate::http::metrics::{Metrics, OPEN_METRICS};
use crate::http::{self, Caller, Clock, Line, Role, idempotency, limit, metrics, problem, request_id};
use crate::ingest::{self, Ground};
use crate::lexicon::Lexicon;
use crate::matching::{self, Pool};
use crate::search::{self, Search};
use crate::{accounts, audit, calendar, employers, fairs, graduates, lexicon, schools, training, vacancies};

/// How long a shutdown waits for answers under way, in seconds.
const SHUTDOWN_S: u64 = 20;
/// How many plans, timetables and seatings may be under way or waiting.
const SOLVERS_MAX: usize = 17;
/// After how many seconds whoever was turned away may come again.
const SOLVERS_RETRY_S: u32 = 5;

#[derive(OpenApi)]
#[openapi(info(
    title = "匠心 jiangxin",
    description = "山东手造进技工院校：岗位、匹配与校园招聘会 · Handicraft vacancies, matching and campus recruitment fairs",
    license(name = "MIT", identifier = "MIT")
))]
struct Document;

/// The parts that the rooms are given; each handler takes only what it needs.
#[derive(Clone)]
pub struct Parts {
    /// What the operator decided.
    pub config: Data<Config>,
    /// The database.
    pub db: Data<Db>,
    /// What callers may still ask.
    pub limits: Data<Limits>,
    /// What is counted.
    pub metrics: Data<Metrics>,
    /// The holidays.
    pub calendar: Data<Calendar>,
    /// The clock by which requests are answered.
    pub clock: Data<Clock>,
    /// The word lists.
    pub lexicon: Data<Lexicon>,
    /// What runs over sources stand on.
    pub ground: Data<Ground>,
    /// The vacancies to match.
    pub pool: Data<Pool>,
    /// The search index.
    pub search: Data<Search>,
    /// The line in front of the solvers of fairs.
    pub planner: Data<Line>,
    /// How far the changes have come, for those who wait.
    pub tide: Data<Tide>,
    /// What sends messages to subscribers.
    pub post: Data<Post>,
}

impl Parts {
    /// Opens the database and makes the other parts.
    pub fn open(config: Config) -> Result<Parts> {
        let db = Db::open(&config.database, config.database_connections)?;
        let limits = Limits::new(config.rate_limit_per_minute);
        let lexicon = Data::from(Lexicon::shared().map_err(Error::internal)?);
        let search = Search::open(&config.data, lexicon.clone().into_inner(), config.index_writer_bytes)?;
        let search = Data::new(search);
        let ground = Ground { db: db.clone(), lexicon: lexicon.clone().into_inner(), region: config.region.clone() };
        let post = Post::new(&db, search.clone().into_inner(), &config, Timestamp::now())?;
        Ok(Parts {
            pool: Data::new(Pool::new(lexicon.clone().into_inner())?),
            calendar: Data::new(Calendar::load().map_err(Error::internal)?),
            clock: Data::default(),
            lexicon,
            search,
            ground: Data::new(ground),
            db: Data::new(db),
            limits: Data::new(limits),
            metrics: Data::default(),
            planner: Data::new(Line::new(1, SOLVERS_MAX, SOLVERS_RETRY_S)),
            tide: Data::default(),
            post: Data::new(post),
            config: Data::new(config),
        })
    }
}

/// Mounts the routes of every room.
fn rooms(config: &mut ServiceConfig) {
    accounts::routes(config);
    audit::routes(config);
    employers::routes(config);
    schools::routes(config);
    graduates::routes(config);
    training::routes(config);
    fairs::routes(config);
    calendar::routes(config);
    search::routes(config);
    feeds::routes(config);
    vacancies::routes(config);
    ingest::routes(config);
    matching::routes(config);
    lexicon::routes(config);
}

/// Builds the server on an open port; it runs when it is awaited.
pub fn build(parts: Parts, listener: TcpListener) -> Result<Server> {
    let document = document_text()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(parts.config.clone())
            .app_data(parts.db.clone())
            .app_data(parts.limits.clone())
            .app_data(parts.metrics.clone())
            .app_data(parts.calendar.clone())
            .app_data(parts.clock.clone())
            .app_data(parts.lexicon.clone())
            .app_data(parts.ground.clone())
            .app_data(parts.search.clone())
            .app_data(parts.pool.clone())
            .app_data(parts.planner.clone())
            .app_data(parts.tide.clone())
            .app_data(parts.post.clone())
            .app_data(Data::new(OpenApiText(document.clone())))
            .wrap(from_fn(problem::middleware))
            .wrap(from_fn(idempotency::middleware))
            .wrap(from_fn(accounts::middleware))
            .wrap(from_fn(limit::middleware))
            .wrap(from_fn(http::conditional))
            .wrap(from_fn(problem::middleware))
            .wrap(Compress::default())
            .wrap(from_fn(metrics::middleware))
            .wrap(from_fn(request_id::middleware))
            .into_utoipa_app()
            .service(scope("/v1").configure(rooms))
            .into_app()
            .service(health)
            .service(readiness)
            .service(measures)
            .service(read_document)
            .service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")))
            .route(
                "/docs",
                web::get().to(|| async { HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish() }),
            )
            .default_service(web::to(nothing_here))
    })
    .shutdown_timeout(SHUTDOWN_S)
    .listen(listener)?
    .run();
    Ok(server)
}

struct OpenApiText(Bytes);

/// Words the OpenAPI document once a process, since a worker that makes it anew would double its start.
fn document_text() -> Result<Bytes> {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    if let Some(text) = TEXT.get() {
        return Ok(text.clone());
    }
    let text = Bytes::from(openapi().to_pretty_json()?);
    Ok(TEXT.get_or_init(|| text).clone())
}

/// Makes the OpenAPI 3.1 document of all routes, with the roles and the security of each from the access table.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) =
        App::new().into_utoipa_app().openapi(Document::openapi()).service(scope("/v1").configure(rooms)).split_for_parts();
    let components = document.components.get_or_insert_default();
    let bearer = utoipa::openapi::security::Http::new(utoipa::openapi::security::HttpAuthScheme::Bearer);
    components.add_security_scheme("bearer", utoipa::openapi::security::SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            if let Some(rule) = RULES.iter().find(|rule| rule.route == path && rule.method == method) {
                secure(operation, rule.roles);
            }
        }
    }
    document
}

fn operations(item: &mut utoipa::openapi::PathItem) -> Vec<(actix_web::http::Method, &mut utoipa::openapi::path::Operation)> {
    use actix_web::http::Method;
    let utoipa::openapi::PathItem { get, put, post, delete, patch, .. } = item;
    [(Method::GET, get), (Method::PUT, put), (Method::POST, post), (Method::DELETE, delete), (Method::PATCH, patch)]
        .into_iter()
        .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
        .collect()
}

fn secure(operation: &mut utoipa::openapi::path::Operation, roles: &[Role]) {
    use utoipa::openapi::SecurityRequirement;
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let mut ways = vec![SecurityRequirement::new("bearer", Vec::<String>::new())];
    if roles.contains(&Role::Anonymous) {
        ways.push(SecurityRequirement::default());
    }
    operation.security = Some(ways);
    operation.extensions.get_or_insert_default().insert("x-roles".to_owned(), json!(names));
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: &'static str,
}

#[get("/healthz")]
async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({"alive": true}))
}

#[get("/readyz")]
async fn readiness(db: Data<Db>) -> Result<HttpResponse> {
    db.read(|conn| crate::db::sequence::last(conn, "vacancy_events")).await?;
    Ok(HttpResponse::Ok().json(Readiness { ready: true, database: db.kind() }))
}

#[get("/metrics")]
async fn measures(metrics: Data<Metrics>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, OPEN_METRICS)).body(metrics.text()?))
}

#[get("/openapi.json")]
async fn read_document(document: Data<OpenApiText>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(document.0.clone())
}

/// Answers what no route answers: a wrong method here, or nothing at all.
async fn nothing_here(request: HttpRequest, caller: Caller) -> Result<HttpResponse> {
    let Verdict::WrongMethod(methods) = decide(request.method(), request.path(), caller.role, &caller.scopes) else {
        return Err(Error::NotFound("route"));
    };
    let allowed: BTreeSet<String> = methods.iter().map(ToString::to_string).collect();
    let allowed = allowed.into_iter().collect::<Vec<_>>().join(", ");
    let mut response = problem::answer(&Error::WrongMethod(allowed.clone()), &request);
    if let Ok(value) = header::HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    Ok(response)
}

/// Compares the committed OpenAPI document with the routes; gives both as text.
pub fn document_json() -> Result<String> {
    let text = openapi().to_pretty_json()?;
    let sorted: Value = serde_json::from_str(&text)?;
    Ok(format!("{}\n", serde_json::to_string_pretty(&sorted)?))
}
