//! Charges, by payment intents.

use chrono::TimeDelta;

use super::{
    amounts,
    api::{Api, Reply},
    customers,
    objects::{Charged, Fault, Intent, Status, is_name},
    refunds,
};
use crate::{
    kernel::{id::Id, money::Money},
    payments::{
        model::{Action, PaymentFailureReason, PaymentIntent, PaymentStatus, Progress},
        queries,
        service::provider::{self, NoAnswer},
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// Stands in the place of the name where none is to be written down any more.
const NEVER: &str = "never";

/// For how long banks promise the money of who was there themself. Stripe says it only to whoever may read charges.
const PROMISED: TimeDelta = TimeDelta::days(7);

/// The name by which Stripe knows an intent, if it has been given one.
pub fn name_of(intent: &PaymentIntent) -> Option<&str> {
    intent.reference.as_deref().filter(|name| *name != NEVER)
}

/// Takes the money: makes the intent with Stripe, writes down its name, and confirms it.
pub async fn charge(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    let Some(amount) = amounts::to_stripe(intent.money()) else {
        return Ok(Progress::Failed { reason: PaymentFailureReason::Unsupported });
    };
    let api = Api::of(app)?;
    let made = match make(&api, intent, amount).await? {
        Reply::Done(made) => made,
        Reply::Refused(fault) => {
            // Of a method that is not theirs any more Stripe says only that it cannot be used.
            let is_gone = intent.is_by_kept_method() && customers::kept(app, intent).await?.is_none();
            let reason = if is_gone { PaymentFailureReason::Declined } else { fault.refusal() };
            return Ok(Progress::Failed { reason });
        }
    };
    // What was looked for meanwhile, and not found, is over: it must not be confirmed.
    if !is_name(&made.id) || !bind(app, intent.id, &made.id).await? {
        return Err(NoAnswer);
    }
    let key = format!("{}-confirm", intent.id);
    let way_back = match &intent.return_url {
        Some(url) => ("return_url", url.as_str()),
        None => ("use_stripe_sdk", "true"),
    };
    let path = format!("payment_intents/{}/confirm", made.id);
    // A bank may think about it for long.
    match api.patient().post::<Intent>(&path, &[way_back], Some(&key)).await? {
        Reply::Done(found) => settled(app, intent, &found).await,
        // It may have been confirmed before. If not, nobody does so any more.
        Reply::Refused(fault) => Ok(match look(app, intent, &made.id).await? {
            Progress::Failed { reason: PaymentFailureReason::NotCompleted } => {
                Progress::Failed { reason: fault.refusal() }
            }
            other => other,
        }),
    }
}

async fn make(api: &Api<'_>, intent: &PaymentIntent, amount: i64) -> Result<Reply<Intent>, NoAnswer> {
    let (id, amount) = (intent.id.to_string(), amount.to_string());
    let currency = intent.currency.to_string().to_ascii_lowercase();
    let mut form = vec![
        ("amount", amount.as_str()),
        ("currency", currency.as_str()),
        ("payment_method", intent.method.as_str()),
        ("automatic_payment_methods[enabled]", "true"),
        ("metadata[intent]", id.as_str()),
    ];
    if intent.is_captured_later {
        form.push(("capture_method", "manual"));
    }
    if let Some(customer) = &intent.customer {
        form.push(("customer", customer.as_str()));
    }
    if intent.is_method_stored {
        // They are there themself when they pay by it again.
        form.push(("setup_future_usage", "on_session"));
    }
    if intent.return_url.is_none() {
        // There is no way back from a page.
        form.push(("automatic_payment_methods[allow_redirects]", "never"));
    }
    api.post("payment_intents", &form, Some(&id)).await
}

/// What became of a charge; none if it was never confirmed, and never will be.
pub async fn look_up(app: &App, intent: &PaymentIntent) -> Result<Option<Progress>, NoAnswer> {
    match (name_of(intent), &intent.reference) {
        (Some(name), _) => look(app, intent, name).await.map(Some),
        (None, Some(_)) => Ok(None),
        // A name that is written down at this very moment is asked for next time.
        (None, None) => {
            if close(app, intent.id).await? {
                Ok(None)
            } else {
                Err(NoAnswer)
            }
        }
    }
}

/// How much was taken, whatever has gone back since.
pub async fn taken(app: &App, intent: &PaymentIntent) -> Result<Money, NoAnswer> {
    let Some(name) = name_of(intent) else { return Ok(Money::zero(intent.currency)) };
    let found = fetch(&Api::of(app)?, name).await?;
    amounts::from_stripe(found.amount_received, intent.currency).ok_or(NoAnswer)
}

/// How much of what was taken has gone back, or is about to.
pub async fn given_back(app: &App, intent: &PaymentIntent) -> Result<Option<Money>, NoAnswer> {
    let Some(name) = name_of(intent) else { return Ok(None) };
    if intent.is_captured_later && intent.captured != Some(intent.amount) {
        let Some(captured) = intent.captured else { return Ok(None) };
        // Stripe may count what was let go as given back.
        let let_go = Money::new(intent.amount - captured, intent.currency);
        return refunds::given_back(app, intent, name, let_go).await.map(Some);
    }
    let path = format!("payment_intents/{name}?expand%5B%5D=latest_charge");
    match Api::of(app)?.get::<Charged>(&path).await? {
        Reply::Done(Charged { latest_charge: None }) => Ok(Some(Money::zero(intent.currency))),
        Reply::Done(Charged { latest_charge: Some(charge) }) => {
            amounts::from_stripe(charge.amount_refunded, intent.currency).map(Some).ok_or(NoAnswer)
        }
        Reply::Refused(_) => Err(NoAnswer),
    }
}

/// How a charge stands, by its name.
pub(super) async fn look(app: &App, intent: &PaymentIntent, name: &str) -> Result<Progress, NoAnswer> {
    let found = fetch(&Api::of(app)?, name).await?;
    settled(app, intent, &found).await
}

/// What is to be booked of a charge that was found so. What can no longer be wanted is called off before.
pub(super) async fn settled(app: &App, intent: &PaymentIntent, found: &Intent) -> Result<Progress, NoAnswer> {
    if !is_to_be_called_off(intent.status, found.status) {
        return progress(app, intent, found);
    }
    let (api, name, reason) = (Api::of(app)?, &found.id, reason(found));
    // Of why it failed, what is found afterwards may say less.
    write_down(app, intent.id, reason).await?;
    match api.post::<Intent>(&format!("payment_intents/{name}/cancel"), &[], None).await? {
        Reply::Done(Intent { status: Status::Canceled, .. }) => Ok(Progress::Failed { reason }),
        Reply::Done(_) => Err(NoAnswer),
        // It has gone on meanwhile, or was called off. Else it can still be paid, and is not over.
        Reply::Refused(_) => {
            let found = fetch(&api, name).await?;
            match found.status {
                Status::Succeeded | Status::Processing => progress(app, intent, &found),
                Status::Canceled => Ok(Progress::Failed { reason }),
                _ => Err(NoAnswer),
            }
        }
    }
}

/// Whether an intent is to be called off with Stripe that stands so here, and so there.
const fn is_to_be_called_off(here: PaymentStatus, there: Status) -> bool {
    match there {
        // Whoever was to confirm it is gone, or late; or it failed, and its buyer, who knows it by name, could pay it nevertheless.
        Status::RequiresConfirmation | Status::RequiresPaymentMethod => true,
        // What it promises, nobody wants any more.
        Status::RequiresAction | Status::RequiresCapture => {
            matches!(here, PaymentStatus::Cancelled | PaymentStatus::Failed)
        }
        _ => false,
    }
}

async fn fetch(api: &Api<'_>, name: &str) -> Result<Intent, NoAnswer> {
    match api.get(&format!("payment_intents/{name}")).await? {
        Reply::Done(found) => Ok(found),
        Reply::Refused(fault) => {
            tracing::error!(
                code = fault.word(),
                "Stripe does not know a payment: is it the account that it was begun with?"
            );
            Err(NoAnswer)
        }
    }
}

fn progress(app: &App, intent: &PaymentIntent, found: &Intent) -> Result<Progress, NoAnswer> {
    let reference = found.id.clone();
    Ok(match found.status {
        Status::Succeeded if intent.is_captured_later => {
            let taken = amounts::from_stripe(found.amount_received, intent.currency).map(|taken| taken.minor);
            let is_ours = found.currency.eq_ignore_ascii_case(&intent.currency.to_string());
            let taken = taken.filter(|taken| is_ours && (1..=intent.amount).contains(taken));
            let Some(amount) = taken else {
                tracing::error!(payment = %intent.id, "Stripe has taken what was not authorised");
                return Err(NoAnswer);
            };
            Progress::Captured { reference, amount, fee: None }
        }
        Status::RequiresCapture if intent.is_captured_later => {
            Progress::Authorized { reference, until: intent.created_at + PROMISED }
        }
        Status::Succeeded => {
            let is_same = found.currency.eq_ignore_ascii_case(&intent.currency.to_string())
                && amounts::from_stripe(found.amount_received, intent.currency) == Some(intent.money());
            if !is_same {
                tracing::error!(payment = %intent.id, "Stripe has taken another amount than was asked for");
                return Err(NoAnswer);
            }
            Progress::Succeeded { reference, fee: None }
        }
        Status::Processing | Status::RequiresCapture => Progress::Processing { reference },
        Status::RequiresAction => {
            let action = match (found.page(), &found.client_secret) {
                (Some(url), _) => Action::Page { url: url.to_owned() },
                (None, Some(secret)) => {
                    Action::Library { sealed_secret: provider::seal(app, intent, secret).map_err(|_| NoAnswer)? }
                }
                (None, None) => return Err(NoAnswer),
            };
            Progress::RequiresAction { reference, action }
        }
        Status::Canceled => Progress::Failed { reason: intent.failure.unwrap_or_else(|| reason(found)) },
        // Not before it is called off.
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::Unknown => return Err(NoAnswer),
    })
}

/// Why a charge fails that was found so.
fn reason(found: &Intent) -> PaymentFailureReason {
    found.last_payment_error.as_ref().map_or(PaymentFailureReason::NotCompleted, Fault::reason)
}

/// Writes down why a charge fails once it is called off: what comes of that may be found by somebody else.
async fn write_down(app: &App, id: Id<PaymentIntent>, reason: PaymentFailureReason) -> Result<(), NoAnswer> {
    let write = move |tx: &mut Tx<'_>| queries::set_failure(tx, id, reason);
    app.db.write(&Caller::system(), write).await.map_err(|error| {
        tracing::warn!(%error, "why a payment fails could not be written down");
        NoAnswer
    })
}

/// Writes down by what name Stripe knows an intent. False if that is not wanted any more.
async fn bind(app: &App, id: Id<PaymentIntent>, name: &str) -> Result<bool, NoAnswer> {
    let name = name.to_owned();
    let bind = move |tx: &mut Tx<'_>| queries::bind_reference(tx, id, &name);
    app.db.write(&Caller::system(), bind).await.map_err(|error| {
        tracing::warn!(%error, "what Stripe calls a payment could not be written down");
        NoAnswer
    })
}

/// Has no name be written down any more. False if one is.
async fn close(app: &App, id: Id<PaymentIntent>) -> Result<bool, NoAnswer> {
    let close = move |tx: &mut Tx<'_>| queries::close_reference(tx, id, NEVER);
    app.db.write(&Caller::system(), close).await.map_err(|_| NoAnswer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_any_more_is_called_off_and_nothing_else() {
        let over = [PaymentStatus::Cancelled, PaymentStatus::Failed];
        let open = [PaymentStatus::Processing, PaymentStatus::RequiresAction, PaymentStatus::RequiresCapture];
        for here in open.into_iter().chain(over) {
            for there in [Status::RequiresConfirmation, Status::RequiresPaymentMethod] {
                assert!(is_to_be_called_off(here, there));
            }
            for there in [Status::Processing, Status::Succeeded, Status::Canceled, Status::Unknown] {
                assert!(!is_to_be_called_off(here, there));
            }
            for there in [Status::RequiresAction, Status::RequiresCapture] {
                assert_eq!(is_to_be_called_off(here, there), over.contains(&here));
            }
        }
    }
}
