//! Products on the wire.

mod attribute_mutations;
mod attributes;
mod categories;
mod category_mutations;
mod events;
mod facets;
mod lists;
mod looks;
mod media;
mod mutations;
mod prices;
mod rating;
mod taxes;
mod translation_mutations;
mod translations;
mod variant_mutations;
mod variants;

pub use self::{
    attribute_mutations::{AttributesMutation, ProductAttributeInput},
    attributes::{Attribute, AttributesQuery, ProductAttribute, ProductKind},
    categories::{CategoriesQuery, Category},
    category_mutations::CategoriesMutation,
    events::ProductChanged,
    facets::FacetsQuery,
    lists::{ProductFilterInput, ProductsDesk, ProductsQuery},
    media::{ProductMedia, ProductMediaMutation},
    mutations::ProductsMutation,
    prices::{PriceChange, PricesMutation, VariantPrice, VariantPriceInput, given},
    rating::Rating,
    taxes::{TaxClass, TaxesMutation, TaxesQuery},
    translation_mutations::TranslationsMutation,
    translations::{
        AttributeTranslation, CategoryTranslation, LocalizedCategory, LocalizedName, LocalizedProduct,
        LocalizedVariant, ProductTranslation,
    },
    variant_mutations::{SelectedOptionInput, VariantsMutation},
    variants::{ProductOption, ProductVariant},
};

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::{
    loaders::{DetailsOf, MediaOf, PricesOf, ProductKindKey, SaidOf, VariantsByProduct},
    model::{self, Details, Listed, ProductStatus, attributes::ProductKindBy, rating::Ratings},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{self, CurrencyCode},
        page::PageArgs,
        place::Locale,
    },
    platform::{
        clock::Time,
        gql::{Ask, AtHand, AtOnce, List, Money, Plain, WireResult, cost, list_size},
    },
    recommendations::{self, graphql::Recommendation, model::Intent},
    reviews::{
        self,
        graphql::{Review, ReviewFilterInput},
        model::ReviewSort,
    },
    shops::{
        self,
        graphql::Shop,
        loaders::{DeskByShop, ShopById},
    },
    wishlists,
};

/// The lowest and the highest price of a product's variants.
#[derive(Debug, Clone, SimpleObject)]
pub struct PriceRange {
    /// What the cheapest variant costs.
    pub min: Money,
    /// What the dearest variant costs; the same if all cost the same.
    pub max: Money,
}

impl PriceRange {
    fn of(min: i64, max: i64, currency: CurrencyCode) -> Self {
        let money = |minor| Money::from(money::Money { minor, currency });
        Self { min: money(min), max: money(max) }
    }
}

impl Plain for PriceRange {
    fn concrete_type(&self) -> Cow<'static, str> {
        "PriceRange".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "min" => AtHand::Object(&self.min),
            "max" => AtHand::Object(&self.max),
            _ => AtHand::NotYet,
        }
    }
}

/// What a shop sells. Everybody sees it while it is `ACTIVE`, else only the members of its shop.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Product {
    /// Begins with `product_`.
    pub id: Id<model::Product>,
    /// The product's name in URLs: lower-case letters, digits and hyphens, at most 80. No two products have the same. One that
    /// it had before leads to it, too: if you asked by another one, redirect to this.
    pub slug: String,
    /// The product's name, 1 to 200 characters.
    pub title: String,
    /// Who sees the product.
    pub status: ProductStatus,
    /// What its variants cost in the shop's currency.
    pub price_range: PriceRange,
    /// Whether one of its variants can be ordered now, be it that it is sent later.
    pub is_available: bool,
    /// When the product was made.
    pub created_at: Time,
    #[graphql(skip)]
    shop_id: Id<shops::model::Shop>,
    /// Read along where the selection asked for it.
    #[graphql(skip)]
    joined_shop: Option<Shop>,
    /// As `joined_shop`.
    #[graphql(skip)]
    joined_details: Option<Details>,
}

#[ComplexObject]
impl Product {
    /// What the shop says about the product, up to 10,000 characters; empty if nothing.
    async fn description(&self, ctx: &Context<'_>) -> WireResult<String> {
        Ok(self.details(ctx).await?.into_owned().description)
    }

    /// Rises with every change of the product itself, not of its variants and translations; goes into `updateProduct` as `expectedVersion`.
    async fn version(&self, ctx: &Context<'_>) -> WireResult<i32> {
        Ok(self.details(ctx).await?.version)
    }

    /// When the product, one of its variants or a translation was changed last. Stock does not count.
    async fn updated_at(&self, ctx: &Context<'_>) -> WireResult<Time> {
        Ok(self.details(ctx).await?.updated_at)
    }

