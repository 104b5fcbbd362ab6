//! Facts about rows that are not taken: kept once for each reason, and tried again on request.

use serde_json::json;

use crate::facts;
use crate::ingest::Desk;
use crate::support::upstream::{World, row, start};

facts! {
    async fn a_row_that_is_rejected_in_every_run_is_kept_once(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(vec![row(1, "", "370700", "面议", "没有名称"), row(2, "绣工", "110100", "面议", "外地"), row(3, "绣工", "370700", "面议", "手绣")], 0);
        desk.add("feed", json!({"url": start(world)})).await;
        let runs = [desk.run_well("feed").await, desk.run_well("feed").await, desk.run_well("feed").await];
        assert!(runs.iter().all(|run| run.rejected == 2));
        for run in &runs {
            let kept = app.get(&format!("/v1/ingest-runs/{}/rejects?limit=1", run.id), Some(&desk.token)).await.expect(200).json();
            assert_eq!((&kept["total"], &kept["items"][0]["code"]), (&json!(2), &json!("missing_title")));
            let first = &kept["items"][0];
            assert_eq!((&first["times"], &first["first_run"], &first["last_run"]), (&json!(3), &json!(runs[0].id), &json!(runs[2].id)));
            let next = kept["next_cursor"].as_str().unwrap();
            let rest = app.get(&format!("/v1/ingest-runs/{}/rejects?limit=1&cursor={next}", run.id), Some(&desk.token)).await.expect(200).json();
            assert_eq!((&rest["items"][0]["code"], &rest["next_cursor"]), (&json!("outside_region"), &json!(null)));
        }
    }

    async fn a_replay_takes_what_can_be_read_since_the_mapping_was_put_right(app) {
        let desk = Desk::open(&app).await;
        let list: Vec<_> = (0..5).map(|n| json!({"no": n, "what": format!("木版年画工{n}"), "who": "虚构年画社", "where": "潍坊", "text": format!("刻第{n}块版")})).collect();
        let site = crate::support::site::Site::start(move |asked| {
            let rows = if asked.path.contains("page=1") { list.clone() } else { Vec::new() };
            actix_web::HttpResponse::Ok().json(json!({"rows": rows}))
        });
        let fields = json!({"reference": "/no", "title": "/wrong", "employer": "/who", "place": "/where", "description": "/text"});
        let source = desk.add("list", json!({"kind": "paged_json", "url": site.url, "mapping": {"rows": "/rows", "fields": fields}})).await;
        let run = desk.run_well("list").await;
        assert_eq!((run.rejected, run.created), (5, 0));
        let replay = async || {
            let path = format!("/v1/ingest-runs/{}/replays", run.id);
            let begun = app.post(&path, Some(&desk.token), &json!({})).await.expect(202).json();
            assert_eq!(begun["replay_of"], json!(run.id));
            loop {
                let now = app.get(&format!("/v1/ingest-runs/{}", begun["id"].as_str().unwrap()), Some(&desk.token)).await.expect(200).json();
                if now["status"] != "running" {
                    break now;
                }
                tokio::task::yield_now().await;
            }
        };
        assert_eq!(replay().await["rejected"], 5);
        desk.patch(&source["id"], &json!({"mapping": {"fields": {"title": "/what"}}})).await;
        let good = replay().await;
        assert_eq!((&good["created"], &good["rejected"]), (&json!(5), &json!(0)));
        assert_eq!(desk.live().await.len(), 5);
        let kept = app.get(&format!("/v1/ingest-runs/{}/rejects", run.id), Some(&desk.token)).await.expect(200).json();
        assert!(kept["items"].as_array().unwrap().iter().all(|reject| reject["resolved_run"] == good["id"]), "{kept}");
        assert_eq!(replay().await["fetched"], 0, "what is resolved is not tried again");
        assert_eq!(desk.run_well("list").await.unchanged, 5);
    }
}
