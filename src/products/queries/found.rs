//! What a search finds, in order. Postgres finds it; how well it fits is reckoned here.

use std::collections::{HashMap, HashSet};

use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::sql,
    expression::{AsExpression, SqlLiteral, UncheckedBind},
    sql_types::{Bool, Text},
};

use super::{
    lists::{Narrowed, another_list, ascends, filtered, load, walk},
    part::OfBestSold,
    translations, words,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{counted::Counted, db::Conn, gql::COUNT_LIMIT},
    products::model::{
        Listed, Position, Product, ProductFilter, ProductSort, With,
        search::{Relevance, Seen},
    },
    schema::{product_prices, products},
};

/// What a search finds is put in order here if it is no more than this.
const FEW: i64 = 2_000;
/// Of what a search finds, if it is more, so many that were sold most often are put in order by relevance, of no more than are
/// looked at for it.
const CANDIDATES: usize = 500;
const LOOKED_AT: i64 = COUNT_LIMIT;
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
    let mut chosen_of = None;
    let mut has_more = false;
    let levels = found(conn, &mut narrowed, sort, |conn, narrowed| {
        (has_more, chosen_of) = (false, None);
        if sort != ProductSort::Relevance || !are_many_surely(narrowed) {
            let hits = hits(conn, narrowed, sort)?;
            has_more = are_many(hits.len());
            if !has_more || sort != ProductSort::Relevance {
                return Ok(hits);
            }
        }
        let Chosen { positions, of } = best_sold(conn, narrowed)?;
        chosen_of = Some(of);
        Ok(positions)
    })?;
    if has_more && sort != ProductSort::Relevance {
        return Ok((walk(conn, &narrowed, sort, page, with)?, None));
    }
    let mut hits = in_levels(levels);
    // The last level has all of the others.
    let total = Some(i64::try_from(chosen_of.unwrap_or(hits.len())).unwrap_or(i64::MAX));
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
    loop {
        let found = levels.last().map_or(0, Vec::len);
        let is_known = found >= enough || narrowed.search.is_none() || narrowed.filter.is_search_alone();
        let found = if is_known { found } else { for_sale(conn, narrowed, enough)? };
        let Some((search, _)) = &mut narrowed.search else { break };
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

/// How many products for sale the words alone find, counted to `limit`.
fn for_sale(conn: &mut Conn, narrowed: &Narrowed<'_>, limit: usize) -> Result<usize, Failure> {
    let all = ProductFilter::all();
    let narrowed = narrowed.with(&all);
    let query = filtered(&narrowed).select(products::id);
    let count: i64 = Counted(narrowed.part(query, i64::try_from(limit).unwrap_or(i64::MAX))).get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or_default())
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

/// Whether so many are more than [`FEW`].
fn are_many(hits: usize) -> bool {
    i64::try_from(hits).is_ok_and(|hits| hits > FEW)
}

/// Whether what is known of the words says so already.
fn are_many_surely(narrowed: &Narrowed<'_>) -> bool {
    let few = i32::try_from(FEW).unwrap_or(i32::MAX);
    narrowed.filter.is_search_alone() && narrowed.search.as_ref().is_some_and(|(search, _)| search.finds_more_than(few))
}

/// Where the products that are found stand in the list, in no order: one more than [`FEW`] at the most.
fn hits(conn: &mut Conn, narrowed: &Narrowed<'_>, sort: ProductSort) -> Result<Vec<Position>, Failure> {
    let query = filtered(narrowed);
    let limit = FEW + 1;
    Ok(match sort {
        ProductSort::Newest => {
            let rows: Vec<_> = narrowed.part(query.select((products::created_at, products::id)), limit).load(conn)?;
            rows.into_iter().map(|(at, id)| Position::Newest(at, id)).collect()
        }
        ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow if narrowed.filter.price.is_some() => {
            let price = (product_prices::currency, product_prices::price_min, products::id).assume_not_null();
            let rows: Vec<_> = narrowed.part(query.select(price), limit).load(conn)?;
            rows.into_iter().map(|(currency, price, id)| Position::Price(currency, price, id)).collect()
        }
        ProductSort::PriceLowToHigh | ProductSort::PriceHighToLow => {
            let rows: Vec<_> = narrowed
                .part(query.select((products::currency, products::price_min, products::id)), limit)
                .load(conn)?;
            rows.into_iter().map(|(currency, price, id)| Position::Price(currency, price, id)).collect()
        }
        ProductSort::BestSelling => {
            let rows: Vec<_> = narrowed.part(query.select((products::sold_count, products::id)), limit).load(conn)?;
            rows.into_iter().map(|(sold, id)| Position::Sold(sold, id)).collect()
        }
        ProductSort::Rating => {
            let rows: Vec<_> = narrowed.part(query.select((products::rating_rank, products::id)), limit).load(conn)?;
            rows.into_iter().map(|(rank, id)| Position::Rating(rank, id)).collect()
        }
        ProductSort::Relevance => {
            let rows: Vec<SeenRow> = narrowed.part(query.select(seen(narrowed)), limit).load(conn)?;
            if are_many(rows.len()) {
                // Others take their place.
                return Ok(rows.into_iter().map(|(id, ..)| Position::Relevance(0, id)).collect());
            }
            marked(conn, narrowed, rows)?
        }
    })
}

type SeenColumns = (products::id, products::title, products::brand, products::tags, products::sold_count, SaysAll);
type SeenRow = (Id<Product>, String, String, Vec<String>, i64, bool);
type SaysAll = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, <String as AsExpression<Text>>::Expression>>;

/// What is looked at of products that a search has found.
fn seen(Narrowed { search, .. }: &Narrowed<'_>) -> SeenColumns {
    let words = search.as_ref().map(|(search, _)| search.tsquery_besides_description()).unwrap_or_default();
    let says_all = sql::<Bool>("products.search @@ ").bind::<Text, _>(words).sql("::tsquery");
    (products::id, products::title, products::brand, products::tags, products::sold_count, says_all)
}

/// Candidates for a list by relevance, where they stand in it, and of how many they were chosen: one more than [`LOOKED_AT`] at the most.
struct Chosen {
    positions: Vec<Position>,
    of: usize,
}

/// Of more than [`FEW`] that are found, those that were sold most often. Of more than are looked at, those are among them that are also
/// among what the whole market sold most often.
fn best_sold(conn: &mut Conn, narrowed: &Narrowed<'_>) -> Result<Chosen, Failure> {
    let sold = (products::sold_count, products::id);
    let query = filtered(narrowed).select(sold);
    let mut all: Vec<(i64, Id<Product>)> = narrowed.part(query, LOOKED_AT + 1).load(conn)?;
    let of = all.len();
    if i64::try_from(of).is_ok_and(|length| length > LOOKED_AT) {
        let query = filtered(narrowed).order((products::sold_count.desc(), products::id.desc())).select(sold);
        let limit = i64::try_from(CANDIDATES).unwrap_or(i64::MAX);
        all.extend(OfBestSold(query.limit(limit)).load::<(i64, Id<Product>)>(conn)?);
    }
    if are_many(of) {
        all.sort_unstable_by(|one, other| other.cmp(one));
        all.dedup();
        all.truncate(CANDIDATES);
    }
    let ids: Vec<_> = all.into_iter().map(|(_, id)| id).collect();
    let rows = products::table.filter(products::id.eq_any(ids)).select(seen(narrowed)).load(conn)?;
    Ok(Chosen { positions: marked(conn, narrowed, rows)?, of })
}

/// Without words to fit, what was sold most often stands first.
fn marked(
    conn: &mut Conn,
    Narrowed { search, .. }: &Narrowed<'_>,
    rows: Vec<SeenRow>,
) -> Result<Vec<Position>, Failure> {
    let Some((search, stemming)) = search else {
        return Ok(rows.into_iter().map(|(id, .., sold_count, _)| Position::Relevance(sold_count, id)).collect());
    };
    let mut others = HashMap::<_, Vec<String>>::new();
    if !search.read.is_empty() {
        let ids: Vec<_> = rows.iter().map(|(id, ..)| *id).collect();
        for (id, title) in translations::titles(conn, &ids, &search.read)? {
            others.entry(id).or_default().push(title);
        }
    }
    let mut relevance = Relevance::new(search, stemming);
    let place = |(id, title, brand, tags, sold_count, says_all)| {
        let mut seen = Seen { title, brand, tags, sold_count, says_all };
        let mut mark = relevance.mark(&seen);
        // The title that fits best, of those that whoever looks may read.
        for title in others.remove(&id).unwrap_or_default() {
            seen.title = title;
            mark = mark.max(relevance.mark(&seen));
        }
        Position::Relevance(mark, id)
    };
    Ok(rows.into_iter().map(place).collect())
}
