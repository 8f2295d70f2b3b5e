//! Carts: what people mean to buy.
//!
//! - A **cart** is a guest's, opened by a token that is stored nowhere, or a person's, who has one at the most. It has one currency,
//!   and things of several shops.
//! - A **line** is a variant, how many of it, and what one cost when it was put in.
//! - A **problem** is what keeps a line from being ordered as it stands; it is found when it is looked for, and stored nowhere.
//!
//! **Invariants:** an id opens no cart but one's own; every step that changes a cart holds its row's lock and raises its version, in
//! the same transaction as the event that says so; where two carts are locked, it is in the order of their ids. What is in a cart is
//! reserved only by `reserve_cart`, for a while.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod policy;
mod queries;
pub mod service;
