//! How are schema.org postings read? From one page, a list, or a sitemap whose addresses lead to them; each address is
//! asked once, on hosts that may be asked.

use std::collections::{HashSet, VecDeque};

use reqwest::Url;
use serde_json::{Value, json};

use crate::error::Result;
use crate::ingest::fetch::Fetcher;
use crate::ingest::job_posting::{self, Found};
use crate::ingest::reading::{Ending, address};
use crate::ingest::run::Intake;

/// How many pages a run asks for at most.
const PAGES_MAX: usize = 50_000;
/// How many links lead from the first page to a posting at most: index, sitemap, page.
const STEPS_MAX: u32 = 3;
/// How many postings are gathered before they land.
const GATHERED: usize = 200;

/// Reads the page of a source and what it leads to; a further page that fails leaves open what is missing.
pub async fn read(intake: &mut Intake) -> Result<Ending> {
    let base = address(intake)?;
    let mut fetcher = Fetcher::new(intake.source().allow_private_network);
    let mut known = HashSet::from([base.clone()]);
    let mut waiting = VecDeque::from([(base, 0)]);
    let (mut gathered, mut failed) = (Vec::new(), false);
    while let Some((url, steps)) = waiting.pop_front() {
        if intake.is_too_long() {
            return Ok(Ending::Stopped("too_long"));
        }
        let page = fetcher.page(&url, None, |text| Ok(job_posting::find(text))).await;
        let found = match page {
            Ok(page) => page.map(|page| page.content).unwrap_or_default(),
            Err(error) if steps == 0 => return Err(error),
            Err(error) => {
                tracing::warn!(%url, "a page of postings failed: {error}");
                failed = true;
                continue;
            }
        };
        for link in links(&found, &url).into_iter().filter(|_| steps < STEPS_MAX) {
            if known.insert(link.clone()) {
                waiting.push_back((link, steps + 1));
            }
        }
        if known.len() > PAGES_MAX {
            return Ok(Ending::Stopped("too_many_pages"));
        }
        gathered.extend(named(found.postings, &url));
        if gathered.len() >= GATHERED {
            intake.take(std::mem::take(&mut gathered)).await?;
        }
    }
    intake.take(gathered).await?;
    Ok(if failed { Ending::Changes } else { Ending::Snapshot })
}

fn links(found: &Found, url: &Url) -> Vec<Url> {
    let joined = found.links.iter().filter_map(|link| url.join(link).ok());
    joined.filter(|link| matches!(link.scheme(), "http" | "https")).collect()
}

/// Gives a posting that stands alone the address of its page, where it says none itself.
fn named(mut postings: Vec<Value>, url: &Url) -> Vec<Value> {
    if let [Value::Object(fields)] = postings.as_mut_slice() {
        fields.entry("url").or_insert_with(|| json!(url.as_str()));
    }
    postings
}
