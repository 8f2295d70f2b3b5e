//! Steps of paying. The use cases, which know what is paid for, are in later domains.

mod asking;
mod captures;
mod compare;
mod declines;
mod disputes;
mod events;
mod fees;
mod keeping;
mod ledger;
mod payouts;
pub mod provider;
mod refunds;
mod repair;
pub mod stripe;
mod test_captures;
mod test_fees;
pub mod test_memory;
pub mod test_page;
mod test_provider;
pub mod test_webhooks;

pub use self::{
    asking::{ask_about_unanswered, ask_again, asked_on},
    captures::{authorized, authorized_for, begin_capture_again, capture, carry_out_capture, let_go, release, take},
    compare::{Comparison, compare, disputes::compare_disputes},
    declines::{Counts, Payer, counts, forget_open_attempts},
    disputes::{
        Heard, answer_due, count_disputes_in, disputes, disputes_in, note_dispute, taken_from, undecided,
        watched_disputes,
    },
    events::{
        News, Subject, Told, forget_events, forget_events_about, kept_events, news, receive, replay_event,
        set_processed, shop_news,
    },
    fees::{ask_about_fee, keep_asking_about_fee},
    keeping::{
        CHAPTERS, Chosen, Means, Prepared, choose, erase, forget_customer, keep_keeping, keep_method, let_method_go,
        prepare, remove_method, stored_methods,
    },
    ledger::{Movement, balances, count_entries, entries, lock_balance, paid_for, transfer},
    payouts::{account_standing, onboard, open_account, pay_out, sendings, sent},
    refunds::{
        GiveBack, Refundable, begin_again, carry_out, give_back, kept_for, leave_unanswered, lock_refundable, refund,
        refunds_of_part, settle_refund,
    },
    repair::repair,
};
pub use super::queries::{checks::CHECKS, order_of};

use std::slice;

use uuid::Uuid;

use self::provider::{CHARGE_TIMEOUT, NoAnswer, TIMEOUT, named, within};
use super::{
    error::PaymentError,
    model::{
        AccountKind, Action, NextStep, PaymentFailureReason, PaymentIntent, PaymentStatus, Progress, SettlePayment,
        TransferCause,
    },
    queries::{self, IntentChange, NewIntent},
};
use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    platform::{
        app::App,
        db::{Conn, Tx},
    },
};

/// How an order is to be paid.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub order: Uuid,
    pub amount: Money,
    pub provider: &'static str,
    pub method: String,
    pub return_url: Option<String>,
    /// Whether the money is only authorised at first.
    pub is_captured_later: bool,
    /// By what name the provider knows whose method it is, if it is kept, or to be kept.
    pub customer: Option<String>,
    /// Whether the method is to be kept.
    pub is_method_stored: bool,
    /// What it is counted by, in case its card is declined.
    pub counts: Counts,
}

/// Whether the market takes payments.
pub fn are_taken(app: &App) -> bool {
    provider::of(app).is_some()
}

/// Holds an attempt against what the market allows, before anything is written.
///
/// # Errors
/// If there is no provider, or it does not know the method, or the return URL is none of the market's.
pub fn check_method(app: &App, method: &str, return_url: Option<&str>) -> Result<&'static str, PaymentError> {
    let provider = provider::of(app).ok_or(PaymentError::NoProvider)?;
    if !provider.knows(method) {
        return Err(PaymentError::Method);
    }
    if return_url.is_some_and(|url| !app.market.may_lead_back_to(url)) {
        return Err(PaymentError::ReturnUrl);
    }
    Ok(provider.name())
}

