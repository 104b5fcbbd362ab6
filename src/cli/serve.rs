//! `serve`: the API until a signal says stop; answers under way are finished first. `reindex`: the index anew.

use std::net::TcpListener;
use std::sync::Arc;

use crate::cli::print;
use crate::config::Config;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::lexicon::Lexicon;
use crate::search::Search;
use crate::server::{self, Parts};
use crate::workers::Workers;

/// Serves until SIGINT or SIGTERM.
pub fn run(config: Config) -> Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let listener = TcpListener::bind(&config.listen)
            .map_err(|cause| Error::Internal(anyhow::Error::new(cause).context(format!("cannot listen on {}", config.listen))))?;
        let address = listener.local_addr()?;
        let parts = Parts::open(config)?;
        let workers = Workers::start(&parts);
        tracing::info!(%address, database = parts.db.kind(), "serving");
        server::build(parts, listener)?.await?;
        workers.stop().await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// Removes the index and makes it anew from the database; no service may be running on the same data folder.
pub async fn reindex(config: Config) -> Result<()> {
    let folder = config.data.join("index");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let db = Db::open(&config.database, config.database_connections)?;
    let lexicon = Lexicon::shared().map_err(Error::internal)?;
    let search = Arc::new(Search::open(&config.data, lexicon, config.index_writer_bytes)?);
    let written = search.catch_up(&db).await?;
    print(&format!("{written}\n"))
}
