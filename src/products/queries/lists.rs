//! Lists of products: keyset pages by row comparison, and sizes.
//!
//! An absent filter is absent from the SQL. The predicate of the partial indexes is a literal, for a generic plan cannot
//! know that a parameter is `ACTIVE`; and it is no `sql("…")`, which would keep the statement out of the cache.

use std::collections::HashSet;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, JoinOnDsl, NullableExpressionMethods, PgArrayExpressionMethods,
    QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{And, Eq, IntoBoxed, LeftJoin, On, not, sql},
    pg::Pg,
    sql_types::{BigInt, Bool, Record, Text, Timestamptz, Uuid},
};

use super::{attributes, categories::subtree, words};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Direction, Page, Slice},
    },
    platform::{counted::Counted, db::Conn, gql::COUNT_LIMIT},
    products::model::{
        Audience, Category, Listed, Position, PriceBounds, Product, ProductFilter, ProductSort, With,
        search::{Relevance, Seen, Stemming, Understood},
    },
    schema::{product_kind_attributes, product_prices, products, shops},
};

/// What a search finds is put in order here if it is no more than this.
const FEW: i64 = 2_000;
/// Of what a search finds, if it is more, those that were sold most often are put in order by relevance.
const CANDIDATES: i64 = 500;
/// Products on a page that need no others to fill it.
const ENOUGH: usize = 10;
/// More than the mark of any product: whatever has fewer of the words comes after what has more.
const MARKS: i64 = 10_000;

diesel::postfix_operator!(IsActive, " = 'ACTIVE'");

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
        Audience::Public if filter.price.is_some() && filter.search.is_none() && filter.tags.is_empty() => {}
        Audience::Public => query = query.filter(IsActive::new(products::status)),
        Audience::Members(Some(status)) => query = query.filter(products::status.eq(status)),
        Audience::Members(None) => {}
    }
    if let Some((search, _)) = search {
        let matches = sql::<Bool>("products.search @@ ").bind::<Text, _>(search.tsquery());
        query = query.filter(matches.sql("::tsquery"));
    }
    if let Some(categories) = categories {
        query = query.filter(products::category_id.eq_any(categories));
    }
    if let Some(shop) = filter.shop {
        query = query.filter(products::shop_id.eq(shop));
    }
    if !filter.tags.is_empty() {
        query = query.filter(products::tags.contains(&filter.tags));
    }
    for wanted in &filter.attributes {
        // What is said by an attribute that its kind has lost is neither shown nor found.
        let kinds = product_kind_attributes::table
            .filter(product_kind_attributes::attribute_id.eq(wanted.attribute))
            .select(product_kind_attributes::product_kind_id.nullable());
        query = query
            .filter(products::product_kind_id.eq_any(kinds))
            .filter(products::id.eq_any(attributes::saying(wanted)));
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

fn walk(
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
        _ => return Err(another_list()),
    };
    Ok(page.slice(load(conn, query, with)?))
}

/// Whether a page is read up the index: of prices that is the list's own way, of the rest backwards.
fn ascends(sort: ProductSort, direction: Direction) -> bool {
    matches!(sort, ProductSort::PriceLowToHigh) == (direction == Direction::Forward)
}

#[allow(unused_parens, clippy::double_parens, reason = "in pairs, where there is one more column")]
fn load(conn: &mut Conn, query: IntoBoxed<'_, WithPrices, Pg>, with: With) -> Result<Vec<Listed>, Failure> {
    Ok(load_listed!(query, conn, with))
}

/// As [`load`], with what each product costs in the filter's currency.
fn load_priced(conn: &mut Conn, query: IntoBoxed<'_, WithPrices, Pg>, with: With) -> Result<Vec<Listed>, Failure> {
    let price = (product_prices::currency, product_prices::price_min).nullable();
    let rows = load_listed!(query, conn, with, price => price);
    Ok(rows.into_iter().map(|(listed, price)| Listed { price, ..listed }).collect())
}

