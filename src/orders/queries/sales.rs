//! What moved on the accounts of shops by sales, added up.

use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{AskedSales, SalesBy, SalesReport, SalesSums},
    platform::db::Conn,
    shops::model::Shop,
};

/// A row of a report, or all of them together.
#[derive(Debug, QueryableByName)]
pub struct Sold {
    #[diesel(sql_type = Bool)]
    pub is_total: bool,
    /// Which day of the span, from 1 on.
    #[diesel(sql_type = Nullable<Integer>)]
    pub place: Option<i32>,
    /// The product, or the shop.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub key: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub title: Option<String>,
    #[diesel(embed)]
    pub sums: SalesSums,
}

/// What came to the accounts of shops by sales in a span, and what went. What was added to a part is of the part, and by its own name.
fn moved(shop: Option<Id<Shop>>) -> String {
    let whose = if shop.is_some() { "AND a.owner_id = $4 " } else { "" };
    let side = |account: &str, sign: &str| {
        format!(
            "SELECT a.owner_id AS shop_id, t.cause, coalesce(n.part_id, t.cause_id) AS cause_id, n.id AS addition_id, \
                    {sign}t.amount AS amount, t.created_at \
               FROM accounts a JOIN transfers t ON t.{account} = a.id LEFT JOIN order_additions n ON n.id = t.cause_id \
              WHERE a.kind = 'SHOP' AND a.currency = $1 {whose}AND t.created_at >= ($2)[1] AND t.created_at < $3 \
                AND t.cause IN ('SALE', 'TAX', 'COMMISSION', 'REFUND', 'TAX_RETURNED', 'COMMISSION_RETURNED')"
        )
    };
    format!("WITH moved AS ({} UNION ALL {})", side("credit_id", ""), side("debit_id", "-"))
}

/// The sums of what moved, by one of its columns.
const SUMS: &str = "count(*) FILTER (WHERE m.cause = 'SALE' AND m.addition_id IS NULL) AS orders, \
    coalesce(sum(l.pieces), 0)::bigint AS pieces, \
    coalesce(sum(m.amount) FILTER (WHERE m.cause = 'SALE'), 0)::bigint AS gross, \
    coalesce(sum(l.discount), 0)::bigint AS discount, \
    coalesce(sum(-m.amount) FILTER (WHERE m.cause IN ('TAX', 'TAX_RETURNED')), 0)::bigint AS tax, \
    coalesce(sum(-m.amount) FILTER (WHERE m.cause IN ('COMMISSION', 'COMMISSION_RETURNED')), 0)::bigint AS commission, \
    coalesce(sum(-m.amount) FILTER (WHERE m.cause = 'REFUND'), 0)::bigint AS refunded, \
    coalesce(sum(m.amount), 0)::bigint AS net";

/// What was sold with a part, or added to it, less what was called off of it before it was paid.
const LINES: &str = "LEFT JOIN LATERAL (SELECT sum(o.quantity - o.dropped) FILTER (WHERE o.kind = 'GOODS') AS pieces, \
    sum(div(o.discount::numeric * (o.quantity - o.dropped), o.quantity)) AS discount \
    FROM order_lines o LEFT JOIN order_added_lines n ON n.id = o.id \
    WHERE m.cause = 'SALE' AND o.part_id = m.cause_id AND n.addition_id IS NOT DISTINCT FROM m.addition_id) l ON true";

fn by_day(shop: Option<Id<Shop>>) -> String {
    format!(
        "{} SELECT (grouping(m.place) = 1) AS is_total, m.place AS place, NULL::uuid AS key, NULL::text AS title, {SUMS} \
           FROM (SELECT *, width_bucket(created_at, $2) AS place FROM moved) m {LINES} \
          GROUP BY GROUPING SETS ((m.place), ()) ORDER BY is_total DESC, place",
        moved(shop)
    )
}

fn by_shop(shop: Option<Id<Shop>>) -> String {
    format!(
        "{} SELECT (grouping(m.shop_id) = 1) AS is_total, NULL::integer AS place, m.shop_id AS key, NULL::text AS title, {SUMS} \
           FROM moved m {LINES} \
          GROUP BY GROUPING SETS ((m.shop_id), ()) ORDER BY is_total DESC, net DESC, key LIMIT {}",
        moved(shop),
        SalesReport::MAXIMUM_ROWS + 1
    )
}

