//! `source add`, `ingest` and `import`: vacancies in from an employment service or from a file, with a report.

use std::io::{BufRead, BufReader, IsTerminal, Read as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cli::print;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::ingest::{self, Ground, Intake, Kind, Lines, Reader, RunStatus, RunView, SourceBody, SourceRow};
use crate::lexicon::{Lexicon, sheet};
use crate::search::Search;

/// How many bytes tell what a file is.
const SNIFF_BYTES: usize = 64 * 1024;
/// The largest CSV file or spreadsheet, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What can be done with sources.
#[derive(Debug, Subcommand)]
pub enum SourceCommand {
    /// Adds a source.
    Add {
        /// A short name.
        #[arg(long)]
        name: String,
        /// lemis, paged_json, change_feed, job_posting or file.
        #[arg(long)]
        kind: String,
        /// Where it is.
        #[arg(long)]
        url: Option<String>,
        /// Who stands behind it.
        #[arg(long)]
        label: Option<String>,
        /// Lets it be at a private address.
        #[arg(long)]
        allow_private_network: bool,
        /// How a list API or a change feed is read: a JSON file.
        #[arg(long)]
        mapping: Option<std::path::PathBuf>,
        /// When it is asked: a cron expression of five fields, in the time of Shanghai.
        #[arg(long)]
        schedule: Option<String>,
    },
}

/// What `import` is told.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The name of the source; added when it is new.
    #[arg(long)]
    source: String,
    /// lemis or file.
    #[arg(long, default_value = "file")]
    kind: String,
    /// A file of NDJSON, CSV or a spreadsheet, or `-` for standard input.
    file: String,
    /// Indexes along with it and tells how fast it went; no service may be running on the same data folder.
    #[arg(long)]
    report: bool,
}

/// How fast an import went.
#[derive(Debug, Serialize)]
struct Speed {
    /// Rows that were read.
    rows: i64,
    /// Seconds until the last of them was committed.
    committed_s: f64,
    /// Seconds until the last of them could be found.
    searchable_s: f64,
    /// Rows a second, until they could be found.
    rows_per_s: f64,
}

async fn ground(config: &Config) -> Result<Ground> {
    let db = Db::open(&config.database, config.database_connections)?;
    Ok(Ground { db, lexicon: Lexicon::shared().map_err(Error::internal)?, region: config.region.clone() })
}

fn kind_of(text: &str) -> Result<Kind> {
    Kind::parse(text).ok_or_else(|| Error::invalid("/kind", "bad_value", "没有这种来源", format!("no such kind: {text}")))
}

/// Runs a source command.
pub async fn run_source(config: Config, command: SourceCommand) -> Result<()> {
    let SourceCommand::Add { name, kind, url, label, allow_private_network, mapping, schedule } = command;
    let mapping = match mapping {
        Some(path) => Some(serde_json::from_slice(&std::fs::read(path)?)?),
        None => None,
    };
    let body = SourceBody { url, label, allow_private_network, schedule, mapping, ..SourceBody::named(name, kind_of(&kind)?) };
    let ground = ground(&config).await?;
    let row = ground.db.write(move |conn| ingest::add_source(conn, Timestamp::now(), &body)).await?;
    print(&format!("{}\n", row.id))
}

/// Runs one ingest over a source.
pub async fn run_ingest(config: Config, name: String) -> Result<()> {
    let ground = ground(&config).await?;
    let wanted = name.clone();
    let source = ground.db.read(move |conn| ingest::find_source_by_name(conn, &wanted)).await?;
    let source = source.ok_or(Error::NotFound("source"))?;
    let spinner = progress(&format!("ingest {name}"));
    let run = ingest::run_once(&ground, source, Timestamp::now()).await?;
    spinner.finish_and_clear();
    report(RunView::of(run)?)
}

