//! The program itself, run as people run it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::Client;

/// A running `agora`. Killed when it is dropped.
pub struct Program {
    child: Child,
    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub url: String,
}

/// The program with these arguments, and nothing of this process' environment that would change it.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agora"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AGORA_") || name == "DATABASE_URL") {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

impl Program {
    /// Starts `agora serve` on a free port, and waits until it says where it listens.
    pub fn serve(arguments: &[&str]) -> Self {
        let mut child = command(arguments)
            .args(["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("the program ended before it listened").unwrap();
            if let Some(start) = line.find("http://") {
                break line[start..].trim().to_owned();
            }
        };
        Self { child, url }
    }

    pub fn client(&self) -> Client {
        Client::new(format!("{}/graphql", self.url))
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
