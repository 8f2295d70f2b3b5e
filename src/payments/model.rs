//! Intents, refunds, accounts and transfers.

mod captures;
mod declines;
mod disputes;
mod events;
mod fees;
mod ledger;
mod methods;
mod payouts;
mod refunds;
mod test_provider;

pub use self::{
    captures::*,
    declines::OpenAttempt,
    disputes::*,
    events::{KeptEvent, ProcessProviderEvent, ProcessShopEvent, ProviderEvent},
    fees::*,
    ledger::*,
    methods::*,
    payouts::*,
    refunds::*,
    test_provider::*,
};

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
    schema::payment_intents,
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
        /// The buyer's bank has promised the money. It is taken once something is sent: see `amountAuthorized`.
        RequiresCapture = "REQUIRES_CAPTURE",
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
        /// There is not enough money where it should come from.
        InsufficientFunds = "INSUFFICIENT_FUNDS",
        /// The card has expired.
        Expired = "EXPIRED",
        /// The buyer's bank wants to be sure who pays, and was not.
        NotAuthenticated = "NOT_AUTHENTICATED",
        /// The provider cannot take this amount in this currency, or not in this way. Nobody was asked for money.
        Unsupported = "UNSUPPORTED",
        /// The buyer did not go through with it, or the provider never got to it.
        NotCompleted = "NOT_COMPLETED",
        /// The bank's promise ran out, or was withdrawn, before the money was taken.
        AuthorizationLost = "AUTHORIZATION_LOST",
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
    /// Why it failed, or why it fails once it is called off with the provider.
    pub failure: Option<PaymentFailureReason>,
    pub next_action_url: Option<String>,
    /// How often its status was set.
    pub version: i32,
    pub created_at: Time,
    /// What of the amount goes back, or has gone back.
    pub refunded: i64,
    /// By what the provider's own library knows it, while the buyer has to do something there.
    pub sealed_secret: Option<Vec<u8>>,
    /// What of the amount the buyer's bank has taken back, and not given again.
    pub disputed: i64,
    /// Whether its money is only authorised at first, and taken by a request of its own.
    pub is_captured_later: bool,
    /// How much was taken then.
    pub captured: Option<i64>,
    /// Until when it is authorised, or was.
    pub authorized_until: Option<Time>,
    /// By what name the provider knows whose method it is, if it is kept, or to be kept.
    pub customer: Option<String>,
    /// Whether the method is to be kept once it has paid.
    pub is_method_stored: bool,
}

impl Entity for PaymentIntent {
    const PREFIX: &'static str = "payment";
}

impl PaymentIntent {
    /// The version of one about which no provider has said anything yet.
    pub const UNTOLD: i32 = 1;

    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// How much it has brought, once it has: all of it, or what was taken of what was authorised.
    pub fn brought(&self) -> i64 {
        self.captured.unwrap_or(self.amount)
    }

    /// What of that can still go back.
    pub fn left(&self) -> i64 {
        self.brought() - self.refunded - self.disputed
    }

    /// Whether it is paid by a method that was kept before.
    pub const fn is_by_kept_method(&self) -> bool {
        self.customer.is_some() && !self.is_method_stored
    }

    /// What a provider is asked for, and has said nothing of yet.
    pub fn processing(&self) -> i64 {
        if self.status == PaymentStatus::Processing { self.amount } else { 0 }
    }

    /// What is authorised, and not taken yet.
    pub fn authorized(&self) -> i64 {
        if self.status == PaymentStatus::RequiresCapture { self.amount } else { 0 }
    }
}

/// What has become of a charge, by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Succeeded {
        reference: String,
        /// What the provider keeps of it, if it has said so already.
        fee: Option<Fee>,
    },
    /// The buyer's bank promises the money: of a charge that is captured later.
    Authorized {
        reference: String,
        until: Time,
    },
    /// So many minor units of what was promised were taken, and the rest was let go.
    Captured {
        reference: String,
        amount: i64,
        fee: Option<Fee>,
    },
    /// The provider has it, and is at work, perhaps for days.
    Processing {
        reference: String,
    },
    RequiresAction {
        reference: String,
        action: Action,
    },
    Failed {
        reason: PaymentFailureReason,
    },
}

impl Progress {
    /// What the provider keeps of what it took, if it has said so already.
    pub const fn fee(&self) -> Option<&Fee> {
        match self {
            Self::Succeeded { fee, .. } | Self::Captured { fee, .. } => fee.as_ref(),
            Self::Authorized { .. } | Self::Processing { .. } | Self::RequiresAction { .. } | Self::Failed { .. } => {
                None
            }
        }
    }
}

