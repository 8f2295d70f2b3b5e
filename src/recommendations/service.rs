//! Learning from orders, and saying what that is worth.

mod evaluate;
mod learn;

pub use self::{evaluate::*, learn::*};
