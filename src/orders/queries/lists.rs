//! Lists of orders and of parts: keyset pages, newest first, and sizes. An absent filter is absent from the SQL.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SelectableHelper,
    dsl::sql,
    sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{PartRow, Position, paid, with_lines};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    orders::model::{FullPart, Order, OrderFilter, OrderPart, OrderSearch, PaidOrder, ToBeSent},
    payments::model::AccountKind,
    platform::{counted::Counted, db::Conn},
    schema::{accounts, order_parts, orders},
    shops::model::Shop,
    users::model::User,
};

/// How much of an order is paid, by its ledger account: what [`PaidOrder::payment_state`] says.
const PAYMENT_STATE: &str = "CASE \
    WHEN orders.status = 'CANCELLED' THEN CASE WHEN coalesce(accounts.balance, 0) > 0 THEN 'OVERPAID' \
        WHEN orders.refunded > 0 THEN 'PAID' ELSE 'UNPAID' END \
    WHEN orders.added > 0 THEN CASE WHEN coalesce(accounts.balance, 0) > 0 THEN 'PARTIALLY_PAID' ELSE 'UNPAID' END \
    WHEN coalesce(accounts.balance, 0) > orders.total - orders.dropped - orders.refunded THEN 'OVERPAID' \
    WHEN coalesce(accounts.balance, 0) = orders.total - orders.dropped - orders.refunded THEN 'PAID' \
    WHEN coalesce(accounts.balance, 0) > 0 THEN 'PARTIALLY_PAID' ELSE 'UNPAID' END = ";

/// Parts of which something can be packed, or sent if it is packed: what `PACK` and `SHIP` among the actions of who sends them say. First their
/// states, as an index has them; in between it is said whether anything has to be paid, or promised, before.
const TO_BE_SENT: [&str; 2] = [
    "(order_parts.fulfillment_state IN ('UNFULFILLED', 'PACKED', 'PARTIALLY_SHIPPED') \
     AND (orders.status = 'OPEN' \
            AND EXISTS (SELECT FROM order_lines l WHERE l.part_id = order_parts.id AND l.kind = 'GOODS' \
                           AND l.quantity > l.packed + l.cancelled) \
            AND NOT EXISTS (SELECT FROM order_added_lines n WHERE n.part_id = order_parts.id AND n.addition_id IS NULL) \
          OR EXISTS (SELECT FROM shipments s WHERE s.part_id = order_parts.id AND s.status = 'PACKED')) \
     AND (order_parts.disputed <= 0 \
          OR order_parts.total > order_parts.dropped + order_parts.refunded + order_parts.disputed) \
     AND NOT EXISTS (SELECT FROM payment_disputes d WHERE d.order_id = orders.id \
                        AND (d.status IN ('NEEDS_RESPONSE', 'UNDER_REVIEW') OR d.status = 'WON' AND d.money = 'TAKEN')) \
     AND (NOT ",
    " OR orders.total - orders.dropped - orders.refunded <= coalesce(accounts.balance, 0) \
         - CASE WHEN accounts.balance > 0 THEN (SELECT coalesce(sum(r.amount), 0) FROM refunds r \
                                                 WHERE r.order_id = orders.id AND r.status <> 'SUCCEEDED') ELSE 0 END \
         + (SELECT coalesce(sum(i.amount), 0) FROM payment_intents i \
             WHERE i.order_id = orders.id AND i.status = 'REQUIRES_CAPTURE')))",
];

/// A boxed query over orders with their money, narrowed by what a filter says of the orders themselves.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let (mut query, filter) = ($query, $filter);
        if let Some(lifecycle) = filter.lifecycle {
            query = query.filter(orders::status.eq(lifecycle));
        }
        if let Some(state) = filter.payment {
            query = query.filter(sql::<Bool>(PAYMENT_STATE).bind::<Text, _>(state));
        }
        query
    }};
}

