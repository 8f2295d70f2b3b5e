//! What guests ordered that nobody has claimed.

use data_encoding::HEXLOWER;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
    dsl::{count_star, sql},
    sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{NEVER_PASSED_ON, Position, learning::LEARN_ANEW};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        place::Locale,
    },
    newest_first,
    orders::model::{Guest, Order, OrderLineKind, OrderOfAddress},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{guest_orders, order_lines, order_parts, orders, users},
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = guest_orders)]
pub struct NewGuest<'a> {
    pub order_id: Id<Order>,
    pub email: &'a str,
    pub email_key: &'a str,
    pub locale: &'a Locale,
    pub line_key: &'a [u8],
    pub placed_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, guest: &NewGuest<'_>) -> Result<(), Failure> {
    diesel::insert_into(guest_orders::table).values(guest).execute(tx.conn())?;
    Ok(())
}

/// Where mail about an order goes; none if it is no guest's.
pub fn find(conn: &mut Conn, order: Id<Order>) -> Result<Option<Guest>, Failure> {
    Ok(guest_orders::table.find(order).select(Guest::as_select()).first(conn).optional()?)
}

/// Where one more mail about an order goes; none if it is no guest's, if that is forgotten, and after [`Guest::MAXIMUM_MAILS`].
pub fn find_to_mail(conn: &mut Conn, order: Id<Order>) -> Result<Option<Guest>, Failure> {
    let known = guest_orders::table.find(order).filter(guest_orders::email.is_not_null());
    let known = known.filter(guest_orders::mails.lt(Guest::MAXIMUM_MAILS));
    Ok(known.select(Guest::as_select()).first(conn).optional()?)
}

/// Counts a mail about an order, if it is a guest's.
pub fn count_mail(tx: &mut Tx<'_>, order: Id<Order>) -> Result<(), Failure> {
    diesel::update(guest_orders::table.find(order))
        .set(guest_orders::mails.eq(guest_orders::mails + 1))
        .execute(tx.conn())?;
    Ok(())
}

/// Keeps others who order from a line waiting until this transaction ends, so that their orders can be bounded.
pub fn lock_line(tx: &mut Tx<'_>, line_key: &[u8]) -> Result<(), Failure> {
    tx.lock_name(&format!("guest-orders-line {}", HEXLOWER.encode(line_key)))
}

/// How many orders from a line wait for their money, or were placed since a time and cost nothing; and how many of those with an address.
pub fn count_of_line(conn: &mut Conn, line_key: &[u8], email_key: &str, since: Time) -> Result<(i64, i64), Failure> {
    let is_free = orders::total.eq(0).and(orders::placed_at.gt(since));
    let with_address = sql::<BigInt>("count(*) FILTER (WHERE guest_orders.email_key = ");
    Ok(guest_orders::table
        .inner_join(orders::table.on(orders::id.eq(guest_orders::order_id)))
        .filter(guest_orders::line_key.eq(line_key))
        .filter(orders::payment_due_at.is_not_null().or(is_free))
        .select((count_star(), with_address.bind::<Text, _>(email_key).sql(")")))
        .first(conn)?)
}

/// How many pieces wait for their money that were ordered from a line.
pub fn pieces_of_line(conn: &mut Conn, line_key: &[u8]) -> Result<i64, Failure> {
    let pieces = sql::<BigInt>("coalesce(sum(order_lines.quantity - order_lines.cancelled), 0)::bigint");
    Ok(guest_orders::table
        .inner_join(orders::table.on(orders::id.eq(guest_orders::order_id)))
        .inner_join(order_parts::table.on(order_parts::order_id.eq(orders::id)))
        .inner_join(order_lines::table.on(order_lines::part_id.eq(order_parts::id)))
        .filter(guest_orders::line_key.eq(line_key))
        .filter(orders::payment_due_at.is_not_null())
        .filter(order_lines::kind.eq(OrderLineKind::Goods))
        .select(pieces)
        .first(conn)?)
}

/// Says who ordered what nobody in particular had. Returns the order's new version; none if it is somebody's.
pub fn set_buyer(tx: &mut Tx<'_>, id: Id<Order>, buyer: Id<User>) -> Result<Option<i32>, Failure> {
    Ok(diesel::update(orders::table.find(id).filter(orders::buyer_id.is_null()))
        .set((
            orders::buyer_id.eq(buyer),
            orders::version.eq(orders::version + 1),
            orders::is_learned.eq(sql::<Bool>(LEARN_ANEW)),
        ))
        .returning(orders::version)
        .get_result(tx.conn())
        .optional()?)
}

