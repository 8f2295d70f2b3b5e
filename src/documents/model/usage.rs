//! How often documents and fields are used, by whom, and how long it takes.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use super::{Document, DocumentHash};
use crate::platform::{caller::Client, clock::Time};

/// Clients that are told apart at the most; all others are one more, [`other`].
pub const MAXIMUM_CLIENTS: usize = 200;
/// Documents that are not trusted and whose use is written down.
pub const MAXIMUM_PERSISTED: i64 = 1_000;
/// Letters of an operation's name that are written down: its use is looked up by it.
pub const MAXIMUM_NAME: usize = 64;
/// How long what is not used any more is remembered.
pub const RETENTION: chrono::TimeDelta = chrono::TimeDelta::days(90);

/// Whoever comes when [`MAXIMUM_CLIENTS`] are known.
pub fn other() -> Client {
    Client { name: "(other)".into(), version: String::new() }
}

/// Calls by how long they took, in buckets a quarter of an octave wide: the first holds what took less than 64 µs, the last
/// what took 30 s and more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latencies([u32; Self::BUCKETS]);

impl Latencies {
    const BUCKETS: usize = 77;

    fn bucket(elapsed: Duration) -> usize {
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let Some(octave) = micros.checked_ilog2().filter(|octave| *octave >= 6) else { return 0 };
        let quarter = (micros >> (octave - 2)) & 3;
        let bucket = u64::from(octave - 6) * 4 + quarter + 1;
        usize::try_from(bucket).unwrap_or(usize::MAX).min(Self::BUCKETS - 1)
    }

    /// Where a bucket ends, in microseconds.
    fn end(bucket: usize) -> u64 {
        let bucket = u32::try_from(bucket).unwrap_or(u32::MAX).min(200);
        (4 + u64::from(bucket % 4)) << (bucket / 4 + 4)
    }

    pub fn add(&mut self, elapsed: Duration) {
        if let Some(count) = self.0.get_mut(Self::bucket(elapsed)) {
            *count = count.saturating_add(1);
        }
    }

    /// The buckets as the table has them, without empty ones at the end.
    pub fn counts(&self) -> Vec<i64> {
        let filled = self.0.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        self.0.iter().take(filled).map(|count| i64::from(*count)).collect()
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self([0; Self::BUCKETS])
    }
}

/// What 99 of 100 calls took at the most, in milliseconds, up to a quarter too much. None without calls.
pub fn p99_milliseconds(counts: &[i64]) -> Option<i32> {
    let all: i64 = counts.iter().sum();
    let wanted = all - all / 100;
    let mut seen = 0;
    let bucket = counts.iter().position(|count| {
        seen += count;
        seen >= wanted && seen > 0
    })?;
    i32::try_from(Latencies::end(bucket).div_ceil(1_000)).ok()
}

/// Adds calls by bucket to others.
pub fn add_counts(sums: &mut Vec<i64>, counts: &[i64]) {
    sums.resize(sums.len().max(counts.len()), 0);
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum = sum.saturating_add(*count);
    }
}

/// What is counted of the calls of one client.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub calls: i64,
    /// Calls with at least one error.
    pub errors: i64,
    /// Points, by the measure of the limits.
    pub cost: i64,
    pub latencies: Latencies,
}

/// The use of one operation of a document by one client.
#[derive(Debug)]
pub struct DocumentUse {
    pub hash: DocumentHash,
    /// Of the document, all of them.
    pub operations: Vec<String>,
    /// Whether anybody has named it by its hash. What is neither named nor trusted is not written down.
    pub is_persisted: bool,
    /// The one that ran; empty if it has no name.
    pub operation: String,
    pub client: Client,
    pub tally: Tally,
}

/// What was used since the last batch.
#[derive(Debug, Default)]
pub struct Batch {
    pub documents: Vec<DocumentUse>,
    /// Calls by field (`Type.field`) and client.
    pub fields: HashMap<(Arc<str>, Client), i64>,
}

impl Batch {
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.fields.is_empty()
    }
}

/// The use of one operation of a document by one client, since it was first written down.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct ClientUsage {
    pub hash: DocumentHash,
    pub operation: String,
    pub client_name: String,
    pub client_version: String,
    pub calls: i64,
    pub errors: i64,
    pub cost: i64,
    pub latencies: Vec<i64>,
    pub first_used_at: Time,
    pub last_used_at: Time,
}

