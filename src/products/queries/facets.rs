//! What products of a list say, counted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    hash::Hash,
};

use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl,
    dsl::{count_star, max, min},
    sql_types::{Array, BigInt, Bool, Nullable, Uuid},
};

use super::{
    categories,
    fits::{Apart, Fit, Meeting},
    found::found,
    lists::{Narrowed, filtered},
};
use crate::{
    kernel::{date::Date, error::Failure, id::Id},
    platform::db::Conn,
    products::model::{
        Category, CategoryBy, ProductFilter, ProductSort, Way,
        attributes::{Attribute, Choice},
        facets::{AttributeFacet, Counted, FacetKind, Facets, MAXIMUM_COUNTED, PriceFacet},
    },
    schema::{product_prices, products},
};

/// Values of one way to narrow a list, and attributes, that are told at most: the frequent ones.
const MAXIMUM_VALUES: usize = 100;
const MAXIMUM_ATTRIBUTES: usize = 50;

/// What is counted of a product, and which of the conditions apart it meets.
type Row = (Counted, Vec<bool>);

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
    let fit = Fit::of(&narrowed, &ways);
    let mut open = narrowed.with(&ground);
    // What nothing narrows is the whole market: it is gone through where that says something by itself.
    let is_at_once = ways.len() < 2 || ground != ProductFilter::all();
    let found = if is_at_once {
        found(conn, &mut open, sort, |conn, open| counted(conn, open, &fit.apart))?.pop().unwrap_or_default()
    } else {
        Vec::new()
    };
    narrowed.search = open.search;
    let is_whole = is_at_once && found.len() <= MAXIMUM_COUNTED;
    let mut is_exact = true;
    let mut passes = Vec::new();
    if !is_whole {
        for way in std::iter::once(None).chain(ways.iter().copied().map(Some)) {
            let wider = way.map_or_else(|| filter.clone(), |way| filter.clone().without(way));
            let mut rows =
                if is_at_once && wider == ground { found.clone() } else { counted(conn, &narrowed.with(&wider), &[])? };
            is_exact &= rows.len() <= MAXIMUM_COUNTED;
            rows.truncate(MAXIMUM_COUNTED);
            passes.push((way, rows));
        }
    }
    let rows = |way: Option<Way>| -> Vec<&Counted> {
        if is_whole {
            let fits = |row: &&Row| ways.iter().all(|other| way == Some(*other) || fit.has(*other, row));
            return found.iter().filter(fits).map(|(row, _)| row).collect();
        }
        let pass = passes.iter().find(|(other, _)| *other == way);
        pass.into_iter().flat_map(|(_, rows)| rows).map(|(row, _)| row).collect()
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
            FacetKind::Prices => facets.prices = prices(conn, &without(Way::Price))?,
            FacetKind::Availability => {
                facets.availability = frequent(without(Way::Availability).iter().map(|row| row.is_available));
            }
            FacetKind::Ratings => facets.ratings = ratings(&without(Way::Rating)),
            FacetKind::Attributes => {
                facets.attributes = said(conn, &all, None)?;
                for way in &ways {
                    if let Way::Attribute(attribute) = way {
                        facets.attributes.retain(|facet| facet.attribute != *attribute);
                        facets.attributes.extend(said(conn, &rows(Some(*way)), Some(*attribute))?);
                    }
                }
                facets.attributes.sort_by_key(|facet| (Reverse(facet.count), facet.attribute));
                facets.attributes.truncate(MAXIMUM_ATTRIBUTES);
            }
        }
    }
    Ok(facets)
}

