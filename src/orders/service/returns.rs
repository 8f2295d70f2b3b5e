//! Taking back what has arrived: a buyer asks, the shop answers, and what comes back goes into stock or not, and is paid back.

use std::collections::HashMap;

use serde::Serialize;

use super::{
    Happened, books,
    cancel::by_variant,
    in_person, note_step,
    refunds::{self, Side, lock_part},
    shipping::{chosen, settle_fulfillment},
    tell_buyer, tell_shop,
};
use crate::{
    inventory::{self, service::PutBack},
    kernel::{
        error::Failure,
        id::Id,
        money::Money,
        page::{Page, Slice},
        text,
    },
    orders::{
        error::OrderError,
        model::{FullReturn, Order, OrderLine, OrderPart, Pieces, Return, ReturnReason, ReturnStatus, returnable},
        policy,
        queries::{
            self, Position,
            returns::{self, NewReturn},
            shipments::{self, Count},
        },
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    shops::model::{Desk, Permission, Shop},
    users::model::{User, oneself, signed_in},
};

/// What a buyer wants to send back.
#[derive(Debug, Clone, Serialize)]
pub struct RequestReturn {
    pub part: Id<OrderPart>,
    /// Everything that can come back if absent.
    pub pieces: Option<Vec<Pieces>>,
    pub reason: ReturnReason,
    /// What the shop is told.
    pub note: Option<String>,
}

/// Asks for a shop to take back what has arrived, for the order's buyer.
pub async fn request_return(
    app: &App,
    caller: &Caller,
    input: RequestReturn,
    key: &str,
) -> Result<Id<Return>, OrderError> {
    let person = signed_in(caller)?;
    let key = Key::new(&person, "requestReturn", key, &input, Retention::Month)?;
    let words = said("note", input.note.as_deref())?;
    let (asking, within) = (caller.clone(), app.market.checkout.returnable_for);
    app.once(caller, Some(key), move |tx| {
        let (order, part) = lock_own_part(tx, &asking, input.part)?;
        let arrivals = returns::arrivals(tx.conn(), part.id)?;
        let now = tx.now();
        let left = |line: &OrderLine| Pieces { line: line.id, quantity: returnable(line, &arrivals, within, now) };
        let there: Vec<_> = shipments::goods_of(tx.conn(), part.id)?.iter().map(left).collect();
        if there.iter().all(|pieces| pieces.quantity <= 0) {
            return Err(OrderError::NotReturnable);
        }
        let pieces = chosen(&there, input.pieces.as_deref())?.ok_or(OrderError::NotReturnable)?;
        if returns::count_of_part(tx.conn(), part.id)? >= Return::MAXIMUM {
            return Err(OrderError::TooManyReturns);
        }
        let row = NewReturn {
            id: tx.new_id(),
            part_id: part.id,
            shop_id: part.shop_id,
            status: ReturnStatus::Requested,
            reason: input.reason,
            created_at: now,
        };
        returns::insert(tx, &row, &pieces)?;
        shipments::count(tx, Count::Returned, &pieces)?;
        let actor = in_person(tx, person);
        note(tx, &order, &part, (row.id, ReturnStatus::Requested), (words.as_deref(), actor))?;
        Ok(row.id)
    })
    .await
}

/// Answers a return for the part's shop, or for the market: approves it, or declines it.
pub async fn answer_return(
    app: &App,
    caller: &Caller,
    (id, status): (Id<Return>, ReturnStatus),
    message: &str,
) -> Result<Id<Return>, OrderError> {
    let person = oneself(caller)?;
    let message = said("message", Some(message))?;
    app.db
        .write(caller, move |tx| {
            let (order, part, found, side) = lock_for_shop(tx, person, id)?;
            // They may have said so before, and nobody heard the answer.
            if found.status == status {
                return Ok(id);
            }
            if side == Side::Staff {
                let action = if status == ReturnStatus::Approved { "approveReturn" } else { "declineReturn" };
                refunds::audit(tx, &order, message.as_deref().unwrap_or_default(), action)?;
            }
            let actor = side.actor(tx, person);
            proceed(tx, &found, status)?;
            note(tx, &order, &part, (id, status), (message.as_deref(), actor))?;
            Ok(id)
        })
        .await
}

/// Withdraws a return for the order's buyer, who keeps the pieces.
pub async fn withdraw_return(app: &App, caller: &Caller, id: Id<Return>) -> Result<Id<Return>, OrderError> {
    let person = signed_in(caller)?;
    let asking = caller.clone();
    app.db
        .write(caller, move |tx| {
            let (order, part, found) = lock(tx, id)?;
            if !policy::may_act(&asking, &order) {
                return Err(OrderError::ReturnNotFound);
            }
            if found.status == ReturnStatus::Withdrawn {
                return Ok(id);
            }
            proceed(tx, &found, ReturnStatus::Withdrawn)?;
            let actor = in_person(tx, person);
            note(tx, &order, &part, (id, ReturnStatus::Withdrawn), (None, actor))?;
            Ok(id)
        })
        .await
}

/// Pieces of a line that came back.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Received {
    pub pieces: Pieces,
    /// How many of them go back into stock.
    pub restocked: i32,
}

