//! Asking providers how the accounts of shops stand, and what has become of what was sent to them.

use uuid::Uuid;

use super::account;
use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        self,
        model::{AccountStanding, ProcessShopEvent, ShopNews},
        service::provider::{self, Provider},
    },
    payouts::{
        model::{LookAtPayoutAccount, Payout, PayoutAccount, PayoutRequirement, PayoutStatus, told_by},
        queries::{self, NewPayoutAccount},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        jobs::{JobError, Planned},
    },
    shops::{self, model::Shop},
};

/// Accounts that are looked at in one statement.
const BATCH: i64 = 500;

/// Has the provider asked about each account that it made, and that is not ready: it may have been told more since, and nobody has said so.
///
/// # Errors
/// If the database fails.
pub async fn look_at_accounts(app: &App, caller: &Caller) -> Result<(), Failure> {
    let Some(provider) = provider::of(app).filter(|provider| provider.opens_accounts()) else { return Ok(()) };
    let (name, since) = (provider.name(), app.now() - PayoutAccount::WATCHED);
    let mut after = Id::from_uuid(Uuid::nil());
    loop {
        let waiting = app.db.read_long(move |conn| queries::waiting(conn, name, since, after, BATCH)).await?;
        let Some(&last) = waiting.last() else { return Ok(()) };
        after = last;
        let enqueue = move |tx: &mut Tx<'_>| {
            let run_at = tx.now();
            let jobs = waiting.iter().map(|&shop| LookAtPayoutAccount { shop });
            let planned = jobs.map(|body| Planned { unique_key: Some(body.key()), body, run_at });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())
        };
        app.db.write(caller, enqueue).await?;
    }
}

/// Asks the provider how a shop's account stands, and takes note of that.
///
/// # Errors
/// If there is no answer, or the database fails: then it is asked again.
pub async fn look_at_account(app: &App, caller: &Caller, job: LookAtPayoutAccount) -> Result<(), JobError> {
    let Some(asked) = own_account(app, job.shop).await? else { return Ok(()) };
    let standing = payments::service::account_standing(app, &asked.provider, &asked.destination).await?;
    if standing == Some(AccountStanding::Unknown) {
        return Ok(account::forget_lost(app, caller, asked).await?);
    }
    let Some((status, requirement)) = standing.map(told_by) else { return Ok(()) };
    let shop = job.shop;
    let note = move |tx: &mut Tx<'_>| {
        shops::service::lock_shop(tx, shop)?;
        let Some(found) = queries::account(tx.conn(), shop)? else { return Ok(()) };
        let is_same = (&found.provider, &found.destination) == (&asked.provider, &asked.destination);
        if !is_same || (found.status, found.requirement) == (status, requirement) {
            return Ok(());
        }
        let now = tx.now();
        // Whoever said there at last where the money goes may be another one than who asked for the page first.
        let is_said_now = found.requirement == Some(PayoutRequirement::Onboarding) && requirement != found.requirement;
        let account = NewPayoutAccount {
            shop_id: shop,
            provider: &found.provider,
            destination: &found.destination,
            status,
            requirement,
            set_by: found.set_by,
            updated_at: now,
            named_at: if is_said_now { Some(now) } else { found.named_at },
        };
        queries::set_account(tx, &account)
    };
    Ok(app.db.write(caller, note).await?)
}

/// The account of a shop with the market's provider.
async fn own_account(app: &App, shop: Id<Shop>) -> Result<Option<PayoutAccount>, Failure> {
    let Some(provider) = provider::of(app).map(Provider::name) else { return Ok(None) };
    let account = app.db.read(move |conn| queries::account(conn, shop)).await?;
    Ok(account.filter(|account| account.provider == provider))
}

/// Asks the provider what has become of what an event is about, and takes note of that.
///
/// # Errors
/// If there is no answer, or the database fails: then the event is looked into again.
pub async fn process_event(app: &App, caller: &Caller, job: ProcessShopEvent) -> Result<(), JobError> {
    match payments::service::shop_news(app, &job).await? {
        // Whoever has access to the account with the provider may write any of our ids into what is theirs.
        Some(ShopNews::Account { shop, account })
            if own_account(app, shop).await?.is_some_and(|own| own.destination == account) =>
        {
            look_at_account(app, caller, LookAtPayoutAccount { shop }).await?;
        }
        Some(ShopNews::Sent { key }) => look_at_sent(app, caller, &key).await?,
        Some(ShopNews::Account { .. }) | None => {}
    }
    let note = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        payments::service::set_processed(tx, &job.told)?;
        Ok(())
    };
    Ok(app.db.write(caller, note).await?)
}

/// Asks what has become of what was sent. Nothing is sent by this.
async fn look_at_sent(app: &App, caller: &Caller, key: &str) -> Result<(), JobError> {
    let Some(id) = Payout::of_key(key) else { return Ok(()) };
    let found = app.db.read(move |conn| queries::by_id(conn, id)).await?;
    let Some(payout) = found.filter(|payout| payout.status != PayoutStatus::Failed) else { return Ok(()) };
    let progress = payments::service::sent(app, &payout.provider, &payout.disbursement()).await?;
    let Some(progress) = progress else { return Ok(()) };
    let attempt = payout.attempt;
    let note = move |tx: &mut Tx<'_>| super::carrying::note_payout(tx, (id, attempt), &progress);
    Ok(app.db.write(caller, note).await?)
}
