//! Money that goes back to whoever paid.

use diesel::{Queryable, Selectable};
use uuid::Uuid;

use super::PaymentIntent;
use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
    },
    platform::clock::Time,
    schema::refunds,
    text_enum,
};

text_enum! {
    /// How far a refund has come. New states may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum RefundStatus {
        /// The provider is at work.
        Processing = "PROCESSING",
        /// The money is on its way to whoever paid.
        Succeeded = "SUCCEEDED",
        /// The provider could not give it back, or it came back. It is still owed: try again.
        Failed = "FAILED",
        /// The provider has not said for long whether it gave it back. It is asked about the same every hour, or try again: it gives it back once.
        Unanswered = "UNANSWERED",
    }
}

impl RefundStatus {
    /// Whether the provider's word is still to come.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Processing | Self::Unanswered)
    }

    /// Whether it is begun again if somebody wants it to be.
    pub const fn is_to_be_tried_again(self) -> bool {
        matches!(self, Self::Failed | Self::Unanswered)
    }
}

/// Money of one payment that goes back to whoever paid.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Refund {
    pub id: Id<Refund>,
    pub intent_id: Id<PaymentIntent>,
    pub order_id: Uuid,
    /// The part of the order at whose cost; none if more came in than was owed.
    pub part_id: Option<Uuid>,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub status: RefundStatus,
    /// What the buyer is told.
    pub reason: Option<String>,
    /// How often it was begun, but for those times at which nobody knew what had become of the one before.
    pub attempt: i32,
    /// The provider's name for this attempt, once it has told one.
    pub reference: Option<String>,
    pub created_at: Time,
    /// As what the ledger has it, if what it gave back has come back to the provider before.
    pub booked_as: Option<Uuid>,
}

impl Entity for Refund {
    const PREFIX: &'static str = "refund";
}

impl Refund {
    /// Refunds of one part at the most, but for the one that gives back all that is left.
    pub const MAXIMUM: usize = 50;
    /// How often a shop has one begun at the most.
    pub const MAXIMUM_ATTEMPTS: i32 = 20;

    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// For what the ledger moves its money.
    pub fn cause_id(&self) -> Uuid {
        self.booked_as.unwrap_or_else(|| self.id.uuid())
    }

    /// The key under which a provider gives money back once.
    pub fn key(&self) -> String {
        format!("{}-{}", self.id, self.attempt)
    }
}

/// What has become of a refund, by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundProgress {
    Succeeded {
        reference: String,
    },
    /// The provider is at work, perhaps for days.
    Pending {
        reference: String,
    },
    Failed,
}
