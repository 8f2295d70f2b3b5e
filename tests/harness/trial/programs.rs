//! Two programs over one durable Postgres of their own, and what can be done to them.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::{Mutex, RwLock},
    thread,
    time::Duration,
};

use agora::platform::private_postgres::{Options, PrivatePostgres};
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use rand::{Rng, rngs::StdRng};
use rustix::process::Signal;

use crate::harness::{
    app::MASTER_KEY,
    cluster, postmaster,
    program::{Program, command, run},
};

/// How many programs run.
pub const PROGRAMS: usize = 2;

pub struct Programs {
    postgres: PrivatePostgres,
    /// Of their database.
    pub url: String,
    /// Where the cluster lies, and what programs have logged.
    pub folder: PathBuf,
    /// What programs are told besides.
    arguments: Vec<String>,
    running: Mutex<Vec<Option<Program>>>,
    addresses: RwLock<Vec<String>>,
}

impl Programs {
    /// Starts everything. Once the schema is there, and before a program is, `prepare` does what it wants with Postgres.
    pub fn open(trial: &str, arguments: Vec<String>, prepare: impl FnOnce(&PrivatePostgres)) -> Self {
        let folder = cluster::folder().join(trial);
        fs::create_dir_all(&folder).unwrap();
        let options = Options { max_connections: 200, ..Options::new(folder.join("state")) };
        let postgres = PrivatePostgres::start(&options).unwrap();
        let url = postgres.url("agora");
        let migrated = run(&mut command(&["--database-url", &url, "migrate"]));
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        prepare(&postgres);
        let programs = Self {
            postgres,
            url,
            folder,
            arguments,
            running: Mutex::new((0..PROGRAMS).map(|_| None).collect()),
            addresses: RwLock::new(vec![String::new(); PROGRAMS]),
        };
        (0..PROGRAMS).for_each(|place| programs.start(place));
        programs
    }

    /// Starts a program whose log is kept.
    pub fn start(&self, place: usize) {
        let log = self.folder.join(format!("agora-{place}.log"));
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut command = command(&["--database-url", &self.url, "--mode", "development", "--master-key", MASTER_KEY]);
        command.args(&self.arguments);
        for who in ["person", "guest"] {
            command.args([format!("--cost-limit-{who}=1000000000"), format!("--cost-restore-{who}=1000000")]);
        }
        let program = Program::start(command.stderr(log));
        self.addresses.write().unwrap()[place].clone_from(&program.url);
        self.running.lock().unwrap()[place] = Some(program);
    }

    /// Where one of the programs listens, or last did.
    pub fn address(&self, place: usize) -> String {
        self.addresses.read().unwrap()[place].clone()
    }

    /// Where either of them does.
    pub fn any_address(&self, rng: &mut StdRng) -> String {
        self.address(rng.random_range(0..PROGRAMS))
    }

    /// kill -9.
    pub fn kill(&self, place: usize) {
        let program = self.running.lock().unwrap()[place].take();
        program.expect("a running program").kill();
    }

    /// SIGTERM, as when a new release takes its place.
    pub fn stop(&self, place: usize) {
        let program = self.running.lock().unwrap()[place].take();
        assert!(program.expect("a running program").terminate().success(), "a program did not stop properly");
    }

    /// Has a program do nothing for a while, and then go on as if no time had passed.
    pub fn stall(&self, place: usize, lasting: Duration) {
        self.running.lock().unwrap()[place].as_ref().expect("a running program").stall(lasting);
    }

    /// Ends Postgres by a signal, and all that serve a session if told to; it is started again on the same data.
    pub fn end_postgres(&self, signal: Signal, is_with_sessions: bool) {
        postmaster::signal(self.postgres.data_dir(), signal, is_with_sessions);
    }

    /// Has Postgres end about half of all sessions of the programs, whatever they are in the middle of. Returns how many.
    pub fn end_sessions(&self) -> usize {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                   AND datname = current_database() AND random() < 0.5";
        sql_query(sql).execute(&mut self.connect()).unwrap()
    }

    /// Waits until Postgres answers.
    pub fn connect(&self) -> PgConnection {
        for _ in 0..300 {
            if let Ok(connection) = PgConnection::establish(&self.url) {
                return connection;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("Postgres does not come back");
    }

    /// The URL of another database of the same cluster.
    pub fn url_of(&self, database: &str) -> String {
        self.postgres.url(database)
    }

    /// What `agora doctor` says that is not fine.
    pub fn doctor(&self) -> Vec<String> {
        let arguments = ["--database-url", &self.url, "--mode", "development", "--master-key", MASTER_KEY, "doctor"];
        let ended = run(&mut command(&arguments));
        if ended.code == Some(0) {
            return Vec::new();
        }
        let lines = ended.stdout.lines().chain(ended.stderr.lines());
        lines.filter(|line| !line.starts_with("ok ")).map(str::to_owned).collect()
    }

    /// Which of them say that they are not ready.
    pub async fn unready(&self) -> Vec<String> {
        let mut unready = Vec::new();
        for place in 0..PROGRAMS {
            let url = format!("{}/readyz", self.address(place));
            match reqwest::get(&url).await {
                Ok(answer) if answer.status() == 200 => {}
                other => unready.push(format!("{url}: {other:?}")),
            }
        }
        unready
    }

    /// What they say in their logs when they fail within themselves.
    pub fn panics(&self) -> Vec<String> {
        let logs = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let logs = logs.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        let texts: Vec<_> = logs.map(|path| fs::read_to_string(path).unwrap()).collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        lines.filter(|line| line.contains("panicked at")).map(str::to_owned).collect()
    }

    /// Ends everything.
    pub fn close(self) {
        drop(self.running);
        self.postgres.stop().unwrap();
    }
}
