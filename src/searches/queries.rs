//! Searches in Postgres.

mod recent;
mod saved;
mod trending;

pub use self::{recent::*, saved::*, trending::*};
