//! What providers tell of their own accord.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::PaymentIntent;
use crate::{
    kernel::id::Id,
    platform::{clock::Time, jobs::JobBody},
    schema::provider_events,
};

/// What a provider has told, as it came, and sealed since. It was signed, and is yet believed in nothing but that something has
/// happened.
#[derive(Queryable, Selectable)]
#[diesel(table_name = provider_events)]
pub struct ProviderEvent {
    pub sealed_body: Vec<u8>,
    pub processed_at: Option<Time>,
}

impl ProviderEvent {
    /// For how many days it is kept.
    pub const KEPT_DAYS: i64 = 30;
    /// Bytes of one at the most.
    pub const BYTES: usize = 256 * 1024;
}

/// An event as an operator sees it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = provider_events)]
pub struct KeptEvent {
    pub provider: String,
    pub event_id: String,
    /// The payment that it is about, if it is about one.
    pub intent_id: Option<Id<PaymentIntent>>,
    pub received_at: Time,
    pub processed_at: Option<Time>,
}

/// Finds out what has become of what an event is about. What the provider says then is for the domain that knows what was paid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessProviderEvent {
    pub provider: String,
    pub event: String,
}

impl JobBody for ProcessProviderEvent {
    const KIND: &'static str = "orders.process_provider_event";
}

/// Finds out what has become of what an event about the money of shops is about. What the provider says then is for the domain that pays
/// shops.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessShopEvent {
    pub told: ProcessProviderEvent,
}

impl JobBody for ProcessShopEvent {
    const KIND: &'static str = "payouts.process_provider_event";
}
