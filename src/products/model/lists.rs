//! Lists of products: which ones, in which order, and what is read along.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use super::{
    Card, Category, Details, Product, ProductStatus,
    attributes::{Attribute, Choice},
    facets::FacetKind,
    search::Search,
};
use crate::{
    kernel::{date::Date, id::Id, money::CurrencyCode},
    platform::clock::Time,
    shops::{self, model::Shop},
};

/// A product with what was read along.
#[derive(Debug, Clone)]
pub struct Listed {
    pub card: Card,
    pub details: Option<Details>,
    pub shop: Option<shops::model::Face>,
    /// How well it fits a search; of a list by relevance alone.
    pub mark: i64,
    /// Its lowest price in the currency that a list by price goes by, if it goes by one.
    pub price: Option<(CurrencyCode, i64)>,
}

impl From<Card> for Listed {
    fn from(card: Card) -> Self {
        Self { card, details: None, shop: None, mark: 0, price: None }
    }
}

impl From<Product> for Listed {
    fn from(Product { card, details }: Product) -> Self {
        Self { details: Some(details), ..card.into() }
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
    /// The cheapest first, by the lowest price of each product: in the currency of the filter's `price`, or else of its shop.
    /// Prices in several currencies cannot be compared: they are grouped by the code of the currency.
    PriceLowToHigh,
    /// The dearest first, by the lowest price of each product; currencies as in `PRICE_LOW_TO_HIGH`.
    PriceHighToLow,
    /// What was sold most often first.
    BestSelling,
    /// What is rated best first, as if each product had been rated five more times with 3.5 stars: so a few ratings do not outweigh
    /// many. What nobody has rated comes last.
    Rating,
    /// What fits the words of the filter's `query` best first; without a `query`, as `BEST_SELLING`. Of more than 2,000
    /// products the 500 that were sold most often are in the list, the others are counted alone. Of more than 10,000
    /// these are looked for among the market's 10,000 best sellers, and among 10,000 of the others.
    Relevance,
}

impl ProductSort {
    pub const fn is_by_price(self) -> bool {
        matches!(self, Self::PriceLowToHigh | Self::PriceHighToLow)
    }
}

/// A place in a list of products, by its order. Compared as Postgres compares the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Position {
    Newest(Time, Id<Product>),
    Price(CurrencyCode, i64, Id<Product>),
    Sold(i64, Id<Product>),
    /// Its rank among the rated.
    Rating(i32, Id<Product>),
    /// How well it fits.
    Relevance(i64, Id<Product>),
}

impl Position {
    /// The product that stands there.
    pub const fn product(&self) -> Id<Product> {
        match self {
            Self::Newest(_, id)
            | Self::Price(_, _, id)
            | Self::Sold(_, id)
            | Self::Rating(_, id)
            | Self::Relevance(_, id) => *id,
        }
    }

    /// The place of what fits less by so many marks; the same in lists of another order.
    #[must_use]
    pub const fn lowered(self, marks: i64) -> Self {
        match self {
            Self::Relevance(mark, id) => Self::Relevance(mark.saturating_sub(marks), id),
            other => other,
        }
    }

    /// Whether it is a place in a list of this order.
    pub const fn is_of(&self, sort: ProductSort) -> bool {
        match self {
            Self::Newest(..) => matches!(sort, ProductSort::Newest),
            Self::Price(..) => matches!(sort, ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow),
            Self::Sold(..) => matches!(sort, ProductSort::BestSelling),
            Self::Rating(..) => matches!(sort, ProductSort::Rating),
            Self::Relevance(..) => matches!(sort, ProductSort::Relevance),
        }
    }

    /// Where a product stands.
    pub const fn of(Listed { card, mark, price, .. }: &Listed, sort: ProductSort) -> Self {
        match sort {
            ProductSort::Newest => Self::Newest(card.created_at, card.id),
            ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow => match price {
                Some((currency, price)) => Self::Price(*currency, *price, card.id),
                None => Self::Price(card.currency, card.price_min, card.id),
            },
            ProductSort::BestSelling => Self::Sold(card.sold_count, card.id),
            ProductSort::Rating => Self::Rating(card.rating_rank, card.id),
            ProductSort::Relevance => Self::Relevance(*mark, card.id),
        }
    }
}

/// Which products a list has. What is absent does not narrow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFilter {
    pub audience: Audience,
    pub search: Option<Search>,
    /// With everything below it.
    pub category: Option<Id<Category>>,
    pub shop: Option<Id<Shop>>,
    pub price: Option<PriceBounds>,
    /// In lower case. A product has all of them.
    pub tags: Vec<String>,
    /// A product says what each of them asks for.
    pub attributes: Vec<AttributeFilter>,
    /// One of its variants can be ordered, or none.
    pub is_available: Option<bool>,
    /// How many stars it has at the least, on an average.
    pub minimum_rating: Option<i32>,
}

