//! Who bought what, as far as reviews need to know.

use diesel::{QueryableByName, RunQueryDsl, sql_types};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Conn,
    products::model::{Product, Variant},
    users::model::User,
};

/// A product that somebody bought, and the variant of it that they bought last.
#[derive(QueryableByName)]
pub struct Bought {
    #[diesel(sql_type = sql_types::Uuid)]
    pub product_id: Id<Product>,
    #[diesel(sql_type = sql_types::Uuid)]
    pub variant_id: Id<Variant>,
}

/// Those of the products that somebody bought here. Neither the order nor all pieces were called off, and it was paid in full, whatever of
/// it went back since, or has arrived; what another system sold is not counted.
// `OFFSET 0` has it begin with their orders: a bestseller has many more lines than anybody has.
pub fn bought(conn: &mut Conn, buyer: Id<User>, products: &[Id<Product>]) -> Result<Vec<Bought>, Failure> {
    Ok(diesel::sql_query(
        "SELECT DISTINCT ON (lines.product_id) lines.product_id, lines.variant_id \
           FROM orders \
           JOIN order_parts parts ON parts.order_id = orders.id \
          CROSS JOIN LATERAL (SELECT * FROM order_lines WHERE part_id = parts.id AND kind = 'GOODS' OFFSET 0) lines \
           LEFT JOIN accounts ON accounts.owner_id = orders.id AND accounts.kind = 'ORDER' \
                AND accounts.currency = orders.currency \
          WHERE orders.buyer_id = $1 AND lines.product_id = ANY ($2::uuid[]) \
            AND orders.source = 'AGORA' AND orders.status <> 'CANCELLED' \
            AND lines.cancelled < lines.quantity \
            AND (coalesce(accounts.balance, 0) + orders.refunded >= orders.total - orders.dropped OR parts.fulfillment_state IN ('DELIVERED', 'RETURNED')) \
          ORDER BY lines.product_id, orders.placed_at DESC, lines.id",
    )
    .bind::<sql_types::Uuid, _>(buyer)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(products)
    .load(conn)?)
}

#[derive(QueryableByName)]
struct Reviewable {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Id<Product>,
}

/// Those of the products that somebody does not help to sell, and has not reviewed yet.
pub fn unreviewed(conn: &mut Conn, user: Id<User>, products: &[Id<Product>]) -> Result<Vec<Id<Product>>, Failure> {
    let rows: Vec<Reviewable> = diesel::sql_query(
        "SELECT id FROM products WHERE id = ANY ($2::uuid[]) AND status = 'ACTIVE' \
            AND NOT EXISTS (SELECT FROM shop_members WHERE shop_id = products.shop_id AND user_id = $1) \
            AND NOT EXISTS (SELECT FROM reviews WHERE product_id = products.id AND author_id = $1)",
    )
    .bind::<sql_types::Uuid, _>(user)
    .bind::<sql_types::Array<sql_types::Uuid>, _>(products)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
