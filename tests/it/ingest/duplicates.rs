//! Facts about one opening that several tell of: it is one vacancy, led by one of them.

use serde_json::{Value, json};

use crate::facts;
use crate::ingest::Desk;
use crate::support::upstream::{World, row, start};

const TEXT: &str =
    "负责风筝骨架的扎制、糊面与彩绘，师徒制教学，提供食宿，缴纳社会保险，有美术基础者优先，工作地点在工坊内，周末双休。";

fn told(reference: &str, employer: &str, area: &str, text: &str) -> Value {
    let mut row = row(1, "风筝扎制学徒", area, "4000-6000元/月", text);
    (row["acb210"], row["aab004"]) = (json!(reference), json!(employer));
    row
}

facts! {
    async fn one_opening_told_by_three_offices_with_a_letter_changed_is_one_vacancy(app) {
        let desk = Desk::open(&app).await;
        let texts = [TEXT.to_owned(), TEXT.replace("工坊内", "工坊里"), TEXT.replace("有美术", "具美术")];
        let mut rows: Vec<Value> = texts.iter().zip(["a", "b", "c"]).map(|(text, name)| told(name, "虚构风筝坊", "370700", text)).collect();
        rows[1]["acb228"] = json!("五险一金");
        rows.push(told("city", "虚构风筝坊", "370300", TEXT));
        rows.push(told("employer", "虚构另一风筝坊", "370700", TEXT));
        let world = World::of(rows, 0);
        desk.add("feed", json!({"url": start(world.clone())})).await;
        let run = desk.run_well("feed").await;
        assert_eq!((run.created, run.merged), (3, 2));
        let live = desk.live().await;
        let whole = live.iter().find(|v| v["sources"].as_array().unwrap().len() == 3).unwrap();
        assert_eq!(whole["description"], TEXT);
        assert!(!whole["benefits"].as_array().unwrap().is_empty(), "what one leaves open another fills: {whole}");
        let again = desk.run_well("feed").await;
        assert_eq!((again.unchanged, again.fetched), (5, 5));
    }

    async fn the_row_that_leads_changes_the_vacancy_and_a_row_beside_it_leaves_when_it_says_something_else(app) {
        let desk = Desk::open(&app).await;
        let first = World::of(vec![told("1", "虚构风筝坊", "370700", TEXT)], 0);
        let second = World::of(vec![told("2", "虚构风筝坊", "370700", TEXT)], 0);
        desk.add("first", json!({"url": start(first.clone())})).await;
        desk.add("second", json!({"url": start(second.clone())})).await;
        desk.run_well("first").await;
        assert_eq!(desk.run_well("second").await.merged, 1);
        let live = desk.live().await;
        assert_eq!((live.len(), live[0]["sources"].as_array().unwrap().len(), &live[0]["revision"]), (1, 2, &json!(2)));
        second.rows.lock().unwrap()[0]["acb21i"] = json!("9000-12000元/月");
        assert_eq!(desk.run_well("second").await.created, 1);
        let pays = |live: Vec<Value>| live.iter().map(|v| v["salary"]["min"].as_i64().unwrap()).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(pays(desk.live().await), [4000, 9000].into());
        first.rows.lock().unwrap()[0]["acb21i"] = json!("5000-6000元/月");
        assert_eq!(desk.run_well("first").await.updated, 1);
        assert_eq!(pays(desk.live().await), [5000, 9000].into());
        assert_eq!(desk.changes().await, ["published", "corrected", "corrected", "published", "corrected"]);
    }

    async fn a_vacancy_of_two_sources_ends_with_the_last_of_them(app) {
        let desk = Desk::open(&app).await;
        let first = World::of(vec![told("1", "虚构风筝坊", "370700", TEXT)], 0);
        let second = World::of(vec![told("2", "虚构风筝坊", "370700", TEXT)], 0);
        desk.add("first", json!({"url": start(first.clone())})).await;
        desk.add("second", json!({"url": start(second.clone())})).await;
        desk.run_well("first").await;
        desk.run_well("second").await;
        first.rows.lock().unwrap()[0]["op"] = json!("D");
        assert_eq!(desk.run_well("first").await.closed, 0);
        let live = desk.live().await;
        assert_eq!((live.len(), live[0]["sources"].as_array().unwrap().len()), (1, 1));
        second.rows.lock().unwrap()[0]["acb21d"] = json!("9");
        assert_eq!(desk.run_well("second").await.updated, 1);
        assert_eq!(desk.live().await[0]["headcount"], 9, "who stays behind leads");
        second.rows.lock().unwrap()[0]["op"] = json!("D");
        assert_eq!((desk.run_well("second").await.closed, desk.live().await.len()), (1, 0));
    }

    async fn a_feed_neither_changes_nor_ends_what_an_employer_wrote(app) {
        let desk = Desk::open(&app).await;
        let written = crate::feeds::Office::open_as(&app, &desk.token, "虚构风筝坊").await;
        let held = written.draft("风筝扎制学徒", "潍坊").await;
        let held = written.step(&written.step(&held, "submitted").await, "live").await;
        let own = desk.live().await.remove(0);
        let world = World::of(vec![told("1", "虚构风筝坊", "370700", own["description"].as_str().unwrap())], 0);
        world.rows.lock().unwrap()[0]["acb21i"] = own["salary"]["text"].clone();
        desk.add("feed", json!({"url": start(world.clone())})).await;
        assert_eq!(desk.run_well("feed").await.merged, 1);
        let live = desk.live().await;
        assert_eq!((live.len(), live[0]["id"].as_str(), live[0]["sources"][0]["name"].as_str()), (1, Some(held.id.as_str()), Some("feed")));
        world.rows.lock().unwrap()[0]["acb21i"] = json!("20000-30000元/月");
        assert_eq!(desk.run_well("feed").await.created, 1);
        let live = desk.live().await;
        let mine = live.iter().find(|v| v["id"].as_str() == Some(held.id.as_str())).unwrap();
        assert_eq!((live.len(), &mine["salary"], &mine["description"]), (2, &own["salary"], &own["description"]));
        world.rows.lock().unwrap()[0]["op"] = json!("D");
        desk.run_well("feed").await;
        assert_eq!(desk.live().await.len(), 1);
    }

    async fn a_vacancy_goes_with_its_row_to_another_employer(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(vec![told("1", "虚构风筝坊", "370700", TEXT)], 0);
        desk.add("feed", json!({"url": start(world.clone())})).await;
        desk.run_well("feed").await;
        let before = desk.live().await[0]["employer"].clone();
        world.rows.lock().unwrap()[0]["aab004"] = json!("虚构新风筝坊");
        desk.run_well("feed").await;
        let after = desk.live().await[0]["employer"].clone();
        assert_eq!((before["name"].as_str(), after["name"].as_str()), (Some("虚构风筝坊"), Some("虚构新风筝坊")));
        assert_ne!(before["id"], after["id"]);
    }

    async fn two_places_that_are_not_known_are_not_one(app) {
        let desk = Desk::open(&app).await;
        let places = ["某某工业园甲区", "某某工业园乙区"];
        let row = |(n, place): (usize, &&str)| {
            let mut row = told(&n.to_string(), "虚构风筝坊", "", "扎制风筝");
            (row["aab301"], row["acb204"]) = (json!(place), json!(""));
            row
        };
        let world = World::of(places.iter().enumerate().map(row).collect(), 0);
        desk.add("feed", json!({"url": start(world)})).await;
        let ground = jiangxin::ingest::Ground { region: String::new(), ..app.ground.clone() };
        let source = app.db.read(|conn| jiangxin::ingest::find_source_by_name(conn, "feed")).await.unwrap().unwrap();
        let run = jiangxin::ingest::run_once(&ground, source, jiangxin::db::types::Timestamp::now()).await.unwrap();
        assert_eq!((run.created, run.merged, run.rejected), (2, 0, 0));
    }
}
