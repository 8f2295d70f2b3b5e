//! Size and limits of the lanes, as options of the program.

use std::{num::ParseIntError, thread, time::Duration};

use clap::{Args, value_parser};

/// Size and limits of the lanes. Times are milliseconds on the command line.
#[derive(Debug, Clone, Args)]
pub struct DbOptions {
    /// Threads and connections for short reads and for writes each; long reads have half, at least one
    #[arg(long = "db-threads", env = "AGORA_DB_THREADS", global = true, value_name = "N",
        default_value_t = threads(), value_parser = value_parser!(u32).range(1..=256))]
    pub threads: u32,
    /// Milliseconds after which Postgres gives a statement up, of short reads and of writes
    #[arg(long, env = "AGORA_STATEMENT_TIMEOUT", global = true, value_name = "MS", default_value = "5000", value_parser = milliseconds)]
    pub statement_timeout: Duration,
    /// Milliseconds after which Postgres gives a statement of a long read up: search, reports, export
    #[arg(long, env = "AGORA_LONG_STATEMENT_TIMEOUT", global = true, value_name = "MS", default_value = "15000", value_parser = milliseconds)]
    pub long_statement_timeout: Duration,
    /// Milliseconds that a writer waits for a lock
    #[arg(long, env = "AGORA_LOCK_TIMEOUT", global = true, value_name = "MS", default_value = "4000", value_parser = milliseconds)]
    pub lock_timeout: Duration,
    /// Jobs that may wait in each lane; the next one is refused at once
    #[arg(long = "db-queue", env = "AGORA_DB_QUEUE", global = true, value_name = "N", default_value = "1024", value_parser = queue)]
    pub queue: usize,
    /// Milliseconds that a job may wait for a thread of its lane; then it is refused instead of served late
    #[arg(long = "db-queue-wait", env = "AGORA_DB_QUEUE_WAIT", global = true, value_name = "MS", default_value = "1000", value_parser = milliseconds)]
    pub queue_wait: Duration,
    /// Milliseconds from which on a statement is logged as slow, by its query's name
    #[arg(long, env = "AGORA_SLOW_STATEMENT", global = true, value_name = "MS", default_value = "500", value_parser = milliseconds)]
    pub slow_statement: Duration,
}

fn threads() -> u32 {
    let cores = thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
    (2 * cores).clamp(4, 32)
}

/// At least one: to Postgres, zero is no limit at all.
pub(in crate::platform) fn milliseconds(text: &str) -> Result<Duration, InvalidNumber> {
    number(text, 1..=86_400_000).map(Duration::from_millis)
}

fn queue(text: &str) -> Result<usize, InvalidNumber> {
    number(text, 1..=1_000_000).map(|length| usize::try_from(length).unwrap_or(usize::MAX))
}

fn number(text: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, InvalidNumber> {
    let number = text.parse()?;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(InvalidNumber::Range { least: *range.start(), most: *range.end() })
    }
}

/// Why the value of an option is not taken.
#[derive(Debug, thiserror::Error)]
pub(in crate::platform) enum InvalidNumber {
    #[error(transparent)]
    NoNumber(#[from] ParseIntError),
    #[error("it is from {least} to {most}")]
    Range { least: u64, most: u64 },
}
