//! Calling off what was ordered: the whole order, by who placed it, and what a shop cannot send.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Happened, additions,
    guests::By,
    note_step,
    place::out_of_stock,
    refunds::{self, Granted, Side, lock_part},
    shipping::{chosen, complete, open, settle_fulfillment},
    standing::money_of,
    tell_buyer, tell_shops,
};
use crate::{
    inventory::{
        self,
        service::{PutBack, Taken},
    },
    kernel::{error::Failure, id::Id, money::Money, text},
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{
            AddedLine, AgreedLine, Cancellation, Charged, Order, OrderLine, OrderMoney, OrderPart, Pieces, Step, Worth,
        },
        queries::{
            self,
            shipments::{self, Count},
        },
    },
    payments::{self, model::PaymentIntent},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{self, model::Variant},
    promotions,
    shops::model::Permission,
    users::model::{User, oneself},
};

/// Calls an order off of which nothing is packed, for its buyer or for who has the owner's token of it. Its stock goes back, once, and so
/// does what was paid.
pub async fn cancel_order(
    app: &App,
    caller: &Caller,
    id: Id<Order>,
    token: Option<&str>,
    key: Option<&str>,
) -> Result<Id<Order>, OrderError> {
    let by = By::of(app, caller, id, token)?;
    let key = key.map(|key| Key::new(&by.scope(id), "cancelOrder", key, &id, Retention::Month)).transpose()?;
    let asking = caller.clone();
    app.once(caller, key, move |tx| {
        let now = tx.now();
        let order = queries::lock_order(tx, id)?.filter(|order| by.may_act(&asking, order, now));
        let order = order.ok_or(OrderError::NotFound)?;
        let actor = by.actor(tx);
        let money = money_of(tx, &order)?;
        if !money.is_passed_on {
            call_off(tx, (&order, &money), Cancellation::Buyer, actor)?;
            return Ok(id);
        }
        // Money goes back by nobody's word but their own.
        if by != By::Token {
            oneself(&asking)?;
        }
        if !order.is_cancellable(0, shipments::is_anything_packed(tx.conn(), id)?) {
            return Err(OrderError::NotCancellable);
        }
        if money.is_withheld() {
            return Err(OrderError::NotRefundable);
        }
        if order.added > 0 {
            additions::give_up(tx, &order)?;
        }
        let version = end(tx, &order, Cancellation::Buyer)?;
        let parts = queries::parts_of(tx.conn(), id)?;
        let shares: Vec<_> = parts.iter().map(|part| (part, part.kept())).filter(|(_, kept)| *kept > 0).collect();
        let granted = refunds::grant(tx, &order, &shares, None)?;
        let step = note_end(tx, (&order, &money), version, actor)?;
        tell_shops(tx, &order, step)?;
        refunds::tell(tx, &order, &granted, actor)?;
        Ok(id)
    })
    .await
}

/// A step: calls an order off that nobody has paid for and whose row is locked.
pub(super) fn call_off(
    tx: &mut Tx<'_>,
    (order, money): (&Order, &OrderMoney),
    why: Cancellation,
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    if !order.is_cancellable(money.kept, shipments::is_anything_packed(tx.conn(), order.id)?) {
        return Err(OrderError::NotCancellable);
    }
    payments::service::give_up(tx, order.id.uuid())?;
    abandon(tx, (order, money), why, actor)
}

/// A step: as [`call_off`], once it is known that nobody has paid, and what becomes of an attempt to do so.
pub(super) fn abandon(
    tx: &mut Tx<'_>,
    (order, money): (&Order, &OrderMoney),
    why: Cancellation,
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    let version = end(tx, order, why)?;
    let step = note_end(tx, (order, money), version, actor)?;
    // Of what waits for its money the shops have had no mail yet.
    if order.payment_due_at.is_none() {
        tell_shops(tx, order, step)?;
    }
    Ok(())
}

/// Marks an order as called off, and puts everything back that it holds. Returns its version.
fn end(tx: &mut Tx<'_>, order: &Order, why: Cancellation) -> Result<i32, OrderError> {
    let version = queries::set_cancelled(tx, order.id, why)?.ok_or(OrderError::NotCancellable)?;
    let turns = inventory::service::restock(tx, order.id.uuid(), &PutBack::Everything)?;
    // Between the shelves and the products, as everywhere.
    promotions::service::release(tx, order.id.uuid())?;
    let sold = queries::sold_in(tx.conn(), order.id)?;
    let mut unsold = additions::forget(tx, order)?;
    unsold.extend(sold.into_iter().filter_map(|(product, _, quantity)| Some((product?, -i64::from(quantity)))));
    products::service::count_sold(tx, &unsold)?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    Ok(version)
}

