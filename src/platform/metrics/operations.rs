//! Operations by name and code.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use prometheus::{HistogramVec, IntCounterVec};

/// Names that are counted by themselves. Clients make names up, and each costs memory here and in Prometheus.
const NAMES: usize = 200;
/// A longer name is not one that anybody would look for.
const NAME_LENGTH: usize = 64;

/// Operations by name and code. The first [`NAMES`] names are counted each by itself; all others are `other`, and those
/// without a name `anonymous`.
#[derive(Debug)]
pub struct Operations {
    answered: IntCounterVec,
    seconds: HistogramVec,
    names: RwLock<HashSet<String>>,
}

impl Operations {
    pub(super) fn new(answered: IntCounterVec, seconds: HistogramVec) -> Self {
        Self { answered, seconds, names: RwLock::default() }
    }

    /// An operation ran, and ended with this code of the closed list, or `OK`.
    pub fn answered(&self, name: &str, code: &str, took: Duration) {
        let name = self.label(name);
        self.answered.with_label_values(&[name, code]).inc();
        self.seconds.with_label_values(&[name]).observe(took.as_secs_f64());
    }

    /// An operation was refused before it ran, by whoever's name nobody knows.
    pub fn refused(&self, code: &str) {
        self.answered.with_label_values(&["refused", code]).inc();
    }

    fn label<'a>(&self, name: &'a str) -> &'a str {
        if name.is_empty() {
            return "anonymous";
        }
        let is_new = {
            let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
            if names.contains(name) {
                return name;
            }
            names.len() < NAMES && name.len() <= NAME_LENGTH
        };
        if !is_new {
            return "other";
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() < NAMES {
            names.insert(name.to_owned());
        }
        if names.contains(name) { name } else { "other" }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metrics;
    use super::*;

    #[test]
    fn made_up_names_are_counted_together() {
        let operations = Metrics::new().unwrap().operations;
        let names: Vec<String> = (0..=NAMES).map(|number| format!("Name{number}")).collect();
        let labels: Vec<&str> = names.iter().map(|name| operations.label(name)).collect();
        assert_eq!(labels[NAMES - 1], names[NAMES - 1]);
        assert_eq!(labels[NAMES], "other");
        assert_eq!(operations.label("Name0"), "Name0");
        assert_eq!(operations.label(""), "anonymous");
    }

    #[test]
    fn a_long_name_is_not_kept() {
        let operations = Metrics::new().unwrap().operations;
        let (longest, too_long) = ("n".repeat(NAME_LENGTH), "n".repeat(NAME_LENGTH + 1));
        assert_eq!((operations.label(&longest), operations.label(&too_long)), (longest.as_str(), "other"));
    }
}
