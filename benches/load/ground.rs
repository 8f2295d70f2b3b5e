//! The private Postgres of the benchmark, with its filled database kept between runs.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use agora::platform::{
    migrations,
    private_postgres::{Options, PrivatePostgres, Role},
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt,
};
use sha2::{Digest, Sha256};

use super::{AnyError, fill, market::Size};

/// The database that is filled once and never changed; every run works on a copy.
const FILLED: &str = "filled";
/// The copy.
const RUN: &str = "agora";
/// What a server for this much data would be given. Everything else is Postgres' own default; commits wait for the disk.
pub const SETTINGS: [&str; 3] = ["shared_buffers = '1GB'", "max_wal_size = '4GB'", "checkpoint_timeout = '15min'"];

/// What a database is filled with.
pub struct Contents {
    /// What its folder is called, before a hash of all that the rows depend on.
    pub name: String,
    pub size: Size,
    /// Each with what it makes.
    pub statements: Vec<(&'static str, String)>,
    /// What Postgres is told.
    pub settings: [&'static str; 3],
    /// Whether foreign keys are checked meanwhile. They hold by the way the rows are made: a little of it is filled by the same
    /// statements with them checked.
    pub is_checked: bool,
}

impl Contents {
    /// A market of this size.
    pub fn market(size: Size) -> Self {
        Self {
            name: format!("market-{}", size.scale),
            size,
            statements: fill::statements(&size),
            settings: SETTINGS,
            is_checked: size.scale < 1.0,
        }
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

pub struct Ground {
    postgres: PrivatePostgres,
    pub size: Size,
}

impl Ground {
    /// Starts Postgres on the folder that holds all this; makes and fills it if there is none.
    pub fn open(folder: &Path, contents: &Contents) -> Result<Self, AnyError> {
        let name = format!("{}-", contents.name);
        let state = folder.join(format!("{name}{}", content(contents)?));
        for entry in fs::read_dir(folder)? {
            let other = entry?.path();
            let is_ours = other.file_name().is_some_and(|found| found.to_string_lossy().starts_with(&name));
            if is_ours && (other != state || !other.join("filled").exists()) {
                fs::remove_dir_all(other)?;
            }
        }
        if !state.join("filled").exists() {
            fill_anew(&state, contents)?;
        }
        let postgres = start(&state)?;
        Ok(Self { postgres, size: contents.size })
    }

    /// A fresh copy of the filled database. Returns its URL.
    pub fn fresh(&self) -> Result<String, AnyError> {
        let mut admin = PgConnection::establish(&self.postgres.url("postgres"))?;
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {RUN} WITH (FORCE)"))?;
        admin.batch_execute(&format!("CREATE DATABASE {RUN} TEMPLATE {FILLED} STRATEGY FILE_COPY"))?;
        admin.batch_execute("CHECKPOINT")?;
        Ok(self.url())
    }

    /// Gives back the room that the copy takes. Nobody may need it any more.
    pub fn clear(&self) -> Result<(), AnyError> {
        let mut admin = PgConnection::establish(&self.postgres.url("postgres"))?;
        Ok(admin.batch_execute(&format!("DROP DATABASE IF EXISTS {RUN} WITH (FORCE)"))?)
    }

    pub fn url(&self) -> String {
        self.postgres.url(RUN)
    }

    /// Runs SQL in the copy.
    pub fn execute(&self, sql: &str) -> Result<(), AnyError> {
        Ok(PgConnection::establish(&self.url())?.batch_execute(sql)?)
    }

    /// What SQL tells of the copy as `number`.
    pub fn number(&self, sql: &str) -> Result<i64, AnyError> {
        let row: Number = sql_query(sql).get_result(&mut PgConnection::establish(&self.url())?)?;
        Ok(row.number)
    }

    /// Where the cluster lies.
    pub fn folder(&self) -> &Path {
        self.postgres.data_dir()
    }

    /// What Postgres writes.
    pub fn log(&self) -> PathBuf {
        self.folder().join("postgres.log")
    }

    /// The process whose children do the work.
    pub fn postmaster(&self) -> Result<u32, AnyError> {
        let major = self.postgres.version().ok_or("the cluster has no folder")?;
        let file = self.folder().join(format!("data-{major}/postmaster.pid"));
        Ok(fs::read_to_string(file)?.lines().next().unwrap_or_default().trim().parse()?)
    }
}

/// What the rows depend on.
fn content(contents: &Contents) -> Result<String, AnyError> {
    let mut hash = Sha256::new();
    for (_, statement) in &contents.statements {
        hash.update(statement);
    }
    for setting in contents.settings {
        hash.update(setting);
    }
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> =
        fs::read_dir(migrations)?.map(|entry| Ok(entry?.path())).collect::<Result<_, AnyError>>()?;
    files.sort();
    for file in files {
        hash.update(fs::read(file.join("up.sql"))?);
    }
    Ok(format!("{:016x}", u64::from_be_bytes(hash.finalize()[..8].try_into()?)))
}

fn start(state: &Path) -> Result<PrivatePostgres, AnyError> {
    let bin = std::env::var_os("AGORA_PG_BIN").map(PathBuf::from);
    let postgres = PrivatePostgres::start(&Options { bin, max_connections: 200, ..Options::new(state) })?;
    match postgres.role() {
        Role::Owner => Ok(postgres),
        Role::Attached => Err("another benchmark is running on this data".into()),
    }
}

fn fill_anew(state: &Path, contents: &Contents) -> Result<(), AnyError> {
    let began = Instant::now();
    eprintln!("filling {} (once)", contents.name);
    let postgres = start(state)?;
    let mut admin = PgConnection::establish(&postgres.url("postgres"))?;
    for setting in contents.settings {
        admin.batch_execute(&format!("ALTER SYSTEM SET {setting}"))?;
    }
    admin.batch_execute(&format!("CREATE DATABASE {FILLED}"))?;
    drop(admin);
    // Some of the settings need a new start.
    postgres.stop()?;
    let postgres = start(state)?;
    migrations::apply(&postgres.url(FILLED))?;
    let mut filled = PgConnection::establish(&postgres.url(FILLED))?;
    filled.batch_execute("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'")?;
    if !contents.is_checked {
        filled.batch_execute("SET session_replication_role = replica")?;
    }
    for (what, statement) in &contents.statements {
        let rows = sql_query(statement).execute(&mut filled).map_err(|error| format!("{what}: {error}"))?;
        eprintln!("  {rows:>9} {what} ({:.0} s)", began.elapsed().as_secs_f64());
    }
    filled.batch_execute("VACUUM (ANALYZE, FREEZE)")?;
    drop(filled);
    postgres.stop()?;
    fs::write(state.join("filled"), "")?;
    eprintln!("  filled in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}
