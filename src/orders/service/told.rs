//! What a provider tells of its own accord about payments of orders, about what goes back of them, and about disputes.

use super::{ask_about_disputes, settle};
use crate::{
    kernel::{error::Failure, id::Id},
    orders::{model::CarryOutRefund, queries},
    payments::{
        self,
        model::{PaymentStatus, ProcessProviderEvent},
        service::News,
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        jobs::{JobError, Planned},
    },
};

/// Asks the provider what has become of what an event is about, and takes note of that.
///
/// # Errors
/// If there is no answer, or the database fails: then the event is looked into again.
pub async fn process_event(app: &App, caller: &Caller, job: ProcessProviderEvent) -> Result<(), JobError> {
    let refunds = match payments::service::news(app, &job).await? {
        Some(News::Payment(payment)) => {
            let progress = payments::service::look_up(app, &payment).await?;
            settle(app, caller, payment.id, progress).await?;
            Vec::new()
        }
        Some(News::Refunds(refunds)) => refunds,
        Some(News::Disputes(payment)) => {
            // What nobody has heard of yet must have come before it was taken back.
            if payment.status != PaymentStatus::Succeeded {
                let progress = payments::service::look_up(app, &payment).await?;
                settle(app, caller, payment.id, progress).await?;
            }
            ask_about_disputes(app, caller, payment.id).await?;
            Vec::new()
        }
        None => Vec::new(),
    };
    let note = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        let run_at = tx.now();
        // Each by itself, for there may be many.
        let looks = refunds.iter().map(|refund| CarryOutRefund { refund: refund.id, attempt: refund.attempt });
        let looks = looks.map(|body| Planned { unique_key: Some(body.key()), body, run_at });
        tx.enqueue_planned_anew(&looks.collect::<Vec<_>>())?;
        if let Some(order) = payments::service::set_processed(tx, &job)?
            && queries::waiting::is_of_erased(tx.conn(), Id::from_uuid(order))?
        {
            // It may say who paid.
            payments::service::forget_events_about(tx, &[order])?;
        }
        Ok(())
    };
    Ok(app.db.write(caller, note).await?)
}
