//! What people may ask of a market about themselves: to have all that is kept about them, and to be forgotten.
//!
//! - An **export** is an archive (ZIP) of lists in JSON and of the files that somebody sent. A job makes it out of what each
//!   domain tells, its `CHAPTERS`; it is to be had for a week by a URL that is good for an hour or two, which only its person
//!   is told.
//! - A **deletion** waits for its time of grace, in which it can be called off, and is then carried out by a step of each
//!   domain, all in one transaction. What others have a right to stays: orders and books, the other side's threads, and what
//!   holds against the person.
//!
//! **Invariants:** whoever is erased has no address, no password, no session and no key; a shop always has an owner, so its last
//! one is not erased; no name, address or other text of an erased person is in any table but the texts of their messages and,
//! for as long as the law wants orders kept, where these went. A test looks through all tables.

pub mod error;
pub mod graphql;
pub mod jobs;
mod mail;
pub mod model;
mod queries;
pub mod service;
