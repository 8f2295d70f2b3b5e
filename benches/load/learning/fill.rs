//! Orders of which nothing is learned yet, by SQL: the same ones every time.
//!
//! Three of five things in an order are of one group of related products, the others of the whole market; in both, what is popular is
//! ordered most. So there are many pairs that happen once, and some with people enough behind them.

use crate::{
    bulk, fill,
    ground::Contents,
    market::{Kind, Size},
};

/// Lines of an order.
pub const LINES: i64 = 10;
/// Products of a group.
const GROUP: i64 = 100;
/// Lines for which there are 100,000 products.
const FULL: f64 = 5_000_000.0;
/// What a quarter of a small machine's memory gives.
const SETTINGS: [&str; 3] = ["shared_buffers = '256MB'", "max_wal_size = '4GB'", "checkpoint_timeout = '15min'"];

/// A market that has sold so many lines.
pub fn contents(lines: i64) -> Contents {
    let size = Size { buyers: 0, conversations: 0, learned: 0, ..Size::new(lines as f64 / FULL) };
    let mut statements = fill::statements(&size);
    statements.extend(orders(&size, lines / LINES));
    Contents { name: format!("learning-{lines}"), size, statements, settings: SETTINGS, is_checked: lines < 1_000_000 }
}

/// A number from 0 to 1, without 1, of an order and something else.
fn chance(of: &str) -> String {
    format!("((hashint8extended(o, {of}) & 1048575) / 1048576.0::float8)")
}

fn orders(size: &Size, orders: i64) -> Vec<(&'static str, String)> {
    let Size { products, people, shops, .. } = *size;
    let (order, part) = (Kind::Order.sql("o"), Kind::Part.sql("o"));
    let placed = "to_timestamp(1767225600 + o)";
    let (groups, drawn, group) = (products / GROUP, chance("k"), chance("1000"));
    let bought = format!(
        "CASE WHEN k % 5 < 3 THEN floor({groups} * {group}) * {GROUP} + floor({GROUP} * {drawn} ^ 2) \
         ELSE floor({products} * {drawn} ^ 2) END::bigint"
    );
    let all = format!("generate_series(0::bigint, {orders} - 1) o");
    vec![
        (
            "orders",
            format!(
                "INSERT INTO orders (id, number, buyer_id, status, currency, total, placed_at)
                 SELECT {order}, 'L-' || o, {}, 'COMPLETED', 'GBP', 1000 * {LINES}, {placed} FROM {all}",
                Kind::Person.sql(&format!("o * 7919 % {people}"))
            ),
        ),
        (
            "parts",
            format!(
                "INSERT INTO order_parts (id, order_id, shop_id, ordinal, fulfillment_state, total, placed_at)
                 SELECT {part}, {order}, {}, 1, 'DELIVERED', 1000 * {LINES}, {placed} FROM {all}",
                Kind::Shop.sql(&format!("o % {shops}"))
            ),
        ),
        bulk::without_indexes("order_lines"),
        (
            "lines",
            format!(
                "INSERT INTO order_lines (id, part_id, ordinal, kind, product_id, variant_id, title, sku, quantity, unit_price, total)
                 SELECT {}, {part}, k + 1, 'GOODS', {}, {}, 'A thing that was bought', 'SKU-' || 2 * p, 1, 1000, 1000
                 FROM (SELECT o, k, {bought} AS p FROM {all}, generate_series(0::bigint, {LINES} - 1) k) bought",
                Kind::Line.sql(&format!("{LINES} * o + k")),
                Kind::Product.sql("p"),
                Kind::Variant.sql("2 * p")
            ),
        ),
        bulk::with_indexes("order_lines"),
    ]
}
