//! What a buyer adds to a part that is paid: held for them until it is paid, too, and part of the order from then on. What is not paid
//! in time falls away, and the order stays as it was.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{
    Happened, books, documents, emit_to_all,
    overdue::{self, AGAIN, Overdue, end, waits_until},
    refunds,
    shipping::settle_fulfillment,
    standing::money_of,
    tell_buyer, tell_each_shop, write_step,
};
use crate::{
    inventory::{self, service::PutBack},
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{
            AddedLine, AddedSums, AgreedLine, CallOffUnlessPaid, Charged, Order, OrderLine, OrderMoney, OrderPaidMail,
            OrderPart, Pieces,
        },
        queries::{
            self,
            additions::{self, NewAddedLine},
            edits::{self, Addition},
            shipments,
        },
    },
    payments::{
        self,
        error::PaymentError,
        model::{PaymentIntent, PaymentStatus, SettlePayment},
        service::Movement,
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        jobs::JobBody,
    },
    products::{
        self,
        model::{Product, Variant},
    },
    taxes::model::{CountryTaxes, Remitter},
};

/// A step: whether what waits to be part of a locked order is not to be paid any more.
pub(super) fn is_barred(tx: &mut Tx<'_>, order: &Order, money: &OrderMoney) -> Result<bool, Failure> {
    Ok(money.bars_more(&additions::extended(tx.conn(), &[order.id])?))
}

/// A step: writes down what is added to a part of a locked order that is paid. It waits for its money until `due_at`, or as long as what was
/// added before.
pub(super) fn hold(
    tx: &mut Tx<'_>,
    part: &OrderPart,
    added: &[(AgreedLine, Charged)],
    taxes: Option<&CountryTaxes>,
    due_at: Time,
) -> Result<(), Failure> {
    let next = edits::last_ordinal(tx.conn(), part.id)? + 1;
    let is_tax_withheld = taxes.is_some_and(|taxes| taxes.remitted_by == Remitter::Market);
    let mut lines = Vec::with_capacity(added.len());
    for (ordinal, (line, Charged { charge, total })) in (next..).zip(added) {
        lines.push(NewAddedLine {
            id: tx.new_id(),
            part_id: part.id,
            ordinal,
            product_id: line.item.product,
            variant_id: line.item.variant,
            title: &line.item.title,
            sku: &line.item.sku,
            quantity: line.quantity,
            unit_price: line.item.price.minor,
            total: *total,
            tax: charge.tax,
            tax_rate: charge.tax_rate,
            tax_is_added: charge.tax_is_added,
            tax_name: taxes.map(|taxes| taxes.name.clone()),
            is_tax_withheld,
            created_at: tx.now(),
        });
    }
    additions::insert_lines(tx, &lines)?;
    additions::settle(tx, part.order_id, due_at)
}

/// A step: takes pieces out again of what was added to a part of a locked order. What is left for nothing waits for nothing.
pub(super) fn take_out(tx: &mut Tx<'_>, order: &Order, part: &OrderPart, pieces: &[Pieces]) -> Result<(), Failure> {
    additions::take_out(tx, part.id, pieces)?;
    let left = additions::waiting_of_parts(tx.conn(), &[part.id])?;
    if AddedSums::of(&left, order.currency).owed() == 0 {
        additions::join(tx, part.id, None)?;
    }
    let now = tx.now();
    additions::settle(tx, order.id, now)
}

/// All that is left of lines.
pub(super) fn all_of(waiting: &[AddedLine]) -> Vec<Pieces> {
    waiting.iter().map(|line| Pieces { line: line.id, quantity: line.open() }).collect()
}

/// Goods with lines that wait to be among them, and pieces with all that is left of these.
pub(super) fn beside(goods: &[OrderLine], pieces: &[Pieces], waiting: &[AddedLine]) -> (Vec<OrderLine>, Vec<Pieces>) {
    let lines = goods.iter().cloned().chain(waiting.iter().map(AddedLine::line)).collect();
    (lines, pieces.iter().copied().chain(all_of(waiting)).collect())
}

/// What is to come in for each part of an order, with what was added to it.
pub(super) fn owed_by_parts(conn: &mut Conn, order: Id<Order>, currency: CurrencyCode) -> Result<Vec<i64>, Failure> {
    let parts = queries::parts_of(conn, order)?;
    let ids: Vec<Id<OrderPart>> = parts.iter().map(|part| part.id).collect();
    let waiting = additions::waiting_of_parts(conn, &ids)?;
    let own = |part: &OrderPart| waiting.iter().filter(|line| line.part_id == part.id).collect::<Vec<_>>();
    Ok(parts.iter().map(|part| part.owed() + AddedSums::of(own(part), currency).owed()).collect())
}

