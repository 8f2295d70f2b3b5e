//! Steps of taking what is authorised, or letting it go. Either is decided once about a payment, under the lock of its order.

use uuid::Uuid;

use super::provider::{CHARGE_TIMEOUT, NoAnswer, named, within};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    payments::{
        error::PaymentError,
        model::{Capture, CaptureStatus, CarryOutCapture, PaymentIntent, PaymentStatus, Progress},
        queries::{
            self, IntentChange,
            captures::{self, NewCapture},
        },
    },
    platform::{
        app::App,
        db::{Conn, Tx},
    },
};

/// What is authorised for an order, and not taken yet.
///
/// # Errors
/// If the database fails.
pub fn authorized_for(conn: &mut Conn, order: Uuid, currency: CurrencyCode) -> Result<Money, Failure> {
    Ok(Money::new(captures::authorized_for(conn, order)?, currency))
}

/// A step: the payment of an order that is authorised, if nothing is decided about it. The caller holds the order's lock.
///
/// # Errors
/// [`PaymentError::InProgress`] while it is being taken.
pub fn authorized(tx: &mut Tx<'_>, order: Uuid) -> Result<Option<PaymentIntent>, PaymentError> {
    let Some(intent) = captures::lock_authorized(tx, order)? else { return Ok(None) };
    match captures::of_intent(tx.conn(), intent.id)? {
        None => Ok(Some(intent)),
        Some(_) => Err(PaymentError::InProgress),
    }
}

/// A step: has so many minor units be taken of what is authorised for an order, and the rest let go; of nothing, all of it is. What is
/// decided stays so. The caller holds the order's lock.
///
/// # Errors
/// If the database fails.
pub fn take(tx: &mut Tx<'_>, order: Uuid, wanted: i64) -> Result<(), Failure> {
    match authorized(tx, order) {
        Ok(Some(intent)) if wanted > 0 => decide(tx, &intent, wanted.min(intent.amount)),
        Ok(Some(intent)) => let_go(tx, &intent),
        Err(PaymentError::Failed(failure)) => Err(failure),
        Ok(None) | Err(_) => Ok(()),
    }
}

/// A step: gives up what is authorised for an order. The caller holds the order's lock.
///
/// # Errors
/// [`PaymentError::InProgress`] while it is being taken.
pub fn release(tx: &mut Tx<'_>, order: Uuid) -> Result<(), PaymentError> {
    match authorized(tx, order)? {
        Some(intent) => Ok(let_go(tx, &intent)?),
        None => Ok(()),
    }
}

/// A step: gives up a payment that is authorised, and has the provider let it go. The caller holds the order's lock.
///
/// # Errors
/// If the database fails.
pub fn let_go(tx: &mut Tx<'_>, intent: &PaymentIntent) -> Result<(), Failure> {
    queries::set_progress(tx, intent.id, &IntentChange::to(PaymentStatus::Cancelled))?;
    decide(tx, intent, 0)
}

fn decide(tx: &mut Tx<'_>, intent: &PaymentIntent, amount: i64) -> Result<(), Failure> {
    let now = tx.now();
    let row = NewCapture {
        id: tx.new_id(),
        intent_id: intent.id,
        amount,
        status: CaptureStatus::Processing,
        created_at: now,
        updated_at: now,
    };
    let Capture { id, attempt, .. } = captures::insert(tx, &row)?;
    let job = CarryOutCapture { capture: id, attempt };
    tx.enqueue_at(&job, now, Some(&job.key()))
}

/// Has the provider do what is decided about a payment, or say what became of it if it was asked before. Outside every transaction.
///
/// # Errors
/// [`NoAnswer`]: what became of it is not known yet. Ask again.
pub async fn carry_out_capture(app: &App, intent: &PaymentIntent, capture: &Capture) -> Result<Progress, NoAnswer> {
    let provider = named(app, &intent.provider)?;
    let asking =
        if capture.is_void() { provider.void(app, intent, capture) } else { provider.capture(app, intent, capture) };
    within(CHARGE_TIMEOUT, asking).await
}

/// A step: notes what a provider's word about a locked payment means for what was decided about it.
pub(super) fn hear(tx: &mut Tx<'_>, intent: &PaymentIntent, progress: &Progress) -> Result<(), Failure> {
    let taken = match progress {
        Progress::Succeeded { .. } => intent.amount,
        Progress::Captured { amount, .. } => *amount,
        Progress::Failed { .. } => 0,
        Progress::Processing { .. } | Progress::RequiresAction { .. } | Progress::Authorized { .. } => return Ok(()),
    };
    if !intent.is_captured_later {
        return Ok(());
    }
    match captures::of_intent(tx.conn(), intent.id)?.filter(|capture| capture.status == CaptureStatus::Processing) {
        Some(capture) if capture.amount == taken => captures::set_status(tx, capture.id, CaptureStatus::Succeeded),
        Some(capture) => captures::set_status(tx, capture.id, CaptureStatus::Failed),
        None => Ok(()),
    }
}

/// A step: begins once more what a provider has refused, and may do yet: under another key, for under the same one it may repeat its
/// refusal. It is taken once, whatever the key. None if that attempt is over.
///
/// # Errors
/// If the database fails.
pub fn begin_capture_again(tx: &mut Tx<'_>, refused: CarryOutCapture) -> Result<Option<CarryOutCapture>, Failure> {
    let begun = captures::begin_again(tx, (refused.capture, refused.attempt))?;
    Ok(begun.map(|capture| CarryOutCapture { capture: capture.id, attempt: capture.attempt }))
}

/// What is decided about a payment, by its id.
///
/// # Errors
/// If the database fails.
pub fn capture(conn: &mut Conn, id: Id<Capture>) -> Result<Option<Capture>, Failure> {
    captures::by_id(conn, id)
}
