//! Products on the wire.

mod lists;
mod mutations;

pub use self::{
    lists::{ProductFilterInput, ProductsDesk, ProductsQuery},
    mutations::ProductsMutation,
};

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::{
    loaders::{CategoryKey, ProductKey, VariantsByProduct},
    model::{self, CategoryBy, Listed, ProductStatus},
};
use crate::{
    inventory::loaders::AvailableByVariant,
    kernel::{error::Failure, id::Id, money},
    platform::{
        clock::Time,
        gql::{Ask, AtHand, AtOnce, Money, Plain, WireResult},
    },
    shops::{self, graphql::Shop, loaders::ShopById},
};

/// A shelf of the market, perhaps on another one.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Category {
    /// Begins with `category_`.
    pub id: Id<model::Category>,
    /// The category's name in URLs: lower-case letters, digits and hyphens, at most 80. No two categories have the same.
    pub slug: String,
    /// The category's name, 1 to 80 characters.
    pub name: String,
    #[graphql(skip)]
    parent_id: Option<Id<model::Category>>,
}

#[ComplexObject]
impl Category {
    /// The category that this one is part of; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> WireResult<Option<Category>> {
        category(ctx, self.parent_id).await
    }
}

impl From<model::Category> for Category {
    fn from(row: model::Category) -> Self {
        Self { id: row.id, slug: row.slug, name: row.name, parent_id: row.parent_id }
    }
}

async fn category(ctx: &Context<'_>, id: Option<Id<model::Category>>) -> WireResult<Option<Category>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(CategoryKey(CategoryBy::Id(id))).await?.map(Into::into)),
        None => Ok(None),
    }
}

/// The lowest and the highest price of a product's variants.
#[derive(Debug, Clone, SimpleObject)]
pub struct PriceRange {
    /// What the cheapest variant costs.
    pub min: Money,
    /// What the dearest variant costs; the same if all cost the same.
    pub max: Money,
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
    /// The product's name in URLs: lower-case letters, digits and hyphens, at most 80. No two products have the same.
    pub slug: String,
    /// The product's name, 1 to 200 characters.
    pub title: String,
    /// What the shop says about the product, up to 10,000 characters; empty if nothing.
    pub description: String,
    /// Who sees the product.
    pub status: ProductStatus,
    /// What its variants cost.
    pub price_range: PriceRange,
    /// Rises with every change of the product itself, not of its variants; goes into `updateProduct` as `expectedVersion`.
    pub version: i32,
    /// When the product was made.
    pub created_at: Time,
    /// When the product or one of its variants was changed last. Stock does not count.
    pub updated_at: Time,
    #[graphql(skip)]
    category_id: Option<Id<model::Category>>,
    #[graphql(skip)]
    shop_id: Id<shops::model::Shop>,
    /// Read along where the selection asked for it.
    #[graphql(skip)]
    joined_shop: Option<Shop>,
}

#[ComplexObject]
impl Product {
    /// Who sells it.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Shop> {
        if let Some(shop) = &self.joined_shop {
            return Ok(shop.clone());
        }
        let shop = ctx.loader().load_one(ShopById(self.shop_id)).await?;
        Ok(shop.ok_or_else(|| Failure::internal("a product without a shop"))?.into())
    }

    /// The shelf that it is on; null if on none.
    async fn category(&self, ctx: &Context<'_>) -> WireResult<Option<Category>> {
        category(ctx, self.category_id).await
    }

    /// What can be bought, in the shop's order: 1 to 100.
    async fn variants(&self, ctx: &Context<'_>) -> WireResult<Vec<AtOnce<ProductVariant>>> {
        let variants = ctx.loader().load_one(VariantsByProduct(self.id)).await?;
        Ok(variants.unwrap_or_default().into_iter().map(AtOnce::of).collect())
    }
}

impl Plain for Product {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Product".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "slug" => AtHand::Text(&self.slug),
            "title" => AtHand::Text(&self.title),
            "description" => AtHand::Text(&self.description),
            "status" => AtHand::value(&self.status),
            "priceRange" => AtHand::Object(&self.price_range),
            "version" => AtHand::value(&self.version),
            "createdAt" => AtHand::value(&self.created_at),
            "updatedAt" => AtHand::value(&self.updated_at),
            "shop" => self.joined_shop.as_ref().map_or(AtHand::NotYet, |shop| AtHand::Object(shop)),
            _ => AtHand::NotYet,
        }
    }
}

impl From<Listed> for Product {
    fn from(Listed { product, shop }: Listed) -> Self {
        let price = |minor| Money::from(money::Money::new(minor, product.currency));
        Self {
            id: product.id,
            slug: product.slug,
            title: product.title,
            description: product.description,
            status: product.status,
            price_range: PriceRange { min: price(product.price_min), max: price(product.price_max) },
            version: product.version,
            created_at: product.created_at,
            updated_at: product.updated_at,
            category_id: product.category_id,
            shop_id: product.shop_id,
            joined_shop: shop.map(Into::into),
        }
    }
}

impl From<model::Product> for Product {
    fn from(product: model::Product) -> Self {
        Listed { product, shop: None }.into()
    }
}

/// What is bought: a product in one of its sizes or colours.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductVariant {
    /// Begins with `variant_`.
    pub id: Id<model::Variant>,
    /// The shop's own number for it, 1 to 64 characters; unique in the shop.
    pub sku: String,
    /// What tells it from the product's other variants, up to 100 characters; empty if there is nothing to tell.
    pub title: String,
    /// What one piece costs.
    pub price: Money,
    /// Rises with every change of the variant; goes into `updateProductVariant` as `expectedVersion`.
    pub version: i32,
    #[graphql(skip)]
    product_id: Id<model::Product>,
}

#[ComplexObject]
impl ProductVariant {
    /// The product of which this is a variant; null if you may not see it any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.product_id)).await?.map(Into::into))
    }

    /// How many pieces can be ordered now.
    async fn available_quantity(&self, ctx: &Context<'_>) -> WireResult<i32> {
        available(ctx, self.id).await
    }

    /// Whether at least one piece can be ordered now.
    async fn is_available(&self, ctx: &Context<'_>) -> WireResult<bool> {
        Ok(available(ctx, self.id).await? > 0)
    }
}

async fn available(ctx: &Context<'_>, id: Id<model::Variant>) -> WireResult<i32> {
    Ok(ctx.loader().load_one(AvailableByVariant(id)).await?.unwrap_or_default())
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
            "version" => AtHand::value(&self.version),
            _ => AtHand::NotYet,
        }
    }
}

impl From<model::Variant> for ProductVariant {
    fn from(row: model::Variant) -> Self {
        let price = row.price().into();
        let model::Variant { id, sku, title, version, product_id, .. } = row;
        Self { id, sku, title, price, version, product_id }
    }
}
