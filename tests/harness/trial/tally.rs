//! What was done, counted, and what went wrong.

use std::{collections::BTreeMap, sync::Mutex};

/// A section in which counts are told.
pub trait Section: Copy + Ord + 'static {
    /// All of them, and what they are called, in the order in which they are told.
    const TITLES: &'static [(Self, &'static str)];
}

pub struct Tally<K> {
    counts: Mutex<BTreeMap<(K, String), u64>>,
    complaints: Mutex<Vec<String>>,
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self { counts: Mutex::default(), complaints: Mutex::default() }
    }
}

impl<K: Section> Tally<K> {
    pub fn count(&self, kind: K, what: &str) {
        *self.counts.lock().unwrap().entry((kind, what.to_owned())).or_default() += 1;
    }

    /// Notes that something has happened so often by now.
    pub fn raise(&self, kind: K, what: &str, often: u64) {
        let mut counts = self.counts.lock().unwrap();
        let count = counts.entry((kind, what.to_owned())).or_default();
        *count = often.max(*count);
    }

    /// How often something has happened.
    pub fn of(&self, kind: K, what: &str) -> u64 {
        self.counts.lock().unwrap().get(&(kind, what.to_owned())).copied().unwrap_or(0)
    }

    /// What has happened too seldom by now: less often than so many times.
    pub fn missing<'a>(&self, floors: impl IntoIterator<Item = (K, &'a str, u64)>) -> Vec<String> {
        let is_missing = |(kind, what, least): (K, &str, u64)| {
            let found = self.of(kind, what);
            (found < least).then(|| format!("{what}: {found}, and not {least}"))
        };
        floors.into_iter().filter_map(is_missing).collect()
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
        for &(kind, title) in K::TITLES {
            let of_kind: Vec<_> = counts.iter().filter(|((found, _), _)| *found == kind).collect();
            let sum: u64 = of_kind.iter().map(|(_, count)| **count).sum();
            let each: Vec<_> = of_kind.iter().map(|((_, what), count)| format!("{what} {count}")).collect();
            println!("{title:<10} {sum:>7}   {}", each.join(", "));
        }
    }
}
