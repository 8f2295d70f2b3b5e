//! Payments on the wire.

use async_graphql::{ComplexObject, Context, OneofObject, SimpleObject, Union};

use super::{
    model::{NextStep, PaymentFailureReason, PaymentIntent, PaymentStatus},
    service,
};
use crate::{
    kernel::{id::Id, money},
    platform::{
        clock::Time,
        gql::{Ask, Money, WireResult},
    },
};

/// Send the buyer to a page of the provider, which leads back to `returnUrl`.
#[derive(SimpleObject)]
pub struct RedirectAction {
    /// Where to send the buyer.
    url: String,
}

/// Go on in the provider's own library, with what it needs for that: it asks the buyer for what is missing. Then ask for the payment
/// again.
#[derive(SimpleObject)]
pub struct ProviderAction {
    /// Whose library, such as `stripe`.
    provider: String,
    /// By what the library speaks to the provider. It is no secret.
    publishable_key: String,
    /// By what the library knows the payment. Whoever has it goes on with it: keep it out of logs and URLs.
    client_secret: String,
}

/// What the buyer has to do before money can move. New types may appear at any time: keep a default branch.
#[derive(Union)]
pub enum PaymentAction {
    Redirect(RedirectAction),
    Provider(ProviderAction),
}

impl From<NextStep> for PaymentAction {
    fn from(step: NextStep) -> Self {
        match step {
            NextStep::Page { url } => Self::Redirect(RedirectAction { url }),
            NextStep::Library { provider, publishable_key, client_secret } => {
                Self::Provider(ProviderAction { provider: provider.to_owned(), publishable_key, client_secret })
            }
        }
    }
}

/// One attempt to pay one order. The order's buyer sees it, of a guest's order whoever has the owner's token, and the market's staff.
#[derive(SimpleObject)]
#[graphql(complex)]
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
    /// When it began.
    created_at: Time,
    #[graphql(skip)]
    row: Box<PaymentIntent>,
}

#[ComplexObject]
impl Payment {
    /// What the buyer has to do; null unless the status is `REQUIRES_ACTION`. It is for the buyer in person alone: others see null.
    async fn next_action(&self, ctx: &Context<'_>) -> WireResult<Option<PaymentAction>> {
        Ok(service::next_step(ctx.app(), &self.row)?.map(Into::into))
    }
}

impl From<PaymentIntent> for Payment {
    fn from(row: PaymentIntent) -> Self {
        let amount = row.money().into();
        let amount_refunded = money::Money::new(row.refunded, row.currency).into();
        Self {
            id: row.id,
            status: row.status,
            amount,
            amount_refunded,
            failure_reason: row.failure,
            created_at: row.created_at,
            row: Box::new(row),
        }
    }
}

/// How to pay: exactly one of the fields. More ways may be added.
#[derive(OneofObject)]
pub enum PaymentMethodInput {
    /// What the provider's own form gave the client for the card or account: never a card number. Stripe takes the name of a
    /// payment method, `pm_…`; the test provider takes
    /// `test_succeeds`, `test_declines` (or `test_declines_1`, another card), `test_requires_action`, `test_is_unheard`, `test_times_out`, `test_is_lost`, `test_keeps`
    /// and `test_keeps_silent`.
    Token(String),
}
