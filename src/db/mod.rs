//! Where is the truth kept, and how does one look at it or change it? `Db::read` looks, `Db::write` changes;
//! nobody else opens a transaction. SQLite has one writer at a time, PostgreSQL many.

pub mod claim;
mod connection;
pub mod migrations;
#[expect(missing_docs, reason = "the tables speak for themselves; migrations carry the columns")]
pub mod schema;
pub mod sequence;
pub mod types;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection, PgConnection, SqliteConnection};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, oneshot};

use crate::error::{Error, Result};

pub use connection::DbConn;

/// How long a statement waits for another process that holds the SQLite file, in milliseconds.
const SQLITE_BUSY_MS: u32 = 30_000;
/// How long a job waits for a free connection before it answers busy, in seconds.
const CONNECTION_WAIT_S: u64 = 30;
/// How many jobs may wait for a connection before new ones are told that the service is busy.
const WAITING_JOBS_MAX: usize = 2_000;

/// Compiles one body for both databases, for what `DbConn` itself cannot say (`ON CONFLICT`, many rows at once).
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$inner:ident| $body:expr) => {
        match $conn {
            $crate::db::DbConn::Postgres($inner) => $body,
            $crate::db::DbConn::Sqlite($inner) => $body,
        }
    };
}

/// Where the database is: a SQLite file or the URL of a PostgreSQL server.
#[derive(Debug, Clone)]
pub enum Address {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, with its secret.
    Postgres(SecretString),
}

impl Address {
    /// Reads `postgres://…`, `postgresql://…`, `sqlite:PATH` or a plain path; other schemes are refused.
    pub fn parse(text: &str) -> Result<Address> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Address::Postgres(SecretString::from(text)));
        }
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or(text);
        if path.is_empty() || path.contains("://") || path.starts_with("postgres") {
            let zh = "数据库地址须为 postgres://… 或 sqlite:文件";
            return Err(Error::invalid(
                "/database_url",
                "bad_database_url",
                zh,
                "the database URL is neither postgres:// nor sqlite:",
            ));
        }
        Ok(Address::Sqlite(PathBuf::from(path)))
    }

    /// Names the kind of database.
    pub fn kind(&self) -> &'static str {
        match self {
            Address::Sqlite(_) => "sqlite",
            Address::Postgres(_) => "postgres",
        }
    }
}

struct Manager(Address);

impl ManageConnection for Manager {
    type Connection = DbConn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> std::result::Result<DbConn, diesel::r2d2::Error> {
        use diesel::r2d2::Error::{ConnectionError, QueryError};
        match &self.0 {
            Address::Postgres(url) => PgConnection::establish(url.expose_secret()).map(DbConn::Postgres).map_err(ConnectionError),
            Address::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(ConnectionError)?;
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {SQLITE_BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;"
                ))
                .map_err(QueryError)?;
                Ok(DbConn::Sqlite(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut DbConn) -> std::result::Result<(), diesel::r2d2::Error> {
        conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut DbConn) -> bool {
        let broken = match conn {
            DbConn::Postgres(pg) => AnsiTransactionManager::is_broken_transaction_manager(pg),
            DbConn::Sqlite(sqlite) => AnsiTransactionManager::is_broken_transaction_manager(sqlite),
        };
        std::thread::panicking() || broken
    }
}

/// The database: a pool of connections, and the permits that bound its use.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Manager>,
    kind: &'static str,
    connections: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    writers: Arc<Semaphore>,
}

impl Db {
    /// Opens the database with so many connections and brings its tables up to date.
    pub fn open(address: &Address, connections: u32) -> Result<Db> {
        if let Address::Sqlite(path) = address
            && let Some(folder) = path.parent().filter(|f| *f != Path::new(""))
        {
            std::fs::create_dir_all(folder)?;
        }
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(CONNECTION_WAIT_S))
            .build(Manager(address.clone()))
            .map_err(|cause| Error::Internal(anyhow::Error::new(cause).context("cannot open the database")))?;
        let permits = usize::try_from(connections)?;
        let writers = match address {
            Address::Sqlite(_) => 1,
            Address::Postgres(_) => permits,
        };
        let db = Db {
            pool,
            kind: address.kind(),
            connections: Arc::new(Semaphore::new(permits)),
            waiting: Arc::new(Semaphore::new(WAITING_JOBS_MAX)),
            writers: Arc::new(Semaphore::new(writers)),
        };
        let mut conn = db.pool.get().map_err(|cause| Error::Internal(cause.into()))?;
        migrations::run(&mut conn)?;
        Ok(db)
    }

    /// Names the kind of database: `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Looks: runs `job` on a connection, off the async threads.
    pub async fn read<T: Send + 'static>(&self, job: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static) -> Result<T> {
        let (job, answer) = answering(job);
        self.run(None, job).await?;
        answer.get()
    }

    /// Changes: runs `job` in one transaction that commits when it answers `Ok`; on SQLite one at a time.
    pub async fn write<T: Send + 'static>(&self, job: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static) -> Result<T> {
        let (job, answer) = answering(job);
        self.run(Some(self.writers.clone()), Box::new(|conn| in_transaction(conn, job))).await?;
        answer.get()
    }

    async fn run(&self, writers: Option<Arc<Semaphore>>, job: Job) -> Result<()> {
        let queued = self.waiting.clone().try_acquire_owned().map_err(|_| Error::Busy(1))?;
        let writer = match writers {
            Some(writers) => Some(writers.acquire_owned().await.map_err(|_| Error::Busy(1))?),
            None => None,
        };
        let connection = self.connections.clone().acquire_owned().await.map_err(|_| Error::Busy(1))?;
        let pool = self.pool.clone();
        tokio::task::spawn_blocking(move || {
            let _permits = (queued, writer, connection);
            let mut conn = pool.get().map_err(|cause| Error::Internal(cause.into()))?;
            job(&mut conn)
        })
        .await?
    }
}

/// A job without the type of its answer, so that the compiler makes one way through pool and threads and not one a call.
type Job = Box<dyn FnOnce(&mut DbConn) -> Result<()> + Send>;

/// Where the answer of a job arrives.
struct Answer<T>(oneshot::Receiver<T>);

impl<T> Answer<T> {
    fn get(mut self) -> Result<T> {
        self.0.try_recv().map_err(|_| Error::internal("a job left no answer"))
    }
}

fn answering<T: Send + 'static>(job: impl FnOnce(&mut DbConn) -> Result<T> + Send + 'static) -> (Job, Answer<T>) {
    let (left, arrives) = oneshot::channel();
    let job = move |conn: &mut DbConn| {
        let value = job(conn)?;
        // Where the caller has gone away nobody takes the answer; what was begun is finished all the same.
        drop(left.send(value));
        Ok(())
    };
    (Box::new(job), Answer(arrives))
}

/// Runs `job` in a transaction that on SQLite takes the write lock at once, so that reading before writing cannot fail.
fn in_transaction(conn: &mut DbConn, job: Job) -> Result<()> {
    type Manager = <DbConn as Connection>::TransactionManager;
    match conn {
        DbConn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?,
        DbConn::Postgres(_) => Manager::begin_transaction(conn)?,
    }
    match job(conn) {
        Ok(()) => Ok(Manager::commit_transaction(conn)?),
        Err(error) => {
            Manager::rollback_transaction(conn)?;
            Err(error)
        }
    }
}
