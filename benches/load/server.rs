//! The real program as a child process, as production runs it, and what it costs.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use agora::platform::{
    clock::Clock,
    crypto::{Keyring, MasterKey, SealedKey},
};
use diesel::{
    Connection, PgConnection, RunQueryDsl, sql_query,
    sql_types::{Binary, Text},
};
use serde::Deserialize;

use super::{AnyError, market::Kind};

const MASTER_KEY: &str = "YmVuY2htYXJrLWJlbmNobWFyay1iZW5jaG1hcmstMDE=";

/// One caller asks for more here than a real one may. Everything is charged and settled all the same. Nor is anything called off that
/// nobody pays, as long as the benchmark goes on.
const BOUNDLESS: [(&str, &str); 12] = [
    ("AGORA_CONNECTIONS_PER_ADDRESS", "100000"),
    ("AGORA_REQUESTS_PER_ADDRESS", "100000"),
    ("AGORA_COST_LIMIT_GUEST", "1000000000"),
    ("AGORA_COST_RESTORE_GUEST", "1000000"),
    ("AGORA_COST_LIMIT_PERSON", "1000000000"),
    ("AGORA_COST_RESTORE_PERSON", "1000000"),
    ("AGORA_MESSAGES_PER_MINUTE", "1000000"),
    ("AGORA_NEW_MESSAGES_PER_MINUTE", "1000000"),
    ("AGORA_FIRST_CONTACTS_PER_DAY", "1000000"),
    ("AGORA_NEW_FIRST_CONTACTS_PER_DAY", "1000000"),
    ("AGORA_UNPAID_ORDERS", "10000"),
    ("AGORA_PAYMENT_DUE", "10080"),
];

pub struct Server {
    child: Child,
    /// Where GraphQL is, such as `http://127.0.0.1:41234/graphql`.
    pub url: String,
    log: PathBuf,
    keyring: Keyring,
}

/// What the log says about some operations.
#[derive(Debug, Default, Clone, Copy)]
pub struct Answered {
    pub count: u64,
    pub statements: u64,
    pub failures: u64,
}

#[derive(Deserialize)]
struct Line {
    message: String,
    statements: Option<u64>,
    code: Option<String>,
}

#[derive(diesel::QueryableByName)]
struct StoredKey {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Binary)]
    public_key: Vec<u8>,
    #[diesel(sql_type = Binary)]
    sealed_key: Vec<u8>,
}

impl Server {
    /// Starts `agora serve` in production mode with a log in a file, and waits until it listens. Options of the caller's
    /// environment (`AGORA_…`) count, but for the database and the keys.
    pub fn start(database: &str, folder: &Path) -> Result<Self, AnyError> {
        let log = folder.join("agora.log");
        fs::write(&log, "")?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_agora"))
            .args(["serve", "--port", "0", "--mode", "production", "--payments", "test"])
            .env_remove("AGORA_DATABASE_URL_FILE")
            .env_remove("AGORA_MASTER_KEY_FILE")
            .env("AGORA_DATABASE_URL", database)
            .env("AGORA_MASTER_KEY", MASTER_KEY)
            .env("AGORA_PUBLIC_URL", "https://bench.example")
            .env("AGORA_SMTP_URL", "smtp://127.0.0.1:1")
            .env("AGORA_MAIL_FROM", "Bench <bench@bench.example>")
            .envs(BOUNDLESS)
            .stdout(Stdio::piped())
            .stderr(OpenOptions::new().append(true).open(&log)?)
            .spawn()?;
        let mut said = String::new();
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        while !said.contains("http://") {
            if stdout.read_line(&mut said)? == 0 {
                return Err(format!("the server ended before it listened; see {}", log.display()).into());
            }
        }
        let base = said.rsplit("http://").next().unwrap_or_default().trim();
        let keyring = keyring(database)?;
        Ok(Self { url: format!("http://{base}/graphql"), child, log, keyring })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An access token of a person, good for ten minutes.
    pub fn token(&self, person: i64) -> Result<String, AnyError> {
        let (user, session) = (Kind::Person.uuid(person), Kind::Session.uuid(person));
        Ok(self.keyring.sign(user, session, session, Clock::System.now())?)
    }

    /// Empties the log.
    pub fn forget(&self) -> Result<(), AnyError> {
        Ok(OpenOptions::new().write(true).open(&self.log)?.set_len(0)?)
    }

    /// What was answered since the log was emptied.
    pub fn answered(&self) -> Result<Answered, AnyError> {
        let mut sum = Answered::default();
        for line in BufReader::new(File::open(&self.log)?).lines() {
            let Ok(line) = serde_json::from_str::<Line>(&line?) else { continue };
            match line.message.as_str() {
                "answered" => {
                    sum.count += 1;
                    sum.statements += line.statements.unwrap_or(0);
                    sum.failures += u64::from(line.code.as_deref() != Some("OK"));
                }
                "refused" => sum.failures += 1,
                _ => {}
            }
        }
        Ok(sum)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The keys that the server signs with: it has made one when it started.
fn keyring(database: &str) -> Result<Keyring, AnyError> {
    let mut conn = PgConnection::establish(database)?;
    let stored: Vec<StoredKey> =
        sql_query("SELECT id, public_key, sealed_key FROM signing_keys ORDER BY created_at DESC").load(&mut conn)?;
    let keys: Vec<SealedKey> = stored
        .into_iter()
        .map(|StoredKey { id, public_key, sealed_key }| SealedKey { id, public_key, sealed_key })
        .collect();
    let master: MasterKey = MASTER_KEY.parse()?;
    let keyring = Keyring::default();
    keyring.load(&master, &keys)?;
    Ok(keyring)
}