/// A page of what a search finds or a category holds, and how many products that is if they are few: then they are put in
/// order here. Postgres cannot tell how many products have a word, and for one that few have would walk through the whole list
/// to fill a page; and a category with everything below it stands in no order in an index.
///
/// # Errors
/// As [`page`].
pub fn search(
    conn: &mut Conn,
    filter: &ProductFilter,
    sort: ProductSort,
    page: &Page<Position>,
    with: With,
) -> Result<(Slice<Listed>, Option<i64>), Failure> {
    let mut narrowed = Narrowed::of(conn, filter)?;
    let mut are_many = false;
    let levels = found(conn, &mut narrowed, sort, |conn, narrowed| {
        let hits = hits(conn, narrowed, sort)?;
        are_many = i64::try_from(hits.len()).is_ok_and(|length| length > FEW);
        if are_many && sort == ProductSort::Relevance { best_sold(conn, narrowed) } else { Ok(hits) }
    })?;
    if are_many && sort != ProductSort::Relevance {
        return Ok((walk(conn, &narrowed, sort, page, with)?, None));
    }
    let mut hits = in_levels(levels);
    let total = (!are_many).then_some(i64::try_from(hits.len()).unwrap_or(i64::MAX));
    let ascends = ascends(sort, page.direction);
    if let Some(from) = page.from {
        if !from.is_of(sort) {
            return Err(another_list());
        }
        hits.retain(|hit| if ascends { *hit > from } else { *hit < from });
    }
    if ascends {
        hits.sort_unstable();
    } else {
        hits.sort_unstable_by(|one, other| other.cmp(one));
    }
    hits.truncate(usize::try_from(page.fetch_limit()).unwrap_or(usize::MAX));
    let Slice { items: places, has_next, has_previous } = page.slice(hits);
    let ids: Vec<_> = places.iter().map(Position::product).collect();
    // By their ids alone: Postgres would search once more. What is no longer for everybody's eyes stays out.
    let found = ProductFilter { audience: filter.audience, ..ProductFilter::all() };
    let found = Narrowed { filter: &found, categories: None, search: None };
    let mut items = load(conn, filtered(&found).filter(products::id.eq_any(&ids)), with)?;
    items.sort_by_key(|row| ids.iter().position(|id| *id == row.card.id));
    for row in &mut items {
        match places.iter().find(|place| place.product() == row.card.id) {
            Some(Position::Relevance(mark, _)) => row.mark = *mark,
            Some(Position::Price(currency, price, _)) => row.price = Some((*currency, *price)),
            _ => {}
        }
    }
    Ok((Slice { items, has_next, has_previous }, total))
}

