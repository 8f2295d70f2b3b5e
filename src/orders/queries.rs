//! Orders in Postgres.

/// An order with its ledger account, which is there once money has come in.
macro_rules! orders_with_money {
    () => {
        orders::table.left_join(
            accounts::table.on(accounts::owner_id
                .eq(orders::id.nullable())
                .and(accounts::kind.eq(AccountKind::Order))
                .and(accounts::currency.eq(orders::currency))),
        )
    };
}

/// A part with its order, and that one's ledger account.
macro_rules! parts_with_orders {
    () => {
        order_parts::table.inner_join(orders::table.on(orders::id.eq(order_parts::order_id))).left_join(
            accounts::table.on(accounts::owner_id
                .eq(orders::id.nullable())
                .and(accounts::kind.eq(AccountKind::Order))
                .and(accounts::currency.eq(orders::currency))),
        )
    };
}

pub mod additions;
pub mod again;
pub mod checks;
pub mod claims;
pub mod documents;
pub mod edits;
pub mod explanation;
pub mod guests;
pub mod import;
pub mod learning;
pub mod lists;
pub mod notes;
pub mod refunds;
pub mod returns;
pub mod sales;
pub mod shipments;
pub mod standing;
pub mod steps;
pub mod waiting;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, SelectableHelper, sql_types::Bool,
};
use uuid::Uuid;

use super::model::{
    Cancellation, Charge, FulfillmentState, FullPart, Order, OrderCosts, OrderLifecycle, OrderLine, OrderLineKind,
    OrderPart, OrderSource, PaidOrder,
};
use crate::{
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    messages::model::Conversation,
    payments::model::{AccountKind, PaymentIntent},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{Product, Variant},
    schema::{accounts, order_lines, order_parts, orders, payment_intents, shop_members},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

/// Where a row stands in a list by time.
pub type Position = (Time, Uuid);

fn paid((order, paid): (Order, Option<i64>)) -> PaidOrder {
    PaidOrder { order, paid: paid.unwrap_or(0) }
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Order>]) -> Result<Vec<PaidOrder>, Failure> {
    let rows = orders_with_money!()
        .filter(orders::id.eq_any(ids))
        .select((Order::as_select(), accounts::balance.nullable()))
        .load(conn)?;
    Ok(rows.into_iter().map(paid).collect())
}

/// A part's row with its order's, and what has come in for the order.
type PartRow = (OrderPart, Order, Option<i64>);

/// The parts of some orders with everything that belongs to them, in one statement.
pub fn parts_by_orders(conn: &mut Conn, ids: &[Id<Order>]) -> Result<Vec<FullPart>, Failure> {
    let rows: Vec<(OrderPart, Order, Option<i64>, OrderLine)> = parts_with_orders!()
        .inner_join(order_lines::table.on(order_lines::part_id.eq(order_parts::id)))
        .filter(order_parts::order_id.eq_any(ids))
        .order((order_parts::order_id, order_parts::ordinal, order_lines::ordinal))
        .select((OrderPart::as_select(), Order::as_select(), accounts::balance.nullable(), OrderLine::as_select()))
        .load(conn)?;
    let mut parts: Vec<FullPart> = Vec::new();
    for (part, order, balance, line) in rows {
        match parts.last_mut() {
            Some(last) if last.part.id == part.id => last.lines.push(line),
            _ => parts.push(FullPart { part, order: paid((order, balance)), lines: vec![line], added: Vec::new() }),
        }
    }
    add_waiting(conn, &mut parts)?;
    Ok(parts)
}

/// Puts what was added to parts after they were paid, and waits for its money, with these: it is hardly ever there.
fn add_waiting(conn: &mut Conn, parts: &mut [FullPart]) -> Result<(), Failure> {
    let waiting = parts.iter().filter(|part| part.order.order.added > 0);
    let ids: Vec<Id<OrderPart>> = waiting.map(|part| part.part.id).collect();
    if !ids.is_empty() {
        for line in additions::waiting_of_parts(conn, &ids)? {
            if let Some(part) = parts.iter_mut().find(|part| part.part.id == line.part_id) {
                part.added.push(line);
            }
        }
    }
    Ok(())
}

