//! What others learn of orders, and what they have not learned yet.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl, dsl::sql,
    sql_types::Bool,
};

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{Chosen, Order, OrderLifecycle, OrderLineKind},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Product,
    schema::{order_lines, order_parts, orders, users},
    users::model::User,
};

/// Of an order: that it is learned and should not be, or the other way round. As the index has it.
const IS_TO_LEARN: &str = "orders.is_learned = (orders.status = 'CANCELLED' OR orders.payment_due_at IS NOT NULL)";
/// Whether an order that is as it is should be learned.
const IS_AGREED: &str = "status <> 'CANCELLED' AND payment_due_at IS NULL";
/// What makes an order one that is to be learned anew, whatever it is.
pub(super) const LEARN_ANEW: &str = "status = 'CANCELLED' OR payment_due_at IS NOT NULL";

/// Of somebody: that what they order may be told to be theirs. Who prefers nothing has no row.
const WANTS_IT: &str =
    "NOT EXISTS (SELECT FROM preferences WHERE preferences.user_id = users.id AND NOT preferences.has_personalization)";

type Row = (Id<Order>, Option<Id<User>>, bool);

/// Locks some of the orders that are to be learned, or to be forgotten, without those that somebody is just changing.
pub fn lock_unlearned(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Chosen>, Failure> {
    let rows: Vec<Row> = orders::table
        .filter(sql::<Bool>(IS_TO_LEARN))
        .order(orders::id)
        .limit(limit)
        .select((orders::id, orders::buyer_id, sql::<Bool>(IS_AGREED)))
        .for_no_key_update()
        .skip_locked()
        .load(tx.conn())?;
    chosen(tx.conn(), rows)
}

/// Notes that locked orders are learned, or forgotten, as they should be.
pub fn set_learned(tx: &mut Tx<'_>, ids: &[Id<Order>]) -> Result<(), Failure> {
    diesel::update(orders::table.filter(orders::id.eq_any(ids)))
        .set(orders::is_learned.eq(sql::<Bool>(IS_AGREED)))
        .execute(tx.conn())?;
    Ok(())
}

/// Some of what holds, the newest first, after an order if one is given; with when it was placed.
pub fn agreed(conn: &mut Conn, before: Option<(Time, Id<Order>)>, limit: i64) -> Result<Vec<(Time, Chosen)>, Failure> {
    let mut newest = orders::table
        .filter(orders::status.ne(OrderLifecycle::Cancelled))
        .filter(orders::payment_due_at.is_null())
        .order((orders::placed_at.desc(), orders::id.desc()))
        .limit(limit)
        .select((orders::placed_at, orders::id, orders::buyer_id))
        .into_boxed();
    if let Some((time, id)) = before {
        newest = newest.filter(orders::placed_at.lt(time).or(orders::placed_at.eq(time).and(orders::id.lt(id))));
    }
    let rows: Vec<(Time, Id<Order>, Option<Id<User>>)> = newest.load(conn)?;
    let times: Vec<Time> = rows.iter().map(|(time, ..)| *time).collect();
    let rows = rows.into_iter().map(|(_, id, buyer)| (id, buyer, true)).collect();
    Ok(times.into_iter().zip(chosen(conn, rows)?).collect())
}

/// With the goods of orders, and without buyers who are erased, or do not want what they do to be kept. In the order of the rows.
fn chosen(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Chosen>, Failure> {
    let (ids, buyers): (Vec<Id<Order>>, Vec<Option<Id<User>>>) =
        rows.iter().map(|(id, buyer, _)| (*id, *buyer)).unzip();
    let buyers: BTreeSet<Id<User>> = buyers.into_iter().flatten().collect();
    let here: Vec<Id<User>> = users::table
        .filter(users::id.eq_any(buyers))
        .filter(users::erased_at.is_null())
        .filter(sql::<Bool>(WANTS_IT))
        .select(users::id)
        .load(conn)?;
    let here: BTreeSet<Id<User>> = here.into_iter().collect();
    let lines: Vec<(Id<Order>, Id<Product>)> = order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq_any(&ids))
        .filter(order_lines::kind.eq(OrderLineKind::Goods))
        .filter(order_lines::product_id.is_not_null())
        .order((order_parts::order_id, order_parts::ordinal, order_lines::ordinal))
        .select((order_parts::order_id, order_lines::product_id.assume_not_null()))
        .load(conn)?;
    let mut products: BTreeMap<Id<Order>, Vec<Id<Product>>> = BTreeMap::new();
    for (order, product) in lines {
        products.entry(order).or_default().push(product);
    }
    let chosen = rows.into_iter().map(|(order, buyer, is_agreed)| Chosen {
        order,
        buyer: buyer.filter(|buyer| here.contains(buyer)),
        is_agreed,
        products: products.remove(&order).unwrap_or_default(),
    });
    Ok(chosen.collect())
}
