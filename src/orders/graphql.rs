//! Orders on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::{
    loaders::{OrderById, PartsByOrder, PaymentById, PaymentsByOrder},
    model::{self, FulfillmentState, FullPart, OrderLifecycle, OrderLineKind, PaidOrder, WantedLine},
    service,
};
use crate::{
    kernel::{
        id::Id,
        money,
        page::{DEFAULT_SIZE, PageArgs},
        place::CountryCode,
    },
    messages::{self, graphql::Conversation, loaders::ConversationById},
    payments::{
        graphql::{Payment, PaymentMethodInput},
        model::PaymentState,
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, MoneyInput, SignedInOnly, Total, WireError, WireResult},
    },
    products::{
        self,
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
        model::{ProductBy, With},
    },
    shops::{self, graphql::Shop, loaders::ShopById, model::Desk},
    user_errors::{UserError, answer},
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
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderPart>> {
        let parts = ctx.loader().load_one(PartsByOrder(self.id)).await?.unwrap_or_default();
        Ok(parts.into_iter().map(Into::into).collect())
    }

    /// The attempts to pay it, oldest first.
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
        #[graphql(default_with = "DEFAULT_SIZE", desc = "How many from the start, 1 to 100. Gives way to `last`.")]
        first: i32,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
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
        #[graphql(default_with = "DEFAULT_SIZE", desc = "How many from the start, 1 to 100. Gives way to `last`.")]
        first: i32,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
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
    pub fn new(cursor: String, event: &model::OrderChanged) -> Self {
        Self { cursor, version: event.version, order: Id::from_uuid(event.order) }
    }
}

#[ComplexObject]
impl OrderChanged {
    /// The order as it is now; null for members of a shop, who see their part alone.
    async fn order(&self, ctx: &Context<'_>) -> WireResult<Option<Order>> {
        Ok(ctx.loader().load_one(OrderById(self.order)).await?.map(Into::into))
    }
}

/// A postal address.
#[derive(InputObject)]
pub struct AddressInput {
    /// Who receives, 1 to 100 characters.
    name: String,
    /// Street and house: 1 to 4 lines of up to 100 characters.
    lines: Vec<String>,
    /// Up to 40 characters.
    postal_code: Option<String>,
    /// City, town or village, 1 to 100 characters.
    city: String,
    /// State, county or province, up to 40 characters.
    region: Option<String>,
    /// The country.
    country: CountryCode,
    /// For the carrier, up to 40 characters.
    phone: Option<String>,
}

impl From<AddressInput> for model::Address {
    fn from(input: AddressInput) -> Self {
        let AddressInput { name, lines, postal_code, city, region, country, phone } = input;
        Self { name, lines, postal_code, city, region, country, phone }
    }
}

/// What you want of one variant.
#[derive(InputObject)]
pub struct OrderLineInput {
    /// Which variant.
    variant_id: Id<products::model::Variant>,
    /// How many, 1 to 10,000.
    quantity: i32,
    /// The price of one that you saw. If it is another one now, nothing is ordered.
    expected_unit_price: Option<MoneyInput>,
}

/// An order as you want it.
#[derive(InputObject)]
pub struct PlaceOrderInput {
    /// 1 to 200 lines, of one shop or several; all in one currency. Lines of the same variant become one.
    lines: Vec<OrderLineInput>,
    /// Where it goes.
    shipping_address: AddressInput,
    /// What you expect it to cost. If it costs something else now, nothing is ordered.
    expected_total: MoneyInput,
    /// 1 to 255 characters that name this very intent. A repeat is the same order. Kept for 30 days.
    idempotency_key: String,
}

/// What `placeOrder` answers.
#[derive(SimpleObject)]
pub struct PlaceOrderPayload {
    /// The new order.
    order: Option<Order>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which order to call off.
#[derive(InputObject)]
pub struct CancelOrderInput {
    /// One of your orders.
    order_id: Id<model::Order>,
    /// 1 to 255 characters that name this very intent. Kept for 30 days.
    idempotency_key: Option<String>,
}

/// What `cancelOrder` answers.
#[derive(SimpleObject)]
pub struct CancelOrderPayload {
    /// The order.
    order: Option<Order>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to pay, and how.
#[derive(InputObject)]
pub struct PayOrderInput {
    /// One of your orders.
    order_id: Id<model::Order>,
    /// How to pay.
    method: PaymentMethodInput,
    /// Where the provider's page leads back to: below the market's own URL, or one that the market allows.
    return_url: Option<String>,
    /// 1 to 255 characters that name this very intent. A repeat is the same payment. Kept for 30 days.
    idempotency_key: String,
}

/// What `payOrder` answers.
#[derive(SimpleObject)]
pub struct PayOrderPayload {
    /// The payment. A refusal by the buyer's bank is its status, no user error.
    payment: Option<Payment>,
    /// The order.
    order: Option<Order>,
    /// Why nothing was tried, if nothing was.
    user_errors: Vec<UserError>,
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::Order>>) -> WireResult<Option<Order>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(OrderById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct OrdersMutation;

#[Object]
impl OrdersMutation {
    /// Orders what is in the lines: all of it, or nothing. The stock is yours from then on.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `OUT_OF_RANGE`, `NOT_FOUND`, `CURRENCY_MISMATCH`, `OUT_OF_STOCK`,
    /// `PRICE_CHANGED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn place_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want.")] input: PlaceOrderInput,
    ) -> WireResult<PlaceOrderPayload> {
        let lines = input.lines.into_iter().map(|line| {
            let expected_unit_price = line.expected_unit_price.map(money::Money::try_from).transpose()?;
            Ok::<_, WireError>(WantedLine { variant: line.variant_id, quantity: line.quantity, expected_unit_price })
        });
        let wanted = model::PlaceOrder {
            lines: lines.collect::<Result<_, _>>()?,
            shipping_address: input.shipping_address.into(),
            expected_total: input.expected_total.try_into()?,
        };
        let result = service::place_order(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(PlaceOrderPayload { order: load(ctx, id).await?, user_errors })
    }

    /// Calls one of your orders off, as long as nothing is paid and no payment is being processed. Its stock goes back.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_CANCELLABLE`, `PAYMENT_IN_PROGRESS`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: CancelOrderInput,
    ) -> WireResult<CancelOrderPayload> {
        let key = input.idempotency_key.as_deref();
        let result = service::cancel_order(ctx.app(), ctx.caller(), input.order_id, key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CancelOrderPayload { order: load(ctx, id).await?, user_errors })
    }

    /// Pays what is owed for one of your orders. Look at the payment's status: it may have failed, or ask for a further step.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_PAYABLE`, `PAYMENT_IN_PROGRESS`, `PAYMENTS_UNAVAILABLE`, `INVALID`,
    /// `RETURN_URL_NOT_ALLOWED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn pay_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to pay, and how.")] input: PayOrderInput,
    ) -> WireResult<PayOrderPayload> {
        let PaymentMethodInput::Token(method) = input.method;
        let wanted = service::PayOrder { order: input.order_id, method, return_url: input.return_url };
        let result = service::pay_order(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let payment = match id {
            Some(id) => ctx.loader().load_one(PaymentById(id)).await?.map(Into::into),
            None => None,
        };
        Ok(PayOrderPayload { payment, order: load(ctx, Some(input.order_id)).await?, user_errors })
    }
}
