//! Who is told by mail what becomes of a shop's money. Owners are told whatever they prefer: it is about the safety of that.

use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    payouts::{
        model::{PayoutAccountMail, PayoutFailedMail, PayoutStatus},
        queries,
    },
    platform::{
        app::App,
        db::{Conn, Tx},
    },
    shops::{
        self,
        model::{Shop, ShopRole},
    },
    users::model::{Addressee, User},
};

/// A step: has the owners of a shop told that its money goes to another account.
pub(super) fn tell_of_account(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<(), Failure> {
    let owners = shops::service::owners_of(tx.conn(), shop)?;
    tx.enqueue_all(owners.into_iter().map(|owner| PayoutAccountMail { shop, owner }))
}

/// An owner of a shop who is told that a payout has failed.
pub struct PayoutToTell {
    pub person: Addressee,
    pub shop: Shop,
    pub amount: Money,
}

/// An owner of a shop who is told that a payout has failed; none if they own it no longer.
///
/// # Errors
/// If the database fails.
pub async fn owner_to_tell(app: &App, job: PayoutFailedMail) -> Result<Option<PayoutToTell>, Failure> {
    let PayoutFailedMail { payout, owner } = job;
    let found = app.db.read(move |conn| queries::by_id(conn, payout)).await?;
    let Some(failed) = found.filter(|found| found.status == PayoutStatus::Failed) else { return Ok(None) };
    let told = owner_of(app, owner, failed.shop_id).await?;
    Ok(told.map(|(person, shop)| PayoutToTell { person, shop, amount: failed.money() }))
}

/// An owner of a shop who is told about it; none if they own it no longer, or have no address.
///
/// # Errors
/// If the database fails.
pub async fn owner_of(app: &App, owner: Id<User>, shop: Id<Shop>) -> Result<Option<(Addressee, Shop)>, Failure> {
    let read = move |conn: &mut Conn| shops::service::membership(conn, owner, shop);
    if app.db.read(read).await? != Some(ShopRole::Owner) {
        return Ok(None);
    }
    shops::service::person_and_shop(app, owner, shop).await
}
