//! How does one run go? Page by page from a source, or row by row from a file: read, normalise on all cores, land in one
//! transaction a batch together with the counts, so that a run that is killed has counted what it has landed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use reqwest::Url;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::types::Timestamp;
use crate::db::{Db, claim};
use crate::employers;
use crate::error::{Error, Result};
use crate::ingest::fetch::Fetcher;
use crate::ingest::model::{Kind, RejectRow, RunRow, RunStatus, SourceRow};
use crate::ingest::posting::{Posting, understand};
use crate::ingest::row::{Mapping, Reader, Reject};
use crate::ingest::store;
use crate::lexicon::Lexicon;
use crate::vacancies::{self, Incoming, Landed, SourceRef, Talk};

/// How many rows a page of the public labour-market system has.
const LEMIS_PAGE: u32 = 100;
/// How many pages a run reads at most.
const PAGES_MAX: u32 = 100_000;
/// How many rows land in one transaction.
const BATCH_ROWS: usize = 2_000;
/// How long a claim on a source holds without being renewed, in seconds.
const CLAIM_S: i64 = 60;

/// What every run stands on.
#[derive(Clone)]
pub struct Ground {
    /// The database.
    pub db: Db,
    /// The word lists.
    pub lexicon: Arc<Lexicon>,
    /// The GB/T 2260 prefix that is served.
    pub region: String,
}

/// One run under way.
pub struct Intake {
    ground: Ground,
    source: SourceRow,
    mapping: Option<Mapping>,
    reader: Arc<Reader>,
    owner: String,
    run: RunRow,
    dropped: BTreeMap<String, i64>,
    last_page: Option<String>,
    receipts: Vec<Receipt>,
    wants_receipts: bool,
}

/// What became of one row.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Receipt {
    /// The place of the row in the run, from 1.
    pub place: i64,
    /// `created`, `updated`, `unchanged`, `merged` or `rejected`.
    pub status: &'static str,
    /// What the source calls the row.
    pub reference: Option<String>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Reads a source from beginning to end and tells how it went.
pub async fn run_once(ground: &Ground, source: SourceRow, now: Timestamp) -> Result<RunRow> {
    let intake = Intake::begin(ground, source, now).await?;
    intake.follow().await
}

impl Intake {
    /// Begins a run; a source that another run is reading is refused.
    pub async fn begin(ground: &Ground, source: SourceRow, now: Timestamp) -> Result<Intake> {
        let run = RunRow::begun(now, &source.id);
        let owner = run.id.to_string();
        let (first, name, mine) = (run.clone(), claim_name(&source), owner.clone());
        let begun = ground.db.write(move |conn| match claim::claim(conn, now, &name, &mine, CLAIM_S)? {
            true => store::begin_run(conn, &first).map(|()| true),
            false => Ok(false),
        });
        if !begun.await? {
            return Err(Error::conflict("already_running", "此来源正在采集中", "this source is being read"));
        }
        let mapping = source.mapping()?;
        Ok(Intake {
            ground: ground.clone(),
            source,
            mapping,
            reader: Arc::default(),
            owner,
            run,
            dropped: BTreeMap::new(),
            last_page: None,
            receipts: Vec::new(),
            wants_receipts: false,
        })
    }

    /// Gives the run as it stands.
    pub fn row(&self) -> &RunRow {
        &self.run
    }

    /// Reads all pages and ends the run, also where reading fails.
    pub async fn follow(mut self) -> Result<RunRow> {
        let ended = self.read_pages().await;
        let (status, reason) = match ended {
            Ok(None) => (RunStatus::Succeeded, None),
            Ok(Some(reason)) => (RunStatus::Stopped, Some(reason.to_owned())),
            Err(error) => {
                tracing::error!(source = %self.source.name, "run failed: {error}");
                (RunStatus::Failed, Some(error.to_string()))
            }
        };
        self.end(status, reason).await
    }

    /// Ends the run and gives its counts.
    pub async fn end(mut self, status: RunStatus, reason: Option<String>) -> Result<RunRow> {
        self.run.finished_at = Some(Timestamp::now());
        (self.run.status, self.run.reason) = (status, reason);
        let (run, name, owner) = (self.run.clone(), claim_name(&self.source), self.owner);
        self.ground
            .db
            .write(move |conn| {
                store::save_run(conn, &run)?;
                claim::release(conn, &name, &owner)
            })
            .await?;
        Ok(self.run)
    }

