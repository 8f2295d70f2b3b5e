//! One throwaway Postgres per run of the tests, and in it a database for each test.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use agora::platform::{
    migrations,
    private_postgres::{Durability, Options, PrivatePostgres},
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt,
};

/// The database that all others are copies of. The cluster is as old as this run, so it is never out of date.
const TEMPLATE: &str = "template_agora";

struct Cluster {
    postgres: PrivatePostgres,
}

/// The folder of this run.
pub fn folder() -> &'static Path {
    /// With a file that is locked for as long as this process lives: the next run removes folders whose lock is free.
    static FOLDER: OnceLock<(PathBuf, File)> = OnceLock::new();
    &FOLDER.get_or_init(claim_folder).0
}

impl Cluster {
    fn get() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::start)
    }

    /// Statics are never dropped: Postgres stops because its parent ends, however that happens.
    fn start() -> Self {
        let state = folder().join("state");
        let options = Options { durability: Durability::Throwaway, max_connections: 400, ..Options::new(state) };
        let postgres = PrivatePostgres::start(&options).unwrap();
        let cluster = Self { postgres };
        cluster.execute(&format!("CREATE DATABASE {TEMPLATE} STRATEGY FILE_COPY"));
        migrations::apply(&cluster.postgres.url(TEMPLATE)).unwrap();
        cluster
    }

    fn execute(&self, sql: &str) {
        let mut admin = PgConnection::establish(&self.postgres.url("postgres")).unwrap();
        admin.batch_execute(sql).unwrap();
    }
}

/// Memory, where there is enough of it. Every test has a database of its own, a thousand files, and ext4 makes a new one
/// the slower the more were deleted within the last minutes.
fn place() -> PathBuf {
    const ENOUGH: u64 = 4 << 30;
    let memory = Path::new("/dev/shm");
    match rustix::fs::statvfs(memory) {
        Ok(room) if room.f_bavail * room.f_frsize >= ENOUGH => memory.to_owned(),
        _ => std::env::temp_dir(),
    }
}

/// A folder of our own that the server's user can enter, and its lock. Removes what earlier runs left.
fn claim_folder() -> (PathBuf, File) {
    let base = place().join(format!("agora-tests-{}", rustix::process::geteuid().as_raw()));
    fs::create_dir_all(&base).unwrap();
    let one_at_a_time = File::create(base.join("lock")).unwrap();
    one_at_a_time.lock().unwrap();
    for entry in fs::read_dir(&base).unwrap() {
        let folder = entry.unwrap().path();
        let is_free = File::open(folder.join("lock")).is_ok_and(|lock| lock.try_lock().is_ok());
        if folder.is_dir() && is_free {
            // A server that is still stopping may be in the way; then the run after next removes it.
            let _ = fs::remove_dir_all(&folder);
        }
    }
    let folder = tempfile::Builder::new().prefix("run-").tempdir_in(&base).unwrap().keep();
    for path in [&base, &folder] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    (folder, lock)
}

/// A database of one test, dropped with this value.
pub struct Database {
    pub name: String,
}

impl Database {
    /// With the schema, and what migrations put in.
    pub fn new() -> Self {
        Self::copy_of(TEMPLATE)
    }

    /// Without anything.
    pub fn empty() -> Self {
        Self::copy_of("template0")
    }

    /// An empty one with a locale of its own, as `CREATE DATABASE` has it.
    pub fn with_locale(locale: &str) -> Self {
        Self::copy_of(&format!("template0 {locale}"))
    }

    fn copy_of(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Cluster::get().execute(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"));
        Self { name }
    }

    pub fn url(&self) -> String {
        Cluster::get().postgres.url(&self.name)
    }

    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = PgConnection::establish(&Cluster::get().postgres.url("postgres"))
            .map(|mut admin| admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)));
        if !std::thread::panicking() {
            dropped.unwrap().unwrap();
        }
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What a statement tells as its `count`.
pub fn count(conn: &mut PgConnection, sql: &str) -> i64 {
    sql_query(sql).get_result::<Counted>(conn).unwrap().count
}
