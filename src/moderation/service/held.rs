//! Deciding about messages that nobody but their authors see yet.

use super::{checked_reason, tell};
use crate::{
    kernel::id::Id,
    messages::{self, model::Message},
    moderation::{
        error::ModerationError,
        model::{Action, HeldMessageDecision, Target},
        queries,
    },
    platform::{app::App, caller::Caller},
    users::{self, model::oneself},
};

/// What is to be done about a held message, as the staff saw it.
pub struct DecideHeld {
    pub expected_version: i32,
    pub decision: HeldMessageDecision,
    /// Its author reads it.
    pub reason: String,
}

/// Has a message that waits for the staff be sent, or hides it for good: that is a decision like any other, of which its author is told, and
/// which they may appeal.
pub async fn decide_held(
    app: &App,
    caller: &Caller,
    id: Id<Message>,
    decide: DecideHeld,
) -> Result<Id<Message>, ModerationError> {
    let staff = oneself(caller)?;
    let DecideHeld { expected_version, decision, reason } = decide;
    let reason = checked_reason(&reason)?;
    app.db
        .write(caller, move |tx| {
            let not_found = || ModerationError::not_found("messageId");
            let found = messages::service::held_message(tx.conn(), id)?.ok_or_else(not_found)?;
            let author = found.author_id.ok_or_else(not_found)?;
            if author == staff || messages::service::is_own_affair(tx.conn(), found.conversation_id, staff)? {
                return Err(ModerationError::not_permitted("messageId"));
            }
            users::service::lock_person(tx, author)?;
            let message = messages::service::lock_held_message(tx, id)?.ok_or_else(not_found)?;
            if message.version != expected_version {
                return Err(ModerationError::StaleVersion { current: message.version });
            }
            match decision {
                HeldMessageDecision::Release => {
                    if !messages::service::release_message(tx, id)? {
                        return Err(ModerationError::not_permitted("decision"));
                    }
                    users::service::audit(tx, author, None, &reason, &["decideHeldMessage"])?;
                }
                HeldMessageDecision::Remove => {
                    let target = (Target::Message(id), author);
                    let case = queries::insert_decided(tx, target, staff, (Action::Hide, &reason))?;
                    messages::service::hide_message(tx, id)?;
                    queries::insert_notices(tx, case, &[author])?;
                    tell(tx, case, &[author], ("decideHeldMessage", &reason), false)?;
                }
            }
            Ok(id)
        })
        .await
}
