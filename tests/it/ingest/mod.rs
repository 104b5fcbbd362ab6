//! Facts about what comes in from sources, and about what no longer comes.

mod duplicates;
mod endings;
mod feeds;
mod postings;
mod pushes;
mod rejects;
mod sources;
mod totals;

use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use jiangxin::ingest::{self, RunStatus, RunView};
use serde_json::{Value, json};

use crate::support::App;

/// The office that looks after sources.
pub struct Desk<'a> {
    pub app: &'a App,
    pub token: String,
}

impl<'a> Desk<'a> {
    pub async fn open(app: &'a App) -> Desk<'a> {
        Desk { app, token: app.log_in("province", Role::Province, None).await }
    }

    /// Adds a source and gives it as served.
    pub async fn add(&self, name: &str, more: Value) -> Value {
        let mut body = json!({"name": name, "kind": "lemis", "allow_private_network": true});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.app.post("/v1/sources", Some(&self.token), &body).await.expect(201).json()
    }

    /// Runs a source to its end.
    pub async fn run(&self, name: &str) -> RunView {
        let name = name.to_owned();
        let found = self.app.db.read(move |conn| ingest::find_source_by_name(conn, &name)).await.unwrap();
        let run = ingest::run_once(&self.app.ground, found.unwrap(), Timestamp::now()).await.unwrap();
        let view = RunView::of(run).unwrap();
        let sum = view.created + view.updated + view.unchanged + view.merged + view.rejected;
        assert_eq!(view.fetched, sum, "{view:?}");
        view
    }

    /// Runs a source to its end, which must be a good one.
    pub async fn run_well(&self, name: &str) -> RunView {
        let view = self.run(name).await;
        assert_eq!((view.status, view.reason.clone()), (RunStatus::Succeeded, None), "{view:?}");
        view
    }

    /// Changes a source by a merge patch.
    pub async fn patch(&self, id: &Value, patch: &Value) -> Value {
        let path = format!("/v1/sources/{}", id.as_str().unwrap());
        let etag = self.app.get(&path, Some(&self.token)).await.expect(200).etag();
        self.app.patch(&path, Some(&self.token), &etag, patch).await.expect(200).json()
    }

    /// Lists what is live, by title.
    pub async fn live(&self) -> Vec<Value> {
        let text = self.app.get("/v1/vacancies/snapshot", None).await.expect(200).text;
        let mut live: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        live.sort_by_key(|vacancy| vacancy["title"].as_str().unwrap().to_owned());
        live
    }

    /// Lists the types of all changes, in their order.
    pub async fn changes(&self) -> Vec<String> {
        let text = self.app.get("/v1/vacancies/changes?after=0", None).await.expect(200).text;
        let told = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned());
        told.collect()
    }
}
