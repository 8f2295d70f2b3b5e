//! Who is told by mail that a payout has failed.

use crate::{
    kernel::{error::Failure, money::Money},
    payouts::{
        model::{PayoutFailedMail, PayoutStatus},
        queries,
    },
    platform::{app::App, caller::Caller, db::Conn},
    shops::{
        self,
        model::{Shop, ShopRole},
    },
    users::{
        self,
        model::{Addressee, NotificationKind},
    },
};

/// An owner of a shop who is told that a payout has failed.
pub struct PayoutToTell {
    pub person: Addressee,
    pub shop: Shop,
    pub amount: Money,
    pub unsubscribe: String,
}

/// An owner of a shop who is told that a payout has failed; none if they own it no longer.
///
/// # Errors
/// If the database fails.
pub async fn owner_to_tell(app: &App, caller: &Caller, job: PayoutFailedMail) -> Result<Option<PayoutToTell>, Failure> {
    let PayoutFailedMail { payout, owner } = job;
    let Some(person) = users::service::told_now(app, caller, (owner, NotificationKind::Shop), job).await? else {
        return Ok(None);
    };
    let read = move |conn: &mut Conn| {
        let failed = queries::by_id(conn, payout)?.filter(|payout| payout.status == PayoutStatus::Failed);
        let Some(failed) = failed else { return Ok(None) };
        if shops::service::membership(conn, owner, failed.shop_id)? != Some(ShopRole::Owner) {
            return Ok(None);
        }
        let shop = shops::service::shops_by_ids(conn, &[failed.shop_id])?.pop();
        Ok::<_, Failure>(shop.map(|shop| (shop, failed.money())))
    };
    let unsubscribe = users::service::unsubscribe_url(app, owner, NotificationKind::Shop);
    let told = app.db.read(read).await?;
    Ok(told.map(|(shop, amount)| PayoutToTell { person, shop, amount, unsubscribe }))
}
