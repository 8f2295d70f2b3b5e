//! Intents, refunds, accounts and transfers.

mod payouts;

pub use self::payouts::*;

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
    },
    platform::{clock::Time, jobs::JobBody},
    schema::{payment_intents, refunds},
    text_enum,
};

text_enum! {
    /// How far an attempt to pay has come. New states may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PaymentStatus {
        /// The provider is at work; some ways to pay take days.
        Processing = "PROCESSING",
        /// The buyer has to do something: see `nextAction`.
        RequiresAction = "REQUIRES_ACTION",
        /// The money is here.
        Succeeded = "SUCCEEDED",
        /// No money was taken: see `failureReason`. Try again. Should money come nevertheless, it is `SUCCEEDED`.
        Failed = "FAILED",
        /// Given up before money moved. Should money come nevertheless, it is `SUCCEEDED`.
        Cancelled = "CANCELLED",
    }
}

text_enum! {
    /// Why an attempt to pay failed. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PaymentFailureReason {
        /// The provider or the buyer's bank said no.
        Declined = "DECLINED",
        /// The buyer did not go through with it, or the provider never got to it.
        NotCompleted = "NOT_COMPLETED",
    }
}

/// One attempt to pay one order.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payment_intents)]
pub struct PaymentIntent {
    pub id: Id<PaymentIntent>,
    pub order_id: Uuid,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub status: PaymentStatus,
    pub provider: String,
    pub method: String,
    pub return_url: Option<String>,
    pub reference: Option<String>,
    pub failure: Option<PaymentFailureReason>,
    pub next_action_url: Option<String>,
    pub created_at: Time,
    /// What of the amount goes back, or has gone back.
    pub refunded: i64,
}

impl Entity for PaymentIntent {
    const PREFIX: &'static str = "payment";
}

impl PaymentIntent {
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// What has become of a charge, by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Succeeded { reference: String },
    RequiresAction { reference: String, url: String },
    Failed { reason: PaymentFailureReason },
}

impl PaymentStatus {
    /// Whether money can still come of it.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction)
    }

    /// The state that news from the provider leads to; none if the news comes too late or says nothing new.
    pub const fn after(self, progress: &Progress) -> Option<Self> {
        match (self, progress) {
            // Money that is here is here, whatever was said before.
            (Self::Processing | Self::RequiresAction | Self::Failed | Self::Cancelled, Progress::Succeeded { .. }) => {
                Some(Self::Succeeded)
            }
            (Self::Processing | Self::RequiresAction, Progress::Failed { .. }) => Some(Self::Failed),
            (Self::Processing, Progress::RequiresAction { .. }) => Some(Self::RequiresAction),
            _ => None,
        }
    }
}

text_enum! {
    /// How far a refund has come. New states may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum RefundStatus {
        /// The provider is at work.
        Processing = "PROCESSING",
        /// The money is on its way to whoever paid.
        Succeeded = "SUCCEEDED",
        /// The provider could not give it back. It is still owed: try again.
        Failed = "FAILED",
        /// The provider has not said for long whether it gave it back. Try again: it is asked about the same, and gives it back once.
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
    pub created_at: Time,
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

    /// The key under which a provider gives money back once.
    pub fn key(&self) -> String {
        format!("{}-{}", self.id, self.attempt)
    }
}

/// What has become of a refund, by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundProgress {
    Succeeded { reference: String },
    Failed,
}

text_enum! {
    /// What an account is for.
    pub enum AccountKind {
        /// Money that a provider holds for the market.
        Provider = "PROVIDER",
        /// What has been paid for an order; below zero, what has been given back for an imported return.
        Order = "ORDER",
        /// Money of orders that another system took.
        Imported = "IMPORTED",
        /// Below zero: what of an order's money was passed on. With the order's own account, what is in flight.
        PassedOn = "PASSED_ON",
        /// What the market owes a shop; below zero, what the shop owes.
        Shop = "SHOP",
        /// What the market has earned.
        Fees = "FEES",
        /// What goes back, or has gone back, to the buyer of an order at the cost of its shops.
        Refunds = "REFUNDS",
        /// What the market keeps of sales for the state.
        Taxes = "TAXES",
        /// What has left for a shop.
        Payouts = "PAYOUTS",
    }
}

