//! What happens in one conversation, for who takes part in it.

use async_graphql::{Context, Union};
use futures_util::{Stream, StreamExt, stream};

use super::{Gap, Happened, Heartbeat};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        self,
        graphql::{MessageChanged, MessageSent, ParticipantChanged, Typing},
        loaders::ConversationById,
        model::Conversation,
    },
    platform::{
        events::{Cursor, Delivery, Passing, Recorded},
        gql::{Ask, WireResult},
    },
    users::model::oneself,
};

/// Something that happens in a conversation, or a word about the stream itself. New types may appear at any time: keep a default
/// branch.
#[derive(Union)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
pub enum ConversationEvent {
    MessageSent(MessageSent),
    MessageChanged(MessageChanged),
    ParticipantChanged(ParticipantChanged),
    Typing(Typing),
    Heartbeat(Heartbeat),
    Gap(Gap),
}

/// Goes on for who takes part.
///
/// # Errors
/// `NOT_FOUND` for everybody else.
pub(super) async fn stay(ctx: &Context<'_>, id: Id<Conversation>) -> WireResult<()> {
    match ctx.loader().load_one(ConversationById(id)).await? {
        Some(_) => Ok(()),
        None => Err(Failure::NotFound("conversation").into()),
    }
}

/// What this execution tells of; nothing when the stream begins, and of what its reader is not told.
pub(super) fn told<'ctx>(
    ctx: &'ctx Context<'_>,
    id: Id<Conversation>,
    happened: Option<&'ctx Happened>,
) -> impl Stream<Item = WireResult<ConversationEvent>> + 'ctx {
    stream::iter(happened).filter_map(move |Happened(delivery)| async move {
        match delivery {
            Err(error) => Some(Err(error.clone())),
            Ok(Delivery::Heartbeat(cursor)) => {
                Some(Ok(ConversationEvent::Heartbeat(Heartbeat { cursor: cursor.to_string() })))
            }
            Ok(Delivery::Gap(cursor)) => Some(Ok(ConversationEvent::Gap(Gap { resume_cursor: cursor.to_string() }))),
            Ok(Delivery::Event(cursor, recorded)) => event(ctx, id, *cursor, recorded).await.transpose(),
            Ok(Delivery::Passing(passing)) => typing(ctx, id, passing).await.transpose(),
        }
    })
}

/// The event as the reader may see it; none for kinds that this version does not tell. Of what they may not see they are told
/// nothing, and if that is because they take no part any more, it is the end.
async fn event(
    ctx: &Context<'_>,
    id: Id<Conversation>,
    cursor: Cursor,
    recorded: &Recorded,
) -> WireResult<Option<ConversationEvent>> {
    let event = if let Some(body) = recorded.body::<messages::model::MessageSent>() {
        MessageSent::load(ctx.loader(), cursor, &body?).await?.map(ConversationEvent::MessageSent)
    } else if let Some(body) = recorded.body::<messages::model::editing::MessageChanged>() {
        MessageChanged::load(ctx.loader(), cursor, &body?).await?.map(ConversationEvent::MessageChanged)
    } else if let Some(body) = recorded.body::<messages::model::live::ParticipantChanged>() {
        let body = body?;
        // Nobody else looks, be it only whether they still take part: there may be many of them, and of these many.
        if !body.is_for(oneself(ctx.caller())?) {
            return Ok(None);
        }
        ParticipantChanged::load(ctx, cursor, &body).await?.map(ConversationEvent::ParticipantChanged)
    } else {
        return Ok(None);
    };
    if event.is_none() {
        stay(ctx, id).await?;
    }
    Ok(event)
}

/// Who is typing, for who takes part and is to know.
async fn typing(ctx: &Context<'_>, id: Id<Conversation>, passing: &Passing) -> WireResult<Option<ConversationEvent>> {
    let Some(body) = passing.body::<messages::model::live::Typing>() else { return Ok(None) };
    let Some(typing) = Typing::new(ctx.caller(), &body?)? else { return Ok(None) };
    stay(ctx, id).await?;
    Ok(Some(ConversationEvent::Typing(typing)))
}
