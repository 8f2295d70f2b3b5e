//! What the test provider does with money that is only authorised at first. It moves none, and remembers what it would have taken.

use chrono::TimeDelta;

use super::{
    provider::NoAnswer,
    test_memory::{self, Deed},
    test_page::reference,
    test_provider::SILENCE,
};
use crate::{
    payments::model::{Act, ActOutcome, Capture, PaymentFailureReason, PaymentIntent, PaymentStatus, Progress},
    platform::{app::App, clock::Time},
};

/// For how long it promises money.
const LASTING: TimeDelta = TimeDelta::days(7);

/// Promises the money of a charge, or says what became of its promise.
pub(super) fn authorized(intent: &PaymentIntent, reference: String) -> Progress {
    match intent.status {
        // Given up here, it is let go there.
        PaymentStatus::Cancelled | PaymentStatus::Failed => {
            Progress::Failed { reason: PaymentFailureReason::NotCompleted }
        }
        _ => Progress::Authorized { reference, until: end_of(intent) },
    }
}

fn end_of(intent: &PaymentIntent) -> Time {
    intent.created_at + LASTING
}

/// Takes what was promised, unless the promise has ended.
pub(super) async fn capture(app: &App, intent: &PaymentIntent, wanted: &Capture) -> Result<Progress, NoAnswer> {
    if is_silent(app, intent, wanted) {
        return Err(NoAnswer);
    }
    if intent.method == "test_capture_fails" || app.now() >= end_of(intent) {
        let captured = remembered(app, intent).await?;
        return Ok(captured.unwrap_or(Progress::Failed { reason: PaymentFailureReason::NotCompleted }));
    }
    let act = test_memory::once(app, Deed::capture(intent, wanted)).await?;
    Ok(captured(intent, &act))
}

/// Lets go what was promised.
pub(super) async fn void(app: &App, intent: &PaymentIntent, wanted: &Capture) -> Result<Progress, NoAnswer> {
    if is_silent(app, intent, wanted) {
        return Err(NoAnswer);
    }
    let act = test_memory::once(app, Deed::capture(intent, wanted)).await?;
    Ok(captured(intent, &act))
}

/// What became of a promise, if anything has.
pub(super) async fn remembered(app: &App, intent: &PaymentIntent) -> Result<Option<Progress>, NoAnswer> {
    let act = test_memory::by_key(app, test_memory::capture_key(intent)).await?;
    Ok(act.map(|act| captured(intent, &act)))
}

fn captured(intent: &PaymentIntent, act: &Act) -> Progress {
    match act.outcome {
        ActOutcome::Done => Progress::Captured { reference: reference(intent), amount: act.amount, fee: act.fee() },
        ActOutcome::Refused => Progress::Failed { reason: PaymentFailureReason::NotCompleted },
    }
}

fn is_silent(app: &App, intent: &PaymentIntent, wanted: &Capture) -> bool {
    intent.method == "test_capture_silent" && app.now() < wanted.created_at + SILENCE
}
