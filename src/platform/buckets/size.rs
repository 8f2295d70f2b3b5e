//! How large buckets are, and whose each is.

use std::net::{IpAddr, Ipv6Addr};

use uuid::Uuid;

use crate::platform::caller::{ApiKey, Caller, OnBehalf, Who, line};

/// A bucket of points that fills up by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSize {
    /// Points of a full one, at most 1,000,000,000.
    pub limit: u32,
    /// Points that come back in a second, 1 to 1,000,000.
    pub restore_per_second: u32,
}

/// The buckets of each kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketSizes {
    pub guest: BucketSize,
    pub person: BucketSize,
    pub key: BucketSize,
}

const SECOND: u64 = 1_000_000;

impl BucketSize {
    /// The time in which so many points come back, in microseconds.
    pub(super) fn time_of(self, points: u64) -> i64 {
        let time = points.saturating_mul(SECOND) / u64::from(self.restore_per_second.max(1));
        i64::try_from(time).unwrap_or(i64::MAX)
    }

    /// The points that come back in so many microseconds; none in a negative time.
    pub(super) fn points_in(self, time: i64) -> u64 {
        let points = u128::try_from(time).unwrap_or(0) * u128::from(self.restore_per_second) / u128::from(SECOND);
        u64::try_from(points).unwrap_or(u64::MAX).min(u64::from(self.limit))
    }

    /// The time in which an empty bucket fills up.
    pub(super) fn fills_in(self) -> i64 {
        self.time_of(u64::from(self.limit))
    }

    /// What a process takes of a bucket at a time: a tenth.
    pub(super) fn lease(self) -> i64 {
        self.fills_in() / 10
    }
}

/// Whose bucket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Payer {
    /// Whoever is not signed in on a [`line`].
    Guest(IpAddr),
    Person(Uuid),
    Key(Uuid),
}

impl Payer {
    /// Who pays for what a caller does; nobody for what Agora does itself.
    pub fn of(caller: &Caller) -> Option<Self> {
        match caller.who {
            Who::System => None,
            Who::Person(person) | Who::Staff(person, _) => Some(Self::Person(person.user)),
            Who::OnBehalf(OnBehalf { staff, .. }) => Some(Self::Person(staff.user)),
            Who::Guest => Some(Self::at(caller.request.address)),
            Who::ApiKey(ApiKey { buyer: Some(buyer), .. }) => Some(Self::at(Some(buyer))),
            Who::ApiKey(ApiKey { key, .. }) => Some(Self::Key(key)),
        }
    }

    /// The guests of an address. Those of none share a bucket.
    fn at(address: Option<IpAddr>) -> Self {
        Self::Guest(address.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), line))
    }

    pub fn size(self, sizes: &BucketSizes) -> BucketSize {
        match self {
            Self::Guest(_) => sizes.guest,
            Self::Person(_) => sizes.person,
            Self::Key(_) => sizes.key,
        }
    }
}

impl std::fmt::Display for Payer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Guest(IpAddr::V6(network)) => write!(f, "guest {network}/64"),
            Self::Guest(address) => write!(f, "guest {address}"),
            Self::Person(id) => write!(f, "person {id}"),
            Self::Key(id) => write!(f, "key {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_pay_by_address_or_by_the_network_of_their_line() {
        let payer = |text: &str| Payer::at(Some(text.parse().unwrap())).to_string();
        assert_eq!(payer("203.0.113.7"), "guest 203.0.113.7");
        assert_eq!(payer("::ffff:203.0.113.7"), "guest 203.0.113.7");
        assert_eq!(payer("2001:db8:1:2:ffff:ffff:ffff:ffff"), "guest 2001:db8:1:2::/64");
        assert_ne!(payer("2001:db8:1:2::1"), payer("2001:db8:1:3::1"));
        assert_eq!(Payer::at(None).to_string(), "guest ::/64");
    }

    #[test]
    fn points_are_time_and_back() {
        let size = BucketSize { limit: 30, restore_per_second: 3 };
        assert_eq!(size.fills_in(), 10_000_000);
        assert_eq!(3 * size.time_of(10) / size.fills_in(), 0, "three thirds are no more than the whole");
        assert_eq!((size.points_in(999_999), size.points_in(1_000_000), size.points_in(-5)), (2, 3, 0));
        assert_eq!(size.points_in(i64::MAX), 30);
    }
}
