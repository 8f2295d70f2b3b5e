//! What shops say of their products.

mod attributes;
mod categories;
mod options;
mod publishing;
