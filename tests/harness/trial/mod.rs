//! What trials have in common, of which each is a test program of its own: for some seconds people do something on two programs
//! over one Postgres, while all of these are killed; in the end it is looked at whether anything was lost.

pub mod course;
pub mod faults;
pub mod flags;
pub mod programs;
pub mod tally;
pub mod verdict;

use std::process::ExitCode;

use tokio::runtime;

use self::verdict::Verdict;
use super::limit::TimeLimit;

/// Runs a trial, and ends with `N passed, N failed`.
pub fn run(trial: impl Future<Output = Verdict>) -> ExitCode {
    let _limit = TimeLimit::start();
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let Verdict { passed, failed } = runtime.block_on(trial);
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
