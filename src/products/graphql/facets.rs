//! What products of a list say, counted, on the wire.

use std::collections::HashSet;

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::{
    attributes::{Attribute, AttributeChoice},
    categories::{Category, category},
    lists::{ProductFilterInput, usual_sort},
};
use crate::{
    kernel::{
        date::Date,
        error::Failure,
        id::Id,
        money::{self, Decimal},
    },
    platform::gql::{Ask, Money, WireResult, cost, list_size},
    products::{
        loaders::{AttributeKey, ChoicesOf},
        model::{
            self, ProductSort,
            attributes::{AttributeBy, Choice, DECIMALS},
            facets::{self, AttributeFacet as Row, FacetKind, Facets},
        },
        service,
    },
    shops::{self, graphql::Shop, loaders::ShopById},
};

pub struct ProductFacets(Facets);

/// How many products of a list say what, the frequent first: what a shopper can narrow the list by. By which category, shop, price,
/// availability, rating or value of an attribute the list is narrowed already does not narrow the counts of the other categories,
/// shops, prices, ratings or values of that attribute, nor of what is not available.
#[Object]
impl ProductFacets {
    /// How many products the list has.
    async fn total_count(&self) -> i32 {
        count(self.0.total)
    }

    /// Whether all products were looked at: of more than 10,000 only those are.
    async fn is_exact(&self) -> bool {
        self.0.is_exact
    }

    /// The top of the tree, and what is right below the category that was asked for and each one above it: each with all that is
    /// below it. At most 100.
    #[graphql(directive = list_size::apply(30))]
    async fn categories(&self) -> Vec<CategoryFacet> {
        self.0.categories.iter().map(|(id, number)| CategoryFacet { id: *id, count: count(*number) }).collect()
    }

    /// Who sells them; at most 100.
    #[graphql(directive = list_size::apply(30))]
    async fn shops(&self) -> Vec<ShopFacet> {
        self.0.shops.iter().map(|(id, number)| ShopFacet { id: *id, count: count(*number) }).collect()
    }

    /// Their tags; at most 100. A product has several, so these are counted with the tags that were asked for.
    #[graphql(directive = list_size::apply(30))]
    async fn tags(&self) -> Vec<TagFacet> {
        self.0.tags.iter().map(|(tag, number)| TagFacet { tag: tag.clone(), count: count(*number) }).collect()
    }

    /// Their lowest prices, by currency.
    #[graphql(directive = list_size::apply(2))]
    async fn prices(&self) -> Vec<PriceFacet> {
        self.0.prices.iter().copied().map(Into::into).collect()
    }

    /// Whether they can be ordered now.
    #[graphql(directive = list_size::apply(2))]
    async fn availability(&self) -> Vec<AvailabilityFacet> {
        let facet = |(is_available, number): &(bool, i64)| AvailabilityFacet {
            is_available: *is_available,
            count: count(*number),
        };
        self.0.availability.iter().map(facet).collect()
    }

    /// How people rate them: those with four stars and more, three and more, and so on; at most 4.
    #[graphql(directive = list_size::apply(4))]
    async fn ratings(&self) -> Vec<RatingFacet> {
        self.0.ratings.iter().map(|(stars, number)| RatingFacet { minimum: *stars, count: count(*number) }).collect()
    }

    /// What they say by attributes that lists can be filtered by; at most 50.
    #[graphql(directive = list_size::apply(10))]
    async fn attributes(&self) -> Vec<AttributeFacet> {
        self.0.attributes.iter().cloned().map(AttributeFacet::from).collect()
    }
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A category with the number of products in it and below it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CategoryFacet {
    #[graphql(skip)]
    id: Id<model::Category>,
    /// How many products.
    count: i32,
}

#[ComplexObject]
impl CategoryFacet {
    /// The category; null if it was deleted meanwhile.
    async fn category(&self, ctx: &Context<'_>) -> WireResult<Option<Category>> {
        category(ctx, Some(self.id)).await
    }
}

/// A shop with the number of products that it sells.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ShopFacet {
    #[graphql(skip)]
    id: Id<shops::model::Shop>,
    /// How many products.
    count: i32,
}

#[ComplexObject]
impl ShopFacet {
    /// The shop.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        Ok(ctx.loader().load_one(ShopById(self.id)).await?.map(Into::into))
    }
}

/// A tag with the number of products that have it.
#[derive(SimpleObject)]
pub struct TagFacet {
    /// The tag, in lower case.
    tag: String,
    /// How many products.
    count: i32,
}

/// Products that can be ordered now, or cannot, with their number.
#[derive(SimpleObject)]
pub struct AvailabilityFacet {
    /// Which of them.
    is_available: bool,
    /// How many products.
    count: i32,
}

/// The lowest prices of products in one currency.
#[derive(SimpleObject)]
pub struct PriceFacet {
    /// The lowest of them.
    min: Money,
    /// The highest of them.
    max: Money,
    /// How many products.
    count: i32,
}

impl From<facets::PriceFacet> for PriceFacet {
    fn from(facets::PriceFacet { currency, min, max, count: number }: facets::PriceFacet) -> Self {
        let money = |minor| money::Money { minor, currency }.into();
        Self { min: money(min), max: money(max), count: count(number) }
    }
}

