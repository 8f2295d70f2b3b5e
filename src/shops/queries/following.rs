//! Shops that people follow, in Postgres.

use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper, sql_types};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{shop_follows, shops},
    shops::model::{FollowKey, Shop},
    users::model::User,
};

/// Those of the shops that somebody follows.
pub fn followed_of(conn: &mut Conn, user: Id<User>, ids: &[Id<Shop>]) -> Result<Vec<Id<Shop>>, Failure> {
    let own = shop_follows::table.filter(shop_follows::user_id.eq(user));
    Ok(own.filter(shop_follows::shop_id.eq_any(ids)).select(shop_follows::shop_id).load(conn)?)
}

pub fn count_followed(conn: &mut Conn, user: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = shop_follows::table.filter(shop_follows::user_id.eq(user));
    Ok(Counted(own.select(shop_follows::shop_id).limit(limit)).get_result(conn)?)
}

/// The shops that somebody follows, the last one first, and since when.
pub fn followed(conn: &mut Conn, user: Id<User>, page: &Page<FollowKey>) -> Result<Slice<(Shop, Time)>, Failure> {
    let query = shop_follows::table
        .inner_join(shops::table.on(shops::id.eq(shop_follows::shop_id)))
        .filter(shop_follows::user_id.eq(user))
        .select((Shop::as_select(), shop_follows::created_at))
        .into_boxed();
    let key = (shop_follows::created_at, shop_follows::shop_id);
    let query = newest_first!(query, page, (key.0, key.1): (sql_types::Timestamptz, sql_types::Uuid));
    Ok(page.slice(query.load(conn)?))
}

/// Follows a shop. False if it was followed already.
pub fn insert_follow(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>) -> Result<bool, Failure> {
    let now = tx.now();
    let row = (shop_follows::user_id.eq(user), shop_follows::shop_id.eq(shop), shop_follows::created_at.eq(now));
    Ok(diesel::insert_into(shop_follows::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}

pub fn delete_follow(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>) -> Result<(), Failure> {
    diesel::delete(shop_follows::table.find((user, shop))).execute(tx.conn())?;
    Ok(())
}

/// Follows nothing any more.
pub fn delete_follows(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(shop_follows::table.filter(shop_follows::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}
