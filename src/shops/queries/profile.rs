//! What shops show of themselves, in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, upsert::excluded,
};
use serde_json::Value;

use crate::{
    kernel::{address::StoredAddress, error::Failure, id::Id},
    media::model::Medium,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{media, shop_policies, shop_profiles, shops},
    shops::model::{Policy, Profile, Shop, ShopPolicyKind, ShownProfile},
};

/// What shops show of themselves, in no order.
pub fn profiles(conn: &mut Conn, shops: &[Id<Shop>]) -> Result<Vec<ShownProfile>, Failure> {
    let rows: Vec<(Profile, Option<Medium>)> = shop_profiles::table
        .left_join(media::table.on(media::id.nullable().eq(shop_profiles::banner_id)))
        .filter(shop_profiles::shop_id.eq_any(shops))
        .select((Profile::as_select(), Option::<Medium>::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(profile, banner)| ShownProfile { profile, banner }).collect())
}

/// Shops with where they send from, in no order.
pub fn senders(conn: &mut Conn, ids: &[Id<Shop>]) -> Result<Vec<(Shop, Option<StoredAddress>)>, Failure> {
    Ok(shops::table
        .left_join(shop_profiles::table.on(shop_profiles::shop_id.eq(shops::id)))
        .filter(shops::id.eq_any(ids))
        .select((Shop::as_select(), shop_profiles::ships_from.nullable()))
        .load(conn)?)
}

/// The profile of a locked shop.
pub fn profile(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<Profile>, Failure> {
    Ok(shop_profiles::table.find(shop).select(Profile::as_select()).first(conn).optional()?)
}

/// What changes about a shop's profile. The inner `None` clears.
#[derive(Default, AsChangeset)]
#[diesel(table_name = shop_profiles)]
#[allow(clippy::option_option, reason = "this is how Diesel tells what stays from what becomes NULL")]
pub struct ProfileColumns<'a> {
    pub banner_id: Option<Option<Id<Medium>>>,
    pub banner_text: Option<&'a str>,
    pub ships_from: Option<Option<Value>>,
    pub holiday_from: Option<Option<Time>>,
    pub holiday_until: Option<Option<Time>>,
    pub holiday_note: Option<&'a str>,
}

/// Makes an empty profile of a shop that has none.
pub fn ensure_profile(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<(), Failure> {
    let empty =
        (shop_profiles::shop_id.eq(shop), shop_profiles::banner_text.eq(""), shop_profiles::holiday_note.eq(""));
    diesel::insert_into(shop_profiles::table).values(empty).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

pub fn set_profile(tx: &mut Tx<'_>, shop: Id<Shop>, columns: &ProfileColumns<'_>) -> Result<(), Failure> {
    diesel::update(shop_profiles::table.find(shop)).set(columns).execute(tx.conn())?;
    Ok(())
}

/// The policies of shops, each shop's by kind.
pub fn policies(conn: &mut Conn, shops: &[Id<Shop>]) -> Result<Vec<Policy>, Failure> {
    Ok(shop_policies::table
        .filter(shop_policies::shop_id.eq_any(shops))
        .order((shop_policies::shop_id, shop_policies::kind))
        .select(Policy::as_select())
        .load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = shop_policies)]
pub struct NewPolicy<'a> {
    pub shop_id: Id<Shop>,
    pub kind: ShopPolicyKind,
    pub body: &'a str,
    pub updated_at: Time,
}

pub fn set_policies(tx: &mut Tx<'_>, rows: &[NewPolicy<'_>]) -> Result<(), Failure> {
    diesel::insert_into(shop_policies::table)
        .values(rows)
        .on_conflict((shop_policies::shop_id, shop_policies::kind))
        .do_update()
        .set((
            shop_policies::body.eq(excluded(shop_policies::body)),
            shop_policies::updated_at.eq(excluded(shop_policies::updated_at)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn delete_policies(tx: &mut Tx<'_>, shop: Id<Shop>, kinds: &[ShopPolicyKind]) -> Result<(), Failure> {
    let gone = shop_policies::shop_id.eq(shop).and(shop_policies::kind.eq_any(kinds));
    diesel::delete(shop_policies::table.filter(gone)).execute(tx.conn())?;
    Ok(())
}
