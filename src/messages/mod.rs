//! What people write to each other and to shops.
//!
//! - A **conversation** is between two people, between a person and a shop, or about a shop's part of an order. There is
//!   one for each pair of people, and one for each person and shop: asking about another product goes on in it.
//! - A **participant** takes part as a person. A shop takes part as a whole, through whichever members may answer.
//! - A **message** is what somebody wrote, or a step of the order that the conversation is about.
//!
//! **Invariants:** the numbers of a conversation's messages are dense and in the order of commits, for they are taken
//! under the conversation's lock; unread is always the last number less the number read, never a counter of its own; a
//! marker of what was read never moves back; for whoever takes no part, a conversation does not exist.

pub mod error;
pub mod graphql;
pub mod loaders;
pub mod model;
mod policy;
mod queries;
pub mod service;
