//! The test provider. It moves no money, and remembers what it would have moved.

use chrono::TimeDelta;

use super::{
    provider::{Answering, NoAnswer, Provider},
    test_captures,
    test_memory::{self, Deed},
    test_page::{self, DISPUTED, page_url, payout_page_url, reference},
    test_webhooks,
};
use crate::{
    kernel::{id::Id, money::Money},
    payments::model::{
        Act, ActKind, ActOutcome, Action, Capture, Disbursement, DisbursementProgress, Fee, MethodLook, Onboarding,
        PaymentFailureReason, PaymentIntent, PaymentStatus, PayoutFailureReason, Progress, Refund, RefundProgress,
        Sending, ToldDispute,
    },
    platform::app::App,
    users::model::User,
};

/// The word for it in `payment_intents.provider`.
pub const NAME: &str = "test";

/// Moves no money. The method says what happens: `test_succeeds`, `test_declines` (and `test_declines_1`, with any number: another card),
/// `test_requires_action` (a page of ours asks whether to go on), `test_is_unheard` (asks as well, and takes the money without telling anybody), `test_times_out` (the money is taken, but the answer is lost), `test_is_lost` (neither the charge
/// nor an answer arrives), `test_keeps` (takes the money, and at first cannot give it back), `test_keeps_silent` (takes the
/// money, and does not answer for a minute when it has to give it back), `test_is_disputed` (takes the money, which the buyer's bank takes back
/// when somebody says so on the page). Three take the money, say that they are at work, and tell of it by signed events: `test_is_told_late`
/// (after twenty seconds; until then it is at work), `test_is_told_twice` (the same event twice) and `test_is_told_in_reverse` (the second event before
/// the first). Where money is captured later it is only promised at first,
/// and then `test_capture_fails` does not keep the promise, and `test_capture_silent` does not answer for a minute. What it takes, and what a
/// bank takes back, costs the market a fee (`test_fees`), which it tells with it.
pub(super) struct TestProvider;

impl Provider for TestProvider {
    fn name(&self) -> &'static str {
        NAME
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
        Box::pin(charge(app, intent))
    }

    fn look_up<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Progress>> {
        Box::pin(look_up(app, intent))
    }

    fn capture<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress> {
        Box::pin(test_captures::capture(app, intent, wanted))
    }

    fn void<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent, wanted: &'a Capture) -> Answering<'a, Progress> {
        Box::pin(test_captures::void(app, intent, wanted))
    }

    fn taken<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Money> {
        Box::pin(test_memory::moved(app, intent, &[ActKind::Charge, ActKind::Capture]))
    }

    fn given_back<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Money>> {
        Box::pin(async move { test_memory::moved(app, intent, &[ActKind::Refund]).await.map(Some) })
    }

    fn fee<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Option<Fee>> {
        Box::pin(test_memory::fee(app, intent))
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
                _ => {
                    test_memory::once(app, Deed::refund(intent, refund)).await?;
                    Ok(RefundProgress::Succeeded { reference: format!("test_{}", refund.key()) })
                }
            }
        })
    }

    fn disputes<'a>(&'a self, app: &'a App, intent: &'a PaymentIntent) -> Answering<'a, Vec<ToldDispute>> {
        Box::pin(test_page::disputes(app, intent))
    }

    fn onboard<'a>(&'a self, app: &'a App, wanted: &'a Onboarding) -> Answering<'a, Option<String>> {
        Box::pin(async move { Ok(Some(payout_page_url(app, wanted))) })
    }

    fn pay_out<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, DisbursementProgress> {
        Box::pin(async move {
            if is_silent(app, wanted) {
                return Err(NoAnswer);
            }
            let fails = match wanted.destination.as_str() {
                "test_payout_fails" => true,
                "test_payout_fails_once" => wanted.attempt == 1,
                _ => false,
            };
            if fails {
                return Ok(DisbursementProgress::Failed { reason: PayoutFailureReason::Declined });
            }
            test_memory::once(app, Deed::transfer(wanted)).await?;
            Ok(paid(wanted))
        })
    }

    fn sent<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, Option<DisbursementProgress>> {
        Box::pin(async move {
            let found = test_memory::by_key(app, test_memory::transfer_key(wanted)).await?;
            Ok(found.map(|_| paid(wanted)))
        })
    }

    fn sendings<'a>(&'a self, app: &'a App, wanted: &'a Disbursement) -> Answering<'a, Option<Vec<Sending>>> {
        Box::pin(async move {
            if is_silent(app, wanted) {
                return Err(NoAnswer);
            }
            let found = test_memory::by_key(app, test_memory::transfer_key(wanted)).await?;
            let sending = |act: Act| Sending {
                amount: Money::new(act.amount, act.currency),
                destination: act.destination.unwrap_or_default(),
            };
            Ok(Some(found.map(sending).into_iter().collect()))
        })
    }
}

fn is_silent(app: &App, wanted: &Disbursement) -> bool {
    wanted.destination == "test_payout_silent" && app.now() < wanted.since + SILENCE
}

