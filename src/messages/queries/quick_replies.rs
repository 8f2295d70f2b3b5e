//! Saved texts of shops in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::quick_replies::QuickReply,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{quick_replies, shop_members},
    shops::model::{Shop, ShopRole},
    users::model::User,
};

/// The saved texts of shops, in the order of their shortcuts.
pub fn of_shops(conn: &mut Conn, shops: &[Id<Shop>]) -> Result<Vec<QuickReply>, Failure> {
    Ok(quick_replies::table
        .filter(quick_replies::shop_id.eq_any(shops))
        .order((quick_replies::shop_id, quick_replies::shortcut))
        .select(QuickReply::as_select())
        .load(conn)?)
}

/// Saved texts with the role that somebody has in their shop. Of shops in which they have none there are none.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<QuickReply>]) -> Result<Vec<(QuickReply, ShopRole)>, Failure> {
    let member = shop_members::shop_id.eq(quick_replies::shop_id).and(shop_members::user_id.eq(user));
    Ok(quick_replies::table
        .inner_join(shop_members::table.on(member))
        .filter(quick_replies::id.eq_any(ids))
        .select((QuickReply::as_select(), shop_members::role))
        .load(conn)?)
}

/// How many a shop has.
pub fn count(conn: &mut Conn, shop: Id<Shop>) -> Result<i64, Failure> {
    Ok(quick_replies::table.filter(quick_replies::shop_id.eq(shop)).count().get_result(conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: Id<QuickReply>) -> Result<Option<QuickReply>, Failure> {
    let row = quick_replies::table.find(id).select(QuickReply::as_select()).for_update();
    Ok(row.first(tx.conn()).optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = quick_replies)]
pub struct NewQuickReply<'a> {
    pub id: Id<QuickReply>,
    pub shop_id: Id<Shop>,
    pub shortcut: &'a str,
    pub text: &'a str,
    pub created_at: Time,
}

/// Saves a text.
///
/// # Errors
/// A violated [`ONE_SHORTCUT`] if another one has the shortcut.
pub fn insert(tx: &mut Tx<'_>, row: &NewQuickReply<'_>) -> Result<(), Failure> {
    diesel::insert_into(quick_replies::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// The constraint that no two of a shop have the same shortcut.
pub const ONE_SHORTCUT: &str = "quick_replies_shop_shortcut";

/// Changes a locked one.
///
/// # Errors
/// A violated [`ONE_SHORTCUT`] if another one has the shortcut.
pub fn set(tx: &mut Tx<'_>, id: Id<QuickReply>, shortcut: &str, text: &str) -> Result<(), Failure> {
    let columns = (
        quick_replies::shortcut.eq(shortcut),
        quick_replies::text.eq(text),
        quick_replies::version.eq(quick_replies::version + 1),
    );
    diesel::update(quick_replies::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

pub fn delete(tx: &mut Tx<'_>, id: Id<QuickReply>) -> Result<(), Failure> {
    diesel::delete(quick_replies::table.find(id)).execute(tx.conn())?;
    Ok(())
}
