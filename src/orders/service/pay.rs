//! Paying orders.

use super::{Happened, additions, books, captures, emit_to_all, guests::By, note_step, refunds, standing::money_of};
use crate::{
    inventory::{self, service::Taken},
    kernel::{error::Failure, id::Id, money::Money},
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{Cancellation, Order, OrderLifecycle, OrderPaidMail, PaidFor, PaidOrder, TellOfPayment},
        queries,
    },
    payments::{
        self,
        error::PaymentError,
        model::{PaymentFailureReason, PaymentIntent, PaymentStatus, Progress, SettlePayment},
        service::{Attempt, Means, Payer, Prepared, Settled, provider::NoAnswer},
    },
    platform::{
        app::App,
        caller::Caller,
        config::CaptureTime,
        db::{Conn, Tx},
        idempotency::{self, Key, Retention, Turn},
        jobs::Afterwards,
    },
    products,
    promotions::{self, error::PromotionError, model::CodeFault},
    users::model::oneself,
};

/// How somebody wants to pay.
#[derive(Debug, Clone)]
pub struct PayOrder {
    pub order: Id<Order>,
    pub means: Means,
    pub return_url: Option<String>,
}

impl PayOrder {
    /// The key of this very intent.
    fn key(&self, by: By, key: &str) -> Result<Key, Failure> {
        let scope = by.scope(self.order);
        match &self.means {
            // As it was before anything could be kept: a repeat of then is the same payment.
            Means::Token(method) => {
                let stated = (self.order, method, &self.return_url);
                Key::new(&scope, "payOrder", key, &stated, Retention::Month)
            }
            Means::ToKeep(_) | Means::Kept(_) => {
                let stated = (self.order, &self.means, &self.return_url);
                Key::new(&scope, "payOrder", key, &stated, Retention::Month)
            }
        }
    }
}

/// Pays what is owed for an order, for its buyer or for who has the owner's token of it, unless cards may be tried out there. Where money
/// is taken when something is sent, it is only authorised by this, unless it is for what was added to what is paid. The attempt is written
/// down before the provider is asked for money and settled afterwards, so a crash in between loses nothing: a job asks the provider what
/// became of it.
pub async fn pay_order(
    app: &App,
    caller: &Caller,
    input: PayOrder,
    token: Option<&str>,
    key: &str,
) -> Result<Id<PaymentIntent>, OrderError> {
    let by = By::of(app, caller, input.order, token)?;
    if by != By::Token {
        oneself(caller)?;
    }
    let key = input.key(by, key)?;
    let (payer, person) = match by {
        By::Account(person) => (Payer::Person(person), Some(person)),
        By::Token => (Payer::Guest { order: input.order.uuid() }, None),
    };
    let (asking, now, wanted, claimed) = (caller.clone(), app.now(), input.order, key.clone());
    let may_begin = move |conn: &mut Conn| {
        let found = queries::by_ids(conn, &[wanted])?.pop().filter(|found| by.may_act(&asking, &found.order, now));
        let Some(PaidOrder { order, .. }) = found else { return Ok(false) };
        let kept = payments::service::kept_for(conn, order.id.uuid(), order.currency)?;
        let held = payments::service::authorized_for(conn, order.id.uuid(), order.currency)?;
        let is_payable = order.payable(kept.minor + held.minor).is_some();
        Ok::<_, Failure>(is_payable && !idempotency::is_claimed(conn, &claimed)?)
    };
    // Of what is over, or nobody's affair, no provider is asked about a card. Should it look otherwise in a moment, it counts without one.
    let prepared = if app.db.read(may_begin).await? {
        payments::service::prepare(app, caller, person, &input.means).await?
    } else {
        Prepared::default()
    };
    let counts = payments::service::counts(app, caller, payer, prepared.method.as_deref()).await?;
    let (asking, market, ordered) = (caller.clone(), app.clone(), input.order);
    let (id, turn) = app
        .claim(caller, Some(key), move |tx| {
            let way_back = input.return_url.as_deref();
            let by_what = (&input.means, &prepared);
            let chosen = payments::service::choose(&market, tx.conn(), person, by_what, way_back)?;
            let now = tx.now();
            let order = queries::lock_order(tx, input.order)?.filter(|order| by.may_act(&asking, order, now));
            let order = order.ok_or(OrderError::NotFound)?;
            let money = money_of(tx, &order)?;
            let owed = order.payable(money.held()).ok_or(OrderError::NotPayable)?;
            // What came in and is on its way back is no part of what is owed, and is paid no second time meanwhile.
            if money.paid > money.kept && !money.is_passed_on {
                return Err(PaymentError::InProgress.into());
            }
            if money.is_passed_on && additions::is_barred(tx, &order, &money)? {
                return Err(OrderError::NotPayable);
            }
            let attempt = Attempt {
                order: order.id.uuid(),
                amount: Money::new(owed, order.currency),
                provider: chosen.provider,
                method: chosen.method,
                return_url: input.return_url.clone(),
                // What is added to what is paid is taken at once: the rest of it was taken before.
                is_captured_later: market.market.checkout.capture == CaptureTime::AtShipment && !money.is_passed_on,
                customer: chosen.customer,
                is_method_stored: chosen.is_to_be_kept,
                counts: counts.clone(),
            };
            let intent = payments::service::begin(tx, &attempt)?;
            // In case this process does not live to hear the provider's answer.
            let job = SettlePayment { payment: intent.id };
            tx.enqueue_at(&job, tx.now() + SettlePayment::AFTER, Some(&job.key()))?;
            Ok::<_, OrderError>(intent.id)
        })
        .await?;
    if turn == Turn::First {
        let intent = app.db.read(move |conn| payments::service::by_id(conn, id)).await?.ok_or(OrderError::NotFound)?;
        let (step, currency) = (payments::service::provider::step(&intent), intent.currency);
        let owed = if step == 1 {
            Vec::new()
        } else {
            app.db.read(move |conn| additions::owed_by_parts(conn, ordered, currency)).await?
        };
        let progress = if owed.iter().all(|owed| owed % step == 0) {
            payments::service::charge(app, &intent).await
        } else {
            // Each part may have to go back by itself.
            Ok(Progress::Failed { reason: PaymentFailureReason::Unsupported })
        };
        if let Ok(progress) = progress {
            settle(app, caller, id, progress).await?;
        }
    } else {
        await_answer(app, id).await?;
    }
    Ok(id)
}

