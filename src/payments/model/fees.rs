//! What providers keep for their work.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Dispute, PaymentIntent};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::jobs::JobBody,
    schema::provider_fees,
};

/// What a provider keeps, by its word; below zero if it gives that again. It need not be in the currency of what was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// What the provider calls it: the same name is the same fee.
    pub reference: String,
    pub amount: Money,
}

/// What a provider has kept of a payment, or for a dispute of one, as it is booked; below zero if it gave that again.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = provider_fees)]
pub struct ProviderFee {
    pub id: Uuid,
    pub intent_id: Id<PaymentIntent>,
    /// None of what is kept of the payment itself, whatever goes back of it later.
    pub dispute_id: Option<Id<Dispute>>,
    pub amount: i64,
    pub currency: CurrencyCode,
}

impl ProviderFee {
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
}

/// Asks the provider what it keeps of a payment, if it did not say so when it took the money.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct AskAboutFee {
    pub payment: Id<PaymentIntent>,
}

impl JobBody for AskAboutFee {
    const KIND: &'static str = "payments.ask_about_fee";
}

impl AskAboutFee {
    /// After how long a provider is asked once more.
    pub const AGAIN: TimeDelta = TimeDelta::days(1);
    /// For how long after a payment began it is asked at the most.
    pub const UNTIL: TimeDelta = TimeDelta::days(30);

    /// By what it is the only one about this payment.
    pub fn key(&self) -> String {
        format!("{} {}", Self::KIND, self.payment)
    }
}
