//! What many people have ordered lately, in Postgres.

use diesel::{
    IntoSql, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Double, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};

use super::related::{CARD, HIDDEN, SHOWN};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
        kept::Kept,
    },
    products::model::{Card, Product},
    recommendations::model::{TREND, TREND_HALF_LIFE, TREND_OF_A_SHOP, TREND_ORDERS, TREND_SIZE, Trend},
    users::model::User,
};

#[derive(QueryableByName)]
struct TrendRow {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = SmallInt)]
    rank: i16,
    #[diesel(sql_type = SqlUuid)]
    product_id: Id<Product>,
    #[diesel(sql_type = Integer)]
    people: i32,
}

/// What five people or more have ordered lately, by country and anywhere, the best first. Each person counts once for a product, the less the longer ago it
/// was. Nobody does for what is of a shop they work for, nor who wants nothing kept, or is a guest: there may be one behind many of these.
pub fn trends(conn: &mut Conn, now: Time) -> Result<Vec<Trend>, Failure> {
    let rows: Vec<TrendRow> = sql_query(
        "WITH recent AS MATERIALIZED \
           (SELECT orders.id, orders.buyer_id, orders.placed_at, orders.shipping_address ->> 'country' AS country FROM orders \
              JOIN users AS buyer ON buyer.id = orders.buyer_id AND buyer.erased_at IS NULL \
             WHERE orders.placed_at > $2 AND orders.status <> 'CANCELLED' AND orders.payment_due_at IS NULL \
               AND NOT EXISTS (SELECT FROM preferences WHERE user_id = orders.buyer_id AND NOT has_personalization) \
             ORDER BY orders.placed_at DESC, orders.id DESC LIMIT $3), \
         votes AS \
           (SELECT near.place, line.product_id, part.shop_id, recent.buyer_id, max(recent.placed_at) AS placed_at FROM recent \
              JOIN order_parts AS part ON part.order_id = recent.id \
              JOIN order_lines AS line ON line.part_id = part.id AND line.kind = 'GOODS' AND line.cancelled < line.quantity \
              JOIN products AS p ON p.id = line.product_id AND p.status = 'ACTIVE' \
             CROSS JOIN LATERAL (VALUES ('*'), (recent.country)) AS near (place) \
             WHERE near.place IS NOT NULL \
               AND NOT EXISTS (SELECT FROM shop_members WHERE shop_id = part.shop_id AND user_id = recent.buyer_id) \
             GROUP BY near.place, line.product_id, part.shop_id, recent.buyer_id), \
         scored AS \
           (SELECT place, product_id, shop_id, count(*)::integer AS people, \
                   sum(power(0.5::float8, extract(epoch FROM $1 - placed_at)::float8 / $4)) AS score \
              FROM votes GROUP BY place, product_id, shop_id HAVING count(*) >= 5), \
         of_shops AS \
           (SELECT *, row_number() OVER (PARTITION BY place, shop_id ORDER BY score DESC, product_id) AS of_shop FROM scored), \
         ranked AS \
           (SELECT place, product_id, people, row_number() OVER (PARTITION BY place ORDER BY score DESC, product_id) AS rank \
              FROM of_shops WHERE of_shop <= $5) \
         SELECT place, rank::smallint AS rank, product_id, people FROM ranked WHERE rank <= $6 ORDER BY place, rank",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now - TREND)
    .bind::<BigInt, _>(TREND_ORDERS)
    .bind::<Double, _>(TREND_HALF_LIFE.as_seconds_f64())
    .bind::<BigInt, _>(TREND_OF_A_SHOP)
    .bind::<BigInt, _>(TREND_SIZE)
    .load(conn)?;
    let trend = |TrendRow { place, rank, product_id: product, people }| Trend { place, rank, product, people };
    Ok(rows.into_iter().map(trend).collect())
}

/// Puts lists in the place of those that are there.
pub fn set_trends(tx: &mut Tx<'_>, trends: &[Trend]) -> Result<(), Failure> {
    sql_query("DELETE FROM trending_products").execute(tx.conn())?;
    sql_query("INSERT INTO trending_products (place, rank, product_id, people) SELECT * FROM unnest($1, $2, $3, $4)")
        .bind::<Array<Text>, _>(trends.iter().map(|trend| trend.place.as_str()).collect::<Vec<&str>>())
        .bind::<Array<SmallInt>, _>(trends.iter().map(|trend| trend.rank).collect::<Vec<i16>>())
        .bind::<Array<SqlUuid>, _>(trends.iter().map(|trend| trend.product).collect::<Vec<Id<Product>>>())
        .bind::<Array<Integer>, _>(trends.iter().map(|trend| trend.people).collect::<Vec<i32>>())
        .execute(tx.conn())?;
    Ok(())
}

/// The list of a place, as far as it is shown to whoever looks, the best first.
pub fn trending(conn: &mut Conn, place: &str, viewer: Option<Id<User>>) -> Result<Vec<Card>, Failure> {
    let sql = format!(
        "{HIDDEN} SELECT {CARD} FROM trending_products AS trend JOIN products AS p ON p.id = trend.product_id \
          WHERE trend.place = $1 AND {SHOWN} ORDER BY trend.rank"
    );
    Ok(Kept { sql, given: (place.into_sql::<Text>(), viewer.into_sql::<Nullable<SqlUuid>>()) }.load(conn)?)
}
