//! Carts on the wire.

mod mutations;
mod problems;

pub use self::{
    mutations::CartsMutation,
    problems::{
        CartLineCannotShip, CartLineCurrencyMissing, CartLineNotForSale, CartLineOutOfStock, CartLinePriceChanged,
        CartProblem, CartShopOnHoliday,
    },
};

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use futures_util::future::{try_join, try_join_all};

use super::{
    loaders::{CartKey, LinesOf},
    model::{self, OfferedLine},
    service,
};
use crate::{
    inventory::{loaders::HeldFor, model::Held},
    kernel::{
        error::Failure,
        id::Id,
        money::{self, CurrencyCode},
        place::CountryCode,
    },
    platform::{
        caller::Caller,
        clock::Time,
        events::Cursor,
        gql::{Ask, Money, WireResult, cost, list_size},
    },
    products::{self, graphql::ProductVariant, loaders::VariantById},
    recommendations::{self, graphql::Recommendation},
    shops::{self, graphql::Shop, loaders::ShopById},
    users,
};

/// What somebody means to buy, perhaps of several shops. Nothing in it is reserved until `reserveCart`. A guest's is for whoever has its token, a person's
/// for them alone.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Cart {
    /// Begins with `cart_`. It opens no cart but your own.
    pub id: Id<model::Cart>,
    /// What all amounts in it are in.
    currency: CurrencyCode,
    /// Rises with every change; goes into mutations as `expectedVersion`.
    version: i32,
    /// When it was opened.
    created_at: Time,
    /// When it, what is in it, or what of it is held for you was changed last. A guest's cart is kept for 30 days after that (an empty one for a day), a
    /// person's for 180.
    updated_at: Time,
    #[graphql(skip)]
    owner: Option<Id<users::model::User>>,
}

impl From<model::Cart> for Cart {
    fn from(row: model::Cart) -> Self {
        let model::Cart { id, owner_id, currency, version, created_at, updated_at } = row;
        Self { id, currency, version, created_at, updated_at, owner: owner_id }
    }
}

impl Cart {
    async fn offered(&self, ctx: &Context<'_>) -> WireResult<Vec<OfferedLine>> {
        Ok(ctx.loader().load_one(LinesOf(self.id)).await?.unwrap_or_default())
    }
}

#[ComplexObject]
impl Cart {
    /// What opens it, of a guest's cart: for `cart(token:)`, and as `token` of mutations. Keep it as you keep a password, and give it to
    /// `mergeCart` once they sign in. Null of a person's.
    async fn token(&self, ctx: &Context<'_>) -> Option<String> {
        self.owner.is_none().then(|| service::token(ctx.app(), self.id))
    }

    /// What is in it, in the order in which it was added: at most 100 lines, each of another variant.
    #[graphql(directive = list_size::apply(5))]
    async fn lines(&self, ctx: &Context<'_>) -> WireResult<Vec<CartLine>> {
        lines(self.offered(ctx).await?)
    }

    /// The same by shop: one part for each, in the order in which they came in; at most 100.
    #[graphql(directive = list_size::apply(2))]
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<CartPart>> {
        let mut parts: Vec<(Id<shops::model::Shop>, Vec<OfferedLine>)> = Vec::new();
        for offered in self.offered(ctx).await? {
            match parts.iter_mut().find(|(shop, _)| *shop == offered.shop) {
                Some((_, of_shop)) => of_shop.push(offered),
                None => parts.push((offered.shop, vec![offered])),
            }
        }
        let part = |(shop, offered): (_, Vec<OfferedLine>)| -> WireResult<CartPart> {
            let subtotal = subtotal(&offered, self.currency)?;
            Ok(CartPart { lines: lines(offered)?, subtotal, shop })
        };
        parts.into_iter().map(part).collect()
    }

    /// What all lines cost together that can be had in its currency.
    async fn subtotal(&self, ctx: &Context<'_>) -> WireResult<Money> {
        subtotal(&self.offered(ctx).await?, self.currency)
    }

    /// Until when all that is in it is held for you by `reserveCart`; null if it is not, or not all of it.
    async fn reserved_until(&self, ctx: &Context<'_>) -> WireResult<Option<Time>> {
        let (held, offered) = try_join(held(ctx, self.id), self.offered(ctx)).await?;
        let is_held = |offered: &OfferedLine| {
            held.pieces.get(&offered.line.variant_id).is_some_and(|held| *held >= offered.line.quantity)
        };
        Ok(held.until.filter(|_| !offered.is_empty() && offered.iter().all(is_held)))
    }

    /// How many pieces are in it.
    async fn item_count(&self, ctx: &Context<'_>) -> WireResult<i32> {
        // At most 100 lines of 10,000 pieces.
        Ok(self.offered(ctx).await?.iter().map(|offered| offered.line.quantity).sum())
    }

    /// What goes with what is in it, the best first: with the last twenty things that were put in, and none that is in it already. As
    /// `Product.related`, empty if too little is known.
    #[graphql(directive = cost::apply(20))]
    async fn recommendations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many at the most, 1 to 20.", default = 10)] first: i32,
    ) -> WireResult<Vec<Recommendation>> {
        recommendations::graphql::beside_cart(ctx, self.id, first).await
    }

    /// All that is in the way of ordering it as it stands, line by line; none if nothing is. Whether what is in it can be sent as it is,
    /// all of a shop's together, is told by `quote`.
    #[graphql(directive = list_size::apply(2))]
    async fn problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where it is to go; then what its shops do not send there is told, too.")] country: Option<
            CountryCode,
        >,
    ) -> WireResult<Vec<CartProblem>> {
        let lines = lines(self.offered(ctx).await?)?;
        // At once, so that one statement looks up what is left of all of them.
        let problems = try_join_all(lines.iter().map(|line| problems::of(ctx, line, country))).await?;
        Ok(problems.into_iter().flatten().collect())
    }
}

