//! Variants on the wire, and the options that tell them apart.

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject};
use futures_util::future::try_join;

use super::{LocalizedVariant, Product, ProductMedia, VariantPrice, prices};
use crate::{
    inventory::{
        graphql::StockRule,
        loaders::{AwaitedVariant, LeftOf, RuleOf},
        model::{Availability, Left},
    },
    kernel::{
        id::Id,
        money::{self, CurrencyCode},
        place::Locale,
    },
    platform::gql::{Ask, AtHand, Money, Plain, WireResult, list_size},
    products::{
        loaders::{DetailsOf, MediaOfVariant, ProductKey},
        model,
    },
};

/// What the variants of a product differ in, such as their size.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ProductOption {
    /// What it is called, 1 to 60 characters; no two options of a product have the same name.
    pub name: String,
    /// What there is, each once, in the order of the variants: 1 to 100, each 1 to 60 characters long.
    pub values: Vec<String>,
}

/// The options of a product whose variants these are.
pub(super) fn options(names: &[String], variants: &[model::Variant]) -> Vec<ProductOption> {
    let option = |(place, name): (usize, &String)| {
        let mut values: Vec<String> = Vec::new();
        for value in variants.iter().filter_map(|variant| variant.option_values.get(place)) {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        ProductOption { name: name.clone(), values }
    };
    names.iter().enumerate().map(option).collect()
}

/// What a variant is in one of the product's options.
#[derive(Debug, Clone, SimpleObject)]
pub struct SelectedOption {
    /// What the option is called.
    pub name: String,
    /// What the variant is in it.
    pub value: String,
}

/// What is bought: a product in one of its sizes or colours.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductVariant {
    /// Begins with `variant_`.
    pub id: Id<model::Variant>,
    /// The shop's own number for it, 1 to 64 characters; unique in the shop.
    pub sku: String,
    /// What tells it from the product's other variants, up to 200 characters: its options, such as `M / Blue`, where the
    /// product has any. Empty if there is nothing to tell.
    pub title: String,
    /// What one piece costs.
    pub price: Money,
    /// The number in its bar code, such as a GTIN, up to 64 characters; null if the shop has not said.
    pub barcode: Option<String>,
    /// What one piece weighs with its wrapping, in grams; null if the shop has not said.
    pub weight_grams: Option<i32>,
    /// Rises with every change of the variant; goes into `updateProductVariant` as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    pub(super) own_price: money::Money,
    #[graphql(skip)]
    pub(super) product_id: Id<model::Product>,
    #[graphql(skip)]
    pub(super) option_values: Vec<String>,
}

#[ComplexObject]
impl ProductVariant {
    /// The product of which this is a variant; null if you may not see it any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.product_id)).await?.map(Into::into))
    }

    /// Its value for each of the product's options, in their order; at most 3.
    #[graphql(directive = list_size::apply(3))]
    async fn selected_options(&self, ctx: &Context<'_>) -> WireResult<Vec<SelectedOption>> {
        if self.option_values.is_empty() {
            return Ok(Vec::new());
        }
        let names = self.option_names(ctx).await?;
        let selected = |(name, value): (String, &String)| SelectedOption { name, value: value.clone() };
        Ok(names.into_iter().zip(&self.option_values).map(selected).collect())
    }

    /// What it is called by readers of a language. What nobody has translated is the original; `de` serves `de-AT`.
    async fn localized(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] locale: Option<Locale>,
    ) -> WireResult<LocalizedVariant> {
        LocalizedVariant::of(ctx, self, locale).await
    }

    /// The one of the product's images that shows it; null if the shop has not said.
    async fn media(&self, ctx: &Context<'_>) -> WireResult<Option<ProductMedia>> {
        Ok(ctx.loader().load_one(MediaOfVariant(self.id)).await?.map(Into::into))
    }

    /// A higher price that the shop compares `price` with, such as the maker's or one that is crossed out; null if it compares it
    /// with none.
    async fn compare_at_price(&self, ctx: &Context<'_>) -> WireResult<Option<Money>> {
        let prices = prices::prices_of(ctx, self).await?;
        Ok(prices.into_iter().next().and_then(|price| price.compare_at_price))
    }

    /// What one piece costs in each currency in which the shop has set a price, its own first: 1 to 21. An order of `lines` takes
    /// `price`, one of a cart the price in the cart's currency.
    #[graphql(directive = list_size::apply(5))]
    async fn prices(&self, ctx: &Context<'_>) -> WireResult<Vec<VariantPrice>> {
        prices::prices_of(ctx, self).await
    }

    /// What one piece costs in one currency; null if the shop has set no price in it.
    async fn price_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] currency: Option<CurrencyCode>,
    ) -> WireResult<Option<VariantPrice>> {
        // At once, so that one statement looks up the prices of a page whatever else is asked of it.
        let (currency, prices) = try_join(prices::currency(ctx, currency), prices::prices_of(ctx, self)).await?;
        Ok(prices.into_iter().find(|price| price.price.currency == currency))
    }

    /// How many pieces are there to be ordered now, counted up to 100. What can be ordered though it is not there is not among
    /// them.
    async fn available_quantity(&self, ctx: &Context<'_>) -> WireResult<i32> {
        Ok(self.left(ctx).await?.told())
    }

    /// Whether at least one piece can be ordered now, be it that it is sent later.
    async fn is_available(&self, ctx: &Context<'_>) -> WireResult<bool> {
        Ok(self.left(ctx).await?.is_available())
    }

    /// Whether it can be ordered now, and is there.
    async fn availability(&self, ctx: &Context<'_>) -> WireResult<Availability> {
        Ok(self.left(ctx).await?.availability())
    }

    /// Whether you are told when it can be ordered again.
    async fn is_awaited(&self, ctx: &Context<'_>) -> WireResult<bool> {
        Ok(ctx.loader().load_one(AwaitedVariant(self.id)).await?.is_some())
    }

    /// What the shop has decided about its stock; null for everybody but the shop's members.
    async fn stock_rule(&self, ctx: &Context<'_>) -> WireResult<Option<StockRule>> {
        Ok(ctx.loader().load_one(RuleOf(self.id)).await?.map(Into::into))
    }
}

impl ProductVariant {
    /// What its product's options are called.
    pub(super) async fn option_names(&self, ctx: &Context<'_>) -> WireResult<Vec<String>> {
        let details = ctx.loader().load_one(DetailsOf(self.product_id)).await?;
        Ok(details.map(|details| details.option_names).unwrap_or_default())
    }

    async fn left(&self, ctx: &Context<'_>) -> WireResult<Left> {
        Ok(ctx.loader().load_one(LeftOf(self.id)).await?.unwrap_or_default())
    }
}

impl Plain for ProductVariant {
    fn concrete_type(&self) -> Cow<'static, str> {
        "ProductVariant".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "sku" => AtHand::Text(&self.sku),
            "title" => AtHand::Text(&self.title),
            "price" => AtHand::Object(&self.price),
            "barcode" => AtHand::value(&self.barcode),
            "weightGrams" => AtHand::value(&self.weight_grams),
            "version" => AtHand::value(&self.version),
            "selectedOptions" if self.option_values.is_empty() => AtHand::Objects(Box::new(std::iter::empty())),
            _ => AtHand::NotYet,
        }
    }
}

impl From<model::Variant> for ProductVariant {
    fn from(row: model::Variant) -> Self {
        let own_price = row.price();
        let price = own_price.into();
        let model::Variant { id, sku, title, barcode, weight_grams, version, product_id, option_values, .. } = row;
        Self { id, sku, title, price, barcode, weight_grams, version, own_price, product_id, option_values }
    }
}