text_enum! {
    /// Why money moved. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "LedgerEntryReason")]
    pub enum TransferCause {
        /// A buyer paid for an order.
        Payment = "PAYMENT",
        /// A buyer gets money back.
        Refund = "REFUND",
        /// What a part of an order brought its shop.
        Sale = "SALE",
        /// The market's share of it.
        Commission = "COMMISSION",
        /// The market's share of what a buyer gets back.
        CommissionReturned = "COMMISSION_RETURNED",
        /// The tax in it, which the market pays to the state.
        Tax = "TAX",
        /// The tax in what a buyer gets back.
        TaxReturned = "TAX_RETURNED",
        /// What leaves for the shop's own account.
        Payout = "PAYOUT",
        /// What has left, and did not arrive.
        PayoutReturned = "PAYOUT_RETURNED",
    }
}

/// Where a transfer stands in a list by time.
pub type TransferKey = (Time, Uuid);

/// A transfer as one of its two accounts sees it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: Uuid,
    /// More, or less if it is below zero.
    pub amount: Money,
    pub cause: TransferCause,
    pub cause_id: Uuid,
    pub created_at: Time,
}

text_enum! {
    /// How much of an order is paid, by the ledger.
    #[derive(async_graphql::Enum)]
    pub enum PaymentState {
        /// Nothing has been paid.
        Unpaid = "UNPAID",
        /// Something has been paid, but not all.
        PartiallyPaid = "PARTIALLY_PAID",
        /// All that is owed has been paid.
        Paid = "PAID",
        /// More has been paid than is owed: it goes back.
        Overpaid = "OVERPAID",
    }
}

impl PaymentState {
    /// The state of something for which `owed` has to come in, and `paid` has.
    pub const fn of(paid: i64, owed: i64) -> Self {
        if paid > owed {
            Self::Overpaid
        } else if paid == owed {
            Self::Paid
        } else if paid > 0 {
            Self::PartiallyPaid
        } else {
            Self::Unpaid
        }
    }
}

/// Asks the provider what became of a payment, in case nobody heard its answer. What it says is for the domain that knows what was paid.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettlePayment {
    pub payment: Id<PaymentIntent>,
}

impl SettlePayment {
    /// Longer than a provider may take to answer.
    pub const AFTER: TimeDelta = TimeDelta::seconds(30);
}

impl JobBody for SettlePayment {
    const KIND: &'static str = "orders.settle_payment";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_computed_from_what_came_in() {
        assert_eq!(PaymentState::of(0, 10), PaymentState::Unpaid);
        assert_eq!(PaymentState::of(3, 10), PaymentState::PartiallyPaid);
        assert_eq!(PaymentState::of(10, 10), PaymentState::Paid);
        assert_eq!(PaymentState::of(11, 10), PaymentState::Overpaid);
        assert_eq!(PaymentState::of(0, 0), PaymentState::Paid);
    }

    #[test]
    fn what_has_ended_stays_ended_unless_money_comes() {
        let succeeded = Progress::Succeeded { reference: "r".into() };
        let failed = Progress::Failed { reason: PaymentFailureReason::Declined };
        let action = Progress::RequiresAction { reference: "r".into(), url: "u".into() };
        for ended in [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Cancelled] {
            assert!(!ended.is_live());
            for news in [&failed, &action] {
                assert_eq!(ended.after(news), None);
            }
        }
        assert_eq!(PaymentStatus::Succeeded.after(&succeeded), None);
        assert_eq!(PaymentStatus::Failed.after(&succeeded), Some(PaymentStatus::Succeeded));
        assert_eq!(PaymentStatus::Cancelled.after(&succeeded), Some(PaymentStatus::Succeeded));
        assert_eq!(PaymentStatus::Processing.after(&action), Some(PaymentStatus::RequiresAction));
        assert_eq!(PaymentStatus::RequiresAction.after(&action), None);
        assert_eq!(PaymentStatus::RequiresAction.after(&succeeded), Some(PaymentStatus::Succeeded));
    }
}
