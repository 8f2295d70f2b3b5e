//! Where a shop's money goes.

use super::telling;
use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        self,
        model::{AccountStanding, Onboarding},
        service::provider::{self, NoAnswer},
    },
    payouts::{
        error::PayoutError,
        model::{LookAtPayoutAccount, PayoutAccount, PayoutAccountStatus, PayoutRequirement, told_by},
        queries::{self, NewPayoutAccount},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    shops::{
        self,
        model::{Desk, Permission, Shop, ShopRole},
    },
    users::{
        self,
        model::{User, oneself},
    },
};

/// A page of the provider on which the owner of a shop says where its money goes.
///
/// # Errors
/// `STEP_UP_REQUIRED` besides: whoever finds an open device must not lead the money elsewhere.
pub async fn onboarding_link(
    app: &App,
    caller: &Caller,
    shop: Id<Shop>,
    return_url: &str,
) -> Result<String, PayoutError> {
    let user = oneself(caller)?;
    users::service::require_recent_proof(app, caller).await?;
    let permit = move |conn: &mut Conn| shops::service::permit(conn, user, shop, Permission::SetUpPayouts, "shopId");
    app.db.read(permit).await?;
    if !app.market.may_lead_back_to(return_url) {
        return Err(PayoutError::ReturnUrl);
    }
    let provider = provider::of(app).ok_or(PayoutError::NoProvider)?;
    if !provider.leads_back_to(app, return_url) {
        return Err(PayoutError::ReturnUrl);
    }
    for _ in 0..PAGES_ASKED_FOR {
        let own = if provider.opens_accounts() {
            Some(opened(app, caller, (shop, user), provider.name()).await?)
        } else {
            None
        };
        let account = own.as_ref().map(|own| own.destination.clone());
        let wanted = Onboarding { shop, person: user, account, return_url: return_url.to_owned() };
        let page = payments::service::onboard(app, &wanted).await.map_err(|NoAnswer| Failure::Unavailable)?;
        match (page, own) {
            (Some(page), _) => return Ok(page),
            (None, Some(lost)) => forget_lost(app, caller, lost).await?,
            (None, None) => break,
        }
    }
    Err(Failure::Unavailable.into())
}

/// The page of the account that is there, and of the one that is made in its place if the provider does not know it any more.
const PAGES_ASKED_FOR: usize = 2;

/// Has nothing more go to an account that its provider does not know any more: it was deleted or cut off there, or is one of other keys. The
/// next one is made when an owner asks for the page.
///
/// # Errors
/// If the database fails.
pub(super) async fn forget_lost(app: &App, caller: &Caller, lost: PayoutAccount) -> Result<(), Failure> {
    let forget = move |tx: &mut Tx<'_>| {
        shops::service::lock_shop(tx, lost.shop_id)?;
        if queries::forget_lost(tx, &lost)? {
            tracing::error!(shop = %lost.shop_id, "the provider does not know the account of a shop any more: is it the market's own?");
        }
        Ok(())
    };
    app.db.write(caller, forget).await
}

/// The account that a provider has made for a shop. Of those that are made at the same moment one is the shop's, and nothing ever goes to
/// another.
async fn opened(
    app: &App,
    caller: &Caller,
    (shop, person): (Id<Shop>, Id<User>),
    provider: &'static str,
) -> Result<PayoutAccount, Failure> {
    let read = move |conn: &mut Conn| {
        let lost = queries::account(conn, shop)?.map_or(0, |last| last.lost);
        Ok::<_, Failure>((owners_account(conn, shop, provider)?, lost))
    };
    let account = match app.db.read(read).await? {
        (Some(own), _) => own.destination,
        (None, lost) => {
            let made = payments::service::open_account(app, (shop, person), lost).await;
            made.map_err(|NoAnswer| Failure::Unavailable)?
        }
    };
    app.db.write(caller, move |tx| bind(tx, (shop, person), (provider, account.as_str()))).await
}

