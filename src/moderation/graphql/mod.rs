//! Reports, cases and decisions, on the wire.

mod appeals;
mod cases;
mod held;
mod notices;
mod reports;

pub use self::{
    appeals::AppealsMutation,
    cases::{DecisionsMutation, ModerationCase, ModerationReport, StaffReports},
    held::HeldMessagesMutation,
    notices::{ModerationNotice, ModerationViewer},
    reports::ReportsMutation,
};

use async_graphql::SimpleObject;

use super::model::{AppealOutcome, Case};
use crate::platform::clock::Time;

/// What somebody has against a decision, and what the staff answer.
#[derive(SimpleObject)]
pub struct ModerationAppeal {
    /// Why the decision is wrong, as they say.
    text: String,
    /// When they said so.
    created_at: Time,
    /// What the staff answer; null until they do.
    outcome: Option<AppealOutcome>,
    /// Why; null until they answer.
    answer: Option<String>,
    /// When they did; null until then.
    answered_at: Option<Time>,
}

impl ModerationAppeal {
    /// None if there is none.
    fn of(case: &Case) -> Option<Self> {
        let (text, created_at) = (case.appeal_text.clone()?, case.appealed_at?);
        let (outcome, answer, answered_at) = (case.appeal_outcome, case.appeal_reason.clone(), case.answered_at);
        Some(Self { text, created_at, outcome, answer, answered_at })
    }
}