/// Parts with their orders and lines: two statements.
pub fn parts_by_ids(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<FullPart>, Failure> {
    let rows: Vec<PartRow> = parts_with_orders!()
        .filter(order_parts::id.eq_any(ids))
        .select((OrderPart::as_select(), Order::as_select(), accounts::balance.nullable()))
        .load(conn)?;
    with_lines(conn, rows)
}

pub fn parts_by_conversations(conn: &mut Conn, ids: &[Id<Conversation>]) -> Result<Vec<FullPart>, Failure> {
    let rows: Vec<PartRow> = parts_with_orders!()
        .filter(order_parts::conversation_id.eq_any(ids))
        .select((OrderPart::as_select(), Order::as_select(), accounts::balance.nullable()))
        .load(conn)?;
    with_lines(conn, rows)
}

fn with_lines(conn: &mut Conn, rows: Vec<PartRow>) -> Result<Vec<FullPart>, Failure> {
    let ids: Vec<Id<OrderPart>> = rows.iter().map(|(part, ..)| part.id).collect();
    let lines: Vec<OrderLine> = order_lines::table
        .filter(order_lines::part_id.eq_any(ids))
        .order((order_lines::part_id, order_lines::ordinal))
        .select(OrderLine::as_select())
        .load(conn)?;
    let full = |(part, order, balance): PartRow| {
        let lines = lines.iter().filter(|line| line.part_id == part.id).cloned().collect();
        FullPart { part, order: paid((order, balance)), lines, added: Vec::new() }
    };
    let mut parts: Vec<FullPart> = rows.into_iter().map(full).collect();
    add_waiting(conn, &mut parts)?;
    Ok(parts)
}

/// The order that a part belongs to.
pub fn order_of_part(conn: &mut Conn, id: Id<OrderPart>) -> Result<Option<Id<Order>>, Failure> {
    Ok(order_parts::table.find(id).select(order_parts::order_id).first(conn).optional()?)
}

/// The shop that a part belongs to.
pub fn shop_of_part(conn: &mut Conn, id: Id<OrderPart>) -> Result<Option<Id<Shop>>, Failure> {
    Ok(order_parts::table.find(id).select(order_parts::shop_id).first(conn).optional()?)
}

/// Locks an order: taken before everything else that belongs to it.
pub fn lock_order(tx: &mut Tx<'_>, id: Id<Order>) -> Result<Option<Order>, Failure> {
    Ok(orders::table.find(id).select(Order::as_select()).for_update().first(tx.conn()).optional()?)
}

/// The parts of one order.
pub fn parts_of(conn: &mut Conn, id: Id<Order>) -> Result<Vec<OrderPart>, Failure> {
    Ok(order_parts::table
        .filter(order_parts::order_id.eq(id))
        .order(order_parts::ordinal)
        .select(OrderPart::as_select())
        .load(conn)?)
}

/// A product, one of its variants, and how many pieces of it.
pub type Sold = (Option<Id<Product>>, Option<Id<Variant>>, i32);

/// How many pieces of what were ordered and not called off.
pub fn sold_in(conn: &mut Conn, id: Id<Order>) -> Result<Vec<Sold>, Failure> {
    Ok(order_lines::table
        .inner_join(order_parts::table.on(order_parts::id.eq(order_lines::part_id)))
        .filter(order_parts::order_id.eq(id))
        .filter(order_lines::kind.eq(OrderLineKind::Goods))
        .select((order_lines::product_id, order_lines::variant_id, order_lines::quantity - order_lines::cancelled))
        .load(conn)?)
}

#[derive(Clone, Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct NewOrder<'a> {
    pub id: Id<Order>,
    pub number: &'a str,
    pub buyer_id: Option<Id<User>>,
    pub status: OrderLifecycle,
    pub currency: CurrencyCode,
    pub total: i64,
    pub shipping_address: Option<serde_json::Value>,
    pub source: OrderSource,
    pub placed_at: Time,
    pub payment_due_at: Option<Time>,
    pub note: Option<String>,
}

