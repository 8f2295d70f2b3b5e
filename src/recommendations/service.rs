//! Learning from orders, saying what that is worth, keeping what people have looked at, and showing what follows from all that.

mod evaluate;
mod history;
mod home;
mod learn;
mod personal_data;
mod privacy;

pub use self::{evaluate::*, history::*, home::*, learn::*, personal_data::*, privacy::*};
