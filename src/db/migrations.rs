//! Which tables are there? The folders `migrations/sqlite` and `migrations/postgres`, embedded, with equal names.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::db::DbConn;
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The advisory lock that lets one PostgreSQL instance migrate at a time.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_lock(7401981)";
const MIGRATION_UNLOCK: &str = "SELECT pg_advisory_unlock(7401981)";

/// Runs the migrations that have not run yet and names them.
pub fn run(conn: &mut DbConn) -> Result<Vec<String>> {
    use diesel::connection::SimpleConnection;
    let ran = match conn {
        DbConn::Sqlite(sqlite) => sqlite.run_pending_migrations(SQLITE).map(|v| names(&v)),
        DbConn::Postgres(pg) => {
            pg.batch_execute(MIGRATION_LOCK)?;
            let ran = pg.run_pending_migrations(POSTGRES).map(|v| names(&v));
            pg.batch_execute(MIGRATION_UNLOCK)?;
            ran
        }
    };
    ran.map_err(|cause| Error::Internal(anyhow::anyhow!("migration failed: {cause}")))
}

/// Takes back every migration, for the test that proves each can be taken back.
pub fn revert_all(conn: &mut DbConn) -> Result<usize> {
    let reverted = match conn {
        DbConn::Sqlite(sqlite) => sqlite.revert_all_migrations(SQLITE).map(|v| v.len()),
        DbConn::Postgres(pg) => pg.revert_all_migrations(POSTGRES).map(|v| v.len()),
    };
    reverted.map_err(|cause| Error::Internal(anyhow::anyhow!("migration cannot be taken back: {cause}")))
}

fn names(versions: &[diesel::migration::MigrationVersion<'_>]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
