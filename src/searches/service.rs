//! Keeping what people look for, and telling them what is new of it.

mod looking;
mod privacy;
mod recent;
mod saved;
mod trending;

pub use self::{looking::*, privacy::*, recent::*, saved::*, trending::*};
