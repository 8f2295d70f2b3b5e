//! Notes of shops in Postgres.

use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Timestamptz, Uuid as SqlUuid},
};

use super::Position;
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    orders::model::{OrderPart, PartNote},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{order_part_notes, order_parts},
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = order_part_notes)]
pub struct NewNote<'a> {
    pub id: Id<PartNote>,
    pub part_id: Id<OrderPart>,
    pub author_id: Option<Id<User>>,
    pub text: &'a str,
    pub created_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, note: &NewNote<'_>) -> Result<(), Failure> {
    diesel::insert_into(order_part_notes::table).values(note).execute(tx.conn())?;
    Ok(())
}

/// How many notes there are about a part.
pub fn count_of_part(conn: &mut Conn, part: Id<OrderPart>) -> Result<i64, Failure> {
    Ok(order_part_notes::table.filter(order_part_notes::part_id.eq(part)).count().get_result(conn)?)
}

pub fn find(conn: &mut Conn, id: Id<PartNote>) -> Result<Option<PartNote>, Failure> {
    Ok(order_part_notes::table.find(id).select(PartNote::as_select()).first(conn).optional()?)
}

/// False if it is gone already.
pub fn delete(tx: &mut Tx<'_>, id: Id<PartNote>) -> Result<bool, Failure> {
    Ok(diesel::delete(order_part_notes::table.find(id)).execute(tx.conn())? == 1)
}

/// Those of some parts that these shops have.
pub fn parts_of_shops(
    conn: &mut Conn,
    parts: &[Id<OrderPart>],
    shops: &[Id<Shop>],
) -> Result<Vec<Id<OrderPart>>, Failure> {
    let own = order_parts::table.filter(order_parts::id.eq_any(parts)).filter(order_parts::shop_id.eq_any(shops));
    Ok(own.select(order_parts::id).load(conn)?)
}

/// The notes about some parts, oldest first.
pub fn by_parts(conn: &mut Conn, parts: &[Id<OrderPart>]) -> Result<Vec<PartNote>, Failure> {
    Ok(order_part_notes::table
        .filter(order_part_notes::part_id.eq_any(parts))
        .order((order_part_notes::part_id, order_part_notes::created_at, order_part_notes::id))
        .select(PartNote::as_select())
        .load(conn)?)
}

/// A page of what somebody has written down, newest first.
pub fn by_author(conn: &mut Conn, author: Id<User>, page: &Page<Position>) -> Result<Slice<PartNote>, Failure> {
    let query = order_part_notes::table
        .filter(order_part_notes::author_id.eq(author))
        .select(PartNote::as_select())
        .into_boxed();
    let query =
        newest_first!(query, page, (order_part_notes::created_at, order_part_notes::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// Forgets who wrote what somebody wrote down.
pub fn clear_author(tx: &mut Tx<'_>, author: Id<User>) -> Result<(), Failure> {
    diesel::update(order_part_notes::table.filter(order_part_notes::author_id.eq(author)))
        .set(order_part_notes::author_id.eq(None::<Id<User>>))
        .execute(tx.conn())?;
    Ok(())
}