fn paid(wanted: &Disbursement) -> DisbursementProgress {
    DisbursementProgress::Paid { reference: format!("test_{}", wanted.key) }
}

async fn charge(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    match intent.method.as_str() {
        "test_requires_action" => Ok(asks(app, intent)),
        "test_is_unheard" => {
            take(app, intent).await?;
            Ok(asks(app, intent))
        }
        "test_times_out" => {
            take(app, intent).await?;
            Err(NoAnswer)
        }
        "test_is_lost" => Err(NoAnswer),
        TOLD_LATE => test_webhooks::take_and_tell(app, intent, vec![1], app.now() + LATE).await,
        TOLD_TWICE => test_webhooks::take_and_tell(app, intent, vec![1, 1], app.now()).await,
        TOLD_IN_REVERSE => test_webhooks::take_and_tell(app, intent, vec![2, 1], app.now()).await,
        DISPUTED => {
            tracing::info!(url = %page_url(app, intent.id), "the test provider's page of a payment to dispute");
            take(app, intent).await
        }
        method if TEST_METHODS.contains(&method) => take(app, intent).await,
        _ => Ok(Progress::Failed { reason: PaymentFailureReason::Declined }),
    }
}

async fn look_up(app: &App, intent: &PaymentIntent) -> Result<Option<Progress>, NoAnswer> {
    if intent.is_captured_later
        && let Some(captured) = test_captures::remembered(app, intent).await?
    {
        return Ok(Some(captured));
    }
    Ok(match intent.method.as_str() {
        "test_requires_action" => Some(decided(app, intent).await?),
        "test_is_lost" => None,
        TOLD_LATE if app.now() < intent.created_at + LATE => {
            Some(Progress::Processing { reference: reference(intent) })
        }
        method if TEST_METHODS.contains(&method) => Some(take(app, intent).await?),
        method if declines(method) => Some(Progress::Failed { reason: PaymentFailureReason::Declined }),
        _ => None,
    })
}

/// What was decided on the page of a payment. Of what was given up no money comes any more once it has been asked about.
async fn decided(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    if intent.is_captured_later {
        return Ok(asks(app, intent));
    }
    if intent.status == PaymentStatus::Cancelled {
        return refuse(app, intent).await;
    }
    let act = test_memory::by_key(app, test_memory::charge_key(intent)).await?;
    Ok(act.map_or_else(|| asks(app, intent), |act| charged(intent, &act)))
}

fn asks(app: &App, intent: &PaymentIntent) -> Progress {
    let action = Action::Page { url: page_url(app, intent.id) };
    Progress::RequiresAction { reference: reference(intent), action }
}

/// Takes the money of a payment, unless it was taken, or refused, before. What is captured later is only promised.
pub(super) async fn take(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    if intent.is_captured_later {
        return Ok(test_captures::authorized(intent, reference(intent)));
    }
    let act = test_memory::once(app, Deed::charge(intent)).await?;
    Ok(charged(intent, &act))
}

/// Has no money come of a payment, unless it was taken before.
pub(super) async fn refuse(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    if intent.is_captured_later {
        return Ok(Progress::Failed { reason: PaymentFailureReason::Declined });
    }
    let act = test_memory::once(app, Deed::charge(intent).refused()).await?;
    Ok(charged(intent, &act))
}

fn charged(intent: &PaymentIntent, act: &Act) -> Progress {
    match act.outcome {
        ActOutcome::Done => Progress::Succeeded { reference: reference(intent), fee: act.fee() },
        ActOutcome::Refused if intent.status == PaymentStatus::Cancelled => {
            Progress::Failed { reason: PaymentFailureReason::NotCompleted }
        }
        ActOutcome::Refused => Progress::Failed { reason: PaymentFailureReason::Declined },
    }
}

/// For how long the test provider does not answer that was told to keep silent.
pub(super) const SILENCE: TimeDelta = TimeDelta::minutes(1);
/// How late it tells what it tells late: before anybody asks by themself.
pub(super) const LATE: TimeDelta = TimeDelta::seconds(20);

const TOLD_LATE: &str = "test_is_told_late";
const TOLD_TWICE: &str = "test_is_told_twice";
const TOLD_IN_REVERSE: &str = "test_is_told_in_reverse";

const TEST_METHODS: [&str; 13] = [
    "test_succeeds",
    "test_requires_action",
    "test_is_unheard",
    "test_times_out",
    "test_is_lost",
    "test_keeps",
    "test_keeps_silent",
    DISPUTED,
    TOLD_LATE,
    TOLD_TWICE,
    TOLD_IN_REVERSE,
    "test_capture_fails",
    "test_capture_silent",
];

/// Whether a method is one of the cards that the test provider declines. The others are none.
fn declines(method: &str) -> bool {
    let Some(card) = method.strip_prefix("test_declines") else { return false };
    let number = card.strip_prefix('_').unwrap_or_default();
    card.is_empty() || ((1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
}
