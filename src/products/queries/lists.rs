//! Lists of products: keyset pages by row comparison, and sizes.
//!
//! An absent filter is absent from the SQL. The predicate of the partial indexes is a literal, for a generic plan cannot
//! know that a parameter is `ACTIVE`; and it is no `sql("…")`, which would keep the statement out of the cache.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    PgArrayExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{And, Eq, IntoBoxed, LeftJoin, On, not, sql},
    pg::Pg,
    sql_types::{BigInt, Bool, Integer, Record, Text, Timestamptz, Uuid},
};

use super::{
    attributes,
    categories::subtree,
    found::{ENOUGH, found},
    part::{Part, Planned},
    words,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Direction, Page, Slice},
    },
    platform::{clock::Time, counted::Counted, db::Conn, gql::COUNT_LIMIT},
    products::model::{
        Audience, Category, Listed, Position, PriceBounds, Product, ProductFilter, ProductSort, With,
        search::{Stemming, Understood},
    },
    schema::{product_prices, products, shops},
};

diesel::postfix_operator!(IsActive, " = 'ACTIVE'");
diesel::postfix_operator!(IsPositive, " > 0");

type WithShops = LeftJoin<products::table, On<shops::table, Eq<shops::id, products::shop_id>>>;
type InCurrency = And<Eq<product_prices::product_id, products::id>, Eq<product_prices::currency, CurrencyCode>>;
/// With what products cost in the filter's currency.
type WithPrices = LeftJoin<WithShops, On<product_prices::table, InCurrency>>;

/// A filter as the database can look it up.
pub(super) struct Narrowed<'a> {
    pub filter: &'a ProductFilter,
    /// The filter's category and everything below it.
    pub categories: Option<Vec<Id<Category>>>,
    pub search: Option<(Understood, Stemming)>,
}

impl<'a> Narrowed<'a> {
    pub fn of(conn: &mut Conn, filter: &'a ProductFilter) -> Result<Self, Failure> {
        let below = |category| Ok::<_, Failure>(subtree(conn, category)?.into_iter().map(|below| below.id).collect());
        let categories = filter.category.map(below).transpose()?;
        let search = filter.search.as_ref().map(|search| words::understand(conn, search)).transpose()?;
        Ok(Self { filter, categories, search })
    }

    /// The same list, narrowed in fewer ways.
    pub fn with<'b>(&self, filter: &'b ProductFilter) -> Narrowed<'b> {
        let categories = filter.category.and(self.categories.as_ref());
        Narrowed { filter, categories: categories.cloned(), search: self.search.clone() }
    }

    /// Some rows of a query that is narrowed so.
    pub const fn part<Q>(&self, query: Q, limit: i64) -> Part<Q> {
        let planned = if self.search.is_some() { Planned::All } else { Planned::Part };
        Part { query, limit, planned }
    }
}

/// Whether nothing leads to the products of a list as its prices do. What else has an index of its own has one of products for sale.
fn is_found_by_price(filter: &ProductFilter) -> bool {
    filter.price.is_some()
        && filter.search.is_none()
        && filter.tags.is_empty()
        && filter.minimum_rating.is_none()
        && filter.is_available != Some(false)
}

pub(super) fn filtered<'a>(Narrowed { filter, categories, search }: &'a Narrowed<'_>) -> IntoBoxed<'a, WithPrices, Pg> {
    // A join of which nothing is selected costs nothing: Postgres leaves it out, as it does that of prices without a filter by them.
    let currency = filter.price.map_or(CurrencyCode::GBP, |price| price.currency);
    let in_currency = product_prices::product_id.eq(products::id).and(product_prices::currency.eq(currency));
    let mut query = products::table
        .left_join(shops::table.on(shops::id.eq(products::shop_id)))
        .left_join(product_prices::table.on(in_currency))
        .into_boxed();
    match filter.audience {
        // Of what has a price `product_prices` says so, too: else Postgres would go through all active products for some of them.
        Audience::Public if is_found_by_price(filter) => {}
        Audience::Public => query = query.filter(IsActive::new(products::status)),
        Audience::Members(Some(status)) => query = query.filter(products::status.eq(status)),
        Audience::Members(None) => {}
    }
    for tsquery in search.iter().flat_map(|(search, _)| search.tsqueries()) {
        let matches = sql::<Bool>("products.search @@ ").bind::<Text, _>(tsquery);
        query = query.filter(matches.sql("::tsquery"));
    }
    if let Some(categories) = categories {
        query = query.filter(products::category_id.eq_any(categories));
    }
    if let Some(shop) = filter.shop {
        query = query.filter(products::shop_id.eq(shop));
    }
    if let Some(stars) = filter.minimum_rating {
        // What is rated has a rank: so a list by rating is entered where they begin, whatever way it is read.
        let is_rated = IsPositive::new(products::rating_rank);
        query = query.filter(products::rating_average.ge(stars.saturating_mul(10))).filter(is_rated);
    }
    if !filter.tags.is_empty() {
        query = query.filter(products::tags.contains(&filter.tags));
    }
    for wanted in &filter.attributes {
        // What is said by an attribute that its kind has lost is neither shown nor found. The kinds are looked up first: joined,
        // they had Postgres take the products that say so for one, and look each of them up.
        let has = sql::<Bool>("products.product_kind_id = ANY (ARRAY(")
            .sql("SELECT product_kind_id FROM product_kind_attributes WHERE attribute_id = ")
            .bind::<Uuid, _>(wanted.attribute);
        query = query.filter(has.sql("))")).filter(products::id.eq_any(attributes::saying(wanted)));
    }
    match filter.is_available {
        Some(true) => query = query.filter(products::is_available),
        Some(false) => query = query.filter(not(products::is_available)),
        None => {}
    }
    if let Some(price) = filter.price {
        query = query.filter(product_prices::product_id.is_not_null());
        if filter.audience == Audience::Public {
            query = query.filter(product_prices::is_active);
        }
        if let Some(min) = price.min {
            query = query.filter(product_prices::price_min.ge(min));
        }
        if let Some(max) = price.max {
            query = query.filter(product_prices::price_min.le(max));
        }
    }
    query
}

