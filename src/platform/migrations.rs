//! Migrations, embedded in the program.

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Waits for the advisory lock under which migrations run, so that two processes do not run them at once.
const LOCK: &str = "SELECT pg_advisory_lock(7165916105)";
/// A migration that waits for a lock makes everybody else wait behind it.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";

/// Why migrations did not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error("Postgres cannot be reached: {0}")]
    Connection(#[from] diesel::ConnectionError),
    #[error("a migration failed and was rolled back: {0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
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
    sql_query(LOCK).execute(&mut conn)?;
    sql_query(LOCK_TIMEOUT).execute(&mut conn)?;
    Ok(conn)
}

/// Applies what is missing. Returns the names of what was applied.
///
/// # Errors
/// If the database is away or a migration fails; those before it stay applied.
pub fn apply(url: &str) -> Result<Vec<String>, MigrationError> {
    let mut conn = connect_alone(url)?;
    let applied = conn.run_pending_migrations(MIGRATIONS).map_err(MigrationError::Failed)?;
    Ok(applied.iter().map(ToString::to_string).collect())
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
    conn.revert_last_migration(MIGRATIONS).map(|name| Some(name.to_string())).map_err(MigrationError::Failed)
}

/// All migrations that this program knows, oldest first.
///
/// # Errors
/// If the database is away.
pub fn status(url: &str) -> Result<Vec<Known>, MigrationError> {
    use diesel::migration::MigrationSource;
    let mut conn = connect(url)?;
    let applied: Vec<String> =
        conn.applied_migrations().map_err(MigrationError::Failed)?.iter().map(ToString::to_string).collect();
    let mut known: Vec<Known> = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(MigrationError::Failed)?
        .iter()
        .map(|migration| {
            let is_applied = applied.contains(&migration.name().version().to_string());
            Known { name: migration.name().to_string(), is_applied }
        })
        .collect();
    known.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(known)
}
