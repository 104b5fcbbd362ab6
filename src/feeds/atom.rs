//! What is new, for a feed reader? The newest live vacancies as an Atom feed (RFC 4287), page by page (RFC 5005).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::db::types::{Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::Result;
use crate::feeds::asked::AtomQuery;
use crate::feeds::wanted::Wanted;
use crate::http::{Failures, Query, decode_cursor, encode_cursor};
use crate::search::Search;
use crate::vacancies::{self, VacancyView};

/// How many vacancies a page of the feed has at most.
const ENTRIES_MAX: usize = 50;
/// How many rows one read looks through.
const LOOK_ROWS: i64 = 200;
/// How many rows a page looks through at most; the next page goes on where it ended.
const LOOK_ROWS_MAX: i64 = 10_000;

type Place = (Timestamp, VacancyId);

/// The newest vacancies as an Atom feed, 50 a page; the same filters as a search, `handicraft` included.
#[utoipa::path(tag = "feeds", operation_id = "get_vacancy_atom_feed", params(AtomQuery),
    responses((status = 200, description = "最新岗位（Atom）", body = String, content_type = "application/atom+xml"), Failures))]
#[get("/vacancies/feed.atom")]
pub async fn atom(
    db: Data<Db>,
    config: Data<Config>,
    engine: Data<Search>,
    request: HttpRequest,
    query: Query<AtomQuery>,
) -> Result<HttpResponse> {
    let wanted = Wanted::read(&query.0.filters().of_search(), &engine, &config.region)?;
    let after = query.0.cursor.as_deref().map(decode_cursor::<Place>).transpose()?;
    let (views, next) = db.read(move |conn| newest(conn, after, &wanted)).await?;
    let next = next.map(|place| encode_cursor(&place)).transpose()?;
    let text = page(&config.public_url, request.query_string(), &views, next.as_deref())?;
    Ok(HttpResponse::Ok().content_type("application/atom+xml; charset=utf-8").body(text))
}

/// Reads the newest vacancies that a filter admits, and the place from which the next page goes on.
fn newest(conn: &mut DbConn, mut after: Option<Place>, wanted: &Wanted) -> Result<(Vec<VacancyView>, Option<Place>)> {
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let rows = vacancies::newest_page(conn, after.clone(), LOOK_ROWS)?;
        looked += LOOK_ROWS;
        let more = i64::try_from(rows.len())? == LOOK_ROWS;
        let (views, admitted) = wanted.look(conn, rows)?;
        for view in views {
            if found.len() == ENTRIES_MAX {
                return Ok((found, after));
            }
            after = view.published_at.map(|at| (at, view.id.clone()));
            if admitted.contains(&view.id) {
                found.push(view);
            }
        }
        if !more || looked >= LOOK_ROWS_MAX {
            return Ok((found, after.filter(|_| more)));
        }
    }
}

/// Writes the page; the address asked for is where it stands, its parameters name the feed.
fn page(base: &str, asked: &str, views: &[VacancyView], next: Option<&str>) -> Result<Vec<u8>> {
    let kept: Vec<&str> = asked.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor=")).collect();
    let filters = kept.join("&");
    let updated = views.iter().map(|view| view.updated_at).max().unwrap_or_else(|| Timestamp::from_utc(Default::default()));
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.create_element("feed")
        .with_attributes([("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "zh-CN")])
        .write_inner_content(|xml| {
            text(xml, "id", &feed_id(base, &filters))?;
            text(xml, "title", "匠心：最新手造岗位")?;
            text(xml, "updated", &updated.to_string())?;
            link(xml, "self", "application/atom+xml", &address(base, "/v1/vacancies/feed.atom", asked))?;
            link(xml, "alternate", "application/json", &address(base, "/v1/vacancies", &filters))?;
            if let Some(cursor) = next {
                let further = [filters.as_str(), &format!("cursor={cursor}")].join("&");
                let further = further.trim_start_matches('&');
                link(xml, "next", "application/atom+xml", &address(base, "/v1/vacancies/feed.atom", further))?;
            }
            xml.create_element("author").write_inner_content(|xml| text(xml, "name", "匠心 jiangxin"))?;
            views.iter().try_for_each(|view| entry(xml, base, view))
        })?;
    Ok(xml.into_inner())
}

type Xml = Writer<Vec<u8>>;

fn text(xml: &mut Xml, name: &str, said: &str) -> std::io::Result<()> {
    let printable: String = said.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect();
    xml.create_element(name).write_text_content(BytesText::new(&printable))?;
    Ok(())
}

fn link(xml: &mut Xml, rel: &str, kind: &str, href: &str) -> std::io::Result<()> {
    xml.create_element("link").with_attributes([("rel", rel), ("type", kind), ("href", href)]).write_empty()?;
    Ok(())
}

fn entry(xml: &mut Xml, base: &str, view: &VacancyView) -> std::io::Result<()> {
    let place = view.place.as_ref().map(|place| place.city_name.as_str());
    let parts = [place, Some(view.employer.name.as_str()), Some(view.salary.text.as_str()), Some(view.education.text.as_str())];
    let summary: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    xml.create_element("entry").write_inner_content(|xml| {
        text(xml, "id", &format!("urn:uuid:{}", view.id))?;
        text(xml, "title", &view.title)?;
        text(xml, "updated", &view.updated_at.to_string())?;
        if let Some(at) = view.published_at {
            text(xml, "published", &at.to_string())?;
        }
        link(xml, "alternate", "application/json", &format!("{base}/v1/vacancies/{}", view.id))?;
        xml.create_element("author").write_inner_content(|xml| text(xml, "name", &view.employer.name))?;
        for skill in &view.skills {
            xml.create_element("category")
                .with_attributes([("term", skill.id.as_str()), ("label", &skill.name)])
                .write_empty()?;
        }
        text(xml, "summary", &summary.join(" · "))?;
        text(xml, "content", &view.description)
    })?;
    Ok(())
}

fn address(base: &str, path: &str, query: &str) -> String {
    match query.is_empty() {
        true => format!("{base}{path}"),
        false => format!("{base}{path}?{query}"),
    }
}

/// Names a feed for good by what it is about: a UUID (version 8, RFC 9562) out of the address and the filters.
fn feed_id(base: &str, filters: &str) -> String {
    let digest = Sha256::digest(format!("{base}/v1/vacancies/feed.atom?{filters}"));
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, part)| *byte = part);
    format!("urn:uuid:{}", uuid::Builder::from_custom_bytes(bytes).into_uuid().hyphenated())
}
