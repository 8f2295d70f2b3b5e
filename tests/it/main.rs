//! The integration tests, one binary.

mod private_postgres;
