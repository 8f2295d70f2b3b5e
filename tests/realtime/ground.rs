//! What everything stands on: a Postgres of its own, two programs on it, and people who are signed in and talk to each other.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::PathBuf,
    sync::{Mutex, RwLock},
    thread,
    time::Duration,
};

use agora::{
    kernel::id::Id,
    messages::model::Conversation,
    platform::{
        events::Cursor,
        private_postgres::{Options, PrivatePostgres},
    },
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Uuid as SqlUuid},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rustix::process::Signal;
use serde_json::json;
use uuid::Uuid;

use crate::{
    elsewhere,
    harness::{
        Client,
        app::MASTER_KEY,
        cluster,
        people::{person, tokens},
        postmaster,
        program::{Program, command, run},
    },
};

/// How many programs run.
pub const PROGRAMS: usize = 2;
/// In so many of a hundred cases somebody takes part in a second conversation.
const SECOND: u32 = 30;

/// Some people who talk to each other.
pub struct Talk {
    pub id: String,
    /// Their numbers.
    pub people: Vec<usize>,
}

pub struct Ground {
    postgres: PrivatePostgres,
    pub url: String,
    programs: Mutex<Vec<Option<Program>>>,
    addresses: RwLock<Vec<String>>,
    /// Access tokens.
    pub people: Vec<String>,
    pub talks: Vec<Talk>,
    /// Where everybody begins to listen.
    pub start: Cursor,
}

/// Where the cluster lies, and what programs have logged.
pub fn folder() -> PathBuf {
    cluster::folder().join("realtime")
}

/// A program whose log is kept.
fn start(url: &str, place: usize) -> Program {
    let log = File::options().create(true).append(true).open(folder().join(format!("agora-{place}.log"))).unwrap();
    let mut command = command(&["--database-url", url, "--mode", "development", "--master-key", MASTER_KEY]);
    // Everybody here comes from one address.
    command.args(["--connections-per-address", "20000", "--requests-per-address", "1024"]);
    for limit in ["messages-per-minute", "first-contacts-per-day"] {
        command.args([format!("--{limit}=1000000"), format!("--new-{limit}=1000000")]);
    }
    for who in ["person", "guest"] {
        command.args([format!("--cost-limit-{who}=1000000000"), format!("--cost-restore-{who}=1000000")]);
    }
    Program::start(command.stderr(log))
}

fn execute(url: &str, sql: &str) {
    PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
}

