//! What people do in conversations beside writing, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::{Conversation, Participant, conversation};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{loaders::ParticipantsIn, model, service},
    platform::{
        caller::Caller,
        clock::Time,
        events::Cursor,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
    users::{self, graphql::User, loaders::UserById, model::oneself},
};

/// Somebody takes part in the conversation from now on, or in another role, or messages have come to them, or they have read further.
#[derive(Debug, Clone, SimpleObject)]
pub struct ParticipantChanged {
    /// The event's position in the log.
    cursor: String,
    /// Who it is, as they take part by now.
    participant: Participant,
}

impl ParticipantChanged {
    /// The event as the caller sees it; none if they do not take part (any more), if it is not for them, and of who does not take
    /// part as a person.
    pub async fn load(
        ctx: &Context<'_>,
        cursor: Cursor,
        event: &model::live::ParticipantChanged,
    ) -> WireResult<Option<Self>> {
        if !event.is_for(oneself(ctx.caller())?) {
            return Ok(None);
        }
        let people = ctx.loader().load_one(ParticipantsIn(event.conversation)).await?.unwrap_or_default();
        let found = people.into_iter().find(|companion| companion.participant.user.id == event.user);
        Ok(found.map(|companion| Self { cursor: cursor.to_string(), participant: companion.into() }))
    }
}

/// You keep a conversation otherwise than before, or have something else left to read in it, by what you did on this device or another one.
/// What you read by writing is told by `MessageSent`.
#[derive(Debug, Clone, SimpleObject)]
pub struct ConversationStateChanged {
    /// The event's position in your stream.
    cursor: String,
    /// The conversation as you keep it by now.
    conversation: Conversation,
}

impl ConversationStateChanged {
    /// The event for the person whose it is; none if they do not take part (any more).
    pub async fn load(ctx: &Context<'_>, cursor: Cursor, id: Id<model::Conversation>) -> WireResult<Option<Self>> {
        let conversation = conversation(ctx, id).await?;
        Ok(conversation.map(|conversation| Self { cursor: cursor.to_string(), conversation }))
    }
}

/// Somebody else is typing in the conversation. It has no place in the log: it comes to streams that are open, and to none
/// later.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Typing {
    /// Until when to show it, unless it comes again or a message of theirs does.
    until: Time,
    #[graphql(skip)]
    conversation: Id<model::Conversation>,
    #[graphql(skip)]
    user: Id<users::model::User>,
}

impl Typing {
    /// The event for the caller; none of their own, and of whom they have blocked.
    ///
    /// # Errors
    /// As [`oneself`].
    pub fn new(caller: &Caller, event: &model::live::Typing) -> Result<Option<Self>, Failure> {
        let reader = oneself(caller)?;
        let is_told = event.user != reader && !event.hidden_from.contains(&reader);
        Ok(is_told.then_some(Self { until: event.until, conversation: event.conversation, user: event.user }))
    }
}

#[ComplexObject]
impl Typing {
    /// Where.
    async fn conversation(&self, ctx: &Context<'_>) -> WireResult<Option<Conversation>> {
        conversation(ctx, self.conversation).await
    }

    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user)).await?.map(Into::into))
    }
}

/// Where somebody is typing.
#[derive(InputObject)]
pub struct SendTypingInput {
    /// In which conversation.
    conversation_id: Id<model::Conversation>,
}

/// What `sendTyping` answers.
#[derive(SimpleObject)]
pub struct SendTypingPayload {
    /// The conversation.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct LiveMutation;

#[Object]
impl LiveMutation {
    /// Tells who has `conversationEvents` open that you are typing. Say it again every few seconds while you go on; what comes
    /// sooner than three seconds after the last time, or a moment after you typed in another conversation, is not told. Nothing is told if your
    /// `Preferences.hasTypingIndicators` is false.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(10))]
    async fn send_typing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] input: SendTypingInput,
    ) -> WireResult<SendTypingPayload> {
        let result = service::send_typing(ctx.app(), ctx.caller(), input.conversation_id).await;
        let (seen, user_errors) = answer(ctx, result).await?;
        Ok(SendTypingPayload { conversation: seen.map(Into::into), user_errors })
    }
}
