//! Orders of a person: told to them, and what becomes of them when the person is erased. Orders and books stay, for the law wants
//! them; where goods went, and what was said with an order, is forgotten with time.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{cancel::call_off, standing::money_of};
use crate::{
    invoices,
    kernel::{
        address::StoredAddress,
        error::Failure,
        id::Id,
        page::{Direction, Page},
    },
    orders::{
        error::OrderError,
        model::{
            Cancellation, ClaimDecision, FullClaim, FullPart, FullReturn, OrderFilter, OrderLifecycle, OrderLine,
            OrderOfAddress, PaidOrder, PartNote, ReturnLine, Step,
        },
        queries::{self, BuyersPayment, Position, steps::Bought},
    },
    payments::{self, model::PaymentState},
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "orders", read: orders },
    Chapter { name: "guest-orders", read: guest_orders },
    Chapter { name: "order-notes", read: notes },
];

fn orders(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    Told::page(
        from,
        |page: &Page<Position>| {
            let slice = queries::lists::by_buyer(conn, user, &OrderFilter::default(), page)?;
            let ids: Vec<_> = slice.items.iter().map(|order| order.order.id).collect();
            let (parts, payments) = (queries::parts_by_orders(conn, &ids)?, queries::payments_by_orders(conn, &ids)?);
            let part_ids: Vec<_> = parts.iter().map(|part| part.part.id).collect();
            let returns = queries::returns::by_parts(conn, &part_ids)?;
            let claims = queries::claims::by_parts(conn, &part_ids)?;
            let steps = queries::steps::by_orders(conn, &ids)?;
            Ok(slice.map(|order| {
                let own = steps.iter().map(|(step, _)| step).filter(|step| step.order_id == order.order.id);
                let own = own.filter(|step| !step.step.is_hidden_from_buyers());
                let timeline = own.map(|step| step_json(step, user)).collect();
                let after = After {
                    timeline,
                    returns: of_order(&returns, |found| found.order == order.order.id, return_json),
                    claims: of_order(&claims, |found| found.order == order.order.id, claim_json),
                };
                (order_json(&order, &parts, &payments, after), (order.order.placed_at, order.order.id.uuid()))
            }))
        },
        |(_, position)| *position,
        |(row, _)| row,
    )
}

/// What was ordered by guests with somebody's address. Where it went, and what the shops were told, is not: anybody may have given the address.
fn guest_orders(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |order: OrderOfAddress| {
        json!({
            "id": order.id,
            "number": order.number,
            "status": order.status.as_str(),
            "currency": order.currency,
            "total": order.total,
            "placedAt": order.placed_at,
        })
    };
    let key = |order: &OrderOfAddress| (order.placed_at, order.id.uuid());
    Told::page(from, |page| queries::guests::by_address_of(conn, user, page), key, tell)
}

/// What somebody wrote down about orders for a shop.
fn notes(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |note: PartNote| json!({"part": note.part_id, "text": note.text, "createdAt": note.created_at});
    let key = |note: &PartNote| (note.created_at, note.id.uuid());
    Told::page(from, |page| queries::notes::by_author(conn, user, page), key, tell)
}

/// What came after an order was placed.
struct After {
    timeline: Vec<Value>,
    returns: Vec<Value>,
    claims: Vec<Value>,
}

fn of_order<T>(rows: &[Bought<T>], is_own: impl Fn(&T) -> bool, told: impl Fn(&T) -> Value) -> Vec<Value> {
    rows.iter().map(|(row, _)| row).filter(|row| is_own(row)).map(told).collect()
}

fn return_json(found: &FullReturn) -> Value {
    let line = |line: &ReturnLine| json!({"line": line.line_id, "quantity": line.quantity, "received": line.received});
    json!({
        "id": found.row.id,
        "part": found.row.part_id,
        "status": found.row.status.as_str(),
        "reason": found.row.reason.as_str(),
        "refunded": found.row.refunded,
        "lines": found.lines.iter().map(line).collect::<Vec<_>>(),
        "createdAt": found.row.created_at,
    })
}

fn claim_json(found: &FullClaim) -> Value {
    json!({
        "id": found.row.id,
        "part": found.row.part_id,
        "kind": found.row.kind.as_str(),
        "status": found.row.status.as_str(),
        "amount": found.row.amount,
        "refunded": found.row.refunded,
        "decision": found.row.decision.map(ClaimDecision::as_str),
        "createdAt": found.row.created_at,
    })
}

