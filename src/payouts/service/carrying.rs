//! Having providers send payouts, and what becomes of those that do not arrive.

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
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    shops::{self, model::ShopRole},
};

/// A step: has a payout carried out at a time, unless that is to be done already.
pub(super) fn begin(tx: &mut Tx<'_>, payout: &Payout, at: Time) -> Result<(), Failure> {
    let job = CarryOutPayout { payout: payout.id, attempt: payout.attempt };
    tx.enqueue_at(&job, at, Some(&job.key()))
}

/// Why a payout is still open.
#[derive(Debug, thiserror::Error)]
pub enum CarryOutError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Has the provider send a payout, and takes note of its word.
///
/// # Errors
/// If there was none, or the database fails: ask again.
pub async fn carry_out_payout(app: &App, caller: &Caller, job: CarryOutPayout) -> Result<(), CarryOutError> {
    let CarryOutPayout { payout: id, attempt } = job;
    let payout = app.db.read(move |conn| queries::by_id(conn, id)).await?;
    let Some(payout) = payout.filter(|payout| payout.awaits(attempt)) else { return Ok(()) };
    let progress = payments::service::pay_out(app, &payout.provider, &payout.disbursement()).await?;
    app.db.write(caller, move |tx| note_payout(tx, (id, attempt), &progress)).await?;
    Ok(())
}

/// A step: takes note of a provider's word about an attempt to send a payout. A failure is tried again, and in the end the money is the
/// shop's again; so it is when what had been sent comes back. What the provider has not got at present is asked for again the next day.
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
            let payout = queries::begin_again(tx, id)?;
            let at = tx.now() + Payout::SHORT_AGAIN_AFTER;
            begin(tx, &payout, at)
        }
        DisbursementProgress::Failed { .. } if payout.awaits(attempt) && attempt < Payout::MAXIMUM_ATTEMPTS => {
            let payout = queries::begin_again(tx, id)?;
            let at = tx.now() + Payout::AGAIN_AFTER;
            begin(tx, &payout, at)
        }
        DisbursementProgress::Failed { reason }
            if payout.attempt == attempt && payout.status != PayoutStatus::Failed =>
        {
            give_up(tx, &payout, *reason)
        }
        _ => Ok(()),
    }
}

/// A payout that failed for good: the money is the shop's again, nothing more goes to that account, and the owners are told.
fn give_up(tx: &mut Tx<'_>, payout: &Payout, reason: PayoutFailureReason) -> Result<(), Failure> {
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
    payments::service::transfer(tx, &[movement])?;
    queries::stop_account(tx, shop, &payout.provider, &payout.destination)?;
    for (owner, role) in shops::service::people_of(tx.conn(), shop)? {
        if role == ShopRole::Owner {
            tx.enqueue(&PayoutFailedMail { payout: payout.id, owner })?;
        }
    }
    Ok(())
}