/// Products, and how many fewer of each are sold.
type Unsold = Vec<(Id<Product>, i64)>;

/// A step: forgets what waits to be part of a locked order. Its pieces are the caller's to put back.
pub(super) fn forget(tx: &mut Tx<'_>, order: &Order) -> Result<Unsold, Failure> {
    if order.added == 0 {
        return Ok(Vec::new());
    }
    let waiting = additions::waiting_of(tx.conn(), order.id)?;
    let parts: Vec<Id<OrderPart>> = waiting.iter().map(|line| line.part_id).collect();
    additions::forget(tx, &parts)?;
    let now = tx.now();
    additions::settle(tx, order.id, now)?;
    Ok(waiting.iter().map(|line| (line.product_id, -i64::from(line.open()))).collect())
}

/// A step: gives up an attempt to pay for what was added to a locked order. Should a provider be at work on it nevertheless, its money comes
/// too late, and goes back.
pub(super) fn give_up(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    match payments::service::give_up(tx, order.id.uuid()) {
        Ok(()) | Err(PaymentError::InProgress) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A step: takes everything out again that waits to be part of a locked order, puts it back into stock, and has its buyer told.
pub(super) fn fall(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    let waiting = additions::waiting_of(tx.conn(), order.id)?;
    let mut back = BTreeMap::<Id<Variant>, i32>::new();
    for line in &waiting {
        *back.entry(line.variant_id).or_default() += line.open();
    }
    let turns = inventory::service::restock(tx, order.id.uuid(), &PutBack::Pieces(&back))?;
    let unsold = forget(tx, order)?;
    products::service::count_sold(tx, &unsold)?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    let version = queries::set_changed(tx, order.id)?;
    let mut told = None;
    let parts = having(tx, order, &waiting)?;
    for part in &parts {
        let lapsed = Happened { part: Some(part), ..Happened::all(OrderStep::AdditionLapsed) };
        told = Some(write_step(tx, order, &parts, &lapsed)?);
    }
    emit_to_all(tx, order, version)?;
    if let Some(step) = told {
        tell_buyer(tx, order, step)?;
    }
    Ok(())
}

/// The parts of an order to which lines are added, in the order in which their threads are written to.
fn having(tx: &mut Tx<'_>, order: &Order, lines: &[AddedLine]) -> Result<Vec<OrderPart>, Failure> {
    let mut parts = queries::parts_of(tx.conn(), order.id)?;
    parts.retain(|part| lines.iter().any(|line| line.part_id == part.id));
    parts.sort_unstable_by_key(|part| part.conversation_id);
    Ok(parts)
}

/// A step: deals with money that a payment has brought for a locked order to which something was added after it was paid. If it is enough, all
/// of that is part of the order from now on. Else, or if a bank has taken what it was added to, it goes back; so does what is more, with the rest if
/// its provider could not give it back alone.
pub(super) fn receive(tx: &mut Tx<'_>, order: &Order, payment: Id<PaymentIntent>) -> Result<(), OrderError> {
    let money = money_of(tx, order)?;
    let excess = money.kept - order.owed() - order.added;
    let step = payments::service::lock_refundable(tx, order.id.uuid())?.step;
    if excess < 0 || excess % step != 0 || !order.is_open() || is_barred(tx, order, &money)? {
        return refunds::give_back_excess(tx, order, (money.kept, order.owed()));
    }
    let order = join(tx, order, payment)?;
    refunds::give_back_excess(tx, &order, (money.kept, order.owed()))
}

/// Makes what was added to a locked order part of it: it is passed on, has its invoices, and its shops hear of it. Returns the order.
fn join(tx: &mut Tx<'_>, order: &Order, payment: Id<PaymentIntent>) -> Result<Order, OrderError> {
    let waiting = additions::waiting_of(tx.conn(), order.id)?;
    let parts = having(tx, order, &waiting)?;
    // What was not taxed is from now on, as it was when it was added.
    let taxed = waiting.iter().find(|line| line.tax_name.is_some());
    let (tax_name, tax_is_added) = match (&order.costs.tax_name, taxed) {
        (None, Some(line)) => (line.tax_name.as_deref(), line.tax_is_added),
        (name, _) => (name.as_deref(), order.costs.tax_is_added),
    };
    let mut ids = Vec::with_capacity(parts.len());
    for part in &parts {
        let own = waiting.iter().filter(|line| line.part_id == part.id);
        let sums = AddedSums::of(own, order.currency);
        let AddedSums { total, dropped, tax, tax_withheld, tax_dropped } = sums;
        let id = tx.new_uuid();
        additions::insert(tx, id, part.id, (payment, sums.owed()))?;
        additions::join(tx, part.id, Some(id))?;
        edits::add_to_totals(tx, part, &Addition { total, tax, tax_withheld, tax_is_added, tax_name })?;
        shipments::add_dropped(tx, part, dropped, tax_dropped)?;
        ids.push(id);
    }
    let now = tx.now();
    additions::settle(tx, order.id, now)?;
    let order = queries::lock_order(tx, order.id)?.ok_or(OrderError::NotFound)?;
    let mut movements: Vec<Movement> = Vec::new();
    for after in queries::parts_of(tx.conn(), order.id)? {
        if let Some((before, id)) = parts.iter().zip(&ids).find(|(before, _)| before.id == after.id) {
            movements.extend(books::of_addition(&order, (before, &after), *id));
        }
    }
    payments::service::transfer(tx, &movements)?;
    documents::issue(tx, &order)?;
    let version = queries::set_changed(tx, order.id)?;
    let mut told = Vec::with_capacity(parts.len());
    for part in &parts {
        settle_fulfillment(tx, part)?;
        let paid = Happened { part: Some(part), actor: order.buyer_id, ..Happened::all(OrderStep::AdditionPaid) };
        let step = write_step(tx, &order, &parts, &paid)?;
        told.push((part.shop_id, step));
    }
    emit_to_all(tx, &order, version)?;
    tell_each_shop(tx, &told)?;
    tx.enqueue(&OrderPaidMail { order: order.id, buyer: order.buyer_id, addition: ids.first().copied() })?;
    Ok(order)
}

/// Takes out again what was added to paid orders and has waited for its money for too long.
///
/// # Errors
/// The last of what failed.
pub(super) async fn lapse_overdue(app: &App, caller: &Caller) -> Result<(), Failure> {
    overdue::sweep(app, caller, Overdue { find: additions::overdue, look_at, put_off }).await
}

/// Locks an order, if what was added to it has waited for its money for too long.
fn lock_overdue(tx: &mut Tx<'_>, order: Id<Order>) -> Result<Option<Order>, Failure> {
    let now = tx.now();
    Ok(queries::lock_order(tx, order)?.filter(|order| order.added_due_at.is_some_and(|due| due <= now)))
}

fn put_off(tx: &mut Tx<'_>, order: Id<Order>) -> Result<(), Failure> {
    let again = tx.now() + AGAIN;
    match lock_overdue(tx, order)? {
        Some(order) => wait(tx, &order, again),
        None => Ok(()),
    }
}

fn look_at(tx: &mut Tx<'_>, order: Id<Order>, lasting: TimeDelta) -> Result<(), OrderError> {
    let now = tx.now();
    let Some(order) = lock_overdue(tx, order)? else { return Ok(()) };
    let since = additions::waits_since(tx.conn(), order.id)?.unwrap_or(now);
    let Some(attempt) = payments::service::live(tx, order.id.uuid())? else { return fall(tx, &order) };
    if now >= end(since, lasting) {
        give_up(tx, &order)?;
        return fall(tx, &order);
    }
    let payment = attempt.id;
    let Some(later) = waits_until(since, (attempt.status, attempt.created_at), now, lasting) else {
        // Its buyer may have done what they had to do, and nobody has told.
        wait(tx, &order, now + AGAIN)?;
        let unique = format!("{} {payment}", CallOffUnlessPaid::KIND);
        return Ok(tx.enqueue_at(&CallOffUnlessPaid { payment }, now, Some(&unique))?);
    };
    wait(tx, &order, later)?;
    // Whoever asked for its outcome until now may have given up.
    if attempt.status == PaymentStatus::Processing {
        let job = SettlePayment { payment };
        tx.enqueue_anew(&job, now, &job.key())?;
    }
    Ok(())
}

fn wait(tx: &mut Tx<'_>, order: &Order, until: Time) -> Result<(), Failure> {
    let version = additions::set_due(tx, order.id, until)?;
    emit_to_all(tx, order, version)
}
