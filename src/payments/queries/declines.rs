//! Attempts to pay that nobody knows the end of, in Postgres.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    payments::model::{OpenAttempt, PaymentIntent},
    platform::{clock::Time, db::Tx},
    schema::open_attempts,
};

pub fn insert(tx: &mut Tx<'_>, attempt: &OpenAttempt) -> Result<(), Failure> {
    diesel::insert_into(open_attempts::table).values(attempt).execute(tx.conn())?;
    Ok(())
}

/// Deletes what is kept of an attempt, and returns it: once, however many ask for it.
pub fn close(tx: &mut Tx<'_>, intent: Id<PaymentIntent>) -> Result<Option<OpenAttempt>, Failure> {
    Ok(diesel::delete(open_attempts::table.find(intent))
        .returning(OpenAttempt::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Deletes some of those that were begun before a time. Returns how many.
pub fn delete_old(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old: Vec<Uuid> = open_attempts::table
        .filter(open_attempts::begun_at.lt(before))
        .order(open_attempts::begun_at)
        .limit(limit)
        .select(open_attempts::intent_id)
        .load(tx.conn())?;
    Ok(diesel::delete(open_attempts::table.filter(open_attempts::intent_id.eq_any(old))).execute(tx.conn())?)
}
