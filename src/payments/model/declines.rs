//! Attempts to pay as guesses at cards.

use diesel::{Insertable, Queryable, Selectable};

use super::{PaymentFailureReason, PaymentIntent};
use crate::{kernel::id::Id, platform::clock::Time, schema::open_attempts};

impl PaymentFailureReason {
    /// Whether whoever tries out cards has learnt something of one.
    pub const fn is_of_card(self) -> bool {
        match self {
            Self::Declined | Self::InsufficientFunds | Self::Expired | Self::NotAuthenticated => true,
            Self::Unsupported | Self::NotCompleted | Self::AuthorizationLost => false,
        }
    }
}

/// An attempt to pay of which it is not known yet whether its card is declined, with what it is counted by until then.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = open_attempts)]
pub struct OpenAttempt {
    pub intent_id: Id<PaymentIntent>,
    pub keys: Vec<Vec<u8>>,
    pub begun_at: Time,
    /// The line that it is counted by once it is declined, if that is known.
    pub line_key: Option<Vec<u8>>,
    /// What is wider than a line, and counts likewise.
    pub crowd_key: Option<Vec<u8>>,
}

impl OpenAttempt {
    /// For how many days it is kept. What it is counted by is forgotten by then.
    pub const KEPT_DAYS: i64 = 1;
}