/// The same over somebody's orders, narrowed by all that a filter says.
macro_rules! narrowed_orders {
    ($query:expr, $buyer:expr, $filter:expr) => {{
        let mut query = narrowed!($query, $filter);
        if let Some(from) = $filter.placed_from {
            query = query.filter(orders::placed_at.ge(from));
        }
        if let Some(before) = $filter.placed_before {
            query = query.filter(orders::placed_at.lt(before));
        }
        if let Some(state) = $filter.fulfillment {
            let has = "EXISTS (SELECT FROM order_parts p WHERE p.order_id = orders.id AND p.fulfillment_state = ";
            query = query.filter(sql::<Bool>(has).bind::<Text, _>(state).sql(")"));
        }
        if let Some(OrderSearch { number, sku, words, .. }) = &$filter.search {
            let found = sql::<Bool>("orders.id IN (SELECT o.id FROM orders o WHERE o.buyer_id = ")
                .bind::<SqlUuid, _>($buyer)
                .sql(" AND upper(replace(o.number, '-', '')) LIKE upper(")
                .bind::<Text, _>(number.as_str())
                .sql(
                    ") UNION ALL SELECT o.id FROM orders o JOIN order_parts p ON p.order_id = o.id \
                     JOIN order_lines l ON l.part_id = p.id WHERE o.buyer_id = ",
                )
                .bind::<SqlUuid, _>($buyer)
                .sql(" AND (lower(l.sku) LIKE lower(")
                .bind::<Text, _>(sku.as_str())
                .sql(") OR to_tsvector('simple', regexp_replace(l.title, '[!-/:-@[-`{-~]+', ' ', 'g')) @@ to_tsquery('simple', ")
                .bind::<Text, _>(words.as_str());
            query = query.filter(found.sql(")))"));
        }
        query
    }};
}

/// The same over a shop's parts with their orders. What is found in one way or another is put together: no index answers an OR
/// over several tables.
macro_rules! narrowed_parts {
    ($query:expr, $shop:expr, $filter:expr) => {{
        let mut query = narrowed!($query, $filter);
        if let Some(from) = $filter.placed_from {
            query = query.filter(order_parts::placed_at.ge(from));
        }
        if let Some(before) = $filter.placed_before {
            query = query.filter(order_parts::placed_at.lt(before));
        }
        if let Some(state) = $filter.fulfillment {
            query = query.filter(order_parts::fulfillment_state.eq(state));
        }
        if let Some(ToBeSent { is, takes_payments }) = $filter.to_be_sent {
            let [before, after] = TO_BE_SENT;
            let wanted = sql::<Bool>(&if is { before.to_owned() } else { format!("NOT {before}") });
            query = query.filter(wanted.bind::<Bool, _>(takes_payments).sql(after));
        }
        if let Some(OrderSearch { number, sku, words, name }) = &$filter.search {
            let found = sql::<Bool>(
                "order_parts.id IN (SELECT p.id FROM order_parts p JOIN orders o ON o.id = p.order_id WHERE p.shop_id = ",
            )
            .bind::<SqlUuid, _>($shop)
            .sql(" AND upper(replace(o.number, '-', '')) LIKE upper(")
            .bind::<Text, _>(number.as_str())
            .sql(
                ") UNION ALL SELECT p.id FROM order_parts p JOIN orders o ON o.id = p.order_id \
                 JOIN users u ON u.id = o.buyer_id WHERE p.shop_id = ",
            )
            .bind::<SqlUuid, _>($shop)
            .sql(" AND lower(u.display_name) LIKE lower(")
            .bind::<Text, _>(name.as_str())
            .sql(") UNION ALL SELECT p.id FROM order_parts p JOIN orders o ON o.id = p.order_id WHERE p.shop_id = ")
            .bind::<SqlUuid, _>($shop)
            .sql(" AND o.buyer_id IS NULL AND lower(o.shipping_address ->> 'name') LIKE lower(")
            .bind::<Text, _>(name.as_str())
            .sql(
                ") UNION ALL SELECT p.id FROM order_parts p JOIN order_lines l ON l.part_id = p.id WHERE p.shop_id = ",
            )
            .bind::<SqlUuid, _>($shop)
            .sql(" AND lower(l.sku) LIKE lower(")
            .bind::<Text, _>(sku.as_str())
            .sql(
                ") UNION ALL SELECT p.id FROM order_parts p JOIN order_lines l ON l.part_id = p.id WHERE p.shop_id = ",
            )
            .bind::<SqlUuid, _>($shop)
            .sql(" AND to_tsvector('simple', regexp_replace(l.title, '[!-/:-@[-`{-~]+', ' ', 'g')) @@ to_tsquery('simple', ")
            .bind::<Text, _>(words.as_str());
            query = query.filter(found.sql("))"));
        }
        query
    }};
}

