//! Having providers send payouts, and what becomes of those that do not arrive.

use chrono::TimeDelta;

use super::account::usable_account;
use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        self,
        model::{AccountKind, DisbursementProgress, PayoutFailureReason, TransferCause},
        service::{Movement, provider::NoAnswer},
    },
    payouts::{
        model::{CarryOutPayout, Payout, PayoutFailedMail, PayoutStatus},
        queries,
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::Tx,
        jobs::{Afterwards, Planned},
    },
    shops,
};

/// A step: has a payout carried out at a time, unless that is to be done already.
pub(super) fn begin(tx: &mut Tx<'_>, payout: &Payout, at: Time) -> Result<(), Failure> {
    let Planned { body, run_at, unique_key } = plan(payout, at);
    tx.enqueue_at(&body, run_at, unique_key.as_deref())
}

/// How a payout is carried out at a time.
pub(super) fn plan(payout: &Payout, run_at: Time) -> Planned<CarryOutPayout> {
    let body = CarryOutPayout { payout: payout.id, attempt: payout.attempt };
    Planned { unique_key: Some(body.key()), body, run_at }
}

/// Why a payout is still open.
#[derive(Debug, thiserror::Error)]
pub enum CarryOutError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Has the provider send a payout, and takes note of its word. One that it has not answered about for long is looked at again by
/// [`make_payouts`](super::make_payouts).
///
/// # Errors
/// If there was none, or the database fails: ask again.
pub async fn carry_out_payout(app: &App, caller: &Caller, job: CarryOutPayout) -> Result<(), CarryOutError> {
    let CarryOutPayout { payout: id, attempt } = job;
    let delay = app.market.checkout.payout_delay;
    let asked = app.db.write(caller, move |tx| ask(tx, (id, attempt), delay)).await?;
    let Some(payout) = asked else { return Ok(()) };
    let progress = match payments::service::pay_out(app, &payout.provider, &payout.disbursement()).await {
        Err(NoAnswer) if payout.is_unanswered(app.now()) => {
            tracing::warn!(payout = %payout.id, "a provider still does not say whether it sent a payout");
            return Ok(());
        }
        answer => answer?,
    };
    app.db.write(caller, move |tx| note_payout(tx, (id, attempt), &progress)).await?;
    Ok(())
}

/// A step: the payout, if a provider is to be asked for it. It ends instead, as long as this attempt was not asked for, where the shop's money goes
/// to another account by now, or nowhere; and where the one before was not sent, and what it was made of is wanted for something else. Once a
/// provider was asked nobody knows that it was not sent.
fn ask(tx: &mut Tx<'_>, (id, attempt): (Id<Payout>, i32), delay: TimeDelta) -> Result<Option<Payout>, Failure> {
    let Some(found) = queries::by_id(tx.conn(), id)? else { return Ok(None) };
    shops::service::lock_shop(tx, found.shop_id)?;
    // As it is now that nobody else settles it.
    let payout = queries::by_id(tx.conn(), id)?.filter(|payout| payout.awaits(attempt));
    let Some(payout) = payout else { return Ok(None) };
    if payout.asked_at.is_some() {
        return Ok(Some(payout));
    }
    if !goes_there(tx, &payout)? || attempt > 1 && is_wanted_back(tx, &payout, delay)? {
        take_back(tx, &payout, PayoutFailureReason::Withheld)?;
        return Ok(None);
    }
    queries::set_asked(tx, id).map(Some)
}

/// Whether what the shop is paid goes where a payout was to go.
fn goes_there(tx: &mut Tx<'_>, payout: &Payout) -> Result<bool, Failure> {
    let account = usable_account(tx.conn(), payout.shop_id)?;
    Ok(account.is_some_and(|own| own.is_ready_for(&payout.provider) && own.destination == payout.destination))
}

