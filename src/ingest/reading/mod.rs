//! How is a source read from beginning to end? Each kind in its own way; the rows land batch by batch as they come, and
//! the way it ended says what may be concluded from what did not come.

mod feed;
mod paged;
mod postings;
mod tally;

use reqwest::Url;

use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::ingest::model::{Kind, SourceRow};
use crate::ingest::run::Intake;

/// How often a list is read whole although it can say what changed, in seconds.
const SNAPSHOT_EVERY_S: i64 = 20 * 3600;

/// What a run is asked to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All that there is.
    Whole,
    /// What changed since the last run, where the source can say so.
    Changes,
}

impl Extent {
    /// What a run reads when it is not told: of a feed the changes, of a list all.
    pub fn usual(source: &SourceRow) -> Extent {
        match source.kind {
            Kind::ChangeFeed => Extent::Changes,
            _ => Extent::Whole,
        }
    }

    /// What a run reads whose time has come: the changes, and all once in so many hours.
    pub fn scheduled(source: &SourceRow, now: Timestamp) -> Extent {
        let whole = |at: Timestamp| now.seconds_since(at) >= SNAPSHOT_EVERY_S;
        match source.kind {
            Kind::ChangeFeed => Extent::Changes,
            _ if source.snapshot_at.is_none_or(whole) => Extent::Whole,
            _ => Extent::Changes,
        }
    }
}

/// How the reading of a source ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// All that there is has come; what did not come is missing.
    Snapshot,
    /// What changed has come; nothing is known of the rest.
    Changes,
    /// It ended before the end.
    Stopped(&'static str),
}

/// Reads a source and lands its rows.
pub async fn read(intake: &mut Intake, extent: Extent) -> Result<Ending> {
    match intake.source().kind {
        Kind::Lemis | Kind::PagedJson => paged::read(intake, extent).await,
        Kind::ChangeFeed => feed::read(intake, extent).await,
        Kind::JobPosting => postings::read(intake).await,
        Kind::File => {
            Err(Error::invalid("/kind", "not_fetched", "此类来源须以文件导入", "a source of this kind is imported, not fetched"))
        }
    }
}

/// Gives the address of a source.
fn address(intake: &Intake) -> Result<Url> {
    let missing = || Error::invalid("/url", "no_url", "此来源没有地址", "the source has no URL");
    let text = intake.source().url.as_deref().ok_or_else(missing)?;
    Url::parse(text).map_err(|cause| Error::invalid("/url", "bad_url", "地址有误", cause.to_string()))
}
