//! GraphQL documents as clients send them: which of them are trusted, and how often they are used, by which client.
//!
//! A document is named by the SHA-256 of its text, and by nothing else, so its name can be made by whoever has the text, and
//! two documents never have one name. **Invariant:** nothing here knows what a document means; whoever adds one has had it
//! held against the schema before.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod model;
mod queries;
pub mod service;
