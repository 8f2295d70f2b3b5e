//! Giving people what is kept about them, and erasing them.

mod deletion;
mod erasure;
mod export;

pub use self::{deletion::*, erasure::*, export::*};
