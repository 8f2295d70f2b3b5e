//! Addresses that a mail server says it does not have. Writing to them again and again costs a sender its good name, so
//! nothing is sent there for a while.

use chrono::TimeDelta;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    kernel::error::Failure,
    platform::{
        clock::Time,
        crypto::MasterKey,
        db::{Conn, Tx},
    },
    schema::undeliverable,
};

/// For how long nothing is sent to an address that bounced.
pub const BOUNCED_FOR: TimeDelta = TimeDelta::days(30);

/// What stands for an address, so that no row names one.
pub fn key(master: &MasterKey, address: &str) -> Vec<u8> {
    master.mac("undeliverable", &[address.trim().to_lowercase().as_bytes()]).to_vec()
}

/// Whether nothing is sent to an address now.
pub fn holds(conn: &mut Conn, key: &[u8], now: Time) -> Result<bool, Failure> {
    let row = undeliverable::table.find(key).filter(undeliverable::until.gt(now));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Has nothing sent to an address for [`BOUNCED_FOR`].
pub fn insert(tx: &mut Tx<'_>, key: &[u8]) -> Result<(), Failure> {
    let until = undeliverable::until.eq(tx.now() + BOUNCED_FOR);
    diesel::insert_into(undeliverable::table)
        .values((undeliverable::key.eq(key), until))
        .on_conflict(undeliverable::key)
        .do_update()
        .set(until)
        .execute(tx.conn())?;
    Ok(())
}

/// Has mail sent to an address again. Returns whether none was.
pub fn delete(tx: &mut Tx<'_>, key: &[u8]) -> Result<bool, Failure> {
    Ok(diesel::delete(undeliverable::table.find(key)).execute(tx.conn())? > 0)
}

/// Deletes at most `limit` rows whose time is over. Returns how many.
pub fn delete_over(tx: &mut Tx<'_>, limit: i64) -> Result<usize, Failure> {
    let now = tx.now();
    let over: Vec<Vec<u8>> = undeliverable::table
        .filter(undeliverable::until.le(now))
        .limit(limit)
        .select(undeliverable::key)
        .load(tx.conn())?;
    Ok(diesel::delete(undeliverable::table.filter(undeliverable::key.eq_any(over))).execute(tx.conn())?)
}
