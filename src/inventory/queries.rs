//! Stock in Postgres.

pub mod availability;
pub mod checks;
pub mod locations;
pub mod movements;
pub mod notices;
pub mod reservations;

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, IntoSql, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_types::{Array, BigInt, Bool, Record, Text, Uuid},
    upsert::excluded,
};

use super::model::{Left, Location, Place, Stock, StockFilter, StockLevel, StockRule, Terms};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
    },
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    products::model::{Product, Variant},
    schema::{locations as locations_table, product_variants, shop_members, stock_levels, stock_reserves, stock_rules},
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = stock_levels)]
pub struct NewLevel {
    pub variant_id: Id<Variant>,
    pub location_id: Id<Location>,
    pub on_hand: i32,
}

/// Adds to levels of variants of which nothing is owed, and makes those that are missing. Rows come in the order of their variants.
pub fn add_to_levels(tx: &mut Tx<'_>, rows: &[NewLevel]) -> Result<(), Failure> {
    diesel::insert_into(stock_levels::table)
        .values(rows)
        .on_conflict((stock_levels::variant_id, stock_levels::location_id))
        .do_update()
        .set(stock_levels::on_hand.eq(stock_levels::on_hand + excluded(stock_levels::on_hand)))
        .execute(tx.conn())?;
    Ok(())
}

