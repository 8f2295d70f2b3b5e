//! Child processes: bound to their parent, waited for with a limit.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::Signal;

/// The longest piece of a log that an error quotes, in bytes.
const TAIL: u64 = 2_000;
const ASK_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(5);

/// Polls until `probe` yields something, or answers `None` after `limit`.
pub(super) fn wait_until<T>(limit: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return Some(found);
        }
        if Instant::now() >= deadline {
            return None;
        }
        sleep(POLL);
    }
}

/// Starts `command`, output into `log`, in a process group of its own, so that a Ctrl-C at the
/// terminal reaches agora alone. On Linux the child gets `last_will` when **the calling thread**
/// ends, however it ends.
pub(super) fn spawn(command: &mut Command, log: &File, last_will: Signal) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?).process_group(0);
    bind_to_parent(command, last_will);
    command.spawn()
}

/// Runs `command` to its end and kills it after `limit` (`None`).
pub(super) fn run(command: &mut Command, log: &File, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let mut child = spawn(command, log, Signal::TERM)?;
    let ended = wait_until(limit, || child.try_wait().transpose()).transpose()?;
    if ended.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(ended)
}

/// Runs a `command` that has little to say, and kills it after [`ASK_LIMIT`].
pub(super) fn ask(command: &mut Command) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let ended = wait_until(ASK_LIMIT, || child.try_wait().transpose()).transpose()?;
    if ended.is_none() {
        child.kill()?;
        child.wait()?;
        return Err(io::ErrorKind::TimedOut.into());
    }
    child.wait_with_output()
}

/// What was written to the log at `path` after `from` bytes, cut to its end.
pub(super) fn tail(path: &Path, from: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(TAIL))))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned(),
        Err(error) => format!("(the log cannot be read: {error})"),
    }
}

/// The one place with `unsafe`: code between fork and exec.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(unsafe_code)]
fn bind_to_parent(command: &mut Command, last_will: Signal) {
    use rustix::process::{getpid, getppid, set_parent_process_death_signal};

    let parent = getpid();
    let bind = move || {
        set_parent_process_death_signal(Some(last_will))?;
        // A parent that died before the line above will never be noticed: give up at once.
        if getppid() != Some(parent) {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed. `bind` makes two
    // system calls, takes no lock and allocates nothing. It runs after the change of uid, which
    // would clear the signal again.
    unsafe {
        command.pre_exec(bind);
    }
}

/// Elsewhere a server may outlive its agora; the next one stops it first (`leftovers`).
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bind_to_parent(_: &mut Command, _: Signal) {}
