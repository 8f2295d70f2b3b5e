//! The steps that bring a database to this program's schema, embedded in it.
//!
//! One process migrates at a time, under an advisory lock. A step waits for locks of others for a bounded time and then
//! fails, so that a migration never makes everybody queue behind it.

use diesel::{
    Connection, OptionalExtension, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    migration::{Migration, MigrationSource},
    pg::Pg,
    sql_query,
    sql_types::{Bool, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::db::Conn;
use crate::kernel::error::Failure;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
/// `agmi` in ASCII: the key of the advisory lock.
const LOCK: i64 = 0x61_67_6d_69;

/// Why a database was not migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[from] diesel::ConnectionError),
    #[error("the database did not do it: {0}")]
    Database(#[from] diesel::result::Error),
    /// The steps before it stay; the failed one left nothing behind.
    #[error("a migration failed: {0}")]
    Failed(String),
}

/// Applies what is not applied yet, in order. Returns the names of the steps. Blocks.
///
/// # Errors
/// If the database is away, another process migrates for more than a minute, or a step fails.
pub fn run(url: &str) -> Result<Vec<String>, MigrateError> {
    let mut conn = locked(url)?;
    let applied = conn.run_pending_migrations(MIGRATIONS).map_err(|error| MigrateError::Failed(error.to_string()))?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    let names = known().map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(names.into_iter().filter(|step| applied.contains(&step.version)).map(|step| step.name).collect())
}

/// Takes the last applied step back, with the data that only it has room for. Returns its name; none if no step is
/// applied. Blocks.
///
/// # Errors
/// As [`run`].
pub fn revert(url: &str) -> Result<Option<String>, MigrateError> {
    let mut conn = locked(url)?;
    let failed = |error: MigrationError| MigrateError::Failed(error.to_string());
    if conn.applied_migrations().map_err(failed)?.is_empty() {
        return Ok(None);
    }
    let reverted = conn.revert_last_migration(MIGRATIONS).map_err(failed)?.to_string();
    Ok(known().map_err(failed)?.into_iter().find(|step| step.version == reverted).map(|step| step.name))
}

/// The names of the steps that this program knows and the database has not seen. Steps that only a newer program knows do
/// not count, so an older one stays ready while a new one is rolled out.
///
/// # Errors
/// If the database fails.
pub fn pending(conn: &mut Conn) -> Result<Vec<String>, Failure> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = Bool)]
        known: bool,
    }
    #[derive(QueryableByName)]
    struct Applied {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let table = sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS known");
    let is_known = table.get_result::<Known>(conn).optional()?.is_some_and(|table| table.known);
    let applied: Vec<Applied> = match is_known {
        true => sql_query("SELECT version::text AS version FROM __diesel_schema_migrations").load(conn)?,
        false => Vec::new(),
    };
    let steps = known().map_err(Failure::Internal)?.into_iter();
    Ok(steps.filter(|step| !applied.iter().any(|row| row.version == step.version)).map(|step| step.name).collect())
}

struct Step {
    version: String,
    name: String,
}

/// The embedded steps in their order.
fn known() -> Result<Vec<Step>, MigrationError> {
    let migrations: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations()?;
    let step = |step: &Box<dyn Migration<Pg>>| Step {
        version: step.name().version().to_string(),
        name: step.name().to_string(),
    };
    let mut steps: Vec<Step> = migrations.iter().map(step).collect();
    steps.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(steps)
}

type MigrationError = Box<dyn std::error::Error + Send + Sync>;

fn locked(url: &str) -> Result<PgConnection, MigrateError> {
    let mut conn = PgConnection::establish(url)?;
    // Notices such as "already exists, skipping" are no news.
    conn.batch_execute(&format!(
        "SET client_min_messages = warning; SET lock_timeout = '60s'; SELECT pg_advisory_lock({LOCK}); SET lock_timeout = '10s'"
    ))?;
    Ok(conn)
}