/// Tells of an order's end. Where it was to go is forgotten if it came to nothing and its buyer is erased: no law wants that.
pub(super) fn note_end(
    tx: &mut Tx<'_>,
    (order, money): (&Order, &OrderMoney),
    version: i32,
    actor: Option<Id<User>>,
) -> Result<Id<Step>, OrderError> {
    if !money.is_passed_on {
        queries::waiting::forget_address_of_erased(tx, order.id)?;
    }
    note_step(tx, order, version, &Happened { actor, ..Happened::all(OrderStep::Cancelled) })
}

/// What of a part a shop cannot send.
#[derive(Debug, Clone, Serialize)]
pub struct CancelPart {
    pub part: Id<OrderPart>,
    /// Everything that is neither packed nor called off if absent.
    pub pieces: Option<Vec<Pieces>>,
    /// What the buyer is told.
    pub reason: String,
}

/// How often pieces of a part are called off at the most, but for all that are left.
const TIMES: i64 = 50;

/// Calls off what a shop cannot send, for one of its members or the market's staff. It goes back into stock, and what was paid
/// for it goes back to the buyer; what was not is owed no more. Of which nothing is left, the whole order is called off.
pub async fn cancel_part(
    app: &App,
    caller: &Caller,
    input: CancelPart,
    key: &str,
) -> Result<Id<OrderPart>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "cancelOrderPart", key, &input, Retention::Month)?;
    let reason = text::line(&input.reason, 500).map_err(|error| OrderError::Text { field: "reason".into(), error })?;
    app.once(caller, Some(key), move |tx| {
        let side = refunds::permit(tx, person, input.part, Permission::CancelOrders)?;
        let (order, part) = lock_part(tx, input.part)?.ok_or(OrderError::PartNotFound)?;
        if !order.is_open() {
            return Err(OrderError::NotCancellable);
        }
        if side == Side::Staff {
            refunds::audit(tx, &order, &reason, "cancelOrderPart")?;
        }
        let goods = shipments::goods_of(tx.conn(), part.id)?;
        let open = open(&goods);
        let pieces = chosen(&open, input.pieces.as_deref())?.ok_or(OrderError::NotCancellable)?;
        let count = |pieces: &[Pieces]| pieces.iter().map(|pieces| pieces.quantity).sum::<i32>();
        let is_rest = count(&pieces) == count(&open);
        if !is_rest && queries::steps::count_of_part(tx.conn(), part.id, OrderStep::PiecesCancelled)? >= TIMES {
            return Err(OrderError::TooManyCancellations);
        }
        let actor = side.actor(tx, person);
        let mut worth = Worth::of(order.currency, &part, &goods, &pieces, false);
        let money = money_of(tx, &order)?;
        if money.is_passed_on {
            worth = divisible(tx, &order, worth)?;
        }
        let falling = falling(tx, (&order, &part), &goods, &pieces)?;
        let (all, gone) = additions::beside(&goods, &pieces, &falling);
        let is_empty = exchange(tx, &order, &all, &gone, &[])?;
        if !falling.is_empty() {
            additions::give_up(tx, &order)?;
            additions::take_out(tx, &order, &part, &additions::all_of(&falling))?;
        }
        let granted = settle_money(tx, (&order, &money), &part, (&pieces, worth), Some(&reason))?;
        let version = queries::set_changed(tx, order.id)?;
        let cancelled = Happened::all(OrderStep::PiecesCancelled);
        let cancelled = Happened { part: Some(&part), reason: Some(&reason), actor, ..cancelled };
        let step = note_step(tx, &order, version, &cancelled)?;
        if is_empty {
            let why = if side == Side::Staff { Cancellation::Market } else { Cancellation::Shop };
            let version = queries::set_cancelled(tx, order.id, why)?.ok_or(OrderError::NotCancellable)?;
            // Of why, and by whom, the other shops learn nothing.
            note_end(tx, (&order, &money), version, None)?;
        } else {
            settle_fulfillment(tx, &part)?;
        }
        if let Some(granted) = granted {
            refunds::tell(tx, &order, &granted, actor)?;
        }
        tell_buyer(tx, &order, step)?;
        complete(tx, &order)?;
        Ok(part.id)
    })
    .await
}

/// What was added to a part of a locked order and is not paid falls away with the last of the rest: there is nothing with which it is sent.
fn falling(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    goods: &[OrderLine],
    pieces: &[Pieces],
) -> Result<Vec<AddedLine>, Failure> {
    let gone = |line: &OrderLine| pieces.iter().find(|it| it.line == line.id).map_or(0, |it| it.quantity);
    if order.added == 0 || goods.iter().any(|line| line.cancelled + gone(line) < line.quantity) {
        return Ok(Vec::new());
    }
    queries::additions::waiting_of_parts(tx.conn(), &[part.id])
}

