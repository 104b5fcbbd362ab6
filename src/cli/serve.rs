//! `serve`: the API until a signal says stop; answers under way are finished first.

use std::net::TcpListener;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::server::{self, Parts};
use crate::workers::Workers;

/// Serves until SIGINT or SIGTERM.
pub fn run(config: Config) -> Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let listener = TcpListener::bind(&config.listen)
            .map_err(|cause| Error::Internal(anyhow::Error::new(cause).context(format!("cannot listen on {}", config.listen))))?;
        let address = listener.local_addr()?;
        let parts = Parts::open(config)?;
        let workers = Workers::start(&parts.db, &parts.limits, &parts.search, parts.config.index_interval_ms);
        tracing::info!(%address, database = parts.db.kind(), "serving");
        server::build(parts, listener)?.await?;
        workers.stop().await;
        tracing::info!("stopped");
        Ok(())
    })
}
