//! What was done, counted, and what went wrong.

use std::{collections::BTreeMap, sync::Mutex};

#[derive(Default)]
pub struct Tally {
    counts: Mutex<BTreeMap<(Kind, String), u64>>,
    complaints: Mutex<Vec<String>>,
}

/// The sections in which counts are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Operation,
    Outcome,
    Refusal,
    Retry,
    Fault,
    Repeat,
}

impl Tally {
    pub fn count(&self, kind: Kind, what: &str) {
        *self.counts.lock().unwrap().entry((kind, what.to_owned())).or_default() += 1;
    }

    /// Notes that something has happened so often by now.
    pub fn raise(&self, kind: Kind, what: &str, often: u64) {
        let mut counts = self.counts.lock().unwrap();
        let count = counts.entry((kind, what.to_owned())).or_default();
        *count = often.max(*count);
    }

    /// Notes an answer that there must not be.
    pub fn complain(&self, what: String) {
        self.complaints.lock().unwrap().push(what);
    }

    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap().clone()
    }

    /// How often something was done that was not refused.
    pub fn done(&self, operation: &str) -> u64 {
        self.of(Kind::Operation, operation)
    }

    /// How often something has happened.
    pub fn of(&self, kind: Kind, what: &str) -> u64 {
        self.counts.lock().unwrap().get(&(kind, what.to_owned())).copied().unwrap_or(0)
    }

    /// A line for each section.
    pub fn print(&self) {
        let counts = self.counts.lock().unwrap();
        for (kind, title) in [
            (Kind::Operation, "operations"),
            (Kind::Outcome, "outcomes"),
            (Kind::Refusal, "refusals"),
            (Kind::Fault, "faults"),
            (Kind::Retry, "retries"),
            (Kind::Repeat, "repeats"),
        ] {
            let of_kind: Vec<_> = counts.iter().filter(|((found, _), _)| *found == kind).collect();
            let sum: u64 = of_kind.iter().map(|(_, count)| **count).sum();
            let each: Vec<_> = of_kind.iter().map(|((_, what), count)| format!("{what} {count}")).collect();
            println!("{title:<10} {sum:>6}   {}", each.join(", "));
        }
    }
}
