//! `demo`: one command that makes a small fictional world, takes it in over HTTP, and shows what can be done with it.

mod service;
mod world;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::cli::demo::world::{Made, PASSWORD, World};
use crate::cli::print;
use crate::config::Config;
use crate::db::Address;
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::ingest::{self, Kind, RunView, SourceBody};
use crate::server::{self, Parts};
use crate::workers::Workers;

/// How long a worked example may take, in seconds.
const EXAMPLE_S: u64 = 30;

/// One thing to try.
struct Example {
    words: &'static str,
    path: String,
    body: Option<&'static str>,
}

impl Example {
    fn curl(&self, base: &str) -> String {
        match self.body {
            Some(body) => format!("curl -s {base}{} -H 'Content-Type: application/json' -d '{body}'", self.path),
            None => format!("curl -s '{base}{}'", self.path),
        }
    }
}

fn examples() -> Vec<Example> {
    let words = "q=%E9%99%B6%E7%93%B7%20%E8%AE%BE%E8%AE%A1&city=%E6%B7%84%E5%8D%9A&highlight=true&facets=city,education&limit=3";
    let profile =
        r#"{"programme": "senior_worker", "skills": [{"name": "陶艺"}, {"name": "3D建模"}], "cities": ["淄博"], "limit": 3}"#;
    vec![
        Example { words: "检索 / search: 陶瓷 设计, 淄博", path: format!("/v1/vacancies?{words}"), body: None },
        Example {
            words: "匹配 / match: 高级工班, 陶艺 + 3D建模, 淄博", path: "/v1/matches".to_owned(), body: Some(profile)
        },
        Example {
            words: "招聘会 / fairs in 潍坊", path: "/v1/fairs?city=%E6%BD%8D%E5%9D%8A&limit=2".to_owned(), body: None
        },
        Example { words: "技能 / a craft and those around it", path: "/v1/skills/taoci".to_owned(), body: None },
    ]
}

/// Makes the world, takes it in, shows it, and goes on serving unless told to leave.
pub fn run(config: Config, seed: u64, once: bool) -> Result<()> {
    let folder = Folder::new()?;
    let config = Config { database: Address::Sqlite(folder.0.join("jiangxin.sqlite")), data: folder.0.clone(), ..config };
    actix_web::rt::System::new().block_on(async move {
        let listener = TcpListener::bind(&config.listen)
            .map_err(|cause| Error::Internal(anyhow::Error::new(cause).context(format!("cannot listen on {}", config.listen))))?;
        let base = format!("http://{}", listener.local_addr()?);
        let parts = Parts::open(config)?;
        let upstream = service::start(&parts.lexicon, seed)?;
        let run = take_in(&parts, &upstream).await?;
        print(&format!("采集 / ingest: {}\n", serde_json::to_string(&run)?))?;
        people(&parts, seed).await?;
        parts.search.clone().into_inner().catch_up(&parts.db).await?;
        parts.pool.catch_up(&parts.db).await?;
        let workers = Workers::start(&parts);
        let server = server::build(parts, listener)?;
        let handle = server.handle();
        let serving = tokio::spawn(server);
        let shown = show(&base, once).await;
        if once {
            handle.stop(true).await;
        }
        serving.await??;
        workers.stop().await;
        shown
    })
}

/// Writes down the people of the world and says who they are.
async fn people(parts: &Parts, seed: u64) -> Result<()> {
    let lexicon = parts.lexicon.clone();
    let made = parts.db.write(move |conn| World::new(&lexicon, seed, Timestamp::now())?.make(conn, service::PROVINCE)).await?;
    let Made { schools, graduates, employers, fairs } = made;
    print(&format!(
        "数据 / data: {schools} 所学校 schools, {graduates} 名毕业生 graduates, {employers} 家已核验单位 checked employers, \
         {fairs} 场招聘会 fairs\n账号 / accounts: demo-province demo-bureau demo-school demo-employer demo-graduate, 密码 / \
         password: {PASSWORD}\n"
    ))
}

async fn take_in(parts: &Parts, upstream: &str) -> Result<RunView> {
    let body = SourceBody {
        url: Some(upstream.to_owned()),
        label: Some("虚构公共就业服务".to_owned()),
        allow_private_network: true,
        ..SourceBody::named("demo", Kind::Lemis)
    };
    let source = parts.db.write(move |conn| ingest::add_source(conn, Timestamp::now(), &body)).await?;
    let run = ingest::run_once(&parts.ground, source, Timestamp::now()).await?;
    RunView::of(run)
}

/// Prints the examples and, where asked, runs each and shows how its answer begins.
async fn show(base: &str, once: bool) -> Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(EXAMPLE_S)).no_proxy().build()?;
    for example in examples() {
        print(&format!("\n# {}\n{}\n", example.words, example.curl(base)))?;
        if once {
            let url = format!("{base}{}", example.path);
            let request = match example.body {
                Some(body) => client.post(url).header("Content-Type", "application/json").body(body),
                None => client.get(url),
            };
            let answer: Value = serde_json::from_str(&request.send().await?.error_for_status()?.text().await?)?;
            let found = answer.get("items").and_then(Value::as_array).map(Vec::len);
            if found == Some(0) {
                return Err(Error::internal(format!("the example {:?} found nothing", example.words)));
            }
            let beginning: String = answer.to_string().chars().take(400).collect();
            print(&format!("{beginning}…\n"))?;
        }
    }
    match once {
        true => Ok(()),
        false => print(&format!("\n{base}/docs/ · Ctrl-C 结束 / ends\n")),
    }
}

/// A folder of the demo's own, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Folder> {
        let path = std::env::temp_dir().join(format!("jiangxin-demo-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(self.path()) {
            tracing::warn!("{} stays behind: {cause}", self.path().display());
        }
    }
}
