//! What those say of a decision whom it concerns, and what the staff answer.

use super::{checked_reason, deciding::undo, lock, tell};
use crate::{
    kernel::{id::Id, text},
    moderation::{
        error::ModerationError,
        model::{AppealOutcome, Case, CaseState, Decision},
        queries,
    },
    platform::{app::App, caller::Caller},
    users::model::oneself,
};

/// Characters of an appeal at the most.
const MAXIMUM_TEXT: usize = 2_000;

/// Has the staff look again at a decision that the caller reads, once. Of several whom it concerns the first one does.
pub async fn appeal_decision(
    app: &App,
    caller: &Caller,
    id: Id<Decision>,
    given: &str,
) -> Result<Id<Decision>, ModerationError> {
    let user = oneself(caller)?;
    let said = text::paragraph(given, MAXIMUM_TEXT);
    let said = said.map_err(|error| ModerationError::Text { field: "text".into(), error })?;
    let case_id: Id<Case> = Id::from_uuid(id.uuid());
    app.db
        .write(caller, move |tx| {
            let not_found = || ModerationError::not_found("decisionId");
            let case = queries::lock(tx, case_id)?.ok_or_else(not_found)?;
            if !queries::readers(tx.conn(), case_id)?.contains(&user) {
                return Err(not_found());
            }
            if case.state != CaseState::Decided {
                return Err(ModerationError::already_done("decisionId"));
            }
            let now = tx.now();
            if case.decided_at.is_none_or(|at| at + Case::APPEALABLE <= now) {
                return Err(ModerationError::not_permitted("decisionId"));
            }
            queries::set_appealed(tx, case_id, user, &said)?;
            Ok(id)
        })
        .await
}

/// Answers an appeal. A decision that is overturned is undone.
pub async fn answer_appeal(
    app: &App,
    caller: &Caller,
    id: Id<Case>,
    outcome: AppealOutcome,
    reason: &str,
) -> Result<Id<Case>, ModerationError> {
    let staff = oneself(caller)?;
    let reason = checked_reason(reason)?;
    app.db
        .write(caller, move |tx| {
            let (case, _) = lock(tx, staff, id, CaseState::Appealed)?;
            if outcome == AppealOutcome::Overturned {
                undo(tx, &case)?;
            }
            queries::set_answered(tx, id, staff, (outcome, &reason))?;
            let people = queries::readers(tx.conn(), id)?;
            tell(tx, id, &people, ("answerAppeal", &reason), true)?;
            Ok(id)
        })
        .await
}
