//! The address book.

use diesel::{Queryable, Selectable};

use crate::{
    kernel::{
        address::StoredAddress,
        id::{Entity, Id},
    },
    platform::clock::Time,
    schema::saved_addresses,
};

/// An address that somebody keeps.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = saved_addresses)]
pub struct SavedAddress {
    pub id: Id<SavedAddress>,
    pub address: StoredAddress,
    pub is_default_shipping: bool,
    pub is_default_billing: bool,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Entity for SavedAddress {
    const PREFIX: &'static str = "address";
}

impl SavedAddress {
    /// Addresses of one person at the most.
    pub const MAXIMUM: i64 = 50;
}
