//! Learning from orders, saying what that is worth, and keeping what people have looked at.

mod evaluate;
mod history;
mod learn;
mod personal_data;
mod privacy;

pub use self::{evaluate::*, history::*, learn::*, personal_data::*, privacy::*};