/// A page of somebody's orders.
pub fn by_buyer(
    conn: &mut Conn,
    buyer: Id<User>,
    filter: &OrderFilter,
    page: &Page<Position>,
) -> Result<Slice<PaidOrder>, Failure> {
    let query = orders_with_money!()
        .filter(orders::buyer_id.eq(buyer))
        .select((Order::as_select(), accounts::balance.nullable()))
        .into_boxed();
    let query = narrowed_orders!(query, buyer, filter);
    let query = newest_first!(query, page, (orders::placed_at, orders::id): (Timestamptz, SqlUuid));
    let rows: Vec<(Order, Option<i64>)> = query.load(conn)?;
    Ok(page.slice(rows.into_iter().map(paid).collect()))
}

/// How many there are, counted to `limit`.
pub fn count_by_buyer(conn: &mut Conn, buyer: Id<User>, filter: &OrderFilter, limit: i64) -> Result<i64, Failure> {
    let rows = orders_with_money!().filter(orders::buyer_id.eq(buyer)).select(orders::id).limit(limit).into_boxed();
    Ok(Counted(narrowed_orders!(rows, buyer, filter)).get_result(conn)?)
}

/// The same over all orders. Of what is looked for, only how its number begins.
macro_rules! narrowed_all {
    ($query:expr, $filter:expr) => {{
        let mut query = narrowed!($query, $filter);
        if let Some(from) = $filter.placed_from {
            query = query.filter(orders::placed_at.ge(from));
        }
        if let Some(before) = $filter.placed_before {
            query = query.filter(orders::placed_at.lt(before));
        }
        if let Some(OrderSearch { number, .. }) = &$filter.search {
            let begins = sql::<Bool>("upper(replace(orders.number, '-', '')) LIKE upper(");
            query = query.filter(begins.bind::<Text, _>(number.as_str()).sql(")"));
        }
        query
    }};
}

/// A page of all orders.
pub fn all(conn: &mut Conn, filter: &OrderFilter, page: &Page<Position>) -> Result<Slice<PaidOrder>, Failure> {
    let query = orders_with_money!().select((Order::as_select(), accounts::balance.nullable())).into_boxed();
    let query = narrowed_all!(query, filter);
    let query = newest_first!(query, page, (orders::placed_at, orders::id): (Timestamptz, SqlUuid));
    let rows: Vec<(Order, Option<i64>)> = query.load(conn)?;
    Ok(page.slice(rows.into_iter().map(paid).collect()))
}

/// How many there are, counted to `limit`.
pub fn count_all(conn: &mut Conn, filter: &OrderFilter, limit: i64) -> Result<i64, Failure> {
    let rows = orders_with_money!().select(orders::id).limit(limit).into_boxed();
    Ok(Counted(narrowed_all!(rows, filter)).get_result(conn)?)
}

/// A page of a shop's parts.
pub fn parts_by_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    filter: &OrderFilter,
    page: &Page<Position>,
) -> Result<Slice<FullPart>, Failure> {
    let query = parts_with_orders!()
        .filter(order_parts::shop_id.eq(shop))
        .select((OrderPart::as_select(), Order::as_select(), accounts::balance.nullable()))
        .into_boxed();
    let query = narrowed_parts!(query, shop, filter);
    let query = newest_first!(query, page, (order_parts::placed_at, order_parts::id): (Timestamptz, SqlUuid));
    let rows: Vec<PartRow> = query.load(conn)?;
    let Slice { items, has_next, has_previous } = page.slice(rows);
    Ok(Slice { items: with_lines(conn, items)?, has_next, has_previous })
}

/// How many there are, counted to `limit`.
pub fn count_parts_by_shop(conn: &mut Conn, shop: Id<Shop>, filter: &OrderFilter, limit: i64) -> Result<i64, Failure> {
    let rows =
        parts_with_orders!().filter(order_parts::shop_id.eq(shop)).select(order_parts::id).limit(limit).into_boxed();
    Ok(Counted(narrowed_parts!(rows, shop, filter)).get_result(conn)?)
}