/// One more than are counted, at the most.
fn counted(conn: &mut Conn, narrowed: &Narrowed<'_>, apart: &[Apart<'_>]) -> Result<Vec<Row>, Failure> {
    let query = filtered(narrowed).select((
        products::id,
        products::category_id,
        products::shop_id,
        products::product_kind_id,
        products::rating_average,
        products::tags,
        products::is_available,
    ));
    let limit = i64::try_from(MAXIMUM_COUNTED + 1).unwrap_or(i64::MAX);
    Ok(Meeting { query: narrowed.part(query, limit), apart }.load(conn)?)
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
fn prices(conn: &mut Conn, rows: &[&Counted]) -> Result<Vec<PriceFacet>, Failure> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let bounds = (
        product_prices::currency,
        min(product_prices::price_min).assume_not_null(),
        max(product_prices::price_min).assume_not_null(),
        count_star(),
    );
    let of_products = product_prices::table.filter(product_prices::product_id.eq_any(ids));
    let mut facets: Vec<PriceFacet> = of_products.group_by(product_prices::currency).select(bounds).load(conn)?;
    facets.sort_by_key(|facet| (Reverse(facet.count), facet.currency));
    Ok(facets)
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

#[derive(QueryableByName)]
#[allow(clippy::struct_field_names, reason = "as the columns are called")]
struct Value {
    #[diesel(sql_type = Uuid)]
    attribute_id: Id<Attribute>,
    #[diesel(sql_type = Nullable<Uuid>)]
    choice_id: Option<Id<Choice>>,
    #[diesel(sql_type = Nullable<Bool>)]
    boolean_value: Option<bool>,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    least_number: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    most_number: Option<i64>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    first_date: Option<Date>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    last_date: Option<Date>,
}

/// What products say by attributes that lists can be filtered by, and that their kind has: by all of them, or by one.
fn said(conn: &mut Conn, rows: &[&Counted], only: Option<Id<Attribute>>) -> Result<Vec<AttributeFacet>, Failure> {
    let with_kinds = rows.iter().filter_map(|row| Some((row.id, row.kind?)));
    let (ids, kinds): (Vec<_>, Vec<_>) = with_kinds.unzip();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // What each product says is looked up by itself: a join would go through all that is said, or look each up for all attributes.
    let query = diesel::sql_query(
        "WITH said AS MATERIALIZED ( \
            SELECT product_kind_id, attribute_id, choice_id, boolean_value, count(*) AS count, \
                   min(number_value) AS least_number, max(number_value) AS most_number, \
                   min(date_value) AS first_date, max(date_value) AS last_date \
              FROM unnest($1::uuid[], $2::uuid[]) AS found (product_id, product_kind_id), \
                   LATERAL (SELECT * FROM product_attributes \
                             WHERE product_attributes.product_id = found.product_id \
                               AND attribute_id = coalesce($3::uuid, attribute_id) OFFSET 0) of_product \
             GROUP BY product_kind_id, attribute_id, choice_id, boolean_value) \
         SELECT attribute_id, choice_id, boolean_value, sum(count)::bigint AS count, \
                min(least_number) AS least_number, max(most_number) AS most_number, \
                min(first_date) AS first_date, max(last_date) AS last_date \
           FROM said JOIN product_kind_attributes USING (product_kind_id, attribute_id) \
           JOIN attributes ON attributes.id = attribute_id AND attributes.is_filterable AND attributes.kind <> 'TEXT' \
          GROUP BY attribute_id, choice_id, boolean_value",
    );
    let query = query.bind::<Array<Uuid>, _>(ids).bind::<Array<Uuid>, _>(kinds).bind::<Nullable<Uuid>, _>(only);
    let values: Vec<Value> = query.load(conn)?;
    let mut facets = BTreeMap::<Id<Attribute>, AttributeFacet>::new();
    for value in values {
        let attribute = value.attribute_id;
        let facet = facets.entry(attribute).or_insert_with(|| AttributeFacet {
            attribute,
            count: 0,
            choices: Vec::new(),
            booleans: Vec::new(),
            numbers: None,
            dates: None,
        });
        facet.count += value.count;
        facet.choices.extend(value.choice_id.map(|choice| (choice, value.count)));
        facet.booleans.extend(value.boolean_value.map(|is_true| (is_true, value.count)));
        facet.numbers = facet.numbers.or(value.least_number.zip(value.most_number));
        facet.dates = facet.dates.or(value.first_date.zip(value.last_date));
    }
    let mut facets: Vec<_> = facets.into_values().collect();
    for facet in &mut facets {
        facet.choices.sort_unstable_by_key(|(id, count)| (Reverse(*count), *id));
        facet.booleans.sort_unstable_by_key(|(is_true, _)| Reverse(*is_true));
    }
    Ok(facets)
}
