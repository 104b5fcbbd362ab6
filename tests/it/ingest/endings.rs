//! Facts about the end of what a source takes back, or no longer lists.

use serde_json::json;

use crate::facts;
use crate::ingest::Desk;
use crate::support::upstream::{World, row, start};

fn rows(count: usize) -> Vec<serde_json::Value> {
    (0..count).map(|n| row(n, &format!("草编工{n}"), "370700", "4000元/月", &format!("编织草帽与提篮，第{n}组"))).collect()
}

facts! {
    async fn a_row_that_takes_back_ends_its_vacancy_and_no_other(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(rows(3), 0);
        desk.add("feed", json!({"url": start(world.clone())})).await;
        desk.run_well("feed").await;
        world.rows.lock().unwrap()[1] = json!({"acb210": "r1", "op": "D"});
        world.rows.lock().unwrap().push(json!({"acb210": "never-seen", "op": "D"}));
        let run = desk.run_well("feed").await;
        assert_eq!((run.closed, run.updated, run.unchanged, run.rejected), (1, 1, 2, 1));
        assert_eq!(desk.live().await.len(), 2);
        let rejects = app.get(&format!("/v1/ingest-runs/{}/rejects", run.id), Some(&desk.token)).await.expect(200).json();
        assert_eq!(rejects["items"][0]["code"], "withdrawal_without_vacancy");
        let again = desk.run_well("feed").await;
        assert_eq!((again.closed, again.unchanged, again.rejected), (0, 3, 1));
        world.rows.lock().unwrap()[1] = rows(3)[1].clone();
        let back = desk.run_well("feed").await;
        assert_eq!((back.updated, desk.live().await.len()), (1, 3));
        assert_eq!(desk.changes().await, ["published", "published", "published", "closed", "published"]);
    }

    async fn a_row_missing_from_two_snapshots_ends_and_comes_back_when_listed(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(rows(10), 0);
        desk.add("feed", json!({"url": start(world.clone())})).await;
        desk.run_well("feed").await;
        let lost = world.rows.lock().unwrap().pop().unwrap();
        assert_eq!((desk.run_well("feed").await.closed, desk.live().await.len()), (0, 10));
        let second = desk.run_well("feed").await;
        assert_eq!((second.closed, second.unchanged, desk.live().await.len()), (1, 9, 9));
        let reason = app.db.read(|conn| Ok(diesel_reason(conn))).await.unwrap();
        assert_eq!(reason.as_deref(), Some("upstream_missing"));
        assert_eq!(desk.run_well("feed").await.closed, 0);
        world.rows.lock().unwrap().push(lost);
        assert_eq!((desk.run_well("feed").await.updated, desk.live().await.len()), (1, 10));
    }

    async fn a_row_that_is_missing_once_is_not_counted_once_it_is_back(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(rows(10), 0);
        desk.add("feed", json!({"url": start(world.clone())})).await;
        desk.run_well("feed").await;
        for _ in 0..2 {
            let lost = world.rows.lock().unwrap().pop().unwrap();
            assert_eq!(desk.run_well("feed").await.closed, 0);
            world.rows.lock().unwrap().push(lost);
            assert_eq!(desk.run_well("feed").await.closed, 0);
        }
        assert_eq!(desk.live().await.len(), 10);
    }

    async fn a_source_that_loses_too_much_stops_and_ends_nothing_until_its_share_is_raised(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(rows(20), 0);
        let source = desk.add("feed", json!({"url": start(world.clone())})).await;
        desk.run_well("feed").await;
        world.rows.lock().unwrap().truncate(8);
        desk.run_well("feed").await;
        for _ in 0..2 {
            let run = desk.run("feed").await;
            assert_eq!((run.status.as_str(), run.reason.as_deref(), run.closed), ("stopped", Some("too_many_missing"), 0));
            assert_eq!(desk.live().await.len(), 20);
        }
        desk.patch(&source["id"], &json!({"missing_share_max": 0.7})).await;
        assert_eq!((desk.run_well("feed").await.closed, desk.live().await.len()), (12, 8));
    }

    async fn what_screening_holds_back_waits_for_a_person_until_its_source_puts_it_right(app) {
        let desk = Desk::open(&app).await;
        let world = World::of(vec![row(1, "草编工", "370700", "4000元/月", "编织草帽，入职须缴纳押金500元")], 0);
        desk.add("feed", json!({"url": start(world.clone())})).await;
        assert_eq!((desk.run_well("feed").await.created, desk.live().await.len()), (1, 0));
        let open = async || app.get("/v1/vacancy-reviews", Some(&desk.token)).await.expect(200).json();
        let review = open().await;
        assert_eq!((&review["total"], &review["items"][0]["outcome"]), (&json!(1), &json!(null)), "{review}");
        world.rows.lock().unwrap()[0]["aae013"] = json!("编织草帽，包吃住");
        assert_eq!((desk.run_well("feed").await.updated, desk.live().await.len()), (1, 1));
        let after = open().await;
        assert!(after["total"] == json!(0) || after["items"][0]["outcome"] == json!("released"), "{after}");
    }
}

fn diesel_reason(conn: &mut jiangxin::db::DbConn) -> Option<String> {
    use diesel::prelude::*;
    use jiangxin::db::schema::vacancies::dsl::{closed_reason, vacancies};
    vacancies.filter(closed_reason.is_not_null()).select(closed_reason).first(conn).unwrap()
}
