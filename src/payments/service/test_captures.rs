//! What the test provider does with money that is only authorised at first. It moves none: what has become of it is written down here alone.

use chrono::TimeDelta;

use super::provider::NoAnswer;
use crate::{
    payments::model::{Capture, PaymentFailureReason, PaymentIntent, PaymentStatus, Progress},
    platform::{app::App, clock::Time},
};

/// For how long it promises money.
const LASTING: TimeDelta = TimeDelta::days(7);

/// For how long the method `test_capture_silent` says nothing.
const SILENCE: TimeDelta = TimeDelta::minutes(1);

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
pub(super) fn capture(
    app: &App,
    intent: &PaymentIntent,
    wanted: &Capture,
    reference: String,
) -> Result<Progress, NoAnswer> {
    if is_silent(app, intent, wanted) {
        return Err(NoAnswer);
    }
    Ok(if intent.method == "test_capture_fails" || app.now() >= end_of(intent) {
        Progress::Failed { reason: PaymentFailureReason::NotCompleted }
    } else {
        Progress::Captured { reference, amount: wanted.amount }
    })
}

/// Lets go what was promised.
pub(super) fn void(app: &App, intent: &PaymentIntent, wanted: &Capture) -> Result<Progress, NoAnswer> {
    if is_silent(app, intent, wanted) {
        Err(NoAnswer)
    } else {
        Ok(Progress::Failed { reason: PaymentFailureReason::NotCompleted })
    }
}

fn is_silent(app: &App, intent: &PaymentIntent, wanted: &Capture) -> bool {
    intent.method == "test_capture_silent" && app.now() < wanted.created_at + SILENCE
}