/// A page of products in the order of `sort`.
///
/// # Errors
/// `BAD_USER_INPUT` if the page begins at a place of another order.
pub fn page(
    conn: &mut Conn,
    filter: &ProductFilter,
    sort: ProductSort,
    page: &Page<Position>,
    with: With,
) -> Result<Slice<Listed>, Failure> {
    let narrowed = Narrowed::of(conn, filter)?;
    walk(conn, &narrowed, sort, page, with)
}

pub(super) fn walk(
    conn: &mut Conn,
    narrowed: &Narrowed<'_>,
    sort: ProductSort,
    page: &Page<Position>,
    with: With,
) -> Result<Slice<Listed>, Failure> {
    let mut query = filtered(narrowed).limit(page.fetch_limit());
    if narrowed.filter.audience == Audience::Public && narrowed.filter.price.is_some() {
        query = query.filter(IsActive::new(products::status));
    }
    let ascends = ascends(sort, page.direction);
    let query = match (sort, page.from) {
        (ProductSort::Newest, None | Some(Position::Newest(..))) => {
            let key = || (products::created_at, products::id).into_sql::<Record<(Timestamptz, Uuid)>>();
            let query = match (page.from, ascends) {
                (Some(Position::Newest(at, id)), true) => query.filter(key().gt((at, id))),
                (Some(Position::Newest(at, id)), false) => query.filter(key().lt((at, id))),
                _ => query,
            };
            if ascends {
                query.order((products::created_at.asc(), products::id.asc()))
            } else {
                query.order((products::created_at.desc(), products::id.desc()))
            }
        }
        (ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow, None | Some(Position::Price(..)))
            if narrowed.filter.price.is_some() =>
        {
            let key = || (product_prices::price_min, product_prices::product_id).into_sql::<Record<(BigInt, Uuid)>>();
            let query = match (page.from, ascends) {
                (Some(Position::Price(_, price, id)), true) => query.filter(key().gt((price, id))),
                (Some(Position::Price(_, price, id)), false) => query.filter(key().lt((price, id))),
                _ => query,
            };
            let query = if ascends {
                query.order((product_prices::price_min.asc(), product_prices::product_id.asc()))
            } else {
                query.order((product_prices::price_min.desc(), product_prices::product_id.desc()))
            };
            return Ok(page.slice(load_priced(conn, query, with)?));
        }
        (ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow, None | Some(Position::Price(..))) => {
            let key =
                || (products::currency, products::price_min, products::id).into_sql::<Record<(Text, BigInt, Uuid)>>();
            let query = match (page.from, ascends) {
                (Some(Position::Price(currency, price, id)), true) => query.filter(key().gt((currency, price, id))),
                (Some(Position::Price(currency, price, id)), false) => query.filter(key().lt((currency, price, id))),
                _ => query,
            };
            if ascends {
                query.order((products::currency.asc(), products::price_min.asc(), products::id.asc()))
            } else {
                query.order((products::currency.desc(), products::price_min.desc(), products::id.desc()))
            }
        }
        (ProductSort::BestSelling, None | Some(Position::Sold(..))) => {
            let key = || (products::sold_count, products::id).into_sql::<Record<(BigInt, Uuid)>>();
            let query = match (page.from, ascends) {
                (Some(Position::Sold(sold, id)), true) => query.filter(key().gt((sold, id))),
                (Some(Position::Sold(sold, id)), false) => query.filter(key().lt((sold, id))),
                _ => query,
            };
            if ascends {
                query.order((products::sold_count.asc(), products::id.asc()))
            } else {
                query.order((products::sold_count.desc(), products::id.desc()))
            }
        }
        (ProductSort::Rating, None | Some(Position::Rating(..))) => {
            let key = || (products::rating_rank, products::id).into_sql::<Record<(Integer, Uuid)>>();
            let query = match (page.from, ascends) {
                (Some(Position::Rating(rank, id)), true) => query.filter(key().gt((rank, id))),
                (Some(Position::Rating(rank, id)), false) => query.filter(key().lt((rank, id))),
                _ => query,
            };
            if ascends {
                query.order((products::rating_rank.asc(), products::id.asc()))
            } else {
                query.order((products::rating_rank.desc(), products::id.desc()))
            }
        }
        _ => return Err(another_list()),
    };
    Ok(page.slice(load(conn, query, with)?))
}

