//! Who does not want to hear of whom. What follows from it is up to those domains in which people meet.

use crate::users::{
    error::AccountError,
    model::{BlockKey, Face, MAXIMUM_BLOCKED, User, oneself},
    queries,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
};

/// A step: blocks somebody who may be blocked already. Who begins something between the two meanwhile waits.
pub fn block(tx: &mut Tx<'_>, blocker: Id<User>, other: Id<User>) -> Result<(), AccountError> {
    if blocker == other {
        return Err(AccountError::Oneself);
    }
    queries::lock_user(tx, blocker)?;
    if queries::faces_by_ids(tx.conn(), &[other])?.is_empty() {
        return Err(AccountError::NoSuchPerson);
    }
    let is_new = queries::insert_block(tx, blocker, other)?;
    if is_new && queries::count_blocked(tx.conn(), blocker, MAXIMUM_BLOCKED + 1)? > MAXIMUM_BLOCKED {
        return Err(AccountError::TooManyBlocked);
    }
    Ok(())
}

/// A step: undoes it, if it was done. Returns whom it kept away: accounts that came after an erased one, as well.
pub fn unblock(tx: &mut Tx<'_>, blocker: Id<User>, other: Id<User>) -> Result<Vec<Id<User>>, Failure> {
    queries::lock_user(tx, blocker)?;
    queries::delete_block(tx, blocker, other)
}

/// A step: whether each of two has blocked the other, which does not change before the transaction ends.
pub fn blocks_between(tx: &mut Tx<'_>, one: Id<User>, other: Id<User>) -> Result<(bool, bool), Failure> {
    queries::hold_people(tx, &[one, other])?;
    let by_one = queries::has_blocked(tx.conn(), one, other)?;
    Ok((by_one, queries::has_blocked(tx.conn(), other, one)?))
}

/// Whom the caller has blocked, the last one first, and when.
pub async fn blocked(app: &App, caller: &Caller, page: Page<BlockKey>) -> Result<Slice<(Face, Time)>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::blocked(conn, user, &page)).await
}

/// How many people the caller has blocked, counted up to `limit`.
pub async fn count_blocked(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::count_blocked(conn, user, limit)).await
}
