//! What people report, what the staff decide about it, and what those say of it whom it concerns.
//!
//! - A **report** asks the market's staff to look at something that the reporter sees: a message, a person, a product, a review, a shop. What it
//!   said just then is copied, for it may be edited or deleted afterwards.
//! - A **case** gathers what is reported about one thing until it is decided. Who reports it later begins another one.
//! - A **decision** hides it, warns who is behind it, suspends them, or does none of that. Each has a reason, which they read, and
//!   may **appeal** once.
//!
//! **Invariants:** nobody but the staff learns who reported, or that something was, and of the staff nobody whom it concerns, or whose shop; of a thing there is one open case at the most, and a person
//! reports it once; a decision, what it does, who is told of it, and the audit log are one transaction; what is overturned is undone as far as nobody
//! has made something else of it. People are locked before cases, and cases before what is reported.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod policy;
mod queries;
pub mod service;
