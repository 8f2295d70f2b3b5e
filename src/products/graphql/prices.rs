//! What variants cost on the wire: in several currencies, now and before.

use async_graphql::{ComplexObject, Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Product, ProductVariant};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{self, CurrencyCode},
        page::PageArgs,
    },
    platform::{
        clock::Time,
        gql::{Ask, List, Listing, Money, MoneyInput, SignedInOnly, Total, WireResult, change, set},
    },
    products::{
        loaders::PricesOfVariant,
        model::{
            self,
            prices::{self, AskedPrices, GivenPrice},
        },
        service::{self, VariantPrices},
    },
    shops::model::Shop,
    user_errors::{UserError, answer},
    users::{
        self,
        graphql::User,
        loaders::{PreferredCurrency, UserById},
    },
};

/// What one piece of a variant costs in one currency, as its shop has set it: nothing is converted.
#[derive(Debug, Clone, SimpleObject)]
pub struct VariantPrice {
    /// What it costs.
    pub price: Money,
    /// A higher price that the shop compares it with, such as the maker's or one that is crossed out; null if it compares it with none.
    pub compare_at_price: Option<Money>,
    /// The lowest price at which it was for sale in the 30 days before `price` came into force: in the EU, the one against which a
    /// reduction is to be announced. Null if it was not for sale in these days, and if it is not for sale now.
    pub lowest_recent_price: Option<Money>,
}

/// What a variant costs in all currencies, its shop's first.
pub(super) async fn prices_of(ctx: &Context<'_>, variant: &ProductVariant) -> WireResult<Vec<VariantPrice>> {
    let own = variant.own_price;
    let recorded = ctx.loader().load_one(PricesOfVariant(variant.id)).await?.unwrap_or_default();
    let money = |minor, currency| Money::from(money::Money { minor, currency });
    let price = |row: &prices::VariantPrice| VariantPrice {
        price: money(row.amount, row.currency),
        compare_at_price: row.compare_at_amount.map(|minor| money(minor, row.currency)),
        lowest_recent_price: row.lowest_recent_amount.map(|minor| money(minor, row.currency)),
    };
    // What was written down of another price does not hold for this one.
    let is_as_recorded = |row: &&prices::VariantPrice| row.currency == own.currency && row.amount == own.minor;
    let of_shop = recorded.iter().find(is_as_recorded).map_or_else(
        || VariantPrice { price: variant.price, compare_at_price: None, lowest_recent_price: None },
        price,
    );
    let others = recorded.iter().filter(|row| row.currency != own.currency).map(price);
    Ok([of_shop].into_iter().chain(others).collect())
}

/// The given currency, or that of the request.
pub(super) async fn currency(ctx: &Context<'_>, given: Option<CurrencyCode>) -> WireResult<CurrencyCode> {
    if let Some(currency) = given.or(ctx.caller().request.currency) {
        return Ok(currency);
    }
    Ok(ctx.loader().load_one(PreferredCurrency).await?.unwrap_or(ctx.app().market.currency))
}

/// How the price of a variant changed, or that it came up for sale or went. Only the members of its shop see it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct PriceChange {
    /// In which currency.
    pub currency: CurrencyCode,
    /// What one piece cost from then on; null if it had no price in this currency any more.
    pub price: Option<Money>,
    /// What the shop compared it with; null if with nothing.
    pub compare_at_price: Option<Money>,
    /// The lowest price at which it was for sale in the 30 days before; null if it was not, then or from then on.
    pub lowest_recent_price: Option<Money>,
    /// Whether its product was for sale from then on.
    pub is_for_sale: bool,
    /// When.
    pub created_at: Time,
    #[graphql(skip)]
    actor: Option<Id<users::model::User>>,
}

#[ComplexObject]
impl PriceChange {
    /// Who did it; null if a moment that was set, an import or the operator did.
    async fn changed_by(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(actor) = self.actor else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(actor)).await?.map(Into::into))
    }
}

impl From<prices::PriceChange> for PriceChange {
    fn from(row: prices::PriceChange) -> Self {
        let money = |minor| money::Money { minor, currency: row.currency }.into();
        Self {
            currency: row.currency,
            price: row.amount.map(money),
            compare_at_price: row.compare_at_amount.map(money),
            lowest_recent_price: row.lowest_recent_amount.map(money),
            is_for_sale: row.is_for_sale,
            created_at: row.created_at,
            actor: row.actor_id,
        }
    }
}

