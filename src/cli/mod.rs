//! What can be asked on the command line? Results go to standard output, words about them to standard error.

mod account;
mod demo;
mod ingest;
mod match_batch;
mod place;
mod plan;
mod serve;
mod timetable;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, ConfigFile, Overrides};
use crate::db::Db;
use crate::error::Result;
use crate::server;

/// The file that is read from the working folder.
const CONFIG_FILE: &str = "jiangxin.toml";

/// 匠心: handicraft vacancies, matching and campus recruitment fairs.
#[derive(Debug, Parser)]
#[command(name = "jiangxin", version, about)]
pub struct Arguments {
    /// The folder of the database file, the index and the keys.
    #[arg(long, env = "JIANGXIN_DATA", global = true)]
    data: Option<PathBuf>,
    /// `postgres://…` or `sqlite:FILE`; a SQLite file in the data folder when not given.
    #[arg(long, env = "JIANGXIN_DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<String>,
    /// The GB/T 2260 prefix that is served; empty for the whole country.
    #[arg(long, env = "JIANGXIN_REGION", global = true)]
    region: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API until it is told to stop.
    Serve {
        /// The address and port to listen on.
        #[arg(long)]
        listen: Option<String>,
    },
    /// Makes a fictional world, takes it in over HTTP, shows what can be done with it, and goes on serving.
    Demo {
        /// The address and port to listen on.
        #[arg(long)]
        listen: Option<String>,
        /// The seed of the world.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Runs the examples and leaves.
        #[arg(long)]
        once: bool,
    },
    /// Makes the search index anew from the database.
    Reindex,
    /// Brings the tables up to date.
    Migrate,
    /// Manages accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Manages API keys.
    #[command(subcommand)]
    ApiKey(account::KeyCommand),
    /// Manages sources of vacancies.
    #[command(subcommand)]
    Source(ingest::SourceCommand),
    /// Reads a source from beginning to end, with a report.
    Ingest {
        /// The name of the source.
        source: String,
    },
    /// Takes vacancies in from a file, with a report.
    Import(ingest::ImportArguments),
    /// Finds the best vacancies of every graduate of a file.
    MatchBatch(match_batch::Arguments),
    /// Plans the calendar of an instance file and the employers' circuits to it, with proven bounds.
    Plan(plan::PlanArguments),
    /// Places the graduates of an instance file, with a certificate.
    Place(place::PlaceArguments),
    /// Makes the interview timetable of an instance file, with a proven bound.
    Timetable(timetable::TimetableArguments),
    /// Prints the OpenAPI document.
    Openapi,
}

/// Runs one command.
pub fn run(arguments: Arguments) -> Result<()> {
    let Arguments { data, database_url, region, command } = arguments;
    let listen = match &command {
        Command::Serve { listen } | Command::Demo { listen, .. } => listen.clone(),
        _ => None,
    };
    let overrides = Overrides { data, database_url, region, listen };
    let config = Config::new(overrides, ConfigFile::read(Path::new(CONFIG_FILE))?, |name| std::env::var(name).ok())?;
    log_to_stderr(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        Command::Serve { .. } => serve::run(config),
        Command::Demo { seed, once, .. } => demo::run(config, seed, once),
        Command::Reindex => runtime.block_on(serve::reindex(config)),
        Command::Migrate => Db::open(&config.database, config.database_connections).map(|_| ()),
        Command::Account(command) => runtime.block_on(account::run(config, command)),
        Command::ApiKey(command) => runtime.block_on(account::run_key(config, command)),
        Command::Source(command) => runtime.block_on(ingest::run_source(config, command)),
        Command::Ingest { source } => runtime.block_on(ingest::run_ingest(config, source)),
        Command::Import(arguments) => runtime.block_on(ingest::run_import(config, arguments)),
        Command::MatchBatch(arguments) => match_batch::run(arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Place(arguments) => place::run(&arguments),
        Command::Timetable(arguments) => timetable::run(&arguments),
        Command::Openapi => print(&server::document_json()?),
    }
}

/// Writes a result to standard output.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn log_to_stderr(config: &Config) {
    let filter = EnvFilter::try_from_env("JIANGXIN_LOG").unwrap_or_else(|_| EnvFilter::new("warn,jiangxin=info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = match config.log_format.as_str() {
        "json" => builder.json().try_init(),
        _ => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if set.is_err() {
        tracing::debug!("logging was set up before");
    }
}
