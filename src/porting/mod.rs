//! Products as files say them: brought in from other systems, and written out again.

pub mod error;
pub mod graphql;
pub mod jobs;
pub mod loaders;
pub mod model;
mod queries;
pub mod service;
