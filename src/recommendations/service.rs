//! Learning from orders, saying what that is worth, and keeping what people have looked at.

mod evaluate;
mod history;
mod learn;
mod privacy;

pub use self::{evaluate::*, history::*, learn::*, privacy::*};