fn order_json(paid: &PaidOrder, parts: &[FullPart], payments: &[BuyersPayment], after: After) -> Value {
    let After { timeline, returns, claims } = after;
    let order = &paid.order;
    let own = parts.iter().filter(|part| part.part.order_id == order.id);
    let parts: Vec<Value> = own
        .map(|part| {
            json!({
                "id": part.part.id,
                "shop": part.part.shop_id,
                "fulfillment": part.part.fulfillment_state.as_str(),
                "total": part.part.total,
                "lines": part.lines.iter().map(line_json).collect::<Vec<_>>(),
                "added": part.added.iter().map(|added| line_json(&added.line())).collect::<Vec<_>>(),
            })
        })
        .collect();
    let own = payments.iter().filter(|(payment, _)| payment.order_id == order.id.uuid());
    let payments: Vec<Value> = own
        .map(|(payment, _)| {
            json!({
                "id": payment.id,
                "amount": payment.amount,
                "currency": payment.currency,
                "status": payment.status.as_str(),
                "provider": payment.provider,
                "method": payment.method,
                "createdAt": payment.created_at,
            })
        })
        .collect();
    json!({
        "id": order.id,
        "number": order.number,
        "status": order.status.as_str(),
        "payment": paid.payment_state(),
        "currency": order.currency,
        "total": order.total,
        "paid": paid.paid,
        "refunded": order.refunded,
        "shippingAddress": order.shipping_address.as_ref().and_then(StoredAddress::parse),
        "note": order.note,
        "placedAt": order.placed_at,
        "cancelledAt": order.cancelled_at,
        "parts": parts,
        "payments": payments,
        "timeline": timeline,
        "returns": returns,
        "claims": claims,
    })
}

fn step_json(step: &Step, user: Id<User>) -> Value {
    json!({
        "step": step.step.as_str(),
        "part": step.part_id,
        "isMine": step.actor_id == Some(user),
        "reason": step.reason,
        "createdAt": step.created_at,
    })
}

fn line_json(line: &OrderLine) -> Value {
    json!({
        "id": line.id,
        "product": line.product_id,
        "title": line.title,
        "sku": line.sku,
        "quantity": line.quantity,
        "unitPrice": line.unit_price,
        "discount": line.charge.discount,
        "tax": line.charge.tax,
        "total": line.total,
    })
}

/// A step: of what somebody wrote down for a shop nobody is told any more that it was them, the words are the shop's; and nothing that a guest ordered
/// names their address any more.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::notes::clear_author(tx, user)?;
    queries::guests::forget_address_of(tx, user)
}

/// Forgets what providers have told about the payments of somebody's orders, and calls all of these off for which nothing was paid,
/// so that nothing is kept for who is gone. One whose payment is
/// just under way stays, until that comes to nothing. Where it was to go is forgotten with it: no law wants what never came to anything.
pub async fn call_off_unpaid(app: &App, caller: &Caller, buyer: Id<User>) -> Result<(), Failure> {
    let mut from = None;
    loop {
        let page = Page { limit: 100, from, direction: Direction::Forward };
        let all = move |conn: &mut Conn| queries::lists::by_buyer(conn, buyer, &OrderFilter::default(), &page);
        let slice = app.db.read(all).await?;
        from = slice.items.last().map(|order| (order.order.placed_at, order.order.id.uuid()));
        let all: Vec<_> = slice.items.iter().map(|order| order.order.id.uuid()).collect();
        let forget = move |tx: &mut Tx<'_>| payments::service::forget_events_about(tx, &all);
        app.db.write(caller, forget).await?;
        let came_to_nothing = |order: &PaidOrder| {
            order.payment_state() == PaymentState::Unpaid
                && (order.order.status == OrderLifecycle::Open
                    || order.order.status == OrderLifecycle::Cancelled && order.order.shipping_address.is_some())
        };
        for order in slice.items.iter().filter(|order| came_to_nothing(order)).map(|order| order.order.id) {
            let call_off = move |tx: &mut Tx<'_>| {
                let Some(order) = queries::lock_order(tx, order)? else { return Ok(()) };
                if order.status == OrderLifecycle::Open {
                    let money = money_of(tx, &order)?;
                    call_off(tx, (&order, &money), Cancellation::BuyerLeft, None)?;
                }
                Ok(queries::forget_address(tx, order.id)?)
            };
            // What is refused was paid meanwhile, or is about to be.
            if let Err(OrderError::Failed(failure)) = app.db.write(caller, call_off).await {
                return Err(failure);
            }
        }
        if !slice.has_next {
            return Ok(());
        }
    }
}

/// A step: forgets where those orders of erased people went, and what they told the shops, that were placed longer ago than orders
/// are kept, and to whom the documents about them were issued.
///
/// # Errors
/// If the database fails.
pub fn forget_addresses(tx: &mut Tx<'_>, buyers: &[Id<User>], kept: TimeDelta) -> Result<(), Failure> {
    let before = tx.now() - kept;
    queries::forget_addresses(tx, buyers, before)?;
    invoices::service::forget_recipients(tx, buyers, kept)
}
