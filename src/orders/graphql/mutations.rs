//! What changes orders.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Order, OrderPart, guests::opened_by, shipments::OrderPiecesInput};
use crate::{
    kernel::{error::Failure, id::Id, money},
    orders::{
        loaders::{OrderById, PartById, PaymentById},
        model::{self, ChosenMethod, EditPart, FromCart, Pieces, WantedLine},
        service,
    },
    payments::graphql::{Payment, PaymentMethodInput},
    platform::gql::{Ask, MoneyInput, SignedInOnly, WireError, WireResult, cost},
    products,
    shipping::model::Method,
    shops,
    user_errors::{UserError, answer},
    users::graphql::AddressInput,
};

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

impl TryFrom<OrderLineInput> for WantedLine {
    type Error = WireError;

    fn try_from(line: OrderLineInput) -> WireResult<Self> {
        let expected_unit_price = line.expected_unit_price.map(money::Money::try_from).transpose()?;
        Ok(Self { variant: line.variant_id, quantity: line.quantity, expected_unit_price })
    }
}

/// How a shop is to send what is ordered of it.
#[derive(InputObject)]
pub struct ShippingChoiceInput {
    /// Which shop.
    shop_id: Id<shops::model::Shop>,
    /// One of those that `quote` offers.
    shipping_method_id: Id<Method>,
}

impl From<ShippingChoiceInput> for ChosenMethod {
    fn from(ShippingChoiceInput { shop_id, shipping_method_id }: ShippingChoiceInput) -> Self {
        Self { shop: shop_id, method: shipping_method_id }
    }
}

/// Your own cart.
#[derive(InputObject)]
pub struct OrderCartInput {
    /// The `version` of the cart as you saw it. If it is another one now, nothing is ordered.
    expected_version: i32,
}

