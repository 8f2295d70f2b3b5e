//! Editing messages, and taking them back.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{MentionInput, Message, message};
use crate::{
    kernel::id::Id,
    messages::{
        model::{self, editing::Revision, mentions::MentionDraft},
        service,
    },
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, cost},
    },
    user_errors::{UserError, answer},
};

/// What a message said before it was edited.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageRevision {
    /// The version of the message in which it said so.
    version: i32,
    /// What it said.
    text: String,
    /// Since when it said so.
    written_at: Time,
}

impl From<Revision> for MessageRevision {
    fn from(row: Revision) -> Self {
        Self { version: row.version, text: row.text, written_at: row.written_at }
    }
}

/// What a message shall say instead.
#[derive(InputObject)]
pub struct EditMessageInput {
    /// A message of yours.
    message_id: Id<model::Message>,
    /// The message's `version` as you saw it.
    expected_version: i32,
    /// 1 to 4,000 characters of plain text. White space at both ends is cut off, and what turns the direction of writing (such as U+2067) left
    /// out.
    text: String,
    /// Of whom the new text speaks; at most 50 places. Left out: of nobody.
    mentions: Option<Vec<MentionInput>>,
}

/// What `editMessage` answers.
#[derive(SimpleObject)]
pub struct EditMessagePayload {
    /// The message as it is now.
    message: Option<Message>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to take back.
#[derive(InputObject)]
pub struct DeleteMessageInput {
    /// A message of yours, or any that somebody wrote in a group that you own or moderate.
    message_id: Id<model::Message>,
}

/// What `deleteMessage` answers.
#[derive(SimpleObject)]
pub struct DeleteMessagePayload {
    /// What is left of it.
    message: Option<Message>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct EditingMutation;

#[Object]
impl EditingMutation {
    /// Has a message of yours say something else, within 24 hours after it was sent and 50 times at the most. What it said before stays in
    /// its `revisions`. The same text once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `STALE_VERSION`, `MESSAGE_NOT_EDITABLE`,
    /// `MESSAGE_REFUSED`, `ACCOUNT_SUSPENDED`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn edit_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What instead.")] input: EditMessageInput,
    ) -> WireResult<EditMessagePayload> {
        let EditMessageInput { message_id, expected_version, text, mentions } = input;
        let mentions: Vec<MentionDraft> = mentions.unwrap_or_default().into_iter().map(Into::into).collect();
        let result =
            service::edit_message(ctx.app(), ctx.caller(), message_id, expected_version, &text, &mentions).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message = match id {
            Some(id) => message(ctx.loader(), id).await?,
            None => None,
        };
        Ok(EditMessagePayload { message, user_errors })
    }

    /// Takes a message of yours back for everybody who takes part, at any time: its number, its author and its place stay, and its content
    /// becomes a `DeletedContent`. What it said is kept for 90 days, in case it was reported; nobody who takes part sees it. What was sent
    /// along goes at once. Who owns or moderates a group takes back what anybody wrote in it. What the staff have hidden can be taken back, too, and
    /// is never shown again then. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteMessageInput,
    ) -> WireResult<DeleteMessagePayload> {
        let result = service::delete_message(ctx.app(), ctx.caller(), input.message_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message = match id {
            Some(id) => message(ctx.loader(), id).await?,
            None => None,
        };
        Ok(DeleteMessagePayload { message, user_errors })
    }
}