/// What came back, and what becomes of it.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiveReturn {
    pub id: Id<Return>,
    /// Everything that was to come back if absent, none of it into stock.
    pub lines: Option<Vec<Received>>,
    /// What goes back to the buyer; what the pieces cost, or as much of it as is left of the part's total, and no bank has, if absent.
    pub amount: Option<Money>,
    /// What the buyer is told.
    pub message: String,
}

/// Notes what of a return has come back, for the part's shop or for the market: it goes into stock or not, and what it cost goes
/// back to the buyer.
pub async fn receive_return(
    app: &App,
    caller: &Caller,
    input: ReceiveReturn,
    key: &str,
) -> Result<Id<Return>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "receiveReturn", key, &input, Retention::Month)?;
    let message = said("message", Some(&input.message))?;
    app.once(caller, Some(key), move |tx| {
        let (order, part, found, side) = lock_for_shop(tx, person, input.id)?;
        if !found.status.next().contains(&ReturnStatus::Received) {
            return Err(OrderError::NotFromHere);
        }
        if side == Side::Staff {
            refunds::audit(tx, &order, message.as_deref().unwrap_or_default(), "receiveReturn")?;
        }
        let asked = pieces_of(tx, found.id)?;
        let came = came(&asked, input.lines.as_deref())?;
        let pieces: Vec<_> = came.iter().map(|(pieces, _)| *pieces).collect();
        let goods = shipments::goods_of(tx.conn(), part.id)?;
        returns::set_status(tx, found.id, ReturnStatus::Received)?;
        returns::set_received(tx, found.id, &came)?;
        shipments::count(tx, Count::Returned, &missing(&asked, &pieces))?;
        put_back(tx, &order, &goods, &came)?;
        let amount = match input.amount {
            Some(amount) if amount.currency != order.currency => return Err(OrderError::RefundCurrency),
            Some(amount) => amount.minor,
            None if books::is_passed_on(tx, &order)? => {
                let before = returns::received_before(tx.conn(), &found)?;
                worth_of(&order, &goods, &pieces, &before).min(refunds::left_of(tx, &order, &part)?)
            }
            None => 0,
        };
        let granted = match amount {
            0 => None,
            amount => Some(refunds::grant_by(tx, side, &order, (&part, amount), message.as_deref())?),
        };
        settle_fulfillment(tx, &part)?;
        let actor = side.actor(tx, person);
        note(tx, &order, &part, (found.id, ReturnStatus::Received), (message.as_deref(), actor))?;
        if let Some(granted) = granted {
            returns::set_refunded(tx, found.id, amount)?;
            refunds::tell(tx, &order, &granted, actor)?;
        }
        Ok(found.id)
    })
    .await
}

/// What was agreed to be paid for pieces that have come back, in minor units.
fn worth_of(order: &Order, goods: &[OrderLine], pieces: &[Pieces], before: &HashMap<Id<OrderLine>, i64>) -> i64 {
    let of = |pieces: &Pieces| {
        let line = goods.iter().find(|line| line.id == pieces.line)?;
        let before = before.get(&line.id).copied().and_then(|before| i32::try_from(before).ok()).unwrap_or(0);
        Some(line.cost_of_returned(pieces.quantity, before, order.currency))
    };
    pieces.iter().filter_map(of).sum()
}

/// A step: locks the order of a part of the caller's own.
pub(super) fn lock_own_part(
    tx: &mut Tx<'_>,
    asking: &Caller,
    part: Id<OrderPart>,
) -> Result<(Order, OrderPart), OrderError> {
    lock_part(tx, part)?.filter(|(order, _)| policy::may_act(asking, order)).ok_or(OrderError::PartNotFound)
}

/// Locks the order of a return for somebody of the part's shop, or of the market.
fn lock_for_shop(
    tx: &mut Tx<'_>,
    person: Id<User>,
    id: Id<Return>,
) -> Result<(Order, OrderPart, Return, Side), OrderError> {
    let found = returns::find(tx.conn(), id)?.ok_or(OrderError::ReturnNotFound)?;
    let side = refunds::permit(tx, person, found.part_id, Permission::RefundOrders);
    let side = side.map_err(|error| error.hidden(OrderError::ReturnNotFound))?;
    let (order, part, found) = lock(tx, id)?;
    Ok((order, part, found, side))
}

/// A return, as it is once the order is locked that it is of.
fn lock(tx: &mut Tx<'_>, id: Id<Return>) -> Result<(Order, OrderPart, Return), OrderError> {
    let part = returns::find(tx.conn(), id)?.ok_or(OrderError::ReturnNotFound)?.part_id;
    let (order, part) = lock_part(tx, part)?.ok_or(OrderError::ReturnNotFound)?;
    let found = returns::find(tx.conn(), id)?.ok_or(OrderError::ReturnNotFound)?;
    Ok((order, part, found))
}

