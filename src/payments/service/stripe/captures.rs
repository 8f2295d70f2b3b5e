//! What was authorised: taken, or let go.

use super::{
    amounts,
    api::{Api, Reply},
    intents::{self, name_of},
    objects::{Intent, Status},
};
use crate::{
    kernel::money::Money,
    payments::{
        model::{Capture, PaymentFailureReason, PaymentIntent, Progress},
        service::provider::NoAnswer,
    },
    platform::app::App,
};

/// Takes what is authorised, or some of it and lets the rest go, or says what became of it. Stripe takes it once, under whatever key.
pub async fn capture(app: &App, intent: &PaymentIntent, wanted: &Capture) -> Result<Progress, NoAnswer> {
    let amount = amounts::to_stripe(Money::new(wanted.amount, intent.currency));
    let (Some(name), Some(amount)) = (name_of(intent), amount) else {
        tracing::error!(payment = %intent.id, "Stripe cannot take this amount of what is authorised");
        return Err(NoAnswer);
    };
    let (path, amount) = (format!("payment_intents/{name}/capture"), amount.to_string());
    let form = [("amount_to_capture", amount.as_str())];
    let progress = match Api::of(app)?.patient().post::<Intent>(&path, &form, Some(&wanted.key())).await? {
        Reply::Done(found) => intents::settled(app, intent, &found).await?,
        // It may have been taken before, or have run out.
        Reply::Refused(fault) => {
            tracing::warn!(payment = %intent.id, code = fault.word(), "Stripe takes nothing of what is authorised");
            intents::look(app, intent, name).await?
        }
    };
    over_or_refused(progress)
}

/// Lets go what is authorised, or says what became of it.
pub async fn void(app: &App, intent: &PaymentIntent, wanted: &Capture) -> Result<Progress, NoAnswer> {
    let Some(name) = name_of(intent) else {
        return Ok(Progress::Failed { reason: PaymentFailureReason::NotCompleted });
    };
    let path = format!("payment_intents/{name}/cancel");
    match Api::of(app)?.post::<Intent>(&path, &[], Some(&wanted.key())).await? {
        Reply::Done(Intent { status: Status::Canceled, .. }) => {
            Ok(Progress::Failed { reason: PaymentFailureReason::NotCompleted })
        }
        Reply::Done(_) => Err(NoAnswer),
        // It was let go before, or has run out, or somebody took it.
        Reply::Refused(_) => over_or_refused(intents::look(app, intent, name).await?),
    }
}

/// What is still under way is asked about later.
fn over_or_refused(progress: Progress) -> Result<Progress, NoAnswer> {
    match progress {
        Progress::Processing { .. } | Progress::RequiresAction { .. } => Err(NoAnswer),
        over => Ok(over),
    }
}
