//! One running server, child of the calling thread.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Bool};
use rustix::process::{Pid, Signal, kill_process};

use super::{
    Durability,
    account::Account,
    binaries,
    binaries::{Binaries, Search},
    cluster,
    error::{Error, While},
    leftovers, process,
    process::wait_until,
    site::Site,
    socket,
};

/// Recovery after a crash is part of the start.
const START_LIMIT: Duration = Duration::from_mins(2);
/// How long the last children of a dead server may hold its memory.
const STRAGGLERS_LIMIT: Duration = Duration::from_secs(10);
const FAST_LIMIT: Duration = Duration::from_secs(30);
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(5);

/// A server that is ready and has the database `agora`. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Finds binaries, makes the cluster if there is none, clears what a killed server left, and
    /// starts. The caller holds the owner's lock, and its thread lives as long as the server.
    pub fn start(site: &Site) -> Result<Server, Error> {
        let account = site.account()?;
        let binaries = choose(site, &account)?;
        let data = cluster::make(&site.state, &account, &binaries, site.options.durability)?;
        socket::make(&site.socket, &account)?;
        let deadline = Instant::now() + STRAGGLERS_LIMIT;
        let server = loop {
            leftovers::clear(&data, &site.socket)?;
            match Server::launch(site, &account, &binaries, &data) {
                Err(Error::Server { tail, .. }) if has_stragglers(&tail) && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                launched => break launched?,
            }
        };
        make_database(site).map_err(Error::Database)?;
        tracing::info!(major = binaries.major, folder = %data.display(), "private Postgres is ready");
        Ok(server)
    }

    fn launch(site: &Site, account: &Account, binaries: &Binaries, data: &Path) -> Result<Server, Error> {
        let log = site.open_log(account)?;
        let path = site.log_path();
        let from = log.metadata().map_or(0, |meta| meta.len());
        let mut command = account.command(&binaries.postgres());
        arrange(&mut command, site, data);
        let child = process::spawn(&mut command, &log, Signal::INT)
            .doing(|| format!("cannot run {}", binaries.postgres().display()))?;
        let mut server = Server { child, log: path };
        let pid = server.child.id().to_string();
        let ready = wait_until(START_LIMIT, || {
            if server.has_ended() {
                return Some(Err("ended before it was ready"));
            }
            says_ready(&data.join("postmaster.pid"), &pid).then_some(Ok(()))
        });
        match ready.unwrap_or(Err("was not ready in time")) {
            Ok(()) => Ok(server),
            Err(what) => Err(Error::Server { what, tail: process::tail(&server.log, from), log: server.log.clone() }),
        }
    }

    /// Whether the process is no more.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends all sessions and stops, within 35 s.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        for (signal, limit) in [(Signal::INT, FAST_LIMIT), (Signal::QUIT, IMMEDIATE_LIMIT)] {
            if self.has_ended() {
                return Ok(());
            }
            // Not waited for yet, so the number is still our child's.
            if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, signal);
            }
            if wait_until(limit, || self.has_ended().then_some(())).is_some() {
                return Ok(());
            }
        }
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.doing(|| "cannot end Postgres".to_owned())?;
        Err(Error::Server {
            what: "had to be killed, since it would not stop; the next start recovers",
            tail: process::tail(&self.log, 0),
            log: self.log.clone(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "private Postgres did not stop properly");
        }
    }
}

fn choose(site: &Site, account: &Account) -> Result<Binaries, Error> {
    let held = cluster::held(&site.state)?;
    match &site.options.bin {
        Some(folder) => binaries::exactly(folder, account, &held, &site.state),
        None => Search::of_this_machine(&site.options.cache_dir).find(account, held.last().copied(), &site.state),
    }
}

fn arrange(command: &mut Command, site: &Site, data: &Path) {
    let mut sockets = std::ffi::OsString::from("unix_socket_directories=");
    sockets.push(&site.socket);
    command.arg("-D").arg(data).arg("-c").arg(sockets);
    let mut settings = vec![
        ("listen_addresses", String::new()),
        ("port", socket::PORT.to_string()),
        ("max_connections", site.options.max_connections.to_string()),
        ("logging_collector", "off".to_owned()),
        ("log_destination", "stderr".to_owned()),
        // Errors of statements quote what people wrote; agora logs its own.
        ("log_min_messages", "log".to_owned()),
        ("log_min_error_statement", "panic".to_owned()),
        ("log_checkpoints", "off".to_owned()),
    ];
    if site.options.durability == Durability::Throwaway {
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            settings.push((name, "off".to_owned()));
        }
    }
    for (name, value) in settings {
        command.arg("-c").arg(format!("{name}={value}"));
    }
}

/// A dead server's file may say "ready" too: its first line must be our child.
fn says_ready(pid_file: &Path, pid: &str) -> bool {
    let text = fs::read_to_string(pid_file).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(pid) && lines.nth(6) == Some("ready")
}

/// After kill -9 of the server its children need a moment to notice.
fn has_stragglers(log: &str) -> bool {
    log.contains("pre-existing shared memory block") || log.contains("lock file \"postmaster.pid\" already exists")
}

/// Whether the database can be used now.
pub(super) fn answers(site: &Site) -> bool {
    connect(site, cluster::AGORA).is_ok()
}

fn connect(site: &Site, database: &str) -> Result<PgConnection, String> {
    let url = format!("{}?connect_timeout=5", site.url(database));
    PgConnection::establish(&url).map_err(|error| error.to_string())
}

fn make_database(site: &Site) -> Result<(), String> {
    let mut postgres = connect(site, "postgres")?;
    let mut make = || {
        postgres.batch_execute("SET statement_timeout = '60s'")?;
        let exists = sql::<Bool>("EXISTS (SELECT FROM pg_database WHERE datname = 'agora')");
        if diesel::select(exists).get_result(&mut postgres)? {
            return Ok(());
        }
        postgres.batch_execute("CREATE DATABASE agora")
    };
    make().map_err(|error: diesel::result::Error| error.to_string())
}
