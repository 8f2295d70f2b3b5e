//! What becomes of money that the test provider sends to shops.

use super::{provider::NoAnswer, test_provider::SILENCE};
use crate::{
    payments::model::{Disbursement, DisbursementProgress, PayoutFailureReason, Sending},
    platform::app::App,
};

/// The accounts to which the test provider sends money, and what becomes of it there: it arrives; it never does; it does with the second
/// attempt; nothing is heard of it for a minute.
pub const TEST_DESTINATIONS: [&str; 4] =
    ["test_payout_succeeds", "test_payout_fails", "test_payout_fails_once", "test_payout_silent"];

pub(super) fn pay_out(app: &App, wanted: &Disbursement) -> Result<DisbursementProgress, NoAnswer> {
    let fails = match wanted.destination.as_str() {
        "test_payout_silent" if app.now() < wanted.since + SILENCE => return Err(NoAnswer),
        "test_payout_fails" => true,
        "test_payout_fails_once" => wanted.attempt == 1,
        _ => false,
    };
    Ok(if fails {
        DisbursementProgress::Failed { reason: PayoutFailureReason::Declined }
    } else {
        DisbursementProgress::Paid { reference: format!("test_{}", wanted.key) }
    })
}

/// It remembers nothing: what it said of the last attempt, it would say again.
pub(super) fn sendings(app: &App, wanted: &Disbursement) -> Result<Vec<Sending>, NoAnswer> {
    let is_sent = wanted.attempt > 0 && matches!(pay_out(app, wanted)?, DisbursementProgress::Paid { .. });
    let sending = || Sending { destination: wanted.destination.clone(), amount: wanted.amount };
    Ok(is_sent.then(sending).into_iter().collect())
}
