//! Stripe: payments by its payment intents, with a version of its API that is pinned.
//!
//! No card number ever comes here. A client hands its form's data to Stripe, and gives us the name of what Stripe made of it (`pm_…`).
//!
//! **No money moves twice, and none without our knowing by what name.** Stripe forgets idempotency keys after a day, and what its
//! search finds may be late, so neither says for certain that nothing was charged. Therefore a charge has two steps: first the intent
//! is made with Stripe, which moves no money. Then its name is written down with ours; then it is confirmed, by that name. So:
//!
//! - Where no name is written down, nothing was ever confirmed. Before this is believed the place for the name is closed, so that
//!   whoever is still about to write it down, however late, finds it taken and confirms nothing.
//! - Where a name is written down, Stripe is asked for it by that name alone. What is found made and not confirmed is called off
//!   there before it counts as failed, for a confirmation may still be on its way. So is what has failed there, and what its buyer has
//!   given up here, for they may know it by name, and pay it nevertheless.
//!
//! **What is captured later** is made with `capture_method=manual`, so that confirming it has the buyer's bank promise the money and moves
//! none. It is captured once, by the intent's name, and then Stripe lets go what is left: whoever asks again is told so, whatever the key.
//! What was given up is cancelled there; so is a promise that comes after that.
//!
//! **What people keep** Stripe keeps for a customer, whose name is written down before anything is charged to be kept (`setup_future_usage`).
//! What is paid by it is made with both names: what does not belong together Stripe refuses.
//!
//! **A refund** bears our key in its metadata. It is asked for only after Stripe's own list of the payment's refunds, which leaves
//! nothing out, does not have it, nor an earlier attempt that came to something; the idempotency key is for those who ask at the same
//! moment. Under a key Stripe answers with the same fault for a day.
//!
//! **A dispute** bears none of our names: it is found by Stripe's name of its payment. Whether its money was taken, and given again, say the
//! entries of Stripe's own balance that it has; and these say what Stripe keeps, of a payment and for a dispute.
//!
//! **What shops have earned** goes to accounts of theirs, by Connect with separate charges and transfers. An account is made, which moves
//! no money, and its name is written down; only then is anything sent there. A transfer bears the name of its payout as its group, and
//! is asked for only after Stripe's list of that group, which leaves nothing out either, does not have it.

mod accounts;
mod amounts;
mod api;
mod captures;
mod cards;
mod customers;
mod disputes;
mod fees;
mod intents;
mod objects;
mod refunds;
mod told;
mod transfers;
mod webhooks;

pub use self::{
    intents::name_of,
    told::{About, Named, about},
    webhooks::{NotBelieved, believed},
};

pub(super) use self::webhooks::verify;

use super::provider::{Answering, NoAnswer, Provider};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    payments::model::{
        AccountStanding, Capture, Disbursement, DisbursementProgress, Fee, MethodLook, Onboarding, PaymentIntent,
        Progress, Refund, RefundProgress, Sending, ToldDispute,
    },
    platform::app::App,
    shops::model::Shop,
    users::model::User,
};

/// The word in `payment_intents.provider`.
pub const NAME: &str = "stripe";

/// Stripe, by the account that the operator named.
pub struct StripeProvider;

impl Provider for StripeProvider {
    fn name(&self) -> &'static str {
        NAME
    }

    fn knows(&self, method: &str) -> bool {
        method.starts_with("pm_") && objects::is_name(method)
    }

    fn step(&self, currency: CurrencyCode) -> i64 {
        amounts::step(currency)
    }

    fn card<'a>(&'a self, app: &'a App, method: &'a str) -> Answering<'a, Option<String>> {
        Box::pin(cards::card(app, method))
    }

    fn customer<'a>(&'a self, app: &'a App, person: Id<User>, known: Option<&'a str>) -> Answering<'a, String> {
        Box::pin(customers::customer(app, person, known))
    }

    fn kept<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<MethodLook>> {
        Box::pin(customers::kept(app, intent))
    }

    fn let_method_go<'a>(&'a self, app: &'a App, method: &'a str) -> Answering<'a, ()> {
        Box::pin(customers::detach(app, method))
    }

    fn forget_customer<'a>(&'a self, app: &'a App, customer: &'a str) -> Answering<'a, ()> {
        Box::pin(customers::forget(app, customer))
    }

    fn charge<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Progress> {
        Box::pin(intents::charge(app, intent))
    }

    fn look_up<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Progress>> {
        Box::pin(intents::look_up(app, intent))
    }

    fn capture<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress> {
        Box::pin(captures::capture(app, intent, wanted))
    }

    fn void<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress> {
        Box::pin(captures::void(app, intent, wanted))
    }

    fn taken<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Money> {
        Box::pin(intents::taken(app, intent))
    }

    fn given_back<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Money>> {
        Box::pin(intents::given_back(app, intent))
    }

    fn fee<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Fee>> {
        Box::pin(fees::fee(app, intent))
    }

    fn refund<'a>(
        &'a self,
        app: &'a App,
        intent: &'a PaymentIntent,
        refund: &'a Refund,
    ) -> Answering<'a, RefundProgress> {
        Box::pin(refunds::refund(app, intent, refund))
    }

    fn disputes<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Vec<ToldDispute>> {
        Box::pin(disputes::disputes(app, intent))
    }

    fn opens_accounts(&self) -> bool {
        true
    }

    fn open_account<'a>(
        &'a self,
        app: &'a App,
        (shop, person): (Id<Shop>, Id<User>),
        lost: i32,
    ) -> Answering<'a, String> {
        Box::pin(accounts::open(app, shop, person, lost))
    }

    fn leads_back_to(&self, app: &App, url: &str) -> bool {
        accounts::leads_back_to(app, url)
    }

    fn onboard<'a>(&'a self, app: &'a App, wanted: &'a Onboarding) -> Answering<'a, Option<String>> {
        Box::pin(
            async move { accounts::page(app, wanted.account.as_deref().ok_or(NoAnswer)?, &wanted.return_url).await },
        )
    }

    fn account_standing<'a>(&'a self, app: &'a App, account: &'a str) -> Answering<'a, Option<AccountStanding>> {
        Box::pin(async move { accounts::standing(app, account).await.map(Some) })
    }

    fn sendable(&self, amount: Money) -> Money {
        transfers::sendable(amount)
    }

    fn pay_out<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, DisbursementProgress> {
        Box::pin(transfers::pay_out(app, wanted))
    }

    fn sent<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, Option<DisbursementProgress>> {
        Box::pin(transfers::sent(app, wanted))
    }

    fn sendings<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, Option<Vec<Sending>>> {
        Box::pin(async move { transfers::sendings(app, wanted).await.map(Some) })
    }

    fn publishable_key<'a>(&self, app: &'a App) -> Option<&'a str> {
        app.stripe.as_ref().map(|settings| settings.publishable_key.as_str())
    }
}