/// Forgets where mail about an order went.
pub fn delete(tx: &mut Tx<'_>, order: Id<Order>) -> Result<(), Failure> {
    diesel::delete(guest_orders::table.find(order)).execute(tx.conn())?;
    Ok(())
}

/// Forgets of some of the orders of guests that were placed before a time where they went, what their buyers told the shops, and where mail
/// went. Returns which.
pub fn forget(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<Vec<Id<Order>>, Failure> {
    let old = guest_orders::table.filter(guest_orders::placed_at.lt(before)).order(guest_orders::placed_at);
    let old: Vec<Id<Order>> = old.select(guest_orders::order_id).limit(limit).load(tx.conn())?;
    forget_orders(tx, &old)?;
    Ok(old)
}

/// Of an order: nobody's in particular, called off, without anything that was given back of it, and it is known where it was to go. By these
/// words Postgres knows its index `orders_called_off`.
const CALLED_OFF: &str = "orders.status = 'CANCELLED' AND orders.buyer_id IS NULL AND orders.refunded = 0 \
                          AND orders.shipping_address IS NOT NULL";

/// The same of those that were called off and never brought anything. Returns how many. Money that comes for one after all goes back.
pub fn forget_unpaid(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    // One that is just being opened again is none of them.
    let old: Vec<Id<Order>> = orders::table
        .inner_join(guest_orders::table.on(guest_orders::order_id.eq(orders::id)))
        .filter(sql::<Bool>(CALLED_OFF))
        .filter(orders::placed_at.lt(before))
        .filter(sql::<Bool>(NEVER_PASSED_ON))
        .order(orders::placed_at)
        .select(orders::id)
        .limit(limit)
        .for_update()
        .skip_locked()
        .load(tx.conn())?;
    forget_orders(tx, &old)?;
    Ok(old.len())
}

fn forget_orders(tx: &mut Tx<'_>, old: &[Id<Order>]) -> Result<(), Failure> {
    diesel::update(orders::table.filter(orders::id.eq_any(old)).filter(orders::buyer_id.is_null()))
        .set((orders::shipping_address.eq(None::<serde_json::Value>), orders::note.eq(None::<String>)))
        .execute(tx.conn())?;
    diesel::delete(guest_orders::table.filter(guest_orders::order_id.eq_any(old))).execute(tx.conn())?;
    Ok(())
}

/// None, which is like nothing, if their account has no address.
fn email_key_of(conn: &mut Conn, user: Id<User>) -> Result<Option<String>, Failure> {
    Ok(users::table.find(user).select(users::email_key).first(conn)?)
}

/// A page of the orders of guests with the address of somebody's account, newest first.
pub fn by_address_of(conn: &mut Conn, user: Id<User>, page: &Page<Position>) -> Result<Slice<OrderOfAddress>, Failure> {
    let key = email_key_of(conn, user)?;
    let query = guest_orders::table
        .inner_join(orders::table.on(orders::id.eq(guest_orders::order_id)))
        .filter(guest_orders::email_key.eq(key))
        .select(OrderOfAddress::as_select())
        .into_boxed();
    let query = newest_first!(query, page, (orders::placed_at, orders::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// Forgets the address of somebody's account where it is that of orders of guests.
pub fn forget_address_of(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let key = email_key_of(tx.conn(), user)?;
    diesel::update(guest_orders::table.filter(guest_orders::email_key.eq(key)))
        .set((guest_orders::email.eq(None::<String>), guest_orders::email_key.eq(None::<String>)))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets from which lines some orders were placed before a time that wait for no money. Returns how many.
pub fn forget_lines(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Id<Order>> = guest_orders::table
        .inner_join(orders::table.on(orders::id.eq(guest_orders::order_id)))
        .filter(guest_orders::line_key.is_not_null())
        .filter(guest_orders::placed_at.lt(before))
        .filter(orders::payment_due_at.is_null())
        .select(guest_orders::order_id)
        .limit(limit)
        .load(tx.conn())?;
    Ok(diesel::update(guest_orders::table.filter(guest_orders::order_id.eq_any(&old)))
        .set(guest_orders::line_key.eq(None::<Vec<u8>>))
        .execute(tx.conn())?)
}
