//! Which database is at the other end? One enumeration, so that one body of code serves both.

use diesel::{PgConnection, SqliteConnection};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum DbConn {
    /// A connection to a PostgreSQL server.
    Postgres(PgConnection),
    /// A connection to a SQLite file.
    Sqlite(SqliteConnection),
}
