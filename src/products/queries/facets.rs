//! What products of a list say, counted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::Hash,
};

use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl,
    dsl::{count_star, max, min},
    sql_types::{Array, BigInt, Bool, Nullable, Uuid},
};

use super::{
    categories,
    found::found,
    lists::{Narrowed, filtered},
};
use crate::{
    kernel::{date::Date, error::Failure, id::Id},
    platform::db::Conn,
    products::model::{
        Category, CategoryBy, ProductFilter, ProductSort,
        attributes::{Attribute, Choice},
        facets::{AttributeFacet, Counted, Facets, MAXIMUM_COUNTED, PriceFacet},
    },
    schema::{product_prices, products},
};

/// Values of one way to narrow a list, and attributes, that are told at most: the frequent ones.
const MAXIMUM_VALUES: usize = 100;
const MAXIMUM_ATTRIBUTES: usize = 50;

/// Counts what the products of a list in an order say. A few statements, one or two more for each way in which the list is narrowed.
pub fn facets(conn: &mut Conn, filter: &ProductFilter, sort: ProductSort) -> Result<Facets, Failure> {
    let mut narrowed = Narrowed::of(conn, filter)?;
    let rows = found(conn, &mut narrowed, sort, counted)?.pop().unwrap_or_default();
    let mut is_exact = rows.len() <= MAXIMUM_COUNTED;
    let rows = rows.get(..MAXIMUM_COUNTED).unwrap_or(&rows);
    let mut without = |conn: &mut Conn, wider: ProductFilter| {
        let categories = wider.category.and(narrowed.categories.as_ref());
        let narrowed = Narrowed { filter: &wider, categories: categories.cloned(), search: narrowed.search.clone() };
        let mut rows = counted(conn, &narrowed)?;
        is_exact &= rows.len() <= MAXIMUM_COUNTED;
        rows.truncate(MAXIMUM_COUNTED);
        Ok::<_, Failure>(rows)
    };
    let of_all = || filter.clone();
    let other_categories =
        filter.category.map(|_| without(conn, ProductFilter { category: None, ..of_all() })).transpose()?;
    let other_shops = filter.shop.map(|_| without(conn, ProductFilter { shop: None, ..of_all() })).transpose()?;
    let other_prices = filter.price.map(|_| without(conn, ProductFilter { price: None, ..of_all() })).transpose()?;
    let any_availability = ProductFilter { is_available: None, ..of_all() };
    let others_available = filter.is_available.map(|_| without(conn, any_availability)).transpose()?;
    let mut attributes = said(conn, rows, None)?;
    let wanted: BTreeSet<_> = filter.attributes.iter().map(|wanted| wanted.attribute).collect();
    for attribute in wanted {
        let mut wider = filter.clone();
        wider.attributes.retain(|wanted| wanted.attribute != attribute);
        let rows = without(conn, wider)?;
        attributes.retain(|facet| facet.attribute != attribute);
        attributes.extend(said(conn, &rows, Some(attribute))?);
    }
    attributes.sort_by_key(|facet| (Reverse(facet.count), facet.attribute));
    attributes.truncate(MAXIMUM_ATTRIBUTES);
    let direct = frequent(other_categories.as_deref().unwrap_or(rows).iter().filter_map(|row| row.category));
    let mut shops = frequent(other_shops.as_deref().unwrap_or(rows).iter().map(|row| row.shop));
    let mut tags = frequent(rows.iter().flat_map(|row| row.tags.iter().cloned()));
    shops.truncate(MAXIMUM_VALUES);
    tags.truncate(MAXIMUM_VALUES);
    Ok(Facets {
        total: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        is_exact,
        categories: with_all_below(conn, &direct, filter.category)?,
        shops,
        tags,
        prices: prices(conn, other_prices.as_deref().unwrap_or(rows))?,
        availability: frequent(others_available.as_deref().unwrap_or(rows).iter().map(|row| row.is_available)),
        attributes,
    })
}

/// One more than are counted, at the most.
fn counted(conn: &mut Conn, narrowed: &Narrowed<'_>) -> Result<Vec<Counted>, Failure> {
    Ok(filtered(narrowed)
        .select((
            products::id,
            products::category_id,
            products::shop_id,
            products::product_kind_id,
            products::tags,
            products::is_available,
        ))
        .limit(i64::try_from(MAXIMUM_COUNTED + 1).unwrap_or(i64::MAX))
        .load(conn)?)
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
fn prices(conn: &mut Conn, rows: &[Counted]) -> Result<Vec<PriceFacet>, Failure> {
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
fn said(conn: &mut Conn, rows: &[Counted], only: Option<Id<Attribute>>) -> Result<Vec<AttributeFacet>, Failure> {
    let with_kinds = rows.iter().filter_map(|row| Some((row.id, row.kind?)));
    let (ids, kinds): (Vec<_>, Vec<_>) = with_kinds.unzip();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = diesel::sql_query(
        "SELECT said.attribute_id, choice_id, boolean_value, count(*) AS count, \
                min(number_value) AS least_number, max(number_value) AS most_number, \
                min(date_value) AS first_date, max(date_value) AS last_date \
           FROM unnest($1::uuid[], $2::uuid[]) AS found (product_id, product_kind_id) \
           JOIN product_attributes said USING (product_id) \
           JOIN product_kind_attributes of_kind USING (product_kind_id, attribute_id) \
           JOIN attributes ON attributes.id = said.attribute_id AND attributes.is_filterable AND attributes.kind <> 'TEXT' \
            AND said.attribute_id = coalesce($3::uuid, said.attribute_id) \
          GROUP BY said.attribute_id, choice_id, boolean_value",
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