/// What is found by all of the words, and while the search finds too few products for sale, what is found by words that are
/// spelled almost like them, and by fewer of them: each a level of its own, the last of which has all. What a list is narrowed by
/// beside has no say in how many levels there are, so that all lists and counts of a search are of the same products.
pub(super) fn found<T>(
    conn: &mut Conn,
    narrowed: &mut Narrowed<'_>,
    sort: ProductSort,
    mut find: impl FnMut(&mut Conn, &Narrowed<'_>) -> Result<Vec<T>, Failure>,
) -> Result<Vec<Vec<T>>, Failure> {
    // Where what fits best comes first, a page is filled with what fits less; elsewhere that would stand among the rest.
    let enough = if sort == ProductSort::Relevance { ENOUGH } else { 1 };
    let mut levels = vec![find(conn, narrowed)?];
    while let Some((search, _)) = &mut narrowed.search {
        let found = levels.last().map_or(0, Vec::len);
        let found = if found >= enough || narrowed.filter.is_search_alone() {
            found
        } else {
            words::count(conn, search, enough)?
        };
        if found >= enough {
            break;
        }
        if found == 0 && words::widen(conn, search)? {
            levels.clear();
        } else if let Some(less) = search.for_less() {
            *search = less;
        } else {
            break;
        }
        levels.push(find(conn, narrowed)?);
    }
    Ok(levels)
}

/// Places of several levels, each product once: what stands in a later level only comes after all of the earlier ones.
fn in_levels(levels: Vec<Vec<Position>>) -> Vec<Position> {
    let (mut known, mut all) = (HashSet::new(), Vec::new());
    for (below, level) in (0..).zip(levels) {
        let new = level.into_iter().filter(|hit| known.insert(hit.product()));
        all.extend(new.map(|hit| hit.lowered(below * MARKS)));
    }
    all
}

/// Where the products that are found stand in the list, in no order: one more than [`FEW`] at the most.
fn hits(conn: &mut Conn, narrowed: &Narrowed<'_>, sort: ProductSort) -> Result<Vec<Position>, Failure> {
    let query = filtered(narrowed).limit(FEW + 1);
    Ok(match sort {
        ProductSort::Newest => {
            let rows: Vec<_> = query.select((products::created_at, products::id)).load(conn)?;
            rows.into_iter().map(|(at, id)| Position::Newest(at, id)).collect()
        }
        ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow if narrowed.filter.price.is_some() => {
            let price = (product_prices::currency, product_prices::price_min, products::id).assume_not_null();
            let rows: Vec<_> = query.select(price).load(conn)?;
            rows.into_iter().map(|(currency, price, id)| Position::Price(currency, price, id)).collect()
        }
        ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow => {
            let rows: Vec<_> = query.select((products::currency, products::price_min, products::id)).load(conn)?;
            rows.into_iter().map(|(currency, price, id)| Position::Price(currency, price, id)).collect()
        }
        ProductSort::BestSelling => {
            let rows: Vec<_> = query.select((products::sold_count, products::id)).load(conn)?;
            rows.into_iter().map(|(sold, id)| Position::Sold(sold, id)).collect()
        }
        ProductSort::Relevance => marked(narrowed, query.select(SEEN).load(conn)?),
    })
}

type SeenColumns = (products::id, products::title, products::brand, products::tags, products::sold_count);
type SeenRow = (Id<Product>, String, String, Vec<String>, i64);
const SEEN: SeenColumns = (products::id, products::title, products::brand, products::tags, products::sold_count);

/// Where the products that were sold most often among those that are found stand in the list by relevance.
fn best_sold(conn: &mut Conn, narrowed: &Narrowed<'_>) -> Result<Vec<Position>, Failure> {
    let query = filtered(narrowed).order((products::sold_count.desc(), products::id.desc())).limit(CANDIDATES);
    Ok(marked(narrowed, query.select(SEEN).load(conn)?))
}

/// Without words to fit, what was sold most often stands first.
fn marked(Narrowed { search, .. }: &Narrowed<'_>, rows: Vec<SeenRow>) -> Vec<Position> {
    let mut relevance = search.as_ref().map(|(search, stemming)| Relevance::new(search, stemming));
    let place = |(id, title, brand, tags, sold_count)| {
        let mark =
            relevance.as_mut().map_or(sold_count, |relevance| relevance.mark(&Seen { title, brand, tags, sold_count }));
        Position::Relevance(mark, id)
    };
    rows.into_iter().map(place).collect()
}

fn another_list() -> Failure {
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
            Ok(filtered(narrowed)
                .select(products::id)
                .limit(i64::try_from(ENOUGH).unwrap_or(i64::MAX))
                .load::<Id<Product>>(conn)?)
        };
        found(conn, &mut narrowed, sort, some)?;
    }
    Ok(Counted(filtered(&narrowed).select(products::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// How many products for sale have a price in these bounds: by an index alone.
fn count_priced(conn: &mut Conn, PriceBounds { currency, min, max }: PriceBounds) -> Result<i64, Failure> {
    let priced = product_prices::table
        .filter(product_prices::is_active)
        .filter(product_prices::currency.eq(currency))
        .filter(product_prices::price_min.between(min.unwrap_or(0), max.unwrap_or(i64::MAX)));
    Ok(Counted(priced.select(product_prices::product_id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}
