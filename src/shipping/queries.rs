//! Zones, methods and rates in Postgres.

pub mod methods;
pub mod zones;
