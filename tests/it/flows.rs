//! Facts that run through several rooms: from a source over the database and the index to an answer.

use jiangxin::db::types::Timestamp;
use jiangxin::http::Role;
use jiangxin::ingest::{self, Kind, RunStatus, SourceBody, SourceRow};
use jiangxin::vacancies;
use serde_json::{Value, json};

use crate::facts;
use crate::support::App;
use crate::support::upstream::{World, row, start};

/// Rows of all sorts: crafts in two cities, one from elsewhere, one without a title, one of nulls, one said twice.
fn rows() -> Vec<Value> {
    let mut rows: Vec<Value> = (0..230)
        .map(|n| match n % 3 {
            0 => row(n, &format!("陶瓷产品设计师{n}"), "370300", "4-6千/月", "负责陶艺与陶瓷设计，会3D建模者优先"),
            1 => row(n, &format!("风筝扎制学徒{n}"), "370700", "面议", "扎骨架、糊面、彩绘，包吃住"),
            _ => row(n, &format!("柳编编织工{n}"), "371300", "底薪3500+计件", "柳编收口，按件计酬"),
        })
        .collect();
    rows.push(row(900, "陶艺师", "110100", "1万", "外地岗位"));
    rows.push(row(901, "", "370300", "5000", "没有名称"));
    rows.push(json!({"acb210": null, "aab004": null, "acb216": null}));
    let mut twice = rows[0].clone();
    twice["acb210"] = json!("another-office-1");
    rows.push(twice);
    rows
}

pub async fn source(app: &App, url: &str) -> SourceRow {
    let body = SourceBody {
        url: Some(url.to_owned()),
        label: Some("虚构公共就业服务".to_owned()),
        allow_private_network: true,
        ..SourceBody::named("test", Kind::Lemis)
    };
    app.db.write(move |conn| ingest::add_source(conn, Timestamp::now(), &body)).await.unwrap()
}

pub async fn ingest_once(app: &App, source: &SourceRow) -> ingest::RunView {
    let run = ingest::run_once(&app.ground, source.clone(), Timestamp::now()).await.unwrap();
    let view = ingest::RunView::of(run).unwrap();
    assert_eq!(view.status, RunStatus::Succeeded, "{:?}", view.reason);
    assert_eq!(view.fetched, view.created + view.updated + view.unchanged + view.merged + view.rejected);
    view
}

