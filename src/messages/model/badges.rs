//! How much waits to be read.

use diesel::{QueryableByName, sql_types::BigInt};

use crate::{kernel::id::Id, shops::model::Shop};

/// What waits for somebody to read it.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Badges {
    #[diesel(sql_type = BigInt)]
    pub conversations: i64,
    #[diesel(sql_type = BigInt)]
    pub messages: i64,
    #[diesel(sql_type = BigInt)]
    pub notifications: i64,
}

/// What waits for a member of a shop to read it at its desk.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct DeskBadges {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub shop_id: Id<Shop>,
    #[diesel(sql_type = BigInt)]
    pub conversations: i64,
    #[diesel(sql_type = BigInt)]
    pub messages: i64,
}

impl DeskBadges {
    /// Conversations of a shop that are looked at, so that a shop of many years is counted as fast as another one.
    pub const LOOKED_AT: i64 = 1_000;
}
