//! The private Postgres: one test for each way in which it is known to go wrong.

mod crashes;
mod fresh;
mod holder;
mod refusals;
mod sharing;

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use agora::platform::private_postgres::{Durability, Options, PrivatePostgres};
use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Text};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

/// A folder for one test, open to the server's user. Dropping it ends whatever runs there.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::Builder::new().prefix("agora-").tempdir().unwrap();
        open(folder.path());
        Place { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> PathBuf {
        self.path("state")
    }

    fn options(&self) -> Options {
        Options { durability: Durability::Throwaway, max_connections: 20, ..Options::new(self.state()) }
    }

    fn start(&self) -> PrivatePostgres {
        PrivatePostgres::start(&self.options()).unwrap()
    }

    /// A folder with programs of our own instead of the server's.
    fn fake_bin(&self, name: &str, postgres: &str, initdb: &str) -> PathBuf {
        let folder = self.path(name);
        fs::create_dir(&folder).unwrap();
        open(&folder);
        script(&folder.join("postgres"), postgres);
        script(&folder.join("initdb"), initdb);
        folder
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(pid) = postmaster(&self.state()) else {
            return;
        };
        if within(5, || is_gone(pid).then_some(())).is_none() {
            let _ = kill_process(pid, Signal::QUIT);
            within(5, || is_gone(pid).then_some(()));
        }
    }
}

/// Lets the server's user in, whatever our umask says.
fn open(folder: &Path) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}

/// Written by a process of its own: a file that this one holds open for writing while another
/// thread forks cannot be executed ("text file busy").
fn script(path: &Path, body: &str) {
    let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 755 "$0""#;
    let status = Command::new("sh").arg("-c").arg(write).arg(path).arg(body).status();
    assert!(status.unwrap().success());
}

/// Polls for at most `seconds`.
fn within<T>(seconds: u64, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        match probe() {
            None if Instant::now() < deadline => sleep(Duration::from_millis(10)),
            found => return found,
        }
    }
}

/// The server's process by its own word, dead or alive.
fn postmaster(state: &Path) -> Option<Pid> {
    let entries = fs::read_dir(state).ok()?;
    entries.flatten().find_map(|entry| {
        let text = fs::read_to_string(entry.path().join("postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
    })
}

fn is_gone(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).unwrap_or_default();
    test_kill_process(pid).is_err() || stat.contains(") Z ")
}

/// The one data folder in `state`.
fn data(state: &Path) -> PathBuf {
    let entries = fs::read_dir(state).unwrap().flatten().map(|entry| entry.path());
    let mut folders = entries.filter(|path| path.to_string_lossy().contains("/data-"));
    let found = folders.next().unwrap();
    assert_eq!(folders.next(), None);
    found
}

fn connect(url: &str) -> Result<PgConnection, String> {
    PgConnection::establish(url).map_err(|error| error.to_string())
}

fn execute(url: &str, statements: &str) {
    connect(url).unwrap().batch_execute(statements).unwrap();
}

fn try_ask(url: &str, expression: &str) -> Result<String, String> {
    let query = diesel::select(sql::<Text>(expression));
    query.get_result(&mut connect(url)?).map_err(|error| error.to_string())
}

fn ask(url: &str, expression: &str) -> String {
    try_ask(url, expression).unwrap()
}

/// Asks until somebody answers: connections break at a take-over.
fn ask_patiently(url: &str, expression: &str) -> String {
    within(20, || try_ask(url, expression).ok()).unwrap()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder of the programs that a server was started from.
fn bin_of(pid: Pid) -> PathBuf {
    let program = fs::read_link(format!("/proc/{}/exe", pid.as_raw_pid())).unwrap();
    program.parent().unwrap().to_owned()
}

/// A program run as the owner of `folder`.
fn as_owner_of(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    if is_root() {
        let meta = fs::metadata(folder).unwrap();
        command.uid(meta.uid()).gid(meta.gid());
    }
    command
}