    /// Who sells it.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Shop> {
        if let Some(shop) = &self.joined_shop {
            return Ok(shop.clone());
        }
        let shop = ctx.loader().load_one(ShopById(self.shop_id)).await?;
        Ok(shop.ok_or_else(|| Failure::internal("a product without a shop"))?.into())
    }

    /// The category that it is in; null if in none.
    async fn category(&self, ctx: &Context<'_>) -> WireResult<Option<Category>> {
        categories::category(ctx, self.details(ctx).await?.category_id).await
    }

    /// When it becomes `ACTIVE` by itself; null if it does not, and for everybody but the shop's members.
    async fn publish_at(&self, ctx: &Context<'_>) -> WireResult<Option<Time>> {
        let at = self.details(ctx).await?.publish_at;
        self.for_members(ctx, at).await
    }

    /// When it becomes `ARCHIVED` by itself; null if it does not, and for everybody but the shop's members.
    async fn unpublish_at(&self, ctx: &Context<'_>) -> WireResult<Option<Time>> {
        let at = self.details(ctx).await?.unpublish_at;
        self.for_members(ctx, at).await
    }

    /// Who makes it, up to 100 characters; null if the shop has not said.
    async fn brand(&self, ctx: &Context<'_>) -> WireResult<Option<String>> {
        let brand = self.details(ctx).await?.into_owned().brand;
        Ok((!brand.is_empty()).then_some(brand))
    }

    /// Words by which the shop sorts it, in lower case; at most 50, each 1 to 50 characters long.
    async fn tags(&self, ctx: &Context<'_>) -> WireResult<Vec<String>> {
        Ok(self.details(ctx).await?.into_owned().tags)
    }

    /// What it is, which says what attributes it can have; null if the shop has not said.
    async fn kind(&self, ctx: &Context<'_>) -> WireResult<Option<ProductKind>> {
        let Some(id) = self.details(ctx).await?.product_kind_id else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKindKey(ProductKindBy::Id(id))).await?.map(Into::into))
    }

    /// How it is taxed; null: as usual.
    async fn tax_class(&self, ctx: &Context<'_>) -> WireResult<Option<TaxClass>> {
        taxes::tax_class(ctx, self.details(ctx).await?.tax_class_id).await
    }

    /// What its variants cost in one currency, as far as the shop has set prices in it; null if it has set none.
    async fn price_range_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] currency: Option<CurrencyCode>,
    ) -> WireResult<Option<PriceRange>> {
        let currency = prices::currency(ctx, currency).await?;
        if self.price_range.min.currency == currency {
            return Ok(Some(self.price_range.clone()));
        }
        let prices = ctx.loader().load_one(PricesOf(self.id)).await?.unwrap_or_default();
        let price = prices.into_iter().find(|price| price.currency == currency);
        Ok(price.map(|price| PriceRange::of(price.price_min, price.price_max, currency)))
    }

    /// What is said of it by the attributes of its kind, in their order; at most 50.
    async fn attributes(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductAttribute>> {
        let said = ctx.loader().load_one(SaidOf(self.id)).await?;
        Ok(said.unwrap_or_default().into_iter().filter_map(ProductAttribute::of).collect())
    }

    /// Its images in the shop's order; at most 30.
    async fn media(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductMedia>> {
        let shown = ctx.loader().load_one(MediaOf(self.id)).await?;
        Ok(shown.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// Its first image, for lists; null if it has none.
    async fn featured_media(&self, ctx: &Context<'_>) -> WireResult<Option<ProductMedia>> {
        let shown = ctx.loader().load_one(MediaOf(self.id)).await?;
        Ok(shown.and_then(|shown| shown.into_iter().next()).map(Into::into))
    }

    /// What its variants differ in, such as size and colour; at most 3.
    #[graphql(directive = list_size::apply(3))]
    async fn options(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductOption>> {
        self.own_options(ctx).await
    }

    /// What it says to readers of a language. What nobody has translated is the original, field by field; `de` serves `de-AT`.
    async fn localized(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one; that of the request if absent.")] locale: Option<Locale>,
    ) -> WireResult<LocalizedProduct> {
        LocalizedProduct::of(ctx, self, locale).await
    }

    /// What it says in other languages than the catalogue's own, as the shop has set it, by `locale`; at most 50.
    #[graphql(directive = list_size::apply(50))]
    async fn translations(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductTranslation>> {
        translations::of_product(ctx, self.id).await
    }

    /// What can be bought, in the shop's order: 1 to 100.
    async fn variants(&self, ctx: &Context<'_>) -> WireResult<Vec<AtOnce<ProductVariant>>> {
        let variants = ctx.loader().load_one(VariantsByProduct(self.id)).await?;
        Ok(variants.unwrap_or_default().into_iter().map(AtOnce::of).collect())
    }

    /// How people who bought it rate it.
    async fn rating(&self, ctx: &Context<'_>) -> WireResult<Rating> {
        Ok(Ratings::of(&self.details(ctx).await?.rating_counts).into())
    }

    /// What people who bought it say of it.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter and a sort")]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: ReviewFilterInput,
        #[graphql(desc = "In which order.", default_with = "ReviewSort::Newest")] sort: ReviewSort,
    ) -> WireResult<List<Review>> {
        reviews::graphql::of_product(ctx, self.id, filter, sort, &PageArgs { first, after, last, before }).await
    }

    /// What goes with it, the best first: what can be ordered now, without what you have ordered just once, and of no shop in which somebody works
    /// whom you have blocked, or who has blocked you. Of one shop three follow each other at the most, unless there is nothing of another one. Empty
    /// if too little is known.
    #[graphql(directive = cost::apply(20))]
    async fn related(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What for.")] intent: Intent,
        #[graphql(desc = "How many at the most, 1 to 20.", default = 10)] first: i32,
    ) -> WireResult<Vec<Recommendation>> {
        recommendations::graphql::related(ctx, self.id, intent, first).await
    }

    /// Whether you have made it a favourite.
    async fn is_favorite(&self, ctx: &Context<'_>) -> WireResult<bool> {
        wishlists::graphql::is_favorite(ctx, self.id).await
    }

    /// What you said of it; null if nothing.
    async fn viewer_review(&self, ctx: &Context<'_>) -> WireResult<Option<Review>> {
        reviews::graphql::own_review(ctx, self.id).await
    }

    /// Whether you may write a review of it: you bought it here and paid, do not work for its shop, and have written none.
    #[graphql(directive = cost::apply(20))]
    async fn can_review(&self, ctx: &Context<'_>) -> WireResult<bool> {
        reviews::graphql::can_review(ctx, self.id).await
    }
}

impl Product {
    async fn own_options(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductOption>> {
        let details = self.details(ctx).await?;
        if details.option_names.is_empty() {
            return Ok(Vec::new());
        }
        let variants = ctx.loader().load_one(VariantsByProduct(self.id)).await?;
        Ok(variants::options(&details.option_names, &variants.unwrap_or_default()))
    }

    async fn for_members<T>(&self, ctx: &Context<'_>, value: Option<T>) -> WireResult<Option<T>> {
        match value {
            Some(value) => Ok(ctx.loader().load_one(DeskByShop(self.shop_id)).await?.map(|_| value)),
            None => Ok(None),
        }
    }

    async fn details(&self, ctx: &Context<'_>) -> WireResult<Cow<'_, Details>> {
        if let Some(details) = &self.joined_details {
            return Ok(Cow::Borrowed(details));
        }
        let details = ctx.loader().load_one(DetailsOf(self.id)).await?;
        Ok(Cow::Owned(details.ok_or_else(|| Failure::internal("a product that is gone"))?))
    }
}

impl Plain for Product {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Product".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match (name, &self.joined_details) {
            ("id", _) => AtHand::Word(&self.id),
            ("slug", _) => AtHand::Text(&self.slug),
            ("title", _) => AtHand::Text(&self.title),
            ("status", _) => AtHand::value(&self.status),
            ("priceRange", _) => AtHand::Object(&self.price_range),
            ("isAvailable", _) => AtHand::value(&self.is_available),
            ("createdAt", _) => AtHand::value(&self.created_at),
            ("shop", _) => self.joined_shop.as_ref().map_or(AtHand::NotYet, |shop| AtHand::Object(shop)),
            ("description", Some(details)) => AtHand::Text(&details.description),
            ("rating", Some(details)) => AtHand::Made(Box::new(Rating::from(Ratings::of(&details.rating_counts)))),
            ("version", Some(details)) => AtHand::value(&details.version),
            ("updatedAt", Some(details)) => AtHand::value(&details.updated_at),
            _ => AtHand::NotYet,
        }
    }
}

impl From<Listed> for Product {
    fn from(Listed { card, details, shop, .. }: Listed) -> Self {
        Self {
            id: card.id,
            price_range: PriceRange::of(card.price_min, card.price_max, card.currency),
            slug: card.slug,
            title: card.title,
            status: card.status,
            is_available: card.is_available,
            created_at: card.created_at,
            shop_id: card.shop_id,
            joined_shop: shop.map(Into::into),
            joined_details: details,
        }
    }
}

impl From<model::Product> for Product {
    fn from(product: model::Product) -> Self {
        Listed::from(product).into()
    }
}
