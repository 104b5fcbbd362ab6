//! Facts about the change feed: what is told of each step, to whom, and from where on.

use std::collections::BTreeSet;

use jiangxin::db::types::Timestamp;
use jiangxin::vacancies;
use serde_json::json;

use super::{Office, feed, owner_of, told};
use crate::facts;
use crate::support::upstream::{World, row, start};

facts! {
    async fn a_life_is_told_step_by_step_and_its_end_shows_nothing_but_the_title(app) {
        let office = Office::open(&app).await;
        let draft = office.draft("风筝扎制学徒", "潍坊").await;
        let draft = office.correct(&draft, &json!({"headcount": 3})).await;
        assert_eq!(feed(&app.get("/v1/vacancies/changes", None).await.expect(200)), (Vec::new(), 2));
        let held = office.step(&draft, "submitted").await;
        let held = office.step(&held, "live").await;
        let (lines, cursor) = feed(&app.get("/v1/vacancies/changes?after=2", None).await.expect(200));
        assert_eq!((told(&lines), cursor), (vec![("published", held.id.as_str())], 4));
        assert_eq!((lines[0]["seq"].as_i64(), lines[0]["vacancy"]["place"]["city"].as_str()), (Some(4), Some("370700")));
        let held = office.correct(&held, &json!({"headcount": 4})).await;
        let held = office.step(&held, "suspended").await;
        let held = office.correct(&held, &json!({"headcount": 5})).await;
        let held = office.step(&held, "live").await;
        let held = office.step(&held, "closed").await;
        let (lines, cursor) = feed(&app.get("/v1/vacancies/changes?after=4", None).await.expect(200));
        let kinds: Vec<&str> = told(&lines).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!((kinds, cursor), (vec!["corrected", "suspended", "published", "closed"], 9));
        let names: Vec<&String> = lines[3]["vacancy"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "title", "status", "revision", "updated_at"]);
        assert_eq!((lines[3]["vacancy"]["status"].as_str(), lines[3]["vacancy"]["id"].as_str()), (Some("closed"), Some(held.id.as_str())));
        assert!(lines.iter().all(|line| !line.to_string().contains("1380000")), "{lines:?}");
    }

    async fn an_end_by_date_is_told_and_what_never_was_public_is_not(app) {
        let office = Office::open(&app).await;
        let held = office.live("剪纸学徒", "潍坊").await;
        let hidden = office.draft("绣工", "青岛").await;
        office.step(&hidden, "closed").await;
        office.correct(&held, &json!({"expires_at": "2020-01-01"})).await;
        app.db.write(|conn| vacancies::expire_due(conn, Timestamp::now())).await.unwrap();
        let (lines, _) = feed(&app.get("/v1/vacancies/changes?after=0", None).await.expect(200));
        let id = held.id.as_str();
        assert_eq!(told(&lines), [("published", id), ("corrected", id), ("expired", id)]);
        assert_eq!(feed(&app.get("/v1/vacancies/snapshot", None).await.expect(200)).0.len(), 0);
    }

    async fn an_owners_correction_takes_a_live_vacancy_off_until_it_is_looked_at(app) {
        let office = Office::open(&app).await;
        let held = office.live("风筝扎制学徒", "潍坊").await;
        let owner = Office { token: owner_of(&app, &office.employer).await, employer: office.employer.clone(), app: &app };
        let held = owner.correct(&held, &json!({"headcount": 2})).await;
        let held = owner.correct(&held, &json!({"headcount": 3})).await;
        assert_eq!(feed(&app.get("/v1/vacancies/snapshot", None).await.expect(200)).0.len(), 0);
        office.step(&held, "live").await;
        let (lines, cursor) = feed(&app.get("/v1/vacancies/changes?after=3", None).await.expect(200));
        let kinds: Vec<(&str, i64)> = lines.iter().map(|line| (line["type"].as_str().unwrap(), line["seq"].as_i64().unwrap())).collect();
        assert_eq!((kinds, cursor), (vec![("suspended", 4), ("published", 6)], 6));
    }

    async fn a_feed_longer_than_one_chunk_is_whole(app) {
        let rows = (0..1_201).map(|n| row(n, &format!("陶瓷产品设计师{n}"), ["370300", "370700"][n % 2], "4-6千/月", "负责陶艺与陶瓷设计")).collect();
        let source = crate::flows::source(&app, &start(World::of(rows, 0))).await;
        crate::flows::ingest_once(&app, &source).await;
        let whole = async |path: &str| {
            let answer = app.get(path, None).await.expect(200);
            let ids: BTreeSet<String> = answer.text.lines().map(|line| line.split('"').find(|part| part.len() == 36).unwrap().to_owned()).collect();
            (answer.text.lines().count(), ids.len())
        };
        assert_eq!(whole("/v1/vacancies/snapshot").await, (1_201, 1_201));
        assert_eq!(whole("/v1/vacancies/snapshot?city=淄博").await, (601, 601));
        assert_eq!(whole("/v1/vacancies/changes?after=0").await, (1_201, 1_201));
        assert_eq!(whole("/v1/vacancies/changes?after=0&city=潍坊&wait=30").await, (600, 600));
        assert_eq!(whole("/v1/vacancies/changes?after=100&limit=777").await, (777, 777));
        let csv = app.get("/v1/vacancies/export?source=test", None).await.expect(200).text;
        assert_eq!(csv.lines().count(), 1_202);
        assert_eq!(app.get("/v1/vacancies/export?source=other", None).await.expect(200).text.lines().count(), 1);
    }

    async fn the_snapshot_goes_on_in_the_changes(app) {
        let office = Office::open(&app).await;
        let first = office.live("风筝扎制学徒", "潍坊").await;
        let answer = app.get("/v1/vacancies/snapshot", None).await.expect(200);
        assert_eq!(answer.headers["content-type"], "application/x-ndjson");
        let (lines, cursor) = feed(&answer);
        assert_eq!((lines.len(), lines[0]["id"].as_str(), cursor), (1, Some(first.id.as_str()), 3));
        let second = office.live("陶艺师", "淄博").await;
        let (lines, cursor) = feed(&app.get(&format!("/v1/vacancies/changes?after={cursor}"), None).await.expect(200));
        assert_eq!((told(&lines), cursor), (vec![("published", second.id.as_str())], 6));
        assert_eq!(feed(&app.get("/v1/vacancies/changes?after=6", None).await.expect(200)), (Vec::new(), 6));
    }

    async fn a_filter_is_left_by_a_correction_and_by_an_end_and_the_cursor_moves_past_what_is_not_shown(app) {
        let office = Office::open(&app).await;
        let moving = office.live("风筝扎制学徒", "潍坊").await;
        let staying = office.live("陶艺师", "淄博").await;
        let path = |after: i64| format!("/v1/vacancies/changes?city=潍坊&after={after}");
        let (lines, cursor) = feed(&app.get(&path(0), None).await.expect(200));
        assert_eq!((told(&lines), cursor), (vec![("published", moving.id.as_str())], 6));
        let moved = office.correct(&moving, &json!({"place": {"city": "淄博"}})).await;
        let (lines, cursor) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!((told(&lines), cursor), (vec![("closed", moving.id.as_str())], 7));
        assert_eq!((lines[0]["left_filter"].as_bool(), lines[0]["vacancy"]["status"].as_str()), (Some(true), Some("live")));
        assert!(lines[0]["vacancy"]["description"].is_null());
        office.step(&staying, "closed").await;
        let (lines, cursor) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!((lines.len(), cursor), (0, 8));
        let back = office.correct(&moved, &json!({"place": {"city": "潍坊"}})).await;
        let (lines, cursor) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!(told(&lines), [("corrected", back.id.as_str())]);
        let off = office.step(&back, "suspended").await;
        let away = office.correct(&off, &json!({"place": {"city": "淄博"}})).await;
        let (lines, _) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!(told(&lines), [("suspended", back.id.as_str())]);
        office.step(&away, "live").await;
        let (lines, _) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!((told(&lines), lines[0]["left_filter"].as_bool()), (vec![("suspended", back.id.as_str())], Some(true)));
    }

    async fn a_feed_admits_what_a_search_finds(app) {
        let office = Office::open(&app).await;
        for (n, city) in ["潍坊", "淄博", "寒亭区", "博山区", "临沂"].into_iter().enumerate() {
            office.live(&format!("风筝扎制学徒{n}"), city).await;
            office.live(&format!("陶瓷产品设计师{n}"), city).await;
        }
        app.search.catch_up(&app.db).await.unwrap();
        let filters = ["city=潍坊", "city=淄博&city=临沂", "city=寒亭区", "skill=风筝", "skill=陶艺", "education=senior_worker",
            "education=middle_worker", "salary_min=5000", "salary_min=7000", "fresh_graduate=true", "employment_type=full_time",
            "experience_months=12", &format!("employer={}", office.employer), "occupation=6-09-03-17", "published_after=2020-01-01T00:00:00Z",
            "city=潍坊&include_nearby=true", "city=寒亭区&include_nearby=true", "near=36.7,119.1", "near=36.7,119.1&radius_km=120",
            "near=36.7,119.1&radius_km=1&city=淄博", "q=风筝", "q=陶艺师", "q=风筝 潍坊", "q=学徒 -潍坊", "q=\"扎骨架\"", "q=风筝扎制学徒0",
            "q=kite", "q=4000以上", "q=产品设计&understand=false", "q=陶&understand=false", "q=大专 风筝", "q=包住", "q=匠&city=潍坊",
            "q=虚构风筝坊 陶瓷", "q=糊面、彩绘", "q=1380000"];
        let mut found = 0;
        for filter in filters {
            let total = app.get(&format!("/v1/vacancies?{filter}"), None).await.expect(200).json()["total"].as_u64().unwrap();
            let (lines, _) = feed(&app.get(&format!("/v1/vacancies/snapshot?handicraft=true&{filter}"), None).await.expect(200));
            assert_eq!(u64::try_from(lines.len()).unwrap(), total, "{filter}");
            found += total;
        }
        assert!(found > 20, "{found}");
        app.get("/v1/vacancies/snapshot?city=淄薄", None).await.expect(422);
        app.get("/v1/vacancies/changes?near=north", None).await.expect(400);
        app.get(&format!("/v1/vacancies/export?q={}", "风".repeat(201)), None).await.expect(400);
        app.get("/v1/vacancies/changes?nonsense=1", None).await.expect(400);
    }

    async fn words_are_left_by_a_correction(app) {
        let office = Office::open(&app).await;
        let held = office.live("风筝扎制学徒", "潍坊").await;
        let path = |after: i64| format!("/v1/vacancies/changes?q=扎骨架&city=淄博&include_nearby=true&after={after}");
        let (lines, cursor) = feed(&app.get(&path(0), None).await.expect(200));
        assert_eq!(told(&lines), [("published", held.id.as_str())]);
        let other = office.correct(&held, &json!({"title": "裁缝", "description": "裁剪、缝纫"})).await;
        let (lines, cursor) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!((told(&lines), lines[0]["left_filter"].as_bool()), (vec![("closed", held.id.as_str())], Some(true)));
        let back = office.correct(&other, &json!({"description": "扎骨架、糊面"})).await;
        let (lines, _) = feed(&app.get(&path(cursor), None).await.expect(200));
        assert_eq!(told(&lines), [("corrected", back.id.as_str())]);
    }

    async fn one_who_waits_is_told_at_once_and_not_of_what_the_filter_holds_back(app) {
        let office = Office::open(&app).await;
        let waiting = async |filter: &str| app.get(&format!("/v1/vacancies/changes?after=0&wait=30{filter}"), None).await.expect(200);
        let writing = async {
            let other = office.live("陶艺师", "淄博").await;
            app.tide.look(&app.db).await.unwrap();
            let wanted = office.live("风筝扎制学徒", "潍坊").await;
            app.tide.look(&app.db).await.unwrap();
            (other, wanted)
        };
        let (filtered, all, (other, wanted)) = tokio::join!(waiting("&city=潍坊"), waiting(""), writing);
        assert_eq!(told(&feed(&filtered).0), [("published", wanted.id.as_str())]);
        assert_eq!(told(&feed(&all).0)[0], ("published", other.id.as_str()));
        app.tide.close();
        assert_eq!(feed(&app.get("/v1/vacancies/changes?after=6&wait=30", None).await.expect(200)), (Vec::new(), 6));
    }

    async fn a_cursor_from_too_long_ago_or_from_elsewhere_is_sent_to_the_snapshot(app) {
        let office = Office::open(&app).await;
        office.live("风筝扎制学徒", "潍坊").await;
        let beyond = app.get("/v1/vacancies/changes?after=4", None).await.expect(410);
        assert!(beyond.headers["link"].to_str().unwrap().contains("/v1/vacancies/snapshot"));
        assert_eq!(beyond.json()["code"], "gone");
        app.db.write(|conn| vacancies::raise_feed_floor(conn, 2)).await.unwrap();
        app.get("/v1/vacancies/changes?after=1", None).await.expect(410);
        app.get("/v1/vacancies/changes?after=2", None).await.expect(200);
        app.get("/v1/vacancies/changes?after=-1", None).await.expect(400);
        app.get("/v1/vacancies/changes?wait=31", None).await.expect(400);
    }

    async fn a_limit_counts_places_of_the_sequence(app) {
        let office = Office::open(&app).await;
        let held = office.live("风筝扎制学徒", "潍坊").await;
        assert_eq!(feed(&app.get("/v1/vacancies/changes?limit=2", None).await.expect(200)), (Vec::new(), 2));
        let (lines, cursor) = feed(&app.get("/v1/vacancies/changes?after=2&limit=2&wait=30", None).await.expect(200));
        assert_eq!((told(&lines), cursor), (vec![("published", held.id.as_str())], 3));
    }
}
