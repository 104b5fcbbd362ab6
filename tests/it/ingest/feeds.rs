//! Facts about change feeds: pages that are linked, read on from where the last run ended.

use std::sync::{Arc, Mutex};

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::facts;
use crate::ingest::Desk;
use crate::support::site::{Asked, Site};

const PAGE: usize = 3;

fn entry(n: usize, status: &str, pay: &str) -> Value {
    json!({"id": format!("f{n}"), "date_modified": format!("2026-11-01T08:{n:02}:00+08:00"), "status": status,
        "content": {"name": format!("柳编工{n}"), "company": {"name": "虚构柳编社"}, "place": {"text": "临沂"}, "pay": pay,
            "detail": format!("柳编收口与编织，第{n}道工序")}})
}

/// Serves entries in pages, each with its version.
fn serve(entries: &Arc<Mutex<Vec<Value>>>, asked: &Asked) -> HttpResponse {
    let entries = entries.lock().unwrap();
    let page: usize = asked.path.strip_prefix("/feed/").map_or(0, |page| page.parse().unwrap());
    let items: Vec<&Value> = entries.iter().skip(page * PAGE).take(PAGE).collect();
    let next = (entries.len() > (page + 1) * PAGE).then(|| format!("/feed/{}", page + 1));
    let names: String =
        items.iter().map(|item| format!("-{}-{}", item["id"].as_str().unwrap(), item["status"].as_str().unwrap())).collect();
    let tag = format!("\"{page}{names}\"");
    if asked.known.as_deref() == Some(tag.as_str()) {
        return HttpResponse::NotModified().insert_header(("etag", tag)).finish();
    }
    HttpResponse::Ok().insert_header(("etag", tag)).json(json!({"version": "1.0", "items": items, "next_url": next}))
}

facts! {
    async fn a_feed_is_read_on_from_where_the_last_run_ended(app) {
        let desk = Desk::open(&app).await;
        let entries = Arc::new(Mutex::new((0..7).map(|n| entry(n, "ACTIVE", "4000元/月")).collect::<Vec<_>>()));
        let served = entries.clone();
        let site = Site::start(move |asked| serve(&served, asked));
        desk.add("feed", json!({"kind": "change_feed", "url": format!("{}/feed", site.url)})).await;
        let first = desk.run_well("feed").await;
        assert_eq!((first.created, site.count("/feed")), (7, 3));
        assert_eq!((desk.run_well("feed").await.fetched, site.count("/feed")), (0, 4), "an unchanged page costs nothing");
        entries.lock().unwrap().extend([entry(2, "INACTIVE", ""), entry(7, "ACTIVE", "5000元/月"), entry(0, "ACTIVE", "6000元/月")]);
        let third = desk.run_well("feed").await;
        assert_eq!((third.created, third.closed, third.updated), (1, 1, 2));
        assert_eq!(site.count("/feed/0") + site.count("/feed/1"), 1, "earlier pages are not asked again");
        assert_eq!(desk.live().await.len(), 7);
    }

    async fn a_feed_that_was_written_anew_is_read_from_its_beginning(app) {
        let desk = Desk::open(&app).await;
        let entries = Arc::new(Mutex::new((0..9).map(|n| entry(n, "ACTIVE", "4000元/月")).collect::<Vec<_>>()));
        let served = entries.clone();
        let site = Site::start(move |asked| serve(&served, asked));
        let fields = json!({"title": "/content/name", "employer": "/content/company/name", "place": "/content/place/text",
            "salary": "/content/pay", "description": "/content/detail"});
        let source = json!({"kind": "change_feed", "url": format!("{}/feed", site.url), "mapping": {"fields": fields}});
        desk.add("feed", source).await;
        assert_eq!(desk.run_well("feed").await.created, 9);
        *entries.lock().unwrap() = (1..9).chain([0]).map(|n| entry(n, "ACTIVE", if n == 4 { "7000元/月" } else { "4000元/月" })).collect();
        let again = desk.run_well("feed").await;
        assert_eq!((again.fetched, again.updated, again.unchanged), (9, 1, 8));
    }

    async fn a_feed_whose_pages_lead_in_a_circle_ends(app) {
        let desk = Desk::open(&app).await;
        let site = Site::start(|asked| {
            let next = if asked.path == "/feed" { "/feed/1" } else { "/feed" };
            HttpResponse::Ok().json(json!({"items": [entry(asked.path.len(), "ACTIVE", "面议")], "next_url": next}))
        });
        desk.add("feed", json!({"kind": "change_feed", "url": format!("{}/feed", site.url)})).await;
        let run = desk.run("feed").await;
        assert_eq!((run.status.as_str(), run.reason.as_deref(), run.created), ("stopped", Some("page_repeats"), 2));
    }
}
