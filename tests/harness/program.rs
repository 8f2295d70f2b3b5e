//! The program itself, run as people run it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use super::{Client, cluster};

/// A running `agora`. Killed when it is dropped.
pub struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What it said until it listened.
    said: String,
    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub url: String,
}

/// The program with these arguments, and nothing of this process' environment that would change it.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agora"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AGORA_") || name == "DATABASE_URL") {
        command.env_remove(name);
    }
    command.env("AGORA_MEDIA_DIR", cluster::folder().join("media").join("program"));
    command.args(arguments);
    command
}

/// How a program ended that ends by itself.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a program to its end. One that goes on is killed, and its code is none.
pub fn run(command: &mut Command) -> Ended {
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let mut child = command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap()).spawn().unwrap();
    let mut status = None;
    for _ in 0..3_000 {
        status = child.try_wait().unwrap();
        if status.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    if status.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let text = |file: &mut File| {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    };
    Ended { code: status.and_then(|status| status.code()), stdout: text(&mut stdout), stderr: text(&mut stderr) }
}

impl Program {
    /// Starts `agora serve` on a free port, and waits until it says where it listens.
    pub fn serve(arguments: &[&str]) -> Self {
        Self::start(command(arguments).stderr(Stdio::null()))
    }

    /// As [`Program::serve`], with everything but the port as the command has it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.args(["serve", "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let url = loop {
            let start = said.len();
            assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "the program ended before it listened");
            if let Some(start) = said[start..].find("http://").map(|found| start + found) {
                break said[start..].trim().to_owned();
            }
        };
        Self { child, stdout, said, url }
    }

    pub fn client(&self) -> Client {
        Client::new(format!("{}/graphql", self.url))
    }

    /// Resident memory, in KiB.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGSTOP, and SIGCONT after a while.
    pub fn stall(&self, lasting: Duration) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::STOP).unwrap();
        thread::sleep(lasting);
        kill_process(pid, Signal::CONT).unwrap();
    }

    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(self) -> ExitStatus {
        self.ask_to_stop();
        self.wait().0
    }

    /// How it ended, and all that it wrote to its standard output.
    pub fn wait(mut self) -> (ExitStatus, String) {
        self.stdout.read_to_string(&mut self.said).unwrap();
        (self.child.wait().unwrap(), std::mem::take(&mut self.said))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
