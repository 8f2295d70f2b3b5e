//! Finding products and categories.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};

use super::{PriceChange, Product, looks::with, prices};
use crate::{
    kernel::{
        date::Date,
        error::Failure,
        id::Id,
        money::{self, CurrencyCode, Decimal},
        page::PageArgs,
        place::Locale,
    },
    platform::gql::{Ask, AtOnce, List, Listing, MoneyInput, Total, WireResult, cost, find, list_size},
    products::{
        loaders::ProductKey,
        model::{
            self, AttributeFilter, Audience, Position, PriceBounds, ProductBy, ProductFilter, ProductSort,
            ProductStatus, Wanted,
            attributes::{Attribute, Choice, DECIMALS, MAXIMUM_CHOICES},
            rating::MAXIMUM_STARS,
            search::Search,
        },
        service,
    },
    shops::model::{Desk, Shop},
};

/// Tags, and attributes, by which a list is narrowed, at the most.
const MAXIMUM_NARROWED: usize = 20;

/// Which product: exactly one of the fields.
#[derive(OneofObject)]
pub enum ProductByInput {
    /// By id.
    Id(Id<model::Product>),
    /// By the name in its URL.
    Slug(String),
}

/// Bounds of a price, in one currency; both inclusive.
#[derive(InputObject)]
pub struct PriceRangeInput {
    /// The currency, where no bound says it.
    currency: Option<CurrencyCode>,
    /// The least; no bound if absent.
    min: Option<MoneyInput>,
    /// The most; no bound if absent.
    max: Option<MoneyInput>,
}

/// Which products a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
#[graphql(name = "ProductFilter")]
pub struct ProductFilterInput {
    /// Words that are among all that is said of the product (title, description, brand, tags, SKUs, bar codes, options,
    /// attributes): as they are, in another form, or as its beginning, from three letters on. Case and accents do not matter.
    /// What no product has is taken for words that are spelled almost alike; if no product has all of the words, those are found
    /// that have some, and by relevance they follow where few have all. At most 200 characters and 20 words.
    query: Option<String>,
    /// Products in this category, or in one below it.
    category_id: Option<Id<model::Category>>,
    /// Products of this shop.
    shop_id: Option<Id<Shop>>,
    /// Products that have prices in this currency, the lowest of which is in these bounds. An order by price goes by it, too.
    price: Option<PriceRangeInput>,
    /// Products that have all of these tags, at most 20; case does not matter.
    tags: Option<Vec<String>>,
    /// Products that say all of this by their attributes, at most 20. By an attribute that cannot be filtered by none is found.
    attributes: Option<Vec<AttributeFilterInput>>,
    /// True: products that can be ordered now, be it that they are sent later. False: products that cannot.
    is_available: Option<bool>,
    /// Products with so many stars at the least on an average, 1 to 5: 4 for four and more.
    minimum_rating: Option<i32>,
}

/// What a product says by an attribute: exactly one of the fields besides the attribute's id.
#[derive(InputObject)]
#[graphql(name = "AttributeFilter")]
pub struct AttributeFilterInput {
    /// Which attribute. Its `isFilterable` is true.
    attribute_id: Id<Attribute>,
    /// What is wanted.
    value: AttributeValueFilterInput,
}

/// Which values of an attribute are wanted: exactly one of the fields, by its kind.
#[derive(OneofObject)]
#[graphql(name = "AttributeValueFilter")]
pub enum AttributeValueFilterInput {
    /// One of these choices; at most 200.
    ChoiceIds(Vec<Id<Choice>>),
    /// A number in these bounds.
    Number(NumberRangeInput),
    /// Whether it is so.
    IsTrue(bool),
    /// A day in these bounds.
    Date(DateRangeInput),
}

/// Bounds of a number; both inclusive.
#[derive(InputObject)]
pub struct NumberRangeInput {
    /// The least; no bound if absent.
    min: Option<Decimal>,
    /// The most; no bound if absent.
    max: Option<Decimal>,
}

