//! Facts about schema.org postings: from a page, a list, a sitemap, and from this service itself.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::facts;
use crate::ingest::Desk;
use crate::support::site::Site;

fn posting(n: usize) -> Value {
    json!({"@context": "https://schema.org/", "@type": "JobPosting", "title": format!("漆艺学徒{n}"), "identifier": format!("j{n}"),
        "description": format!("<p>学习漆器髹饰，第{n}间工作室。</p>"), "hiringOrganization": {"@type": "Organization", "name": "虚构漆艺馆"},
        "jobLocation": {"@type": "Place", "address": {"addressRegion": "山东省", "addressLocality": "潍坊市"}},
        "baseSalary": {"@type": "MonetaryAmount", "currency": "CNY", "value": {"minValue": 4000, "maxValue": 5000, "unitText": "MONTH"}},
        "employmentType": "FULL_TIME", "validThrough": "2099-12-31T23:59:59+08:00"})
}

facts! {
    async fn postings_are_read_from_a_sitemap_and_go_when_it_no_longer_names_them(app) {
        let desk = Desk::open(&app).await;
        let named = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(8));
        let count = named.clone();
        let site = Site::start(move |asked| match asked.path.as_str() {
            "/sitemap.xml" => {
                let urls: String = (0..count.load(std::sync::atomic::Ordering::Relaxed)).map(|n| format!("<url><loc>/jobs/{n}?a=1&amp;b=2</loc></url>")).collect();
                HttpResponse::Ok().content_type("application/xml").body(format!("<?xml version=\"1.0\"?><urlset>{urls}</urlset>"))
            }
            path => {
                let n = path.trim_start_matches("/jobs/").split('?').next().unwrap().parse().unwrap();
                let page = format!("<html><head><script type=\"application/ld+json\">{}</script></head></html>", posting(n));
                HttpResponse::Ok().content_type("text/html").body(page)
            }
        });
        desk.add("site", json!({"kind": "job_posting", "url": format!("{}/sitemap.xml", site.url)})).await;
        let run = desk.run_well("site").await;
        assert_eq!((run.fetched, run.created), (8, 8));
        let live = desk.live().await;
        assert_eq!((live[0]["salary"]["max"].as_i64(), live[0]["employment_type"].as_str()), (Some(5000), Some("full_time")));
        assert!(live[0]["sources"][0]["url"].as_str().unwrap().contains("/jobs/0?a=1&b=2"), "{live:?}");
        assert_eq!(live[0]["description"], "学习漆器髹饰，第0间工作室。");
        named.store(7, std::sync::atomic::Ordering::Relaxed);
        desk.run_well("site").await;
        assert_eq!((desk.run_well("site").await.closed, desk.live().await.len()), (1, 7));
    }

    async fn postings_are_read_from_a_list_and_a_page_that_fails_leaves_the_others(app) {
        let desk = Desk::open(&app).await;
        let site = Site::start(|asked| match asked.path.as_str() {
            "/list" => HttpResponse::Ok().content_type("application/ld+json").body(json!({"@type": "ItemList", "itemListElement": [
                {"@type": "ListItem", "position": 1, "item": posting(1)},
                {"@type": "ListItem", "position": 2, "url": "/2"},
                {"@type": "ListItem", "position": 3, "url": "/gone"}]}).to_string()),
            "/2" => HttpResponse::Ok().json(json!([posting(2), posting(3)])),
            _ => HttpResponse::NotFound().finish(),
        });
        desk.add("site", json!({"kind": "job_posting", "url": format!("{}/list", site.url)})).await;
        assert_eq!(desk.run_well("site").await.created, 3);
    }

    async fn what_this_service_publishes_can_be_read_by_another(app) {
        let desk = Desk::open(&app).await;
        let office = crate::feeds::Office::open_as(&app, &desk.token, "虚构风筝坊").await;
        let held = office.draft("风筝扎制学徒", "潍坊").await;
        office.step(&office.step(&held, "submitted").await, "live").await;
        let request = app.request(reqwest::Method::GET, &format!("/v1/vacancies/{}", held.id), None);
        let text = app.send(request.header("Accept", "application/ld+json")).await.expect(200).text;
        let other = text.replace("虚构风筝坊", "虚构另一风筝坊");
        let site = Site::start(move |_| HttpResponse::Ok().content_type("application/ld+json").body(other.clone()));
        desk.add("site", json!({"kind": "job_posting", "url": format!("{}/one", site.url)})).await;
        assert_eq!(desk.run_well("site").await.created, 1);
        let live = desk.live().await;
        assert_eq!((live.len(), &live[0]["salary"]["min"], &live[0]["place"]["city"]), (2, &live[1]["salary"]["min"], &live[1]["place"]["city"]));
    }
}
