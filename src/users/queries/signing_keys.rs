//! The keys that sign access tokens, in Postgres.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};

use crate::{
    kernel::error::Failure,
    platform::{
        clock::Time,
        crypto::SealedKey,
        db::{Conn, Tx},
    },
    schema::signing_keys,
};

/// The keys that sign and verify access tokens, newest first: those in use, and those that were until `retired_since`.
pub fn signing_keys(conn: &mut Conn, retired_since: Time) -> Result<Vec<SealedKey>, Failure> {
    let columns = (signing_keys::id, signing_keys::public_key, signing_keys::sealed_key);
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = signing_keys::table
        .filter(signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(retired_since)))
        .order((signing_keys::retired_at.is_not_null(), signing_keys::created_at.desc(), signing_keys::id))
        .limit(MAXIMUM_SIGNING_KEYS)
        .select(columns)
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, public_key, sealed_key)| SealedKey { id, public_key, sealed_key }).collect())
}

/// Keys that verify at the same time: whoever rotates more often within eleven minutes ends tokens early.
const MAXIMUM_SIGNING_KEYS: i64 = 16;

/// Takes all keys out of use but this one, and deletes those that verify nothing any more.
pub fn set_retired(tx: &mut Tx<'_>, kept: &str, now: Time, retired_since: Time) -> Result<(), Failure> {
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()).filter(signing_keys::id.ne(kept)))
        .set(signing_keys::retired_at.eq(now))
        .execute(tx.conn())?;
    diesel::delete(signing_keys::table.filter(signing_keys::retired_at.le(retired_since))).execute(tx.conn())?;
    Ok(())
}

pub fn set_sealed(tx: &mut Tx<'_>, key: &SealedKey) -> Result<(), Failure> {
    let row = diesel::update(signing_keys::table.find(&key.id));
    row.set(signing_keys::sealed_key.eq(&key.sealed_key)).execute(tx.conn())?;
    Ok(())
}

pub fn insert_signing_key(tx: &mut Tx<'_>, key: &SealedKey) -> Result<(), Failure> {
    let now = tx.now();
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::id.eq(&key.id),
            signing_keys::public_key.eq(&key.public_key),
            signing_keys::sealed_key.eq(&key.sealed_key),
            signing_keys::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Keeps other processes from making a first signing key at the same time.
pub fn lock_signing_keys(tx: &mut Tx<'_>) -> Result<(), Failure> {
    diesel::sql_query("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn())?;
    Ok(())
}
