//! Whom you do not want to hear of.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::id::Id,
    messages::service,
    platform::gql::{Ask, SignedInOnly, WireResult},
    user_errors::{UserError, answer},
    users::{self, graphql::User, loaders::UserById},
};

/// Whom you do not want to hear of.
#[derive(InputObject)]
pub struct BlockUserInput {
    /// Which person.
    user_id: Id<users::model::User>,
}

/// What `blockUser` answers.
#[derive(SimpleObject)]
pub struct BlockUserPayload {
    /// Whom you have blocked.
    user: Option<User>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Whom you want to hear of again.
#[derive(InputObject)]
pub struct UnblockUserInput {
    /// Which person.
    user_id: Id<users::model::User>,
}

/// What `unblockUser` answers.
#[derive(SimpleObject)]
pub struct UnblockUserPayload {
    /// Whom you have not blocked any more.
    user: Option<User>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct BlockingMutation;

#[Object]
impl BlockingMutation {
    /// Blocks somebody: the conversation of you two is not there for you, and you hear of nothing that they write in it. They do
    /// not notice. In the thread of an order they are not heard either, but for its steps; who asks a shop, or writes in a group, is heard. Once
    /// more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `INVALID`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn block_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: BlockUserInput,
    ) -> WireResult<BlockUserPayload> {
        let result = service::block_user(ctx.app(), ctx.caller(), input.user_id).await;
        let (blocked, user_errors) = answer(ctx, result).await?;
        Ok(BlockUserPayload { user: person(ctx, blocked).await?, user_errors })
    }

    /// Hears of somebody again: the conversation of you two is back, without what they wrote meanwhile. Once more changes nothing.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn unblock_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: UnblockUserInput,
    ) -> WireResult<UnblockUserPayload> {
        let result = service::unblock_user(ctx.app(), ctx.caller(), input.user_id).await;
        let (unblocked, user_errors) = answer(ctx, result).await?;
        Ok(UnblockUserPayload { user: person(ctx, unblocked).await?, user_errors })
    }
}

async fn person(ctx: &Context<'_>, id: Option<Id<users::model::User>>) -> WireResult<Option<User>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(UserById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}
