//! Orders on the wire.

mod books;
mod lists;
mod mutations;

pub use self::{
    books::BooksDesk,
    lists::{OrdersDesk, OrdersQuery, OrdersViewer},
    mutations::OrdersMutation,
};

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject, dataloader::DataLoader};

use super::{
    loaders::{OrderById, PartsByOrder, PaymentsByOrder},
    model::{self, FulfillmentState, FullPart, OrderLifecycle, OrderLineKind, PaidOrder},
};
use crate::{
    kernel::{address::StoredAddress, id::Id, money},
    messages::{self, graphql::Conversation, loaders::ConversationById},
    payments::{graphql::Payment, model::PaymentState},
    platform::{
        clock::Time,
        events::Cursor,
        gql::{Ask, AtHand, AtOnce, Money, Plain, Reader, WireResult, list_size},
    },
    products::{
        self,
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
    },
    shops::{self, graphql::Shop, loaders::ShopById},
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
    /// What has been paid.
    amount_paid: Money,
    /// When it was agreed.
    placed_at: Time,
    /// When it was called off; null unless it was.
    cancelled_at: Option<Time>,
    /// Until when it has to be paid: then it is called off, and what it holds is for sale again. It waits longer while a payment is being
    /// processed. Null if it waits for no money.
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
            "placedAt" => AtHand::value(&self.placed_at),
            "cancelledAt" => AtHand::value(&self.cancelled_at),
            "paymentDueAt" => AtHand::value(&self.payment_due_at),
            "version" => AtHand::value(&self.version),
            _ => AtHand::NotYet,
        }
    }
}

impl From<PaidOrder> for Order {
    fn from(row: PaidOrder) -> Self {
        let payment_state = row.payment_state();
        let PaidOrder { order, paid } = row;
        let money = |minor| money::Money::new(minor, order.currency).into();
        Self {
            id: order.id,
            lifecycle: order.status,
            payment_state,
            total: money(order.total),
            amount_paid: money(paid),
            shipping_address: order.shipping_address,
            number: order.number,
            placed_at: order.placed_at,
            cancelled_at: order.cancelled_at,
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
}

/// What one shop has to do with an order. The order's buyer sees it, members of the shop, and the market's staff.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderPart {
    /// Begins with `part_`.
    pub id: Id<model::OrderPart>,
    /// The number of the order.
    order_number: String,
    /// How far the order has come as a whole.
    order_lifecycle: OrderLifecycle,
    /// How much of the order is paid, by the ledger.
    order_payment_state: PaymentState,
    /// How far the shop has come.
    fulfillment_state: FulfillmentState,
    /// What was agreed: at most 200 lines, more of an order that another system took.
    #[graphql(directive = list_size::apply(5))]
    lines: Vec<AtOnce<OrderLine>>,
    /// What the lines cost together.
    total: Money,
    /// When it was agreed.
    placed_at: Time,
    #[graphql(skip)]
    shipping_address: Option<StoredAddress>,
    #[graphql(skip)]
    order: Id<model::Order>,
    #[graphql(skip)]
    shop: Id<shops::model::Shop>,
    #[graphql(skip)]
    buyer: Option<Id<crate::users::model::User>>,
    #[graphql(skip)]
    conversation: Option<Id<messages::model::Conversation>>,
}

impl Plain for OrderPart {
    fn concrete_type(&self) -> Cow<'static, str> {
        "OrderPart".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "orderNumber" => AtHand::value(&self.order_number),
            "orderLifecycle" => AtHand::value(&self.order_lifecycle),
            "orderPaymentState" => AtHand::value(&self.order_payment_state),
            "fulfillmentState" => AtHand::value(&self.fulfillment_state),
            "total" => AtHand::Object(&self.total),
            "placedAt" => AtHand::value(&self.placed_at),
            _ => AtHand::NotYet,
        }
    }
}

