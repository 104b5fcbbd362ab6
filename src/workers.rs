//! What goes on without being asked? The loops and their shutdown; each step is a function that a test can call.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accounts;
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::Result;
use crate::http::idempotency;
use crate::http::limit::Limits;
use crate::lexicon::Lexicon;
use crate::matching::Pool;
use crate::search::Search;
use crate::vacancies;

/// How often what is over is dropped, in seconds.
const HOUSEKEEPING_EVERY_S: u64 = 300;
/// How many vacancies are screened anew in one transaction.
const RESCREEN_ROWS: i64 = 500;

/// The running loops.
pub struct Workers {
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts the loops.
    pub fn start(
        db: &Db,
        limits: &Data<Limits>,
        lexicon: &Data<Lexicon>,
        search: &Data<Search>,
        pool: &Data<Pool>,
        index_interval_ms: u64,
    ) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let every = Duration::from_millis(index_interval_ms);
        let loops = vec![
            tokio::spawn(housekeeping(db.clone(), limits.clone(), lexicon.clone(), stopped.clone())),
            tokio::spawn(indexing(db.clone(), search.clone().into_inner(), every, stopped.clone())),
            tokio::spawn(pooling(db.clone(), pool.clone(), every, stopped)),
        ];
        Workers { stop, loops }
    }

    /// Asks the loops to end and waits until they have.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for running in self.loops {
            if let Err(cause) = running.await {
                tracing::error!("a worker ended badly: {cause}");
            }
        }
    }
}

async fn indexing(db: Db, search: Arc<Search>, every: Duration, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = search.catch_up(&db).await {
            tracing::error!("indexing failed: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn pooling(db: Db, pool: Data<Pool>, every: Duration, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = pool.catch_up(&db).await {
            tracing::error!("the pool of vacancies cannot follow: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn housekeeping(db: Db, limits: Data<Limits>, lexicon: Data<Lexicon>, mut stopped: watch::Receiver<bool>) {
    loop {
        limits.forget_idle();
        if let Err(error) = drop_what_is_over(&db, Timestamp::now()).await {
            tracing::error!("housekeeping failed: {error}");
        }
        if let Err(error) = screen_anew(&db, &lexicon, Timestamp::now()).await {
            tracing::error!("screening anew failed: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(HOUSEKEEPING_EVERY_S)) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Ends vacancies whose last day has passed, drops sessions and kept answers that are over, and counts them.
pub async fn drop_what_is_over(db: &Db, now: Timestamp) -> Result<usize> {
    db.write(move |conn| {
        let expired = vacancies::expire_due(conn, now)?;
        Ok(expired + accounts::drop_expired(conn, now)? + idempotency::drop_old(conn, now)?)
    })
    .await
}

/// Screens every vacancy anew that was screened with other word lists, and counts them.
pub async fn screen_anew(db: &Db, lexicon: &Data<Lexicon>, now: Timestamp) -> Result<usize> {
    let mut screened = 0;
    loop {
        let lexicon = lexicon.clone();
        match db.write(move |conn| vacancies::rescreen(conn, now, &lexicon, RESCREEN_ROWS)).await? {
            0 => return Ok(screened),
            count => screened += count,
        }
    }
}
