//! Facts about the rows of sources: how they are changed, and when their time comes.

use jiangxin::db::types::Timestamp;
use jiangxin::ingest;
use serde_json::json;

use crate::facts;
use crate::ingest::Desk;
use crate::support::upstream::{World, row, start};

facts! {
    async fn a_source_is_changed_by_a_merge_patch(app) {
        let desk = Desk::open(&app).await;
        let made = desk.add("feed", json!({"url": "https://example.invalid/lemis", "label": "虚构公共就业服务"})).await;
        let changed = desk.patch(&made["id"], &json!({"schedule": "30 2 * * *"})).await;
        assert_eq!((&changed["label"], &changed["url"], &changed["kind"]), (&made["label"], &made["url"], &made["kind"]));
        assert!(changed["next_due_at"].as_str().unwrap().contains("T02:30:00+08:00"), "{changed}");
        let without = desk.patch(&made["id"], &json!({"label": null, "schedule": null})).await;
        assert_eq!((&without["label"], &without["schedule"], &without["next_due_at"], &without["revision"]), (&json!(null), &json!(null), &json!(null), &json!(3)));
        let path = format!("/v1/sources/{}", made["id"].as_str().unwrap());
        for (patch, code) in [(json!({"schedule": "whenever"}), "bad_schedule"), (json!({"missing_share_max": 2}), "bad_share"), (json!({"kind": "carrier_pigeon"}), "bad_value")] {
            let refused = app.patch(&path, Some(&desk.token), "\"r3\"", &patch).await.expect(422).json();
            assert_eq!(refused["errors"][0]["code"], code);
        }
        app.patch(&path, Some(&desk.token), "\"r1\"", &json!({"label": "x"})).await.expect(412);
        desk.add("other", json!({"url": "https://example.invalid/other"})).await;
        assert_eq!(app.patch(&path, Some(&desk.token), "\"r3\"", &json!({"name": "other"})).await.expect(409).json()["code"], "name_taken");
    }

    async fn a_source_whose_time_has_come_is_run_by_one_of_many_and_once(app) {
        let desk = Desk::open(&app).await;
        let rows = (0..5).map(|n| row(n, &format!("泥塑工{n}"), "370700", "面议", &format!("捏第{n}种泥虎"))).collect();
        desk.add("feed", json!({"url": start(World::of(rows, 0)), "schedule": "*/5 * * * *"})).await;
        let now = Timestamp::now();
        assert!(ingest::run_due(&app.ground, now).await.unwrap().is_empty(), "it is too early");
        let later = now.plus_seconds(600);
        let several = futures_util::future::join_all((0..4).map(|_| ingest::run_due(&app.ground, later))).await;
        let runs: Vec<_> = several.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!((runs.len(), runs[0].created), (1, 5));
        assert!(ingest::run_due(&app.ground, later).await.unwrap().is_empty(), "its next time has not come");
        let second = ingest::run_due(&app.ground, later.plus_seconds(600)).await.unwrap();
        assert_eq!((second.len(), second[0].created, second[0].updated), (1, 0, 0));
    }

    async fn a_scheduled_run_asks_for_what_changed_since_with_an_overlap(app) {
        let desk = Desk::open(&app).await;
        let site = crate::support::site::Site::start(|asked| {
            let rows = if asked.path.contains("pageNo=1") && !asked.path.contains("updatedSince") { vec![row(1, "泥塑工", "370700", "面议", "捏泥虎")] } else { Vec::new() };
            actix_web::HttpResponse::Ok().json(json!({"code": "0", "data": {"total": rows.len(), "rows": rows}}))
        });
        desk.add("feed", json!({"url": site.url, "schedule": "*/5 * * * *"})).await;
        let at = |minutes: i64| Timestamp::now().plus_seconds(minutes * 60);
        ingest::run_due(&app.ground, at(10)).await.unwrap();
        assert_eq!(site.count("/?updatedSince"), 0);
        ingest::run_due(&app.ground, at(20)).await.unwrap();
        assert_eq!(site.count("/?updatedSince=20261101075000"), 1, "{:?}", site.asked.lock().unwrap());
        ingest::run_due(&app.ground, at(24 * 60)).await.unwrap();
        assert_eq!(site.count("/?updatedSince"), 1, "once a day all is read");
        assert_eq!(desk.live().await.len(), 1);
    }
}
