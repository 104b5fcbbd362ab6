//! How is a change feed read? Along the links from page to page, newest last; the next run goes on at the page where this
//! one ended, and a page that has not changed costs nothing. A feed that was written anew is read from its beginning.

use std::collections::HashSet;

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::ingest::fetch::{Fetcher, Page};
use crate::ingest::mapping::Mapping;
use crate::ingest::reading::{Ending, Extent, address};
use crate::ingest::run::Intake;

/// How many pages a run reads at most.
const PAGES_MAX: usize = 100_000;

/// Where the last run ended.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    page: String,
    etag: Option<String>,
    seen: usize,
    print: String,
}

/// One page as it came.
struct Leaf {
    items: Vec<Value>,
    next: Option<String>,
}

/// Reads a feed from where the last run ended, or from its beginning.
pub async fn read(intake: &mut Intake, extent: Extent) -> Result<Ending> {
    let mapping = intake.mapping().cloned().unwrap_or_default();
    let mut fetcher = Fetcher::new(intake.source().allow_private_network);
    let base = address(intake)?;
    let known = intake.source().feed_cursor.as_deref().and_then(|text| serde_json::from_str::<Place>(text).ok());
    let known = known.filter(|_| extent == Extent::Changes);
    let (first, ending) = match known {
        None => (page(&mut fetcher, &mapping, &base, None).await?, Ending::Snapshot),
        Some(place) => match goes_on(&mut fetcher, &mapping, &place).await {
            Ok(None) => return Ok(Ending::Changes),
            Ok(Some(leaf)) if place.goes_on(&leaf.content) => (Some(leaf), Ending::Changes),
            Ok(Some(_)) | Err(_) => (page(&mut fetcher, &mapping, &base, None).await?, Ending::Snapshot),
        },
    };
    let Some(first) = first else { return Ok(Ending::Changes) };
    follow(intake, &mut fetcher, &mapping, first, ending).await
}

async fn goes_on(fetcher: &mut Fetcher, mapping: &Mapping, place: &Place) -> Result<Option<Page<Leaf>>> {
    let url = Url::parse(&place.page).map_err(Error::internal)?;
    page(fetcher, mapping, &url, place.etag.as_deref()).await
}

async fn follow(
    intake: &mut Intake,
    fetcher: &mut Fetcher,
    mapping: &Mapping,
    first: Page<Leaf>,
    ending: Ending,
) -> Result<Ending> {
    let mut seen = HashSet::from([first.url.clone()]);
    let mut leaf = first;
    for _ in 0..PAGES_MAX {
        if intake.is_too_long() {
            return Ok(Ending::Stopped("too_long"));
        }
        let (count, print) = (leaf.content.items.len(), print(&leaf.content.items));
        let next = leaf.content.next.as_deref().map(|next| leaf.url.join(next)).transpose();
        let next = next.map_err(|cause| Error::internal(format!("{}: the next page: {cause}", leaf.url)))?;
        intake.take(leaf.content.items).await?;
        let Some(next) = next else {
            let place = Place { page: leaf.url.to_string(), etag: leaf.etag, seen: count, print };
            intake.go_on_at(serde_json::to_string(&place)?);
            return Ok(ending);
        };
        if !seen.insert(next.clone()) {
            return Ok(Ending::Stopped("page_repeats"));
        }
        leaf = match page(fetcher, mapping, &next, None).await? {
            Some(leaf) => leaf,
            None => return Ok(Ending::Stopped("page_missing")),
        };
    }
    Ok(Ending::Stopped("too_many_pages"))
}

impl Place {
    /// Tells whether a page still begins with what was seen on it: a feed only grows.
    fn goes_on(&self, leaf: &Leaf) -> bool {
        leaf.items.get(..self.seen).is_some_and(|seen| print(seen) == self.print)
    }
}

fn print(items: &[Value]) -> String {
    let mut hasher = Sha256::new();
    for item in items {
        hasher.update(item.to_string());
        hasher.update(b"\n");
    }
    hex::encode(hasher.finalize())
}

async fn page(fetcher: &mut Fetcher, mapping: &Mapping, url: &Url, etag: Option<&str>) -> Result<Option<Page<Leaf>>> {
    fetcher
        .page(url, etag, |text| {
            let mut answer: Value = serde_json::from_str(text).map_err(|cause| cause.to_string())?;
            let next = answer.pointer(&mapping.next).and_then(Value::as_str).filter(|next| !next.is_empty()).map(str::to_owned);
            match answer.pointer_mut(&mapping.rows).map(Value::take) {
                Some(Value::Array(items)) => Ok(Leaf { items, next }),
                _ => Err(format!("no list at {}", mapping.rows)),
            }
        })
        .await
}
