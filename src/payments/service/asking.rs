//! Asking providers once more.

use std::fmt::Display;

use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        model::{PaymentIntent, SettlePayment},
        queries,
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::Tx,
        jobs::{JobBody, Planned},
    },
};

/// A step: has a job ask a provider about something once more after [`SettlePayment::AGAIN`]: once for each hour, so that however many
/// have it asked, it is asked once, and the job that runs does not keep the next one from being made.
///
/// # Errors
/// If the database fails.
pub fn ask_again<B: JobBody>(tx: &mut Tx<'_>, job: &B, about: &impl Display) -> Result<(), Failure> {
    let again = tx.now() + SettlePayment::AGAIN;
    tx.enqueue_at(job, again, Some(&hourly::<B>(about, again)))
}

/// By what a job that asks about something is the only one of its hour.
fn hourly<B: JobBody>(about: &impl Display, run_at: Time) -> String {
    format!("{} {about} {}", B::KIND, run_at.timestamp() / 3_600)
}

/// Has providers be asked once more about all payments that they are at work at for longer than [`SettlePayment::AGAIN`], in case the jobs are lost
/// that were to ask. Of those whose jobs are there nothing comes, by [`ask_again`]'s hour.
///
/// # Errors
/// If the database fails; what was found before is asked about.
pub async fn ask_about_unanswered(app: &App, caller: &Caller) -> Result<(), Failure> {
    const PAGE: usize = 1_000;
    let limit = i64::try_from(PAGE).map_err(Failure::internal)?;
    let mut last: Option<Id<PaymentIntent>> = None;
    loop {
        let after = last;
        let ask = move |tx: &mut Tx<'_>| -> Result<Vec<Id<PaymentIntent>>, Failure> {
            let now = tx.now();
            let begun = (now - SettlePayment::UNTIL, now - SettlePayment::AGAIN);
            let found = queries::processing(tx.conn(), begun, after, limit)?;
            let run_at = now + SettlePayment::AGAIN;
            let planned = found.iter().map(|&payment| Planned {
                body: SettlePayment { payment },
                run_at,
                unique_key: Some(hourly::<SettlePayment>(&payment, run_at)),
            });
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
