//! What a search finds, in order. Postgres finds it; how well it fits is reckoned here.

use std::collections::HashSet;

use diesel::{ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl};

use super::{
    lists::{Narrowed, another_list, ascends, filtered, load, walk},
    words,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::db::Conn,
    products::model::{
        Listed, Position, Product, ProductFilter, ProductSort, With,
        search::{Relevance, Seen},
    },
    schema::{product_prices, products},
};

/// What a search finds is put in order here if it is no more than this.
const FEW: i64 = 2_000;
/// Of what a search finds, if it is more, those that were sold most often are put in order by relevance.
const CANDIDATES: i64 = 500;
/// Products on a page that need no others to fill it.
pub(super) const ENOUGH: usize = 10;
/// More than the mark of any product: whatever has fewer of the words comes after what has more.
const MARKS: i64 = 10_000;

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
