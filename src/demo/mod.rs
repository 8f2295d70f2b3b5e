//! The demo market: real goods in three shops, people to sign in as, and what has happened among them so far.
//!
//! It is made of nothing but steps that everybody else uses, and is the same everywhere: ids, times and all. So examples
//! can name its products. Only what the crowd has ordered is from the days before it is made, since what is trending has to be new.
//!
//! **Invariants:** its people are marked as such, because their password is public, and production refuses to start where
//! they are; it is never poured into a market that has people of its own.

pub mod error;
pub mod model;
mod queries;
pub mod service;
