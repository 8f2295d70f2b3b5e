//! Steps of giving money back.

use uuid::Uuid;

use super::{
    Movement, paid_for,
    provider::{self, NoAnswer, TIMEOUT, named, within},
    transfer,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    payments::{
        model::{AccountKind, PaymentIntent, Refund, RefundProgress, RefundStatus, TransferCause},
        queries::refunds::{self as queries, NewRefund},
    },
    platform::{
        app::App,
        db::{Conn, Tx},
    },
};

/// Money that is to go back to whoever paid for an order.
#[derive(Debug, Clone, Copy)]
pub struct GiveBack<'a> {
    /// The part at whose cost; none if more came in than was owed.
    pub part: Option<Uuid>,
    pub amount: Money,
    /// What the buyer is told.
    pub reason: Option<&'a str>,
}

/// A step: has money given back by the payments that brought it, the newest first, each by a refund of its own. The caller
/// holds the order's lock, and has [`carry_out`] called for each. No more comes of it than the payments have left.
///
/// # Errors
/// If the database fails.
pub fn give_back(tx: &mut Tx<'_>, order: Uuid, wanted: &[GiveBack<'_>]) -> Result<Vec<Refund>, Failure> {
    let payments = queries::lock_refundable(tx, order)?;
    let mut left: Vec<i64> = payments.iter().map(PaymentIntent::left).collect();
    let now = tx.now();
    let mut refunds = Vec::with_capacity(wanted.len());
    for &GiveBack { part, amount: wanted, reason } in wanted {
        let mut due = wanted.minor;
        for (intent, left) in payments.iter().zip(&mut left) {
            let amount = due.min(*left);
            if amount <= 0 {
                continue;
            }
            due -= amount;
            *left -= amount;
            refunds.push(NewRefund {
                id: tx.new_id(),
                intent_id: intent.id,
                order_id: order,
                part_id: part,
                amount,
                currency: intent.currency,
                status: RefundStatus::Processing,
                reason,
                created_at: now,
                updated_at: now,
            });
        }
    }
    if refunds.is_empty() {
        return Ok(Vec::new());
    }
    let taken = payments.iter().zip(left).map(|(intent, left)| (intent.id, intent.left() - left));
    queries::add_refunded(tx, &taken.filter(|(_, taken)| *taken > 0).collect::<Vec<_>>())?;
    queries::insert(tx, &refunds)
}

/// What can go back by the payments of an order, in minor units.
#[derive(Debug, Clone, Copy)]
pub struct Refundable {
    /// How much at the most.
    pub left: i64,
    /// Of how many units each amount has to be a multiple, or the payments' provider could not carry it out.
    pub step: i64,
}

/// A step: what can go back by the payments of an order. The caller holds the order's lock.
///
/// # Errors
/// If the database fails.
pub fn lock_refundable(tx: &mut Tx<'_>, order: Uuid) -> Result<Refundable, Failure> {
    let payments = queries::lock_refundable(tx, order)?;
    let left = payments.iter().map(PaymentIntent::left).sum();
    Ok(Refundable { left, step: payments.iter().map(provider::step).max().unwrap_or(1) })
}

/// Asks the provider to give money back, or what became of it. Outside every transaction.
///
/// # Errors
/// [`NoAnswer`]: what became of it is not known yet. Ask again.
pub async fn carry_out(app: &App, intent: &PaymentIntent, refund: &Refund) -> Result<RefundProgress, NoAnswer> {
    let provider = named(app, &intent.provider)?;
    within(TIMEOUT, provider.refund(app, intent, refund)).await
}

/// A step: takes note of a provider's word about a refund as it was when the provider was asked. The caller holds the order's lock. None
/// if it says nothing new.
///
/// # Errors
/// If the database fails.
pub fn settle_refund(tx: &mut Tx<'_>, asked: &Refund, progress: &RefundProgress) -> Result<Option<Refund>, Failure> {
    let (id, attempt) = (asked.id, asked.attempt);
    let (status, reference) = match progress {
        RefundProgress::Succeeded { reference } => (RefundStatus::Succeeded, Some(reference.as_str())),
        RefundProgress::Pending { reference } => {
            queries::set_reference(tx, (id, attempt), reference)?;
            return Ok(None);
        }
        RefundProgress::Failed if asked.status == RefundStatus::Succeeded => return come_back(tx, asked),
        RefundProgress::Failed => (RefundStatus::Failed, None),
    };
    let Some(refund) = queries::set_progress(tx, (id, attempt), status, reference)? else { return Ok(None) };
    if status == RefundStatus::Succeeded {
        transfer(tx, &[leaving(&refund)])?;
    }
    Ok(Some(refund))
}

/// What leaves the provider by a refund.
fn leaving(refund: &Refund) -> Movement {
    Movement {
        debit: (AccountKind::Order, Some(refund.order_id)),
        credit: (AccountKind::Provider, None),
        amount: refund.money(),
        cause: TransferCause::Refund,
        cause_id: refund.cause_id(),
    }
}

/// What was given back has come back to the provider, as from an account that is closed. It is owed again.
fn come_back(tx: &mut Tx<'_>, given: &Refund) -> Result<Option<Refund>, Failure> {
    let booked_as = tx.new_uuid();
    let Some(refund) = queries::set_come_back(tx, (given.id, given.attempt), booked_as)? else { return Ok(None) };
    let Movement { debit, credit, .. } = leaving(given);
    transfer(tx, &[Movement { debit: credit, credit: debit, ..leaving(given) }])?;
    Ok(Some(refund))
}

/// A step: notes that the provider has not said for long what became of an attempt to give money back. The caller holds the
/// order's lock. None if that attempt is over.
///
/// # Errors
/// If the database fails.
pub fn leave_unanswered(tx: &mut Tx<'_>, (id, attempt): (Id<Refund>, i32)) -> Result<Option<Refund>, Failure> {
    queries::set_progress(tx, (id, attempt), RefundStatus::Unanswered, None)
}

/// A step: begins a refund again that the provider could not carry out, or about which it did not answer: then under the same
/// key, so that it does not give the money back twice. None if it is at work, or has done it.
///
/// # Errors
/// If the database fails.
pub fn begin_again(tx: &mut Tx<'_>, id: Id<Refund>) -> Result<Option<Refund>, Failure> {
    queries::begin_again(tx, id)
}

/// A refund by its id.
///
/// # Errors
/// If the database fails.
pub fn refund(conn: &mut Conn, id: Id<Refund>) -> Result<Option<Refund>, Failure> {
    queries::by_id(conn, id)
}

/// How many times something of a part was given back.
///
/// # Errors
/// If the database fails.
pub fn refunds_of_part(conn: &mut Conn, part: Uuid) -> Result<usize, Failure> {
    Ok(usize::try_from(queries::count_of_part(conn, part)?).unwrap_or_default())
}

/// What has come in for an order and stays: less what is on its way back, which the provider still has.
///
/// # Errors
/// If the database fails.
pub fn kept_for(conn: &mut Conn, order: Uuid, currency: CurrencyCode) -> Result<Money, Failure> {
    let paid = paid_for(conn, order, currency)?;
    let pending = if paid.minor > 0 { queries::pending(conn, order)? } else { 0 };
    Ok(Money::new(paid.minor - pending, paid.currency))
}
