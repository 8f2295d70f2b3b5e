//! What products of a list say, counted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    hash::Hash,
};

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};

use super::{
    categories,
    fits::{Filterable, Fit},
    found::found,
    lists::{Narrowed, filtered},
};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::db::Conn,
    products::model::{
        Category, CategoryBy, ProductFilter, ProductSort, Way,
        attributes::{Attribute, ProductKind},
        facets::{AttributeFacet, Counted, FacetKind, Facets, MAXIMUM_COUNTED, PriceFacet, Value},
    },
    schema::{attributes, product_kind_attributes, products},
};

/// Values of one way to narrow a list, and attributes, that are told at most: the frequent ones.
const MAXIMUM_VALUES: usize = 100;
const MAXIMUM_ATTRIBUTES: usize = 50;

/// Counts what the products of a list in an order say, of the kinds that are asked for. The products that are found are gone through
/// once, not narrowed in the ways that are counted without their own; one by one, for each of these once more, if they are too many.
pub fn facets(
    conn: &mut Conn,
    filter: &ProductFilter,
    sort: ProductSort,
    kinds: &[FacetKind],
) -> Result<Facets, Failure> {
    let mut narrowed = Narrowed::of(conn, filter)?;
    let ways: Vec<Way> = filter.ways().into_iter().filter(|way| kinds.contains(&way.kind())).collect();
    let ground = ways.iter().fold(filter.clone(), |wider, way| wider.without(*way));
    let mut open = narrowed.with(&ground);
    // What nothing narrows is the whole market: it is gone through where that says something by itself.
    let is_at_once = ways.len() < 2 || ground != ProductFilter::all();
    let found = if is_at_once { found(conn, &mut open, sort, counted)?.pop().unwrap_or_default() } else { Vec::new() };
    narrowed.search = open.search;
    let is_whole = is_at_once && found.len() <= MAXIMUM_COUNTED;
    let mut is_exact = true;
    let mut passes = Vec::new();
    if !is_whole {
        for way in std::iter::once(None).chain(ways.iter().copied().map(Some)) {
            let wider = way.map_or_else(|| filter.clone(), |way| filter.clone().without(way));
            let mut rows =
                if is_at_once && wider == ground { found.clone() } else { counted(conn, &narrowed.with(&wider))? };
            is_exact &= rows.len() <= MAXIMUM_COUNTED;
            rows.truncate(MAXIMUM_COUNTED);
            passes.push((way, rows));
        }
    }
    let filterable = if kinds.contains(&FacetKind::Attributes) {
        filterable(conn, found.iter().chain(passes.iter().flat_map(|(_, rows)| rows)))?
    } else {
        Filterable::new()
    };
    let fit = Fit::of(&narrowed, &filterable);
    let rows = |way: Option<Way>| -> Vec<&Counted> {
        if is_whole {
            let fits = |row: &&Counted| ways.iter().all(|other| way == Some(*other) || fit.has(*other, row));
            return found.iter().filter(fits).collect();
        }
        let pass = passes.iter().find(|(other, _)| *other == way);
        pass.into_iter().flat_map(|(_, rows)| rows).collect()
    };
    let all = rows(None);
    let without = |way: Way| if ways.contains(&way) { rows(Some(way)) } else { all.clone() };

    let mut facets = Facets { total: i64::try_from(all.len()).unwrap_or(i64::MAX), is_exact, ..Facets::default() };
    for kind in kinds {
        match kind {
            FacetKind::Categories => {
                let direct = frequent(without(Way::Category).iter().filter_map(|row| row.category));
                facets.categories = with_all_below(conn, &direct, filter.category)?;
            }
            FacetKind::Shops => {
                facets.shops = frequent(without(Way::Shop).iter().map(|row| row.shop));
                facets.shops.truncate(MAXIMUM_VALUES);
            }
            FacetKind::Tags => {
                facets.tags = frequent(all.iter().flat_map(|row| row.tags.iter().cloned()));
                facets.tags.truncate(MAXIMUM_VALUES);
            }
            FacetKind::Prices => facets.prices = prices(&without(Way::Price)),
            FacetKind::Availability => {
                facets.availability = frequent(without(Way::Availability).iter().map(|row| row.is_available));
            }
            FacetKind::Ratings => facets.ratings = ratings(&without(Way::Rating)),
            FacetKind::Attributes => {
                facets.attributes = said(&all, &filterable, None);
                for way in &ways {
                    if let Way::Attribute(attribute) = way {
                        facets.attributes.retain(|facet| facet.attribute != *attribute);
                        facets.attributes.extend(said(&rows(Some(*way)), &filterable, Some(*attribute)));
                    }
                }
                facets.attributes.sort_by_key(|facet| (Reverse(facet.count), facet.attribute));
                facets.attributes.truncate(MAXIMUM_ATTRIBUTES);
            }
        }
    }
    Ok(facets)
}

/// One more than are counted, at the most. All that is counted of a product stands in its row: to look it up elsewhere for each of ten
/// thousand takes longer than to find them.
fn counted(conn: &mut Conn, narrowed: &Narrowed<'_>) -> Result<Vec<Counted>, Failure> {
    let query = filtered(narrowed).select((
        products::category_id,
        products::shop_id,
        products::product_kind_id,
        products::rating_average,
        products::tags,
        products::is_available,
        products::currency,
        products::price_min,
        products::other_prices,
        products::said,
    ));
    let limit = i64::try_from(MAXIMUM_COUNTED + 1).unwrap_or(i64::MAX);
    Ok(narrowed.part(query, limit).load(conn)?)
}

