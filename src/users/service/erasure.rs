//! Erasing people: what is theirs goes, and what holds against them stays.

use chrono::TimeDelta;

use crate::users::{
    model::{SessionEnd, User},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, crypto::MasterKey, db::Tx},
};

/// How long what holds against an erased account holds against one that comes after it.
const REMEMBERED: TimeDelta = TimeDelta::days(3 * 365);

/// A step: erases a person. Of them stays that there was somebody, whom messages and orders name, and by whom they were blocked.
/// May be repeated, which finds what was written at that very moment. The caller holds the person's row.
pub fn erase(tx: &mut Tx<'_>, master: &MasterKey, user: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let email_key = queries::email_key_of(tx.conn(), user)?;
    if let Some(email_key) = &email_key
        && queries::is_blocked_by_any(tx.conn(), user)?
    {
        queries::insert_former_address(tx, user, &master.mac(FORMER_ADDRESS, &[email_key.as_bytes()]))?;
    }
    queries::delete_belongings(tx, user, email_key.as_deref())?;
    queries::set_others_ended(tx, user, None, now, SessionEnd::Revoked)?;
    queries::set_forgotten(tx, user, now)?;
    queries::set_erased(tx, user, now)
}

/// A step: has what holds against the erased accounts of an address hold against a new one.
pub(super) fn inherit(tx: &mut Tx<'_>, master: &MasterKey, user: Id<User>, email_key: &str) -> Result<(), Failure> {
    for key in master.macs(FORMER_ADDRESS, &[email_key.as_bytes()]) {
        queries::inherit_blocks(tx, user, &key)?;
    }
    Ok(())
}

/// The purpose of what stands for an address, so that no row names one.
const FORMER_ADDRESS: &str = "former address";

/// Forgets the addresses of erased accounts after [`REMEMBERED`].
pub async fn forget_former_addresses(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - REMEMBERED;
        queries::delete_former_addresses(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