/// A step: puts pieces back into stock that will not be sent, and takes what is added, whose lines are written down already. Returns whether nothing is left of the order.
///
/// # Errors
/// If there is not enough in stock.
pub(super) fn exchange(
    tx: &mut Tx<'_>,
    order: &Order,
    goods: &[OrderLine],
    pieces: &[Pieces],
    added: &[(AgreedLine, Charged)],
) -> Result<bool, OrderError> {
    shipments::count(tx, Count::Cancelled, pieces)?;
    let of = |pieces: &Pieces| goods.iter().find(|line| line.id == pieces.line).map(|line| (line, pieces.quantity));
    let back = by_variant(pieces.iter().filter_map(of));
    let wanted: Vec<_> = added.iter().map(|(line, _)| (line.item.variant, line.quantity)).collect();
    let turns = match inventory::service::exchange(tx, order.id.uuid(), &back, &wanted)? {
        Taken::All(turns) => turns,
        Taken::Short(short) => return Err(out_of_stock(&short, added.iter().map(|(line, _)| line))),
    };
    let is_empty = added.is_empty() && shipments::is_all_cancelled(tx.conn(), order.id)?;
    if is_empty {
        promotions::service::release(tx, order.id.uuid())?;
    }
    let unsold =
        pieces.iter().filter_map(of).filter_map(|(line, quantity)| Some((line.product_id?, -i64::from(quantity))));
    let sold = added.iter().map(|(line, _)| (line.item.product, i64::from(line.quantity)));
    products::service::count_sold(tx, &unsold.chain(sold).collect::<Vec<_>>())?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    Ok(is_empty)
}

/// How many pieces of each variant; several lines may be of one.
pub(super) fn by_variant<'a>(pieces: impl Iterator<Item = (&'a OrderLine, i32)>) -> BTreeMap<Id<Variant>, i32> {
    let mut counts = BTreeMap::<_, i32>::new();
    for (line, quantity) in pieces {
        if let Some(variant) = line.variant_id {
            *counts.entry(variant).or_default() += quantity;
        }
    }
    counts
}

/// A step: of what pieces of a paid order are worth, as much as the payments' provider can give back; the rest stays in what their part owes,
/// and goes back with the last of its goods.
pub(super) fn divisible(tx: &mut Tx<'_>, order: &Order, worth: Worth) -> Result<Worth, OrderError> {
    let step = payments::service::lock_refundable(tx, order.id.uuid())?.step;
    Ok(Worth { total: worth.total - worth.total % step, ..worth })
}

/// What was paid for what is called off goes back, as far as it has not gone back before, be it by a bank; what was not falls away. Nobody asks
/// whether the shop has as much: of a part of which something is not sent nothing was paid out, so what goes back is what came in.
pub(super) fn settle_money<'a>(
    tx: &mut Tx<'_>,
    (order, money): (&Order, &OrderMoney),
    part: &'a OrderPart,
    (pieces, worth): (&[Pieces], Worth),
    reason: Option<&str>,
) -> Result<Option<Granted<'a>>, OrderError> {
    if money.is_passed_on {
        let amount = worth.total.min(money.left_of(part).ok_or(OrderError::NotRefundable)?);
        let granted = (amount > 0).then(|| refunds::grant(tx, order, &[(part, amount)], reason));
        return granted.transpose();
    }
    if money.kept > 0 {
        return Err(OrderError::NotCancellable);
    }
    match payments::service::authorized(tx, order.id.uuid())? {
        // Less of it is taken.
        Some(intent) => lessen(tx, order, &intent, worth)?,
        // An attempt to pay is about what was owed before.
        None => payments::service::give_up(tx, order.id.uuid())?,
    }
    shipments::count(tx, Count::Dropped, pieces)?;
    shipments::add_dropped(tx, part, worth.total, worth.tax)?;
    Ok(None)
}

/// Has what is authorised wait on for what is left to be paid, if so much falls away; of nothing, it is let go.
fn lessen(tx: &mut Tx<'_>, order: &Order, intent: &PaymentIntent, worth: Worth) -> Result<(), OrderError> {
    let step = payments::service::provider::step(intent);
    if worth.total % step != 0 {
        return Err(OrderError::RefundStep { step: Money::new(step, order.currency) });
    }
    if order.owed() <= worth.total {
        payments::service::release(tx, order.id.uuid())?;
    }
    Ok(())
}