/// What a product says by an attribute that can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributeFilter {
    pub attribute: Id<Attribute>,
    pub wanted: Wanted,
}

/// Which values of an attribute are wanted. Bounds are inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// One of these.
    Choices(Vec<Id<Choice>>),
    /// In millionths.
    Numbers {
        min: Option<i64>,
        max: Option<i64>,
    },
    Boolean(bool),
    Dates {
        min: Option<Date>,
        max: Option<Date>,
    },
}

/// A way in which a list is narrowed to one of several values, or to some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Category,
    Shop,
    Price,
    Availability,
    Rating,
    Attribute(Id<Attribute>),
}

impl Way {
    /// What there is to choose from.
    pub const fn kind(self) -> FacetKind {
        match self {
            Self::Category => FacetKind::Categories,
            Self::Shop => FacetKind::Shops,
            Self::Price => FacetKind::Prices,
            Self::Availability => FacetKind::Availability,
            Self::Rating => FacetKind::Ratings,
            Self::Attribute(_) => FacetKind::Attributes,
        }
    }
}

/// Cursors are tied to it, so what came later counts only where it is used: a page goes on in the next release.
impl Hash for ProductFilter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { audience, search, category, shop, price, tags, attributes, is_available, minimum_rating } = self;
        (audience, search, category, shop, price).hash(state);
        if !tags.is_empty() || !attributes.is_empty() {
            (tags, attributes).hash(state);
        }
        if let Some(is_available) = is_available {
            ("is_available", is_available).hash(state);
        }
        if minimum_rating.is_some() {
            ("minimum_rating", minimum_rating).hash(state);
        }
    }
}

impl ProductFilter {
    /// Of all that are for sale.
    pub const fn all() -> Self {
        Self {
            audience: Audience::Public,
            search: None,
            category: None,
            shop: None,
            price: None,
            tags: Vec::new(),
            attributes: Vec::new(),
            is_available: None,
            minimum_rating: None,
        }
    }

    /// In which ways it narrows a list.
    pub fn ways(&self) -> Vec<Way> {
        let named: BTreeSet<_> = self.attributes.iter().map(|wanted| wanted.attribute).collect();
        let ways = [
            self.category.map(|_| Way::Category),
            self.shop.map(|_| Way::Shop),
            self.price.map(|_| Way::Price),
            self.is_available.map(|_| Way::Availability),
            self.minimum_rating.map(|_| Way::Rating),
        ];
        ways.into_iter().flatten().chain(named.into_iter().map(Way::Attribute)).collect()
    }

    /// The same, not narrowed in one of these ways.
    #[must_use]
    pub fn without(mut self, way: Way) -> Self {
        match way {
            Way::Category => self.category = None,
            Way::Shop => self.shop = None,
            Way::Price => self.price = None,
            Way::Availability => self.is_available = None,
            Way::Rating => self.minimum_rating = None,
            Way::Attribute(attribute) => self.attributes.retain(|wanted| wanted.attribute != attribute),
        }
        self
    }

    /// Whether nothing but words narrows the list.
    pub fn is_search_alone(&self) -> bool {
        let alone = Self { search: self.search.clone(), ..Self::all() };
        *self == alone
    }

    /// The price that narrows the list, if nothing else does.
    pub fn price_alone(&self) -> Option<PriceBounds> {
        let alone = Self { price: self.price, ..Self::all() };
        self.price.filter(|_| *self == alone)
    }

    /// Whether it may leave so few products, anywhere in a list of this order, that they are not to be found by walking through it.
    pub const fn is_narrow(&self, sort: ProductSort) -> bool {
        self.search.is_some()
            || self.category.is_some()
            || self.minimum_rating.is_some()
            || !self.tags.is_empty()
            || !self.attributes.is_empty()
            || matches!(self.is_available, Some(false))
            || (self.price.is_some() && !sort.is_by_price())
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

/// Bounds of the lowest price of a product in a currency, in minor units; both inclusive. It has one in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PriceBounds {
    pub currency: CurrencyCode,
    pub min: Option<i64>,
    pub max: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::page::ListTag;

    #[test]
    fn a_page_of_an_earlier_release_goes_on() {
        let ProductFilter { audience, search, category, shop, price, .. } = ProductFilter::all();
        let before = ListTag::of(("products", (audience, search, category, shop, price), ProductSort::Newest));
        assert_eq!(ListTag::of(("products", &ProductFilter::all(), ProductSort::Newest)), before);
        let tagged = ProductFilter { tags: vec!["sale".into()], ..ProductFilter::all() };
        assert_ne!(ListTag::of(("products", &tagged, ProductSort::Newest)), before);
        let there = ProductFilter { is_available: Some(true), ..ProductFilter::all() };
        assert_ne!(ListTag::of(("products", &there, ProductSort::Newest)), before);
        let rated = ProductFilter { minimum_rating: Some(4), ..ProductFilter::all() };
        assert_ne!(ListTag::of(("products", &rated, ProductSort::Newest)), before);
    }
}