fn lines(offered: Vec<OfferedLine>) -> WireResult<Vec<CartLine>> {
    offered.into_iter().map(|offered| CartLine::of(offered).map_err(Into::into)).collect()
}

fn subtotal(offered: &[OfferedLine], currency: CurrencyCode) -> WireResult<Money> {
    // The cart may have got another currency since it was read.
    let currency = offered.first().map_or(currency, |first| first.currency);
    let totals = offered.iter().filter_map(|offered| total(offered).transpose()).collect::<Result<Vec<_>, _>>()?;
    Ok(money::Money::sum(totals, currency).map_err(Failure::internal)?.into())
}

/// What all pieces of a line cost; none if it cannot be had.
fn total(offered: &OfferedLine) -> Result<Option<money::Money>, Failure> {
    let total = offered.unit_price().map(|price| price.checked_mul(offered.line.quantity));
    total.transpose().map_err(Failure::internal)
}

/// What is in a cart of one shop.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct CartPart {
    /// What is in it of the shop, in the order in which it was added: 1 to 100 lines.
    #[graphql(directive = list_size::apply(5))]
    lines: Vec<CartLine>,
    /// What these lines cost together that can be had in the cart's currency.
    subtotal: Money,
    #[graphql(skip)]
    shop: Id<shops::model::Shop>,
}

#[ComplexObject]
impl CartPart {
    /// The shop.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        Ok(ctx.loader().load_one(ShopById(self.shop)).await?.map(Into::into))
    }
}

/// Some pieces of a variant in a cart.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct CartLine {
    /// The variant's id, for `setCartLine`. A cart has one line of each.
    variant_id: Id<products::model::Variant>,
    /// How many, 1 to 10,000.
    quantity: i32,
    /// What one costs now, in the cart's currency; null if it is not for sale, or has no price in it.
    unit_price: Option<Money>,
    /// What one cost when it was added last, or at `acceptCartPrices`; null if it had no price in the cart's currency.
    price_when_added: Option<Money>,
    /// What all of them cost now; null where `unitPrice` is.
    total: Option<Money>,
    /// Since when it is in the cart.
    added_at: Time,
    #[graphql(skip)]
    offered: OfferedLine,
}

impl CartLine {
    fn of(offered: OfferedLine) -> Result<Self, Failure> {
        Ok(Self {
            variant_id: offered.line.variant_id,
            quantity: offered.line.quantity,
            unit_price: offered.unit_price().map(Into::into),
            price_when_added: offered.price_when_added().map(Into::into),
            total: total(&offered)?.map(Into::into),
            added_at: offered.line.added_at,
            offered,
        })
    }
}

/// What is held for a cart that the caller was shown in the same request.
async fn held(ctx: &Context<'_>, id: Id<model::Cart>) -> WireResult<Held> {
    Ok(ctx.loader().load_one(HeldFor(id.uuid())).await?.unwrap_or_default())
}

#[ComplexObject]
impl CartLine {
    /// How many pieces of it are held for you by `reserveCart`.
    async fn reserved(&self, ctx: &Context<'_>) -> WireResult<i32> {
        let held = held(ctx, self.offered.line.cart_id).await?;
        Ok(held.pieces.get(&self.variant_id).copied().unwrap_or_default())
    }

    /// The variant; null if you do not see it any more. `setCartLine` takes it out of the cart also then.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        Ok(ctx.loader().load_one(VariantById(self.variant_id)).await?.map(Into::into))
    }

    /// What is in the way of ordering it as it stands; none if nothing is. At most 4.
    #[graphql(directive = list_size::apply(1))]
    async fn problems(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where it is to go; then it is told if its shop does not send there.")] country: Option<
            CountryCode,
        >,
    ) -> WireResult<Vec<CartProblem>> {
        problems::of(ctx, self, country).await
    }
}

/// A cart has changed: what is in it, its currency, what of it is held, or that it is no more. Each time its version is a higher one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CartChanged {
    /// The event's place in the stream.
    cursor: String,
    /// The cart's version when it happened.
    version: i32,
    #[graphql(skip)]
    cart: Id<model::Cart>,
}

impl CartChanged {
    /// The event, to whom the stream was opened.
    pub fn new(cursor: Cursor, event: &model::CartChanged) -> Self {
        Self { cursor: cursor.to_string(), version: event.version, cart: Id::from_uuid(event.cart) }
    }
}

#[ComplexObject]
impl CartChanged {
    /// The cart as it is now; null if it is no more, as a guest's cart is that was merged into a person's.
    async fn cart(&self, ctx: &Context<'_>) -> WireResult<Option<Cart>> {
        load(ctx, Some(self.cart)).await
    }
}

#[derive(Default)]
pub struct CartsQuery;

#[Object]
impl CartsQuery {
    /// A guest's cart; null if there is none with this token, or none any more.
    async fn cart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What opens it.", secret)] token: String,
    ) -> WireResult<Option<Cart>> {
        Ok(service::cart(ctx.app(), ctx.caller(), Some(&token)).await?.map(Into::into))
    }
}

/// The carts' part of the viewer.
pub struct CartsViewer(pub Caller);

#[Object]
impl CartsViewer {
    /// What you mean to buy; null until you put something in, or open it by `createCart`.
    async fn cart(&self, ctx: &Context<'_>) -> WireResult<Option<Cart>> {
        Ok(service::cart(ctx.app(), &self.0, None).await?.map(Into::into))
    }
}

/// A cart that a use case of the caller's has answered.
async fn load(ctx: &Context<'_>, id: Option<Id<model::Cart>>) -> WireResult<Option<Cart>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(CartKey::opened(id)).await?.map(Into::into))
}
