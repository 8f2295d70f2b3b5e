//! Passkeys, and the ceremonies that wait for an authenticator's answer.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use super::User;
use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, crypto::StoredPasskey},
    schema::passkeys,
};

/// A key that an authenticator of somebody holds.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Passkey {
    pub id: Id<Passkey>,
    pub user_id: Id<User>,
    /// What the person calls it.
    pub name: String,
    pub credential_id: Vec<u8>,
    pub static_state: Vec<u8>,
    pub dynamic_state: Vec<u8>,
    pub transports: i16,
    pub sign_count: i64,
    pub created_at: Time,
    pub last_used_at: Option<Time>,
}

impl Entity for Passkey {
    const PREFIX: &'static str = "passkey";
}

impl Passkey {
    /// Passkeys of one person.
    pub const MAXIMUM: i64 = 20;
    /// How long an authenticator's answer is waited for.
    pub const CEREMONY_LIFETIME: TimeDelta = TimeDelta::minutes(5);

    /// What answers of its authenticator are held against.
    pub fn stored(&self) -> StoredPasskey {
        StoredPasskey {
            credential_id: self.credential_id.clone(),
            static_state: self.static_state.clone(),
            dynamic_state: self.dynamic_state.clone(),
            transports: self.transports,
            sign_count: self.sign_count,
        }
    }

    /// Whether a count is one that only a copy of the key has after the last one (Web Authentication §6.1.1). Many authenticators do not
    /// count; then both are 0.
    pub fn is_copied(&self, sign_count: i64) -> bool {
        (self.sign_count > 0 || sign_count > 0) && sign_count <= self.sign_count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_does_not_rise_tells_of_a_copy() {
        let passkey = Passkey {
            id: Id::from_uuid(uuid::Uuid::nil()),
            user_id: Id::from_uuid(uuid::Uuid::nil()),
            name: String::new(),
            credential_id: Vec::new(),
            static_state: Vec::new(),
            dynamic_state: Vec::new(),
            transports: 0,
            sign_count: 7,
            created_at: Time::UNIX_EPOCH,
            last_used_at: None,
        };
        for (count, is_copied) in [(8, false), (100, false), (7, true), (6, true), (0, true)] {
            assert_eq!(passkey.is_copied(count), is_copied, "{count}");
        }
        let uncounted = Passkey { sign_count: 0, ..passkey };
        assert!(!uncounted.is_copied(0) && !uncounted.is_copied(1));
    }
}