    /// Reads page after page; `Some` names why it ended before the end.
    async fn read_pages(&mut self) -> Result<Option<&'static str>> {
        let address = self
            .source
            .url
            .as_deref()
            .ok_or_else(|| Error::invalid("/url", "no_url", "此来源没有地址", "the source has no URL"))?;
        let base = Url::parse(address).map_err(|cause| Error::invalid("/url", "bad_url", "地址有误", cause.to_string()))?;
        let fetcher = Fetcher::new(&base, self.source.allow_private_network).await?;
        let shape = Shape::of(self.source.kind, self.mapping.as_ref())?;
        for page in 1..=PAGES_MAX {
            let answer = fetcher.json(&shape.page(&base, page), |answer| shape.accept(answer)).await?;
            let rows = shape.rows(&answer);
            if rows.is_empty() {
                return Ok(None);
            }
            let print = fingerprint(&rows);
            if self.last_page.replace(print.clone()) == Some(print) {
                return Ok(Some("page_repeats"));
            }
            let short = rows.len() < usize::try_from(shape.size)?;
            self.take(rows).await?;
            if short {
                return Ok(None);
            }
        }
        Ok(Some("too_many_pages"))
    }

    /// Keeps a receipt of each row from now on.
    pub fn with_receipts(mut self) -> Intake {
        self.wants_receipts = true;
        self
    }

    /// Gives the receipts of the rows landed since the last call, in their order.
    pub fn take_receipts(&mut self) -> Vec<Receipt> {
        let mut receipts = std::mem::take(&mut self.receipts);
        receipts.sort_by_key(|receipt| receipt.place);
        receipts
    }

    /// Lands rows: each is created, updated, unchanged, merged or rejected.
    pub async fn take(&mut self, rows: Vec<Value>) -> Result<()> {
        for part in rows.chunks(BATCH_ROWS) {
            self.batch(part.to_vec()).await?;
        }
        Ok(())
    }

    async fn batch(&mut self, rows: Vec<Value>) -> Result<()> {
        let (ground, reader, mapping, kind) = (self.ground.clone(), self.reader.clone(), self.mapping.clone(), self.source.kind);
        let (lexicon, region) = (ground.lexicon.clone(), ground.region.clone());
        let place = self.run.fetched;
        let read =
            tokio::task::spawn_blocking(move || read_all(&reader, kind, mapping.as_ref(), rows, &lexicon, &region)).await?;
        let version = ground.lexicon.version().to_owned();
        let (mut run, source, owner, now) = (self.run.clone(), self.source.clone(), self.owner.clone(), Timestamp::now());
        let mut dropped = self.dropped.clone();
        let landed = ground.db.write(move |conn| {
            if !claim::claim(conn, now, &claim_name(&source), &owner, CLAIM_S)? {
                return Err(Error::conflict("claim_lost", "采集已由其他实例接手", "another instance has taken over"));
            }
            run.fetched += i64::try_from(read.len())?;
            let places: Vec<i64> = read.iter().zip(place + 1..).filter(|(one, _)| one.result.is_ok()).map(|(_, at)| at).collect();
            let (good, rejects) = sort(read, &run, place, &mut dropped);
            run.rejected += i64::try_from(rejects.len())?;
            let named: Vec<_> = good
                .iter()
                .map(|one| (one.row.raw.employer_name.as_str(), one.row.uscc.as_deref(), one.content.city()))
                .collect();
            let owners = employers::upsert_many(conn, now, &named)?;
            let incoming = good.into_iter().zip(owners).map(|(Posting { row, content, findings }, employer)| Incoming {
                reference: row.reference,
                row_hash: row.hash,
                content,
                findings,
                employer: Some(employer),
                url: row.url,
                changed_at: row.changed_at,
                valid_from: row.valid_from,
                expires_at: row.expires_at,
                lexicon_version: version.clone(),
            });
            let from = SourceRef { id: source.id.clone(), name: source.name.clone(), label: source.label.clone() };
            let incoming: Vec<Incoming> = incoming.collect();
            let references: Vec<String> = incoming.iter().map(|row| row.reference.clone()).collect();
            let landed: Vec<Landed> = vacancies::upsert(conn, now, &from, incoming)?;
            run.count(&landed);
            let receipts = receipts(&rejects, places, references, &landed);
            run.quarantined_fields = serde_json::to_string(&dropped)?;
            store::keep_rejects(conn, rejects)?;
            store::save_run(conn, &run)?;
            Ok((run, dropped, receipts))
        });
        let (run, dropped, receipts) = landed.await?;
        (self.run, self.dropped) = (run, dropped);
        if self.wants_receipts {
            self.receipts.extend(receipts);
        }
        Ok(())
    }
}