/// Bounds of a day; both inclusive.
#[derive(InputObject)]
pub struct DateRangeInput {
    /// The first; no bound if absent.
    min: Option<Date>,
    /// The last; no bound if absent.
    max: Option<Date>,
}

impl AttributeFilterInput {
    fn filter(self) -> Result<AttributeFilter, Failure> {
        let bad = |what: &str| Failure::BadUserInput(what.into());
        let units = |number: Decimal| {
            number.units(DECIMALS).ok_or_else(|| bad("a number of an attribute has at most 6 decimals"))
        };
        let wanted = match self.value {
            AttributeValueFilterInput::ChoiceIds(choices) if choices.len() > MAXIMUM_CHOICES => {
                return Err(bad("`choiceIds` holds at most 200 ids"));
            }
            AttributeValueFilterInput::ChoiceIds(choices) => Wanted::Choices(choices),
            AttributeValueFilterInput::IsTrue(is_true) => Wanted::Boolean(is_true),
            AttributeValueFilterInput::Date(DateRangeInput { min, max }) => Wanted::Dates { min, max },
            AttributeValueFilterInput::Number(NumberRangeInput { min, max }) => {
                Wanted::Numbers { min: min.map(units).transpose()?, max: max.map(units).transpose()? }
            }
        };
        Ok(AttributeFilter { attribute: self.attribute_id, wanted })
    }
}

impl PriceRangeInput {
    fn bounds(self) -> Result<Option<PriceBounds>, Failure> {
        let min = self.min.map(money::Money::try_from).transpose()?;
        let max = self.max.map(money::Money::try_from).transpose()?;
        let Some(currency) = self.currency.or(min.or(max).map(|price| price.currency)) else { return Ok(None) };
        if [min, max].into_iter().flatten().any(|bound| bound.currency != currency) {
            return Err(Failure::BadUserInput("`min` and `max` of a price are in one currency".into()));
        }
        let minor = |price: money::Money| price.minor;
        Ok(Some(PriceBounds { currency, min: min.map(minor), max: max.map(minor) }))
    }
}

/// The order of a list for which none is named.
pub(super) fn usual_sort(filter: &ProductFilter) -> ProductSort {
    if filter.search.is_some() { ProductSort::Relevance } else { ProductSort::Newest }
}

fn within_bounds(query: String) -> Result<String, Failure> {
    if query.chars().nth(200).is_some() {
        return Err(Failure::BadUserInput("`query` has at most 200 characters".into()));
    }
    Ok(query)
}

impl ProductFilterInput {
    /// The filter as a list takes it.
    ///
    /// # Errors
    /// If something of it is out of its bounds.
    pub fn filter(self, locale: Option<Locale>) -> Result<ProductFilter, Failure> {
        let query = self.query.map(within_bounds).transpose()?;
        let (tags, attributes) = (self.tags.unwrap_or_default(), self.attributes.unwrap_or_default());
        if tags.len() > MAXIMUM_NARROWED || attributes.len() > MAXIMUM_NARROWED {
            return Err(Failure::BadUserInput("`tags` and `attributes` hold at most 20 each".into()));
        }
        if self.minimum_rating.is_some_and(|stars| !(1..=MAXIMUM_STARS).contains(&stars)) {
            return Err(Failure::BadUserInput("`minimumRating` is from 1 to 5".into()));
        }
        Ok(ProductFilter {
            audience: Audience::Public,
            minimum_rating: self.minimum_rating,
            search: query.as_deref().and_then(|query| Search::parse(query, locale)),
            category: self.category_id,
            shop: self.shop_id,
            price: self.price.map(PriceRangeInput::bounds).transpose()?.flatten(),
            tags: tags.iter().map(|tag| tag.trim().to_lowercase()).collect(),
            attributes: attributes.into_iter().map(AttributeFilterInput::filter).collect::<Result<_, _>>()?,
            is_available: self.is_available,
        })
    }
}

#[derive(Default)]
pub struct ProductsQuery;

