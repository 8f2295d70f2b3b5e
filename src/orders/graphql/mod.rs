//! Orders on the wire.

mod books;
mod claims;
mod lists;
mod mutations;
mod parts;
mod refunds;
mod returns;
mod shipments;
mod timeline;

pub use self::{
    books::BooksDesk,
    claims::{Claim, ClaimsDesk, ClaimsMutation, StaffClaims},
    lists::{OrdersDesk, OrdersQuery, OrdersViewer},
    mutations::OrdersMutation,
    parts::{OrderLine, OrderPart},
    refunds::{Refund, RefundsMutation},
    returns::{OrderReturn, ReturnsDesk, ReturnsMutation},
    shipments::{Shipment, ShipmentsMutation},
    timeline::OrderEvent,
};

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject, dataloader::DataLoader};

use super::{
    loaders::{OrderById, PartsByOrder, PaymentsByOrder, RefundsByOrder, StepsByOrder},
    model::{self, Cancellation, FullPart, OrderLifecycle, PaidOrder},
};
use crate::{
    kernel::{address::StoredAddress, id::Id, money},
    payments::{graphql::Payment, model::PaymentState},
    platform::{
        clock::Time,
        events::Cursor,
        gql::{Ask, AtHand, AtOnce, Money, Plain, Reader, WireResult, list_size},
    },
    users::{
        graphql::{Address, User},
        loaders::UserById,
    },
};

/// What one buyer agreed to at one moment, perhaps with several shops. Its buyer sees it, and the market's staff.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Order {
    /// Begins with `order_`.
    pub id: Id<model::Order>,
    /// Short, to be spoken: `7K4M-92QX`. Of an order that another system took, the shop's handle and its number there:
    /// `online-retail/536365`.
    number: String,
    /// How far the order has come as a whole.
    lifecycle: OrderLifecycle,
    /// How much is paid, by the ledger.
    payment_state: PaymentState,
    /// What all lines cost together.
    total: Money,
    /// What has been paid, less what went back.
    amount_paid: Money,
    /// What of the total goes back, or has gone back.
    amount_refunded: Money,
    /// What of the total fell away before it was paid: what a shop could not send.
    amount_cancelled: Money,
    /// What is still to be paid; 0 once it is called off.
    amount_owed: Money,
    /// When it was agreed.
    placed_at: Time,
    /// When it was called off; null unless it was.
    cancelled_at: Option<Time>,
    /// Why it was called off; null unless it was, and where that is not known.
    cancellation_reason: Option<Cancellation>,
    /// Until when it has to be paid: then it is called off, and what it holds is for sale again. It waits longer while a payment is being
    /// processed, two weeks at the most. Null if it waits for no money.
    payment_due_at: Option<Time>,
    /// Rises with every change.
    version: i32,
    #[graphql(skip)]
    buyer: Option<Id<crate::users::model::User>>,
    #[graphql(skip)]
    shipping_address: Option<StoredAddress>,
    /// Of an order that is shown by a link. Else they are read for who asks.
    #[graphql(skip)]
    parts: Option<Vec<FullPart>>,
}

impl Plain for Order {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Order".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "number" => AtHand::value(&self.number),
            "lifecycle" => AtHand::value(&self.lifecycle),
            "paymentState" => AtHand::value(&self.payment_state),
            "total" => AtHand::Object(&self.total),
            "amountPaid" => AtHand::Object(&self.amount_paid),
            "amountRefunded" => AtHand::Object(&self.amount_refunded),
            "amountCancelled" => AtHand::Object(&self.amount_cancelled),
            "amountOwed" => AtHand::Object(&self.amount_owed),
            "placedAt" => AtHand::value(&self.placed_at),
            "cancelledAt" => AtHand::value(&self.cancelled_at),
            "cancellationReason" => AtHand::value(&self.cancellation_reason),
            "paymentDueAt" => AtHand::value(&self.payment_due_at),
            "version" => AtHand::value(&self.version),
            _ => AtHand::NotYet,
        }
    }
}

