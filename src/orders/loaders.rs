//! Orders, parts and payments for one caller: a loader yields only what they may see.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{FullPart, Order, OrderPart, PaidOrder},
    policy, queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::Conversation,
    payments::{self, model::PaymentIntent},
    platform::{
        caller::Caller,
        db::Conn,
        gql::{Reader, WireError},
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
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

/// The parts of an order, for whoever sees the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartsByOrder(pub Id<Order>);

impl Loader<PartsByOrder> for Reader {
    type Value = Vec<FullPart>;
    type Error = WireError;

    async fn load(&self, keys: &[PartsByOrder]) -> Result<HashMap<PartsByOrder, Vec<FullPart>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let parts = self.app.db.read(move |conn| queries::parts_by_orders(conn, &ids)).await?;
        let mut by_order: HashMap<PartsByOrder, Vec<FullPart>> = HashMap::new();
        for part in parts.into_iter().filter(|part| policy::sees(&self.caller, part.order.order.buyer_id)) {
            by_order.entry(PartsByOrder(part.part.order_id)).or_default().push(part);
        }
        Ok(by_order)
    }
}

/// The shops whose orders a caller sees.
fn shops_seen(conn: &mut Conn, caller: &Caller) -> Result<Vec<Id<Shop>>, Failure> {
    let Some(person) = caller.signed_in() else { return Ok(Vec::new()) };
    let memberships = shops::service::memberships_of(conn, Id::from_uuid(person.user))?;
    let seen = memberships.into_iter().filter(|(_, role)| role.may(Permission::SeeOrders));
    Ok(seen.map(|(shop, _)| shop).collect())
}

/// Those of some parts that a caller sees: of their own orders, and of shops that they work for.
fn seen(conn: &mut Conn, caller: &Caller, parts: Vec<FullPart>) -> Result<Vec<FullPart>, Failure> {
    let is_own = |part: &FullPart| policy::sees(caller, part.order.order.buyer_id);
    let shops = if parts.iter().all(is_own) { Vec::new() } else { shops_seen(conn, caller)? };
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
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let orders = queries::by_ids(conn, &ids)?;
            let seen = orders.iter().filter(|order| policy::sees(&caller, order.order.buyer_id));
            payments::service::by_orders(conn, &seen.map(|order| order.order.id.uuid()).collect::<Vec<_>>())
        };
        let mut by_order: HashMap<PaymentsByOrder, Vec<PaymentIntent>> = HashMap::new();
        for payment in self.app.db.read(read).await? {
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
        let caller = self.caller.clone();
        let read = move |conn: &mut Conn| {
            let payments = payments::service::by_ids(conn, &ids)?;
            let orders: Vec<_> = payments.iter().map(|payment| Id::from_uuid(payment.order_id)).collect();
            let seen: Vec<_> = queries::by_ids(conn, &orders)?
                .into_iter()
                .filter(|order| policy::sees(&caller, order.order.buyer_id))
                .map(|order| order.order.id.uuid())
                .collect();
            Ok::<_, Failure>(
                payments.into_iter().filter(|payment| seen.contains(&payment.order_id)).collect::<Vec<_>>(),
            )
        };
        let payments = self.app.db.read(read).await?;
        Ok(payments.into_iter().map(|payment| (PaymentById(payment.id), payment)).collect())
    }
}
