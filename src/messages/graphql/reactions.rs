//! Answering messages with an emoji.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Message, int, message};
use crate::{
    kernel::id::Id,
    messages::{
        model::{self, reactions::ReactionCount},
        service,
    },
    platform::gql::{Ask, SignedInOnly, WireResult, cost},
    user_errors::{UserError, answer},
};

/// How many answered a message with an emoji.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageReaction {
    /// One emoji.
    emoji: String,
    /// How many people did.
    count: i32,
    /// Whether you are one of them.
    is_mine: bool,
}

impl From<ReactionCount> for MessageReaction {
    fn from(row: ReactionCount) -> Self {
        Self { emoji: row.emoji, count: int(row.count), is_mine: row.is_mine }
    }
}

/// What to answer to which message.
#[derive(InputObject)]
pub struct AddReactionInput {
    /// A message that you see.
    message_id: Id<model::Message>,
    /// One emoji, with its colour of skin if it has one. The same one with and without the mark for the coloured form is one.
    emoji: String,
}

/// What `addReaction` answers.
#[derive(SimpleObject)]
pub struct AddReactionPayload {
    /// The message with its reactions.
    message: Option<Message>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What not to answer any more.
#[derive(InputObject)]
pub struct RemoveReactionInput {
    /// The message.
    message_id: Id<model::Message>,
    /// The emoji.
    emoji: String,
}

/// What `removeReaction` answers.
#[derive(SimpleObject)]
pub struct RemoveReactionPayload {
    /// The message with its reactions.
    message: Option<Message>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ReactionsMutation;

#[Object]
impl ReactionsMutation {
    /// Answers a message with an emoji: five are one person's at the most, and a message has 20 different ones. Once more changes nothing.
    /// What was taken back is not answered.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `INVALID`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn add_reaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to what.")] input: AddReactionInput,
    ) -> WireResult<AddReactionPayload> {
        let result = service::add_reaction(ctx.app(), ctx.caller(), input.message_id, input.emoji).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message = match id {
            Some(id) => message(ctx.loader(), id).await?,
            None => None,
        };
        Ok(AddReactionPayload { message, user_errors })
    }

    /// Takes a reaction of yours back. Without one it is as if it had been done.
    ///
    /// Codes: `NOT_FOUND`, `INVALID`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn remove_reaction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What from what.")] input: RemoveReactionInput,
    ) -> WireResult<RemoveReactionPayload> {
        let result = service::remove_reaction(ctx.app(), ctx.caller(), input.message_id, &input.emoji).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message = match id {
            Some(id) => message(ctx.loader(), id).await?,
            None => None,
        };
        Ok(RemoveReactionPayload { message, user_errors })
    }
}
