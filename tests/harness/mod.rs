//! What every test of the whole stands on: a Postgres, a running Agora, and clients of it.

#![allow(dead_code, reason = "each test binary takes the part that it needs")]

pub mod app;
pub mod client;
pub mod cluster;
pub mod codes;
pub mod double;
pub mod events;
pub mod held;
pub mod limit;
mod log;
pub mod market;
pub mod people;
pub mod postmaster;
pub mod program;
pub mod raw;
pub mod secrets;
pub mod smtp;
pub mod socket;
pub mod trial;

pub use self::{
    app::TestApp,
    client::{Answer, Client},
};
