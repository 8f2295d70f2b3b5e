//! What products have to do with each other, by what was ordered together. Pure.

mod association;
mod change;
mod evaluation;
mod trained;

pub use self::{association::*, change::*, evaluation::*, trained::*};
