//! Filling carts.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Cart, load};
use crate::{
    carts::{model::Wanted, service},
    kernel::{id::Id, money::CurrencyCode},
    platform::gql::{Ask, SignedInOnly, WireResult, cost, list_size},
    products::{self, graphql::ProductVariant, loaders::VariantById},
    user_errors::{UserError, answer},
};

/// Some pieces that go into a new cart.
#[derive(InputObject)]
pub struct CreateCartLineInput {
    /// Which variant.
    variant_id: Id<products::model::Variant>,
    /// How many, 1 to 10,000.
    #[graphql(default = 1)]
    quantity: i32,
}

/// What a new cart shall be.
#[derive(InputObject)]
pub struct CreateCartInput {
    /// What all amounts in it are in. If absent: the currency of the request, or a shop's if something has no price in that.
    currency: Option<CurrencyCode>,
    /// What goes into it, at most 100.
    #[graphql(default)]
    lines: Vec<CreateCartLineInput>,
    /// 1 to 255 characters that name this very intent, so that a repeat adds nothing. Kept for a day. Nothing to a guest, who gets
    /// another cart.
    idempotency_key: Option<String>,
}

/// What `createCart` answers.
#[derive(SimpleObject)]
pub struct CreateCartPayload {
    /// The cart.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to put into which cart.
#[derive(InputObject)]
pub struct AddToCartInput {
    /// What opens a guest's cart; your own if absent.
    #[graphql(secret)]
    token: Option<String>,
    /// Which variant.
    variant_id: Id<products::model::Variant>,
    /// How many more, 1 to 10,000.
    #[graphql(default = 1)]
    quantity: i32,
    /// 1 to 255 characters that name this very intent, so that a repeat adds nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `addToCart` answers.
#[derive(SimpleObject)]
pub struct AddToCartPayload {
    /// The cart with what was put into it.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// How many of what there are to be in which cart.
#[derive(InputObject)]
pub struct SetCartLineInput {
    /// What opens a guest's cart; your own if absent.
    #[graphql(secret)]
    token: Option<String>,
    /// The `version` of the cart as it was read.
    expected_version: i32,
    /// A variant that is in it.
    variant_id: Id<products::model::Variant>,
    /// How many, 1 to 10,000; 0 takes it out.
    quantity: i32,
}

/// What `setCartLine` answers.
#[derive(SimpleObject)]
pub struct SetCartLinePayload {
    /// The cart as it is now.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which cart's prices are accepted.
#[derive(InputObject)]
pub struct AcceptCartPricesInput {
    /// What opens a guest's cart; your own if absent.
    #[graphql(secret)]
    token: Option<String>,
    /// The `version` of the cart as it was read.
    expected_version: i32,
}

/// What `acceptCartPrices` answers.
#[derive(SimpleObject)]
pub struct AcceptCartPricesPayload {
    /// The cart as it is now.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which cart to empty.
#[derive(InputObject)]
pub struct ClearCartInput {
    /// What opens a guest's cart; your own if absent.
    #[graphql(secret)]
    token: Option<String>,
    /// The `version` of the cart as it was read.
    expected_version: i32,
}

/// What `clearCart` answers.
#[derive(SimpleObject)]
pub struct ClearCartPayload {
    /// The cart, in which nothing is.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which cart gets which currency.
#[derive(InputObject)]
pub struct SetCartCurrencyInput {
    /// What opens a guest's cart; your own if absent.
    #[graphql(secret)]
    token: Option<String>,
    /// The `version` of the cart as it was read.
    expected_version: i32,
    /// What all amounts in it are in from then on.
    currency: CurrencyCode,
}

/// What `setCartCurrency` answers.
#[derive(SimpleObject)]
pub struct SetCartCurrencyPayload {
    /// The cart as it is now.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to hold.
#[derive(InputObject)]
pub struct ReserveCartInput {
    /// What opens a guest's cart; your own if absent.
    #[graphql(secret)]
    token: Option<String>,
    /// The `version` of the cart as it was read.
    expected_version: i32,
}

/// What `reserveCart` answers.
#[derive(SimpleObject)]
pub struct ReserveCartPayload {
    /// The cart, with `reservedUntil`.
    cart: Option<Cart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which guest's cart becomes yours.
#[derive(InputObject)]
pub struct MergeCartInput {
    /// What opens the guest's cart.
    #[graphql(secret)]
    token: String,
}

/// What `mergeCart` answers.
#[derive(SimpleObject)]
pub struct MergeCartPayload {
    /// Your cart; null if you have none, and there was none to merge.
    cart: Option<Cart>,
    /// What there was no room for in your cart, at most 100; tell them.
    #[graphql(directive = list_size::apply(1))]
    left_out: Vec<ProductVariant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people do to their carts.
#[derive(Default)]
pub struct CartsMutation;

#[Object]
impl CartsMutation {
    /// Opens a cart, and puts things into it. A guest gets another one each time, with a `token`; who is signed in gets the one that they
    /// have, if they do, with these things added to it.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(directive = cost::apply(500))]
    async fn create_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shall be.")] input: CreateCartInput,
    ) -> WireResult<CreateCartPayload> {
        let CreateCartInput { currency, lines, idempotency_key } = input;
        let line = |line: CreateCartLineInput| Wanted { variant: line.variant_id, quantity: line.quantity };
        let wanted = service::CreateCart { currency, lines: lines.into_iter().map(line).collect() };
        let result = service::create_cart(ctx.app(), ctx.caller(), wanted, idempotency_key.as_deref()).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateCartPayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Puts pieces of a variant into a cart, which has at most 100 lines; what is in it already becomes more, at the price of now. Nothing
    /// is reserved. Who is signed in and has no cart yet gets one, as by `createCart`; a guest's first things go into `createCart`.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(directive = cost::apply(50))]
    async fn add_to_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What into which.")] input: AddToCartInput,
    ) -> WireResult<AddToCartPayload> {
        let AddToCartInput { token, variant_id, quantity, idempotency_key } = input;
        let wanted = Wanted { variant: variant_id, quantity };
        let (token, key) = (token.as_deref(), idempotency_key.as_deref());
        let result = service::add_to_cart(ctx.app(), ctx.caller(), token, key, wanted).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(AddToCartPayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Says how many there are to be of something that is in a cart. The price that it remembers stays.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`, `STALE_VERSION`.
    #[graphql(directive = cost::apply(50))]
    async fn set_cart_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many of what.")] input: SetCartLineInput,
    ) -> WireResult<SetCartLinePayload> {
        let SetCartLineInput { token, expected_version, variant_id, quantity } = input;
        let wanted = Wanted { variant: variant_id, quantity };
        let (app, caller) = (ctx.app(), ctx.caller());
        let result = service::set_cart_line(app, caller, token.as_deref(), expected_version, wanted).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(SetCartLinePayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Accepts what the things in a cart cost now: `CartLinePriceChanged` goes.
    ///
    /// Codes: `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(directive = cost::apply(100))]
    async fn accept_cart_prices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which cart's.")] input: AcceptCartPricesInput,
    ) -> WireResult<AcceptCartPricesPayload> {
        let (token, version) = (input.token.as_deref(), input.expected_version);
        let result = service::accept_cart_prices(ctx.app(), ctx.caller(), token, version).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(AcceptCartPricesPayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Takes everything out of a cart.
    ///
    /// Codes: `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(directive = cost::apply(100))]
    async fn clear_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ClearCartInput,
    ) -> WireResult<ClearCartPayload> {
        let (token, version) = (input.token.as_deref(), input.expected_version);
        let result = service::clear_cart(ctx.app(), ctx.caller(), token, version).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ClearCartPayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Changes the currency of a cart. Nothing is converted: what is in it costs what its shop has set in that currency, and what has no
    /// price in it is a `CartLineCurrencyMissing`.
    ///
    /// Codes: `NOT_FOUND`, `STALE_VERSION`.
    #[graphql(directive = cost::apply(100))]
    async fn set_cart_currency(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one to which.")] input: SetCartCurrencyInput,
    ) -> WireResult<SetCartCurrencyPayload> {
        let SetCartCurrencyInput { token, expected_version, currency } = input;
        let (app, caller) = (ctx.app(), ctx.caller());
        let result = service::set_cart_currency(app, caller, token.as_deref(), expected_version, currency).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(SetCartCurrencyPayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Holds what is in a cart, at most 1,000 pieces (100 of a guest's, and 500 of all guests' on a line), for ten minutes (unless the market has decided otherwise): all of it, or nothing.
    /// Nobody else can order it meanwhile. Every change of the cart makes it longer, and so does a repeat, up to an hour after the first
    /// time: with the `version` in the answer, which is a higher one each time. What is put in later is not held until you say so again. If
    /// something is short, what was held before stays.
    ///
    /// Codes: `NOT_FOUND`, `STALE_VERSION`, `BLANK`, `TOO_MANY`, `OUT_OF_STOCK`.
    #[graphql(directive = cost::apply(200))]
    async fn reserve_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ReserveCartInput,
    ) -> WireResult<ReserveCartPayload> {
        let (token, version) = (input.token.as_deref(), input.expected_version);
        let result = service::reserve_cart(ctx.app(), ctx.caller(), token, version).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ReserveCartPayload { cart: load(ctx, id).await?, user_errors })
    }

    /// Merges the cart that you filled as a guest into your own, and the guest's is no more. Of a variant in both, the larger quantity
    /// counts; the others come after your own, up to 100 lines; your currency stays. Once more changes nothing, and leaves nothing out.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn merge_cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: MergeCartInput,
    ) -> WireResult<MergeCartPayload> {
        let result = service::merge_cart(ctx.app(), ctx.caller(), &input.token).await;
        let (merged, user_errors) = answer(ctx, result).await?;
        let service::Merged { cart, left_out } = merged.unwrap_or_default();
        let variants = ctx.loader().load_many(left_out.iter().copied().map(VariantById)).await?;
        let left_out = left_out.into_iter().filter_map(|id| variants.get(&VariantById(id)).cloned());
        Ok(MergeCartPayload { cart: load(ctx, cart).await?, left_out: left_out.map(Into::into).collect(), user_errors })
    }
}
