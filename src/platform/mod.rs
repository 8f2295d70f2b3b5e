//! Machinery. **Invariant:** nothing here knows a domain.

pub mod app;
pub mod buckets;
pub mod caller;
pub mod clock;
pub mod config;
pub mod cookies;
pub mod counted;
pub mod crypto;
pub mod db;
pub mod events;
pub mod gql;
pub mod idempotency;
pub mod import;
pub mod jobs;
pub mod mail;
pub mod metrics;
pub mod migrations;
pub mod newest_first;
pub mod open_files;
pub mod private_postgres;
pub mod proxies;
pub mod standings;
pub mod startup;
pub mod telemetry;
pub mod trace;
