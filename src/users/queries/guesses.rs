//! Guesses in Postgres.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, dsl::max, upsert::excluded};

use crate::{
    kernel::error::Failure,
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::guesses,
    users::model::Guesses,
};

/// Locks the guesses of these keys, in their order, and begins those that there are none of.
pub fn lock_guesses(tx: &mut Tx<'_>, keys: &[Vec<u8>], now: Time) -> Result<Vec<Guesses>, Failure> {
    let none = |key: &Vec<u8>| Guesses { key: key.clone(), wrong: 0, open_at: None, counted_at: now };
    let mut rows: Vec<_> = keys.iter().map(none).collect();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(diesel::insert_into(guesses::table)
        .values(rows)
        .on_conflict(guesses::key)
        .do_update()
        .set(guesses::key.eq(excluded(guesses::key)))
        .returning(Guesses::as_returning())
        .get_results(tx.conn())?)
}

pub fn set_guesses(tx: &mut Tx<'_>, rows: Vec<Guesses>) -> Result<(), Failure> {
    diesel::insert_into(guesses::table)
        .values(rows)
        .on_conflict(guesses::key)
        .do_update()
        .set((
            guesses::wrong.eq(excluded(guesses::wrong)),
            guesses::open_at.eq(excluded(guesses::open_at)),
            guesses::counted_at.eq(excluded(guesses::counted_at)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Until when the next guess by any of these keys has to wait; none if it has not.
pub fn guesses_wait_until(conn: &mut Conn, keys: &[Vec<u8>], now: Time) -> Result<Option<Time>, Failure> {
    let waiting = guesses::table.filter(guesses::key.eq_any(keys)).filter(guesses::open_at.gt(now));
    Ok(waiting.select(max(guesses::open_at)).first(conn)?)
}

/// Takes one guess for not made, and lets the next one be looked at.
pub fn set_guess_given_back(tx: &mut Tx<'_>, key: &[u8]) -> Result<(), Failure> {
    diesel::update(guesses::table.find(key).filter(guesses::wrong.gt(0)))
        .set((guesses::wrong.eq(guesses::wrong - 1), guesses::open_at.eq(None::<Time>)))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes one guess for not made that was begun by a time, and lets the next one be looked at. Nothing changes if those of that time are
/// forgotten, and it is others that are counted.
pub fn set_guess_of_then_given_back(tx: &mut Tx<'_>, key: &[u8], begun_by: Time) -> Result<(), Failure> {
    let row = guesses::table.find(key).filter(guesses::wrong.gt(0)).filter(guesses::counted_at.le(begun_by));
    diesel::update(row)
        .set((guesses::wrong.eq(guesses::wrong - 1), guesses::open_at.eq(None::<Time>)))
        .execute(tx.conn())?;
    Ok(())
}

pub fn delete_guesses(tx: &mut Tx<'_>, key: &[u8]) -> Result<(), Failure> {
    diesel::delete(guesses::table.find(key)).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` keys' guesses of which the last was made before a time. Returns how many.
pub fn delete_old_guesses(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Vec<u8>> =
        guesses::table.filter(guesses::counted_at.lt(before)).limit(limit).select(guesses::key).load(tx.conn())?;
    Ok(diesel::delete(guesses::table.filter(guesses::key.eq_any(old))).execute(tx.conn())?)
}
