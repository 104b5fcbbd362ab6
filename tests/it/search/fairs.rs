//! Fairs are found by the same engine, and vacancies by the fair to which they are brought.

use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use serde_json::json;

use super::served::{get, town};
use crate::facts;
use crate::fairs::{announced, plan, step, venue};
use crate::support::App;

/// Announces three fairs and writes one more down.
async fn season(app: &App, bureau: &str) -> Vec<String> {
    let (mut paths, hall) = (Vec::new(), venue(app, bureau).await);
    for (hour, title, text) in [
        (8, "博山琉璃专场招聘会", "琉璃热塑与内画岗位，欢迎技工院校毕业生"),
        (11, "手造校园招聘会", "陶瓷、琉璃瓦与木雕企业参加"),
        (14, "陶艺企业宣讲会", "陶艺学徒与设计师"),
    ] {
        let mut body = plan(hour);
        (body["title"], body["description"], body["venue"]) = (json!(title), json!(text), json!(hall));
        paths.push(announced(app, bureau, &body).await);
    }
    let mut draft = plan(9);
    draft["title"] = json!("琉璃招聘会筹备");
    app.post("/v1/fairs", Some(bureau), &draft).await.expect(201);
    paths
}

async fn titles(app: &App, query: &str) -> Vec<String> {
    let found = app.get(&format!("/v1/fairs/search?{query}"), None).await.expect(200).json();
    let items = found["items"].as_array().unwrap().iter();
    let titles: Vec<String> = items.map(|item| item["fair"]["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found["total"], titles.len());
    titles
}

facts! {
    async fn announced_fairs_are_found_by_what_the_words_mean(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        assert!(titles(&app, "q=琉璃").await.is_empty());
        let paths = season(&app, &bureau).await;
        assert_eq!(titles(&app, "q=博山琉璃").await, ["博山琉璃专场招聘会"]);
        assert_eq!(titles(&app, "q=琉璃瓦").await, ["手造校园招聘会"]);
        assert_eq!(titles(&app, "q=taoyi").await.first().map(String::as_str), Some("陶艺企业宣讲会"));
        assert_eq!(titles(&app, "q=淄博").await.len(), 3);
        assert_eq!(titles(&app, "q=陶艺&city=潍坊").await.len(), 0);
        assert_eq!(titles(&app, "q=&limit=50").await.len(), 3);
        step(&app, &paths[0], &bureau, &json!({"to": "cancelled", "reason": "场馆维修"})).await.expect(200);
        assert!(titles(&app, "q=博山琉璃").await.is_empty(), "a fair that was called off is not found");
        app.get("/v1/fairs/search?q=x&limit=51", None).await.expect(400);
        app.get("/v1/fairs/search?q=x&city=淄薄", None).await.expect(422);
    }

    async fn vacancies_are_filtered_by_the_fair_to_which_they_are_brought(app) {
        town(&app).await;
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let mut body = plan(9);
        body["venue"] = json!(venue(&app, &bureau).await);
        let path = announced(&app, &bureau, &body).await;
        let fair = path.rsplit('/').next().unwrap();
        assert_eq!(get(&app, &format!("fair={fair}")).await["total"], 0);
        let brought = get(&app, "q=陶艺&limit=1").await["items"][0]["vacancy"].clone();
        app.db
            .write(|conn| {
                use diesel::prelude::*;
                use jiangxin::db::schema::employers as table;
                Ok(diesel::update(table::table).set(table::verified_at.eq(Some(Timestamp::now()))).execute(conn)?)
            })
            .await
            .unwrap();
        let body = json!({"employer": brought["employer"]["id"], "vacancies": [brought["id"]]});
        let row = app.post(&format!("{path}/exhibitors"), Some(&bureau), &body).await.expect(201).json();
        assert_eq!(get(&app, &format!("fair={fair}")).await["total"], 0, "not yet approved");
        let own = format!("{path}/exhibitors/{}", row["id"].as_str().unwrap());
        step(&app, &own, &bureau, &json!({"to": "approved"})).await.expect(200);
        let found = get(&app, &format!("fair={fair}&facets=city")).await;
        assert_eq!((&found["total"], &found["items"][0]["vacancy"]["id"]), (&json!(1), &brought["id"]));
        let none = get(&app, &format!("fair={fair}&q=柳编")).await;
        assert!(none["relaxed"].as_array().unwrap().iter().any(|relaxed| relaxed["filter"] == "fair"), "{}", none["relaxed"]);
        app.get("/v1/vacancies?fair=0190a000-0000-7000-8000-000000000000", None).await.expect(404);
    }
}