/// Which attributes that lists can be filtered by the kinds of some products have.
fn filterable<'a>(conn: &mut Conn, rows: impl Iterator<Item = &'a Counted>) -> Result<Filterable, Failure> {
    let kinds: HashSet<_> = rows.filter_map(|row| row.kind).collect();
    if kinds.is_empty() {
        return Ok(Filterable::new());
    }
    let of_kinds = product_kind_attributes::table
        .inner_join(attributes::table.on(attributes::id.eq(product_kind_attributes::attribute_id)))
        .filter(product_kind_attributes::product_kind_id.eq_any(kinds))
        .filter(attributes::is_filterable)
        .select((product_kind_attributes::product_kind_id, product_kind_attributes::attribute_id));
    Ok(of_kinds.load::<(Id<ProductKind>, Id<Attribute>)>(conn)?.into_iter().collect())
}

/// How often each value is there, the frequent ones first.
fn frequent<T: Hash + Ord>(values: impl Iterator<Item = T>) -> Vec<(T, i64)> {
    let mut counts = HashMap::<T, i64>::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(one, ones), (other, others)| others.cmp(ones).then_with(|| one.cmp(other)));
    counts
}

/// Between which bounds the products' lowest prices are, in each currency that any of them has prices in.
fn prices(rows: &[&Counted]) -> Vec<PriceFacet> {
    let mut facets = BTreeMap::<CurrencyCode, PriceFacet>::new();
    for (currency, price) in rows.iter().flat_map(|row| row.prices()) {
        let new = PriceFacet { currency, min: price, max: price, count: 0 };
        let facet = facets.entry(currency).or_insert(new);
        (facet.min, facet.max) = (facet.min.min(price), facet.max.max(price));
        facet.count += 1;
    }
    let mut facets: Vec<_> = facets.into_values().collect();
    facets.sort_by_key(|facet| (Reverse(facet.count), facet.currency));
    facets
}

/// What is well rated is among what is rated worse, too.
fn ratings(rows: &[&Counted]) -> Vec<(i32, i64)> {
    let count = |stars: i32| rows.iter().filter(|row| row.rating >= stars * 10).count();
    let all = (1..=4).rev().map(|stars| (stars, i64::try_from(count(stars)).unwrap_or(i64::MAX)));
    all.filter(|(_, count)| *count > 0).collect()
}

/// Counts of categories with what is below them: of the top of the tree, and of what is right below the chosen one and each one
/// above it.
fn with_all_below(
    conn: &mut Conn,
    direct: &[(Id<Category>, i64)],
    chosen: Option<Id<Category>>,
) -> Result<Vec<(Id<Category>, i64)>, Failure> {
    let ids: Vec<_> = direct.iter().map(|(id, _)| *id).chain(chosen).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<_> = ids.iter().copied().map(CategoryBy::Id).collect();
    let mut parents: HashMap<_, _> =
        categories::by_names(conn, &names)?.into_iter().map(|category| (category.id, category.parent_id)).collect();
    let mut above = HashMap::<_, Vec<_>>::new();
    for (origin, category) in categories::ancestors(conn, &ids)? {
        parents.insert(category.id, category.parent_id);
        above.entry(origin).or_default().push(category.id);
    }
    let above = |id: &Id<Category>| above.get(id).into_iter().flatten().copied();
    let mut counts = HashMap::<_, i64>::new();
    for (id, count) in direct {
        for id in above(id).chain([*id]) {
            *counts.entry(id).or_default() += count;
        }
    }
    let open: HashSet<_> = chosen.into_iter().chain(chosen.iter().flat_map(above)).collect();
    let is_shown =
        |id: &Id<Category>| parents.get(id).is_some_and(|parent| parent.is_none_or(|parent| open.contains(&parent)));
    let mut counts: Vec<_> = counts.into_iter().filter(|(id, _)| is_shown(id)).collect();
    counts.sort_unstable_by_key(|(id, count)| (Reverse(*count), above(id).count(), *id));
    counts.truncate(MAXIMUM_VALUES);
    Ok(counts)
}

/// What products say by attributes that lists can be filtered by, and that their kind has: by all of them, or by one.
fn said(rows: &[&Counted], filterable: &Filterable, only: Option<Id<Attribute>>) -> Vec<AttributeFacet> {
    let mut counts = HashMap::<(Id<Attribute>, Value), i64>::new();
    for (row, kind) in rows.iter().filter_map(|row| Some((row, row.kind?))) {
        for (attribute, value) in row.said() {
            if only.is_none_or(|only| only == attribute) && filterable.contains(&(kind, attribute)) {
                *counts.entry((attribute, value)).or_default() += 1;
            }
        }
    }
    let mut facets = BTreeMap::<Id<Attribute>, AttributeFacet>::new();
    for ((attribute, value), count) in counts {
        let facet = facets.entry(attribute).or_insert_with(|| AttributeFacet {
            attribute,
            count: 0,
            choices: Vec::new(),
            booleans: Vec::new(),
            numbers: None,
            dates: None,
        });
        facet.count += count;
        match value {
            Value::Choice(choice) => facet.choices.push((choice, count)),
            Value::Boolean(is_true) => facet.booleans.push((is_true, count)),
            Value::Number(number) => facet.numbers = Some(widened(facet.numbers, number)),
            Value::Date(date) => facet.dates = Some(widened(facet.dates, date)),
        }
    }
    let mut facets: Vec<_> = facets.into_values().collect();
    for facet in &mut facets {
        facet.choices.sort_unstable_by_key(|(id, count)| (Reverse(*count), *id));
        facet.booleans.sort_unstable_by_key(|(is_true, _)| Reverse(*is_true));
    }
    facets
}

/// Bounds that a value lies in, too.
fn widened<T: Ord + Copy>(bounds: Option<(T, T)>, value: T) -> (T, T) {
    bounds.map_or((value, value), |(min, max)| (min.min(value), max.max(value)))
}
