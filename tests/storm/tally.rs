//! What is counted in a storm.

use crate::harness::trial::tally::{self, Section};

pub type Tally = tally::Tally<Kind>;

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

impl Section for Kind {
    const TITLES: &'static [(Self, &'static str)] = &[
        (Self::Operation, "operations"),
        (Self::Outcome, "outcomes"),
        (Self::Refusal, "refusals"),
        (Self::Fault, "faults"),
        (Self::Retry, "retries"),
        (Self::Repeat, "repeats"),
    ];
}
