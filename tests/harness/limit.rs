//! No test waits for ever: one that hangs ends the whole run with its name, rather than have somebody guess.

use std::{
    io::{Write, stderr},
    process::exit,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

/// Many times what any test takes, on any machine.
const LIMIT: Duration = Duration::from_mins(10);

/// The time that the test of this thread has, until it is dropped.
pub struct TimeLimit {
    _alive: Sender<()>,
}

impl TimeLimit {
    pub fn start() -> Self {
        let (alive, ended) = channel();
        let test = thread::current().name().unwrap_or("a test").to_owned();
        thread::spawn(move || {
            if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                // Not by a macro, whose text would be kept until the test ends.
                let _ = writeln!(stderr(), "{test} has gone on for {LIMIT:?}");
                exit(101);
            }
        });
        Self { _alive: alive }
    }
}
