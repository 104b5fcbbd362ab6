//! Facts about the forms in which the whole leaves: CSV, workbook, lines, Atom.

use std::collections::BTreeSet;

use jiangxin::lexicon::sheet;

use super::Office;
use crate::facts;

facts! {
    async fn a_csv_is_read_by_spreadsheets_and_holds_no_formula(app) {
        let office = Office::open(&app).await;
        office.live("=HYPERLINK(风筝扎制学徒)", "潍坊").await;
        office.live("陶艺师，“甲”\"乙\"", "淄博").await;
        let answer = app.get("/v1/vacancies/export?format=csv", None).await.expect(200);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
        assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"vacancies.csv\"");
        assert!(answer.text.starts_with("\u{feff}岗位编号,岗位名称,用人单位") && answer.text.ends_with("\r\n"));
        let rows = sheet::rows(answer.text.as_bytes(), |name| name == "岗位名称").unwrap();
        let titles: BTreeSet<&str> = rows.iter().map(|row| row["岗位名称"].as_str().unwrap()).collect();
        assert_eq!(titles, BTreeSet::from(["'=HYPERLINK(风筝扎制学徒)", "陶艺师，“甲”\"乙\""]));
        assert!(!answer.text.contains("13800000000"));
        let plain = app.get("/v1/vacancies/export?bom=false&city=淄博", None).await.expect(200).text;
        assert!(plain.starts_with("岗位编号") && plain.lines().count() == 2, "{plain}");
        let english = app.request(reqwest::Method::GET, "/v1/vacancies/export?bom=false", None).header("Accept-Language", "en");
        assert!(app.send(english).await.text.starts_with("id,title,employer,uscc"));
        app.get("/v1/vacancies/export?format=pdf", None).await.expect(400);
    }

    async fn a_workbook_and_lines_hold_the_same_as_the_csv(app) {
        let office = Office::open(&app).await;
        for n in 0..5 {
            office.live(&format!("风筝扎制学徒{n}"), "潍坊").await;
        }
        let gone = office.live("风筝扎制学徒9", "潍坊").await;
        office.step(&gone, "closed").await;
        let known = |name: &str| name == "岗位编号";
        let bytes = app.request(reqwest::Method::GET, "/v1/vacancies/export?format=xlsx", None).send().await.unwrap().bytes().await.unwrap();
        let book = sheet::rows(&bytes, known).unwrap();
        let csv = sheet::rows(app.get("/v1/vacancies/export", None).await.expect(200).text.as_bytes(), known).unwrap();
        let ids = |rows: &[serde_json::Value]| rows.iter().map(|row| row["岗位编号"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(&book), book.len()), (ids(&csv), 5));
        assert_eq!((book[0]["最低月薪"].as_str(), book[0]["城市"].as_str()), (Some("4000"), Some("潍坊市")));
        let lines = app.get("/v1/vacancies/export?format=ndjson", None).await.expect(200).text;
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), ids(&csv));
    }

    async fn the_newest_are_an_atom_feed_page_by_page(app) {
        let office = Office::open(&app).await;
        for n in 0..53 {
            office.live(&format!("风筝扎制学徒<{n}> & 剪纸"), "潍坊").await;
        }
        let newest = office.live("陶艺师", "淄博").await;
        let answer = app.get("/v1/vacancies/feed.atom?city=潍坊&city=淄博", None).await.expect(200);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/atom+xml"));
        let (first, etag) = (answer.text.clone(), answer.etag());
        assert_eq!(first.matches("<entry>").count(), 50);
        assert!(first.find(&format!("urn:uuid:{}", newest.id)).unwrap() < first.find("风筝扎制学徒&lt;52&gt; &amp; 剪纸").unwrap());
        let again = app.request(reqwest::Method::GET, "/v1/vacancies/feed.atom?city=潍坊&city=淄博", None).header("If-None-Match", etag);
        app.send(again).await.expect(304);
        let next = links(&first, "next").pop().unwrap();
        let path = next.strip_prefix(&app.config.public_url).unwrap();
        let second = app.get(path, None).await.expect(200).text;
        assert_eq!((second.matches("<entry>").count(), links(&second, "next").len()), (4, 0));
        assert_eq!(ids(&first).union(&ids(&second)).count(), 54 + 1);
        assert_eq!(ids(&first).intersection(&ids(&second)).count(), 1, "the id of the feed is the same on each page");
        let zibo = app.get("/v1/vacancies/feed.atom?city=淄博", None).await.expect(200).text;
        assert_eq!((zibo.matches("<entry>").count(), links(&zibo, "self").len(), links(&zibo, "alternate").len()), (1, 1, 2));
    }
}

fn links(feed: &str, rel: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut reader = quick_xml::Reader::from_str(feed);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Empty(tag) if tag.name().as_ref() == "link" => {
                let value = |name: &str| {
                    let attribute = tag.try_get_attribute(name).unwrap().unwrap();
                    quick_xml::escape::unescape(&attribute.value).unwrap().into_owned()
                };
                if value("rel") == rel {
                    found.push(value("href"));
                }
            }
            quick_xml::events::Event::Eof => return found,
            _ => {}
        }
    }
}

fn ids(feed: &str) -> BTreeSet<&str> {
    feed.split("<id>").skip(1).map(|part| part.split("</id>").next().unwrap()).collect()
}
