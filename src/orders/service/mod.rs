//! Placing, cancelling and paying orders, and reading them.

mod books;
pub mod import;
mod lists;
mod overdue;
mod pay;
mod place;
mod privacy;
mod refunds;
mod telling;

pub use self::{
    books::{count_shop_entries, pass_on_paid, shop_balances, shop_commission, shop_entries},
    lists::{count_orders, count_parts, orders, parts},
    overdue::call_off_overdue,
    pay::{PayOrder, SettleError, note_payment, pay_order, payment, settle, settle_unanswered},
    place::{place, place_order},
    privacy::{CHAPTERS, call_off_unpaid, forget_addresses},
    refunds::{RefundError, RefundPart, carry_out_refund, refund_part, retry_refund},
    telling::*,
};

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    error::OrderError,
    model::{Cancellation, Order, OrderChanged, OrderLifecycle, OrderPart, Step},
    policy,
    queries::{self, steps::NewStep},
};
use crate::{
    inventory::{self, service::PutBack},
    kernel::{error::Failure, id::Id},
    messages::{
        self,
        model::{Conversation, OrderStep},
    },
    payments,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products,
    shops::model::Shop,
    users::model::{User, signed_in},
};

/// Calls an order off that nobody has paid for. Its stock goes back, once.
pub async fn cancel_order(
    app: &App,
    caller: &Caller,
    id: Id<Order>,
    key: Option<&str>,
) -> Result<Id<Order>, OrderError> {
    let person = signed_in(caller)?;
    let key = key.map(|key| Key::new(&person, "cancelOrder", key, &id, Retention::Month)).transpose()?;
    let asking = caller.clone();
    app.once(caller, key, move |tx| {
        let order = queries::lock_order(tx, id)?.filter(|order| policy::may_act(&asking, order));
        let actor = in_person(tx, person);
        call_off(tx, &order.ok_or(OrderError::NotFound)?, Cancellation::Buyer, actor)?;
        Ok(id)
    })
    .await
}

/// Who did something, unless one of the staff did it in their name: these read no messages.
fn in_person(tx: &Tx<'_>, person: Id<User>) -> Option<Id<User>> {
    tx.caller().on_behalf().is_none().then_some(person)
}

/// A step: calls an order off whose row is locked.
fn call_off(
    tx: &mut Tx<'_>,
    order: &Order,
    why: Cancellation,
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    let id = order.id;
    let paid = payments::service::paid_for(tx.conn(), id.uuid(), order.currency)?;
    if order.status != OrderLifecycle::Open || paid.minor > 0 {
        return Err(OrderError::NotCancellable);
    }
    payments::service::give_up(tx, id.uuid())?;
    let version = queries::set_cancelled(tx, id, why)?.ok_or(OrderError::NotCancellable)?;
    let turns = inventory::service::restock(tx, id.uuid(), &PutBack::Everything)?;
    let sold = queries::sold_in(tx.conn(), id)?;
    let unsold: Vec<_> =
        sold.into_iter().filter_map(|(product, _, quantity)| Some((product?, -i64::from(quantity)))).collect();
    products::service::count_sold(tx, &unsold)?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    note_step(tx, order, version, &Happened { step: OrderStep::Cancelled, part: None, about: None, actor })
}

/// Tells the buyer and the shops that something about an order has changed. The caller holds the order's lock.
fn emit(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    version: i32,
    buyer: Option<Id<User>>,
    shops: &[Id<Shop>],
) -> Result<(), Failure> {
    let topics: Vec<Uuid> = buyer.map(Id::uuid).into_iter().chain(shops.iter().map(|shop| shop.uuid())).collect();
    tx.emit(&OrderChanged { order: order.uuid(), version }, &topics)
}

/// As [`emit`], to the shops of all parts.
fn emit_to_all(tx: &mut Tx<'_>, order: &Order, version: i32) -> Result<(), Failure> {
    let shops: Vec<_> = queries::parts_of(tx.conn(), order.id)?.iter().map(|part| part.shop_id).collect();
    emit(tx, order.id, version, order.buyer_id, &shops)
}

/// Something that happens to an order.
struct Happened<'a> {
    step: OrderStep,
    /// To which part; to all of them if none is named.
    part: Option<&'a OrderPart>,
    /// Of a refund, its id.
    about: Option<Uuid>,
    actor: Option<Id<User>>,
}

/// Writes a step into the order's timeline and into conversations, in the order of their ids: each is locked until the
/// transaction ends.
fn post_step(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    what: &Happened<'_>,
    conversations: impl Iterator<Item = Id<Conversation>>,
) -> Result<(), Failure> {
    let &Happened { step, part, about, actor } = what;
    let (id, created_at): (Id<Step>, _) = (tx.new_id(), tx.now());
    let part_id = part.map(|part| part.id);
    let row = NewStep { id, order_id: order, part_id, step, actor_id: actor, about_id: about, created_at };
    queries::steps::insert(tx, &row)?;
    let conversations: BTreeSet<_> = conversations.collect();
    for conversation in conversations {
        messages::service::post_step(tx, conversation, (step, id.uuid()), actor)?;
    }
    Ok(())
}

/// Writes a step into the timeline and the conversations of the parts that it happened to, and tells everybody concerned.
fn note_step(tx: &mut Tx<'_>, order: &Order, version: i32, what: &Happened<'_>) -> Result<(), OrderError> {
    let parts: Vec<OrderPart> = queries::parts_of(tx.conn(), order.id)?;
    let concerned = parts.iter().filter(|part| what.part.is_none_or(|only| only.id == part.id));
    post_step(tx, order.id, what, concerned.filter_map(|part| part.conversation_id))?;
    let shops: Vec<Id<Shop>> = parts.iter().map(|part| part.shop_id).collect();
    Ok(emit(tx, order.id, version, order.buyer_id, &shops)?)
}