/// What moved for a part is shared out over its lines by what they cost, to the last penny: what falls on the first lines together,
/// less what falls on those before the last of them. What a part brought to which something was added is shared out over what was sold
/// then, and what went back of it over all of it.
fn by_product(shop: Option<Id<Shop>>) -> String {
    let share = |of: &str| format!("div({of} * upto, whole) - div({of} * before, whole) AS {of}");
    format!(
        "{}, parts AS (SELECT coalesce(r.part_id, m.cause_id) AS part_id, \
                CASE WHEN r.id IS NULL AND EXISTS (SELECT FROM order_additions n WHERE n.part_id = m.cause_id) \
                     THEN coalesce(m.addition_id, m.cause_id) END AS sale_id, bool_or(m.cause = 'SALE') AS is_sold, \
                coalesce(sum(m.amount) FILTER (WHERE m.cause = 'SALE'), 0) AS gross, \
                coalesce(sum(-m.amount) FILTER (WHERE m.cause IN ('TAX', 'TAX_RETURNED')), 0) AS tax, \
                coalesce(sum(-m.amount) FILTER (WHERE m.cause IN ('COMMISSION', 'COMMISSION_RETURNED')), 0) AS commission, \
                coalesce(sum(-m.amount) FILTER (WHERE m.cause = 'REFUND'), 0) AS refunded \
           FROM moved m LEFT JOIN refunds r ON r.id = m.cause_id GROUP BY 1, 2), \
         lines AS (SELECT p.*, l.product_id, l.title, l.kind, l.quantity - l.dropped AS pieces, \
                div(l.discount::numeric * (l.quantity - l.dropped), l.quantity) AS discount, \
                sum(l.paid) OVER so_far AS upto, sum(l.paid) OVER so_far - l.paid AS before, \
                sum(l.paid) OVER (PARTITION BY p.part_id, p.sale_id) AS whole \
           FROM parts p JOIN (SELECT o.*, coalesce(n.addition_id, o.part_id) AS sale_id, \
                                     o.total - div(o.total::numeric * o.dropped, o.quantity) AS paid \
                                FROM order_lines o LEFT JOIN order_added_lines n ON n.id = o.id) l \
             ON l.part_id = p.part_id AND (p.sale_id IS NULL OR l.sale_id = p.sale_id) \
         WINDOW so_far AS (PARTITION BY p.part_id, p.sale_id ORDER BY l.ordinal)), \
         shares AS (SELECT part_id, is_sold, product_id, title, kind, pieces, discount, {}, {}, {}, {} FROM lines WHERE whole > 0) \
         SELECT (grouping(product_id) = 1) AS is_total, NULL::integer AS place, product_id AS key, max(title) AS title, \
                count(DISTINCT part_id) FILTER (WHERE is_sold) AS orders, \
                coalesce(sum(pieces) FILTER (WHERE is_sold AND kind = 'GOODS'), 0)::bigint AS pieces, \
                coalesce(sum(gross), 0)::bigint AS gross, coalesce(sum(discount) FILTER (WHERE is_sold), 0)::bigint AS discount, \
                coalesce(sum(tax), 0)::bigint AS tax, coalesce(sum(commission), 0)::bigint AS commission, \
                coalesce(sum(refunded), 0)::bigint AS refunded, \
                coalesce(sum(gross - tax - commission - refunded), 0)::bigint AS net \
           FROM shares GROUP BY GROUPING SETS ((product_id), ()) ORDER BY is_total DESC, net DESC, key LIMIT {}",
        moved(shop),
        share("gross"),
        share("tax"),
        share("commission"),
        share("refunded"),
        SalesReport::MAXIMUM_ROWS + 1
    )
}

/// What was sold, by whatever is asked for, with all of it together first: of one shop, or of all of them.
pub fn sold(conn: &mut Conn, shop: Option<Id<Shop>>, asked: &AskedSales) -> Result<Vec<Sold>, Failure> {
    let sql = match asked.by {
        SalesBy::Day => by_day(shop),
        SalesBy::Product => by_product(shop),
        SalesBy::Shop => by_shop(shop),
    };
    let query = sql_query(sql)
        .bind::<Text, _>(asked.currency)
        .bind::<Array<Timestamptz>, _>(&asked.span.starts)
        .bind::<Timestamptz, _>(asked.span.end);
    Ok(match shop {
        Some(shop) => query.bind::<SqlUuid, _>(shop).load(conn)?,
        None => query.load(conn)?,
    })
}