/// A document, and its use by each operation and client.
#[derive(Debug)]
pub struct DocumentWithUsage {
    pub document: Document,
    pub usage: Vec<ClientUsage>,
}

impl DocumentWithUsage {
    /// What all clients did together.
    pub fn total(&self) -> Total {
        let sum = |of: fn(&ClientUsage) -> i64| self.usage.iter().map(of).fold(0, i64::saturating_add);
        let mut latencies = Vec::new();
        self.usage.iter().for_each(|usage| add_counts(&mut latencies, &usage.latencies));
        Total {
            calls: sum(|usage| usage.calls),
            errors: sum(|usage| usage.errors),
            cost: sum(|usage| usage.cost),
            p99_milliseconds: p99_milliseconds(&latencies),
            last_used_at: self.usage.iter().map(|usage| usage.last_used_at).max(),
        }
    }
}

/// The use of a document.
#[derive(Debug, Clone, Copy)]
pub struct Total {
    pub calls: i64,
    pub errors: i64,
    pub cost: i64,
    pub p99_milliseconds: Option<i32>,
    /// None if it was not used.
    pub last_used_at: Option<Time>,
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls, {} errors, cost {}", self.calls, self.errors, self.cost)?;
        if let Some(p99) = self.p99_milliseconds {
            write!(f, ", p99 {p99} ms")?;
        }
        match self.last_used_at {
            Some(time) => write!(f, ", last {}", time.format("%Y-%m-%d %H:%M")),
            None => f.write_str(", never used"),
        }
    }
}

/// A line for the document, and one for each operation and client.
impl fmt::Display for DocumentWithUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { document, usage } = self;
        let standing = if document.trusted_at.is_some() { "trusted" } else { "persisted" };
        writeln!(f, "{} {standing} {} {}", document.hash, document.operations.join(","), self.total())?;
        for client in usage {
            let total = Total {
                calls: client.calls,
                errors: client.errors,
                cost: client.cost,
                p99_milliseconds: p99_milliseconds(&client.latencies),
                last_used_at: Some(client.last_used_at),
            };
            writeln!(f, "    {} by {:?} {:?}: {total}", client.operation, client.client_name, client.client_version)?;
        }
        Ok(())
    }
}

/// The use of one field by one client, since it was first written down.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct FieldClientUsage {
    /// `Type.field`.
    pub field: String,
    pub client_name: String,
    pub client_version: String,
    pub calls: i64,
    pub first_used_at: Time,
    pub last_used_at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 0..Latencies::BUCKETS - 1 {
            let end = Latencies::end(bucket);
            assert_eq!(Latencies::bucket(Duration::from_micros(end - 1)), bucket, "below {end}");
            assert_eq!(Latencies::bucket(Duration::from_micros(end)), bucket + 1, "at {end}");
        }
        assert_eq!(Latencies::bucket(Duration::ZERO), 0);
        assert_eq!(Latencies::bucket(Duration::MAX), Latencies::BUCKETS - 1);
        assert!(Latencies::end(Latencies::BUCKETS - 2) >= 29_000_000);
    }

    #[test]
    fn p99_is_what_one_in_a_hundred_exceeds() {
        let counts = |times: &[(usize, u64)]| {
            let mut latencies = Latencies::default();
            for (count, millis) in times {
                (0..*count).for_each(|_| latencies.add(Duration::from_millis(*millis)));
            }
            latencies.counts()
        };
        assert_eq!(p99_milliseconds(&counts(&[])), None);
        let at = |millis: u64| p99_milliseconds(&counts(&[(1, millis)])).unwrap();
        for millis in [1, 10, 200, 5_000, 29_000] {
            let found = u64::try_from(at(millis)).unwrap();
            assert!(found >= millis && found * 4 <= millis * 5 + 4, "{millis}: {found}");
        }
        assert_eq!(p99_milliseconds(&counts(&[(99, 10), (1, 5_000)])), Some(at(10)));
        assert_eq!(p99_milliseconds(&counts(&[(98, 10), (2, 5_000)])), Some(at(5_000)));
    }
}
