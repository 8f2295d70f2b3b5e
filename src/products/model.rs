//! Rows of categories, products and their variants.

pub mod attributes;
mod events;
pub mod facets;
mod lists;
pub mod options;
pub mod prices;
pub mod rating;
pub mod search;
pub mod taxes;
pub mod translations;

pub use self::{events::*, lists::*};

use diesel::{Queryable, QueryableByName, Selectable};
use serde::Serialize;

use self::{
    attributes::{GivenAttribute, ProductKind},
    options::SelectedOption,
    prices::GivenPrice,
    taxes::TaxClass,
};
use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        rate::Rate,
    },
    media::model::Medium,
    platform::clock::Time,
    schema::{categories, product_media, product_variants, products},
    shops::model::{HolidayColumns, Shop},
    text_enum,
};

/// Variants of a product at the most.
pub const MAXIMUM_VARIANTS: usize = 100;

/// Former slugs that lead to a product, at the most: the last ones.
pub const MAXIMUM_FORMER_SLUGS: i64 = 20;

/// Tags of a product at the most.
pub const MAXIMUM_TAGS: usize = 50;

/// Images of a product at the most.
pub const MAXIMUM_MEDIA: usize = 30;

/// What a variant weighs at the most: a tonne.
pub const MAXIMUM_GRAMS: i32 = 1_000_000;

/// Minor units of a price at the most: a whole cart or order of it can still be counted.
pub const MAXIMUM_PRICE: i64 = 1_000_000_000_000;

/// A category of the market's tree.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = categories)]
pub struct Category {
    pub id: Id<Category>,
    pub parent_id: Option<Id<Category>>,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub version: i32,
}

/// Levels of the tree of categories at the most.
pub const MAXIMUM_LEVELS: i32 = 10;
/// Categories right below another one at the most.
pub const MAXIMUM_CHILDREN: i64 = 500;

/// Which categories a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CategoryFilter {
    All,
    /// Those below no other one.
    Top,
}

impl Entity for Category {
    const PREFIX: &'static str = "category";
}

text_enum! {
    /// Who sees a product.
    #[derive(async_graphql::Enum)]
    pub enum ProductStatus {
        /// In the making: only the shop's members see it.
        Draft = "DRAFT",
        /// For sale: everybody sees it.
        Active = "ACTIVE",
        /// No longer for sale: only the shop's members see it.
        Archived = "ARCHIVED",
    }
}

/// What a shop sells: a row of products.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Product {
    #[diesel(embed)]
    pub card: Card,
    #[diesel(embed)]
    pub details: Details,
}

/// What lists show of a product. A page decodes it for each of its rows, so what few ask for is in [`Details`].
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = products)]
pub struct Card {
    pub id: Id<Product>,
    pub shop_id: Id<Shop>,
    pub slug: String,
    pub title: String,
    pub status: ProductStatus,
    pub currency: CurrencyCode,
    pub price_min: i64,
    pub price_max: i64,
    pub sold_count: i64,
    /// Whether one of its variants can be ordered; kept by `inventory`.
    pub is_available: bool,
    /// Where it stands in a list by rating.
    pub rating_rank: i32,
    pub created_at: Time,
}

/// The rest of what is known of a product.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = products)]
pub struct Details {
    pub category_id: Option<Id<Category>>,
    pub description: String,
    pub brand: String,
    pub tags: Vec<String>,
    pub option_names: Vec<String>,
    pub product_kind_id: Option<Id<ProductKind>>,
    pub tax_class_id: Option<Id<TaxClass>>,
    pub publish_at: Option<Time>,
    pub unpublish_at: Option<Time>,
    pub version: i32,
    /// How often each number of stars was given: see [`rating::Ratings`].
    pub rating_counts: Vec<i32>,
    pub updated_at: Time,
}

impl Entity for Product {
    const PREFIX: &'static str = "product";
}

