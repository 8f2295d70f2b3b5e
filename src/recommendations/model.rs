//! What products have to do with each other, by what was ordered together, and what people have looked at. Pure.

mod association;
mod change;
mod evaluation;
mod history;
mod home;
mod personal_data;
mod related;
mod signals;
mod trained;
mod trending;

pub use self::{
    association::*, change::*, evaluation::*, history::*, home::*, personal_data::*, related::*, signals::*,
    trained::*, trending::*,
};
