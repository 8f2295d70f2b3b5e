//! What is in the way of ordering a cart, on the wire.

use async_graphql::{ComplexObject, Context, Interface, SimpleObject};
use futures_util::future::try_join4;

use super::{CartLine, held};
use crate::{
    carts::model::Problem,
    inventory::loaders::LeftOf,
    kernel::{
        id::Id,
        place::{CountryCode, Language},
    },
    platform::{
        clock::Time,
        gql::{Ask, Money, WireError, WireResult},
    },
    shipping::loaders::ShipsTo,
    shops::{graphql::Shop, loaders::ShopById, model},
    users::loaders::PreferredLocale,
};

/// Something that is in the way of ordering a cart as it stands. It goes when the cart is changed, or by itself. New types may appear at
/// any time: keep a default branch.
#[derive(Debug, Clone, Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "For people, in the language of the request."),
    field(name = "line", ty = "&CartLine", desc = "The line that it is about.")
)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
pub enum CartProblem {
    OutOfStock(CartLineOutOfStock),
    PriceChanged(CartLinePriceChanged),
    NotForSale(CartLineNotForSale),
    OnHoliday(CartShopOnHoliday),
    CurrencyMissing(CartLineCurrencyMissing),
    CannotShip(CartLineCannotShip),
}

/// Fewer pieces are left than the line has.
#[derive(Debug, Clone, SimpleObject)]
pub struct CartLineOutOfStock {
    /// For people, in the language of the request.
    pub message: String,
    /// The line that it is about.
    pub line: CartLine,
    /// How many pieces can be had, fewer than the line's `quantity`; 100 if it is more.
    pub available: i32,
}

/// It costs more or less than when it was added. `acceptCartPrices` takes note of it.
#[derive(Debug, Clone, SimpleObject)]
pub struct CartLinePriceChanged {
    /// For people, in the language of the request.
    pub message: String,
    /// The line that it is about.
    pub line: CartLine,
    /// What one cost then.
    pub old_price: Money,
    /// What one costs now.
    pub new_price: Money,
}

/// Its shop sells it no more. Take it out of the cart.
#[derive(Debug, Clone, SimpleObject)]
pub struct CartLineNotForSale {
    /// For people, in the language of the request.
    pub message: String,
    /// The line that it is about.
    pub line: CartLine,
}

/// Its shop takes no orders at the moment.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct CartShopOnHoliday {
    /// For people, in the language of the request.
    pub message: String,
    /// The line that it is about. Each line of the shop has one of these.
    pub line: CartLine,
    /// When it takes orders again; null if the shop has not said.
    pub until: Option<Time>,
}

#[ComplexObject]
impl CartShopOnHoliday {
    /// The shop.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        Ok(ctx.loader().load_one(ShopById(self.line.offered.shop)).await?.map(Into::into))
    }
}

/// Its shop has set no price in the cart's currency. Take it out of the cart, or change the cart's currency.
#[derive(Debug, Clone, SimpleObject)]
pub struct CartLineCurrencyMissing {
    /// For people, in the language of the request.
    pub message: String,
    /// The line that it is about.
    pub line: CartLine,
}

/// Its shop sends nothing to the country that was asked about. Take it out of the cart, or have it sent elsewhere.
#[derive(Debug, Clone, SimpleObject)]
pub struct CartLineCannotShip {
    /// For people, in the language of the request.
    pub message: String,
    /// The line that it is about. Each line of the shop has one of these.
    pub line: CartLine,
    /// Where it was to go.
    pub country: CountryCode,
}

/// What is in the way of ordering a line, and of sending it to a country if one is named.
pub(super) async fn of(
    ctx: &Context<'_>,
    line: &CartLine,
    country: Option<CountryCode>,
) -> WireResult<Vec<CartProblem>> {
    let left = async { Ok::<_, WireError>(ctx.loader().load_one(LeftOf(line.variant_id)).await?.unwrap_or_default()) };
    // At once, so that one statement looks up each for all lines.
    let unreachable = unreachable(ctx, line.offered.shop, country);
    let (mut left, own, language, unreachable) =
        try_join4(left, held(ctx, line.offered.line.cart_id), language(ctx), unreachable).await?;
    left.reserved -= own.pieces.get(&line.variant_id).copied().map_or(0, i64::from);
    let mut problems = line.offered.problems(left, ctx.app().now());
    if problems.first() != Some(&Problem::NotForSale) {
        problems.extend(unreachable.map(|country| Problem::CannotShip { country }));
    }
    let problem = |problem: Problem| {
        let (message, line) = (text(problem, language).into(), line.clone());
        match problem {
            Problem::NotForSale => CartProblem::NotForSale(CartLineNotForSale { message, line }),
            Problem::CurrencyMissing => CartProblem::CurrencyMissing(CartLineCurrencyMissing { message, line }),
            Problem::PriceChanged { old, new } => CartProblem::PriceChanged(CartLinePriceChanged {
                message,
                line,
                old_price: old.into(),
                new_price: new.into(),
            }),
            Problem::OutOfStock { available } => {
                CartProblem::OutOfStock(CartLineOutOfStock { message, line, available })
            }
            Problem::ShopOnHoliday { until } => CartProblem::OnHoliday(CartShopOnHoliday { message, line, until }),
            Problem::CannotShip { country } => CartProblem::CannotShip(CartLineCannotShip { message, line, country }),
        }
    };
    Ok(problems.into_iter().map(problem).collect())
}

/// The country, if one is named and the shop sends nothing there.
async fn unreachable(
    ctx: &Context<'_>,
    shop: Id<model::Shop>,
    country: Option<CountryCode>,
) -> WireResult<Option<CountryCode>> {
    let Some(country) = country else { return Ok(None) };
    let reached = ctx.loader().load_one(ShipsTo { shop, country }).await?;
    Ok(reached.is_none().then_some(country))
}

async fn language(ctx: &Context<'_>) -> WireResult<Language> {
    let locale = match &ctx.caller().request.locale {
        Some(locale) => locale.clone(),
        None => ctx.loader().load_one(PreferredLocale).await?.unwrap_or_default(),
    };
    Ok(locale.language())
}

const fn text(problem: Problem, language: Language) -> &'static str {
    let (english, german) = match problem {
        Problem::NotForSale => ("This is not for sale any more.", "Das wird nicht mehr verkauft."),
        Problem::CurrencyMissing => (
            "This has no price in the currency of your cart.",
            "Das hat keinen Preis in der Währung deines Warenkorbs.",
        ),
        Problem::PriceChanged { .. } => (
            "The price has changed since you added this.",
            "Der Preis hat sich geändert, seit du das hinzugefügt hast.",
        ),
        Problem::OutOfStock { .. } => ("There are not enough left.", "Davon sind nicht mehr genug da."),
        Problem::CannotShip { .. } => {
            ("The shop does not send this there.", "Das Geschäft verschickt das nicht dorthin.")
        }
        Problem::ShopOnHoliday { .. } => ("The shop is on holiday.", "Das Geschäft macht gerade Urlaub."),
    };
    match language {
        Language::English => english,
        Language::German => german,
    }
}