/// What is bought: a product in one of its sizes or colours.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = product_variants)]
pub struct Variant {
    pub id: Id<Variant>,
    pub product_id: Id<Product>,
    pub shop_id: Id<Shop>,
    pub sku: String,
    pub title: String,
    pub ordinal: i32,
    pub currency: CurrencyCode,
    pub price: i64,
    pub option_values: Vec<String>,
    pub barcode: Option<String>,
    pub weight_grams: Option<i32>,
    pub version: i32,
}

impl Entity for Variant {
    const PREFIX: &'static str = "variant";
}

impl Variant {
    pub const fn price(&self) -> Money {
        Money::new(self.price, self.currency)
    }
}

/// An image with what it shows.
#[derive(Debug, Clone)]
pub struct Shown {
    pub medium: Medium,
    pub alternative_text: String,
}

/// An image of a product with where it came from.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = product_media)]
pub struct SourcedMedia {
    pub product_id: Id<Product>,
    pub ordinal: i32,
    pub alternative_text: String,
    /// None of an image that was sent.
    pub source_url: Option<String>,
    #[diesel(embed)]
    pub medium: Medium,
}

/// What a variant is made of. Without a SKU it gets one; with options it is called by their values.
#[derive(Debug, Clone, Serialize)]
pub struct AddVariant {
    pub sku: Option<String>,
    pub title: Option<String>,
    pub price: Money,
    // Absent where nothing is given, as before there were any: an idempotency key goes by what is written here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<SelectedOption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare_at_price: Option<Money>,
    /// In other currencies than the shop's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<GivenPrice>,
}

impl AddVariant {
    /// A variant of which nothing but the price is known.
    pub const fn priced(price: Money) -> Self {
        Self {
            sku: None,
            title: None,
            price,
            options: Vec::new(),
            barcode: None,
            weight_grams: None,
            compare_at_price: None,
            prices: Vec::new(),
        }
    }
}

/// What a product is made of.
#[derive(Debug, Clone, Serialize)]
pub struct AddProduct {
    pub shop: Id<Shop>,
    pub title: String,
    pub description: String,
    /// Made from the title if absent.
    pub slug: Option<String>,
    pub category: Option<Id<Category>>,
    pub status: ProductStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_kind: Option<Id<ProductKind>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_class: Option<Id<TaxClass>>,
    /// By attributes of its kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<GivenAttribute>,
    /// The names of its options, 0 to 3.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The price of a single default variant; it and `variants` exclude each other.
    pub price: Option<Money>,
    /// 1 to 100.
    pub variants: Option<Vec<AddVariant>>,
}

/// A variant as an order needs it.
#[derive(Debug, Clone)]
pub struct ForSale {
    pub variant: Id<Variant>,
    pub product: Id<Product>,
    pub shop: Id<Shop>,
    pub status: ProductStatus,
    /// When its shop takes no orders.
    pub holiday: Option<HolidayColumns>,
    /// The market's share of what its shop sells; none if it is the usual one.
    pub commission: Option<Rate>,
    pub sku: String,
    /// The product's title, with the variant's where it has one.
    pub title: String,
    pub price: Money,
    /// None: taxed as usual.
    pub tax_class: Option<Id<TaxClass>>,
    /// None if the shop has not said.
    pub weight_grams: Option<i32>,
}

/// The title of a variant as it stands alone: `Mug`, or `Mug, blue`.
pub fn full_title(product: &str, variant: &str) -> String {
    if variant.is_empty() { product.into() } else { format!("{product}, {variant}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_leaves_idempotency_keys_of_before_as_they_were() {
        let variant = AddVariant::priced(Money::new(100, CurrencyCode::GBP));
        let written = serde_json::to_string(&variant).unwrap();
        assert_eq!(written, r#"{"sku":null,"title":null,"price":{"minor":100,"currency":"GBP"}}"#);
    }

    #[test]
    fn a_variant_is_named_with_its_product() {
        assert_eq!(full_title("Mug", ""), "Mug");
        assert_eq!(full_title("Mug", "blue"), "Mug, blue");
    }
}
