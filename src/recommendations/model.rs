//! What products have to do with each other, by what was ordered together, and what people have looked at. Pure.

mod association;
mod change;
mod evaluation;
mod history;
mod personal_data;
mod related;
mod trained;

pub use self::{association::*, change::*, evaluation::*, history::*, personal_data::*, related::*, trained::*};
