//! What a person decides on the test provider's page.

use serde::Deserialize;

use super::{provider::NoAnswer, test_captures};
use crate::{
    kernel::money::Money,
    payments::{
        model::{
            Dispute, DisputeMoney, DisputeStanding, DisputeStatus, PaymentFailureReason, PaymentIntent, Progress,
            ToldDispute,
        },
        queries,
    },
    platform::{app::App, db::Conn},
};

/// The buttons of the page: the first two of a payment that waits for its buyer, the others of one that can be disputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approve,
    Decline,
    /// The bank asks about the payment, and takes nothing.
    Inquire,
    Dispute,
    Lose,
    Win,
}

/// What the test provider calls a payment.
pub fn reference(intent: &PaymentIntent) -> String {
    format!("test_{}", intent.id.uuid().simple())
}

/// A payment that the test provider has carried out, or promises if it is captured later.
pub fn succeeded(intent: &PaymentIntent) -> Progress {
    let reference = reference(intent);
    if intent.is_captured_later {
        test_captures::authorized(intent, reference)
    } else {
        Progress::Succeeded { reference }
    }
}

/// What a decision makes of a payment; none if it is about a dispute.
pub fn decided(intent: &PaymentIntent, decision: Decision) -> Option<Progress> {
    match decision {
        Decision::Approve => Some(succeeded(intent)),
        Decision::Decline => Some(Progress::Failed { reason: PaymentFailureReason::Declined }),
        Decision::Inquire | Decision::Dispute | Decision::Lose | Decision::Win => None,
    }
}

/// What a decision makes of the dispute of a payment, about all of it; none if it is about the payment itself.
pub fn disputed(intent: &PaymentIntent, decision: Decision) -> Option<ToldDispute> {
    let (status, money) = match decision {
        Decision::Approve | Decision::Decline => return None,
        Decision::Inquire => (DisputeStatus::NeedsResponse, DisputeMoney::Untouched),
        Decision::Dispute => (DisputeStatus::NeedsResponse, DisputeMoney::Taken),
        Decision::Lose => (DisputeStatus::Lost, DisputeMoney::Taken),
        Decision::Win => (DisputeStatus::Won, DisputeMoney::Returned),
    };
    Some(ToldDispute {
        reference: reference(intent),
        amount: Money::new(intent.brought(), intent.currency),
        reason: Some("general".into()),
        standing: DisputeStanding { status, money },
        due_by: None,
    })
}

/// The disputes of a payment: what a person decided on the page is written down here alone.
pub(super) async fn disputes(app: &App, intent: &PaymentIntent) -> Result<Vec<ToldDispute>, NoAnswer> {
    let id = intent.id;
    let found = app.db.read(move |conn: &mut Conn| queries::disputes::of_intents(conn, &[id])).await;
    let found = found.map_err(|_| NoAnswer)?;
    Ok(found.into_iter().map(told).collect())
}

fn told(dispute: Dispute) -> ToldDispute {
    ToldDispute {
        amount: dispute.amount(),
        standing: dispute.standing(),
        reference: dispute.reference,
        reason: dispute.reason,
        due_by: dispute.due_by,
    }
}
