//! How many products of a list say what.

use super::{
    Category, Product,
    attributes::{Attribute, Choice, ProductKind},
};
use crate::{
    kernel::{date::Date, id::Id, money::CurrencyCode},
    shops::model::Shop,
};

/// What can be counted of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacetKind {
    Categories,
    Shops,
    Tags,
    Prices,
    Availability,
    Ratings,
    Attributes,
}

/// Products of a list that are looked at, at the most.
pub const MAXIMUM_COUNTED: usize = 10_000;

/// How many products of a list say what, the frequent first, as far as it was asked for. What the list is narrowed by in one way does not narrow the counts
/// of that way, as long as one of several is wanted there: so they say what else could be chosen.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    pub total: i64,
    /// Whether all products were looked at for what was asked.
    pub is_exact: bool,
    /// The top of the tree, and what is right below the chosen category and each one above it; each with all below it.
    pub categories: Vec<(Id<Category>, i64)>,
    pub shops: Vec<(Id<Shop>, i64)>,
    pub tags: Vec<(String, i64)>,
    pub prices: Vec<PriceFacet>,
    /// Of how many a variant can be ordered, and of how many none.
    pub availability: Vec<(bool, i64)>,
    /// How many have so many stars at the least, from four down to one.
    pub ratings: Vec<(i32, i64)>,
    pub attributes: Vec<AttributeFacet>,
}

/// The lowest prices of products in one currency, in minor units.
#[derive(Debug, Clone, Copy, diesel::Queryable)]
pub struct PriceFacet {
    pub currency: CurrencyCode,
    pub min: i64,
    pub max: i64,
    pub count: i64,
}

/// What products say by an attribute.
#[derive(Debug, Clone)]
pub struct AttributeFacet {
    pub attribute: Id<Attribute>,
    pub count: i64,
    pub choices: Vec<(Id<Choice>, i64)>,
    pub booleans: Vec<(bool, i64)>,
    /// In millionths.
    pub numbers: Option<(i64, i64)>,
    pub dates: Option<(Date, Date)>,
}

/// What is counted of a product.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct Counted {
    pub id: Id<Product>,
    pub category: Option<Id<Category>>,
    pub shop: Id<Shop>,
    pub kind: Option<Id<ProductKind>>,
    /// The average in tenths of a star; 0 if nobody has rated it.
    pub rating: i32,
    pub tags: Vec<String>,
    pub is_available: bool,
}
