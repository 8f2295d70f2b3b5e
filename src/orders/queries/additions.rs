//! What is added to parts that are paid, as long as it waits for its money, and what came of it.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl,
    SelectableHelper,
    dsl::min,
    sql_query,
    sql_types::{Array, BigInt, Int4, Nullable, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    orders::model::{AddedLine, Order, OrderLine, OrderPart, Pieces},
    payments::model::PaymentIntent,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{Product, Variant},
    schema::{order_added_lines, order_additions, order_parts, orders},
};

#[derive(Insertable)]
#[diesel(table_name = order_added_lines, treat_none_as_default_value = false)]
pub struct NewAddedLine<'a> {
    pub id: Id<OrderLine>,
    pub part_id: Id<OrderPart>,
    pub ordinal: i32,
    pub product_id: Id<Product>,
    pub variant_id: Id<Variant>,
    pub title: &'a str,
    pub sku: &'a str,
    pub quantity: i32,
    pub unit_price: i64,
    pub total: i64,
    pub tax: i64,
    pub tax_rate: i32,
    pub tax_is_added: bool,
    pub tax_name: Option<String>,
    pub is_tax_withheld: bool,
    pub created_at: Time,
}

pub fn insert_lines(tx: &mut Tx<'_>, lines: &[NewAddedLine<'_>]) -> Result<(), Failure> {
    diesel::insert_into(order_added_lines::table).values(lines).execute(tx.conn())?;
    Ok(())
}

/// What waits to be part of some parts, each part's in its order.
pub fn waiting_of_parts(conn: &mut Conn, parts: &[Id<OrderPart>]) -> Result<Vec<AddedLine>, Failure> {
    Ok(order_added_lines::table
        .filter(order_added_lines::part_id.eq_any(parts))
        .filter(order_added_lines::addition_id.is_null())
        .order((order_added_lines::part_id, order_added_lines::ordinal))
        .select(AddedLine::as_select())
        .load(conn)?)
}

/// What waits to be part of an order, each part's in its order.
pub fn waiting_of(conn: &mut Conn, order: Id<Order>) -> Result<Vec<AddedLine>, Failure> {
    let parts = order_parts::table.filter(order_parts::order_id.eq(order)).select(order_parts::id);
    let parts: Vec<Id<OrderPart>> = parts.load(conn)?;
    waiting_of_parts(conn, &parts)
}

/// The parts of some orders to which something was added that waits for its money, in the order in which their threads are written to.
pub fn extended(conn: &mut Conn, orders: &[Id<Order>]) -> Result<Vec<OrderPart>, Failure> {
    let waiting = order_added_lines::table.filter(order_added_lines::addition_id.is_null());
    Ok(order_parts::table
        .filter(order_parts::order_id.eq_any(orders))
        .filter(order_parts::id.eq_any(waiting.select(order_added_lines::part_id)))
        .order(order_parts::conversation_id)
        .select(OrderPart::as_select())
        .load(conn)?)
}

/// Since when something waits to be part of an order; none if nothing does.
pub fn waits_since(conn: &mut Conn, order: Id<Order>) -> Result<Option<Time>, Failure> {
    Ok(order_added_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_added_lines::part_id)))
        .filter(order_parts::order_id.eq(order))
        .filter(order_added_lines::addition_id.is_null())
        .select(min(order_added_lines::created_at))
        .first::<Option<Time>>(conn)?)
}

/// Takes pieces out again. Lines of which nothing is left are gone.
pub fn take_out(tx: &mut Tx<'_>, part: Id<OrderPart>, pieces: &[Pieces]) -> Result<(), Failure> {
    let (lines, quantities): (Vec<Uuid>, Vec<i32>) =
        pieces.iter().map(|pieces| (pieces.line.uuid(), pieces.quantity)).unzip();
    sql_query(
        "UPDATE order_added_lines SET cancelled = cancelled + more.quantity FROM unnest($1, $2) AS more (id, quantity) \
          WHERE order_added_lines.id = more.id AND addition_id IS NULL",
    )
    .bind::<Array<SqlUuid>, _>(lines)
    .bind::<Array<Int4>, _>(quantities)
    .execute(tx.conn())?;
    let waiting = order_added_lines::table
        .filter(order_added_lines::part_id.eq(part))
        .filter(order_added_lines::addition_id.is_null());
    diesel::delete(waiting.filter(order_added_lines::cancelled.eq(order_added_lines::quantity))).execute(tx.conn())?;
    Ok(())
}

/// Forgets what waits to be part of some parts.
pub fn forget(tx: &mut Tx<'_>, parts: &[Id<OrderPart>]) -> Result<(), Failure> {
    let waiting = order_added_lines::table
        .filter(order_added_lines::part_id.eq_any(parts))
        .filter(order_added_lines::addition_id.is_null());
    diesel::delete(waiting).execute(tx.conn())?;
    Ok(())
}

/// Notes with a locked order what is to be paid for all that waits to be part of it: until this time, unless it has one.
pub fn settle(tx: &mut Tx<'_>, order: Id<Order>, due_at: Time) -> Result<(), Failure> {
    sql_query(
        "WITH waiting AS (SELECT coalesce(sum(l.total - div(l.total::numeric * l.cancelled, l.quantity)), 0)::bigint AS amount \
                            FROM order_added_lines l JOIN order_parts p ON p.id = l.part_id \
                           WHERE p.order_id = $1 AND l.addition_id IS NULL) \
         UPDATE orders SET added = amount, added_due_at = CASE WHEN amount > 0 THEN coalesce(added_due_at, $2) END \
           FROM waiting WHERE orders.id = $1",
    )
    .bind::<SqlUuid, _>(order)
    .bind::<Timestamptz, _>(due_at)
    .execute(tx.conn())?;
    Ok(())
}