/// How the prices of a shop's variant changed.
pub(super) async fn changes(
    ctx: &Context<'_>,
    shop: Id<Shop>,
    variant: Id<model::Variant>,
    args: &PageArgs,
) -> WireResult<List<PriceChange>> {
    let listing = Listing::new(("priceChanges", shop, variant), args)?;
    let app = ctx.app().clone();
    let rows = service::price_changes(&app, shop, variant, listing.page.clone()).await?;
    let total = Total::new(move || {
        let app = app.clone();
        async move { service::count_price_changes(&app, shop, variant).await }
    });
    Ok(listing.connection(rows, |row| row.id, PriceChange::from, total))
}

/// What one piece shall cost in a currency.
#[derive(InputObject)]
pub struct VariantPriceInput {
    /// What it costs; 0 or more.
    price: MoneyInput,
    /// A higher price that the shop compares it with, in the same currency.
    compare_at_price: Option<MoneyInput>,
}

impl TryFrom<VariantPriceInput> for GivenPrice {
    type Error = Failure;

    fn try_from(VariantPriceInput { price, compare_at_price }: VariantPriceInput) -> Result<Self, Failure> {
        Ok(Self { price: price.try_into()?, compare_at: compare_at_price.map(TryInto::try_into).transpose()? })
    }
}

/// Prices as they are given for something new.
pub fn given(prices: Option<Vec<VariantPriceInput>>) -> Result<Vec<GivenPrice>, Failure> {
    prices.unwrap_or_default().into_iter().map(TryInto::try_into).collect()
}

/// What is asked of the prices of a variant that is there.
pub(super) fn asked(
    price: MaybeUndefined<MoneyInput>,
    compare_at_price: MaybeUndefined<MoneyInput>,
    prices: MaybeUndefined<Vec<VariantPriceInput>>,
) -> WireResult<AskedPrices> {
    let compare_at_price = change(compare_at_price).map(|given| given.map(TryInto::try_into).transpose());
    Ok(AskedPrices {
        price: set(price, "price")?.map(TryInto::try_into).transpose()?,
        compare_at_price: compare_at_price.transpose()?,
        others: change(prices).map(given).transpose()?,
    })
}

/// What changes about the prices of a variant. What is absent stays.
#[derive(InputObject)]
pub struct VariantPricesInput {
    /// Which variant of the product.
    variant_id: Id<model::Variant>,
    /// The `version` of the variant as it was read.
    expected_version: i32,
    /// What one piece costs, in the shop's currency; 0 or more.
    price: MaybeUndefined<MoneyInput>,
    /// A higher price that the shop compares it with. Null clears it.
    compare_at_price: MaybeUndefined<MoneyInput>,
    /// All its prices in other currencies, at most 20. One that is not among them goes; null: all of them.
    prices: MaybeUndefined<Vec<VariantPriceInput>>,
}

/// What shall change about the prices of a product's variants.
#[derive(InputObject)]
pub struct UpdateProductPricesInput {
    /// Which product.
    product_id: Id<model::Product>,
    /// Which of its variants, and how; each once. The others stay as they are.
    variants: Vec<VariantPricesInput>,
}

/// What `updateProductPrices` answers.
#[derive(SimpleObject)]
pub struct UpdateProductPricesPayload {
    /// The product as it is now.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct PricesMutation;

#[Object]
impl PricesMutation {
    /// Changes what variants of a product cost, all at once or none. Owners and managers of its shop may.
    ///
    /// Codes: `INVALID`, `TAKEN`, `TOO_MANY`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `NOT_FOUND`, `NOT_PERMITTED`,
    /// `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_product_prices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateProductPricesInput,
    ) -> WireResult<UpdateProductPricesPayload> {
        let variant = |input: VariantPricesInput| {
            let VariantPricesInput { variant_id: variant, expected_version, price, compare_at_price, prices } = input;
            WireResult::Ok(VariantPrices { variant, expected_version, prices: asked(price, compare_at_price, prices)? })
        };
        let variants = input.variants.into_iter().map(variant).collect::<WireResult<_>>()?;
        let result = service::update_prices(ctx.app(), ctx.caller(), input.product_id, variants).await;
        let (product, user_errors) = answer(ctx, result).await?;
        Ok(UpdateProductPricesPayload { product: product.map(Into::into), user_errors })
    }
}
