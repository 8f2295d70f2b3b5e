//! What is done to a Postgres that a test keeps for that.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal to the postmaster of the cluster in a state folder, and to all that serve a session if told to. Its keeper starts
/// another one on the same data.
pub fn signal(data_dir: &Path, signal: Signal, is_with_sessions: bool) {
    let entries = fs::read_dir(data_dir).unwrap().map(|entry| entry.unwrap().path());
    let pid_file = entries.map(|path| path.join("postmaster.pid")).find(|path| path.exists()).unwrap();
    let postmaster = fs::read_to_string(pid_file).unwrap().lines().next().unwrap().trim().to_owned();
    let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter(|_| is_with_sessions);
    for pid in [postmaster.as_str()].into_iter().chain(children) {
        // One of them may have ended just now.
        let _ = kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), signal);
    }
}
