//! Payments on the wire.

use async_graphql::{OneofObject, SimpleObject, Union};

use super::model::{PaymentFailureReason, PaymentIntent, PaymentStatus};
use crate::{
    kernel::{id::Id, money},
    platform::{clock::Time, gql::Money},
};

/// Send the buyer to a page of the provider, which leads back to `returnUrl`.
#[derive(SimpleObject)]
pub struct RedirectAction {
    /// Where to send the buyer.
    url: String,
}

/// What the buyer has to do before money can move. New types may appear at any time: keep a default branch.
#[derive(Union)]
pub enum PaymentAction {
    Redirect(RedirectAction),
}

/// One attempt to pay one order. Only its buyer sees it.
#[derive(SimpleObject)]
pub struct Payment {
    /// Begins with `payment_`.
    pub id: Id<PaymentIntent>,
    /// How far it has come.
    status: PaymentStatus,
    /// What it is about.
    amount: Money,
    /// What of it goes back, or has gone back.
    amount_refunded: Money,
    /// Why it failed; null unless it did.
    failure_reason: Option<PaymentFailureReason>,
    /// What the buyer has to do; null unless the status is `REQUIRES_ACTION`.
    next_action: Option<PaymentAction>,
    /// When it began.
    created_at: Time,
}

impl From<PaymentIntent> for Payment {
    fn from(row: PaymentIntent) -> Self {
        let amount = row.money().into();
        let amount_refunded = money::Money::new(row.refunded, row.currency).into();
        let next_action = match (row.status, row.next_action_url) {
            (PaymentStatus::RequiresAction, Some(url)) => Some(PaymentAction::Redirect(RedirectAction { url })),
            _ => None,
        };
        Self {
            id: row.id,
            status: row.status,
            amount,
            amount_refunded,
            failure_reason: row.failure,
            next_action,
            created_at: row.created_at,
        }
    }
}

/// How to pay: exactly one of the fields. More ways may be added.
#[derive(OneofObject)]
pub enum PaymentMethodInput {
    /// What the provider's own form gave the client for the card or account: never a card number. The test provider takes
    /// `test_succeeds`, `test_declines`, `test_requires_action`, `test_is_unheard`, `test_times_out`, `test_is_lost`, `test_keeps`
    /// and `test_keeps_silent`.
    Token(String),
}
