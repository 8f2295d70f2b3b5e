//! Who carries payments out. Called between transactions, never inside one, always with a limit on time.

use std::{future::Future, pin::Pin, time::Duration};

use chrono::TimeDelta;
use url::form_urlencoded::byte_serialize;

use super::{stripe::StripeProvider, test_captures, test_page};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    payments::{
        model::{
            AccountStanding, Action, Capture, Disbursement, DisbursementProgress, Onboarding, PaymentFailureReason,
            PaymentIntent, PaymentStatus, PayoutFailureReason, Progress, Refund, RefundProgress, ToldDispute,
        },
        queries,
    },
    platform::{
        app::{App, PaymentSetup},
        db::Conn,
    },
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

/// Of how many minor units each amount has to be a multiple that is to go back by a payment.
pub fn step(intent: &PaymentIntent) -> i64 {
    let known: [&dyn Provider; 2] = [&TestProvider, &StripeProvider];
    let own = known.into_iter().find(|provider| provider.name() == intent.provider);
    own.map_or(1, |provider| provider.step(intent.currency))
}

/// Moves no money. The method says what happens: `test_succeeds`, `test_declines` (and `test_declines_1`, with any number: another card),
/// `test_requires_action` (a page of ours asks whether to go on), `test_is_unheard` (asks as well, and takes the money without telling anybody), `test_times_out` (the money is taken, but the answer is lost), `test_is_lost` (neither the charge
/// nor an answer arrives), `test_keeps` (takes the money, and at first cannot give it back), `test_keeps_silent` (takes the
/// money, and does not answer for a minute when it has to give it back), `test_is_disputed` (takes the money, which the buyer's bank takes back
/// when somebody says so on the page). Where money is captured later it is only promised at first,
/// and then `test_capture_fails` does not keep the promise, and `test_capture_silent` does not answer for a minute.
struct TestProvider;

/// The path of the page on which a test payment is approved or declined.
pub const TEST_PAGE: &str = "/dev/payments";

const PURPOSE: &str = "test-payment";

impl TestProvider {
    fn asks(app: &App, intent: &PaymentIntent) -> Progress {
        Progress::RequiresAction {
            reference: test_page::reference(intent),
            action: Action::Page { url: page_url(app, intent.id) },
        }
    }
}

impl Provider for TestProvider {
    fn name(&self) -> &'static str {
        "test"
    }

    fn knows(&self, method: &str) -> bool {
        TEST_METHODS.contains(&method) || declines(method)
    }

    fn card<'a>(&'a self, _app: &'a App, method: &'a str) -> Answering<'a, Option<String>> {
        Box::pin(async move { Ok(declines(method).then(|| method.to_owned())) })
    }

    fn charge<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Progress> {
        Box::pin(async move {
            match intent.method.as_str() {
                "test_succeeds" | "test_keeps" | "test_keeps_silent" | "test_capture_fails" | "test_capture_silent" => {
                    Ok(test_page::succeeded(intent))
                }
                DISPUTED => {
                    tracing::info!(url = %page_url(app, intent.id), "the test provider's page of a payment to dispute");
                    Ok(test_page::succeeded(intent))
                }
                "test_requires_action" | "test_is_unheard" => Ok(Self::asks(app, intent)),
                "test_times_out" | "test_is_lost" => Err(NoAnswer),
                _ => Ok(Progress::Failed { reason: PaymentFailureReason::Declined }),
            }
        })
    }

    fn look_up<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Progress>> {
        Box::pin(async move {
            Ok(match intent.method.as_str() {
                "test_succeeds"
                | "test_times_out"
                | "test_is_unheard"
                | "test_keeps"
                | "test_keeps_silent"
                | DISPUTED
                | "test_capture_fails"
                | "test_capture_silent" => Some(test_page::succeeded(intent)),
                "test_requires_action" => Some(Self::asks(app, intent)),
                method if declines(method) => Some(Progress::Failed { reason: PaymentFailureReason::Declined }),
                _ => None,
            })
        })
    }

    fn capture<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress> {
        Box::pin(async move { test_captures::capture(app, intent, wanted, test_page::reference(intent)) })
    }

    fn void<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress> {
        Box::pin(async move { test_captures::void(app, intent, wanted) })
    }

    fn taken<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Money> {
        Box::pin(async move {
            if intent.is_captured_later {
                return Ok(Money::new(intent.captured.unwrap_or_default(), intent.currency));
            }
            let has_taken = match intent.method.as_str() {
                // What a person decides on the page is written down in the intent alone.
                "test_requires_action" => intent.status == PaymentStatus::Succeeded,
                _ => matches!(self.look_up(app, intent).await?, Some(Progress::Succeeded { .. })),
            };
            Ok(if has_taken { intent.money() } else { Money::zero(intent.currency) })
        })
    }

    fn given_back<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Money>> {
        Box::pin(async move {
            // It remembers nothing: what it said is written down in the refunds alone.
            let id = intent.id.uuid();
            let read = move |conn: &mut Conn| queries::refunds::given_back(conn, &[id]);
            let given = app.db.read_long(read).await.map_err(|_| NoAnswer)?;
            let given = given.get(&id).copied().unwrap_or_default();
            Ok(Some(Money::new(given.succeeded, intent.currency)))
        })
    }

    fn refund<'a>(
        &'a self,
        app: &'a App,
        intent: &'a PaymentIntent,
        refund: &'a Refund,
    ) -> Answering<'a, RefundProgress> {
        Box::pin(async move {
            match intent.method.as_str() {
                "test_keeps" if refund.attempt == 1 => Ok(RefundProgress::Failed),
                "test_keeps_silent" if app.now() < refund.created_at + SILENCE => Err(NoAnswer),
                _ => Ok(RefundProgress::Succeeded { reference: format!("test_{}", refund.key()) }),
            }
        })
    }

    fn disputes<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Vec<ToldDispute>> {
        Box::pin(test_page::disputes(app, intent))
    }

    fn onboard<'a>(&'a self, app: &'a App, wanted: &'a Onboarding) -> Answering<'a, Option<String>> {
        Box::pin(async move {
            let (person, until) = (wanted.person, (app.now() + PAGE_LIFETIME).timestamp());
            let token = app.master.row_token(&onboarding(person, until), wanted.shop);
            let back: String = byte_serialize(wanted.return_url.as_bytes()).collect();
            let page = format!("{}{TEST_PAYOUT_PAGE}/{person}-{until}-{token}?returnUrl={back}", app.market.public_url);
            Ok(Some(page))
        })
    }

    fn pay_out<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, DisbursementProgress> {
        Box::pin(async move {
            let fails = match wanted.destination.as_str() {
                "test_payout_silent" if app.now() < wanted.since + SILENCE => return Err(NoAnswer),
                "test_payout_fails" => true,
                "test_payout_fails_once" => wanted.attempt == 1,
                _ => false,
            };
            Ok(if fails {
                DisbursementProgress::Failed { reason: PayoutFailureReason::Declined }
            } else {
                DisbursementProgress::Paid { reference: format!("test_{}", wanted.key) }
            })
        })
    }
}

