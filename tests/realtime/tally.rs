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
    /// What people did.
    Done,
    /// What streams told.
    Told,
    /// What was done to them.
    Fault,
    /// How streams ended, and were begun again.
    Stream,
    /// Why something was sent again.
    Retry,
}

impl Tally {
    pub fn count(&self, kind: Kind, what: &str) {
        *self.counts.lock().unwrap().entry((kind, what.to_owned())).or_default() += 1;
    }

    pub fn of(&self, kind: Kind, what: &str) -> u64 {
        self.counts.lock().unwrap().get(&(kind, what.to_owned())).copied().unwrap_or(0)
    }

    /// Notes what there must not be.
    pub fn complain(&self, what: String) {
        self.complaints.lock().unwrap().push(what);
    }

    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap().clone()
    }

    /// A line for each section.
    pub fn print(&self) {
        let counts = self.counts.lock().unwrap();
        for (kind, title) in [
            (Kind::Done, "done"),
            (Kind::Told, "told"),
            (Kind::Fault, "faults"),
            (Kind::Stream, "streams"),
            (Kind::Retry, "retries"),
        ] {
            let of_kind: Vec<_> = counts.iter().filter(|((found, _), _)| *found == kind).collect();
            let sum: u64 = of_kind.iter().map(|(_, count)| **count).sum();
            let each: Vec<_> = of_kind.iter().map(|((_, what), count)| format!("{what} {count}")).collect();
            println!("{title:<10} {sum:>7}   {}", each.join(", "));
        }
    }
}