/// How often, and how far apart, a repeat looks whether the first request has heard from the provider.
const LOOKS: u32 = 15;
const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_millis(200);

/// Waits, within bounds, until a payment that another request began has an answer.
async fn await_answer(app: &App, id: Id<PaymentIntent>) -> Result<(), OrderError> {
    for _ in 0..LOOKS {
        let intent = app.db.read(move |conn| payments::service::by_id(conn, id)).await?;
        if intent.is_none_or(|intent| intent.status != PaymentStatus::Processing) {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
}

/// Takes note of a provider's word about a payment, whoever brings it and however often.
pub async fn settle(app: &App, caller: &Caller, id: Id<PaymentIntent>, progress: Progress) -> Result<(), OrderError> {
    let settle = move |tx: &mut Tx<'_>| {
        if let Some(order) = note_payment(tx, id, &progress)? {
            tx.enqueue(&TellOfPayment { order })?;
        }
        if matches!(progress, Progress::Processing { .. }) {
            // In case nobody tells when it has come to an end.
            let job = SettlePayment { payment: id };
            payments::service::ask_again(tx, &job, &job.key())?;
        }
        Ok(())
    };
    app.db.write(caller, settle).await
}

/// A step: has the provider be asked on that has not answered for long, for money may yet come of what is not over there.
///
/// # Errors
/// If the database fails.
pub fn keep_asking(tx: &mut Tx<'_>, job: SettlePayment) -> Result<Afterwards, Failure> {
    let intent = payments::service::by_id(tx.conn(), job.payment)?;
    Ok(payments::service::asked_on(tx.now(), intent.map(|intent| intent.created_at)))
}

/// A step: takes note of a provider's word about a payment. Returns the order if money came in for it, or was promised: once, so that
/// its shops are told of it once.
///
/// # Errors
/// If the database fails.
pub fn note_payment(
    tx: &mut Tx<'_>,
    id: Id<PaymentIntent>,
    progress: &Progress,
) -> Result<Option<Id<Order>>, OrderError> {
    let Some(order) = payments::service::order_of(tx.conn(), id)? else { return Ok(None) };
    let Some(order) = queries::lock_order(tx, Id::from_uuid(order))? else { return Ok(None) };
    let Some(settled) = payments::service::settle(tx, id, progress)? else { return Ok(None) };
    let Settled { before, after: settled, has_paid } = settled;
    if settled.status == before {
        return Ok(None);
    }
    if has_paid {
        // Of money that comes when nobody waited for it: another attempt may wait for the buyer.
        if !before.is_live()
            && let Err(PaymentError::Failed(failure)) = payments::service::give_up(tx, order.id.uuid())
        {
            return Err(failure.into());
        }
        let paid = receive(tx, &order, &settled)?;
        // The shops know of it since it was promised.
        if before == PaymentStatus::RequiresCapture && paid.is_some() {
            tx.enqueue(&OrderPaidMail { order: order.id, buyer: order.buyer_id, addition: None })?;
            return Ok(None);
        }
        return Ok(paid);
    }
    if settled.status == PaymentStatus::RequiresCapture {
        return captures::hold(tx, &order, &settled);
    }
    if before == PaymentStatus::RequiresCapture {
        captures::lose(tx, &order)?;
        return Ok(None);
    }
    let version = queries::set_changed(tx, order.id)?;
    emit_to_all(tx, &order, version)?;
    Ok(None)
}

/// A step: deals with money that has come in for a locked order. What is owed is passed on; what is not goes back, and so does what
/// is less than that, or is more by what its provider could not give back alone. Returns the order if something was owed.
fn receive(tx: &mut Tx<'_>, order: &Order, payment: &PaymentIntent) -> Result<Option<Id<Order>>, OrderError> {
    if order.added > 0 {
        // Of what is added only those hear who sell it.
        return additions::receive(tx, order, payment.id).map(|()| None);
    }
    let money = money_of(tx, order)?;
    // Whoever has added something since they began to pay may have paid less than is owed by now. Half paid, an order could neither
    // be sent nor called off.
    let excess = money.kept - order.owed();
    // Of money that is passed on nothing is left over but whole payments. Else what its provider could not give back goes with the rest of it.
    let is_divisible =
        money.is_passed_on || excess % payments::service::lock_refundable(tx, order.id.uuid())?.step == 0;
    let is_enough = excess >= 0 && is_divisible;
    let is_off = order.status == OrderLifecycle::Cancelled;
    let is_back = is_off && is_enough && reopen(tx, order)?;
    let owed = if is_enough && (!is_off || is_back) { order.owed() } else { 0 };
    let is_owed = money.kept - payment.brought() < owed;
    if is_owed {
        books::pass_on(tx, order, &money)?;
    }
    if is_back {
        let version = queries::set_changed(tx, order.id)?;
        note_step(tx, order, version, &Happened::all(OrderStep::Reopened))?;
    }
    if is_owed {
        let version = queries::set_payment_due(tx, order.id, None)?;
        note_step(tx, order, version, &Happened { actor: order.buyer_id, ..Happened::all(OrderStep::Paid) })?;
    }
    refunds::give_back_excess(tx, order, (money.kept, owed))?;
    Ok(is_owed.then_some(order.id))
}

/// Opens an order again whose money came after it had been called off for want of it, if everything is still there, and what took something off it, too.
pub(super) fn reopen(tx: &mut Tx<'_>, order: &Order) -> Result<bool, OrderError> {
    // Whoever called it off themself does not want it any more; of who has left nobody knows where it was to go.
    if order.cancellation != Some(Cancellation::Unpaid) || order.shipping_address.is_none() {
        return Ok(false);
    }
    match tx.savepoint(|tx| take_again(tx, order)) {
        Ok(()) => Ok(true),
        Err(OrderError::OutOfStock(_) | OrderError::Code(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn take_again(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    let sold = queries::sold_in(tx.conn(), order.id)?;
    let wanted = sold.iter().filter_map(|&(_, variant, quantity)| Some((variant?, quantity)));
    let wanted: Vec<_> = wanted.filter(|(_, quantity)| *quantity > 0).collect();
    let Taken::All(turns) = inventory::service::take(tx, &wanted, order.id.uuid(), None)? else {
        return Err(OrderError::OutOfStock(Vec::new()));
    };
    // Between the shelves and the products, as everywhere.
    match promotions::service::take_again(tx, order.id.uuid()) {
        Ok(()) => {}
        Err(PromotionError::Failed(failure)) => return Err(failure.into()),
        Err(_) => return Err(OrderError::Code(CodeFault::UsedUp)),
    }
    queries::set_reopened(tx, order.id)?;
    let sold: Vec<_> =
        sold.into_iter().filter_map(|(product, _, quantity)| Some((product?, quantity.into()))).collect();
    products::service::count_sold(tx, &sold)?;
    // After the products are locked, in their order.
    Ok(inventory::service::settle(tx, &turns)?)
}

/// Finds out what became of a payment whose answer never came, or which was given up, or failed and may be paid nevertheless.
pub async fn settle_unanswered(app: &App, id: Id<PaymentIntent>) -> Result<(), SettleError> {
    let (now, read) = (app.now(), move |conn: &mut Conn| payments::service::by_id(conn, id));
    let intent = app.db.read(read).await.map_err(OrderError::from)?;
    let is_unsure = |intent: &PaymentIntent| match intent.status {
        PaymentStatus::Processing | PaymentStatus::Cancelled => true,
        PaymentStatus::Failed => intent.reference.is_some(),
        PaymentStatus::Succeeded | PaymentStatus::RequiresAction | PaymentStatus::RequiresCapture => false,
    };
    let Some(intent) = intent.filter(is_unsure) else { return Ok(()) };
    let earliest = intent.created_at + SettlePayment::AFTER;
    if intent.status == PaymentStatus::Processing && now < earliest {
        // While the provider is just being asked for the money nobody else interferes.
        let job = SettlePayment { payment: id };
        let later = move |tx: &mut Tx<'_>| tx.enqueue_anew(&job, earliest, &job.key());
        return Ok(app.db.write(&Caller::system(), later).await.map_err(OrderError::from)?);
    }
    let progress = payments::service::look_up(app, &intent).await?;
    Ok(settle(app, &Caller::system(), id, progress).await?)
}

/// Why a payment is still open.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Order(#[from] OrderError),
}

/// A payment with its order, for whoever its provider lets see it.
pub async fn payment(app: &App, id: Id<PaymentIntent>) -> Result<Option<PaidFor>, Failure> {
    app.db
        .read(move |conn| {
            let Some(payment) = payments::service::by_id(conn, id)? else { return Ok(None) };
            let found = queries::by_ids(conn, &[Id::from_uuid(payment.order_id)])?.pop();
            Ok(found.map(|PaidOrder { order, .. }| PaidFor { payment, order }))
        })
        .await
}