fn claim_name(source: &SourceRow) -> String {
    format!("ingest:{}", source.id)
}

fn fingerprint(rows: &[Value]) -> String {
    let mut hasher = Sha256::new();
    for row in rows {
        hasher.update(row.to_string());
    }
    hex::encode(hasher.finalize())
}

fn receipts(rejects: &[RejectRow], places: Vec<i64>, references: Vec<String>, landed: &[Landed]) -> Vec<Receipt> {
    let good = places.into_iter().zip(references).zip(landed).map(|((place, reference), landed)| Receipt {
        place,
        status: landed.as_str(),
        reference: Some(reference),
        code: None,
        detail: None,
    });
    let refused = rejects.iter().map(|reject| Receipt {
        place: reject.place,
        status: "rejected",
        reference: reject.reference.clone(),
        code: Some(reject.code.clone()),
        detail: Some(reject.detail.clone()),
    });
    good.chain(refused).collect()
}

/// A row with what was read of it and the fields that were dropped.
struct Read {
    original: Value,
    result: std::result::Result<Posting, Reject>,
    dropped: BTreeMap<String, i64>,
}

fn read_all(
    reader: &Reader,
    kind: Kind,
    mapping: Option<&Mapping>,
    rows: Vec<Value>,
    lexicon: &Lexicon,
    region: &str,
) -> Vec<Read> {
    let day = Timestamp::now().day();
    rows.into_par_iter()
        .map(|original| {
            let mut dropped = BTreeMap::new();
            let result = reader
                .read(kind, mapping, &original, &mut dropped)
                .and_then(|row| understand(row, Talk { lexicon, region }, day));
            Read { original: reader.without_quarantined(original), result, dropped }
        })
        .collect()
}

fn sort(read: Vec<Read>, run: &RunRow, first: i64, dropped: &mut BTreeMap<String, i64>) -> (Vec<Posting>, Vec<RejectRow>) {
    let (mut good, mut rejects) = (Vec::with_capacity(read.len()), Vec::new());
    for (one, place) in read.into_iter().zip(first + 1..) {
        for (field, count) in one.dropped {
            *dropped.entry(field).or_default() += count;
        }
        match one.result {
            Ok(row) => good.push(row),
            Err(Reject { code, detail, reference }) => rejects.push(RejectRow {
                run_id: run.id.clone(),
                place,
                reference,
                code: code.to_owned(),
                detail,
                raw: one.original.to_string(),
            }),
        }
    }
    (good, rejects)
}

/// How the pages of a source are asked for and read.
struct Shape {
    rows: String,
    page_param: String,
    size_param: String,
    size: u32,
    lemis: bool,
}

impl Shape {
    fn of(kind: Kind, mapping: Option<&Mapping>) -> Result<Shape> {
        match (kind, mapping) {
            (Kind::Lemis, _) => Ok(Shape {
                rows: "/data/rows".to_owned(),
                page_param: "pageNo".to_owned(),
                size_param: "pageSize".to_owned(),
                size: LEMIS_PAGE,
                lemis: true,
            }),
            (Kind::PagedJson, Some(mapping)) => Ok(Shape {
                rows: mapping.rows.clone(),
                page_param: mapping.page_param.clone(),
                size_param: mapping.size_param.clone(),
                size: mapping.size.max(1),
                lemis: false,
            }),
            _ => Err(Error::invalid(
                "/kind",
                "not_fetched",
                "此类来源须以文件导入",
                "a source of this kind is imported, not fetched",
            )),
        }
    }

    fn page(&self, base: &Url, page: u32) -> Url {
        let mut url = base.clone();
        url.query_pairs_mut()
            .append_pair(&self.page_param, &page.to_string())
            .append_pair(&self.size_param, &self.size.to_string());
        url
    }

    fn accept(&self, answer: &Value) -> std::result::Result<(), String> {
        if self.lemis
            && answer.get("code").map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned))
                != Some("0".to_owned())
        {
            return Err(format!("code {} {}", answer["code"], answer["msg"]));
        }
        match answer.pointer(&self.rows) {
            Some(Value::Array(_)) => Ok(()),
            _ => Err(format!("no list at {}", self.rows)),
        }
    }

    fn rows(&self, answer: &Value) -> Vec<Value> {
        answer.pointer(&self.rows).and_then(Value::as_array).cloned().unwrap_or_default()
    }
}
