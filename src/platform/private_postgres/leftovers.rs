//! What a killed server leaves behind, and how it is kept from blocking the next start. The caller
//! holds the owner's lock, so that no server of a living agora is ever met here.

use std::{
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{
    error::{Error, While},
    process::wait_until,
    socket::PORT,
};

/// A server whose agora was killed shuts down by itself: a checkpoint, mostly milliseconds.
const FAST: Duration = Duration::from_secs(10);
/// After that it is told to stop without one; the next start recovers.
const IMMEDIATE: Duration = Duration::from_secs(5);

/// What the process named in `postmaster.pid` is.
enum Holder {
    /// Nobody, or dead: Postgres copes with that file itself.
    Gone,
    /// Some process that got the number of a dead server, or a zombie: Postgres would take it for
    /// a living one.
    Unrelated,
    /// Our server, whose agora died.
    Orphan(Pid),
    /// A server that somebody else started on our data.
    Foreign(Pid),
}

/// Waits (at most 15 s) until nothing of an earlier server stands in the way.
pub(super) fn clear(data: &Path, socket: &Path) -> Result<(), Error> {
    let pid_file = data.join("postmaster.pid");
    let started = Instant::now();
    let mut last_sent = None;
    let cleared = wait_until(FAST + IMMEDIATE, || match holder(&pid_file, data, socket) {
        Holder::Gone => Some(Ok(())),
        // Should children of the dead server still be alive, Postgres finds their shared memory.
        Holder::Unrelated => Some(remove(&pid_file)),
        Holder::Foreign(pid) => Some(Err(in_use(data, pid))),
        Holder::Orphan(pid) => {
            let signal = if started.elapsed() < FAST { Signal::INT } else { Signal::QUIT };
            if last_sent != Some(signal) {
                tracing::info!(pid = pid.as_raw_pid(), "waiting for the server of a killed agora to end");
                // Linux has told it already; a second time does no harm.
                let _ = kill_process(pid, signal);
                last_sent = Some(signal);
            }
            None
        }
    });
    match cleared {
        Some(done) => done?,
        None => match holder(&pid_file, data, socket) {
            Holder::Orphan(pid) | Holder::Foreign(pid) => return Err(in_use(data, pid)),
            Holder::Gone | Holder::Unrelated => {}
        },
    }
    // The socket's lock file suffers from reused numbers as well, and its folder is ours alone.
    remove(&socket.join(format!(".s.PGSQL.{PORT}.lock")))?;
    remove(&socket.join(format!(".s.PGSQL.{PORT}")))
}

fn in_use(data: &Path, pid: Pid) -> Error {
    Error::InUse { folder: data.to_owned(), pid: pid.as_raw_pid() }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).doing(|| format!("cannot remove the stale {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn holder(pid_file: &Path, data: &Path, socket: &Path) -> Holder {
    let Ok(text) = fs::read_to_string(pid_file) else {
        return Holder::Gone;
    };
    let first = text.lines().next().and_then(|line| line.trim().parse().ok());
    let Some(pid) = first.and_then(Pid::from_raw) else {
        return Holder::Unrelated;
    };
    if test_kill_process(pid) == Err(rustix::io::Errno::SRCH) {
        return Holder::Gone;
    }
    let line = command_line(pid);
    let names = |path: &Path| {
        let wanted = path.as_os_str().as_encoded_bytes();
        line.windows(wanted.len().max(1)).any(|window| window == wanted)
    };
    match (names(data), names(socket)) {
        (true, true) => Holder::Orphan(pid),
        (true, false) => Holder::Foreign(pid),
        (false, _) => Holder::Unrelated,
    }
}

/// Empty for a zombie, and for a process that is none of our business.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn command_line(pid: Pid) -> Vec<u8> {
    fs::read(format!("/proc/{}/cmdline", pid.as_raw_pid())).unwrap_or_default()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn command_line(pid: Pid) -> Vec<u8> {
    let mut ps = std::process::Command::new("ps");
    ps.args(["-ww", "-o", "args=", "-p", &pid.as_raw_pid().to_string()]);
    super::process::ask(&mut ps).map(|output| output.stdout).unwrap_or_default()
}
