//! Who carries payments out. Called between transactions, never inside one, always with a limit on time.

use std::{future::Future, pin::Pin, time::Duration};

use super::{stripe::StripeProvider, test_provider::TestProvider};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    payments::model::{
        AccountStanding, Capture, Disbursement, DisbursementProgress, Fee, MethodLook, Onboarding, PaymentIntent,
        Progress, Refund, RefundProgress, Sending, ToldDispute,
    },
    platform::app::{App, PaymentSetup},
    shops::model::Shop,
    users::model::User,
};

/// How long a provider may take to answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take for a charge: banks think about it. Less than until [`SettlePayment`](crate::payments::model::SettlePayment) asks
/// what became of it.
pub const CHARGE_TIMEOUT: Duration = Duration::from_secs(25);

/// Why there is no answer. What became of the charge is not known: ask for it later by the same intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider did not answer in time")]
pub struct NoAnswer;

/// An answer that comes later.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, NoAnswer>> + Send + 'a>>;

/// A payment provider. The intent's id, and the keys of captures, refunds and disbursements, are those under which it never acts twice.
pub trait Provider: Send + Sync {
    /// The word in `payment_intents.provider`.
    fn name(&self) -> &'static str;

    /// Whether it knows this kind of payment method.
    fn knows(&self, method: &str) -> bool;

    /// Of how many minor units each amount is a multiple that it takes or gives back. Never less than one.
    fn step(&self, _currency: CurrencyCode) -> i64 {
        1
    }

    /// What the card behind a method is known by, the same however often it is handed over; none if it is no card, or nobody knows. Asking
    /// moves nothing.
    fn card<'a>(&'a self, app: &'a App, method: &'a str) -> Answering<'a, Option<String>>;

    /// By what name it knows somebody who keeps ways to pay there: the one that is `known`, or another one, if it does not know that any
    /// more. Whoever asks at about the same time is told the same. Asking moves nothing.
    fn customer<'a>(&'a self, app: &'a App, person: Id<User>, known: Option<&'a str>) -> Answering<'a, String>;

    /// What it keeps of the method of a payment that was to be kept; none if it does not keep it, or not any more.
    fn kept<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<MethodLook>>;

    /// Lets a method go that it keeps. One that it does not keep is let go already.
    fn let_method_go<'a>(&'a self, app: &'a App, method: &'a str) -> Answering<'a, ()>;

    /// Forgets somebody whom it knows by a name, and lets go all that they keep. Whom it does not know, it has forgotten.
    fn forget_customer<'a>(&'a self, app: &'a App, customer: &'a str) -> Answering<'a, ()>;

    /// Takes the money, or has it promised if it is captured later, or says what is needed first.
    fn charge<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Progress>;

    /// What became of a charge that had no answer, or whose buyer had to do something; none if it never got to the provider, and
    /// never will. A charge that was given up, or is stuck half-way, may be closed there by this: no money comes of it then.
    fn look_up<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Progress>>;

    /// Takes what is authorised, or some of it and lets the rest go, or says what became of it if it was asked before. Still
    /// authorised, it was refused.
    fn capture<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress>;

    /// Lets go what is authorised, or says what became of it if it was asked before: failed, then.
    fn void<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress>;

    /// How much it has taken by a charge, whatever has gone back since. Asking changes nothing.
    fn taken<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Money>;

    /// How much it has given back of what it took by a charge, with what it is about to; none if it does not tell. Asking changes nothing.
    fn given_back<'a>(&'a self, _app: &'a App, _intent: &'a PaymentIntent) -> Answering<'a, Option<Money>> {
        Box::pin(async { Ok(None) })
    }

    /// What it keeps of what it took by a charge, whatever goes back of that; none if it does not say yet. Asking changes nothing.
    fn fee<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Fee>>;

    /// Gives money back that an intent has brought, or says what became of it if it was asked before.
    fn refund<'a>(
        &'a self,
        app: &'a App,
        intent: &'a PaymentIntent,
        refund: &'a Refund,
    ) -> Answering<'a, RefundProgress>;

    /// What the buyer's bank takes back of an intent, or wants to: all disputes that there ever were. Asking changes nothing.
    fn disputes<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Vec<ToldDispute>>;

    /// Whether it makes accounts for shops. Else the page to which their owners are led says which account it is.
    fn opens_accounts(&self) -> bool {
        false
    }

    /// Makes an account for a shop and one of its owners, and says by what name it knows it. Nothing goes there before that is written
    /// down; asked again for both at about the same time, after as many were `lost`, it is the same one.
    fn open_account<'a>(
        &'a self,
        _app: &'a App,
        _shop_and_person: (Id<Shop>, Id<User>),
        _lost: i32,
    ) -> Answering<'a, String> {
        Box::pin(async { Err(NoAnswer) })
    }

    /// Whether the owners of shops are led back there from its page, if the market allows it.
    fn leads_back_to(&self, _app: &App, _url: &str) -> bool {
        true
    }

    /// A page on which the owner of a shop says where its money goes, and from which they are led back; none if it does not know the
    /// account any more that it made.
    fn onboard<'a>(&'a self, app: &'a App, wanted: &'a Onboarding) -> Answering<'a, Option<String>>;

    /// How an account stands that it made; none if it makes none.
    fn account_standing<'a>(&'a self, _app: &'a App, _account: &'a str) -> Answering<'a, Option<AccountStanding>> {
        Box::pin(async { Ok(None) })
    }

    /// The most of an amount that it can send. Not all can send each amount of each currency.
    fn sendable(&self, amount: Money) -> Money {
        amount
    }

    /// Sends money to the account of a shop, or says what became of it if it was asked before.
    fn pay_out<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, DisbursementProgress>;

    /// What has become of what was sent; none if nothing was, or the provider says no more about it. Asking moves no money.
    fn sent<'a>(&'a self, _app: &'a App, _wanted: &'a Disbursement) -> Answering<'a, Option<DisbursementProgress>> {
        Box::pin(async { Ok(None) })
    }

    /// All that it has sent for a disbursement, by whatever attempt and wherever to, and that has not come back; none if it does not tell. Asking
    /// moves no money.
    fn sendings<'a>(&'a self, _app: &'a App, _wanted: &'a Disbursement) -> Answering<'a, Option<Vec<Sending>>> {
        Box::pin(async { Ok(None) })
    }

    /// By which key its own library speaks to it from a client; none if it has no library. It is no secret.
    fn publishable_key<'a>(&self, _app: &'a App) -> Option<&'a str> {
        None
    }
}

