//! Making groups, asking people in, leaving.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{Conversation, conversation};
use crate::{
    kernel::id::Id,
    messages::{
        model::{self, groups::GroupRole},
        service,
    },
    platform::gql::{Ask, SignedInOnly, WireResult, cost, set},
    user_errors::{UserError, answer},
    users,
};

/// What to call a group.
#[derive(InputObject)]
pub struct CreateGroupInput {
    /// 1 to 80 characters. White space at both ends is cut off.
    title: String,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second one. Kept for a day.
    idempotency_key: String,
}

/// What `createGroup` answers.
#[derive(SimpleObject)]
pub struct CreateGroupPayload {
    /// The group, which is yours.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about which group. What is absent stays.
#[derive(InputObject)]
pub struct UpdateGroupInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
    /// Its `version` as it was read.
    expected_version: i32,
    /// 1 to 80 characters. White space at both ends is cut off.
    title: MaybeUndefined<String>,
}

/// What `updateGroup` answers.
#[derive(SimpleObject)]
pub struct UpdateGroupPayload {
    /// The group as it is now.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Whom to ask into which group.
#[derive(InputObject)]
pub struct InviteToGroupInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
    /// Which person.
    user_id: Id<users::model::User>,
}

/// What `inviteToGroup` answers.
#[derive(SimpleObject)]
pub struct InviteToGroupPayload {
    /// The group.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Whom to ask no more into which group.
#[derive(InputObject)]
pub struct WithdrawGroupInvitationInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
    /// Which person.
    user_id: Id<users::model::User>,
}

/// What `withdrawGroupInvitation` answers.
#[derive(SimpleObject)]
pub struct WithdrawGroupInvitationPayload {
    /// The group.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Where to come in.
#[derive(InputObject)]
pub struct AcceptGroupInvitationInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
}

/// What `acceptGroupInvitation` answers.
#[derive(SimpleObject)]
pub struct AcceptGroupInvitationPayload {
    /// The group to which you belong now.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Where not to come in.
#[derive(InputObject)]
pub struct DeclineGroupInvitationInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
}

/// What `declineGroupInvitation` answers.
#[derive(SimpleObject)]
pub struct DeclineGroupInvitationPayload {
    /// The group into which you were asked.
    declined_conversation_id: Option<Id<model::Conversation>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to leave.
#[derive(InputObject)]
pub struct LeaveGroupInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
}

/// What `leaveGroup` answers.
#[derive(SimpleObject)]
pub struct LeaveGroupPayload {
    /// The group to which you belong no more.
    left_conversation_id: Option<Id<model::Conversation>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Whom to remove from which group.
#[derive(InputObject)]
pub struct RemoveFromGroupInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
    /// Somebody else.
    user_id: Id<users::model::User>,
}

/// What `removeFromGroup` answers.
#[derive(SimpleObject)]
pub struct RemoveFromGroupPayload {
    /// The group.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What somebody may do in which group.
#[derive(InputObject)]
pub struct SetGroupRoleInput {
    /// Which group.
    conversation_id: Id<model::Conversation>,
    /// Somebody else who belongs to it.
    user_id: Id<users::model::User>,
    /// What they may do from now on.
    role: GroupRole,
}

/// What `setGroupRole` answers.
#[derive(SimpleObject)]
pub struct SetGroupRolePayload {
    /// The group.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct GroupsMutation;

#[Object]
impl GroupsMutation {
    /// Makes a group that is yours, with nobody else in it yet. One person belongs to at most 200 groups.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `MESSAGE_REFUSED`, `ACCOUNT_SUSPENDED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn create_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to call it.")] input: CreateGroupInput,
    ) -> WireResult<CreateGroupPayload> {
        let CreateGroupInput { title, idempotency_key } = input;
        let result = service::create_group(ctx.app(), ctx.caller(), &idempotency_key, title).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateGroupPayload { conversation: found(ctx, id).await?, user_errors })
    }