fn pieces_of(tx: &mut Tx<'_>, id: Id<Return>) -> Result<Vec<Pieces>, Failure> {
    let lines = returns::lines_of(tx.conn(), id)?;
    Ok(lines.iter().map(|line| Pieces { line: line.line_id, quantity: line.quantity }).collect())
}

/// Moves a return on to where nothing comes back of it yet, or any more.
fn proceed(tx: &mut Tx<'_>, found: &Return, status: ReturnStatus) -> Result<(), OrderError> {
    if !found.status.next().contains(&status) {
        return Err(OrderError::NotFromHere);
    }
    returns::set_status(tx, found.id, status)?;
    if matches!(status, ReturnStatus::Declined | ReturnStatus::Withdrawn) {
        let asked = pieces_of(tx, found.id)?;
        shipments::count(tx, Count::Returned, &missing(&asked, &[]))?;
    }
    Ok(())
}

/// What did not come, as less than nothing.
fn missing(asked: &[Pieces], came: &[Pieces]) -> Vec<Pieces> {
    let came = |line| came.iter().find(|pieces| pieces.line == line).map_or(0, |pieces| pieces.quantity);
    asked.iter().map(|pieces| Pieces { line: pieces.line, quantity: came(pieces.line) - pieces.quantity }).collect()
}

/// What came of what was to come, with how many of it go back into stock.
fn came(asked: &[Pieces], lines: Option<&[Received]>) -> Result<Vec<(Pieces, i32)>, OrderError> {
    let wanted: Option<Vec<_>> = lines.map(|lines| lines.iter().map(|line| line.pieces).collect());
    let pieces = chosen(asked, wanted.as_deref())?.unwrap_or_default();
    let Some(lines) = lines else { return Ok(pieces.into_iter().map(|pieces| (pieces, 0)).collect()) };
    if let Some(line) = lines.iter().position(|line| !(0..=line.pieces.quantity).contains(&line.restocked)) {
        return Err(OrderError::Restocked { line });
    }
    Ok(lines.iter().map(|line| (line.pieces, line.restocked)).collect())
}

/// Puts pieces back into stock that came back fit to be sold.
fn put_back(tx: &mut Tx<'_>, order: &Order, goods: &[OrderLine], came: &[(Pieces, i32)]) -> Result<(), OrderError> {
    let of = |(pieces, restocked): &(Pieces, i32)| {
        let line = goods.iter().find(|line| line.id == pieces.line)?;
        Some((line, *restocked)).filter(|(_, restocked)| *restocked > 0)
    };
    let back = by_variant(came.iter().filter_map(of));
    if back.is_empty() {
        return Ok(());
    }
    let turns = inventory::service::restock(tx, order.id.uuid(), &PutBack::Returned(&back))?;
    Ok(inventory::service::settle(tx, &turns)?)
}

/// Tells everybody concerned how far a return has come.
fn note(
    tx: &mut Tx<'_>,
    order: &Order,
    part: &OrderPart,
    (id, status): (Id<Return>, ReturnStatus),
    (reason, actor): (Option<&str>, Option<Id<User>>),
) -> Result<(), OrderError> {
    let version = queries::set_changed(tx, order.id)?;
    let happened = Happened::all(status.step());
    let happened = Happened { part: Some(part), about: Some(id.uuid()), reason, actor, ..happened };
    let step = note_step(tx, order, version, &happened)?;
    match status {
        ReturnStatus::Requested | ReturnStatus::Withdrawn => tell_shop(tx, part, step)?,
        ReturnStatus::Approved | ReturnStatus::Declined | ReturnStatus::Received => {
            tell_buyer(tx, order, step)?;
            // The market has acted for the shop.
            if actor.is_none() {
                tell_shop(tx, part, step)?;
            }
        }
    }
    Ok(())
}

/// What somebody says, in at most 1,000 characters.
pub(super) fn said(field: &str, words: Option<&str>) -> Result<Option<String>, OrderError> {
    let checked = words.map(|words| text::paragraph(words, 1_000)).transpose();
    checked.map_err(|error| OrderError::Text { field: field.into(), error })
}

/// A page of a shop's returns, newest first. The face has a desk, so the caller is a member; the role decides.
pub async fn returns_of_shop(
    app: &App,
    desk: &Desk,
    status: Option<ReturnStatus>,
    page: Page<Position>,
) -> Result<Option<Slice<FullReturn>>, Failure> {
    if !desk.role.may(Permission::SeeOrders) {
        return Ok(None);
    }
    let shop = desk.shop.id;
    app.db.read(move |conn| returns::by_shop(conn, shop, status, &page)).await.map(Some)
}

/// How many returns a shop has, counted to `limit`.
pub async fn count_returns_of_shop(
    app: &App,
    shop: Id<Shop>,
    status: Option<ReturnStatus>,
    limit: i64,
) -> Result<i64, Failure> {
    app.db.read_long(move |conn| returns::count_by_shop(conn, shop, status, limit)).await
}