/// Whether a page is read up the index: of prices that is the list's own way, of the rest backwards.
pub(super) fn ascends(sort: ProductSort, direction: Direction) -> bool {
    matches!(sort, ProductSort::PriceLowToHigh) == (direction == Direction::Forward)
}

#[allow(unused_parens, clippy::double_parens, reason = "in pairs, where there is one more column")]
pub(super) fn load(conn: &mut Conn, query: IntoBoxed<'_, WithPrices, Pg>, with: With) -> Result<Vec<Listed>, Failure> {
    Ok(load_listed!(query, conn, with))
}

/// As [`load`], with what each product costs in the filter's currency.
pub(super) fn load_priced(
    conn: &mut Conn,
    query: IntoBoxed<'_, WithPrices, Pg>,
    with: With,
) -> Result<Vec<Listed>, Failure> {
    let price = (product_prices::currency, product_prices::price_min).nullable();
    let rows = load_listed!(query, conn, with, price => price);
    Ok(rows.into_iter().map(|(listed, price)| Listed { price, ..listed }).collect())
}

pub(super) fn another_list() -> Failure {
    Failure::BadUserInput("this cursor is not one of this list".into())
}

/// How many products a list has, counted to one more than [`COUNT_LIMIT`].
pub fn count(conn: &mut Conn, filter: &ProductFilter, sort: ProductSort) -> Result<i64, Failure> {
    if let Some(price) = filter.price_alone() {
        return count_priced(conn, price);
    }
    let mut narrowed = Narrowed::of(conn, filter)?;
    if narrowed.search.is_some() {
        let some = |conn: &mut Conn, narrowed: &Narrowed<'_>| {
            let limit = i64::try_from(ENOUGH).unwrap_or(i64::MAX);
            Ok(narrowed.part(filtered(narrowed).select(products::id), limit).load::<Id<Product>>(conn)?)
        };
        found(conn, &mut narrowed, sort, some)?;
    }
    let query = filtered(&narrowed).select(products::id);
    Ok(Counted(narrowed.part(query, COUNT_LIMIT + 1)).get_result(conn)?)
}

/// How many products for sale have a price in these bounds: by an index alone.
fn count_priced(conn: &mut Conn, PriceBounds { currency, min, max }: PriceBounds) -> Result<i64, Failure> {
    let priced = product_prices::table
        .filter(product_prices::is_active)
        .filter(product_prices::currency.eq(currency))
        .filter(product_prices::price_min.between(min.unwrap_or(0), max.unwrap_or(i64::MAX)));
    Ok(Counted(priced.select(product_prices::product_id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// Products of a list that were for sale for the first time after `since` and not after `until`, some of the last ones, the last one first. Of a search
/// those that have all words.
pub fn offered(
    conn: &mut Conn,
    filter: &ProductFilter,
    (since, until): (Time, Time),
    limit: i64,
) -> Result<Vec<Listed>, Failure> {
    let narrowed = Narrowed::of(conn, filter)?;
    let query = filtered(&narrowed)
        .filter(IsActive::new(products::status))
        .filter(products::offered_at.gt(since))
        .filter(products::offered_at.le(until))
        .order((products::offered_at.desc(), products::id.desc()))
        .limit(limit);
    load(conn, query, With::default())
}

/// When something was for sale for the first time last that still is.
pub fn last_offered(conn: &mut Conn) -> Result<Option<Time>, Failure> {
    let noted = products::table.filter(IsActive::new(products::status)).filter(products::offered_at.is_not_null());
    let last = noted.order((products::offered_at.desc(), products::id.desc()));
    Ok(last.select(products::offered_at.assume_not_null()).first(conn).optional()?)
}
