//! Favourites and wish lists: what people keep in mind of what is for sale.
//!
//! - A **favourite** is a product that somebody likes. Only they see it, and are told, once a day at the most, when it costs less than
//!   they know.
//! - A **wish list** has a name, and **items**: products, or variants of them, each with how many are wished for and a note. It is
//!   private, for whoever has its **link**, or for everybody.
//!
//! **Invariants:** an id opens no list that is not public; a link names a row by a token that is stored nowhere, and ends when there
//! is another one or the list becomes private. How many items a list has is counted under the lock of its row.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod policy;
mod queries;
pub mod service;
