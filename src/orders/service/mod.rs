//! Placing, cancelling and paying orders, and reading them.

mod books;
pub mod import;
mod lists;
mod overdue;
mod pay;
mod place;
mod privacy;
mod telling;

pub use self::{
    books::{count_shop_entries, pass_on_paid, shop_balances, shop_commission, shop_entries},
    lists::{count_orders, count_parts, orders, parts},
    overdue::call_off_overdue,
    pay::{PayOrder, SettleError, note_payment, pay_order, payment, settle, settle_unanswered},
    place::{place, place_order},
    privacy::{CHAPTERS, call_off_unpaid, forget_addresses},
    telling::*,
};

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    error::OrderError,
    model::{Order, OrderChanged, OrderLifecycle, OrderPart},
    policy, queries,
};
use crate::{
    inventory,
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
        call_off(tx, &order.ok_or(OrderError::NotFound)?, actor)?;
        Ok(id)
    })
    .await
}

/// Who did something, unless one of the staff did it in their name: these read no messages.
fn in_person(tx: &Tx<'_>, person: Id<User>) -> Option<Id<User>> {
    tx.caller().on_behalf().is_none().then_some(person)
}

/// A step: calls an order off whose row is locked.
fn call_off(tx: &mut Tx<'_>, order: &Order, actor: Option<Id<User>>) -> Result<(), OrderError> {
    let id = order.id;
    let paid = payments::service::paid_for(tx.conn(), id.uuid(), order.currency)?;
    if order.status != OrderLifecycle::Open || paid.minor > 0 {
        return Err(OrderError::NotCancellable);
    }
    payments::service::give_up(tx, id.uuid())?;
    let version = queries::set_cancelled(tx, id)?.ok_or(OrderError::NotCancellable)?;
    let turns = inventory::service::restock(tx, id.uuid())?;
    let sold = queries::sold_in(tx.conn(), id)?;
    let unsold: Vec<_> =
        sold.into_iter().filter_map(|(product, quantity)| Some((product?, -i64::from(quantity)))).collect();
    products::service::count_sold(tx, &unsold)?;
    // After the products are locked, in their order.
    inventory::service::settle(tx, &turns)?;
    note_step(tx, order, version, OrderStep::Cancelled, actor)
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

/// Writes a step into conversations, in the order of their ids: each is locked until the transaction ends.
fn post_steps(
    tx: &mut Tx<'_>,
    conversations: impl Iterator<Item = Id<Conversation>>,
    step: OrderStep,
    actor: Option<Id<User>>,
) -> Result<(), Failure> {
    let conversations: BTreeSet<_> = conversations.collect();
    for conversation in conversations {
        messages::service::post_step(tx, conversation, step, actor)?;
    }
    Ok(())
}

/// Writes a step into the conversations of all parts and tells everybody concerned.
fn note_step(
    tx: &mut Tx<'_>,
    order: &Order,
    version: i32,
    step: OrderStep,
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    let parts: Vec<OrderPart> = queries::parts_of(tx.conn(), order.id)?;
    post_steps(tx, parts.iter().filter_map(|part| part.conversation_id), step, actor)?;
    let shops: Vec<Id<Shop>> = parts.iter().map(|part| part.shop_id).collect();
    Ok(emit(tx, order.id, version, order.buyer_id, &shops)?)
}
