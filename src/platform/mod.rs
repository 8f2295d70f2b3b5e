//! Machinery that knows no domain.

pub mod private_postgres;
