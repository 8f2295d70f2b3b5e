//! The test provider.

use chrono::TimeDelta;
use url::form_urlencoded::byte_serialize;

use super::{
    provider::{Answering, NoAnswer, Provider},
    test_captures, test_page, test_payouts,
};
use crate::{
    kernel::{id::Id, money::Money},
    payments::{
        model::{
            Action, Capture, Disbursement, DisbursementProgress, MethodLook, Onboarding, PaymentFailureReason,
            PaymentIntent, PaymentStatus, Progress, Refund, RefundProgress, Sending, ToldDispute,
        },
        queries,
    },
    platform::{app::App, db::Conn},
    shops::model::Shop,
    users::model::User,
};

/// Moves no money. The method says what happens: `test_succeeds`, `test_declines` (and `test_declines_1`, with any number: another card),
/// `test_requires_action` (a page of ours asks whether to go on), `test_is_unheard` (asks as well, and takes the money without telling anybody), `test_times_out` (the money is taken, but the answer is lost), `test_is_lost` (neither the charge
/// nor an answer arrives), `test_keeps` (takes the money, and at first cannot give it back), `test_keeps_silent` (takes the
/// money, and does not answer for a minute when it has to give it back), `test_is_disputed` (takes the money, which the buyer's bank takes back
/// when somebody says so on the page). Where money is captured later it is only promised at first,
/// and then `test_capture_fails` does not keep the promise, and `test_capture_silent` does not answer for a minute.
pub(super) struct TestProvider;

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

    fn customer<'a>(&'a self, _app: &'a App, person: Id<User>, known: Option<&'a str>) -> Answering<'a, String> {
        Box::pin(async move { Ok(known.map_or_else(|| format!("test_{}", person.uuid().simple()), str::to_owned)) })
    }

    fn kept<'a>(&'a self, _app: &'a App, _intent: &'a PaymentIntent) -> Answering<'a, Option<MethodLook>> {
        let look = MethodLook { brand: Some("test".into()), last4: Some("4242".into()), expiry: Some((12, 2034)) };
        Box::pin(async move { Ok(Some(look)) })
    }

    fn let_method_go<'a>(&'a self, _app: &'a App, _method: &'a str) -> Answering<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn forget_customer<'a>(&'a self, _app: &'a App, _customer: &'a str) -> Answering<'a, ()> {
        Box::pin(async { Ok(()) })
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
        Box::pin(async move { test_payouts::pay_out(app, wanted) })
    }

    fn sendings<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, Option<Vec<Sending>>> {
        Box::pin(async move { test_payouts::sendings(app, wanted).map(Some) })
    }
}

/// The path of the page on which the owner of a shop names an account of the test provider.
pub const TEST_PAYOUT_PAGE: &str = "/dev/payouts";

/// For how long it is good.
const PAGE_LIFETIME: TimeDelta = TimeDelta::hours(1);

fn onboarding(person: Id<User>, until: i64) -> String {
    format!("test-payout-account of {person} until {until}")
}

/// The shop that a token of the test provider's page names, and who was led there; none if its time is over.
pub fn page_shop(app: &App, token: &str) -> Option<(Id<Shop>, Id<User>)> {
    let (person, rest) = token.split_once('-')?;
    let (until, token) = rest.split_once('-')?;
    let (person, until): (Id<User>, i64) = (person.parse().ok()?, until.parse().ok()?);
    let shop = app.master.row_of(&onboarding(person, until), token)?;
    (until > app.now().timestamp()).then_some((shop, person))
}

/// For how long the test provider does not answer that was told to keep silent.
pub(super) const SILENCE: TimeDelta = TimeDelta::minutes(1);

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
