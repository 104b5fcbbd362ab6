//! Feeds over HTTP: the snapshot and the changes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use futures_util::{StreamExt, stream};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::Db;
use crate::error::{Error, Result, Sentence};
use crate::feeds::asked::{ChangesQuery, SnapshotQuery};
use crate::feeds::atom::atom;
use crate::feeds::change::ChangeView;
use crate::feeds::chunk::{ChangeRows, LiveRows, lines};
use crate::feeds::export::export;
use crate::feeds::subscriptions;
use crate::feeds::tide::Tide;
use crate::feeds::wanted::Wanted;
use crate::http::problem;
use crate::http::{Failures, Problem, Query};
use crate::search::Search;
use crate::vacancies::{self, VacancyView};

/// Tells up to which place in the sequence an answer covers the changes.
const FEED_CURSOR: HeaderName = HeaderName::from_static("x-feed-cursor");
/// The media type of one JSON value a line.
pub const NDJSON: &str = "application/x-ndjson";

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(snapshot).service(changes).service(atom).service(export);
    config.service(subscriptions::list).service(subscriptions::create).service(subscriptions::read);
    config.service(subscriptions::change).service(subscriptions::remove);
    config.service(subscriptions::list_deliveries).service(subscriptions::redeliver);
}

/// Streams every live vacancy; `X-Feed-Cursor` is the place from which `changes` goes on without a gap. What happens
/// while it is read may be in both: of two revisions of an id the higher counts.
#[utoipa::path(tag = "feeds", operation_id = "get_vacancy_snapshot", params(SnapshotQuery),
    responses((status = 200, description = "全部在招岗位，每行一个（NDJSON）；X-Feed-Cursor 为后续变更的起点",
        body = VacancyView, content_type = "application/x-ndjson", headers(("X-Feed-Cursor" = i64, description = "接续 changes 的位置"))), Failures))]
#[get("/vacancies/snapshot")]
async fn snapshot(db: Data<Db>, config: Data<Config>, engine: Data<Search>, query: Query<SnapshotQuery>) -> Result<HttpResponse> {
    let wanted = Wanted::read(&query.0.filters(), &engine, &config.region)?;
    let cursor = db.read(vacancies::last_change).await?;
    Ok(feed(cursor).streaming(LiveRows::new(&db, wanted).lines()))
}

fn feed(cursor: i64) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type(NDJSON).insert_header((FEED_CURSOR, cursor)).insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// Streams what changed after a place in the sequence, in commit order; `wait` holds the answer back until there is
/// something to tell.
///
/// Each line shows the vacancy as it now stands, which may be later than the event; one that is not live is a tombstone.
/// Under a filter, a correction that leaves a live vacancy outside of it is told as `closed` with `left_filter`, also where
/// it was outside before: earlier contents are not kept. Words (`q`) are held against each vacancy as a search first reads
/// them; other spellings and words apart are tried by searches alone. `handicraft` does not filter unless it is said.
#[utoipa::path(tag = "feeds", operation_id = "get_vacancy_changes", params(ChangesQuery),
    responses(
        (status = 200, description = "变更，每行一个（NDJSON），按提交顺序；X-Feed-Cursor 为已覆盖到的位置",
            body = ChangeView, content_type = "application/x-ndjson", headers(("X-Feed-Cursor" = i64, description = "已覆盖到的位置"))),
        (status = 410, description = "位置过旧或超出序列，请从 Link 给出的 snapshot 重新开始", body = Problem, content_type = "application/problem+json"),
        Failures))]
#[get("/vacancies/changes")]
async fn changes(
    db: Data<Db>,
    config: Data<Config>,
    engine: Data<Search>,
    tide: Data<Tide>,
    request: HttpRequest,
    query: Query<ChangesQuery>,
) -> Result<HttpResponse> {
    query.0.check()?;
    let wanted = Wanted::read(&query.0.filters(), &engine, &config.region)?;
    match follow(&db, &tide, Arc::new(wanted), &query.0).await {
        Err(Error::Gone(reason)) => Ok(resync(&request, Error::Gone(reason))),
        followed => followed,
    }
}

async fn follow(db: &Db, tide: &Tide, wanted: Arc<Wanted>, asked: &ChangesQuery) -> Result<HttpResponse> {
    let (begun, wait) = (Instant::now(), Duration::from_secs(asked.wait));
    let mut after = asked.after;
    loop {
        let left = asked.limit.map(|limit| limit - (after - asked.after));
        let until = reach(db, after, left).await?;
        let mut rows = ChangeRows::new(db, &wanted, after, until);
        let first = rows.first().await?;
        after = until;
        let patience = wait.saturating_sub(begun.elapsed());
        let full = asked.limit.is_some_and(|limit| until - asked.after >= limit);
        if !first.is_empty() || full || patience.is_zero() || !tide.passes(after, patience).await {
            let head: Bytes = lines(&first)?;
            return Ok(feed(until).streaming(stream::iter([Ok(head)]).chain(rows.lines())));
        }
    }
}

/// Gives the last place that an answer covers; a cursor that is too old or from elsewhere is gone.
async fn reach(db: &Db, after: i64, limit: Option<i64>) -> Result<i64> {
    let (floor, last) = db.read(|conn| Ok((vacancies::feed_floor(conn)?, vacancies::last_change(conn)?))).await?;
    if after < floor || after > last {
        let zh = format!("位置 {after} 不在可接续的范围 {floor} 至 {last} 内，请从 /v1/vacancies/snapshot 重新开始");
        let en = format!("{after} is not within {floor} to {last}; begin again with /v1/vacancies/snapshot");
        return Err(Error::Gone(Sentence::new(zh, en)));
    }
    Ok(limit.map_or(last, |limit| last.min(after.saturating_add(limit))))
}

/// Answers 410 with the address of the snapshot.
fn resync(request: &HttpRequest, gone: Error) -> HttpResponse {
    let mut response = problem::answer(&gone, request);
    let link = HeaderValue::from_static("</v1/vacancies/snapshot>; rel=\"start\"; title=\"resync\"");
    response.headers_mut().insert(header::LINK, link);
    response
}
