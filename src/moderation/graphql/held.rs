//! Deciding about messages that nobody but their authors see yet, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    messages,
    moderation::{
        model::HeldMessageDecision,
        service::{self, DecideHeld},
    },
    platform::{
        caller::StaffPermission,
        gql::{Ask, StaffOnly, WireResult},
    },
    user_errors::{UserError, answer},
};

/// What to do about a message that waits.
#[derive(InputObject)]
pub struct DecideHeldMessageInput {
    /// One of `staff.heldMessages`.
    message_id: Id<messages::model::Message>,
    /// The message's `version` as you saw it.
    expected_version: i32,
    /// What to do.
    decision: HeldMessageDecision,
    /// Why, in 1 to 500 characters. Its author reads it.
    reason: String,
}

/// What `decideHeldMessage` answers.
#[derive(SimpleObject)]
pub struct DecideHeldMessagePayload {
    /// The id of the message, which does not wait any more.
    decided_message_id: Option<Id<messages::model::Message>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct HeldMessagesMutation;

#[Object]
impl HeldMessagesMutation {
    /// Has a message that waits for you be sent, with the next number and as of now, or hides it from its author, too. What is removed is
    /// told as every decision is, and its author may appeal; what they overturn is sent. In the author's audit log stands either. What is not there
    /// to be decided any more is `NOT_FOUND`, and so is what somebody else has decided. What is in a conversation of
    /// your own, or of a shop for which you have accepted that you work, is `NOT_PERMITTED`, and so is releasing what was written by somebody who
    /// takes no part in the conversation any more. For the staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn decide_held_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to do, and why.")] input: DecideHeldMessageInput,
    ) -> WireResult<DecideHeldMessagePayload> {
        let DecideHeldMessageInput { message_id, expected_version, decision, reason } = input;
        let decide = DecideHeld { expected_version, decision, reason };
        let result = service::decide_held(ctx.app(), ctx.caller(), message_id, decide).await;
        let (decided_message_id, user_errors) = answer(ctx, result).await?;
        Ok(DecideHeldMessagePayload { decided_message_id, user_errors })
    }
}
