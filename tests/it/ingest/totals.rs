//! Facts about lists that do not tell the truth about themselves: the run ends, says why, and ends no vacancy.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::facts;
use crate::ingest::Desk;
use crate::support::site::{Asked, Site};
use crate::support::upstream::row;

fn page_of(asked: &Asked) -> usize {
    let at = asked.path.split("pageNo=").nth(1).unwrap();
    at.split('&').next().unwrap().parse().unwrap()
}

fn rows(page: usize, count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| page * 1_000 + n)
        .map(|n| row(n, &format!("剪纸工{n}"), "370700", "4000元/月", &format!("剪第{n}种窗花")))
        .collect()
}

fn answer(total: usize, rows: Vec<Value>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"code": "0", "data": {"total": total, "rows": rows}}))
}

async fn outcome(desk: &Desk<'_>, site: &Site) -> (String, Option<String>, i64) {
    desk.add("list", json!({"url": format!("{}/lemis", site.url)})).await;
    let run = desk.run("list").await;
    (run.status.to_string(), run.reason, run.created)
}

fn stopped(reason: &str, created: i64) -> (String, Option<String>, i64) {
    ("stopped".to_owned(), Some(reason.to_owned()), created)
}

facts! {
    async fn a_total_that_promises_more_than_comes_is_named(app) {
        let site = Site::start(|asked| answer(1_000_000, if page_of(asked) == 1 { rows(1, 30) } else { Vec::new() }));
        assert_eq!(outcome(&Desk::open(&app).await, &site).await, stopped("total_mismatch", 30));
    }

    async fn an_empty_first_page_with_a_total_is_not_taken_for_an_empty_source(app) {
        let site = Site::start(|_| answer(30, Vec::new()));
        assert_eq!(outcome(&Desk::open(&app).await, &site).await, stopped("total_mismatch", 0));
    }

    async fn a_list_without_end_behind_a_small_total_is_left(app) {
        let site = Site::start(|asked| answer(50, rows(page_of(asked), 100)));
        let (status, reason, created) = outcome(&Desk::open(&app).await, &site).await;
        assert_eq!((status.as_str(), reason.as_deref()), ("stopped", Some("total_mismatch")));
        assert!(created <= 500, "{created}");
    }

    async fn a_page_that_comes_again_ends_the_run(app) {
        let site = Site::start(|asked| answer(1_000, rows(page_of(asked) % 2, 100)));
        assert_eq!(outcome(&Desk::open(&app).await, &site).await, stopped("page_repeats", 200));
        assert!(site.asked.lock().unwrap().len() < 10);
    }

    async fn a_total_that_changes_under_way_is_named_after_everything_has_landed(app) {
        let site = Site::start(|asked| match page_of(asked) {
            1 => answer(200, rows(1, 100)),
            page => answer(130, rows(page, 30)),
        });
        assert_eq!(outcome(&Desk::open(&app).await, &site).await, stopped("total_changed", 130));
    }

    async fn a_total_that_lies_once_is_asked_again_and_believed(app) {
        let asked_before = AtomicUsize::new(0);
        let site = Site::start(move |asked| {
            let lie = asked_before.fetch_add(1, Ordering::Relaxed) == 1;
            answer(if lie { 1_000_000_000 } else { 130 }, rows(page_of(asked), if page_of(asked) == 1 { 100 } else { 30 }))
        });
        assert_eq!(outcome(&Desk::open(&app).await, &site).await, ("succeeded".to_owned(), None, 130));
    }

    async fn a_first_page_that_lied_about_the_total_is_found_out(app) {
        let asked_before = AtomicUsize::new(0);
        let site = Site::start(move |asked| {
            let lie = asked_before.fetch_add(1, Ordering::Relaxed) == 0;
            answer(if lie { 1_000_000_000 } else { 130 }, rows(page_of(asked), if page_of(asked) == 1 { 100 } else { 30 }))
        });
        assert_eq!(outcome(&Desk::open(&app).await, &site).await, ("succeeded".to_owned(), None, 130));
    }

    async fn a_redirect_is_followed_and_a_circle_is_not(app) {
        let desk = Desk::open(&app).await;
        let site = Site::start(|asked| match asked.path.as_str() {
            path if path.starts_with("/old") => {
                HttpResponse::PermanentRedirect().insert_header(("location", path.replace("/old", "/new"))).finish()
            }
            path if path.starts_with("/circle") => HttpResponse::Found().insert_header(("location", path)).finish(),
            _ => answer(3, rows(1, 3)),
        });
        desk.add("moved", json!({"url": format!("{}/old", site.url)})).await;
        assert_eq!(desk.run_well("moved").await.created, 3);
        desk.add("circle", json!({"url": format!("{}/circle", site.url)})).await;
        let run = desk.run("circle").await;
        assert!(run.status.as_str() == "failed" && run.reason.unwrap().contains("redirects"));
        assert_eq!(site.count("/circle"), 6);
        desk.add("private", json!({"url": format!("{}/old", site.url), "allow_private_network": false})).await;
        let run = desk.run("private").await;
        assert!(run.status.as_str() == "failed" && run.reason.unwrap().contains("private address"));
    }
}
