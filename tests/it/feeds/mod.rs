//! Facts about the feeds: what a follower learns, and that it ends with exactly what is live.

mod changes;
mod files;
mod storm;
mod subscriptions;

use jiangxin::accounts::{self, AccountBody, NewAccount};
use jiangxin::db::types::{EmployerId, Timestamp};
use jiangxin::http::{Caller, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, PASSWORD, json_body};

/// An office that takes vacancies through their life.
pub struct Office<'a> {
    pub app: &'a App,
    pub token: String,
    pub employer: String,
}

/// One vacancy as its office last saw it.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: String,
    pub etag: String,
}

impl Held {
    fn of(answer: &Answer) -> Held {
        Held { id: answer.json()["id"].as_str().unwrap().to_owned(), etag: answer.etag() }
    }
}

impl<'a> Office<'a> {
    pub async fn open(app: &'a App) -> Office<'a> {
        let token = app.log_in("province", Role::Province, None).await;
        Office::open_as(app, &token, "虚构风筝坊").await
    }

    pub async fn open_as(app: &'a App, token: &str, employer: &'static str) -> Office<'a> {
        let write = move |conn: &mut jiangxin::db::DbConn| {
            jiangxin::employers::upsert_many(conn, Timestamp::now(), &[(employer, None, Some("370700"))])
        };
        let employer = app.db.write(write).await.unwrap()[0].to_string();
        Office { app, token: token.to_owned(), employer }
    }

    pub fn body(&self, title: &str, city: &str) -> Value {
        json!({"title": title, "description": "扎骨架、糊面、彩绘；联系电话 13800000000", "employer": self.employer,
            "place": {"city": city}, "salary": {"min": 4000, "max": 6000, "unit": "month"}, "education": {"text": "大专"}})
    }

    pub async fn draft(&self, title: &str, city: &str) -> Held {
        Held::of(&self.app.post("/v1/vacancies", Some(&self.token), &self.body(title, city)).await.expect(201))
    }

    pub async fn step(&self, held: &Held, to: &str) -> Held {
        let path = format!("/v1/vacancies/{}/transitions", held.id);
        let request = self.app.request(Method::POST, &path, Some(&self.token)).header("If-Match", &held.etag);
        Held::of(&self.app.send(json_body(request, &json!({"to": to, "reason": "测试"}))).await.expect(200))
    }

    pub async fn live(&self, title: &str, city: &str) -> Held {
        let draft = self.draft(title, city).await;
        let submitted = self.step(&draft, "submitted").await;
        self.step(&submitted, "live").await
    }

    pub async fn correct(&self, held: &Held, patch: &Value) -> Held {
        let path = format!("/v1/vacancies/{}", held.id);
        Held::of(&self.app.patch(&path, Some(&self.token), &held.etag, patch).await.expect(200))
    }
}

/// The lines of an answer and its cursor.
pub fn feed(answer: &Answer) -> (Vec<Value>, i64) {
    let cursor = answer.headers["x-feed-cursor"].to_str().unwrap().parse().unwrap();
    (answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), cursor)
}

/// The types of changes, each with the id it speaks of.
pub fn told(lines: &[Value]) -> Vec<(&str, &str)> {
    lines.iter().map(|line| (line["type"].as_str().unwrap(), line["vacancy"]["id"].as_str().unwrap())).collect()
}

/// Logs an account in that is bound to an employer.
pub async fn owner_of(app: &App, employer: &str) -> String {
    let body = AccountBody {
        name: "owner".to_owned(),
        role: Role::Employer,
        password: PASSWORD.to_owned(),
        city: None,
        school: None,
        employer: EmployerId::parse(employer),
        graduate: None,
    };
    let new = NewAccount::parse(body).unwrap();
    app.db.write(move |conn| accounts::create(conn, Timestamp::now(), &Caller::service(), new)).await.unwrap();
    app.session("owner").await
}
