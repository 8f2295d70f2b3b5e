//! Address books in Postgres.

use diesel::{AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use serde_json::Value;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::saved_addresses,
    users::model::{SavedAddress, User},
};

/// A person's addresses, the newest first.
pub fn saved_addresses(conn: &mut Conn, user: Id<User>) -> Result<Vec<SavedAddress>, Failure> {
    Ok(saved_addresses::table
        .filter(saved_addresses::user_id.eq(user))
        .order(saved_addresses::id.desc())
        .limit(SavedAddress::MAXIMUM)
        .select(SavedAddress::as_select())
        .load(conn)?)
}

/// Those of the addresses that are the person's.
pub fn saved_addresses_by_ids(
    conn: &mut Conn,
    user: Id<User>,
    ids: &[Id<SavedAddress>],
) -> Result<Vec<SavedAddress>, Failure> {
    let own = saved_addresses::table.filter(saved_addresses::user_id.eq(user));
    Ok(own.filter(saved_addresses::id.eq_any(ids)).select(SavedAddress::as_select()).load(conn)?)
}

pub fn count_saved_addresses(conn: &mut Conn, user: Id<User>) -> Result<i64, Failure> {
    Ok(saved_addresses::table.filter(saved_addresses::user_id.eq(user)).count().get_result(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = saved_addresses)]
pub struct NewSavedAddress {
    pub id: Id<SavedAddress>,
    pub user_id: Id<User>,
    pub address: Value,
    pub is_default_shipping: bool,
    pub is_default_billing: bool,
    pub created_at: Time,
    pub updated_at: Time,
}

pub fn insert_saved_address(tx: &mut Tx<'_>, row: &NewSavedAddress) -> Result<(), Failure> {
    diesel::insert_into(saved_addresses::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// What changes about an address; none stays.
#[derive(AsChangeset)]
#[diesel(table_name = saved_addresses)]
pub struct SavedAddressUpdate {
    pub address: Option<Value>,
    pub is_default_shipping: Option<bool>,
    pub is_default_billing: Option<bool>,
    pub updated_at: Time,
}

/// None if the person has no such address.
pub fn set_saved_address(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<SavedAddress>,
    change: &SavedAddressUpdate,
) -> Result<Option<SavedAddress>, Failure> {
    Ok(diesel::update(saved_addresses::table.find(id).filter(saved_addresses::user_id.eq(user)))
        .set(change)
        .returning(SavedAddress::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Takes from an address that it is where things go by default.
pub fn clear_default_shipping(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let default = saved_addresses::table.filter(saved_addresses::user_id.eq(user));
    let default = default.filter(saved_addresses::is_default_shipping);
    diesel::update(default).set(saved_addresses::is_default_shipping.eq(false)).execute(tx.conn())?;
    Ok(())
}

/// Takes from an address that it stands on bills by default.
pub fn clear_default_billing(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let default = saved_addresses::table.filter(saved_addresses::user_id.eq(user));
    let default = default.filter(saved_addresses::is_default_billing);
    diesel::update(default).set(saved_addresses::is_default_billing.eq(false)).execute(tx.conn())?;
    Ok(())
}

/// False if the person has no such address.
pub fn delete_saved_address(tx: &mut Tx<'_>, user: Id<User>, id: Id<SavedAddress>) -> Result<bool, Failure> {
    let row = saved_addresses::table.find(id).filter(saved_addresses::user_id.eq(user));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}
