//! Where a shop's money goes.

use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        self,
        service::provider::{self, NoAnswer},
    },
    payouts::{
        error::PayoutError,
        model::{PayoutAccount, PayoutAccountStatus},
        queries::{self, NewPayoutAccount},
    },
    platform::{app::App, caller::Caller, db::Conn},
    shops::{
        self,
        model::{Desk, Permission, Shop},
    },
    users::model::oneself,
};

/// A page of the provider on which the owner of a shop says where its money goes.
pub async fn onboarding_link(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    return_url: &str,
) -> Result<String, PayoutError> {
    let user = oneself(caller)?;
    let permit = move |conn: &mut Conn| shops::service::permit(conn, user, shop, Permission::SetUpPayouts, "shopId");
    app.db.read(permit).await?;
    if !app.market.may_lead_back_to(return_url) {
        return Err(PayoutError::ReturnUrl);
    }
    match payments::service::onboard(app, shop, return_url).await {
        Ok(url) => url.ok_or(PayoutError::NoProvider),
        Err(NoAnswer) => Err(Failure::Unavailable.into()),
    }
}

/// Takes note of the account of a shop, by the word of the market's provider. Whether there are such a shop and such a provider.
///
/// # Errors
/// If the database fails.
pub async fn set_account(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    (destination, status): (String, PayoutAccountStatus),
) -> Result<bool, Failure> {
    let Some(provider) = provider::of(app).map(provider::Provider::name) else { return Ok(false) };
    app.db
        .write(caller, move |tx| {
            if shops::service::lock_shop(tx, shop)?.is_none() {
                return Ok(false);
            }
            let updated_at = tx.now();
            let account = NewPayoutAccount { shop_id: shop, provider, destination: &destination, status, updated_at };
            queries::set_account(tx, &account)?;
            Ok(true)
        })
        .await
}

/// Where the money of a shop goes, if its owner has said so; nothing at all if the member's role does not see money.
///
/// # Errors
/// If the database fails.
pub async fn account(app: &App, desk: &Desk) -> Result<Option<Option<PayoutAccount>>, Failure> {
    let Some(shop) = super::desk::seen_by(desk) else { return Ok(None) };
    app.db.read(move |conn| queries::account(conn, shop)).await.map(Some)
}
