//! What people look for: lately, these days, and again and again.
//!
//! - A **recent search** is what somebody has looked for lately, as their clients tell it: the same words once, however they are typed.
//! - A **trending search** is what many people look for these days, by its words alone.
//! - A **saved search** is a filter of products with a name. Who wants to be told has it **looked at** again and again: what came to the
//!   market since the last time is held against it.
//!
//! **Invariants:** of who does not want it to be kept what they look for, nothing is noted, shown or counted. No search trends unless five people
//! look for it who are neither new to the market nor work for a shop, and unless a product for sale has all of its words: so it tells of nobody, and
//! says nothing that is not on the market. What a saved search was looked at for is not looked at again, and a product is news to it once; the filter
//! stays as it was given, whether it is understood or not.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
mod mail;
pub mod model;
mod queries;
pub mod service;
