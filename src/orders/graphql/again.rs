//! Buying again what was bought before, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::OrderLine;
use crate::{
    carts::{graphql::Cart, loaders::CartKey},
    kernel::{error::Failure, id::Id},
    orders::{
        loaders::PartsByOrder,
        model::{self, LeftOutReason, PutAgain},
        service,
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost, list_size},
    },
    products::{graphql::ProductVariant, loaders::VariantById},
    user_errors::{UserError, answer},
};

/// Variants that are told at once, at the most.
const MAXIMUM: usize = 50;

/// Something that you have bought, and can order now.
#[derive(SimpleObject)]
pub struct BuyAgainItem {
    /// Which variant.
    variant: ProductVariant,
    /// How many you ordered the last time, without what was called off.
    last_quantity: i32,
    /// When that was.
    last_ordered_at: Time,
}

/// Something of an order that was not put into the cart.
#[derive(SimpleObject)]
pub struct OrderLineLeftOut {
    /// The line of the order.
    line: OrderLine,
    /// Why not.
    reason: LeftOutReason,
}

/// What can be bought again: the part of the viewer.
pub struct BuyAgainViewer(pub Caller);

#[Object]
impl BuyAgainViewer {
    /// What you have bought by your last 100 orders and can order now, each variant once, the last one first.
    #[graphql(directive = list_size::apply(20), directive = cost::apply(20))]
    async fn buy_again(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at the most, 1 to 50.", default = 20)] first: i32,
    ) -> WireResult<Vec<BuyAgainItem>> {
        let limit = usize::try_from(first).ok().filter(|limit| (1..=MAXIMUM).contains(limit));
        let limit = limit.ok_or_else(|| Failure::BadUserInput(format!("`first` is from 1 to {MAXIMUM}")))?;
        let bought = service::bought_before(ctx.app(), &self.0, limit).await?;
        let variants = ctx.loader().load_many(bought.iter().map(|one| VariantById(one.variant))).await?;
        let items = bought.into_iter().filter_map(|one| {
            let variant = variants.get(&VariantById(one.variant)).cloned()?.into();
            Some(BuyAgainItem { variant, last_quantity: one.quantity, last_ordered_at: one.placed_at })
        });
        Ok(items.collect())
    }
}

/// Which order to put into your cart.
#[derive(InputObject)]
pub struct AddOrderToCartInput {
    /// One of yours.
    order_id: Id<model::Order>,
    /// 1 to 255 characters that name this very intent, so that a repeat adds nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `addOrderToCart` answers.
#[derive(SimpleObject)]
pub struct AddOrderToCartPayload {
    /// Your cart with what was put into it. What of it cannot be ordered as it stands is among its `problems`.
    cart: Option<Cart>,
    /// What was not put in, at most 200; tell them.
    #[graphql(directive = list_size::apply(1))]
    left_out: Vec<OrderLineLeftOut>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people do to buy something again.
#[derive(Default)]
pub struct BuyAgainMutation;

#[Object]
impl BuyAgainMutation {
    /// Puts the goods of an order of yours into your cart once more, at the prices of now: what is in it already becomes more, and what cannot be
    /// put in is `leftOut`, with the reason. Without what was called off, unless that was all of a line. Nothing is ordered.
    ///
    /// Codes: `NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn add_order_to_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AddOrderToCartInput,
    ) -> WireResult<AddOrderToCartPayload> {
        let AddOrderToCartInput { order_id, idempotency_key } = input;
        let result = service::add_order_to_cart(ctx.app(), ctx.caller(), order_id, idempotency_key.as_deref()).await;
        let (put, user_errors) = answer(ctx, result).await?;
        let Some(PutAgain { cart, left_out }) = put else {
            return Ok(AddOrderToCartPayload { cart: None, left_out: Vec::new(), user_errors });
        };
        let cart = ctx.loader().load_one(CartKey::id(cart)).await?.map(Into::into);
        let left_out = lines_left_out(ctx, order_id, left_out).await?;
        Ok(AddOrderToCartPayload { cart, left_out, user_errors })
    }
}

async fn lines_left_out(
    ctx: &Context<'_>,
    order: Id<model::Order>,
    left_out: Vec<(Id<model::OrderLine>, LeftOutReason)>,
) -> WireResult<Vec<OrderLineLeftOut>> {
    if left_out.is_empty() {
        return Ok(Vec::new());
    }
    let parts = ctx.loader().load_one(PartsByOrder(order)).await?.unwrap_or_default();
    let mut told = Vec::new();
    for part in parts {
        let currency = part.order.order.currency;
        for line in part.lines {
            if let Some((_, reason)) = left_out.iter().find(|(id, _)| *id == line.id) {
                told.push(OrderLineLeftOut { line: OrderLine::new(line, currency), reason: *reason });
            }
        }
    }
    Ok(told)
}
