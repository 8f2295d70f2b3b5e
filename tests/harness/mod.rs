//! What every test of the whole stands on: a Postgres, a running Agora, and clients of it.

#![allow(dead_code, reason = "each test binary takes the part that it needs")]

pub mod app;
pub mod client;
pub mod cluster;
mod log;
pub mod market;
pub mod socket;

pub use self::{
    app::TestApp,
    client::{Answer, Client},
};
