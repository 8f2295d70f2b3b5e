//! Where the money of shops goes.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id},
    payouts::model::{Payout, PayoutAccount, PayoutAccountStatus, PayoutRequirement},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::payout_accounts,
    shops::model::Shop,
    users::model::User,
};

pub fn account(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<PayoutAccount>, Failure> {
    Ok(payout_accounts::table.find(shop).select(PayoutAccount::as_select()).first(conn).optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = payout_accounts)]
pub struct NewPayoutAccount<'a> {
    pub shop_id: Id<Shop>,
    pub provider: &'a str,
    pub destination: &'a str,
    pub status: PayoutAccountStatus,
    pub requirement: Option<PayoutRequirement>,
    pub set_by: Option<Id<User>>,
    pub updated_at: Time,
    /// When it was named by who has named it, if that is not long ago.
    pub named_at: Option<Time>,
}

/// In the place of the one that the shop had.
pub fn set_account(tx: &mut Tx<'_>, account: &NewPayoutAccount<'_>) -> Result<(), Failure> {
    diesel::insert_into(payout_accounts::table)
        .values(account)
        .on_conflict(payout_accounts::shop_id)
        .do_update()
        .set((
            payout_accounts::provider.eq(account.provider),
            payout_accounts::destination.eq(account.destination),
            payout_accounts::status.eq(account.status),
            payout_accounts::requirement.eq(account.requirement),
            payout_accounts::set_by.eq(account.set_by),
            payout_accounts::updated_at.eq(account.updated_at),
            payout_accounts::named_at.eq(account.named_at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has nothing more go to the account of a payout, if it is still the shop's, and nobody has named it again since.
pub fn stop_account(tx: &mut Tx<'_>, payout: &Payout) -> Result<(), Failure> {
    let now = tx.now();
    let account = payout_accounts::table
        .find(payout.shop_id)
        .filter(payout_accounts::provider.eq(&payout.provider))
        .filter(payout_accounts::destination.eq(&payout.destination))
        .filter(payout_accounts::updated_at.le(payout.created_at));
    diesel::update(account)
        .set((
            payout_accounts::status.eq(PayoutAccountStatus::Requirements),
            payout_accounts::requirement.eq(Some(PayoutRequirement::AnotherAccount)),
            payout_accounts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has nothing more go to an account that its provider does not know any more, if it is still the shop's. Nobody has named it from then on,
/// so that another takes its place. False if it was noted before.
pub fn forget_lost(tx: &mut Tx<'_>, lost: &PayoutAccount) -> Result<bool, Failure> {
    let now = tx.now();
    let account = payout_accounts::table
        .find(lost.shop_id)
        .filter(payout_accounts::provider.eq(&lost.provider))
        .filter(payout_accounts::destination.eq(&lost.destination))
        .filter(payout_accounts::set_by.is_not_null());
    let forgotten = diesel::update(account)
        .set((
            payout_accounts::status.eq(PayoutAccountStatus::Requirements),
            payout_accounts::requirement.eq(Some(PayoutRequirement::AnotherAccount)),
            payout_accounts::set_by.eq(None::<Id<User>>),
            payout_accounts::lost.eq(payout_accounts::lost + 1),
            payout_accounts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(forgotten == 1)
}

/// Nobody has named the accounts any more that somebody named.
pub fn forget_person(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let theirs = payout_accounts::table.filter(payout_accounts::set_by.eq(user));
    diesel::update(theirs).set(payout_accounts::set_by.eq(None::<Id<User>>)).execute(tx.conn())?;
    Ok(())
}

/// Shops whose account with a provider is not ready, by its word, and has changed since a moment, in the order of their ids.
pub fn waiting(
    conn: &mut Conn,
    provider: &str,
    since: Time,
    after: Id<Shop>,
    limit: i64,
) -> Result<Vec<Id<Shop>>, Failure> {
    let waiting = payout_accounts::table
        .filter(payout_accounts::provider.eq(provider))
        .filter(payout_accounts::status.eq(PayoutAccountStatus::Requirements))
        .filter(payout_accounts::requirement.ne(PayoutRequirement::AnotherAccount))
        .filter(payout_accounts::updated_at.gt(since))
        .filter(payout_accounts::shop_id.gt(after))
        .order(payout_accounts::shop_id)
        .limit(limit);
    Ok(waiting.select(payout_accounts::shop_id).load(conn)?)
}