#[Object]
impl ProductsQuery {
    /// A product; null if there is none, or if you may not see it.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ProductByInput,
    ) -> WireResult<Option<AtOnce<Product>>> {
        let by = match by {
            ProductByInput::Id(id) => ProductBy::Id(id),
            ProductByInput::Slug(slug) => ProductBy::Slug(slug),
        };
        let key = ProductKey { by, with: with(&[ctx.look_ahead()]) };
        Ok(find(ctx, key).await?.map(AtOnce::of))
    }

    /// The products for sale.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter and a sort")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: ProductFilterInput,
        #[graphql(
            desc = "In which order; by default by relevance where the filter has a `query`, else the newest first."
        )]
        sort: Option<ProductSort>,
    ) -> WireResult<AtOnce<List<AtOnce<Product>>>> {
        let filter = filter.filter(ctx.caller().request.locale.clone())?;
        let sort = sort.unwrap_or_else(|| usual_sort(&filter));
        list(ctx, filter, sort, &PageArgs { first, after, last, before }).await
    }

    /// What somebody may be about to look for who has typed so much, the likely first: what they typed with its last word
    /// completed, so that products for sale have it. What nobody has is taken for words that are spelled almost alike.
    #[graphql(directive = list_size::apply(8), directive = cost::apply(10))]
    async fn search_suggestions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed until now; at most 200 characters.")] query: String,
        #[graphql(desc = "How many, 1 to 20.", default = 8)] first: i32,
    ) -> WireResult<Vec<SearchSuggestion>> {
        let limit = usize::try_from(first).ok().filter(|limit| (1..=20).contains(limit));
        let limit = limit.ok_or_else(|| Failure::BadUserInput("`first` is from 1 to 20".into()))?;
        let suggestions = service::suggestions(ctx.app(), within_bounds(query)?, limit).await?;
        Ok(suggestions.into_iter().map(|query| SearchSuggestion { query }).collect())
    }
}

/// Something that somebody may be about to look for.
#[derive(SimpleObject)]
pub struct SearchSuggestion {
    /// The words, to be the `query` of a filter.
    query: String,
}

/// The products' part of a shop's desk.
pub struct ProductsDesk(pub Id<Shop>);

impl From<&Desk> for ProductsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl ProductsDesk {
    /// All products of the shop, drafts and archived ones too, the newest first.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Only products of this status.")] status: Option<ProductStatus>,
    ) -> WireResult<AtOnce<List<AtOnce<Product>>>> {
        let audience = Audience::Members(status);
        let filter = ProductFilter { audience, shop: Some(self.0), ..ProductFilter::all() };
        list(ctx, filter, ProductSort::Newest, &PageArgs { first, after, last, before }).await
    }

    /// How the prices of one of the shop's variants changed, newest first; empty if it is none of the shop's.
    async fn price_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Of which variant.")] variant_id: Id<model::Variant>,
    ) -> WireResult<List<PriceChange>> {
        prices::changes(ctx, self.0, variant_id, &PageArgs { first, after, last, before }).await
    }
}

pub(super) async fn list(
    ctx: &Context<'_>,
    filter: ProductFilter,
    sort: ProductSort,
    args: &PageArgs,
) -> WireResult<AtOnce<List<AtOnce<Product>>>> {
    // Without words there is nothing to fit.
    let sort = match sort {
        ProductSort::Relevance if filter.search.is_none() => ProductSort::BestSelling,
        sort => sort,
    };
    let listing: Listing<Position> = Listing::new(("products", &filter, sort), args)?;
    let looks = ctx.look_ahead();
    let with = with(&[looks.field("nodes"), looks.field("edges").field("node")]);
    let app = ctx.app().clone();
    let (rows, known) = service::products(&app, filter.clone(), sort, listing.page.clone(), with).await?;
    let total = Total::new(move || {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            match known {
                Some(total) => Ok(total),
                None => service::count_products(&app, filter, sort).await,
            }
        }
    });
    Ok(listing.at_once(rows, |listed| Position::of(listed, sort), total))
}
