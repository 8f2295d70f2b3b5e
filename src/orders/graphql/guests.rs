//! Ordering without an account.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Order, OrderPart, mutations::ShippingChoiceInput};
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        loaders::OrderById,
        model::{self, ChosenMethod, Opened, PlaceGuestOrder, PlaceOrder},
        service,
    },
    platform::gql::{Ask, MoneyInput, SignedInOnly, WireResult, cost},
    user_errors::{UserError, answer},
    users::graphql::AddressInput,
};

/// A guest's cart.
#[derive(InputObject)]
pub struct GuestOrderCartInput {
    /// What opens it.
    #[graphql(secret)]
    token: String,
    /// The `version` of the cart as they saw it. If it is another one now, nothing is ordered.
    expected_version: i32,
}

/// An order as a guest wants it.
#[derive(InputObject)]
pub struct PlaceGuestOrderInput {
    /// Orders what is in this cart, in its currency. The cart is empty then, in the same moment.
    cart: GuestOrderCartInput,
    /// Where mail about it goes, which begins with the payment: 50 at the most, and 20 in a day about all orders with it. An account with this address can claim the order by the link in that mail.
    email: String,
    /// Where it goes.
    shipping_address: AddressInput,
    /// What they expect it to cost: what `quote` says. If it costs something else now, nothing is ordered.
    expected_total: MoneyInput,
    /// How each shop is to send it, at most one for each: the cheapest way if nothing is said.
    shipping: Option<Vec<ShippingChoiceInput>>,
    /// A code that takes something off. One that does nothing is refused, and for guests so is what each person can use so often.
    code: Option<String>,
    /// What the shops are told about it, 1 to 500 characters, in any number of lines. All its shops read it.
    note: Option<String>,
    /// 1 to 255 characters that name this very intent. A repeat is the same order, with the same token. Kept for 30 days.
    idempotency_key: String,
}

/// What `placeGuestOrder` answers.
#[derive(SimpleObject)]
pub struct PlaceGuestOrderPayload {
    /// The new order; null in a repeat once somebody has claimed it.
    order: Option<Order>,
    /// What makes whoever has it the order's buyer, for 90 days or until the order is claimed: for `order(token:)`, `payOrder`, `cancelOrder` and
    /// `claimOrder`. Keep it as you keep a password; the link in mail is another one, by which nothing can be done.
    token: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What was ordered by a guest who has an account by now.
#[derive(InputObject)]
pub struct ClaimOrderInput {
    /// What `placeGuestOrder` answered; or what stands for `{token}` in the link in a mail, if your account has the address that it went to.
    #[graphql(secret)]
    token: String,
    /// 1 to 255 characters that name this very intent. Kept for a day.
    idempotency_key: String,
}

/// What `claimOrder` answers.
#[derive(SimpleObject)]
pub struct ClaimOrderPayload {
    /// The order, which is yours now.
    order: Option<Order>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What the owner's token of an order opens, after a use case of the caller's has answered.
pub(super) async fn opened_by(ctx: &Context<'_>, token: &str) -> Result<Option<Opened>, Failure> {
    service::order_by_token(ctx.app(), token).await
}

/// A part of what the owner's token of an order opens.
pub(super) fn part_of(opened: &Arc<Opened>, part: Id<model::OrderPart>) -> Option<OrderPart> {
    let part = opened.parts.iter().find(|found| found.part.id == part)?;
    Some(OrderPart::opened(part.clone(), Arc::clone(opened)))
}

/// What guests do.
#[derive(Default)]
pub struct GuestsMutation;

#[Object]
impl GuestsMutation {
    /// Orders what is in a guest's cart, without an account: all of it, or nothing. What is wrong with a line of the cart is told at `cart`, `lines`
    /// and its place among the cart's lines. Of a line as many orders wait for their money at once as of a person (see `placeOrder`), of them five with
    /// the same `email`: one more is `TOO_MANY_UNPAID_ORDERS`, and so is what makes more than 200 pieces wait; an order of more than these is `TOO_MANY`. A machine
    /// with an API key that does not name its buyer by `Agora-Buyer-IP` is one line. Whatever becomes of them, a line places 200 orders a day (such a
    /// machine 2,000), of them 20 with the same `email`: one more is `TOO_MANY_ATTEMPTS`.
    /// Where the market takes no payments, guests order nothing.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `INVALID_EMAIL`, `TOO_MANY`, `OUT_OF_RANGE`, `NOT_FOUND`, `CURRENCY_MISMATCH`, `OUT_OF_STOCK`,
    /// `PRICE_CHANGED`, `SHOP_ON_HOLIDAY`, `CANNOT_SHIP`, `CODE_NOT_APPLICABLE`, `STALE_VERSION`, `TOO_MANY_UNPAID_ORDERS`, `TOO_MANY_ATTEMPTS`,
    /// `PAYMENTS_UNAVAILABLE`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(directive = cost::apply(500))]
    async fn place_guest_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they want.")] input: PlaceGuestOrderInput,
    ) -> WireResult<PlaceGuestOrderPayload> {
        let wanted = PlaceGuestOrder {
            email: input.email,
            expected_version: input.cart.expected_version,
            order: PlaceOrder {
                lines: Vec::new(),
                shipping_address: input.shipping_address.into(),
                expected_total: input.expected_total.try_into()?,
                cart: None,
                shipping: input.shipping.into_iter().flatten().map(ChosenMethod::from).collect(),
                code: input.code,
                note: input.note,
            },
        };
        let (app, key) = (ctx.app(), &input.idempotency_key);
        let result = service::place_guest_order(app, ctx.caller(), &input.cart.token, wanted, key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let Some(id) = id else { return Ok(PlaceGuestOrderPayload { order: None, token: None, user_errors }) };
        let token = service::owner_token(app, id);
        let order = opened_by(ctx, &token).await?.map(Order::opened);
        Ok(PlaceGuestOrderPayload { order, token: Some(token), user_errors })
    }

    /// Makes what you have ordered as a guest your own: you see it among your orders, take part in its conversations, and can send it back or complain
    /// of it. Its token opens nothing from then on. Once more changes nothing; of two who try it at once, one succeeds. While it waits for its money,
    /// it counts as what you have ordered yourself (see `placeOrder`).
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY_UNPAID_ORDERS`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(100))]
    async fn claim_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ClaimOrderInput,
    ) -> WireResult<ClaimOrderPayload> {
        let result = service::claim_order(ctx.app(), ctx.caller(), &input.token, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let order = match id {
            Some(id) => ctx.loader().load_one(OrderById(id)).await?.map(Into::into),
            None => None,
        };
        Ok(ClaimOrderPayload { order, user_errors })
    }
}
