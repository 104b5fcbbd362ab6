//! Which fairs fit these words? `GET /v1/fairs/search`: announced fairs by title, organiser, text and city.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::get;
use actix_web::web::{Data, Json};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::config::Config;
use crate::db::schema::fairs;
use crate::db::types::{FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::fairs::life::FairStatus;
use crate::fairs::model::{FairRow, FairView};
use crate::http::{Failures, Now, Query};
use crate::search::{Notice, Posted, Search, Seek, Understood};

/// How many fairs are named when nothing is said, and at most.
const FAIRS: (usize, usize) = (20, 50);
/// How many fairs, the latest, can be found.
const FAIRS_MAX: i64 = 20_000;

/// The name of the board of fairs.
const BOARD: &str = "fairs";

/// Mounts the route; before that of one fair, whose id it would be taken for.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search);
}

/// What can be asked.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct FairSearch {
    /// Words; `"phrase"`, `-without`.
    q: String,
    /// A place, by code, prefix or name.
    city: Option<String>,
    /// Whether fairs that are over are wanted too.
    past: bool,
    /// How many, 1 to 50; 20 when not said.
    limit: Option<usize>,
}

/// One fair that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FairHit {
    /// The fair.
    fair: FairView,
    /// How well it fits.
    score: f32,
}

/// What was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FairsFound {
    /// The fairs, the best first.
    items: Vec<FairHit>,
    /// How many there are.
    total: u64,
    /// How the words were read.
    understood: Understood,
}

impl FairSearch {
    fn seek(self, now: Timestamp, region: &str) -> Result<Seek> {
        let limit = self.limit.unwrap_or(FAIRS.0);
        if !(1..=FAIRS.1).contains(&limit) {
            let refusal = Refusal::new("/limit", "bad_limit", "limit 须在 1 至 50 之间", "limit is not within 1 to 50");
            return Err(Error::Malformed(refusal));
        }
        let after = (!self.past).then_some(now);
        Ok(Seek { words: self.q, city: self.city, after, limit, region: region.to_owned() })
    }
}

/// Searches announced fairs.
#[utoipa::path(tag = "fairs", operation_id = "search_fairs", params(FairSearch),
    responses((status = 200, description = "招聘会检索结果", body = FairsFound), Failures))]
#[get("/fairs/search")]
async fn search(
    db: Data<Db>,
    engine: Data<Search>,
    calendar: Data<Calendar>,
    config: Data<Config>,
    now: Now,
    query: Query<FairSearch>,
) -> Result<Json<FairsFound>> {
    let (engine, seek) = (engine.into_inner(), query.0.seek(*now, &config.region)?);
    put_up(&db, &engine, &config.region).await?;
    let Posted { hits, total, understood } = engine.run(move |engine| engine.find_notices(BOARD, seek)).await?;
    let items = db.read(move |conn| shown(conn, hits, &calendar)).await?;
    Ok(Json(FairsFound { items, total, understood }))
}

/// Puts the fairs up anew when one has changed.
async fn put_up(db: &Db, engine: &Arc<Search>, region: &str) -> Result<()> {
    let stamp = db.read(stamp).await?;
    if engine.has_board(BOARD, &stamp) {
        return Ok(());
    }
    let (stamp, notices) = db.read(|conn| Ok((self::stamp(conn)?, notices(conn)?))).await?;
    let region = region.to_owned();
    engine.run(move |engine| engine.put_up(BOARD, stamp, &notices, &region)).await
}

fn stamp(conn: &mut DbConn) -> Result<String> {
    let (count, last): (i64, Option<Timestamp>) = fairs::table.select((count_star(), max(fairs::updated_at))).first(conn)?;
    Ok(format!("{count} {}", last.map_or(0, |at| at.millis())))
}

/// Reads the fairs that are announced and not called off.
fn notices(conn: &mut DbConn) -> Result<Vec<Notice>> {
    let announced = fairs::table.filter(fairs::published_at.is_not_null()).filter(fairs::status.ne(FairStatus::Cancelled));
    let rows: Vec<FairRow> = announced.order(fairs::starts_at.desc()).limit(FAIRS_MAX).select(FairRow::as_select()).load(conn)?;
    let notice = |row: FairRow| Notice {
        id: row.id.as_str().to_owned(),
        title: row.title,
        by: row.organiser,
        text: row.description.unwrap_or_default(),
        city: row.city,
        until: row.ends_at,
    };
    Ok(rows.into_iter().map(notice).collect())
}

fn shown(conn: &mut DbConn, hits: Vec<(String, f32)>, calendar: &Calendar) -> Result<Vec<FairHit>> {
    let ids: Vec<FairId> = hits.iter().filter_map(|(id, _)| FairId::parse(id)).collect();
    let rows: Vec<FairRow> = fairs::table.filter(fairs::id.eq_any(&ids)).select(FairRow::as_select()).load(conn)?;
    let mut rows: HashMap<String, FairRow> = rows.into_iter().map(|row| (row.id.as_str().to_owned(), row)).collect();
    let found = hits.into_iter().filter_map(|(id, score)| Some((rows.remove(&id)?, score)));
    found.map(|(row, score)| Ok(FairHit { fair: FairView::of(row, calendar, false)?, score })).collect()
}
