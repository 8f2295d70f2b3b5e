//! What every test of the whole stands on: a Postgres, a running Agora, and clients of it.

pub mod cluster;
