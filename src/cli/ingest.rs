//! `source add`, `ingest` and `import`: vacancies in from an employment service or from a file, with a report.

use std::io::{BufRead, BufReader, IsTerminal, Read as _};
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::print;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::ingest::{self, Ground, Intake, Kind, Reader, RunStatus, RunView, SourceBody, SourceRow};
use crate::lexicon::{Lexicon, sheet};

/// How many lines of a file are read before they are landed.
const LINES: usize = 10_000;
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
    let body =
        SourceBody { name, kind: kind_of(&kind)?, url, label, allow_private_network, schedule, mapping, missing_share_max: None };
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
    let ImportArguments { source, kind, file } = arguments;
    let ground = ground(&config).await?;
    let source = source_named(&ground, source, kind_of(&kind)?).await?;
    let reader: Box<dyn std::io::Read> = match file.as_str() {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path)?),
    };
    let bar = progress("import");
    let mut intake = Intake::begin(&ground, source, Timestamp::now()).await?;
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
    report(RunView::of(run)?)
}

async fn import_lines(intake: &mut Intake, reader: impl BufRead, bar: &ProgressBar) -> Result<()> {
    let mut lines = reader.split(b'\n');
    loop {
        let mut rows = Vec::new();
        for line in lines.by_ref().take(LINES) {
            let line = line?;
            if !line.trim_ascii().is_empty() {
                rows.push(sheet::line(&line));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        bar.inc(u64::try_from(rows.len())?);
        intake.take(rows).await?;
    }
}

async fn source_named(ground: &Ground, name: String, kind: Kind) -> Result<SourceRow> {
    ground
        .db
        .write(move |conn| match ingest::find_source_by_name(conn, &name)? {
            Some(row) => Ok(row),
            None => {
                let body = SourceBody {
                    name,
                    kind,
                    url: None,
                    label: None,
                    allow_private_network: false,
                    schedule: None,
                    mapping: None,
                    missing_share_max: None,
                };
                ingest::add_source(conn, Timestamp::now(), &body)
            }
        })
        .await
}
