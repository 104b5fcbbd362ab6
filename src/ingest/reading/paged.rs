//! How is a list of numbered pages read? Until it is short, empty, or has come before; what a page says of the total is
//! doubted twice before it is believed.

use reqwest::Url;
use serde_json::Value;

use crate::error::Result;
use crate::ingest::cursor;
use crate::ingest::fetch::Fetcher;
use crate::ingest::mapping::Mapping;
use crate::ingest::model::Kind;
use crate::ingest::reading::tally::{Next, Tally};
use crate::ingest::reading::{Ending, Extent, address};
use crate::ingest::run::Intake;

/// How many rows a page of the public labour-market system has.
const LEMIS_PAGE: u32 = 100;
/// How many pages a run reads at most.
const PAGES_MAX: u32 = 100_000;

/// How the pages of a list are asked for and read.
struct Shape {
    mapping: Mapping,
    lemis: bool,
}

/// One page as it came.
struct Sheet {
    rows: Vec<Value>,
    total: Option<u64>,
}

/// Reads page after page.
pub async fn read(intake: &mut Intake, extent: Extent) -> Result<Ending> {
    let shape = Shape::of(intake.source().kind, intake.mapping());
    let mut base = address(intake)?;
    let since = match (extent, &shape.mapping.since_param, intake.source().feed_cursor.as_deref()) {
        (Extent::Changes, Some(param), Some(newest)) => {
            base.query_pairs_mut().append_pair(param, &cursor::since(newest));
            true
        }
        _ => false,
    };
    let mut fetcher = Fetcher::new(intake.source().allow_private_network);
    let mut tally = Tally::default();
    for page in 1..=PAGES_MAX {
        if intake.is_too_long() {
            return Ok(Ending::Stopped("too_long"));
        }
        let Sheet { rows, total } = settled(&mut fetcher, &shape, &base, page, &mut tally).await?;
        tally.trust(total);
        match tally.see(&rows, u64::from(shape.mapping.size)) {
            Next::Stop("page_repeats") => return Ok(Ending::Stopped("page_repeats")),
            Next::Go => intake.take(rows).await?,
            Next::Stop(reason) => {
                intake.take(rows).await?;
                return Ok(Ending::Stopped(reason));
            }
            Next::Whole => {
                intake.take(rows).await?;
                return Ok(if since { Ending::Changes } else { Ending::Snapshot });
            }
        }
    }
    Ok(Ending::Stopped("too_many_pages"))
}

/// Fetches a page; one that contradicts those before it is asked for again, and so is the first, which may have been wrong.
async fn settled(fetcher: &mut Fetcher, shape: &Shape, base: &Url, page: u32, tally: &mut Tally) -> Result<Sheet> {
    let mut sheet = fetch(fetcher, shape, base, page).await?;
    if tally.doubts(&sheet.rows, sheet.total) {
        sheet = fetch(fetcher, shape, base, page).await?;
    }
    if page > 1 && tally.doubts(&sheet.rows, sheet.total) {
        let first = fetch(fetcher, shape, base, 1).await?;
        if first.total == sheet.total {
            tally.correct(sheet.total);
        }
    }
    Ok(sheet)
}

async fn fetch(fetcher: &mut Fetcher, shape: &Shape, base: &Url, page: u32) -> Result<Sheet> {
    let read = |text: &str| shape.read(text);
    let page = fetcher.page(&shape.page(base, page), None, read).await?;
    Ok(page.map_or(Sheet { rows: Vec::new(), total: None }, |page| page.content))
}

impl Shape {
    fn of(kind: Kind, mapping: Option<&Mapping>) -> Shape {
        let lemis = kind == Kind::Lemis;
        let mapping = match (lemis, mapping) {
            (false, Some(mapping)) => Mapping { size: mapping.size.max(1), ..mapping.clone() },
            (false, None) => Mapping::default(),
            (true, _) => Mapping {
                rows: "/data/rows".to_owned(),
                total: Some("/data/total".to_owned()),
                page_param: "pageNo".to_owned(),
                size_param: "pageSize".to_owned(),
                size: LEMIS_PAGE,
                since_param: Some("updatedSince".to_owned()),
                ..Mapping::default()
            },
        };
        Shape { mapping, lemis }
    }

    fn page(&self, base: &Url, page: u32) -> Url {
        let mut url = base.clone();
        url.query_pairs_mut()
            .append_pair(&self.mapping.page_param, &page.to_string())
            .append_pair(&self.mapping.size_param, &self.mapping.size.to_string());
        url
    }

    fn read(&self, text: &str) -> std::result::Result<Sheet, String> {
        let mut answer: Value = serde_json::from_str(text).map_err(|cause| cause.to_string())?;
        let said = |name: &str| answer.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        if self.lemis && said("code").as_deref() != Some("0") {
            return Err(format!("code {} {}", said("code").unwrap_or_default(), said("msg").unwrap_or_default()));
        }
        let total = self.mapping.total.as_deref().and_then(|at| answer.pointer(at));
        let total = total.and_then(|total| total.as_u64().or_else(|| total.as_str()?.trim().parse().ok()));
        match answer.pointer_mut(&self.mapping.rows).map(Value::take) {
            Some(Value::Array(rows)) => Ok(Sheet { rows, total }),
            _ => Err(format!("no list at {}", self.mapping.rows)),
        }
    }
}
