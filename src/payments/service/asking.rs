//! Asking providers once more.

use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        model::{Capture, CaptureBeforeEnd, CaptureStatus, CarryOutCapture, PaymentIntent, SettlePayment},
        queries::{self, Promise},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::Tx,
        jobs::{Afterwards, JobBody, Planned},
    },
};

/// A step: has a job ask a provider about something once more after [`SettlePayment::AGAIN`]: however many have it asked, the job of this key asks
/// once, and the one that runs may plan itself so.
///
/// # Errors
/// If the database fails.
pub fn ask_again<B: JobBody>(tx: &mut Tx<'_>, job: &B, key: &str) -> Result<(), Failure> {
    tx.enqueue_anew(job, tx.now() + SettlePayment::AGAIN, key)
}

/// What becomes of a job that has asked about something in vain until now: it asks on for as long as [`SettlePayment::UNTIL`] after that began.
pub fn asked_on(now: Time, began: Option<Time>) -> Afterwards {
    let goes_on = began.is_some_and(|began| now < began + SettlePayment::UNTIL);
    if goes_on { Afterwards::Again(SettlePayment::AGAIN) } else { Afterwards::Dead }
}

/// Payments that are looked at in one transaction.
const PAGE: usize = 1_000;

/// Has providers be asked once more about all payments that they are at work at for longer than [`SettlePayment::AGAIN`], and has what is promised be
/// taken before the promise ends, in case the jobs are lost that were to do so. Of those whose jobs are there nothing comes, by their keys.
///
/// # Errors
/// If the database fails; what was found before is asked about.
pub async fn ask_about_unanswered(app: &App, caller: &Caller) -> Result<(), Failure> {
    ask_about_processing(app, caller).await?;
    see_to_promises(app, caller).await
}

async fn ask_about_processing(app: &App, caller: &Caller) -> Result<(), Failure> {
    let limit = i64::try_from(PAGE).map_err(Failure::internal)?;
    let mut last: Option<Id<PaymentIntent>> = None;
    loop {
        let after = last;
        let ask = move |tx: &mut Tx<'_>| -> Result<Vec<Id<PaymentIntent>>, Failure> {
            let now = tx.now();
            let begun = (now - SettlePayment::UNTIL, now - SettlePayment::AGAIN);
            let found = queries::processing(tx.conn(), begun, after, limit)?;
            let run_at = now + SettlePayment::AGAIN;
            let jobs = found.iter().map(|&payment| SettlePayment { payment });
            let planned = jobs.map(|body| Planned { unique_key: Some(body.key()), body, run_at });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())?;
            Ok(found)
        };
        let found = app.db.write(caller, ask).await?;
        if found.len() < PAGE {
            return Ok(());
        }
        last = found.last().copied();
    }
}

async fn see_to_promises(app: &App, caller: &Caller) -> Result<(), Failure> {
    let limit = i64::try_from(PAGE).map_err(Failure::internal)?;
    let mut last: Option<Id<PaymentIntent>> = None;
    loop {
        let after = last;
        let look = move |tx: &mut Tx<'_>| -> Result<Vec<Promise>, Failure> {
            let found = queries::promised(tx.conn(), after, limit)?;
            see_to(tx, &found)?;
            Ok(found)
        };
        let found = app.db.write(caller, look).await?;
        if found.len() < PAGE {
            return Ok(());
        }
        last = found.last().map(|(intent, _)| *intent);
    }
}

/// A step: has a provider be asked on which of these it has taken, where that was decided long ago, but not too long, and has be taken what
/// nothing is decided about and ends soon.
fn see_to(tx: &mut Tx<'_>, promises: &[Promise]) -> Result<(), Failure> {
    let (now, again) = (tx.now(), tx.now() + SettlePayment::AGAIN);
    let ids: Vec<_> = promises.iter().map(|(intent, _)| *intent).collect();
    let decided = queries::captures::of_intents(tx.conn(), &ids)?;
    // What has been asked about for that long has a dead job, and no other comes after it.
    let is_asked_about = |began: Time| began + SettlePayment::AGAIN < now && now < began + SettlePayment::UNTIL;
    let is_stuck =
        |capture: &&Capture| capture.status == CaptureStatus::Processing && is_asked_about(capture.created_at);
    let asking = decided.iter().filter(is_stuck);
    let asking = asking.map(|capture| CarryOutCapture { capture: capture.id, attempt: capture.attempt });
    let asking = asking.map(|body| Planned { unique_key: Some(body.key()), body, run_at: again });
    tx.enqueue_planned(&asking.collect::<Vec<_>>())?;
    let ends_soon = |until: Time| until - Capture::BEFORE_THE_END <= now;
    let is_due = |(intent, until): &&Promise| {
        until.is_some_and(ends_soon) && decided.iter().all(|capture| capture.intent_id != *intent)
    };
    let taking = promises.iter().filter(is_due).map(|&(payment, _)| CaptureBeforeEnd { payment });
    let taking = taking.map(|body| Planned { unique_key: Some(body.key()), body, run_at: now });
    tx.enqueue_planned(&taking.collect::<Vec<_>>())
}
