//! Migrations, embedded in the program.

use std::{thread, time::Duration};

use diesel::{
    Connection, PgConnection, RunQueryDsl, dsl::sql, migration::MigrationSource, pg::Pg, sql_query, sql_types::Bool,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The advisory lock under which migrations run, so that two processes do not run them at once. It is asked for again and
/// again: a statement that waits for it holds a snapshot, which an index that is built concurrently waits for in turn.
const LOCK: &str = "pg_try_advisory_lock(7165916105)";
const LOCK_EVERY: Duration = Duration::from_millis(100);
const LOCK_TRIES: u32 = 600;
/// A migration that waits for a lock makes everybody else wait behind it.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";
/// Notices such as "already exists, skipping" are no news.
const QUIET: &str = "SET client_min_messages = warning";

/// Why migrations did not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error("Postgres cannot be reached: {0}")]
    Connection(#[from] diesel::ConnectionError),
    #[error("a migration failed and was rolled back: {0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    #[error("another process has been migrating for a minute")]
    Busy,
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    pub is_applied: bool,
}

fn connect(url: &str) -> Result<PgConnection, MigrationError> {
    Ok(PgConnection::establish(url)?)
}

fn connect_alone(url: &str) -> Result<PgConnection, MigrationError> {
    let mut conn = connect(url)?;
    for statement in [QUIET, LOCK_TIMEOUT] {
        sql_query(statement).execute(&mut conn)?;
    }
    for _ in 0..LOCK_TRIES {
        if diesel::select(sql::<Bool>(LOCK)).get_result(&mut conn)? {
            return Ok(conn);
        }
        thread::sleep(LOCK_EVERY);
    }
    Err(MigrationError::Busy)
}

/// Applies what is missing. Returns the names of what was applied.
///
/// # Errors
/// If the database is away or a migration fails; those before it stay applied.
pub fn apply(url: &str) -> Result<Vec<String>, MigrationError> {
    let mut conn = connect_alone(url)?;
    let applied = conn.run_pending_migrations(MIGRATIONS).map_err(MigrationError::Failed)?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    Ok(steps()?.into_iter().filter(|step| applied.contains(&step.version)).map(|step| step.name).collect())
}

/// Reverts the newest applied migration. Returns its name, or none if nothing is applied.
///
/// # Errors
/// As [`apply`].
pub fn revert(url: &str) -> Result<Option<String>, MigrationError> {
    let mut conn = connect_alone(url)?;
    if conn.applied_migrations().map_err(MigrationError::Failed)?.is_empty() {
        return Ok(None);
    }
    let reverted = conn.revert_last_migration(MIGRATIONS).map_err(MigrationError::Failed)?.to_string();
    Ok(steps()?.into_iter().find(|step| step.version == reverted).map(|step| step.name))
}

/// All migrations that this program knows, oldest first.
///
/// # Errors
/// If the database is away.
pub fn status(url: &str) -> Result<Vec<Known>, MigrationError> {
    let applied = connect(url)?.applied_migrations().map_err(MigrationError::Failed)?;
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    let known = |step: Step| Known { is_applied: applied.contains(&step.version), name: step.name };
    Ok(steps()?.into_iter().map(known).collect())
}

/// A migration: the database knows it by its version, people by its name.
struct Step {
    version: String,
    name: String,
}

/// The embedded migrations, oldest first.
fn steps() -> Result<Vec<Step>, MigrationError> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(MigrationError::Failed)?;
    let names = migrations.iter().map(|migration| migration.name());
    let mut steps: Vec<Step> =
        names.map(|name| Step { version: name.version().to_string(), name: name.to_string() }).collect();
    steps.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(steps)
}
