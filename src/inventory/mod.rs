//! Stock: how many pieces of which variant lie where.
//!
//! - A **location** is a place of a shop where pieces lie. Each shop has a default one, made when it is first needed; orders
//!   take from it alone.
//! - A **level** says how many pieces of a variant are on hand at a location. It is the sum of its **movements**, which are
//!   append-only.
//!
//! **Invariants:** a level never falls below zero; it moves by one conditional UPDATE, never by read–decide–write, and in
//! the same transaction as its movement; several levels move in the order of their variants' ids; a cause sells and restocks
//! a level once.

pub mod error;
pub mod graphql;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
