//! Saved texts of shops, on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    messages::{
        loaders::QuickReplyById,
        model::quick_replies::{self, CreateQuickReply, QuickReplyChange},
        service,
    },
    platform::gql::{Ask, SignedInOnly, WireResult, set},
    shops::model::Shop,
    user_errors::{UserError, answer},
};

/// A text with which a shop's members answer again and again. Those of them who answer messages see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct QuickReply {
    /// Begins with `quickreply_`.
    id: Id<quick_replies::QuickReply>,
    /// By what it is found while somebody types: 1 to 32 lower-case letters, digits and single inner hyphens. No other one of the shop
    /// has it.
    shortcut: String,
    /// What it says, 1 to 4,000 characters.
    text: String,
    /// For `expectedVersion`.
    version: i32,
}

impl From<quick_replies::QuickReply> for QuickReply {
    fn from(row: quick_replies::QuickReply) -> Self {
        Self { id: row.id, shortcut: row.shortcut, text: row.text, version: row.version }
    }
}

/// What to save.
#[derive(InputObject)]
pub struct CreateQuickReplyInput {
    /// A shop for which you answer messages.
    shop_id: Id<Shop>,
    /// 1 to 32 lower-case letters, digits and single inner hyphens.
    shortcut: String,
    /// 1 to 4,000 characters of plain text. White space at both ends is cut off, and what turns the direction of writing (such as U+2067) left
    /// out.
    text: String,
    /// 1 to 255 characters that name this very intent, so that a repeat saves no second one. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createQuickReply` answers.
#[derive(SimpleObject)]
pub struct CreateQuickReplyPayload {
    /// The saved text.
    quick_reply: Option<QuickReply>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a saved text. What is absent stays.
#[derive(InputObject)]
pub struct UpdateQuickReplyInput {
    /// Which one.
    quick_reply_id: Id<quick_replies::QuickReply>,
    /// Its `version` as it was read.
    expected_version: i32,
    /// 1 to 32 lower-case letters, digits and single inner hyphens.
    shortcut: MaybeUndefined<String>,
    /// 1 to 4,000 characters of plain text. White space at both ends is cut off, and what turns the direction of writing (such as U+2067) left
    /// out.
    text: MaybeUndefined<String>,
}

/// What `updateQuickReply` answers.
#[derive(SimpleObject)]
pub struct UpdateQuickReplyPayload {
    /// The saved text as it is now.
    quick_reply: Option<QuickReply>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which saved text goes.
#[derive(InputObject)]
pub struct DeleteQuickReplyInput {
    /// Which one.
    quick_reply_id: Id<quick_replies::QuickReply>,
}

/// What `deleteQuickReply` answers.
#[derive(SimpleObject)]
pub struct DeleteQuickReplyPayload {
    /// The id of the text that is saved no more.
    deleted_quick_reply_id: Option<Id<quick_replies::QuickReply>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn quick_reply(ctx: &Context<'_>, id: Option<Id<quick_replies::QuickReply>>) -> WireResult<Option<QuickReply>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(QuickReplyById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}

#[derive(Default)]
pub struct QuickRepliesMutation;

#[Object]
impl QuickRepliesMutation {
    /// Saves a text with which those of a shop who answer messages do so again and again; a shop has at most 50. They all may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `NOT_FOUND`, `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_quick_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: CreateQuickReplyInput,
    ) -> WireResult<CreateQuickReplyPayload> {
        let CreateQuickReplyInput { shop_id: shop, shortcut, text, idempotency_key } = input;
        let create = CreateQuickReply { shop, shortcut, text };
        let result = service::create_quick_reply(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateQuickReplyPayload { quick_reply: quick_reply(ctx, id).await?, user_errors })
    }

    /// Changes a saved text, or its shortcut.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_quick_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateQuickReplyInput,
    ) -> WireResult<UpdateQuickReplyPayload> {
        let (id, version) = (input.quick_reply_id, input.expected_version);
        let change = QuickReplyChange { shortcut: set(input.shortcut, "shortcut")?, text: set(input.text, "text")? };
        let result = service::update_quick_reply(ctx.app(), ctx.caller(), id, version, change).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateQuickReplyPayload { quick_reply: quick_reply(ctx, id).await?, user_errors })
    }

    /// Deletes a saved text. What was sent with it stays.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_quick_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one goes.")] input: DeleteQuickReplyInput,
    ) -> WireResult<DeleteQuickReplyPayload> {
        let result = service::delete_quick_reply(ctx.app(), ctx.caller(), input.quick_reply_id).await;
        let (deleted_quick_reply_id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteQuickReplyPayload { deleted_quick_reply_id, user_errors })
    }
}
