//! Whether the market agrees with itself: what `agora doctor` asks for, and every test of many at once.
//!
//! - A **check** is a sentence that must be true of the tables, with the statement that finds where it is not. Each domain has its
//!   own, its `CHECKS`; one that is about several stands in the highest of them.
//! - A **repair** makes one side follow from the other again, where it does: by an entry that corrects, or by reckoning a sum anew.
//!   What was agreed, paid or counted is never changed.
//!
//! **Invariants:** all checks see the tables as of one moment, so that a market that runs is never misjudged; a repair locks in the
//! order in which everybody does, and goes by what it finds under its locks.

pub mod service;