/// What a buyer has to do before money can move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Go to a page of the provider's.
    Page { url: String },
    /// Go on in the provider's own library. What that knows the payment by is sealed from the beginning, so that nobody shows it.
    Library { sealed_secret: Vec<u8> },
}

/// A step that a buyer has to do, as they are told.
pub enum NextStep {
    Page { url: String },
    Library { provider: &'static str, publishable_key: String, client_secret: String },
}

impl PaymentStatus {
    /// Whether money can still come of it.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Processing | Self::RequiresAction | Self::RequiresCapture)
    }

    /// The state that news from the provider leads to; none if the news comes too late or says nothing new.
    pub const fn after(self, progress: &Progress) -> Option<Self> {
        match (self, progress) {
            // Money that is here is here, whatever was said before.
            (
                Self::Processing | Self::RequiresAction | Self::RequiresCapture | Self::Failed | Self::Cancelled,
                Progress::Succeeded { .. } | Progress::Captured { .. },
            ) => Some(Self::Succeeded),
            // A promise does not come back to what was given up: it is let go.
            (Self::Processing | Self::RequiresAction, Progress::Authorized { .. }) => Some(Self::RequiresCapture),
            (Self::Processing | Self::RequiresAction | Self::RequiresCapture, Progress::Failed { .. }) => {
                Some(Self::Failed)
            }
            (Self::Processing, Progress::RequiresAction { .. }) => Some(Self::RequiresAction),
            // They have done it: from here on it is no longer theirs to give up.
            (Self::RequiresAction, Progress::Processing { .. }) => Some(Self::Processing),
            _ => None,
        }
    }
}

/// Asks the provider what became of a payment, in case nobody heard its answer. What it says is for the domain that knows what was paid.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SettlePayment {
    pub payment: Id<PaymentIntent>,
}

impl SettlePayment {
    /// Longer than a provider may take to answer.
    pub const AFTER: TimeDelta = TimeDelta::seconds(30);
    /// After how long a provider that is at work is asked once more, in case it does not tell by itself.
    pub const AGAIN: TimeDelta = TimeDelta::hours(1);
    /// For how long after it began one is asked about at the most that does not answer.
    pub const UNTIL: TimeDelta = TimeDelta::days(30);

    /// By what it is the only one about this payment.
    pub fn key(&self) -> String {
        format!("{} {}", Self::KIND, self.payment)
    }
}

impl JobBody for SettlePayment {
    const KIND: &'static str = "orders.settle_payment";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_stays_ended_unless_money_comes() {
        let succeeded = Progress::Succeeded { reference: "r".into(), fee: None };
        let failed = Progress::Failed { reason: PaymentFailureReason::Declined };
        let action = Progress::RequiresAction { reference: "r".into(), action: Action::Page { url: "u".into() } };
        let processing = Progress::Processing { reference: "r".into() };
        let authorized = Progress::Authorized { reference: "r".into(), until: Time::UNIX_EPOCH };
        let captured = Progress::Captured { reference: "r".into(), amount: 1, fee: None };
        for ended in [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Cancelled] {
            assert!(!ended.is_live());
            for news in [&failed, &action, &processing, &authorized] {
                assert_eq!(ended.after(news), None);
            }
        }
        assert_eq!(PaymentStatus::Succeeded.after(&succeeded), None);
        assert_eq!(PaymentStatus::Failed.after(&succeeded), Some(PaymentStatus::Succeeded));
        assert_eq!(PaymentStatus::Cancelled.after(&succeeded), Some(PaymentStatus::Succeeded));
        assert_eq!(PaymentStatus::Processing.after(&action), Some(PaymentStatus::RequiresAction));
        assert_eq!(PaymentStatus::RequiresAction.after(&action), None);
        assert_eq!(PaymentStatus::Processing.after(&processing), None);
        assert_eq!(PaymentStatus::RequiresAction.after(&processing), Some(PaymentStatus::Processing));
        assert_eq!(PaymentStatus::RequiresAction.after(&succeeded), Some(PaymentStatus::Succeeded));
        for waiting in [PaymentStatus::Processing, PaymentStatus::RequiresAction] {
            assert_eq!(waiting.after(&authorized), Some(PaymentStatus::RequiresCapture));
        }
        let authorized_one = PaymentStatus::RequiresCapture;
        for news in [&authorized, &action, &processing] {
            assert_eq!(authorized_one.after(news), None);
        }
        assert_eq!(authorized_one.after(&captured), Some(PaymentStatus::Succeeded));
        assert_eq!(authorized_one.after(&failed), Some(PaymentStatus::Failed));
        assert_eq!(PaymentStatus::Cancelled.after(&captured), Some(PaymentStatus::Succeeded));
        assert_eq!(PaymentStatus::Succeeded.after(&captured), None);
    }
}
