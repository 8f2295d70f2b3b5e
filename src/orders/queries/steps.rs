//! What happened to orders, and what of their money goes back.

use diesel::{ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::OrderStep,
    orders::model::{Order, OrderPart, Step},
    payments::model::Refund,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{order_parts, order_steps, orders, refunds},
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = order_steps)]
pub struct NewStep<'a> {
    pub id: Id<Step>,
    pub order_id: Id<Order>,
    pub part_id: Option<Id<OrderPart>>,
    pub step: OrderStep,
    pub actor_id: Option<Id<User>>,
    pub about_id: Option<Uuid>,
    pub reason: Option<&'a str>,
    pub created_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, steps: &[NewStep<'_>]) -> Result<(), Failure> {
    diesel::insert_into(order_steps::table).values(steps).execute(tx.conn())?;
    Ok(())
}

/// Something of an order's, with the order's buyer.
pub type Bought<T> = (T, Option<Id<User>>);

/// What happened to some orders, oldest first.
pub fn by_orders(conn: &mut Conn, ids: &[Id<Order>]) -> Result<Vec<Bought<Step>>, Failure> {
    Ok(order_steps::table
        .inner_join(orders::table.on(orders::id.eq(order_steps::order_id)))
        .filter(order_steps::order_id.eq_any(ids))
        .order((order_steps::order_id, order_steps::position))
        .select((Step::as_select(), orders::buyer_id))
        .load(conn)?)
}

/// A step by its id.
pub fn find(conn: &mut Conn, id: Id<Step>) -> Result<Option<Step>, Failure> {
    Ok(order_steps::table.find(id).select(Step::as_select()).first(conn).optional()?)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Step>]) -> Result<Vec<Bought<Step>>, Failure> {
    Ok(order_steps::table
        .inner_join(orders::table.on(orders::id.eq(order_steps::order_id)))
        .filter(order_steps::id.eq_any(ids))
        .select((Step::as_select(), orders::buyer_id))
        .load(conn)?)
}

/// The refunds of some orders, oldest first.
pub fn refunds_by_orders(conn: &mut Conn, ids: &[Id<Order>]) -> Result<Vec<Bought<Refund>>, Failure> {
    Ok(refunds::table
        .inner_join(orders::table.on(orders::id.eq(refunds::order_id)))
        .filter(orders::id.eq_any(ids))
        .order((refunds::order_id, refunds::created_at, refunds::id))
        .select((Refund::as_select(), orders::buyer_id))
        .load(conn)?)
}

pub fn refunds_by_ids(conn: &mut Conn, ids: &[Id<Refund>]) -> Result<Vec<Bought<Refund>>, Failure> {
    Ok(refunds::table
        .inner_join(orders::table.on(orders::id.eq(refunds::order_id)))
        .filter(refunds::id.eq_any(ids))
        .select((Refund::as_select(), orders::buyer_id))
        .load(conn)?)
}

/// How often something happened to a part.
pub fn count_of_part(conn: &mut Conn, part: Id<OrderPart>, step: OrderStep) -> Result<i64, Failure> {
    let steps = order_steps::table.filter(order_steps::part_id.eq(part)).filter(order_steps::step.eq(step));
    Ok(steps.count().get_result(conn)?)
}

/// A part and its order.
pub type PartOf = (Id<Order>, Id<OrderPart>);

/// The parts that these shops have in these orders.
pub fn parts_in_shops(conn: &mut Conn, orders: &[Id<Order>], shops: &[Id<Shop>]) -> Result<Vec<PartOf>, Failure> {
    Ok(order_parts::table
        .filter(order_parts::order_id.eq_any(orders))
        .filter(order_parts::shop_id.eq_any(shops))
        .select((order_parts::order_id, order_parts::id))
        .load(conn)?)
}