impl From<PaidOrder> for Order {
    fn from(row: PaidOrder) -> Self {
        let payment_state = row.payment_state();
        let amount_owed = row.still_owed();
        let PaidOrder { order, paid } = row;
        let money = |minor| money::Money::new(minor, order.currency).into();
        Self {
            id: order.id,
            lifecycle: order.status,
            payment_state,
            total: money(order.total),
            amount_paid: money(paid),
            amount_refunded: money(order.refunded),
            amount_cancelled: money(order.dropped),
            amount_owed: money(amount_owed),
            shipping_address: order.shipping_address,
            number: order.number,
            placed_at: order.placed_at,
            cancelled_at: order.cancelled_at,
            cancellation_reason: order.cancellation,
            payment_due_at: order.payment_due_at,
            version: order.version,
            buyer: order.buyer_id,
            parts: None,
        }
    }
}

impl Order {
    /// An order that is shown with these parts, whoever asks.
    fn with_parts(order: PaidOrder, parts: Vec<FullPart>) -> Self {
        Self { parts: Some(parts), ..order.into() }
    }
}

#[ComplexObject]
impl Order {
    /// Where it goes; null for orders that another system took, and for who has a link to it alone.
    async fn shipping_address(&self) -> Option<Address> {
        self.shipping_address.as_ref()?.parse().map(Into::into)
    }

    /// Who ordered; null for a guest, and for who has a link to it alone.
    async fn buyer(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(buyer) = self.buyer else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(buyer)).await?.map(Into::into))
    }

    /// One part per shop, at most 200.
    #[graphql(directive = list_size::apply(2))]
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<AtOnce<OrderPart>>> {
        let parts = match &self.parts {
            Some(parts) => parts.clone(),
            None => ctx.loader().load_one(PartsByOrder(self.id)).await?.unwrap_or_default(),
        };
        Ok(parts.into_iter().map(AtOnce::of).collect())
    }

    /// The attempts to pay it, oldest first; none for who has a link to it alone.
    #[graphql(directive = list_size::apply(3))]
    async fn payments(&self, ctx: &Context<'_>) -> WireResult<Vec<Payment>> {
        let payments = ctx.loader().load_one(PaymentsByOrder(self.id)).await?.unwrap_or_default();
        Ok(payments.into_iter().map(Into::into).collect())
    }

    /// What of its money goes back, oldest first; none for who has a link to it alone.
    #[graphql(directive = list_size::apply(2))]
    async fn refunds(&self, ctx: &Context<'_>) -> WireResult<Vec<Refund>> {
        let refunds = ctx.loader().load_one(RefundsByOrder(self.id)).await?.unwrap_or_default();
        Ok(refunds.into_iter().map(Into::into).collect())
    }

    /// What happened to it and to its parts, oldest first; none for who has a link to it alone.
    #[graphql(directive = list_size::apply(10))]
    async fn timeline(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderEvent>> {
        let steps = ctx.loader().load_one(StepsByOrder(self.id)).await?.unwrap_or_default();
        Ok(steps.into_iter().map(Into::into).collect())
    }
}

/// Something about an order has changed: its state, a payment, a part.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderChanged {
    /// The event's place in your stream.
    cursor: String,
    /// The order's version when it happened.
    version: i32,
    #[graphql(skip)]
    order: Id<model::Order>,
}

impl OrderChanged {
    /// The event as the loader's caller sees it; none if they see no part of the order (any more).
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::OrderChanged,
    ) -> WireResult<Option<Self>> {
        let order = Id::from_uuid(event.order);
        let parts = loader.load_one(PartsByOrder(order)).await?.unwrap_or_default();
        Ok((!parts.is_empty()).then(|| Self { cursor: cursor.to_string(), version: event.version, order }))
    }
}

#[ComplexObject]
impl OrderChanged {
    /// The order as it is now; null for members of a shop, who see their part alone.
    async fn order(&self, ctx: &Context<'_>) -> WireResult<Option<Order>> {
        Ok(ctx.loader().load_one(OrderById(self.order)).await?.map(Into::into))
    }

    /// The parts that you see, as they are now: all of your own order's, and those of shops that you work for.
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderPart>> {
        let parts = ctx.loader().load_one(PartsByOrder(self.order)).await?.unwrap_or_default();
        Ok(parts.into_iter().map(Into::into).collect())
    }
}