/// Says until when what was added to an order waits for its money. Returns the order's new version.
pub fn set_due(tx: &mut Tx<'_>, order: Id<Order>, until: Time) -> Result<i32, Failure> {
    Ok(diesel::update(orders::table.find(order))
        .set((orders::added_due_at.eq(until), orders::version.eq(orders::version + 1)))
        .returning(orders::version)
        .get_result(tx.conn())?)
}

/// Notes what a payment has brought for what was added to a part.
pub fn insert(
    tx: &mut Tx<'_>,
    id: Uuid,
    part: Id<OrderPart>,
    (intent, amount): (Id<PaymentIntent>, i64),
) -> Result<(), Failure> {
    let row = (
        order_additions::id.eq(id),
        order_additions::part_id.eq(part),
        order_additions::intent_id.eq(Some(intent)),
        order_additions::amount.eq(amount),
        order_additions::joined_at.eq(tx.now()),
    );
    diesel::insert_into(order_additions::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Makes what waits to be part of a part its lines: by an addition, or by none if they cost nothing.
pub fn join(tx: &mut Tx<'_>, part: Id<OrderPart>, addition: Option<Uuid>) -> Result<(), Failure> {
    sql_query(
        "INSERT INTO order_lines (id, part_id, ordinal, kind, product_id, variant_id, title, sku, quantity, unit_price, total, \
                                  cancelled, dropped, tax, tax_rate, tax_is_added) \
         SELECT id, part_id, ordinal, 'GOODS', product_id, variant_id, title, sku, quantity, unit_price, total, \
                cancelled, cancelled, tax, tax_rate, tax_is_added \
           FROM order_added_lines WHERE part_id = $1 AND addition_id IS NULL",
    )
    .bind::<SqlUuid, _>(part)
    .execute(tx.conn())?;
    let Some(addition) = addition else { return forget(tx, &[part]) };
    sql_query("UPDATE order_added_lines SET addition_id = $2 WHERE part_id = $1 AND addition_id IS NULL")
        .bind::<SqlUuid, _>(part)
        .bind::<SqlUuid, _>(addition)
        .execute(tx.conn())?;
    Ok(())
}

/// Some of the orders to which something was added that has waited for its money for too long, the oldest first.
pub fn overdue(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<Order>>, Failure> {
    Ok(order_added_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_added_lines::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(order_added_lines::addition_id.is_null())
        .filter(orders::added_due_at.le(now))
        .select((orders::added_due_at, orders::id))
        .distinct()
        .order((orders::added_due_at, orders::id))
        .limit(limit)
        .load::<(Option<Time>, Id<Order>)>(conn)?
        .into_iter()
        .map(|(_, order)| order)
        .collect())
}

/// A line, and by which addition it came.
pub type LineOfAddition = (Id<OrderLine>, Option<Uuid>);

/// Which of an order's lines were added after it was paid, and by which addition each.
pub fn lines_of_additions(conn: &mut Conn, order: Id<Order>) -> Result<Vec<LineOfAddition>, Failure> {
    Ok(order_added_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_added_lines::part_id)))
        .filter(order_parts::order_id.eq(order))
        .filter(order_added_lines::addition_id.is_not_null())
        .select((order_added_lines::id, order_added_lines::addition_id))
        .load(conn)?)
}

/// What was paid for what was added to a part.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct PaidAddition {
    #[diesel(sql_type = SqlUuid)]
    pub part_id: Id<OrderPart>,
    /// What brought it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub intent_id: Option<Id<PaymentIntent>>,
    #[diesel(sql_type = BigInt)]
    pub amount: i64,
    /// How much of it can be there at the most, by what is left of that payment.
    #[diesel(sql_type = BigInt)]
    pub kept: i64,
}

/// What was paid for all that was added to an order.
pub fn paid_for(conn: &mut Conn, order: Id<Order>) -> Result<Vec<PaidAddition>, Failure> {
    let query = sql_query(
        "SELECT n.part_id, n.intent_id, n.amount, \
                least(n.amount, coalesce(i.captured, i.amount) - i.refunded - i.disputed) AS kept \
           FROM order_additions n JOIN order_parts p ON p.id = n.part_id \
           LEFT JOIN payment_intents i ON i.id = n.intent_id \
          WHERE p.order_id = $1 ORDER BY n.id",
    );
    Ok(query.bind::<SqlUuid, _>(order).load(conn)?)
}

/// The parts to which these additions were made.
pub fn parts_of(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<(Uuid, Id<OrderPart>)>, Failure> {
    let rows = order_additions::table.filter(order_additions::id.eq_any(ids));
    Ok(rows.select((order_additions::id, order_additions::part_id)).load(conn)?)
}

/// The place of the last of what was added to a part; none if nothing was.
pub fn last_ordinal(conn: &mut Conn, part: Id<OrderPart>) -> Result<Option<i32>, Failure> {
    let lines = order_added_lines::table.filter(order_added_lines::part_id.eq(part));
    Ok(lines.select(order_added_lines::ordinal).order(order_added_lines::ordinal.desc()).first(conn).optional()?)
}