#[derive(QueryableByName)]
struct LogRow {
    #[diesel(sql_type = SqlUuid)]
    epoch: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// Where the log stands, once its first event has come into it: from then on it is known which log this is.
fn beginning(url: &str) -> Cursor {
    let mut connection = PgConnection::establish(url).unwrap();
    for _ in 0..600 {
        let sql = "SELECT epoch, last_position AS position FROM event_log \
                   WHERE last_position > 0 AND NOT EXISTS (SELECT FROM event_outbox)";
        let rows: Vec<LogRow> = sql_query(sql).load(&mut connection).unwrap();
        if let Some(LogRow { epoch, position }) = rows.into_iter().next() {
            return Cursor { epoch, position };
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody writes the log");
}

/// Who talks to whom: everybody in one conversation, and some in another one, too.
fn talks(people: usize, talks: usize, seed: u64) -> Vec<BTreeSet<usize>> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut made = vec![BTreeSet::new(); talks];
    for person in 0..people {
        made[person % talks].insert(person);
        if rng.random_ratio(SECOND, 100) {
            made[rng.random_range(0..talks)].insert(person);
        }
    }
    made
}

impl Ground {
    pub async fn open(people: usize, talks: usize, seed: u64) -> Self {
        let mut ground = tokio::task::spawn_blocking(move || Self::build(people, talks, seed)).await.unwrap();
        let client = Client::new(format!("{}/graphql", ground.address(0))).with_token(&ground.people[0]);
        let input = json!({"conversationId": ground.talks[0].id, "text": "first", "idempotencyKey": "first"});
        client.mutate("sendMessage", input, "message { id }").await.ok();
        let url = ground.url.clone();
        ground.start = tokio::task::spawn_blocking(move || beginning(&url)).await.unwrap();
        ground
    }

    fn build(people: usize, count: usize, seed: u64) -> Self {
        fs::create_dir_all(folder()).unwrap();
        let options = Options { max_connections: 200, ..Options::new(folder().join("state")) };
        let postgres = PrivatePostgres::start(&options).unwrap();
        let url = postgres.url("agora");
        let migrated = run(&mut command(&["--database-url", &url, "migrate"]));
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
        execute(&postgres.url("postgres"), &format!("CREATE DATABASE {}", elsewhere::DATABASE));
        let programs: Vec<_> = (0..PROGRAMS).map(|place| start(&url, place)).collect();
        let addresses = programs.iter().map(|program| program.url.clone()).collect();
        let tokens = tokens(&url, people);
        let talk = |(number, people): (usize, BTreeSet<usize>)| {
            let id = Uuid::from_u128(0x0190_0000_0001_7000_8000_0000_0000_0000 + number as u128);
            let mut sql = format!(
                "INSERT INTO conversations (id, kind, pair_key, last_message_at, created_at) \
                 VALUES ('{id}', 'DIRECT', 'realtime:{number}', now(), now());"
            );
            for number in &people {
                let user = person(*number);
                sql += &format!(
                    "INSERT INTO participants (conversation_id, user_id, is_member, created_at) \
                     VALUES ('{id}', '{user}', true, now());"
                );
            }
            execute(&url, &sql);
            Talk { id: Id::<Conversation>::from_uuid(id).to_string(), people: people.into_iter().collect() }
        };
        let talks = talks(people, count, seed).into_iter().enumerate().map(talk).collect();
        Self {
            postgres,
            url,
            programs: Mutex::new(programs.into_iter().map(Some).collect()),
            addresses: RwLock::new(addresses),
            people: tokens,
            talks,
            start: Cursor { epoch: Uuid::nil(), position: 0 },
        }
    }

    /// Where one of the programs listens, or last did.
    pub fn address(&self, place: usize) -> String {
        self.addresses.read().unwrap()[place].clone()
    }

    /// The conversations in which somebody takes part.
    pub fn talks_of(&self, person: usize) -> impl Iterator<Item = &Talk> {
        self.talks.iter().filter(move |talk| talk.people.contains(&person))
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

    /// kill -9.
    pub fn kill_program(&self, place: usize) {
        let program = self.programs.lock().unwrap()[place].take();
        program.expect("a running program").kill();
    }

    /// SIGTERM, as when a new release takes its place.
    pub fn stop_program(&self, place: usize) {
        let program = self.programs.lock().unwrap()[place].take();
        assert!(program.expect("a running program").terminate().success(), "a program did not stop properly");
    }

    /// Has a program do nothing for a while, and then go on as if no time had passed.
    pub fn stall_program(&self, place: usize, lasting: Duration) {
        self.programs.lock().unwrap()[place].as_ref().expect("a running program").stall(lasting);
    }

    pub fn start_program(&self, place: usize) {
        let program = start(&self.url, place);
        self.addresses.write().unwrap()[place].clone_from(&program.url);
        self.programs.lock().unwrap()[place] = Some(program);
    }

    /// Ends Postgres by a signal; it is started again on the same data.
    pub fn end_postgres(&self, signal: Signal, is_with_sessions: bool) {
        postmaster::signal(self.postgres.data_dir(), signal, is_with_sessions);
    }

    /// Has Postgres end about half of all sessions of the programs, whatever they are in the middle of.
    pub fn end_sessions(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                   AND datname = current_database() AND random() < 0.5";
        sql_query(sql).execute(&mut self.connect()).unwrap();
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

    /// Ends everything.
    pub fn close(self) {
        drop(self.programs);
        self.postgres.stop().unwrap();
    }
}
