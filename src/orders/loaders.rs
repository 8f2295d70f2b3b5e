//! Orders, parts and payments for one caller: a loader yields only what they may see.

mod documents;
mod explanation;
mod notes;
mod returns;
mod shipments;
mod standing;
mod steps;

pub use self::{
    documents::{DocumentById, DocumentsByPart},
    explanation::{AddedToPart, BooksByPart, DisputedPart, FeesByOrder},
    notes::NotesByPart,
    returns::{ClaimById, ClaimsByPart, ReturnById, ReturnsByPart},
    shipments::{ShipmentById, ShipmentsByPart},
    standing::{PromisedUntil, StandingOfOrder, StandingOfPart},
    steps::{RefundById, RefundsByOrder, StepById, StepsByOrder},
};

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{FullPart, Order, OrderPart, PaidOrder},
    policy, queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::Conversation,
    payments::model::PaymentIntent,
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::model::{Permission, Shop},
    users::model::User,
};

/// An order as a whole: for its buyer and for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderById(pub Id<Order>);

impl Loader<OrderById> for Reader {
    type Value = PaidOrder;
    type Error = WireError;

    async fn load(&self, keys: &[OrderById]) -> Result<HashMap<OrderById, PaidOrder>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let orders = self.app.db.read(move |conn| queries::by_ids(conn, &ids)).await?;
        let seen = orders.into_iter().filter(|order| policy::sees(&self.caller, order.order.buyer_id));
        Ok(seen.map(|order| (OrderById(order.order.id), order)).collect())
    }
}

/// The parts of an order that a caller sees: all of their own order's, and those of shops that they work for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartsByOrder(pub Id<Order>);

impl Loader<PartsByOrder> for Reader {
    type Value = Vec<FullPart>;
    type Error = WireError;

    async fn load(&self, keys: &[PartsByOrder]) -> Result<HashMap<PartsByOrder, Vec<FullPart>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let parts = queries::parts_by_orders(conn, &ids)?;
            seen(conn, &caller, parts)
        };
        let mut by_order: HashMap<PartsByOrder, Vec<FullPart>> = HashMap::new();
        for part in self.app.db.read(read).await? {
            by_order.entry(PartsByOrder(part.part.order_id)).or_default().push(part);
        }
        Ok(by_order)
    }
}

/// Those of some parts that a caller sees: of their own orders, and of shops that they work for.
fn seen(conn: &mut Conn, caller: &Caller, parts: Vec<FullPart>) -> Result<Vec<FullPart>, Failure> {
    let is_own = |part: &FullPart| policy::sees(caller, part.order.order.buyer_id);
    let shops = match caller.signed_in() {
        Some(person) if !parts.iter().all(is_own) => queries::shops_of(conn, Id::from_uuid(person.user))?,
        _ => Vec::new(),
    };
    let shops: Vec<Id<Shop>> =
        shops.into_iter().filter(|(_, role)| role.may(Permission::SeeOrders)).map(|(shop, _)| shop).collect();
    Ok(parts.into_iter().filter(|part| is_own(part) || shops.contains(&part.part.shop_id)).collect())
}

/// A part, for the order's buyer, for members of its shop, and for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartById(pub Id<OrderPart>);

impl Loader<PartById> for Reader {
    type Value = FullPart;
    type Error = WireError;

    async fn load(&self, keys: &[PartById]) -> Result<HashMap<PartById, FullPart>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let parts = queries::parts_by_ids(conn, &ids)?;
            seen(conn, &caller, parts)
        };
        let parts = self.app.db.read(read).await?;
        Ok(parts.into_iter().map(|part| (PartById(part.part.id), part)).collect())
    }
}

/// The part that a conversation is about, for whoever sees the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartByConversation(pub Id<Conversation>);

impl Loader<PartByConversation> for Reader {
    type Value = FullPart;
    type Error = WireError;

    async fn load(&self, keys: &[PartByConversation]) -> Result<HashMap<PartByConversation, FullPart>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let parts = queries::parts_by_conversations(conn, &ids)?;
            seen(conn, &caller, parts)
        };
        let parts = self.app.db.read(read).await?;
        Ok(parts
            .into_iter()
            .filter_map(|part| part.part.conversation_id.map(|id| (PartByConversation(id), part)))
            .collect())
    }
}

/// The payments of an order, oldest first, for whoever sees the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaymentsByOrder(pub Id<Order>);

impl Loader<PaymentsByOrder> for Reader {
    type Value = Vec<PaymentIntent>;
    type Error = WireError;

    async fn load(&self, keys: &[PaymentsByOrder]) -> Result<HashMap<PaymentsByOrder, Vec<PaymentIntent>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let payments = self.app.db.read(move |conn| queries::payments_by_orders(conn, &ids)).await?;
        let seen = payments.into_iter().filter_map(|found| for_caller(&self.caller, found));
        let mut by_order: HashMap<PaymentsByOrder, Vec<PaymentIntent>> = HashMap::new();
        for payment in seen {
            by_order.entry(PaymentsByOrder(Id::from_uuid(payment.order_id))).or_default().push(payment);
        }
        Ok(by_order)
    }
}

/// A payment, for whoever sees its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaymentById(pub Id<PaymentIntent>);

impl Loader<PaymentById> for Reader {
    type Value = PaymentIntent;
    type Error = WireError;

    async fn load(&self, keys: &[PaymentById]) -> Result<HashMap<PaymentById, PaymentIntent>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let payments = self.app.db.read(move |conn| queries::payments_by_ids(conn, &ids)).await?;
        let seen = payments.into_iter().filter_map(|found| for_caller(&self.caller, found));
        Ok(seen.map(|payment| (PaymentById(payment.id), payment)).collect())
    }
}

/// A payment of somebody's order as the caller sees it. By what it is gone on with is for nobody but its buyer in person.
fn for_caller(caller: &Caller, (mut payment, buyer): (PaymentIntent, Option<Id<User>>)) -> Option<PaymentIntent> {
    if !policy::is_in_person(caller, buyer) {
        payment.sealed_secret = None;
        payment.next_action_url = None;
    }
    policy::sees(caller, buyer).then_some(payment)
}
