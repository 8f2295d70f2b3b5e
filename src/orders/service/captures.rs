//! Money that is only authorised when an order is paid, and taken when the first of it is sent.

use chrono::TimeDelta;

use super::{
    Happened, SettleError, emit_to_all, note_step, pay::reopen, settle, standing::money_of, tell_buyer, tell_shops,
};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{Order, OrderLifecycle},
        queries::{self, shipments},
    },
    payments::{
        self,
        model::{Capture, CaptureBeforeEnd, CaptureStatus, CarryOutCapture, PaymentIntent, Progress},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        jobs::Afterwards,
    },
};

/// For how long an order waits to be paid anew whose promise came to nothing.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// A step: deals with money that was just authorised for a locked order. What is less than is owed, or came too late, is let go, as money
/// would go back. Else the order waits for nothing more, and its money is taken when the first of it is sent, or before the promise ends.
/// Returns the order then.
pub(super) fn hold(
    tx: &mut Tx<'_>,
    order: &Order,
    authorized: &PaymentIntent,
) -> Result<Option<Id<Order>>, OrderError> {
    let money = money_of(tx, order)?;
    // Half of it, an order could neither be sent nor called off; twice, one of them is too much.
    let is_right = order.owed() > money.kept && order.is_covered(money.kept + authorized.amount);
    let is_right = is_right && money.authorized == authorized.amount;
    let is_off = order.status == OrderLifecycle::Cancelled;
    let is_back = is_off && is_right && reopen(tx, order)?;
    if !is_right || is_off && !is_back {
        payments::service::let_go(tx, authorized)?;
        let version = queries::set_changed(tx, order.id)?;
        emit_to_all(tx, order, version)?;
        return Ok(None);
    }
    let before_the_end = authorized.authorized_until.map(|until| until - Capture::BEFORE_THE_END);
    let at = before_the_end.map_or(tx.now(), |at| at.max(tx.now()));
    let job = CaptureBeforeEnd { payment: authorized.id };
    tx.enqueue_at(&job, at, Some(&job.key()))?;
    // It was sent for a promise that came to nothing.
    if shipments::is_anything_sent(tx.conn(), order.id)? {
        take(tx, order)?;
    }
    if is_back {
        let version = queries::set_changed(tx, order.id)?;
        note_step(tx, order, version, &Happened::all(OrderStep::Reopened))?;
    }
    let version = queries::set_payment_due(tx, order.id, None)?;
    note_step(tx, order, version, &Happened { actor: order.buyer_id, ..Happened::all(OrderStep::Authorized) })?;
    Ok(Some(order.id))
}

/// A step: has what is owed for a locked order be taken of what is authorised for it, and the rest let go. That is decided once.
pub(super) fn take(tx: &mut Tx<'_>, order: &Order) -> Result<(), Failure> {
    let kept = payments::service::kept_for(tx.conn(), order.id.uuid(), order.currency)?;
    payments::service::take(tx, order.id.uuid(), order.owed() - kept.minor)
}

/// A step: what was authorised for a locked order is no more. It has to be paid anew, and unless anything is packed it is called off if it
/// is not. Its shops hear of it, who may have packed something that must not leave now.
pub(super) fn lose(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    let version = if order.is_open() {
        let again = tx.now() + PATIENCE;
        queries::set_payment_due(tx, order.id, Some(again))?
    } else {
        queries::set_changed(tx, order.id)?
    };
    tracing::warn!(order = %order.id, "what was authorised for an order could not be taken");
    let step = note_step(tx, order, version, &Happened::all(OrderStep::AuthorizationLost))?;
    tell_shops(tx, order, step)?;
    Ok(tell_buyer(tx, order, step)?)
}

/// Has what is authorised be taken before the promise ends, though nothing was sent: a buyer whose shop is slow keeps what they ordered,
/// and gets the money back for what never comes.
pub async fn capture_before_end(app: &App, caller: &Caller, job: CaptureBeforeEnd) -> Result<(), Failure> {
    let decide = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        let Some(order) = payments::service::order_of(tx.conn(), job.payment)? else { return Ok(()) };
        let Some(order) = queries::lock_order(tx, Id::from_uuid(order))? else { return Ok(()) };
        // As it is under the lock.
        match payments::service::by_id(tx.conn(), job.payment)? {
            Some(intent) if intent.authorized() > 0 => take(tx, &order),
            _ => Ok(()),
        }
    };
    app.db.write(caller, decide).await
}

/// Has the provider take what is authorised, or let it go, and takes note of its word.
pub async fn carry_out_capture(app: &App, caller: &Caller, job: CarryOutCapture) -> Result<(), SettleError> {
    let read = move |conn: &mut Conn| {
        let Some(capture) = payments::service::capture(conn, job.capture)? else { return Ok(None) };
        let intent = payments::service::by_id(conn, capture.intent_id)?;
        Ok::<_, Failure>(intent.map(|intent| (intent, capture)))
    };
    let Some((intent, capture)) = app.db.read(read).await.map_err(OrderError::from)? else { return Ok(()) };
    if capture.status != CaptureStatus::Processing || capture.attempt != job.attempt {
        return Ok(());
    }
    match payments::service::carry_out_capture(app, &intent, &capture).await? {
        // Perhaps it is done another time, until the promise ends.
        Progress::Authorized { .. } => {
            let again = move |tx: &mut Tx<'_>| -> Result<(), OrderError> {
                match payments::service::begin_capture_again(tx, job)? {
                    Some(job) => Ok(payments::service::ask_again(tx, &job, &job.key())?),
                    None => Ok(()),
                }
            };
            Ok(app.db.write(caller, again).await?)
        }
        progress => Ok(settle(app, caller, intent.id, progress).await?),
    }
}

/// A step: has a provider be asked on that has not said for long whether it took what is authorised, or let it go.
///
/// # Errors
/// If the database fails.
pub fn keep_capturing(tx: &mut Tx<'_>, job: CarryOutCapture) -> Result<Afterwards, Failure> {
    let capture = payments::service::capture(tx.conn(), job.capture)?;
    Ok(payments::service::asked_on(tx.now(), capture.map(|capture| capture.created_at)))
}
