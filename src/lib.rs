//! Agora, a self-hosted marketplace backend.

pub mod platform;