/// The path of the page on which the owner of a shop names an account of the test provider.
pub const TEST_PAYOUT_PAGE: &str = "/dev/payouts";

/// For how long it is good.
const PAGE_LIFETIME: TimeDelta = TimeDelta::hours(1);

fn onboarding(person: Id<User>, until: i64) -> String {
    format!("test-payout-account of {person} until {until}")
}

/// The accounts to which the test provider sends money, and what becomes of it there: it arrives; it never does; it does with the second
/// attempt; nothing is heard of it for a minute.
pub const TEST_DESTINATIONS: [&str; 4] =
    ["test_payout_succeeds", "test_payout_fails", "test_payout_fails_once", "test_payout_silent"];

/// The shop that a token of the test provider's page names, and who was led there; none if its time is over.
pub fn page_shop(app: &App, token: &str) -> Option<(Id<Shop>, Id<User>)> {
    let (person, rest) = token.split_once('-')?;
    let (until, token) = rest.split_once('-')?;
    let (person, until): (Id<User>, i64) = (person.parse().ok()?, until.parse().ok()?);
    let shop = app.master.row_of(&onboarding(person, until), token)?;
    (until > app.now().timestamp()).then_some((shop, person))
}

/// For how long the test provider does not answer that was told to keep silent.
const SILENCE: TimeDelta = TimeDelta::minutes(1);

/// The method of payments that can be disputed on the page.
pub const DISPUTED: &str = "test_is_disputed";

const TEST_METHODS: [&str; 10] = [
    "test_succeeds",
    "test_requires_action",
    "test_is_unheard",
    "test_times_out",
    "test_is_lost",
    "test_keeps",
    "test_keeps_silent",
    DISPUTED,
    "test_capture_fails",
    "test_capture_silent",
];

/// Whether a method is one of the cards that the test provider declines. The others are none.
fn declines(method: &str) -> bool {
    let Some(card) = method.strip_prefix("test_declines") else { return false };
    let number = card.strip_prefix('_').unwrap_or_default();
    card.is_empty() || ((1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The test provider's page of an intent; nobody can guess it from the intent's id.
pub fn page_url(app: &App, id: Id<PaymentIntent>) -> String {
    format!("{}{TEST_PAGE}/{id}-{}", app.market.public_url, page_tag(app, id))
}

fn page_tag(app: &App, id: Id<PaymentIntent>) -> String {
    written(app.master.mac(PURPOSE, &[id.uuid().as_bytes()]))
}

fn written(tag: [u8; 32]) -> String {
    let half = tag.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    format!("{half:032x}")
}

/// The intent that a token of the test provider's page names.
pub fn page_intent(app: &App, token: &str) -> Option<Id<PaymentIntent>> {
    let (id, tag) = token.split_once('-')?;
    let id: Id<PaymentIntent> = id.parse().ok()?;
    // Compared by their keyed hashes, so that time tells nothing about the tag.
    let given = app.master.mac("compare", &[tag.as_bytes()]);
    let matches = |expected| app.master.verifies("compare", &[written(expected).as_bytes()], &given);
    app.master.macs(PURPOSE, &[id.uuid().as_bytes()]).any(matches).then_some(id)
}