/// So many stars and more with the number of products that have them on an average.
#[derive(SimpleObject)]
pub struct RatingFacet {
    /// The least number of stars, 1 to 4; goes into `minimumRating` of a filter.
    minimum: i32,
    /// How many products.
    count: i32,
}

/// What products say by an attribute. Which lists and bounds there are goes by the attribute's kind.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AttributeFacet {
    #[graphql(skip)]
    row: Row,
    /// How many products say something by it.
    count: i32,
    /// How many say yes and no; empty unless it is of the kind `BOOLEAN`.
    #[graphql(directive = list_size::apply(2))]
    booleans: Vec<BooleanFacet>,
    /// What its numbers lie between; null unless it is of the kind `NUMBER`.
    numbers: Option<NumberFacet>,
    /// What its days lie between; null unless it is of the kind `DATE`.
    dates: Option<DateFacet>,
}

impl From<Row> for AttributeFacet {
    fn from(row: Row) -> Self {
        let decimal = |millionths| Decimal::shortest(millionths, DECIMALS);
        Self {
            count: count(row.count),
            booleans: row
                .booleans
                .iter()
                .map(|(is_true, number)| BooleanFacet { is_true: *is_true, count: count(*number) })
                .collect(),
            numbers: row.numbers.map(|(min, max)| NumberFacet { min: decimal(min), max: decimal(max) }),
            dates: row.dates.map(|(min, max)| DateFacet { min, max }),
            row,
        }
    }
}

#[ComplexObject]
impl AttributeFacet {
    /// The attribute.
    async fn attribute(&self, ctx: &Context<'_>) -> WireResult<Option<Attribute>> {
        let key = AttributeKey(AttributeBy::Id(self.row.attribute));
        Ok(ctx.loader().load_one(key).await?.map(Into::into))
    }

    /// How many say which of its choices; empty unless it is of the kind `CHOICE`.
    #[graphql(directive = list_size::apply(20))]
    async fn choices(&self, ctx: &Context<'_>) -> WireResult<Vec<ChoiceFacet>> {
        if self.row.choices.is_empty() {
            return Ok(Vec::new());
        }
        let choices = ctx.loader().load_one(ChoicesOf(self.row.attribute)).await?.unwrap_or_default();
        let facet = |(id, number): &(Id<Choice>, i64)| {
            let choice = choices.iter().find(|choice| choice.id == *id)?.clone();
            Some(ChoiceFacet { choice: choice.into(), count: count(*number) })
        };
        Ok(self.row.choices.iter().filter_map(facet).collect())
    }
}

/// A choice with the number of products that say it.
#[derive(SimpleObject)]
pub struct ChoiceFacet {
    /// The choice.
    choice: AttributeChoice,
    /// How many products.
    count: i32,
}

/// Yes or no with the number of products that say it.
#[derive(SimpleObject)]
pub struct BooleanFacet {
    /// Which of them.
    is_true: bool,
    /// How many products.
    count: i32,
}

/// The bounds of what products say by a number; both inclusive.
#[derive(SimpleObject)]
pub struct NumberFacet {
    /// The least.
    min: Decimal,
    /// The most.
    max: Decimal,
}

/// The bounds of what products say by a day; both inclusive.
#[derive(SimpleObject)]
pub struct DateFacet {
    /// The first.
    min: Date,
    /// The last.
    max: Date,
}

/// Attributes that are counted each without its own filter: for each of them a large list is gone through once more.
const MAXIMUM_WAYS: usize = 5;

/// What is counted for which field.
const KINDS: [(&str, FacetKind); 7] = [
    ("categories", FacetKind::Categories),
    ("shops", FacetKind::Shops),
    ("tags", FacetKind::Tags),
    ("prices", FacetKind::Prices),
    ("availability", FacetKind::Availability),
    ("ratings", FacetKind::Ratings),
    ("attributes", FacetKind::Attributes),
];

#[derive(Default)]
pub struct FacetsQuery;

#[Object]
impl FacetsQuery {
    /// What the products for sale of a list say, counted: beside `products` with the same filter, which names at most 5 different
    /// attributes.
    #[graphql(directive = cost::apply(200))]
    async fn product_facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.", default)] filter: ProductFilterInput,
        #[graphql(
            desc = "The order of the list beside which they are shown: by relevance it may hold more. By default as there."
        )]
        sort: Option<ProductSort>,
    ) -> WireResult<ProductFacets> {
        let filter = filter.filter(ctx.caller().request.locale.clone())?;
        let attributes: HashSet<_> = filter.attributes.iter().map(|wanted| wanted.attribute).collect();
        if attributes.len() > MAXIMUM_WAYS {
            let told = format!("facets are counted beside filters by {MAXIMUM_WAYS} attributes at most");
            return Err(Failure::BadUserInput(told).into());
        }
        let sort = sort.unwrap_or_else(|| usual_sort(&filter));
        let looks = ctx.look_ahead();
        let kinds = KINDS.into_iter().filter(|(field, _)| looks.field(field).exists()).map(|(_, kind)| kind).collect();
        Ok(ProductFacets(service::facets(ctx.app(), filter, sort, kinds).await?))
    }
}
