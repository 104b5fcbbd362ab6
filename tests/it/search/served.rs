//! What is served over HTTP: facets, distances, pages that stay as they were, suggestions, similar vacancies.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::facts;
use crate::flows::{ingest_once, source};
use crate::support::App;
use crate::support::upstream::{World, row, start};

/// Vacancies of three crafts in four cities, at steps of pay.
pub async fn town(app: &App) -> std::sync::Arc<World> {
    let cities = ["370300", "370700", "371300", "370100"];
    let rows: Vec<Value> = (0..80)
        .map(|n| {
            let pay = format!("{}-{}元/月", 3000 + n / 4 * 100, 4000 + n / 4 * 200);
            match n % 4 {
                0 => row(n, &format!("陶瓷产品设计师{n}"), cities[0], &pay, "负责陶艺与陶瓷设计"),
                1 => row(n, &format!("风筝扎制学徒{n}"), cities[1], &pay, "扎骨架、糊面、彩绘"),
                2 => row(n, &format!("柳编编织工{n}"), cities[2], &pay, "柳编收口，按件计酬"),
                _ => row(n, &format!("陶艺体验馆店员{n}"), cities[3], &pay, "陶艺体验课辅助"),
            }
        })
        .collect();
    let world = World::of(rows, 0);
    let source = source(app, &start(world.clone())).await;
    ingest_once(app, &source).await;
    app.search.catch_up(&app.db).await.unwrap();
    world
}

pub async fn get(app: &App, query: &str) -> Value {
    app.get(&format!("/v1/vacancies?{query}"), None).await.expect(200).json()
}