/// Makes an empty level if there is none.
pub fn ensure_level(tx: &mut Tx<'_>, variant_id: Id<Variant>, location_id: Id<Location>) -> Result<(), Failure> {
    let row = NewLevel { variant_id, location_id, on_hand: 0 };
    diesel::insert_into(stock_levels::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// Locks all levels of variants in the order of variant and location.
pub fn lock_levels(tx: &mut Tx<'_>, variants: &[Id<Variant>]) -> Result<(), Failure> {
    let levels = stock_levels::table.filter(stock_levels::variant_id.eq_any(variants));
    let levels = levels.order((stock_levels::variant_id, stock_levels::location_id)).select(stock_levels::variant_id);
    levels.for_no_key_update().load::<Id<Variant>>(tx.conn())?;
    Ok(())
}

type ShelfRow =
    ((Id<Variant>, Id<Product>, Id<Shop>, Option<Id<Location>>), Option<StockRule>, Option<StockLevel>, Option<i64>);

/// The levels of variants with the terms by which they move, in the order in which they are locked; and how much of them is held.
pub fn shelves(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<Vec<(Terms, Vec<StockLevel>, i64)>, Failure> {
    let default = locations_table::shop_id.eq(product_variants::shop_id).and(locations_table::is_default);
    let rows: Vec<ShelfRow> = product_variants::table
        .left_join(locations_table::table.on(default))
        .left_join(stock_rules::table.on(stock_rules::variant_id.eq(product_variants::id)))
        .left_join(stock_levels::table.on(stock_levels::variant_id.eq(product_variants::id)))
        .left_join(stock_reserves::table.on(stock_reserves::variant_id.eq(product_variants::id)))
        .filter(product_variants::id.eq_any(variants))
        .order((product_variants::id, stock_levels::location_id))
        .select((
            (
                product_variants::id,
                product_variants::product_id,
                product_variants::shop_id,
                locations_table::id.nullable(),
            ),
            Option::<StockRule>::as_select(),
            Option::<StockLevel>::as_select(),
            stock_reserves::reserved.nullable(),
        ))
        .load(conn)?;
    let mut shelves: Vec<(Terms, Vec<StockLevel>, i64)> = Vec::with_capacity(variants.len());
    for ((variant, product, shop, default_location), rule, level, reserved) in rows {
        if let Some((_, levels, _)) = shelves.last_mut().filter(|(terms, ..)| terms.variant == variant) {
            levels.extend(level);
        } else {
            let terms = Terms { variant, product, shop, default_location, rule: rule.unwrap_or_default() };
            shelves.push((terms, level.into_iter().collect(), reserved.unwrap_or_default()));
        }
    }
    Ok(shelves)
}

/// Moves locked levels, each of one variant, from what they were. Tells how many were as they were said to be.
pub fn move_levels(tx: &mut Tx<'_>, steps: &[(Id<Variant>, Place)]) -> Result<usize, Failure> {
    let column = |value: fn(&(Id<Variant>, Place)) -> i64| steps.iter().map(value).collect::<Vec<_>>();
    Ok(diesel::sql_query(
        "UPDATE stock_levels SET on_hand = greatest(moved.after, 0), backordered = greatest(-moved.after, 0) \
           FROM unnest($1, $2, $3, $4) AS moved (variant_id, location_id, before, after) \
          WHERE stock_levels.variant_id = moved.variant_id AND stock_levels.location_id = moved.location_id \
            AND stock_levels.on_hand - stock_levels.backordered = moved.before",
    )
    .bind::<Array<Uuid>, _>(steps.iter().map(|(variant, _)| *variant).collect::<Vec<_>>())
    .bind::<Array<Uuid>, _>(steps.iter().map(|(_, place)| place.location).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(column(|(_, place)| place.before))
    .bind::<Array<BigInt>, _>(column(|(_, place)| place.after))
    .execute(tx.conn())?)
}

type LeftRow = (Id<Variant>, i32, i32, Option<i32>, Option<i64>);

/// What is left of variants now; those that never had a level are left out.
pub fn left(conn: &mut Conn, variants: &[Id<Variant>], now: Time) -> Result<HashMap<Id<Variant>, Left>, Failure> {
    let mut left = counted(conn, variants)?;
    // What is held for a time that is over is free.
    let reserved: Vec<_> = left.iter().filter(|(_, left)| left.reserved > 0).map(|(variant, _)| *variant).collect();
    if !reserved.is_empty() {
        for (variant, expired) in reservations::expired(conn, &reserved, now)? {
            let left = left.entry(variant).or_default();
            left.reserved = (left.reserved - expired).max(0);
        }
    }
    Ok(left)
}

/// As [`left`], with all as reserved that nobody has let go of yet.
pub fn counted(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<HashMap<Id<Variant>, Left>, Failure> {
    // Summed up here: `sql("sum(…)")` would keep the statement out of the cache, and a variant has few levels.
    let rows: Vec<LeftRow> = stock_levels::table
        .left_join(stock_rules::table.on(stock_rules::variant_id.eq(stock_levels::variant_id)))
        .left_join(stock_reserves::table.on(stock_reserves::variant_id.eq(stock_levels::variant_id)))
        .filter(stock_levels::variant_id.eq_any(variants))
        .select((
            stock_levels::variant_id,
            stock_levels::on_hand,
            stock_levels::backordered,
            stock_rules::backorder_limit.nullable(),
            stock_reserves::reserved.nullable(),
        ))
        .load(conn)?;
    let mut left = HashMap::<_, Left>::new();
    for (variant, on_hand, backordered, limit, reserved) in rows {
        let left = left.entry(variant).or_default();
        left.pieces += i64::from(on_hand) - i64::from(backordered);
        left.backorder_limit = limit.unwrap_or_default();
        left.reserved = reserved.unwrap_or_default();
    }
    Ok(left)
}

/// The rules of variants for those who work for their shops; in no order.
pub fn rules_of(
    conn: &mut Conn,
    user: Id<User>,
    variants: &[Id<Variant>],
) -> Result<HashMap<Id<Variant>, StockRule>, Failure> {
    let rows: Vec<(Id<Variant>, Option<StockRule>)> = product_variants::table
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(product_variants::shop_id)))
        .left_join(stock_rules::table.on(stock_rules::variant_id.eq(product_variants::id)))
        .filter(product_variants::id.eq_any(variants))
        .filter(shop_members::user_id.eq(user))
        .select((product_variants::id, Option::<StockRule>::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(variant, rule)| (variant, rule.unwrap_or_default())).collect())
}

/// Decides about the stock of variants, in their order.
pub fn set_rules(tx: &mut Tx<'_>, rules: &[(Id<Variant>, StockRule)]) -> Result<(), Failure> {
    let row = |(variant, rule): &(Id<Variant>, StockRule)| {
        (
            stock_rules::variant_id.eq(*variant),
            stock_rules::backorder_limit.eq(rule.backorder_limit),
            stock_rules::low_stock_threshold.eq(rule.low_stock_threshold),
        )
    };
    diesel::insert_into(stock_rules::table)
        .values(rules.iter().map(row).collect::<Vec<_>>())
        .on_conflict(stock_rules::variant_id)
        .do_update()
        .set((
            stock_rules::backorder_limit.eq(excluded(stock_rules::backorder_limit)),
            stock_rules::low_stock_threshold.eq(excluded(stock_rules::low_stock_threshold)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Levels of a variant with what they are levels of, if `user` works for its shop; in no order.
pub fn stock(
    conn: &mut Conn,
    user: Id<User>,
    variant: Id<Variant>,
    locations: &[Id<Location>],
) -> Result<Vec<Stock>, Failure> {
    Ok(stock_levels::table
        .inner_join(locations_table::table.on(locations_table::id.eq(stock_levels::location_id)))
        .inner_join(product_variants::table.on(product_variants::id.eq(stock_levels::variant_id)))
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(locations_table::shop_id)))
        .filter(stock_levels::variant_id.eq(variant))
        .filter(stock_levels::location_id.eq_any(locations))
        .filter(shop_members::user_id.eq(user))
        .select(Stock::as_select())
        .load(conn)?)
}

/// Levels of a shop, narrowed by a filter.
macro_rules! levels_of {
    ($shop:expr, $filter:expr) => {{
        let StockFilter { location, is_low, sku } = $filter;
        let mut query = product_variants::table
            .inner_join(stock_levels::table.on(stock_levels::variant_id.eq(product_variants::id)))
            .inner_join(locations_table::table.on(locations_table::id.eq(stock_levels::location_id)))
            .filter(product_variants::shop_id.eq($shop))
            .into_boxed();
        if let Some(location) = location {
            query = query.filter(stock_levels::location_id.eq(location));
        }
        if let Some(is_low) = is_low {
            query = query.filter(sql::<Bool>(IS_LOW).eq(is_low));
        }
        if let Some(sku) = sku {
            // What an index of SKUs can start from and end at; what comes between is looked at exactly.
            let end = format!("{sku}\u{10ffff}");
            let begins = sql::<Bool>("starts_with(product_variants.sku, ").bind::<Text, _>(sku.clone()).sql(")");
            query = query.filter(product_variants::sku.between(sku, end)).filter(begins);
        }
        query
    }};
}

/// Whether a variant has no more pieces than its threshold says.
const IS_LOW: &str = "coalesce((SELECT rule.low_stock_threshold >= (SELECT sum(level.on_hand - level.backordered) \
    FROM stock_levels level WHERE level.variant_id = rule.variant_id) \
    FROM stock_rules rule WHERE rule.variant_id = product_variants.id), false)";

/// A page of a shop's levels by SKU, then location.
pub fn page(
    conn: &mut Conn,
    shop: Id<Shop>,
    filter: &StockFilter,
    page: &Page<(String, Id<Location>)>,
) -> Result<Slice<Stock>, Failure> {
    let query = levels_of!(shop, filter).select(Stock::as_select()).limit(page.fetch_limit());
    let key = (product_variants::sku, stock_levels::location_id).into_sql::<Record<(Text, Uuid)>>();
    // The bound of the SKU alone is what the index of SKUs can start from.
    let query = match (&page.from, page.direction) {
        (Some((sku, location)), Direction::Forward) => {
            query.filter(product_variants::sku.ge(sku)).filter(key.gt((sku, *location)))
        }
        (Some((sku, location)), Direction::Backward) => {
            query.filter(product_variants::sku.le(sku)).filter(key.lt((sku, *location)))
        }
        (None, _) => query,
    };
    let query = match page.direction {
        Direction::Forward => query.order((product_variants::sku.asc(), stock_levels::location_id.asc())),
        Direction::Backward => query.order((product_variants::sku.desc(), stock_levels::location_id.desc())),
    };
    Ok(page.slice(query.load(conn)?))
}

/// How many levels of a shop there are, counted to one more than [`COUNT_LIMIT`].
pub fn count(conn: &mut Conn, shop: Id<Shop>, filter: &StockFilter) -> Result<i64, Failure> {
    let rows = levels_of!(shop, filter).select(stock_levels::location_id);
    Ok(Counted(rows.limit(COUNT_LIMIT + 1)).get_result(conn)?)
}
