//! How you keep a conversation, and how far it has come to you.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::Conversation;
use crate::{
    kernel::id::Id,
    messages::{
        model,
        service::{self, Settings},
    },
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, change, cost, set},
    },
    user_errors::{UserError, answer},
};

/// How you want to keep which conversation. What is absent stays.
#[derive(InputObject)]
pub struct UpdateConversationSettingsInput {
    /// Which one.
    conversation_id: Id<model::Conversation>,
    /// Puts it away, or takes it out again.
    is_archived: MaybeUndefined<bool>,
    /// Pins it, or does so no more. At most 10 are pinned.
    is_pinned: MaybeUndefined<bool>,
    /// Until when nothing of it shall call you, for good with a time in the year 9999; an explicit null has it call you again.
    muted_until: MaybeUndefined<Time>,
}

/// What `updateConversationSettings` answers.
#[derive(SimpleObject)]
pub struct UpdateConversationSettingsPayload {
    /// The conversation as you keep it now.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What has come.
#[derive(InputObject)]
pub struct MarkDeliveredInput {
    /// Where.
    conversation_id: Id<model::Conversation>,
    /// The number of the last message that has come, 0 or more. What is beyond the newest message means the newest.
    up_to: i32,
}

/// What `markDelivered` answers.
#[derive(SimpleObject)]
pub struct MarkDeliveredPayload {
    /// The conversation.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// From where on to read again.
#[derive(InputObject)]
pub struct MarkConversationUnreadInput {
    /// The first message that shall be unread. One that you have not read yet changes nothing.
    from_message_id: Id<model::Message>,
}

/// What `markConversationUnread` answers.
#[derive(SimpleObject)]
pub struct MarkConversationUnreadPayload {
    /// The conversation with what is left to read.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct StateMutation;

#[Object]
impl StateMutation {
    /// Puts a conversation away, pins or mutes it, for yourself alone. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_conversation_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How to keep which one.")] input: UpdateConversationSettingsInput,
    ) -> WireResult<UpdateConversationSettingsPayload> {
        let settings = Settings {
            is_archived: set(input.is_archived, "isArchived")?,
            is_pinned: set(input.is_pinned, "isPinned")?,
            muted_until: change(input.muted_until),
        };
        let result = service::update_settings(ctx.app(), ctx.caller(), input.conversation_id, settings).await;
        let (seen, user_errors) = answer(ctx, result).await?;
        Ok(UpdateConversationSettingsPayload { conversation: seen.map(Into::into), user_errors })
    }

    /// Says up to which message a conversation has come to one of your devices. What is read has come. It never goes back.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(10))]
    async fn mark_delivered(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What has come.")] input: MarkDeliveredInput,
    ) -> WireResult<MarkDeliveredPayload> {
        let up_to = i64::from(input.up_to);
        let result = service::mark_delivered(ctx.app(), ctx.caller(), input.conversation_id, up_to).await;
        let (seen, user_errors) = answer(ctx, result).await?;
        Ok(MarkDeliveredPayload { conversation: seen.map(Into::into), user_errors })
    }

    /// Makes a message and all that came after it unread for you. The others are told nothing of it: `Participant.lastReadNumber`
    /// stays where it was.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn mark_conversation_unread(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From where on.")] input: MarkConversationUnreadInput,
    ) -> WireResult<MarkConversationUnreadPayload> {
        let result = service::mark_unread(ctx.app(), ctx.caller(), input.from_message_id).await;
        let (seen, user_errors) = answer(ctx, result).await?;
        Ok(MarkConversationUnreadPayload { conversation: seen.map(Into::into), user_errors })
    }
}
