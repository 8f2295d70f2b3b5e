//! Migrations, embedded in the program.

use std::{thread, time::Duration};

use diesel::{
    Connection, PgConnection, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    migration::{self, Migration, MigrationSource},
    pg::Pg,
    sql_query,
    sql_types::{Array, Bool, Text},
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
/// But an index that is built concurrently waits for all older transactions, and nobody behind it.
const NO_LOCK_TIMEOUT: &str = "SET lock_timeout = 0";
/// Indexes that somebody began to build or to drop concurrently, and did not end. Postgres keeps their names.
const UNFINISHED: &str = "ARRAY(SELECT c.oid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indexrelid \
     WHERE NOT indisvalid AND c.relkind = 'i' AND NOT c.relispartition AND pg_table_is_visible(c.oid) \
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid))";
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
    let pending: Vec<Box<dyn Migration<Pg>>> = conn.pending_migrations(MIGRATIONS).map_err(MigrationError::Failed)?;
    let mut applied = Vec::with_capacity(pending.len());
    for migration in &pending {
        let is_whole = migration.metadata().run_in_transaction();
        run(&mut conn, is_whole, |conn| conn.run_migration(migration.as_ref()))?;
        applied.push(migration.name().to_string());
    }
    Ok(applied)
}

/// Reverts the newest applied migration. Returns its name, or none if nothing is applied.
///
/// # Errors
/// As [`apply`].
pub fn revert(url: &str) -> Result<Option<String>, MigrationError> {
    let mut conn = connect_alone(url)?;
    let applied = conn.applied_migrations().map_err(MigrationError::Failed)?;
    let Some(newest) = applied.first().map(ToString::to_string) else { return Ok(None) };
    let step = steps()?.into_iter().find(|step| step.version == newest);
    let is_whole = step.as_ref().is_none_or(|step| step.is_whole);
    run(&mut conn, is_whole, |conn| conn.revert_last_migration(MIGRATIONS))?;
    Ok(step.map(|step| step.name))
}

/// Runs a migration, up or down. One that is not whole may have left an index unfinished when it ran before, whose name is
/// then taken: if it fails, what was unfinished is dropped, and it runs once more. Not before it fails, for the index may be
/// one that it drops itself.
fn run<T>(
    conn: &mut PgConnection,
    is_whole: bool,
    migrate: impl Fn(&mut PgConnection) -> migration::Result<T>,
) -> Result<T, MigrationError> {
    if is_whole {
        return migrate(conn).map_err(MigrationError::Failed);
    }
    let unfinished: Vec<String> = diesel::select(sql::<Array<Text>>(UNFINISHED)).get_result(conn)?;
    conn.batch_execute(NO_LOCK_TIMEOUT)?;
    let mut outcome = migrate(conn);
    if outcome.is_err() && !unfinished.is_empty() {
        for index in unfinished {
            conn.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}"))?;
        }
        outcome = migrate(conn);
    }
    conn.batch_execute(LOCK_TIMEOUT)?;
    outcome.map_err(MigrationError::Failed)
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
    /// Whether it runs in a transaction, so that it is applied as a whole or not at all.
    is_whole: bool,
}

/// The embedded migrations, oldest first.
fn steps() -> Result<Vec<Step>, MigrationError> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(MigrationError::Failed)?;
    let steps = migrations.iter().map(|migration| Step {
        version: migration.name().version().to_string(),
        name: migration.name().to_string(),
        is_whole: migration.metadata().run_in_transaction(),
    });
    let mut steps: Vec<Step> = steps.collect();
    steps.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(steps)
}
