//! The one clock and the one generator. Everything that depends on time or chance asks them, so that tests can fix both.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::{RngCore, SeedableRng, rngs::StdRng};
use uuid::{Builder, Uuid};

use crate::kernel::id::{Entity, Id};

/// A point in time, in UTC, to the microsecond (what Postgres keeps).
pub type Time = DateTime<Utc>;

/// A moment as the database keeps it: to the microsecond.
#[must_use]
pub fn stored(at: Time) -> Time {
    at.trunc_subsecs(6)
}

/// Where the time comes from.
#[derive(Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still until it is moved.
    Fixed(Mutex<Time>),
}

impl Clock {
    /// Now.
    #[allow(clippy::disallowed_methods, reason = "this is the place that the rule points to")]
    pub fn now(&self) -> Time {
        let now = match self {
            Self::System => Utc::now(),
            Self::Fixed(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        };
        stored(now)
    }

    /// The time that this clock stands at; none of one that goes, for then the database has the time as well.
    pub fn fixed(&self) -> Option<Time> {
        matches!(self, Self::Fixed(_)).then(|| self.now())
    }

    /// Moves a fixed clock ahead; the system's clock goes by itself.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(time) = self {
            *time.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// Where ids, tokens and other random bits come from: a cryptographic generator, seeded by the system unless a test gives a seed.
#[derive(Debug)]
pub struct Generator(Mutex<StdRng>);

impl Generator {
    pub fn from_system() -> Self {
        Self(Mutex::new(StdRng::from_os_rng()))
    }

    /// The same bits every time. For tests and the demo market; never for tokens of a real one.
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A `UUIDv7` (RFC 9562, section 5.7) of this time.
    pub fn uuid(&self, now: Time) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A new id, sortable by this time.
    pub fn id<E: Entity>(&self, now: Time) -> Id<E> {
        Id::from_uuid(self.uuid(now))
    }
}
