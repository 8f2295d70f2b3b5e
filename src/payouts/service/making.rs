//! Making payouts of what is payable.

use chrono::TimeDelta;
use uuid::Uuid;

use super::carrying;
use crate::{
    kernel::{error::Failure, money::Money},
    payments::{
        self,
        model::{AccountKind, TransferCause},
        service::{
            Movement,
            provider::{self, Provider},
        },
    },
    payouts::{
        model::{MakePayout, Payout, PayoutStatus},
        queries::{self, NewPayout},
    },
    platform::{app::App, caller::Caller, db::Tx},
    shops,
};

/// Rows that are looked at in one statement.
const BATCH: i64 = 500;

/// Has a payout made of each account of which something may be payable, each by a job of its own, and asks anew about those of which
/// nothing was heard for long.
///
/// # Errors
/// If the database fails; what was begun before stays so.
pub async fn make_payouts(app: &App, caller: &Caller) -> Result<(), Failure> {
    let Some(provider) = provider::of(app).map(Provider::name) else { return Ok(()) };
    let mut after = Uuid::nil();
    loop {
        let now = app.now();
        let found = app.db.read_long(move |conn| queries::candidates(conn, provider, after, now, BATCH)).await?;
        let Some(last) = found.last() else { break };
        after = last.id;
        let enqueue = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            found.iter().try_for_each(|account| {
                let job = MakePayout { shop: account.shop_id, currency: account.currency };
                tx.enqueue_at(&job, now, Some(&job.key()))
            })
        };
        app.db.write(caller, enqueue).await?;
    }
    ask_anew(app, caller).await
}

async fn ask_anew(app: &App, caller: &Caller) -> Result<(), Failure> {
    let moment = app.now() - Payout::SILENCE;
    let silent = app.db.read(move |conn| queries::silent_since(conn, moment, BATCH)).await?;
    let enqueue = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        silent.iter().try_for_each(|payout| carrying::begin(tx, payout, now))
    };
    app.db.write(caller, enqueue).await
}

/// Makes a payout of what is payable to a shop in a currency, unless it had one today.
///
/// # Errors
/// If the database fails.
pub async fn make_payout(app: &App, caller: &Caller, job: MakePayout) -> Result<(), Failure> {
    let Some(provider) = provider::of(app) else { return Ok(()) };
    let delay = app.market.checkout.payout_delay;
    app.db.write(caller, move |tx| make(tx, job, provider, delay)).await
}

fn make(tx: &mut Tx<'_>, job: MakePayout, provider: &dyn Provider, delay: TimeDelta) -> Result<(), Failure> {
    let MakePayout { shop, currency } = job;
    shops::service::lock_shop(tx, shop)?;
    let account = queries::account(tx.conn(), shop)?.filter(|account| account.is_ready_for(provider.name()));
    let Some(account) = account else { return Ok(()) };
    // What is taken back meanwhile waits, and finds what is left.
    if payments::service::lock_balance(tx, (AccountKind::Shop, shop.uuid()), currency)?.is_none() {
        return Ok(());
    }
    let now = tx.now();
    let standing = queries::standing(tx.conn(), shop, currency, now - delay)?.unwrap_or_default();
    // What is less than the provider can send stays in the balance.
    let amount = provider.sendable(Money::new(standing.payable(), currency));
    if amount.minor == 0 {
        return Ok(());
    }
    let payout = NewPayout {
        id: tx.new_id(),
        shop_id: shop,
        amount: amount.minor,
        currency,
        status: PayoutStatus::Pending,
        provider: &account.provider,
        destination: &account.destination,
        created_at: now,
        updated_at: now,
    };
    let Some(payout) = queries::insert(tx, &payout)? else { return Ok(()) };
    let movement = Movement {
        debit: (AccountKind::Shop, Some(shop.uuid())),
        credit: (AccountKind::Payouts, Some(shop.uuid())),
        amount: payout.money(),
        cause: TransferCause::Payout,
        cause_id: payout.id.uuid(),
    };
    payments::service::transfer(tx, &[movement])?;
    carrying::begin(tx, &payout, now)
}
