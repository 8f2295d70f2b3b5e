//! Accounts of people at other places, and the way there and back.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::User;
use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, jobs::JobBody},
    schema::{identities, provider_flows},
};

/// Somebody's account at a provider, by which they sign in here.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = identities)]
pub struct Identity {
    pub id: Id<Identity>,
    pub user_id: Id<User>,
    pub issuer: String,
    /// The address that the provider told when it was linked. They may have another one there by now.
    pub email: Option<String>,
    pub created_at: Time,
    pub last_used_at: Time,
}

impl Entity for Identity {
    const PREFIX: &'static str = "identity";
}

impl Identity {
    /// Identities of a person at the most: one of each issuer that there ever was.
    pub const MAXIMUM: i64 = 100;
}

/// Somebody was sent to a provider and is expected back.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = provider_flows)]
pub struct ProviderFlow {
    pub id: Id<ProviderFlow>,
    /// The key of the provider.
    pub provider: String,
    pub return_to: String,
    pub sealed_verifier: Vec<u8>,
    pub expires_at: Time,
    pub used_at: Option<Time>,
}

impl Entity for ProviderFlow {
    const PREFIX: &'static str = "providerflow";
}

impl ProviderFlow {
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
    /// Those of one line that can be open at once.
    pub const MAXIMUM_PER_LINE: i64 = 100;

    /// Whether somebody is still expected.
    pub fn is_open(&self, now: Time) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// What became of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdentityChange {
    Linked,
    Unlinked,
}

/// Tells somebody that they can, or cannot, sign in with a provider any more.
#[derive(Serialize, Deserialize)]
pub struct IdentityMail {
    pub user: Id<User>,
    pub issuer: String,
    pub change: IdentityChange,
}

impl JobBody for IdentityMail {
    const KIND: &'static str = "users.identity_mail";
}
