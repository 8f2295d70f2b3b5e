//! Words and domains that nobody sends, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    messages::{
        loaders::MessageFilterById,
        model::filters::{self, CreateMessageFilter, FilterAction, FilterKind},
        service,
    },
    platform::{
        caller::StaffPermission,
        clock::Time,
        gql::{Ask, StaffOnly, WireResult, list_size},
    },
    user_errors::{UserError, answer},
};

/// A word or a domain that nobody sends in messages, or that is looked at first. The staff alone see it.
#[derive(SimpleObject)]
pub struct MessageFilter {
    /// Begins with `filter_`.
    id: Id<filters::MessageFilter>,
    /// What it looks for.
    kind: FilterKind,
    /// What is done about a message that holds it.
    action: FilterAction,
    /// The word or the domain, as it was written.
    pattern: String,
    /// Since when.
    created_at: Time,
}

impl From<filters::MessageFilter> for MessageFilter {
    fn from(row: filters::MessageFilter) -> Self {
        let filters::MessageFilter { id, kind, pattern, created_at, action } = row;
        Self { id, kind, action, pattern, created_at }
    }
}

/// The filters' part of the staff's side.
#[derive(Default)]
pub struct StaffMessageFilters;

#[Object]
impl StaffMessageFilters {
    /// The words and domains that nobody sends in messages, the last one first; at most 1,000.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)", directive = list_size::apply(100))]
    async fn message_filters(&self, ctx: &Context<'_>) -> WireResult<Vec<MessageFilter>> {
        Ok(service::message_filters(ctx.app()).await?.into_iter().map(Into::into).collect())
    }
}

/// What nobody is to send.
#[derive(InputObject)]
pub struct CreateMessageFilterInput {
    /// What it looks for.
    kind: FilterKind,
    /// One word, or one domain without `https://`, in 1 to 100 characters.
    pattern: String,
    /// What is done about a message that holds it: it is refused if absent.
    action: Option<FilterAction>,
    /// 1 to 255 characters that name this very intent. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createMessageFilter` answers.
#[derive(SimpleObject)]
pub struct CreateMessageFilterPayload {
    /// The filter.
    message_filter: Option<MessageFilter>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which filter goes.
#[derive(InputObject)]
pub struct DeleteMessageFilterInput {
    /// Which one.
    message_filter_id: Id<filters::MessageFilter>,
}

/// What `deleteMessageFilter` answers.
#[derive(SimpleObject)]
pub struct DeleteMessageFilterPayload {
    /// The id of the filter that is no more.
    deleted_message_filter_id: Option<Id<filters::MessageFilter>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct MessageFiltersMutation;

#[Object]
impl MessageFiltersMutation {
    /// Has a word or a domain be sent by nobody from now on, whatever its case, its marks, and the width of its letters; with a domain, all
    /// that lie below it. Messages that hold it, and names of what is attached to them, are `MESSAGE_REFUSED`, or wait in `staff.heldMessages`, as
    /// `action` says; titles of groups and new texts of what was sent are refused either way. What was sent before stays. There are at most
    /// 1,000. For the staff.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn create_message_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What nobody is to send.")] input: CreateMessageFilterInput,
    ) -> WireResult<CreateMessageFilterPayload> {
        let CreateMessageFilterInput { kind, pattern, action, idempotency_key } = input;
        let (key, create) = (idempotency_key.as_deref(), CreateMessageFilter { kind, pattern, action });
        let result = service::create_message_filter(ctx.app(), ctx.caller(), key, create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message_filter = match id {
            Some(id) => ctx.loader().load_one(MessageFilterById(id)).await?.map(Into::into),
            None => None,
        };
        Ok(CreateMessageFilterPayload { message_filter, user_errors })
    }

    /// Has what a filter looked for be sent again. For the staff.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn delete_message_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one goes.")] input: DeleteMessageFilterInput,
    ) -> WireResult<DeleteMessageFilterPayload> {
        let result = service::delete_message_filter(ctx.app(), ctx.caller(), input.message_filter_id).await;
        let (deleted_message_filter_id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteMessageFilterPayload { deleted_message_filter_id, user_errors })
    }
}
