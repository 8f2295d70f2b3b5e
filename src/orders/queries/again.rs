//! What people have bought before, in Postgres.

use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{BigInt, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{BoughtBefore, MAXIMUM_BOUGHT, ORDERS_LOOKED_AT},
    platform::db::Conn,
    users::model::User,
};

/// What somebody has bought lately and is for sale, the last one first, each variant once: without what was called off, or is not paid yet.
pub fn bought(conn: &mut Conn, buyer: Id<User>) -> Result<Vec<BoughtBefore>, Failure> {
    let query = sql_query(
        "SELECT last.variant_id AS variant, last.quantity, last.placed_at FROM \
           (SELECT DISTINCT ON (line.variant_id) line.variant_id, line.quantity - line.cancelled AS quantity, recent.placed_at, \
                   recent.id AS order_id, part.ordinal AS part, line.ordinal AS line \
              FROM (SELECT id, placed_at FROM orders WHERE buyer_id = $1 AND status <> 'CANCELLED' AND payment_due_at IS NULL \
                     ORDER BY placed_at DESC, id DESC LIMIT $2) AS recent \
              JOIN order_parts AS part ON part.order_id = recent.id \
              JOIN order_lines AS line ON line.part_id = part.id \
             WHERE line.kind = 'GOODS' AND line.quantity > line.cancelled AND line.variant_id IS NOT NULL \
             ORDER BY line.variant_id, recent.placed_at DESC, recent.id DESC, part.ordinal, line.ordinal) AS last \
           JOIN product_variants ON product_variants.id = last.variant_id \
           JOIN products ON products.id = product_variants.product_id AND products.status = 'ACTIVE' AND products.is_available \
          ORDER BY last.placed_at DESC, last.order_id DESC, last.part, last.line LIMIT $3",
    );
    Ok(query
        .bind::<SqlUuid, _>(buyer)
        .bind::<BigInt, _>(ORDERS_LOOKED_AT)
        .bind::<BigInt, _>(MAXIMUM_BOUGHT)
        .load(conn)?)
}