/// An order as you want it: of `lines`, or of what is in your `cart`.
#[derive(InputObject)]
pub struct PlaceOrderInput {
    /// 1 to 200 lines, of one shop or several; all in one currency. Lines of the same variant become one. None with a `cart`.
    #[graphql(default)]
    lines: Vec<OrderLineInput>,
    /// Orders what is in your cart, in its currency. The cart is empty then, in the same moment.
    cart: Option<OrderCartInput>,
    /// Where it goes.
    shipping_address: AddressInput,
    /// What you expect it to cost: what `quote` says. If it costs something else now, nothing is ordered.
    expected_total: MoneyInput,
    /// How each shop is to send it, at most one for each: the cheapest way if nothing is said.
    shipping: Option<Vec<ShippingChoiceInput>>,
    /// A code that takes something off. One that does nothing is refused.
    code: Option<String>,
    /// What you tell the shops about it, 1 to 500 characters, in any number of lines. All its shops read it.
    note: Option<String>,
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
    /// One of your orders, or the one that the token opens.
    order_id: Id<model::Order>,
    /// The owner's token of what you ordered as a guest.
    #[graphql(secret)]
    token: Option<String>,
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
    /// One of your orders, or the one that the token opens.
    order_id: Id<model::Order>,
    /// The owner's token of what you ordered as a guest.
    #[graphql(secret)]
    token: Option<String>,
    /// How to pay.
    method: PaymentMethodInput,
    /// Whether a `token` is kept once it has paid: see `viewer.paymentMethods`. It is not if absent. For whoever is signed in; what is kept is
    /// the provider's name for it, at most 20 of them, and it may take a moment until it is there.
    store_method: Option<bool>,
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

/// What to change about a part: what is to be added, or removed, or both.
#[derive(InputObject)]
pub struct EditOrderPartInput {
    /// A part of one of your orders.
    order_part_id: Id<model::OrderPart>,
    /// The `version` of the order as you saw it. If it is another one now, nothing is changed.
    expected_version: i32,
    /// What you want more: goods of the same shop that are for sale in the order's currency, lines of the same variant as one. They are
    /// new lines at today's prices and with today's taxes, and no promotion takes anything off them. An order has 200 lines of goods at
    /// the most. None if the order is only promised, or costs nothing.
    #[graphql(default)]
    add: Vec<OrderLineInput>,
    /// What you do not want any more, each line once, be it one of `addedLines`.
    #[graphql(default)]
    remove: Vec<OrderPiecesInput>,
    /// By how much you expect the part to become dearer: what is added, with what is added of the tax, less what is removed; below zero
    /// if it becomes cheaper. If it is something else now, nothing is changed.
    expected_difference: MoneyInput,
    /// 1 to 255 characters that name this very intent. A repeat is the same change. Kept for 30 days.
    idempotency_key: String,
}

/// What `editOrderPart` answers.
#[derive(SimpleObject)]
pub struct EditOrderPartPayload {
    /// The part.
    order_part: Option<OrderPart>,
    /// Why not, if not.
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
    /// Orders what is in the lines, or in your cart: all of it, or nothing. The stock is yours from then on. What is wrong with a line of
    /// the cart is told at `cart`, `lines` and its place among the cart's lines. Of your orders 20 wait for their money at once (unless the
    /// market has decided otherwise): one more is `TOO_MANY_UNPAID_ORDERS`.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `OUT_OF_RANGE`, `NOT_FOUND`, `CURRENCY_MISMATCH`, `OUT_OF_STOCK`,
    /// `PRICE_CHANGED`, `SHOP_ON_HOLIDAY`, `CANNOT_SHIP`, `CODE_NOT_APPLICABLE`, `STALE_VERSION`, `TOO_MANY_UNPAID_ORDERS`,
    /// `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn place_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you want.")] input: PlaceOrderInput,
    ) -> WireResult<PlaceOrderPayload> {
        if input.cart.is_some() && !input.lines.is_empty() {
            return Err(Failure::BadUserInput("an order has `lines`, or a `cart`".into()).into());
        }
        let lines = input.lines.into_iter().map(WantedLine::try_from);
        let wanted = model::PlaceOrder {
            lines: lines.collect::<Result<_, _>>()?,
            shipping_address: input.shipping_address.into(),
            expected_total: input.expected_total.try_into()?,
            cart: input.cart.map(|cart| FromCart { expected_version: cart.expected_version }),
            shipping: input.shipping.into_iter().flatten().map(ChosenMethod::from).collect(),
            code: input.code,
            note: input.note,
        };
        let result = service::place_order(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(PlaceOrderPayload { order: load(ctx, id).await?, user_errors })
    }

    /// Calls one of your orders off, as long as nothing of it is packed and no payment is being processed. Its stock goes back, and
    /// so does what you paid. Without a token you have to be signed in.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_CANCELLABLE`, `ORDER_NOT_REFUNDABLE`, `PAYMENT_IN_PROGRESS`, `IDEMPOTENCY_KEY_REUSED`.
    async fn cancel_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] input: CancelOrderInput,
    ) -> WireResult<CancelOrderPayload> {
        let CancelOrderInput { order_id, token, idempotency_key } = input;
        let (token, key) = (token.as_deref(), idempotency_key.as_deref());
        let result = service::cancel_order(ctx.app(), ctx.caller(), order_id, token, key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let order = match token.filter(|_| id.is_some()) {
            Some(token) => opened_by(ctx, token).await?.map(Order::opened),
            None => load(ctx, id).await?,
        };
        Ok(CancelOrderPayload { order, user_errors })
    }

    /// Changes a part of one of your open orders, as long as nothing of the part is packed and no payment is being processed; 50 times at the
    /// most. Added goods are yours from then on, as if you had ordered them with the rest; what is removed is for sale again. What is
    /// removed is worth what was to be paid for it. What it costs to send the part stays as it was, and goes with the last of its goods if
    /// nothing is added; what would cost more to send, or could not be sent in that way, cannot be added. What promotions have taken off stays,
    /// too: so what is left, if anything is, still has to reach their minimum, and to be sent for what was agreed. The order is due when it
    /// was. If you have paid, the money for what is removed goes back, as far as it has not gone back before and what is left does not cost it;
    /// and what is added is owed by itself (`addedLines`): pay it by `payOrder` before `paymentDueAt`, or it is taken out again, and the rest
    /// stays as it is, so what is left of that has to do for promotions and postage alone. The last of what is paid is removed only with all
    /// that is not. If nothing is left of the order, it is called off.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_EDITABLE`, `ORDER_NOT_REFUNDABLE`, `STALE_VERSION`, `PAYMENT_IN_PROGRESS`, `REFUND_STEP`, `BLANK`,
    /// `TOO_MANY`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `OUT_OF_STOCK`, `PRICE_CHANGED`, `SHOP_ON_HOLIDAY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn edit_order_part(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: EditOrderPartInput,
    ) -> WireResult<EditOrderPartPayload> {
        let add = input.add.into_iter().map(WantedLine::try_from);
        let wanted = EditPart {
            part: input.order_part_id,
            expected_version: input.expected_version,
            add: add.collect::<Result<_, _>>()?,
            remove: input.remove.into_iter().map(Pieces::from).collect(),
            expected_difference: input.expected_difference.try_into()?,
        };
        let result = service::edit_part(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let order_part = match id {
            Some(id) => ctx.loader().load_one(PartById(id)).await?.map(Into::into),
            None => None,
        };
        Ok(EditOrderPartPayload { order_part, user_errors })
    }

    /// Pays what is owed for one of your orders. Look at the payment's status: it may have failed, or ask for a further step.
    /// Where the market takes money when something is sent, the buyer's bank only promises it by this: `REQUIRES_CAPTURE`.
    /// Without a token you have to be signed in. What is to be paid by a method that the provider has let go is `FAILED`, with `DECLINED`. After
    /// ten payments of a person, of a guest for an order, or by the same card, were declined
    /// within an hour, or fifty from the same place, the next is `TOO_MANY_ATTEMPTS` until that hour is over.
    ///
    /// Codes: `NOT_FOUND`, `ORDER_NOT_PAYABLE`, `PAYMENT_IN_PROGRESS`, `PAYMENTS_UNAVAILABLE`, `INVALID`,
    /// `RETURN_URL_NOT_ALLOWED`, `TOO_MANY`, `TOO_MANY_ATTEMPTS`, `IDEMPOTENCY_KEY_REUSED`.
    async fn pay_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to pay, and how.")] input: PayOrderInput,
    ) -> WireResult<PayOrderPayload> {
        let PayOrderInput { order_id, token, method, store_method, return_url, idempotency_key } = input;
        let means = method.means(store_method == Some(true));
        let wanted = service::PayOrder { order: order_id, means, return_url };
        let (token, key) = (token.as_deref(), idempotency_key.as_str());
        let result = service::pay_order(ctx.app(), ctx.caller(), wanted, token, key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let Some(id) = id else { return Ok(PayOrderPayload { payment: None, order: None, user_errors }) };
        if let Some(token) = token {
            let opened = opened_by(ctx, token).await?;
            let payment = opened.as_ref().and_then(|opened| opened.payments.iter().find(|payment| payment.id == id));
            let payment = payment.cloned().map(Into::into);
            return Ok(PayOrderPayload { payment, order: opened.map(Order::opened), user_errors });
        }
        let payment = ctx.loader().load_one(PaymentById(id)).await?.map(Into::into);
        let order = load(ctx, Some(order_id)).await?;
        Ok(PayOrderPayload { payment, order, user_errors })
    }
}