impl From<FullPart> for OrderPart {
    fn from(row: FullPart) -> Self {
        let order_payment_state = row.order.payment_state();
        let FullPart { part, order, lines } = row;
        let order = order.order;
        let money = |minor| money::Money::new(minor, order.currency).into();
        Self {
            id: part.id,
            order_lifecycle: order.status,
            order_payment_state,
            fulfillment_state: part.fulfillment_state,
            lines: lines.into_iter().map(|line| AtOnce(OrderLine::new(line, order.currency))).collect(),
            total: money(part.total),
            shipping_address: order.shipping_address,
            order_number: order.number,
            placed_at: part.placed_at,
            order: order.id,
            shop: part.shop_id,
            buyer: order.buyer_id,
            conversation: part.conversation_id,
        }
    }
}

#[ComplexObject]
impl OrderPart {
    /// Where it goes; null for orders that another system took.
    async fn shipping_address(&self) -> Option<Address> {
        self.shipping_address.as_ref()?.parse().map(Into::into)
    }

    /// The order as a whole; null for members of the shop, who see their part alone.
    async fn order(&self, ctx: &Context<'_>) -> WireResult<Option<Order>> {
        Ok(ctx.loader().load_one(OrderById(self.order)).await?.map(Into::into))
    }

    /// The shop.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        Ok(ctx.loader().load_one(ShopById(self.shop)).await?.map(Into::into))
    }

    /// Who ordered; null for a guest.
    async fn buyer(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(buyer) = self.buyer else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(buyer)).await?.map(Into::into))
    }

    /// Where buyer and shop talk about it; null for orders that another system took, and for who may not read it.
    async fn conversation(&self, ctx: &Context<'_>) -> WireResult<Option<Conversation>> {
        let Some(id) = self.conversation else { return Ok(None) };
        Ok(ctx.loader().load_one(ConversationById(id)).await?.map(Into::into))
    }
}

/// What was agreed about one variant, or one charge. Title, SKU and price are as they were then.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderLine {
    /// Begins with `line_`.
    id: Id<model::OrderLine>,
    /// Goods, or a charge such as postage.
    kind: OrderLineKind,
    /// What it was called.
    title: String,
    /// The shop's code for it.
    sku: String,
    /// How many.
    quantity: i32,
    /// What one costs.
    unit_price: Money,
    /// What all of them cost.
    total: Money,
    #[graphql(skip)]
    product: Option<Id<products::model::Product>>,
    #[graphql(skip)]
    variant: Option<Id<products::model::Variant>>,
}

impl Plain for OrderLine {
    fn concrete_type(&self) -> Cow<'static, str> {
        "OrderLine".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "kind" => AtHand::value(&self.kind),
            "title" => AtHand::Text(&self.title),
            "sku" => AtHand::Text(&self.sku),
            "quantity" => AtHand::value(&self.quantity),
            "unitPrice" => AtHand::Object(&self.unit_price),
            "total" => AtHand::Object(&self.total),
            _ => AtHand::NotYet,
        }
    }
}

impl OrderLine {
    fn new(row: model::OrderLine, currency: money::CurrencyCode) -> Self {
        let money = |minor| money::Money::new(minor, currency).into();
        Self {
            id: row.id,
            kind: row.kind,
            title: row.title,
            sku: row.sku,
            quantity: row.quantity,
            unit_price: money(row.unit_price),
            total: money(row.total),
            product: row.product_id,
            variant: row.variant_id,
        }
    }
}

#[ComplexObject]
impl OrderLine {
    /// The product as it is now; null for a charge, and when it is no longer for sale.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<AtOnce<Product>>> {
        let Some(id) = self.product else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(AtOnce::of))
    }

    /// The variant as it is now; null for a charge, and when it is no longer for sale.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        let Some(id) = self.variant else { return Ok(None) };
        Ok(ctx.loader().load_one(VariantById(id)).await?.map(Into::into))
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