/// Writes an order down. False if another one has its number: then it is not.
pub fn insert_order(tx: &mut Tx<'_>, order: &NewOrder<'_>, costs: &OrderCosts) -> Result<bool, Failure> {
    let rows = diesel::insert_into(orders::table).values((order, costs)).on_conflict(orders::number).do_nothing();
    Ok(rows.execute(tx.conn())? == 1)
}

#[derive(Insertable)]
#[diesel(table_name = order_parts, treat_none_as_default_value = false)]
pub struct NewPart {
    pub id: Id<OrderPart>,
    pub order_id: Id<Order>,
    pub shop_id: Id<Shop>,
    pub conversation_id: Option<Id<Conversation>>,
    pub ordinal: i32,
    pub fulfillment_state: FulfillmentState,
    pub total: i64,
    pub placed_at: Time,
    pub commission_rate: i32,
    pub tax_withheld: i64,
    pub shipping_method: Option<String>,
    pub promotion: Option<String>,
    /// Whether documents are issued of its money.
    pub is_invoiced: bool,
}

pub fn insert_parts(tx: &mut Tx<'_>, parts: &[NewPart]) -> Result<(), Failure> {
    diesel::insert_into(order_parts::table).values(parts).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = order_lines, treat_none_as_default_value = false)]
pub struct NewLine<'a> {
    pub id: Id<OrderLine>,
    pub part_id: Id<OrderPart>,
    pub ordinal: i32,
    pub kind: OrderLineKind,
    pub product_id: Option<Id<Product>>,
    pub variant_id: Option<Id<Variant>>,
    pub title: &'a str,
    pub sku: &'a str,
    pub quantity: i32,
    pub unit_price: i64,
    pub total: i64,
}

pub fn insert_lines(tx: &mut Tx<'_>, lines: &[(NewLine<'_>, Charge)]) -> Result<(), Failure> {
    diesel::insert_into(order_lines::table).values(lines).execute(tx.conn())?;
    Ok(())
}

/// Marks an order as cancelled. Returns its new version; none if it was not open.
pub fn set_cancelled(tx: &mut Tx<'_>, id: Id<Order>, why: Cancellation) -> Result<Option<i32>, Failure> {
    let now = tx.now();
    Ok(diesel::update(orders::table.find(id).filter(orders::status.eq(OrderLifecycle::Open)))
        .set((
            orders::status.eq(OrderLifecycle::Cancelled),
            orders::cancelled_at.eq(now),
            orders::cancellation.eq(why),
            orders::payment_due_at.eq(None::<Time>),
            orders::version.eq(orders::version + 1),
        ))
        .returning(orders::version)
        .get_result(tx.conn())
        .optional()?)
}

