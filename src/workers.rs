//! What goes on without being asked? The loops and their shutdown; each step is a function that a test can call.

use std::time::{Duration, Instant};

use actix_web::web::Data;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accounts;
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::Result;
use crate::fairs;
use crate::feeds::{self, Post, Tide};
use crate::http::idempotency;
use crate::http::limit::Limits;
use crate::ingest::{self, Ground};
use crate::lexicon::Lexicon;
use crate::matching::{self, Pool};
use crate::search::Search;
use crate::server::Parts;
use crate::vacancies;

/// How often index and database are compared.
const COMPARE_EVERY: Duration = Duration::from_secs(3600);
/// How often what is over is dropped, in seconds.
const HOUSEKEEPING_EVERY_S: u64 = 300;
/// How often one look tells all who wait for changes, in milliseconds.
const TIDE_EVERY_MS: u64 = 1_000;
/// How often messages to subscribers leave, in milliseconds.
const POST_EVERY_MS: u64 = 1_000;
/// How often runs are looked for that wait, in milliseconds.
const RUNS_EVERY_MS: u64 = 1_000;
/// How often sources are looked at whose time may have come, in seconds.
const DUE_EVERY_S: u64 = 15;
/// How many vacancies are screened anew in one transaction.
const RESCREEN_ROWS: i64 = 500;

/// The running loops.
pub struct Workers {
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts the loops.
    pub fn start(parts: &Parts) -> Workers {
        let Parts { config, db, limits, lexicon, pool, search, tide, post, ground, .. } = parts;
        let (stop, stopped) = watch::channel(false);
        let every = Duration::from_millis(config.index_interval_ms);
        let loops = vec![
            tokio::spawn(housekeeping(db.clone(), limits.clone(), lexicon.clone(), stopped.clone())),
            tokio::spawn(indexing(db.clone(), search.clone(), every, stopped.clone())),
            tokio::spawn(pooling(db.clone(), pool.clone(), every, stopped.clone())),
            tokio::spawn(watching(db.clone(), tide.clone(), stopped.clone())),
            tokio::spawn(posting(post.clone(), stopped.clone())),
            tokio::spawn(matching(db.clone(), pool.clone(), config.region.clone(), stopped.clone())),
            tokio::spawn(ingesting(ground.clone(), stopped)),
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

/// Follows the events, and compares index and database when the service has begun and now and then.
async fn indexing(db: Data<Db>, search: Data<Search>, every: Duration, mut stopped: watch::Receiver<bool>) {
    let search = search.into_inner();
    let mut compared: Option<Instant> = None;
    loop {
        let due = compared.is_none_or(|at| at.elapsed() >= COMPARE_EVERY);
        match search.catch_up(&db).await {
            Err(error) => tracing::error!("indexing failed: {error}"),
            Ok(_) if due => match search.repair(&db).await {
                Ok(_) => compared = Some(Instant::now()),
                Err(error) => tracing::error!("index and database could not be compared: {error}"),
            },
            Ok(_) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn pooling(db: Data<Db>, pool: Data<Pool>, every: Duration, mut stopped: watch::Receiver<bool>) {
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

/// Looks for those who wait for changes, and sends them home when a signal says that the service stops.
async fn watching(db: Data<Db>, tide: Data<Tide>, mut stopped: watch::Receiver<bool>) {
    let signal = stop_signal();
    tokio::pin!(signal);
    loop {
        if let Err(error) = tide.look(&db).await {
            tracing::error!("the changes cannot be watched: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(TIDE_EVERY_MS)) => {}
            () = &mut signal => break,
            _ = stopped.wait_for(|stop| *stop) => break,
        }
    }
    tide.close();
}

async fn posting(post: Data<Post>, mut stopped: watch::Receiver<bool>) {
    if let Err(error) = post.seal_open().await {
        tracing::error!("secrets of subscribers could not be sealed: {error}");
    }
    loop {
        if let Err(error) = post.deliver_once(Timestamp::now()).await {
            tracing::error!("messages could not be sent: {error}");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(POST_EVERY_MS)) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Works off the matching runs; one under way when the service stops is taken up again where it was.
async fn matching(db: Data<Db>, pool: Data<Pool>, region: String, mut stopped: watch::Receiver<bool>) {
    let pool = pool.into_inner();
    loop {
        tokio::select! {
            worked = matching::work_off(&db, &pool, &region, matching::PART, Timestamp::now) => {
                if let Err(error) = worked {
                    tracing::error!("matching runs cannot go on: {error}");
                }
            }
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(RUNS_EVERY_MS)) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Runs the sources whose time has come; a run under way when the service stops is broken off and claimed again later.
async fn ingesting(ground: Data<Ground>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            runs = ingest::run_due(&ground, Timestamp::now()) => {
                if let Err(error) = runs {
                    tracing::error!("scheduled sources cannot be run: {error}");
                }
            }
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(DUE_EVERY_S)) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Ends when SIGINT or SIGTERM comes; never where no signal can be heard.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

async fn housekeeping(db: Data<Db>, limits: Data<Limits>, lexicon: Data<Lexicon>, mut stopped: watch::Receiver<bool>) {
    loop {
        limits.forget_idle();
        if let Err(error) = drop_what_is_over(&db, Timestamp::now()).await {
            tracing::error!("housekeeping failed: {error}");
        }
        if let Err(error) = remind_of_duties(&db, Timestamp::now()).await {
            tracing::error!("duties of fairs could not be reminded of: {error}");
        }
        if let Err(error) = db.write(|conn| vacancies::remind_of_ends(conn, Timestamp::now())).await {
            tracing::error!("employers could not be told which vacancies run out: {error}");
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

/// Ends vacancies whose last day has passed, closes the registration of fairs, drops what is kept for a while only, and
/// counts them.
pub async fn drop_what_is_over(db: &Db, now: Timestamp) -> Result<usize> {
    // Whoever locks a fair writes the audit afterwards; so fairs go before, and each in a transaction of its own.
    let mut over = db.write(move |conn| fairs::close_due(conn, now)).await?;
    loop {
        match db.write(move |conn| fairs::release_due(conn, now)).await? {
            0 => break,
            count => over += count,
        }
    }
    let dropped = db.write(move |conn| {
        let expired = vacancies::expire_due(conn, now)?;
        let dropped = accounts::drop_expired(conn, now)? + idempotency::drop_old(conn, now)?;
        Ok(expired + dropped + feeds::drop_old(conn, now)?)
    });
    Ok(over + dropped.await?)
}

/// Writes reminders of the duties of fairs that fall due, and counts them.
pub async fn remind_of_duties(db: &Db, now: Timestamp) -> Result<usize> {
    let due = db.read(move |conn| fairs::reminders_due(conn, now)).await?;
    match due.is_empty() {
        true => Ok(0),
        false => db.write(move |conn| fairs::remind(conn, &due)).await,
    }
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
