//! Making payouts of what is payable.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    account::{is_barred, usable_account},
    carrying,
};
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
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        jobs::Planned,
    },
    shops,
};

/// Rows that are looked at in one statement.
const BATCH: i64 = 500;

/// Asks anew about payouts of which nothing was heard for long, and has one made of each account of which something may be payable, each by
/// a job of its own within the hour.
///
/// # Errors
/// If the database fails; what was begun before stays so.
pub async fn make_payouts(app: &App, caller: &Caller) -> Result<(), Failure> {
    let Some(provider) = provider::of(app).map(Provider::name) else { return Ok(()) };
    let asked = ask_anew(app, caller, provider).await;
    let begun = begin_all(app, caller, provider).await;
    asked.and(begun)
}

async fn begin_all(app: &App, caller: &Caller, provider: &'static str) -> Result<(), Failure> {
    let delay = app.market.checkout.payout_delay;
    let mut after = Uuid::nil();
    loop {
        let now = app.now();
        let times = (now, now - delay);
        let found = app.db.read_long(move |conn| queries::candidates(conn, provider, after, times, BATCH)).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.id;
        let enqueue = move |tx: &mut Tx<'_>| {
            let now = tx.now();
            let planned = found.iter().map(|account| {
                let body = MakePayout { shop: account.shop_id, currency: account.currency };
                Planned { unique_key: Some(body.key()), body, run_at: now + wait_of(account.id) }
            });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())
        };
        app.db.write(caller, enqueue).await?;
    }
}

/// How long the payout of an account waits: the end of an id is random.
fn wait_of(account: Uuid) -> TimeDelta {
    let spread = MakePayout::SPREAD.num_seconds().unsigned_abs().max(1);
    let seconds = account.as_u128() % u128::from(spread);
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or_default())
}

async fn ask_anew(app: &App, caller: &Caller, provider: &'static str) -> Result<(), Failure> {
    let ask = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let silent = queries::take_silent(tx, provider, now - Payout::SILENCE, BATCH)?;
        let planned = silent.iter().map(|payout| carrying::plan(payout, now));
        tx.enqueue_planned(&planned.collect::<Vec<_>>())
    };
    app.db.write(caller, ask).await
}

/// Makes a payout of what is payable to a shop in a currency, unless it had one today.
///
/// # Errors
/// If the database fails.
pub async fn make_payout(app: &App, caller: &Caller, job: MakePayout) -> Result<(), Failure> {
    let Some(provider) = provider::of(app) else { return Ok(()) };
    let delay = app.market.checkout.payout_delay;
    // It may take a while to reckon, and often comes to nothing: no writer waits for that.
    let since = app.now() - delay;
    if app.db.read_long(move |conn| sendable(conn, job, provider, since)).await?.minor == 0 {
        return Ok(());
    }
    app.db.write(caller, move |tx| make(tx, job, provider, delay)).await
}

/// How much of what is payable the provider can send. What is less than that stays in the balance.
fn sendable(conn: &mut Conn, job: MakePayout, provider: &dyn Provider, since: Time) -> Result<Money, Failure> {
    let standing = queries::standing(conn, job.shop, job.currency, since)?.unwrap_or_default();
    Ok(provider.sendable(Money::new(standing.payable(), job.currency)))
}

fn make(tx: &mut Tx<'_>, job: MakePayout, provider: &dyn Provider, delay: TimeDelta) -> Result<(), Failure> {
    let MakePayout { shop, currency } = job;
    let now = tx.now();
    shops::service::lock_shop(tx, shop)?;
    let account = usable_account(tx.conn(), shop)?;
    let account = account.filter(|account| account.is_ready_for(provider.name()) && !account.is_resting(now));
    let Some(account) = account else { return Ok(()) };
    if is_barred(tx.conn(), &account)? {
        return Ok(());
    }
    // What is taken back meanwhile waits, and finds what is left.
    if payments::service::lock_balance(tx, (AccountKind::Shop, shop.uuid()), currency)?.is_none() {
        return Ok(());
    }
    let amount = sendable(tx.conn(), job, provider, now - delay)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payouts_of_accounts_of_one_moment_are_spread_over_the_whole_time() {
        // The front of an id is when it was made.
        let account = |end: i64| Uuid::from_u128((0x0190_0000_0000_7000_u128 << 64) + u128::try_from(end).unwrap());
        let seconds = MakePayout::SPREAD.num_seconds();
        let mut waits: Vec<i64> = (0..seconds).map(|end| wait_of(account(end)).num_seconds()).collect();
        waits.sort_unstable();
        assert!(waits.into_iter().eq(0..seconds));
    }
}
