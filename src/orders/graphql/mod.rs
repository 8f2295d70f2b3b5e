//! Orders on the wire.

mod mutations;

pub use self::mutations::OrdersMutation;

use async_graphql::{ComplexObject, Context, Object, SimpleObject, dataloader::DataLoader};
use uuid::Uuid;

use super::{
    loaders::{OrderById, PartsByOrder, PaymentsByOrder},
    model::{self, FulfillmentState, FullPart, OrderLifecycle, OrderLineKind, PaidOrder},
    service,
};
use crate::{
    kernel::{id::Id, money, page::PageArgs, place::CountryCode},
    messages::{self, graphql::Conversation, loaders::ConversationById},
    payments::{graphql::Payment, model::PaymentState},
    platform::{
        caller::Caller,
        clock::Time,
        events::Cursor,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, Reader, Total, WireResult, list_size},
    },
    products::{
        self,
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
        model::{ProductBy, With},
    },
    shops::{self, graphql::Shop, loaders::ShopById, model::Desk},
    users::{graphql::User, loaders::UserById},
};

/// A postal address, as it was given with an order.
#[derive(Debug, Clone, SimpleObject)]
pub struct Address {
    /// Who receives.
    name: String,
    /// Street and house, 1 to 4 lines.
    lines: Vec<String>,
    /// Null where there is none.
    postal_code: Option<String>,
    /// City, town or village.
    city: String,
    /// State, county or province; null where there is none.
    region: Option<String>,
    /// The country.
    country: CountryCode,
    /// For the carrier; null if none was given.
    phone: Option<String>,
}

impl From<model::Address> for Address {
    fn from(address: model::Address) -> Self {
        let model::Address { name, lines, postal_code, city, region, country, phone } = address;
        Self { name, lines, postal_code, city, region, country, phone }
    }
}

fn address(stored: Option<&serde_json::Value>) -> Option<Address> {
    let address: model::Address = serde_json::from_value(stored?.clone()).ok()?;
    Some(address.into())
}

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
    /// Where it goes; null for orders that another system took.
    shipping_address: Option<Address>,
    /// When it was agreed.
    placed_at: Time,
    /// When it was called off; null unless it was.
    cancelled_at: Option<Time>,
    /// Rises with every change.
    version: i32,
    #[graphql(skip)]
    buyer: Option<Id<crate::users::model::User>>,
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
            shipping_address: address(order.shipping_address.as_ref()),
            number: order.number,
            placed_at: order.placed_at,
            cancelled_at: order.cancelled_at,
            version: order.version,
            buyer: order.buyer_id,
        }
    }
}

#[ComplexObject]
impl Order {
    /// Who ordered; null for a guest.
    async fn buyer(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(buyer) = self.buyer else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(buyer)).await?.map(Into::into))
    }

    /// One part per shop, at most 200.
    #[graphql(directive = list_size::apply(2))]
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderPart>> {
        let parts = ctx.loader().load_one(PartsByOrder(self.id)).await?.unwrap_or_default();
        Ok(parts.into_iter().map(Into::into).collect())
    }

    /// The attempts to pay it, oldest first.
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
    lines: Vec<OrderLine>,
    /// What the lines cost together.
    total: Money,
    /// Where it goes; null for orders that another system took.
    shipping_address: Option<Address>,
    /// When it was agreed.
    placed_at: Time,
    #[graphql(skip)]
    order: Id<model::Order>,
    #[graphql(skip)]
    shop: Id<shops::model::Shop>,
    #[graphql(skip)]
    buyer: Option<Id<crate::users::model::User>>,
    #[graphql(skip)]
    conversation: Option<Id<messages::model::Conversation>>,
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
            lines: lines.into_iter().map(|line| OrderLine::new(line, order.currency)).collect(),
            total: money(part.total),
            shipping_address: address(order.shipping_address.as_ref()),
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
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        let Some(id) = self.product else { return Ok(None) };
        let key = ProductKey { by: ProductBy::Id(id), with: With::Nothing };
        Ok(ctx.loader().load_one(key).await?.map(Into::into))
    }

    /// The variant as it is now; null for a charge, and when it is no longer for sale.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        let Some(id) = self.variant else { return Ok(None) };
        Ok(ctx.loader().load_one(VariantById(id)).await?.map(Into::into))
    }
}

/// The orders' part of the viewer.
pub struct OrdersViewer(pub Caller);

#[Object]
impl OrdersViewer {
    /// What you ordered, newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Order>> {
        let listing = Listing::<(Time, Uuid)>::new("orders", &PageArgs { first, after, last, before })?;
        let rows = service::orders(ctx.app(), &self.0, listing.page.clone()).await?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_orders(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |row| (row.order.placed_at, row.order.id.uuid()), Order::from, total))
    }
}

/// The orders' part of a shop's desk.
pub struct OrdersDesk(Desk);

impl From<&Desk> for OrdersDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl OrdersDesk {
    /// What the shop has to do, newest first; null if your role does not see orders.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<Option<List<OrderPart>>> {
        let shop = self.0.shop.id;
        let listing = Listing::<(Time, Uuid)>::new(("desk orders", shop), &PageArgs { first, after, last, before })?;
        let Some(rows) = service::parts(ctx.app(), &self.0, listing.page.clone()).await? else { return Ok(None) };
        let app = ctx.app().clone();
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_parts(&app, shop, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.connection(rows, |row| (row.part.placed_at, row.part.id.uuid()), OrderPart::from, total)))
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