/// A step: has an account be a shop's unless it has one with the provider that was made for an owner of it, and has the provider asked
/// how it stands. Returns the shop's.
fn bind(
    tx: &mut Tx<'_>,
    (shop, person): (Id<Shop>, Id<User>),
    (provider, account): (&str, &str),
) -> Result<PayoutAccount, Failure> {
    if shops::service::lock_shop(tx, shop)?.is_none() {
        return Err(Failure::Unavailable);
    }
    let now = tx.now();
    if owners_account(tx.conn(), shop, provider)?.is_none() {
        let (status, requirement) = told_by(AccountStanding::Unfinished);
        let account = NewPayoutAccount {
            shop_id: shop,
            provider,
            destination: account,
            status,
            requirement,
            set_by: Some(person),
            updated_at: now,
            named_at: Some(now),
        };
        queries::set_account(tx, &account)?;
        telling::tell_of_account(tx, shop)?;
    }
    let job = LookAtPayoutAccount { shop };
    tx.enqueue_at(&job, now + PayoutAccount::LOOKED_AT_AFTER, Some(&job.key()))?;
    queries::account(tx.conn(), shop)?.ok_or(Failure::Unavailable)
}

/// Takes note of the account that an owner of a shop has named, to which money can go, by the word of the market's provider. Whether
/// there is such a provider, and they own such a shop.
///
/// # Errors
/// If the database fails.
pub async fn set_account(
    app: &App,
    caller: &Caller,
    (shop, person): (Id<Shop>, Id<User>),
    destination: String,
) -> Result<bool, Failure> {
    let Some(provider) = provider::of(app).map(provider::Provider::name) else { return Ok(false) };
    app.db
        .write(caller, move |tx| {
            shops::service::lock_shop(tx, shop)?;
            if shops::service::membership(tx.conn(), person, shop)? != Some(ShopRole::Owner) {
                return Ok(false);
            }
            let updated_at = tx.now();
            let destination = destination.as_str();
            let same = queries::account(tx.conn(), shop)?
                .filter(|own| own.provider == provider && own.destination == destination);
            let is_same = same.is_some();
            let named_before = same.filter(|own| own.set_by == Some(person));
            let account = NewPayoutAccount {
                shop_id: shop,
                provider,
                destination,
                status: PayoutAccountStatus::Enabled,
                requirement: None,
                set_by: Some(person),
                updated_at,
                named_at: named_before.map_or(Some(updated_at), |own| own.named_at),
            };
            queries::set_account(tx, &account)?;
            if !is_same {
                telling::tell_of_account(tx, shop)?;
            }
            Ok(true)
        })
        .await
}

/// A step: where the money of a shop goes. To an account that was named by somebody who does not own the shop any more nothing goes.
pub(super) fn usable_account(conn: &mut Conn, shop: Id<Shop>) -> Result<Option<PayoutAccount>, Failure> {
    let Some(account) = queries::account(conn, shop)? else { return Ok(None) };
    if is_an_owners(conn, &account)? {
        return Ok(Some(account));
    }
    let (status, requirement) = (PayoutAccountStatus::Requirements, Some(PayoutRequirement::AnotherAccount));
    Ok(Some(PayoutAccount { status, requirement, ..account }))
}

/// The account of a shop with a provider, if it was named by somebody who owns the shop.
fn owners_account(conn: &mut Conn, shop: Id<Shop>, provider: &str) -> Result<Option<PayoutAccount>, Failure> {
    let own = queries::account(conn, shop)?.filter(|own| own.provider == provider);
    let Some(own) = own else { return Ok(None) };
    Ok(is_an_owners(conn, &own)?.then_some(own))
}

/// A step: whether nothing goes to an account because a shop of its owner's, this one or another, owes the market something. What is owed in
/// one currency is not made up for by what is earned in another.
pub(super) fn is_barred(conn: &mut Conn, account: &PayoutAccount) -> Result<bool, Failure> {
    match account.set_by {
        Some(owner) => queries::is_owing(conn, owner),
        None => Ok(false),
    }
}

fn is_an_owners(conn: &mut Conn, account: &PayoutAccount) -> Result<bool, Failure> {
    let Some(person) = account.set_by else { return Ok(false) };
    Ok(shops::service::membership(conn, person, account.shop_id)? == Some(ShopRole::Owner))
}

/// A step: nobody has named the accounts that somebody named, so nothing more goes there.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::forget_person(tx, user)
}

/// Where the money of a shop goes with the market's provider, if its owner has said so; nothing at all if the member's role does not see money.
///
/// # Errors
/// If the database fails.
pub async fn account(app: &App, desk: &Desk) -> Result<Option<Option<PayoutAccount>>, Failure> {
    let Some(shop) = super::desk::seen_by(desk) else { return Ok(None) };
    let Some(provider) = provider::of(app).map(provider::Provider::name) else { return Ok(Some(None)) };
    let account = app.db.read(move |conn| usable_account(conn, shop)).await?;
    Ok(Some(account.filter(|account| account.provider == provider)))
}
