//! Keys of machines, as they are stored.

use diesel::{Queryable, Selectable};

use crate::{
    kernel::id::{Entity, Id},
    platform::{
        caller::{Scope, Scopes},
        clock::Time,
    },
    schema::api_keys,
};

/// A key of a machine. What it is known by was told once.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct ApiKey {
    pub id: Id<ApiKey>,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    pub revoked_at: Option<Time>,
    /// To the minute.
    pub last_used_at: Option<Time>,
}

impl Entity for ApiKey {
    const PREFIX: &'static str = "apikey";
}

/// Whether a key is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    Good,
    Expired,
    Revoked,
}

impl std::fmt::Display for KeyState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        })
    }
}

impl ApiKey {
    /// A key that ends does so within ten years.
    pub const MAXIMUM_DAYS: i64 = 3_650;

    pub fn state(&self, now: Time) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            KeyState::Expired
        } else {
            KeyState::Good
        }
    }

    /// What it may do, as far as this version knows.
    pub fn scopes(&self) -> Scopes {
        self.scopes.iter().filter_map(|scope| scope.parse::<Scope>().ok()).collect()
    }

    /// Whether another use is worth writing down.
    pub fn was_idle(&self, now: Time) -> bool {
        self.last_used_at.is_none_or(|last| last <= now - chrono::TimeDelta::minutes(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_at_its_time_or_when_it_is_revoked() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let end = start + chrono::TimeDelta::days(1);
        let key = ApiKey {
            id: Id::from_uuid(uuid::Uuid::nil()),
            name: "Shop window".into(),
            scopes: vec!["STOREFRONT".into(), "OF_A_LATER_VERSION".into()],
            created_at: start,
            expires_at: Some(end),
            revoked_at: None,
            last_used_at: Some(start),
        };
        assert!(key.scopes().contains(Scope::Storefront));
        assert_eq!(key.state(end - chrono::TimeDelta::microseconds(1)), KeyState::Good);
        assert_eq!(key.state(end), KeyState::Expired);
        assert!(
            !key.was_idle(start + chrono::TimeDelta::seconds(59))
                && key.was_idle(start + chrono::TimeDelta::minutes(1))
        );
        assert_eq!(ApiKey { revoked_at: Some(start), ..key }.state(end), KeyState::Revoked);
    }
}