/// What the sealed names of payments in a provider's library are sealed for.
const LIBRARY: &str = "payment-library";

/// Seals the name by which a provider's library knows a payment: whoever has it goes on with that payment.
///
/// # Errors
/// Never for names that fit in memory.
pub fn seal(app: &App, intent: &PaymentIntent, secret: &str) -> Result<Vec<u8>, Failure> {
    app.master.seal(&app.generator, LIBRARY, &intent.id.to_string(), secret.as_bytes())
}

/// Opens what [`seal`] made.
///
/// # Errors
/// If the master key is another one.
pub fn open(app: &App, intent: &PaymentIntent, sealed: &[u8]) -> Result<String, Failure> {
    let opened = app.master.open(LIBRARY, &intent.id.to_string(), sealed)?;
    String::from_utf8(opened).map_err(|_| Failure::internal("what a library knows a payment by is no text"))
}

/// The provider of this market, if it takes payments.
pub fn of(app: &App) -> Option<&'static dyn Provider> {
    match app.market.payments {
        PaymentSetup::Test => Some(&TestProvider),
        PaymentSetup::Stripe => Some(&StripeProvider),
        PaymentSetup::Off => None,
    }
}

/// The provider of this market, if it is still the one of this name.
///
/// # Errors
/// [`NoAnswer`] if it is another one by now, or none.
pub fn named(app: &App, name: &str) -> Result<&'static dyn Provider, NoAnswer> {
    of(app).filter(|provider| provider.name() == name).ok_or(NoAnswer)
}

/// What a provider answers, if it does so in time.
///
/// # Errors
/// [`NoAnswer`], its own or for want of one.
pub async fn within<T>(limit: Duration, asking: Answering<'_, T>) -> Result<T, NoAnswer> {
    tokio::time::timeout(limit, asking).await.unwrap_or(Err(NoAnswer))
}

/// Of how many minor units each amount has to be a multiple that is to go back by a payment.
pub fn step(intent: &PaymentIntent) -> i64 {
    let known: [&dyn Provider; 2] = [&TestProvider, &StripeProvider];
    let own = known.into_iter().find(|provider| provider.name() == intent.provider);
    own.map_or(1, |provider| provider.step(intent.currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_silent_for_too_long_has_not_answered() {
        let asked = |asking: Answering<'static, u8>| within(Duration::from_millis(10), asking);
        assert_eq!(asked(Box::pin(std::future::pending())).await, Err(NoAnswer));
        assert_eq!(asked(Box::pin(async { Err(NoAnswer) })).await, Err(NoAnswer));
        assert_eq!(asked(Box::pin(async { Ok(1) })).await, Ok(1));
    }
}
