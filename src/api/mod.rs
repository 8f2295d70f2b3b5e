//! The GraphQL schema as a whole, and what every request passes on its way to it.

pub mod gate;