facts! {
    async fn a_faulty_feed_lands_whole_and_a_second_run_writes_nothing(app) {
        let source = source(&app, &start(World::of(rows(), 2))).await;
        let first = ingest_once(&app, &source).await;
        assert_eq!((first.fetched, first.created, first.merged, first.rejected), (234, 230, 1, 3));
        assert_eq!(first.quarantined_fields.get("aac004"), Some(&48));
        let events = app.db.read(vacancies::last_change).await.unwrap();
        assert_eq!(events, 231, "a further source is told as well");
        let second = ingest_once(&app, &source).await;
        assert_eq!((second.created, second.updated, second.unchanged, second.rejected), (0, 0, 231, 3));
        assert_eq!(app.db.read(vacancies::last_change).await.unwrap(), events);
    }

    async fn a_changed_row_is_one_correction(app) {
        let world = World::of(rows(), 0);
        let source = source(&app, &start(world.clone())).await;
        ingest_once(&app, &source).await;
        world.rows.lock().unwrap()[3]["acb21i"] = json!("8-9千/月");
        let again = ingest_once(&app, &source).await;
        assert_eq!((again.updated, again.unchanged), (1, 230));
        app.search.catch_up(&app.db).await.unwrap();
        let found = app.get("/v1/vacancies?salary_min=8000", None).await.expect(200).json();
        assert_eq!(found["total"], 1);
        assert_eq!(found["items"][0]["vacancy"]["revision"], 2);
    }

    async fn what_came_in_is_found_with_facets_and_highlights(app) {
        let source = source(&app, &start(World::of(rows(), 0))).await;
        ingest_once(&app, &source).await;
        app.search.catch_up(&app.db).await.unwrap();
        let found = app.get("/v1/vacancies?q=陶瓷 设计&city=淄博&highlight=true&facets=city,skill,education", None).await.expect(200).json();
        assert_eq!(found["total"], 77, "{found}");
        let hit = &found["items"][0];
        assert_eq!(hit["vacancy"]["place"]["city"], "370300");
        assert!(hit["highlights"]["title"].as_str().unwrap().contains("<b>"), "{hit}");
        assert_eq!(hit["vacancy"]["salary"]["min"], 4000);
        assert_eq!(found["facets"]["education"][0]["value"], "college");
        assert!(found["facets"]["skill"].as_array().unwrap().iter().any(|s| s["value"] == "m-3d"));
        assert!(!found.to_string().contains("aac004"));
    }

    async fn every_result_can_be_reached_page_by_page(app) {
        let source = source(&app, &start(World::of(rows(), 0))).await;
        ingest_once(&app, &source).await;
        app.search.catch_up(&app.db).await.unwrap();
        let (mut seen, mut path) = (std::collections::BTreeSet::new(), "/v1/vacancies?limit=50&sort=published".to_owned());
        loop {
            let page = app.get(&path, None).await.expect(200).json();
            for item in page["items"].as_array().unwrap() {
                assert!(seen.insert(item["vacancy"]["id"].as_str().unwrap().to_owned()));
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/vacancies?limit=50&sort=published&cursor={cursor}");
        }
        assert_eq!(seen.len(), 230);
    }

    async fn a_senior_worker_is_shown_what_asks_for_college(app) {
        let source = source(&app, &start(World::of(rows(), 0))).await;
        ingest_once(&app, &source).await;
        app.search.catch_up(&app.db).await.unwrap();
        let total = async |education: &str| app.get(&format!("/v1/vacancies?education={education}"), None).await.expect(200).json()["total"].clone();
        assert_eq!(total("senior_worker").await, 230);
        assert_eq!(total("高级工班").await, 230);
        assert_eq!(total("middle_worker").await, 0);
    }

    async fn a_place_that_cannot_be_resolved_is_said_and_not_ignored(app) {
        let unknown = app.get("/v1/vacancies?city=淄薄", None).await.expect(422).json();
        assert_eq!(unknown["code"], "unknown_place");
        let ambiguous = app.get("/v1/vacancies?city=市中区", None).await.expect(422).json();
        assert_eq!(ambiguous["code"], "ambiguous_place");
        assert!(ambiguous["detail"].as_str().unwrap().contains("370103") && ambiguous["detail"].as_str().unwrap().contains("370402"));
        app.get("/v1/vacancies?city=莱芜", None).await.expect(200);
        app.get("/v1/vacancies?nonsense=1", None).await.expect(400);
        app.get(&format!("/v1/vacancies?q={}", "长".repeat(300)), None).await.expect(400);
    }

    async fn a_reject_keeps_its_row_without_what_must_not_be_kept(app) {
        let mut bad = row(1, "", "370300", "5000", "没有名称");
        (bad["aac002"], bad["aac004"]) = (json!("370300199001010000"), json!("2"));
        let source = source(&app, &start(World::of(vec![bad], 0))).await;
        let run = ingest_once(&app, &source).await;
        assert_eq!((run.rejected, run.quarantined_fields.get("aac002")), (1, Some(&1)));
        let token = app.log_in("province", Role::Province, None).await;
        let kept = app.get(&format!("/v1/ingest-runs/{}/rejects", run.id), Some(&token)).await.expect(200);
        assert_eq!(kept.json()["items"][0]["code"], "missing_title");
        assert!(kept.text.contains("没有名称") && !kept.text.contains("aac002") && !kept.text.contains("1990"), "{}", kept.text);
    }

    async fn nothing_found_names_the_filter_to_relax(app) {
        let source = source(&app, &start(World::of(rows(), 0))).await;
        ingest_once(&app, &source).await;
        app.search.catch_up(&app.db).await.unwrap();
        let found = app.get("/v1/vacancies?q=风筝&city=淄博", None).await.expect(200).json();
        assert_eq!((found["total"].as_i64(), found["relaxed"][0]["filter"].as_str()), (Some(0), Some("city")));
        assert!(found["relaxed"][0]["total"].as_i64().unwrap() > 0);
        let words = app.get("/v1/vacancies?q=量子计算机&city=淄博", None).await.expect(200).json();
        let all = app.get("/v1/vacancies?city=淄博", None).await.expect(200).json();
        assert_eq!(words["relaxed"], json!([{"filter": "q", "total": all["total"]}]));
        let everywhere = app.get("/v1/vacancies", None).await.expect(200).json();
        for province in ["37", "山东"] {
            let found = app.get(&format!("/v1/vacancies?city={province}"), None).await.expect(200).json();
            assert!(found["total"] == everywhere["total"] && found["total"].as_i64().unwrap() > 0, "{province}");
        }
    }

    async fn a_posted_vacancy_goes_live_through_the_bureau_and_is_found(app) {
        let bureau = app.log_in("zibo", Role::Bureau, Some("370300")).await;
        let other = app.log_in("weifang", Role::Bureau, Some("370700")).await;
        let employer = app.db.write(|conn| jiangxin::employers::upsert_many(conn, Timestamp::now(), &[("虚构琉璃工坊", None, Some("370300"))])).await.unwrap();
        let body = json!({"title": "琉璃热塑学徒", "description": "学习博山琉璃热塑，师徒制。", "employer": employer[0],
            "place": {"city": "淄博", "district": "博山区"}, "salary": {"min": 3500, "max": 5000, "unit": "month"}, "headcount": 2});
        let made = app.post("/v1/vacancies", Some(&bureau), &body).await.expect(201);
        let (id, etag) = (made.json()["id"].as_str().unwrap().to_owned(), made.etag());
        assert_eq!((made.json()["status"].as_str(), made.json()["handicraft"]["is"].as_bool()), (Some("draft"), Some(true)));
        assert_eq!(made.json()["salary"]["max"], 5000);
        app.get(&format!("/v1/vacancies/{id}"), None).await.expect(404);
        app.get(&format!("/v1/vacancies/{id}"), Some(&other)).await.expect(404);
        let step = async |etag: &str, to: &str| {
            let request = app.request(reqwest::Method::POST, &format!("/v1/vacancies/{id}/transitions"), Some(&bureau)).header("If-Match", etag);
            app.send(crate::support::json_body(request, &json!({"to": to}))).await
        };
        let etag = step(&etag, "submitted").await.expect(200).etag();
        step("\"r1\"", "live").await.expect(412);
        step(&etag, "live").await.expect(200);
        app.search.catch_up(&app.db).await.unwrap();
        let found = app.get("/v1/vacancies?q=琉璃", None).await.expect(200).json();
        assert_eq!((found["total"].as_i64(), found["items"][0]["vacancy"]["id"].as_str()), (Some(1), Some(id.as_str())));
        let posting = app.send(app.request(reqwest::Method::GET, &format!("/v1/vacancies/{id}"), None).header("Accept", "application/ld+json")).await.expect(200).json();
        assert_eq!((posting["@type"].as_str(), posting["baseSalary"]["value"]["minValue"].as_i64()), (Some("JobPosting"), Some(3500)));
        let history = app.get(&format!("/v1/vacancies/{id}/history"), Some(&bureau)).await.expect(200).json();
        let kinds: Vec<&str> = history.as_array().unwrap().iter().map(|h| h["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["created", "submitted", "published"]);
    }

    async fn a_profile_gets_explained_matches_and_college_is_no_bar_to_a_senior_worker(app) {
        let source = source(&app, &start(World::of(rows(), 0))).await;
        ingest_once(&app, &source).await;
        app.pool.catch_up(&app.db).await.unwrap();
        let profile = json!({"programme": "senior_worker", "skills": [{"name": "陶艺"}, {"id": "m-3d"}], "cities": ["淄博"], "limit": 5});
        let found = app.post("/v1/matches", None, &profile).await.expect(200).json();
        assert_eq!((found["items"].as_array().unwrap().len(), found["total"].as_u64()), (5, Some(77)));
        let first = &found["items"][0];
        assert_eq!((first["vacancy"]["place"]["city"].as_str(), first["city_fit"].as_f64()), (Some("370300"), Some(1.0)));
        let requirement = |kind: &str| first["requirements"].as_array().unwrap().iter().find(|r| r.get(kind).is_some()).cloned().unwrap();
        assert_eq!((requirement("education")["asked"].as_str(), requirement("education")["status"].as_str()), (Some("大专"), Some("met")));
        let skills = first["requirements"].as_array().unwrap().iter().filter(|r| r.get("skill").is_some());
        assert!(skills.clone().any(|r| r["status"] == "met" && r["evidence"] == "3D建模"), "{first}");
        assert!(skills.clone().any(|r| r["status"] == "partly" && r["asked"] == "陶瓷产品设计"), "{first}");
        let (low, high) = (first["score_range"][0].as_f64().unwrap(), first["score_range"][1].as_f64().unwrap());
        assert!(low <= high && first["score"].as_f64() == Some(low) && low > 0.5, "{first}");
        let unknown = app.post("/v1/matches", None, &json!({"skills": [{"name": "量子纠缠"}], "cities": ["市中区"]})).await.expect(422).json();
        let pointers: Vec<&str> = unknown["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/cities/0", "/skills/0"]);
        app.post("/v1/matches", None, &json!({"skills": [], "sex": "female"})).await.expect(422);
    }

    async fn a_push_is_answered_with_one_receipt_a_line(app) {
        source(&app, "http://127.0.0.1:9/unused").await;
        let token = app.log_in("feeder", Role::Feed, None).await;
        let good = row(1, "剪纸学徒", "370700", "4000元/月", "学习高密剪纸");
        let body = format!("{good}\n{{broken\n{}\n{good}\n", row(2, "绣工", "110100", "面议", "外地"));
        let request = app.request(reqwest::Method::POST, "/v1/ingest/test", Some(&token)).header("Content-Type", "application/x-ndjson");
        let answer = app.send(request.body(body)).await.expect(200);
        let receipts: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told: Vec<(&str, Option<&str>)> = receipts.iter().map(|r| (r["status"].as_str().unwrap(), r["code"].as_str())).collect();
        assert_eq!(told, [("created", None), ("rejected", Some("not_an_object")), ("rejected", Some("outside_region")), ("unchanged", None)]);
        let graduate = app.log_in("graduate", Role::Graduate, None).await;
        app.send(app.request(reqwest::Method::POST, "/v1/ingest/test", Some(&graduate)).body("")).await.expect(403);
    }

    async fn the_word_lists_are_public(app) {
        let cities = app.get("/v1/cities", None).await.expect(200).json();
        assert_eq!(cities.as_array().unwrap().len(), 16);
        let zibo = app.get("/v1/cities/370300", None).await.expect(200).json();
        assert_eq!((zibo["name"].as_str(), zibo["neighbours"].as_array().unwrap().len()), (Some("淄博市"), 6));
        assert_eq!(zibo["minimum_wages"][0]["verified"], false);
        assert_eq!(app.get("/v1/skills?q=风筝", None).await.expect(200).json()[0]["kind"], "craft");
        assert_eq!(app.get("/v1/skills/m-3d", None).await.expect(200).json()["name"], "3D建模");
        app.get("/v1/skills/nothing", None).await.expect(404);
        assert!(app.get("/v1/occupations?q=6-09-03-17", None).await.expect(200).text.contains("民间工艺品制作工"));
        assert_eq!(app.get("/v1/education-levels", None).await.expect(200).json().as_array().unwrap().len(), 8);
    }

    async fn a_lost_index_comes_back_from_the_database(app) {
        let source = source(&app, &start(World::of(rows(), 0))).await;
        ingest_once(&app, &source).await;
        let folder = tempfile::tempdir().unwrap();
        let fresh = std::sync::Arc::new(jiangxin::search::Search::open(folder.path(), app.ground.lexicon.clone(), 20_000_000).unwrap());
        assert_eq!(fresh.catch_up(&app.db).await.unwrap(), 230);
        assert_eq!(fresh.searcher().num_docs(), 230);
        assert_eq!(fresh.position().unwrap(), app.db.read(vacancies::last_change).await.unwrap());
        assert_eq!(fresh.catch_up(&app.db).await.unwrap(), 0);
    }
}