fn is_wanted_back(tx: &mut Tx<'_>, payout: &Payout, delay: TimeDelta) -> Result<bool, Failure> {
    let (shop, currency, since) = (payout.shop_id, payout.currency, tx.now() - delay);
    payments::service::lock_balance(tx, (AccountKind::Shop, shop.uuid()), currency)?;
    let standing = queries::standing(tx.conn(), shop, currency, since)?.unwrap_or_default();
    Ok(standing.is_short())
}

/// A step: takes note that a provider has not said for too long what became of a payout. It is asked on now and then.
///
/// # Errors
/// If the database fails.
pub fn note_silence(tx: &mut Tx<'_>, job: CarryOutPayout) -> Result<Afterwards, Failure> {
    let payout = queries::by_id(tx.conn(), job.payout)?.filter(|payout| payout.awaits(job.attempt));
    if let Some(payout) = payout {
        tracing::error!(payout = %payout.id, "a provider does not say whether it sent a payout");
    }
    Ok(Afterwards::Dead)
}

/// A step: takes note of a provider's word about an attempt to send a payout. A failure is tried again, and in the end the money is the
/// shop's again; so it is at once when what had been sent has come back. What the provider has not got at present is asked for again the next day.
/// News that comes twice changes nothing.
///
/// # Errors
/// If the database fails.
pub fn note_payout(
    tx: &mut Tx<'_>,
    (id, attempt): (Id<Payout>, i32),
    progress: &DisbursementProgress,
) -> Result<(), Failure> {
    let Some(found) = queries::by_id(tx.conn(), id)? else { return Ok(()) };
    shops::service::lock_shop(tx, found.shop_id)?;
    // As it is now that nobody else settles it.
    let Some(payout) = queries::by_id(tx.conn(), id)? else { return Ok(()) };
    match progress {
        DisbursementProgress::Paid { reference } if payout.awaits(attempt) => queries::set_paid(tx, id, reference),
        // Under the same key it would say so again.
        DisbursementProgress::Short if payout.awaits(attempt) => {
            let payout = queries::begin_again(tx, id, payout.failures)?;
            let at = tx.now() + Payout::SHORT_AGAIN_AFTER;
            begin(tx, &payout, at)
        }
        DisbursementProgress::Failed { .. }
            if payout.awaits(attempt) && payout.failures + 1 < Payout::MAXIMUM_FAILURES =>
        {
            let payout = queries::begin_again(tx, id, payout.failures + 1)?;
            let at = tx.now() + Payout::AGAIN_AFTER;
            begin(tx, &payout, at)
        }
        // What somebody took back must not be sent to them once more.
        DisbursementProgress::Failed { reason } | DisbursementProgress::CameBack { reason }
            if payout.attempt == attempt && payout.status != PayoutStatus::Failed =>
        {
            give_up(tx, &payout, *reason)
        }
        _ => Ok(()),
    }
}

/// A payout that failed for good: the money is the shop's again, nothing more goes to that account, and the owners are told.
fn give_up(tx: &mut Tx<'_>, payout: &Payout, reason: PayoutFailureReason) -> Result<(), Failure> {
    take_back(tx, payout, reason)?;
    queries::stop_account(tx, payout)?;
    let owners = shops::service::owners_of(tx.conn(), payout.shop_id)?;
    tx.enqueue_all(owners.into_iter().map(|owner| PayoutFailedMail { payout: payout.id, owner }))
}

/// The end of a payout that did not arrive: the money is the shop's again.
fn take_back(tx: &mut Tx<'_>, payout: &Payout, reason: PayoutFailureReason) -> Result<(), Failure> {
    tracing::warn!(payout = %payout.id, %reason, "a payout failed");
    queries::set_failed(tx, payout.id, reason)?;
    let shop = payout.shop_id;
    let movement = Movement {
        debit: (AccountKind::Payouts, Some(shop.uuid())),
        credit: (AccountKind::Shop, Some(shop.uuid())),
        amount: payout.money(),
        cause: TransferCause::PayoutReturned,
        cause_id: payout.id.uuid(),
    };
    payments::service::transfer(tx, &[movement])
}
