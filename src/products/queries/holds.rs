//! Products that the staff have hidden, in Postgres.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    products::model::Product,
    schema::product_holds,
};

/// Those of the products that the staff have hidden.
pub fn held(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Id<Product>>, Failure> {
    let rows = product_holds::table.filter(product_holds::product_id.eq_any(ids));
    Ok(rows.select(product_holds::product_id).load(conn)?)
}

/// Says that the staff have hidden a locked product. False if they had.
pub fn insert_hold(tx: &mut Tx<'_>, id: Id<Product>, cause: Uuid, was_active: bool) -> Result<bool, Failure> {
    let now = tx.now();
    let row = (
        product_holds::product_id.eq(id),
        product_holds::cause_id.eq(cause),
        product_holds::was_active.eq(was_active),
        product_holds::created_at.eq(now),
    );
    Ok(diesel::insert_into(product_holds::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}

/// Says that a product is hidden no more, and whether it was for sale before. None if this very cause does not hide it.
pub fn delete_hold(tx: &mut Tx<'_>, id: Id<Product>, cause: Uuid) -> Result<Option<bool>, Failure> {
    let row = product_holds::table.find(id).filter(product_holds::cause_id.eq(cause));
    Ok(diesel::delete(row).returning(product_holds::was_active).get_result(tx.conn()).optional()?)
}