/// Shows that work goes on: a spinner on a terminal, one plain line otherwise.
fn progress(words: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        tracing::info!("{words}");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(words.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn report(view: RunView) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(&view)?))?;
    match view.status {
        RunStatus::Failed => Err(Error::internal(view.reason.unwrap_or_else(|| "the run failed".to_owned()))),
        _ => Ok(()),
    }
}

/// Runs `import`.
pub async fn run_import(config: Config, arguments: ImportArguments) -> Result<()> {
    let ImportArguments { source, kind, file, report: is_timed } = arguments;
    let ground = ground(&config).await?;
    let source = source_named(&ground, source, kind_of(&kind)?).await?;
    let shadow = if is_timed { Some(Shadow::cast(&config, &ground)?) } else { None };
    let began = Instant::now();
    let run = import_file(&ground, source, &file).await?;
    let committed = began.elapsed();
    if let Some(shadow) = shadow {
        shadow.complete().await?;
        let (rows, searchable) = (run.fetched, began.elapsed());
        let rows_per_s = f64::from(i32::try_from(rows)?) / searchable.as_secs_f64();
        let speed = Speed { rows, committed_s: committed.as_secs_f64(), searchable_s: searchable.as_secs_f64(), rows_per_s };
        print(&format!("{}\n", serde_json::to_string_pretty(&speed)?))?;
    }
    report(run)
}

async fn import_file(ground: &Ground, source: SourceRow, file: &str) -> Result<RunView> {
    let reader: Box<dyn std::io::Read> = match file {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path)?),
    };
    let bar = progress("import");
    let mut intake = Intake::begin(ground, source, Timestamp::now()).await?;
    let mut reader = BufReader::with_capacity(SNIFF_BYTES, reader);
    if sheet::is_ndjson(reader.fill_buf()?) {
        import_lines(&mut intake, reader, &bar).await?;
    } else {
        let mut bytes = Vec::new();
        reader.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        let rows = ingest::rows_of(&bytes, &Reader::default())?;
        bar.inc(u64::try_from(rows.len())?);
        intake.take(rows).await?;
    }
    let run = intake.end(RunStatus::Succeeded, None).await?;
    bar.finish_and_clear();
    RunView::of(run)
}

/// The index following an import.
struct Shadow {
    end: watch::Sender<bool>,
    following: JoinHandle<Result<()>>,
}

impl Shadow {
    fn cast(config: &Config, ground: &Ground) -> Result<Shadow> {
        let search = Arc::new(Search::open(&config.data, ground.lexicon.clone(), config.index_writer_bytes)?);
        let (end, mut ended) = watch::channel(false);
        let (db, every) = (ground.db.clone(), Duration::from_millis(config.index_interval_ms));
        let following = tokio::spawn(async move {
            loop {
                let is_last = *ended.borrow();
                search.catch_up(&db).await?;
                if is_last {
                    return Ok(());
                }
                tokio::select! {
                    () = tokio::time::sleep(every) => {}
                    _ = ended.wait_for(|end| *end) => {}
                }
            }
        });
        Ok(Shadow { end, following })
    }

    /// Waits until everything that was committed can be found.
    async fn complete(self) -> Result<()> {
        self.end.send_replace(true);
        self.following.await?
    }
}

async fn import_lines(intake: &mut Intake, mut reader: impl BufRead, bar: &ProgressBar) -> Result<()> {
    let mut lines = Lines::default();
    loop {
        let bytes = reader.fill_buf()?;
        let count = bytes.len();
        if count == 0 {
            return intake.take_raw(lines.rest()).await;
        }
        let batch = lines.push(bytes);
        reader.consume(count);
        if let Some(batch) = batch {
            bar.inc(u64::try_from(batch.len())?);
            intake.take_raw(batch).await?;
        }
    }
}

async fn source_named(ground: &Ground, name: String, kind: Kind) -> Result<SourceRow> {
    ground
        .db
        .write(move |conn| match ingest::find_source_by_name(conn, &name)? {
            Some(row) => Ok(row),
            None => ingest::add_source(conn, Timestamp::now(), &SourceBody::named(name, kind)),
        })
        .await
}