/// Opens an order again that was called off.
pub fn set_reopened(tx: &mut Tx<'_>, id: Id<Order>) -> Result<(), Failure> {
    diesel::update(orders::table.find(id))
        .set((
            orders::status.eq(OrderLifecycle::Open),
            orders::cancelled_at.eq(None::<Time>),
            orders::cancellation.eq(None::<Cancellation>),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Some of the orders that have waited for their money for too long, the oldest first.
pub fn overdue(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<Order>>, Failure> {
    let overdue = orders::table.filter(orders::payment_due_at.le(now)).order(orders::payment_due_at);
    Ok(overdue.select(orders::id).limit(limit).load(conn)?)
}

/// Whether nothing that an order brought was passed on.
const NEVER_PASSED_ON: &str =
    "NOT EXISTS (SELECT FROM accounts passed WHERE passed.kind = 'PASSED_ON' AND passed.owner_id = orders.id)";

/// Some of the orders that are paid in full, of which nothing was passed on, in the order of their ids.
pub fn paid_and_kept(conn: &mut Conn, after: Option<Id<Order>>, limit: i64) -> Result<Vec<Id<Order>>, Failure> {
    let mut paid = orders_with_money!()
        .filter(orders::source.eq(OrderSource::Agora))
        .filter(orders::total.gt(0))
        .filter(accounts::balance.nullable().ge(orders::total.nullable()))
        .filter(diesel::dsl::sql::<Bool>(NEVER_PASSED_ON))
        .order(orders::id)
        .select(orders::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        paid = paid.filter(orders::id.gt(after));
    }
    Ok(paid.load(conn)?)
}

/// Says until when an order waits for its money; no longer, if no time is said. Returns its new version.
pub fn set_payment_due(tx: &mut Tx<'_>, id: Id<Order>, until: Option<Time>) -> Result<i32, Failure> {
    Ok(diesel::update(orders::table.find(id))
        .set((orders::payment_due_at.eq(until), orders::version.eq(orders::version + 1)))
        .returning(orders::version)
        .get_result(tx.conn())?)
}

/// Notes that something about an order has changed. Returns its new version.
pub fn set_changed(tx: &mut Tx<'_>, id: Id<Order>) -> Result<i32, Failure> {
    Ok(diesel::update(orders::table.find(id))
        .set(orders::version.eq(orders::version + 1))
        .returning(orders::version)
        .get_result(tx.conn())?)
}

/// A payment with its order's buyer, who alone may see it.
pub type BuyersPayment = (PaymentIntent, Option<Id<User>>);

/// The payments of some orders, oldest first.
pub fn payments_by_orders(conn: &mut Conn, ids: &[Id<Order>]) -> Result<Vec<BuyersPayment>, Failure> {
    Ok(payment_intents::table
        .inner_join(orders::table.on(orders::id.eq(payment_intents::order_id)))
        .filter(orders::id.eq_any(ids))
        .order((payment_intents::created_at, payment_intents::id))
        .select((PaymentIntent::as_select(), orders::buyer_id))
        .load(conn)?)
}

pub fn payments_by_ids(conn: &mut Conn, ids: &[Id<PaymentIntent>]) -> Result<Vec<BuyersPayment>, Failure> {
    Ok(payment_intents::table
        .inner_join(orders::table.on(orders::id.eq(payment_intents::order_id)))
        .filter(payment_intents::id.eq_any(ids))
        .select((PaymentIntent::as_select(), orders::buyer_id))
        .load(conn)?)
}

/// The shops that somebody works for, and as what.
pub fn shops_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<(Id<Shop>, ShopRole)>, Failure> {
    let rows = shop_members::table.filter(shop_members::user_id.eq(user));
    Ok(rows.select((shop_members::shop_id, shop_members::role)).load(conn)?)
}

/// Forgets where orders of these people went that were placed before a time, and what they told the shops.
pub fn forget_addresses(tx: &mut Tx<'_>, buyers: &[Id<User>], before: Time) -> Result<(), Failure> {
    let old = orders::table.filter(orders::buyer_id.eq_any(buyers)).filter(orders::placed_at.lt(before));
    diesel::update(old.filter(orders::shipping_address.is_not_null()))
        .set((orders::shipping_address.eq(None::<serde_json::Value>), orders::note.eq(None::<String>)))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets where an order was to go, and what its buyer told the shops.
pub fn forget_address(tx: &mut Tx<'_>, id: Id<Order>) -> Result<(), Failure> {
    let row = diesel::update(orders::table.find(id));
    row.set((orders::shipping_address.eq(None::<serde_json::Value>), orders::note.eq(None::<String>)))
        .execute(tx.conn())?;
    Ok(())
}
