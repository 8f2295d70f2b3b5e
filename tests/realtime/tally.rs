//! What is counted while people listen.

use crate::harness::trial::tally::{self, Section};

pub type Tally = tally::Tally<Kind>;

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

impl Section for Kind {
    const TITLES: &'static [(Self, &'static str)] = &[
        (Self::Done, "done"),
        (Self::Told, "told"),
        (Self::Fault, "faults"),
        (Self::Stream, "streams"),
        (Self::Retry, "retries"),
    ];
}
