//! Where a shop's money goes.

use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        self,
        model::AccountStanding,
        service::provider::{self, NoAnswer},
    },
    payouts::{
        error::PayoutError,
        model::{LookAtPayoutAccount, PayoutAccount, PayoutAccountStatus, told_by},
        queries::{self, NewPayoutAccount},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
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
    let provider = provider::of(app).ok_or(PayoutError::NoProvider)?;
    let account =
        if provider.opens_accounts() { Some(opened(app, caller, shop, provider.name()).await?) } else { None };
    let page = payments::service::onboard(app, (shop, account.as_deref()), return_url).await;
    Ok(page.map_err(|NoAnswer| Failure::Unavailable)?)
}

/// The account that a provider has made for a shop. Of those that are made at the same moment one is the shop's, and nothing ever goes to
/// another.
async fn opened(app: &App, caller: &Caller, shop: Id<Shop>, provider: &'static str) -> Result<String, Failure> {
    let own = app.db.read(move |conn| queries::account(conn, shop)).await?;
    let account = match own.filter(|own| own.provider == provider) {
        Some(own) => own.destination,
        None => payments::service::open_account(app, shop).await.map_err(|NoAnswer| Failure::Unavailable)?,
    };
    app.db.write(caller, move |tx| bind(tx, shop, (provider, account.as_str()))).await
}

/// A step: has an account be a shop's unless it has one with the provider, and has the provider asked how it stands. Returns the shop's.
fn bind(tx: &mut Tx<'_>, shop: Id<Shop>, (provider, account): (&str, &str)) -> Result<String, Failure> {
    if shops::service::lock_shop(tx, shop)?.is_none() {
        return Err(Failure::Unavailable);
    }
    let now = tx.now();
    let own = queries::account(tx.conn(), shop)?.filter(|own| own.provider == provider);
    let destination = if let Some(own) = own {
        own.destination
    } else {
        let (status, requirement) = told_by(AccountStanding::Unfinished);
        let account =
            NewPayoutAccount { shop_id: shop, provider, destination: account, status, requirement, updated_at: now };
        queries::set_account(tx, &account)?;
        account.destination.to_owned()
    };
    let job = LookAtPayoutAccount { shop };
    tx.enqueue_at(&job, now + PayoutAccount::LOOKED_AT_AFTER, Some(&job.key()))?;
    Ok(destination)
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
            let (destination, requirement) = (destination.as_str(), None);
            let account = NewPayoutAccount { shop_id: shop, provider, destination, status, requirement, updated_at };
            queries::set_account(tx, &account)?;
            Ok(true)
        })
        .await
}

/// Where the money of a shop goes with the market's provider, if its owner has said so; nothing at all if the member's role does not see money.
///
/// # Errors
/// If the database fails.
pub async fn account(app: &App, desk: &Desk) -> Result<Option<Option<PayoutAccount>>, Failure> {
    let Some(shop) = super::desk::seen_by(desk) else { return Ok(None) };
    super::looking::own_account(app, shop).await.map(Some)
}