facts! {
    async fn each_facet_counts_without_its_own_filter(app) {
        town(&app).await;
        let found = get(&app, "q=陶艺&city=淄博&facets=city,education,salary,skill,craft,employment_type").await;
        assert_eq!(found["total"], 20);
        let city = found["facets"]["city"].as_array().unwrap();
        let counted = |code: &str| city.iter().find(|v| v["value"] == code).map(|v| v["count"].clone());
        assert_eq!((counted("370300"), counted("370100"), counted("370700")), (Some(json!(20)), Some(json!(20)), None));
        let education: u64 = found["facets"]["education"].as_array().unwrap().iter().map(|v| v["count"].as_u64().unwrap()).sum();
        assert_eq!(education, 20);
        for least in [5000, 6000] {
            let steps = get(&app, &format!("q=陶艺&city=淄博&facets=salary&salary_min={least}")).await;
            let from = steps["facets"]["salary"].as_array().unwrap().iter();
            let above: u64 = from.filter(|v| v["value"].as_str().unwrap().parse::<i64>().unwrap() >= least).map(|v| v["count"].as_u64().unwrap()).sum();
            assert_eq!(Some(above), steps["total"].as_u64());
        }
        app.get("/v1/vacancies?facets=sex", None).await.expect(400);
    }

    async fn near_a_point_is_measured_bounded_and_ordered(app) {
        town(&app).await;
        let found = get(&app, "near=36.8,118.05&radius_km=60&sort=distance&limit=5").await;
        assert_eq!(found["total"], 20);
        assert!(found["items"][0]["distance_km"].as_f64().unwrap() < 60.0);
        let wide = get(&app, "near=36.8,118.05&radius_km=400&sort=distance&limit=80").await;
        let away: Vec<f64> = wide["items"].as_array().unwrap().iter().map(|i| i["distance_km"].as_f64().unwrap()).collect();
        assert!(away.len() == 80 && away.is_sorted(), "{away:?}");
        app.get("/v1/vacancies?sort=distance", None).await.expect(400);
        app.get("/v1/vacancies?near=here", None).await.expect(400);
    }

    async fn neighbouring_cities_come_after_the_city_asked_for(app) {
        town(&app).await;
        let alone = get(&app, "q=陶艺&city=淄博&limit=100").await;
        let wide = get(&app, "q=陶艺&city=淄博&include_nearby=true&limit=100").await;
        assert_eq!((alone["total"].as_u64(), wide["total"].as_u64()), (Some(20), Some(40)));
        let cities: Vec<&str> = wide["items"].as_array().unwrap().iter().map(|i| i["vacancy"]["place"]["city"].as_str().unwrap()).collect();
        assert!(cities[..20].iter().all(|city| *city == "370300") && cities[20..].iter().all(|city| *city == "370100"), "{cities:?}");
    }

    async fn pages_stay_as_they_were_while_the_index_goes_on(app) {
        let world = town(&app).await;
        let (mut seen, mut path, mut turn) = (BTreeSet::new(), "q=陶艺&limit=7".to_owned(), 0);
        loop {
            let page = get(&app, &path).await;
            assert_eq!(page["total"], 40);
            for item in page["items"].as_array().unwrap() {
                assert!(seen.insert(item["vacancy"]["id"].as_str().unwrap().to_owned()), "twice");
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("q=陶艺&limit=7&cursor={cursor}");
            turn += 1;
            world.rows.lock().unwrap().push(row(1000 + turn, &format!("陶艺师{turn}"), "370300", "9千/月", "陶艺 陶艺 陶艺"));
            let source = app.db.read(|conn| jiangxin::ingest::find_source_by_name(conn, "test")).await.unwrap().unwrap();
            ingest_once(&app, &source).await;
            app.search.catch_up(&app.db).await.unwrap();
        }
        assert_eq!((seen.len(), turn), (40, 5));
        assert_eq!(get(&app, "q=陶艺").await["total"], 45);
    }

    async fn names_are_suggested_by_characters_pinyin_and_initials_with_counts(app) {
        town(&app).await;
        let suggest = async |query: &str| app.get(&format!("/v1/vacancies/suggest?{query}"), None).await.expect(200).json();
        for typed in ["风筝", "fengzheng", "fz", "f筝"] {
            let found = suggest(&format!("q={typed}")).await;
            assert!(found["items"].as_array().unwrap().iter().any(|i| i["text"].as_str().unwrap().contains("风筝")), "{typed}: {found}");
        }
        let city = suggest("q=zibo").await;
        assert_eq!((city["items"][0]["text"].as_str(), city["items"][0]["count"].as_u64()), (Some("淄博"), Some(20)));
        let there = suggest("q=taoyi&city=淄博").await;
        let skill = there["items"].as_array().unwrap().iter().find(|i| i["kind"] == "skill").unwrap().clone();
        let found = get(&app, &format!("skill={}&city=淄博", skill["value"].as_str().unwrap())).await;
        assert_eq!(skill["count"], found["total"]);
        assert!(suggest("q=liubian&city=淄博").await["items"].as_array().unwrap().iter().all(|i| i["count"].as_u64() > Some(0)));
        app.get("/v1/vacancies/suggest?q=x&limit=21", None).await.expect(400);
        app.get("/v1/vacancies/suggest?q=x&city=淄薄", None).await.expect(422);
    }

    async fn similar_vacancies_share_skill_or_title_and_never_the_vacancy_itself(app) {
        town(&app).await;
        let first = get(&app, "q=风筝&limit=1").await["items"][0]["vacancy"]["id"].as_str().unwrap().to_owned();
        let similar = app.get(&format!("/v1/vacancies/{first}/similar?limit=5"), None).await.expect(200).json();
        let items = similar["items"].as_array().unwrap();
        assert_eq!(items.len(), 5);
        assert!(items.iter().all(|i| i["vacancy"]["title"].as_str().unwrap().contains("风筝") && i["vacancy"]["id"] != first.as_str()));
        app.get("/v1/vacancies/0190a000-0000-7000-8000-000000000000/similar", None).await.expect(404);
        app.get(&format!("/v1/vacancies/{first}/similar?limit=51"), None).await.expect(400);
    }

    async fn each_hit_can_tell_why_it_stands_where_it_stands(app) {
        town(&app).await;
        let found = get(&app, "q=淄博 陶艺&explain=true&limit=3").await;
        let hit = &found["items"][0];
        let words: f64 = hit["explain"]["words"].as_array().unwrap().iter().map(|w| w["score"].as_f64().unwrap()).sum();
        let factor = hit["explain"]["factor"].as_f64().unwrap();
        let score = hit["score"].as_f64().unwrap();
        assert!(((words + 0.05) * factor - score).abs() < 0.001 * score, "{hit}");
        assert_eq!(found["understood"]["places"], json!(["370300"]));
    }

    async fn a_vacancy_is_filtered_by_its_source(app) {
        town(&app).await;
        assert_eq!(get(&app, "source=test").await["total"], 80);
        assert_eq!(get(&app, "source=elsewhere").await["total"], 0);
    }
}
