//! Rows of categories, products and their variants.

pub mod options;

use std::collections::BTreeSet;

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use self::options::SelectedOption;
use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        text,
    },
    platform::clock::Time,
    schema::{categories, product_variants, products},
    shops::{self, model::Shop},
    text_enum,
};

/// Variants of a product at the most.
pub const MAXIMUM_VARIANTS: usize = 100;

/// What a variant weighs at the most: a tonne.
pub const MAXIMUM_GRAMS: i32 = 1_000_000;

/// A shelf of the market, perhaps on another one.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = categories)]
pub struct Category {
    pub id: Id<Category>,
    pub parent_id: Option<Id<Category>>,
    pub slug: String,
    pub name: String,
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
#[derive(Debug, Clone, Queryable, Selectable)]
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
    pub created_at: Time,
}

/// The rest of what is known of a product.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = products)]
pub struct Details {
    pub category_id: Option<Id<Category>>,
    pub description: String,
    pub option_names: Vec<String>,
    pub version: i32,
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

/// A product with what was read along.
#[derive(Debug, Clone)]
pub struct Listed {
    pub card: Card,
    pub details: Option<Details>,
    pub shop: Option<shops::model::Face>,
}

impl From<Product> for Listed {
    fn from(Product { card, details }: Product) -> Self {
        Self { card, details: Some(details), shop: None }
    }
}

/// What is read along with a product's card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct With {
    pub details: bool,
    pub shop: bool,
}

/// What names a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProductBy {
    Id(Id<Product>),
    Slug(String),
}

/// What names a category.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CategoryBy {
    Id(Id<Category>),
    Slug(String),
}

/// The order of a list of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum ProductSort {
    /// The newest first.
    Newest,
    /// The cheapest first, by the lowest price of each product. Prices in several currencies cannot be compared: they are
    /// grouped by the code of the currency.
    PriceLowToHigh,
    /// The dearest first, by the lowest price of each product; currencies as in `PRICE_LOW_TO_HIGH`.
    PriceHighToLow,
    /// What was sold most often first.
    BestSelling,
}

/// A place in a list of products, by its order. Compared as Postgres compares the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Position {
    Newest(Time, Id<Product>),
    Price(CurrencyCode, i64, Id<Product>),
    Sold(i64, Id<Product>),
}

impl Position {
    /// The product that stands there.
    pub const fn product(&self) -> Id<Product> {
        match self {
            Self::Newest(_, id) | Self::Price(_, _, id) | Self::Sold(_, id) => *id,
        }
    }

    /// Whether it is a place in a list of this order.
    pub const fn is_of(&self, sort: ProductSort) -> bool {
        match self {
            Self::Newest(..) => matches!(sort, ProductSort::Newest),
            Self::Price(..) => matches!(sort, ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow),
            Self::Sold(..) => matches!(sort, ProductSort::BestSelling),
        }
    }

    /// Where a product stands.
    pub const fn of(card: &Card, sort: ProductSort) -> Self {
        match sort {
            ProductSort::Newest => Self::Newest(card.created_at, card.id),
            ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow => {
                Self::Price(card.currency, card.price_min, card.id)
            }
            ProductSort::BestSelling => Self::Sold(card.sold_count, card.id),
        }
    }
}

/// Which products a list has. What is absent does not narrow it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductFilter {
    pub audience: Audience,
    pub search: Option<Search>,
    pub category: Option<Id<Category>>,
    pub shop: Option<Id<Shop>>,
    pub price: Option<PriceBounds>,
}

impl ProductFilter {
    /// Of all that are for sale.
    pub const fn all() -> Self {
        Self { audience: Audience::Public, search: None, category: None, shop: None, price: None }
    }
}

/// Who a list of products is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody: active products.
    Public,
    /// The members of the shop in the filter: products in all states, or in one.
    Members(Option<ProductStatus>),
}

/// Bounds of the lowest price of a product, in minor units; both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PriceBounds {
    pub currency: CurrencyCode,
    pub min: Option<i64>,
    pub max: Option<i64>,
}

/// Words to look for, as Postgres reads them: each is the beginning of a word that the product has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search(String);

impl Search {
    /// Words beyond these narrow nothing any more.
    const MAXIMUM_WORDS: usize = 20;
    /// Postgres refuses words beyond 2,046 bytes; the beginning of a word finds it too.
    const MAXIMUM_WORD: usize = 60;

    /// What to look for; none if the text holds no word.
    pub fn parse(text: &str) -> Option<Self> {
        let prefixes: Vec<String> = text::words(text)
            .take(Self::MAXIMUM_WORDS)
            .map(|word| word.chars().take(Self::MAXIMUM_WORD).chain([':', '*']).collect())
            .collect();
        (!prefixes.is_empty()).then(|| Self(prefixes.join(" & ")))
    }

    /// A query of the `simple` configuration. It holds letters, digits, ` & ` and `:*` alone.
    pub fn tsquery(&self) -> &str {
        &self.0
    }
}

/// The words by which a product with this face is found, each once.
pub fn search_words<'a>(face: impl IntoIterator<Item = &'a str>) -> String {
    face.into_iter().flat_map(text::words).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
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
}

impl AddVariant {
    /// A variant of which nothing but the price is known.
    pub const fn priced(price: Money) -> Self {
        Self { sku: None, title: None, price, options: Vec::new(), barcode: None, weight_grams: None }
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
    pub sku: String,
    /// The product's title, with the variant's where it has one.
    pub title: String,
    pub price: Money,
}

/// The title of a variant as it stands alone: `Mug`, or `Mug, blue`.
pub fn full_title(product: &str, variant: &str) -> String {
    if variant.is_empty() { product.into() } else { format!("{product}, {variant}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_word_of_a_search_is_a_beginning() {
        let tsquery = |text: &str| Search::parse(text).map(|search| search.tsquery().to_owned());
        assert_eq!(tsquery("T-Light  Hölder"), Some("t:* & light:* & holder:*".into()));
        assert_eq!(tsquery(" -'&|!():* "), None);
        assert_eq!(tsquery(&"x".repeat(61)), Some(format!("{}:*", "x".repeat(60))));
        assert_eq!(tsquery(&"x ".repeat(50)).unwrap().matches('x').count(), 20);
    }

    #[test]
    fn a_product_is_found_by_title_description_and_sku_each_word_once() {
        assert_eq!(
            search_words(["Große Tasse", "eine Tasse, blau", "85123A", "T-1"]),
            "1 85123a blau eine grosse t tasse"
        );
    }

    #[test]
    fn a_variant_is_named_with_its_product() {
        assert_eq!(full_title("Mug", ""), "Mug");
        assert_eq!(full_title("Mug", "blue"), "Mug, blue");
    }

    proptest! {
        #[test]
        fn no_search_can_break_out_of_its_words(text: String) {
            if let Some(search) = Search::parse(&text) {
                for word in search.tsquery().split(" & ") {
                    let word = word.strip_suffix(":*").unwrap();
                    prop_assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric), "{word}");
                }
            }
        }
    }
}
