//! Stock: how many pieces of which variant lie where, and who waits for some.
//!
//! - A **location** is a place of a shop where pieces lie. Each shop has a default one, made when it is first needed: orders take
//!   from it before they take from the others, and what is sold and not there is owed from it.
//! - A **level** says how many pieces of a variant are on hand at a location, or how many are owed there. It is the sum of its
//!   **movements**, which are append-only.
//! - A **shelf** is all levels of a variant. Whoever moves one of them locks all of them, in the order of variant and location,
//!   decides, and settles what follows: whether the product can be ordered, and who is told.
//! - A **reservation** holds pieces of a variant for whoever is about to order them, for a while. Held pieces are told and sold to nobody
//!   else; once its time is over, whoever needs them lets go of it, or a job does.
//! - A **rule** says how many pieces of a variant may be owed, and when it is low.
//!
//! **Invariants:** a level never falls below zero, and no more is owed than the rule allowed; nobody is owed a piece while one lies
//! somewhere; a level moves under the locks of its shelf and in the same transaction as its movement; levels are locked before
//! products, both in one order; never does more of an order go back than it holds; a place that is out of use holds nothing; what is counted as
//! reserved of a variant is the sum of its reservations, and changes under the locks of its shelf.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod queries;
pub mod service;
