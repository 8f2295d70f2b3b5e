//! Asking providers once more.

use std::fmt::Display;

use crate::{
    kernel::error::Failure,
    payments::model::SettlePayment,
    platform::{db::Tx, jobs::JobBody},
};

/// A step: has a job ask a provider about something once more after [`SettlePayment::AGAIN`]: once for each hour, so that however many
/// have it asked, it is asked once, and the job that runs does not keep the next one from being made.
///
/// # Errors
/// If the database fails.
pub fn ask_again<B: JobBody>(tx: &mut Tx<'_>, job: &B, about: &impl Display) -> Result<(), Failure> {
    let again = tx.now() + SettlePayment::AGAIN;
    let unique = format!("{} {about} {}", B::KIND, again.timestamp() / 3_600);
    tx.enqueue_at(job, again, Some(&unique))
}