    /// Calls a group something else, if you own or moderate it. All who belong to it are told by a message.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`, `MESSAGE_REFUSED`, `ACCOUNT_SUSPENDED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(100))]
    async fn update_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateGroupInput,
    ) -> WireResult<UpdateGroupPayload> {
        let UpdateGroupInput { conversation_id: id, expected_version, title } = input;
        let title = set(title, "title")?;
        let result = service::update_group(ctx.app(), ctx.caller(), id, expected_version, title).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateGroupPayload { conversation: found(ctx, id).await?, user_errors })
    }

    /// Asks somebody to come into a group, if you own or moderate it and have not blocked them. They, and whoever is asked already, are
    /// 100 at most, and so are those whom you have asked anywhere and who have not answered. Once more changes nothing, and who has declined is
    /// not asked again for 30 days. Whom you have no conversation with counts as in `startConversation`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `INVALID`, `ALREADY_DONE`, `TOO_MANY`, `ACCOUNT_SUSPENDED`, `TOO_MANY_ATTEMPTS`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(100))]
    async fn invite_to_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where.")] input: InviteToGroupInput,
    ) -> WireResult<InviteToGroupPayload> {
        let result = service::invite(ctx.app(), ctx.caller(), input.conversation_id, input.user_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(InviteToGroupPayload { conversation: found(ctx, id).await?, user_errors })
    }

    /// Has somebody be asked no more who has not answered yet, if you own or moderate the group.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(100))]
    async fn withdraw_group_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where.")] input: WithdrawGroupInvitationInput,
    ) -> WireResult<WithdrawGroupInvitationPayload> {
        let result = service::withdraw_invitation(ctx.app(), ctx.caller(), input.conversation_id, input.user_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(WithdrawGroupInvitationPayload { conversation: found(ctx, id).await?, user_errors })
    }

    /// Comes into a group into which you are asked. You see what is written from then on; nothing older is shown or counted. Once more changes
    /// nothing.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn accept_group_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] input: AcceptGroupInvitationInput,
    ) -> WireResult<AcceptGroupInvitationPayload> {
        let result = service::accept_invitation(ctx.app(), ctx.caller(), input.conversation_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(AcceptGroupInvitationPayload { conversation: found(ctx, id).await?, user_errors })
    }

    /// Does not come in. For 30 days nobody asks you into this group again.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(50))]
    async fn decline_group_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where not.")] input: DeclineGroupInvitationInput,
    ) -> WireResult<DeclineGroupInvitationPayload> {
        let result = service::decline_invitation(ctx.app(), ctx.caller(), input.conversation_id).await;
        let (declined_conversation_id, user_errors) = answer(ctx, result).await?;
        Ok(DeclineGroupInvitationPayload { declined_conversation_id, user_errors })
    }

    /// Leaves a group, which is not there for you any more. If it was yours, it becomes that of who has moderated it longest, else of who
    /// has been there longest. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn leave_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: LeaveGroupInput,
    ) -> WireResult<LeaveGroupPayload> {
        let result = service::leave_group(ctx.app(), ctx.caller(), input.conversation_id).await;
        let (left_conversation_id, user_errors) = answer(ctx, result).await?;
        Ok(LeaveGroupPayload { left_conversation_id, user_errors })
    }

    /// Removes somebody from a group: its owner anybody, its moderators those who are members.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `INVALID`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn remove_from_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where.")] input: RemoveFromGroupInput,
    ) -> WireResult<RemoveFromGroupPayload> {
        let result = service::remove_from_group(ctx.app(), ctx.caller(), input.conversation_id, input.user_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(RemoveFromGroupPayload { conversation: found(ctx, id).await?, user_errors })
    }

    /// Changes what somebody may do in a group that is yours. Making them its owner makes you a moderator. What they may do already changes
    /// nothing.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `INVALID`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn set_group_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they may do.")] input: SetGroupRoleInput,
    ) -> WireResult<SetGroupRolePayload> {
        let result =
            service::set_group_role(ctx.app(), ctx.caller(), input.conversation_id, input.user_id, input.role).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(SetGroupRolePayload { conversation: found(ctx, id).await?, user_errors })
    }
}

async fn found(ctx: &Context<'_>, id: Option<Id<model::Conversation>>) -> WireResult<Option<Conversation>> {
    match id {
        Some(id) => conversation(ctx, id).await,
        None => Ok(None),
    }
}
