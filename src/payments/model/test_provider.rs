//! What the test provider remembers, and tells.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{DisputeMoney, DisputeStatus, Fee, PaymentIntent};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::{clock::Time, jobs::JobBody},
    schema::test_provider_acts,
    text_enum,
};

text_enum! {
    /// What it was asked for.
    pub enum ActKind {
        /// Taking the money of a payment.
        Charge = "CHARGE",
        /// Taking what was promised for one, or letting it go.
        Capture = "CAPTURE",
        /// Giving some of it back.
        Refund = "REFUND",
        /// Sending money to a shop.
        Transfer = "TRANSFER",
        /// What the buyer's bank takes back, or wants to.
        Dispute = "DISPUTE",
    }
}

text_enum! {
    /// What it did then.
    pub enum ActOutcome {
        /// The money moved.
        Done = "DONE",
        /// It did not, and never will by this.
        Refused = "REFUSED",
    }
}

/// Something that the test provider did, or will never do.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = test_provider_acts)]
pub struct Act {
    /// Under which it is done once.
    pub key: String,
    pub kind: ActKind,
    /// Our id of the payment that it is about.
    pub payment: Option<Uuid>,
    /// The account to which something was sent.
    pub destination: Option<String>,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub outcome: ActOutcome,
    pub dispute_status: Option<DisputeStatus>,
    pub dispute_money: Option<DisputeMoney>,
    pub created_at: Time,
    /// What it keeps for that.
    pub fee: Option<i64>,
}

impl Act {
    /// What it keeps for that, as it tells of it; none if it keeps nothing, or did not remember it yet.
    pub fn fee(&self) -> Option<Fee> {
        let amount = Money::new(self.fee?, self.currency);
        Some(Fee { reference: self.key.clone(), amount })
    }
}

/// Has the test provider tell of a payment, by events of these numbers, in this order: the same number is the same event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TellTestEvents {
    pub payment: Id<PaymentIntent>,
    pub events: Vec<u8>,
}

impl JobBody for TellTestEvents {
    const KIND: &'static str = "payments.tell_test_events";
}
