//! Orders that nobody pays in time are called off, and their stock goes back.

use chrono::TimeDelta;

use super::{
    SettleError, additions,
    cancel::{abandon, call_off},
    emit_to_all, settle,
    standing::money_of,
};
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        error::OrderError,
        model::{CallOffUnlessPaid, Cancellation, Order, OrderLifecycle, OrderMoney, OrderUnpaidMail},
        queries,
    },
    payments::{
        self,
        error::PaymentError,
        model::{PaymentIntent, PaymentStatus, SettlePayment},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        jobs::JobBody,
    },
};

/// Orders that are looked at at a time, and how often one sweep does so at the most.
const BATCH: usize = 1_000;
const BATCHES: usize = 5;
/// How many times as long as it first waits an order waits at the most for a buyer who is about to pay.
const PATIENCE: i32 = 4;
/// How much longer than that it waits at the most for providers that are at work, one attempt after the other.
const WORK: TimeDelta = TimeDelta::days(14);

/// What failed, or waits for a provider's word, is looked at again after so long, so that it keeps no other waiting.
pub(super) const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// Finds so many orders whose time is over, those first whose time was over first.
type Find = fn(&mut Conn, Time, i64) -> Result<Vec<Id<Order>>, Failure>;
/// Deals with an order, where orders wait so long for their money. What is refused was paid just now, or is about to be.
type LookAt = fn(&mut Tx<'_>, Id<Order>, TimeDelta) -> Result<(), OrderError>;

/// Orders whose time is over, and what becomes of them.
pub(super) struct Overdue {
    pub(super) find: Find,
    pub(super) look_at: LookAt,
    /// Has one that could not be dealt with be looked at again later.
    pub(super) put_off: fn(&mut Tx<'_>, Id<Order>) -> Result<(), Failure>,
}

/// Deals with orders whose time is over. What fails for one keeps no other waiting.
///
/// # Errors
/// The last of what failed.
pub(super) async fn sweep(app: &App, caller: &Caller, overdue: Overdue) -> Result<(), Failure> {
    let Overdue { find, look_at, put_off } = overdue;
    let (now, lasting) = (app.now(), app.market.checkout.payment_due);
    let limit = i64::try_from(BATCH).map_err(Failure::internal)?;
    let mut outcome = Ok(());
    for _ in 0..BATCHES {
        let found = app.db.read(move |conn: &mut Conn| find(conn, now, limit)).await?;
        for &order in &found {
            let look_at = move |tx: &mut Tx<'_>| look_at(tx, order, lasting);
            if let Err(OrderError::Failed(failure)) = app.db.write(caller, look_at).await {
                tracing::error!(%order, error = ?failure, "an order whose time is over could not be dealt with");
                // If that fails, too, so would the others.
                app.db.write(caller, move |tx: &mut Tx<'_>| put_off(tx, order)).await?;
                outcome = Err(failure);
            }
        }
        if found.len() < BATCH {
            break;
        }
    }
    outcome
}

/// Calls off what has waited for its money for too long; where nobody can pay, nothing waits, but what was added to what is paid. What
/// fails for one keeps no other waiting.
///
/// # Errors
/// The last of what failed.
pub async fn call_off_overdue(app: &App, caller: &Caller) -> Result<(), Failure> {
    let lapsed = additions::lapse_overdue(app, caller).await;
    if !payments::service::are_taken(app) {
        return lapsed;
    }
    sweep(app, caller, Overdue { find: queries::overdue, look_at, put_off }).await.and(lapsed)
}

/// Locks an order, if it has waited for its money for too long.
fn lock_overdue(tx: &mut Tx<'_>, order: Id<Order>) -> Result<Option<Order>, Failure> {
    let now = tx.now();
    Ok(queries::lock_order(tx, order)?.filter(|order| order.payment_due_at.is_some_and(|due| due <= now)))
}

fn put_off(tx: &mut Tx<'_>, order: Id<Order>) -> Result<(), Failure> {
    let again = tx.now() + AGAIN;
    match lock_overdue(tx, order)? {
        Some(order) => wait(tx, &order, Some(again)),
        None => Ok(()),
    }
}

fn look_at(tx: &mut Tx<'_>, order: Id<Order>, lasting: TimeDelta) -> Result<(), OrderError> {
    let Some(order) = lock_overdue(tx, order)? else { return Ok(()) };
    let money = money_of(tx, &order)?;
    // A release that knew of no end may have taken the money, or called it off.
    let is_settled = money.kept > 0 || order.owed() <= 0;
    // What is packed was sent by a shop that sees to its money itself.
    if order.status != OrderLifecycle::Open
        || is_settled
        || queries::shipments::is_anything_packed(tx.conn(), order.id)?
    {
        return Ok(wait(tx, &order, None)?);
    }
    let now = tx.now();
    // What was too little is on its way back. Should it never arrive there, the goods do not wait for it.
    if money.paid > 0 && now < end(order.placed_at, lasting) {
        return Ok(wait(tx, &order, Some(now + AGAIN))?);
    }
    let Some(attempt) = payments::service::live(tx, order.id.uuid())? else {
        abandon(tx, (&order, &money), Cancellation::Unpaid, None)?;
        return tell(tx, &order);
    };
    let payment = attempt.id;
    if now >= end(order.placed_at, lasting) {
        return end_waiting(tx, &order, &money);
    }
    let Some(later) = waits_until(order.placed_at, (attempt.status, attempt.created_at), now, lasting) else {
        // Its buyer may have done what they had to do, and nobody has told.
        wait(tx, &order, Some(now + AGAIN))?;
        let unique = format!("{} {payment}", CallOffUnlessPaid::KIND);
        return Ok(tx.enqueue_at(&CallOffUnlessPaid { payment }, now, Some(&unique))?);
    };
    wait(tx, &order, Some(later))?;
    // Whoever asked for its outcome until now may have given up.
    if attempt.status == PaymentStatus::Processing {
        let job = SettlePayment { payment };
        tx.enqueue_anew(&job, now, &job.key())?;
    }
    Ok(())
}

/// Calls a locked order off for which nobody waits any longer, and has its buyer told.
fn give_up(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    let money = money_of(tx, order)?;
    call_off(tx, (order, &money), Cancellation::Unpaid, None)?;
    tell(tx, order)
}

/// As [`give_up`], though a provider may still be at work: should money come of it, it comes too late.
fn end_waiting(tx: &mut Tx<'_>, order: &Order, money: &OrderMoney) -> Result<(), OrderError> {
    match payments::service::give_up(tx, order.id.uuid()) {
        Ok(()) | Err(PaymentError::InProgress) => {}
        Err(error) => return Err(error.into()),
    }
    abandon(tx, (order, money), Cancellation::Unpaid, None)?;
    tell(tx, order)
}

/// A guest is not told: anybody may have given their address, and mail to it begins with the payment.
fn tell(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    if let Some(buyer) = order.buyer_id {
        tx.enqueue(&OrderUnpaidMail { order: order.id, buyer })?;
    }
    Ok(())
}

/// Asks the provider what became of an attempt that waited for its buyer for too long, and if nothing did, calls the order off; of one that
/// is paid, what was added to it.
pub async fn call_off_unless_paid(app: &App, caller: &Caller, id: Id<PaymentIntent>) -> Result<(), SettleError> {
    let attempt = app.db.read(move |conn| payments::service::by_id(conn, id)).await.map_err(OrderError::from)?;
    let is_waiting = |attempt: &PaymentIntent| attempt.status == PaymentStatus::RequiresAction;
    let Some(attempt) = attempt.filter(is_waiting) else { return Ok(()) };
    let progress = payments::service::look_up(app, &attempt).await?;
    settle(app, caller, id, progress).await?;
    let order = Id::from_uuid(attempt.order_id);
    let give_up = move |tx: &mut Tx<'_>| -> Result<(), OrderError> {
        let is_waiting = |order: &Order| order.payment_due_at.is_some() || order.added > 0;
        let Some(order) = queries::lock_order(tx, order)?.filter(is_waiting) else { return Ok(()) };
        match payments::service::live(tx, order.id.uuid())? {
            // Another attempt, which has a time of its own.
            Some(attempt) if attempt.id != id => Ok(()),
            _ if order.added > 0 => {
                payments::service::give_up(tx, order.id.uuid())?;
                additions::fall(tx, &order)
            }
            _ => give_up(tx, &order),
        }
    };
    match app.db.write(caller, give_up).await {
        Err(OrderError::Failed(failure)) => Err(OrderError::Failed(failure).into()),
        // What was refused was paid just now, or is about to be.
        _ => Ok(()),
    }
}

/// Says of a locked order until when it waits, and tells everybody concerned.
fn wait(tx: &mut Tx<'_>, order: &Order, until: Option<Time>) -> Result<(), Failure> {
    let version = queries::set_payment_due(tx, order.id, until)?;
    emit_to_all(tx, order, version)
}

/// When an order waits for nobody any longer, whatever they are doing about it.
pub(super) fn end(placed_at: Time, lasting: TimeDelta) -> Time {
    placed_at + lasting * PATIENCE + WORK
}

/// Until when an overdue order waits on for an attempt to pay that has not ended; none if it waits no longer. A provider may be at work for
/// days; a buyer who has to do something gets as long for it as for everything. Neither keeps the goods from others by beginning anew.
pub(super) fn waits_until(
    placed_at: Time,
    attempt: (PaymentStatus, Time),
    now: Time,
    lasting: TimeDelta,
) -> Option<Time> {
    let until = match attempt {
        (PaymentStatus::Processing, _) => (now + lasting).min(end(placed_at, lasting)),
        (_, began_at) => (began_at + lasting).min(placed_at + lasting * PATIENCE),
    };
    Some(until).filter(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_waits_for_who_is_about_to_pay_and_not_for_ever() {
        let at = |minutes: i64| Time::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let lasting = TimeDelta::minutes(30);
        let waits = |status, began: i64, now: i64| waits_until(at(0), (status, at(began)), at(now), lasting);
        assert_eq!(waits(PaymentStatus::Processing, 1, 5_000), Some(at(5_030)));
        let end = 4 * 30 + 14 * 24 * 60;
        assert_eq!(waits(PaymentStatus::Processing, end - 100, end - 10), Some(at(end)));
        assert_eq!(waits(PaymentStatus::Processing, end - 10, end), None);
        assert_eq!(waits(PaymentStatus::RequiresAction, 29, 30), Some(at(59)));
        assert_eq!(waits(PaymentStatus::RequiresAction, 29, 59), None);
        assert_eq!(waits(PaymentStatus::RequiresAction, 100, 110), Some(at(120)));
        assert_eq!(waits(PaymentStatus::RequiresAction, 119, 120), None);
    }
}