/// A step: begins an attempt. The caller holds the order's lock. An attempt that waits for the buyer is given up for it. Its guesses are
/// locked after the order and its intents, and before accounts.
///
/// # Errors
/// [`PaymentError::InProgress`] while a provider is at work; [`PaymentError::TooManyDeclines`] where cards may be tried out.
pub fn begin(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<PaymentIntent, PaymentError> {
    give_up(tx, attempt.order)?;
    declines::count(tx, &attempt.counts)?;
    let now = tx.now();
    let intent = NewIntent {
        id: tx.new_id(),
        order_id: attempt.order,
        amount: attempt.amount.minor,
        currency: attempt.amount.currency,
        status: PaymentStatus::Processing,
        provider: attempt.provider,
        method: &attempt.method,
        return_url: attempt.return_url.as_deref(),
        is_captured_later: attempt.is_captured_later,
        customer: attempt.customer.as_deref(),
        is_method_stored: attempt.is_method_stored,
        created_at: now,
        updated_at: now,
    };
    let intent = queries::insert_intent(tx, &intent)?;
    declines::keep(tx, intent.id, &attempt.counts)?;
    Ok(intent)
}

/// A step: the attempt to pay an order that has not ended, if there is one. The caller holds the order's lock.
///
/// # Errors
/// If the database fails.
pub fn live(tx: &mut Tx<'_>, order: Uuid) -> Result<Option<PaymentIntent>, Failure> {
    queries::lock_live_intent(tx, order)
}

/// A step: gives up the attempt of an order that waits for its buyer, if there is one, and what is authorised for it. The caller holds the
/// order's lock. They may have done just now what it waited for, and nobody has told: so the provider is asked.
///
/// # Errors
/// [`PaymentError::InProgress`] while a provider is at work.
pub fn give_up(tx: &mut Tx<'_>, order: Uuid) -> Result<(), PaymentError> {
    release(tx, order)?;
    match queries::lock_live_intent(tx, order)? {
        None => Ok(()),
        Some(intent) if intent.status == PaymentStatus::RequiresAction => {
            queries::set_progress(tx, intent.id, &IntentChange::to(PaymentStatus::Cancelled))?;
            let job = SettlePayment { payment: intent.id };
            Ok(tx.enqueue_anew(&job, tx.now(), &job.key())?)
        }
        Some(_) => Err(PaymentError::InProgress),
    }
}

/// Asks the provider for the money. Outside every transaction.
///
/// # Errors
/// [`NoAnswer`]: what became of it is not known yet.
pub async fn charge(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    let provider = named(app, &intent.provider)?;
    within(CHARGE_TIMEOUT, provider.charge(app, intent)).await
}

/// Asks the provider what became of a charge. Outside every transaction.
///
/// # Errors
/// [`NoAnswer`]: still not known.
pub async fn look_up(app: &App, intent: &PaymentIntent) -> Result<Progress, NoAnswer> {
    let provider = named(app, &intent.provider)?;
    let found = within(TIMEOUT, provider.look_up(app, intent)).await?;
    Ok(found.unwrap_or(Progress::Failed { reason: PaymentFailureReason::NotCompleted }))
}

/// What the buyer of a payment has to do; none if it does not wait for them.
///
/// # Errors
/// If what the provider's library knows it by does not open.
pub fn next_step(app: &App, intent: &PaymentIntent) -> Result<Option<NextStep>, Failure> {
    if intent.status != PaymentStatus::RequiresAction {
        return Ok(None);
    }
    if let Some(url) = &intent.next_action_url {
        return Ok(Some(NextStep::Page { url: url.clone() }));
    }
    let provider = named(app, &intent.provider).ok();
    let (Some(provider), Some(sealed)) = (provider, &intent.sealed_secret) else { return Ok(None) };
    let Some(publishable_key) = provider.publishable_key(app) else { return Ok(None) };
    Ok(Some(NextStep::Library {
        provider: provider.name(),
        publishable_key: publishable_key.to_owned(),
        client_secret: provider::open(app, intent, sealed)?,
    }))
}

/// What has become of a payment by a provider's word.
#[derive(Debug)]
pub struct Settled {
    /// How it stood.
    pub before: PaymentStatus,
    pub after: PaymentIntent,
    /// Whether money came in.
    pub has_paid: bool,
}

/// A step: takes note of a provider's word. The caller holds the order's lock. News that comes twice changes nothing, nor does a failure that
/// comes too late.
///
/// # Errors
/// If the database fails.
pub fn settle(tx: &mut Tx<'_>, id: Id<PaymentIntent>, progress: &Progress) -> Result<Option<Settled>, Failure> {
    let Some(intent) = queries::lock_intent(tx, id)? else { return Ok(None) };
    let before = intent.status;
    declines::hear(tx, &intent, progress)?;
    captures::hear(tx, &intent, progress)?;
    // Its buyer has done their step, and this was said before.
    let is_told = intent.version > PaymentIntent::UNTOLD;
    let status = before.after(progress).filter(|status| !is_told || *status != PaymentStatus::RequiresAction);
    let Some(status) = status else {
        return Ok(Some(Settled { before, after: intent, has_paid: false }));
    };
    let change = IntentChange::to(status);
    let change = match progress {
        Progress::Succeeded { reference, .. } | Progress::Processing { reference } => {
            IntentChange { reference: Some(reference), ..change }
        }
        Progress::RequiresAction { reference, action: Action::Page { url } } => {
            IntentChange { reference: Some(reference), next_action_url: Some(url), ..change }
        }
        Progress::RequiresAction { reference, action: Action::Library { sealed_secret } } => {
            IntentChange { reference: Some(reference), sealed_secret: Some(sealed_secret), ..change }
        }
        Progress::Authorized { reference, until } => {
            IntentChange { reference: Some(reference), authorized_until: Some(*until), ..change }
        }
        Progress::Captured { reference, amount, .. } => {
            IntentChange { reference: Some(reference), captured: Some(*amount), ..change }
        }
        Progress::Failed { reason } => {
            let is_lost = before == PaymentStatus::RequiresCapture && *reason == PaymentFailureReason::NotCompleted;
            let reason = if is_lost { PaymentFailureReason::AuthorizationLost } else { *reason };
            IntentChange { failure: Some(reason), ..change }
        }
    };
    let settled = queries::set_progress(tx, id, &change)?;
    keeping::hear(tx, &intent, status)?;
    let has_paid = status == PaymentStatus::Succeeded;
    if has_paid {
        let movement = Movement {
            debit: (AccountKind::Provider, None),
            credit: (AccountKind::Order, Some(settled.order_id)),
            amount: Money::new(settled.brought(), settled.currency),
            cause: TransferCause::Payment,
            cause_id: settled.id.uuid(),
        };
        let mut movements = vec![movement];
        match progress.fee() {
            Some(fee) => movements.extend(fees::note(tx, &settled, None, slice::from_ref(fee))?),
            None => fees::ask_later(tx, settled.id)?,
        }
        fees::book(tx, &movements)?;
    }
    Ok(Some(Settled { before, after: settled, has_paid }))
}

/// A payment by its id.
///
/// # Errors
/// If the database fails.
pub fn by_id(conn: &mut Conn, id: Id<PaymentIntent>) -> Result<Option<PaymentIntent>, Failure> {
    queries::by_id(conn, id)
}
