//! Whether products can be ordered, as their stock says.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    inventory::model::Left,
    kernel::{error::Failure, id::Id},
    platform::db::Conn,
    products::model::{Product, Variant},
    schema::{product_variants, products, stock_levels, stock_reserves, stock_rules},
};

/// Whether a variant of a product can be ordered, and whether its row says so.
pub struct Available {
    pub product: Id<Product>,
    pub was: bool,
    pub is: bool,
}

type Row = (Id<Product>, bool, Id<Variant>, Option<i32>, Option<i32>, Option<i32>, Option<i64>);

/// Products in the order of their ids.
pub fn of_products(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Available>, Failure> {
    let rows: Vec<Row> = products::table
        .inner_join(product_variants::table.on(product_variants::product_id.eq(products::id)))
        .left_join(stock_levels::table.on(stock_levels::variant_id.eq(product_variants::id)))
        .left_join(stock_rules::table.on(stock_rules::variant_id.eq(product_variants::id)))
        .left_join(stock_reserves::table.on(stock_reserves::variant_id.eq(product_variants::id)))
        .filter(products::id.eq_any(ids))
        .select((
            products::id,
            products::is_available,
            product_variants::id,
            stock_levels::on_hand.nullable(),
            stock_levels::backordered.nullable(),
            stock_rules::backorder_limit.nullable(),
            stock_reserves::reserved.nullable(),
        ))
        .load(conn)?;
    let mut left = BTreeMap::<(Id<Product>, bool), BTreeMap<Id<Variant>, Left>>::new();
    for (product, was, variant, on_hand, backordered, limit, reserved) in rows {
        let left = left.entry((product, was)).or_default().entry(variant).or_default();
        left.pieces += i64::from(on_hand.unwrap_or_default()) - i64::from(backordered.unwrap_or_default());
        left.backorder_limit = limit.unwrap_or_default();
        left.reserved = reserved.unwrap_or_default();
    }
    let available = |((product, was), variants): (_, BTreeMap<_, Left>)| Available {
        product,
        was,
        is: variants.values().any(|left| left.is_available()),
    };
    Ok(left.into_iter().map(available).collect())
}

/// The products of which these are variants, as [`of_products`].
pub fn of_products_with(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<Vec<Available>, Failure> {
    let ids: Vec<Id<Product>> = product_variants::table
        .filter(product_variants::id.eq_any(variants))
        .select(product_variants::product_id)
        .distinct()
        .load(conn)?;
    of_products(conn, &ids)
}

/// Products in the order of their ids, from the one after `after` on.
pub fn next_products(conn: &mut Conn, after: Option<Id<Product>>, limit: i64) -> Result<Vec<Id<Product>>, Failure> {
    let after = after.unwrap_or(Id::from_uuid(uuid::Uuid::nil()));
    let next = products::table.filter(products::id.gt(after)).select(products::id).order(products::id);
    Ok(next.limit(limit).load(conn)?)
}
