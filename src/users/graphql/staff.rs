//! What the market's staff do about people, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::User;
use crate::{
    kernel::{error::Failure, id::Id, page::PageArgs},
    platform::{
        caller::{self, Caller},
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, StaffOnly, Total, WireResult},
    },
    user_errors::{UserError, answer},
    users::{
        loaders::UserById,
        model::{self, Role},
        service,
    },
};

/// Something that members of the market's staff may do, by their role. New ones may appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "caller::StaffPermission")]
pub enum StaffPermission {
    /// See every order and payment.
    ViewOrders,
    /// See jobs, documents, API keys and the use of fields.
    ViewOperations,
    /// Act in the name of people who are not of the staff.
    ActOnBehalf,
    /// Sign people out everywhere.
    EndSessions,
    /// Have jobs tried again.
    ManageOperations,
    /// Make and end API keys.
    ManageApiKeys,
    /// Make and change categories, attributes and product kinds.
    ManageCatalogue,
    /// See what people report about reviews, and hide them.
    ModerateReviews,
    /// See what people report, decide about it, answer appeals, and say what nobody sends in messages.
    ModerateContent,
    /// Answer who calls support into the thread of an order.
    AnswerSupport,
    /// Say what share the market has of what a shop sells.
    ManageShops,
    /// Give buyers their money back.
    RefundOrders,
    /// Pack and send orders for their shops.
    FulfillOrders,
    /// Say who is of the staff.
    ManageStaff,
}

/// What the staff's own part of `Staff` is.
#[derive(Default)]
pub struct StaffSelf;

#[Object]
impl StaffSelf {
    /// What you may do.
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<StaffPermission> {
        let may = |permission: &caller::StaffPermission| ctx.caller().may(*permission);
        caller::StaffPermission::ALL.into_iter().filter(may).map(Into::into).collect()
    }
}

/// Leave to act in somebody's name. Its id goes into the header `Agora-On-Behalf-Of`, beside your own token.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct StaffGrant {
    /// Begins with `grant_`. It is good for nobody else.
    id: Id<model::StaffGrant>,
    /// Why, as the person sees it.
    reason: String,
    /// When it began.
    created_at: Time,
    /// Until when it is good, unless you end it before.
    expires_at: Time,
    /// When you ended it; null if you did not.
    ended_at: Option<Time>,
    #[graphql(skip)]
    user: Id<model::User>,
}

#[ComplexObject]
impl StaffGrant {
    /// In whose name.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user)).await?.map(Into::into))
    }
}

impl From<model::StaffGrant> for StaffGrant {
    fn from(row: model::StaffGrant) -> Self {
        let model::StaffGrant { id, user_id, reason, created_at, expires_at, ended_at, .. } = row;
        Self { id, reason, created_at, expires_at, ended_at, user: user_id }
    }
}

/// Something that the market's staff did about you. Only you see it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AuditEntry {
    /// What they did: the mutation that they sent. `actOnBehalf` says that they began to act in your name, and see what you
    /// see but for your messages.
    action: String,
    /// Why.
    reason: String,
    /// When.
    created_at: Time,
    #[graphql(skip)]
    staff: Option<Id<model::User>>,
}

#[ComplexObject]
impl AuditEntry {
    /// Who; null if it was whoever operates the market.
    async fn staff(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(id) = self.staff else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(id)).await?.map(Into::into))
    }
}

impl From<model::AuditEntry> for AuditEntry {
    fn from(row: model::AuditEntry) -> Self {
        let model::AuditEntry { staff_id, action, reason, created_at, .. } = row;
        Self { action, reason, created_at, staff: staff_id }
    }
}

/// The audit log's part of the viewer.
pub struct AuditViewer(pub Caller);

#[Object]
impl AuditViewer {
    /// What the market's staff did about you and in your name, newest first, for 400 days.
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<AuditEntry>> {
        let listing = Listing::<Id<model::AuditEntry>>::new("audit_log", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::audit_log(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_audit_log(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |entry| entry.id, Into::into, total))
    }
}

/// In whose name to act, and why.
#[derive(InputObject)]
pub struct ActOnBehalfInput {
    /// Somebody who is not of the staff.
    user_id: Id<model::User>,
    /// Why, in 1 to 500 characters: "asked by phone to change the address of order 7K4M-92QX". The person reads it.
    reason: String,
}

/// What `actOnBehalf` answers.
#[derive(SimpleObject)]
pub struct ActOnBehalfPayload {
    /// The leave.
    grant: Option<StaffGrant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which leave to end.
#[derive(InputObject)]
pub struct EndActingInput {
    /// One of yours that is good.
    grant_id: Id<model::StaffGrant>,
}

/// What `endActing` answers.
#[derive(SimpleObject)]
pub struct EndActingPayload {
    /// The leave, which is over.
    grant: Option<StaffGrant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What somebody is to be to the market.
#[derive(InputObject)]
pub struct SetUserRoleInput {
    /// Who. Not you.
    user_id: Id<model::User>,
    /// What they are from now on.
    role: Role,
    /// Why, in 1 to 500 characters. The person reads it.
    reason: String,
}

/// What `setUserRole` answers.
#[derive(SimpleObject)]
pub struct SetUserRolePayload {
    /// Whose role it is.
    user: Option<User>,
    /// What they are now.
    role: Option<Role>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Whose sessions to end, and why.
#[derive(InputObject)]
pub struct RevokeUserSessionsInput {
    /// Who. Not you; one of the staff only for admins.
    user_id: Id<model::User>,
    /// Why, in 1 to 500 characters. The person reads it.
    reason: String,
}

/// What `revokeUserSessions` answers.
#[derive(SimpleObject)]
pub struct RevokeUserSessionsPayload {
    /// Whose sessions they were.
    user: Option<User>,
    /// How many devices were signed out.
    revoked: Option<i32>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct StaffActsMutation;

#[Object]
impl StaffActsMutation {
    /// Begins to act in a person's name for 30 minutes: with the leave's id in the header `Agora-On-Behalf-Of`, requests with
    /// your token are theirs. What has to do with the safety of their account, with paying and with their messages is
    /// `FORBIDDEN`. The person sees that you began, why, and each mutation that you send. For the staff. Needs
    /// a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(caller::StaffPermission::ActOnBehalf)")]
    async fn act_on_behalf(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In whose name.")] input: ActOnBehalfInput,
    ) -> WireResult<ActOnBehalfPayload> {
        let result = service::act_on_behalf(ctx.app(), ctx.caller(), input.user_id, &input.reason).await;
        let (grant, user_errors) = answer(ctx, result).await?;
        Ok(ActOnBehalfPayload { grant: grant.map(Into::into), user_errors })
    }

    /// Ends it before its time. For the staff.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "StaffOnly(caller::StaffPermission::ActOnBehalf)")]
    async fn end_acting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: EndActingInput,
    ) -> WireResult<EndActingPayload> {
        let result = service::end_acting(ctx.app(), ctx.caller(), input.grant_id).await;
        let (grant, user_errors) = answer(ctx, result).await?;
        Ok(EndActingPayload { grant: grant.map(Into::into), user_errors })
    }

    /// Signs a person out on all their devices, on every process within a second: when somebody else may have their account.
    /// They see in their audit log who did it, and why. For the staff. Needs a proof of who you are within the last 15 minutes,
    /// else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(caller::StaffPermission::EndSessions)")]
    async fn revoke_user_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RevokeUserSessionsInput,
    ) -> WireResult<RevokeUserSessionsPayload> {
        let RevokeUserSessionsInput { user_id, reason } = input;
        let result = service::revoke_user_sessions(ctx.app(), ctx.caller(), user_id, &reason).await;
        let (revoked, user_errors) = answer(ctx, result).await?;
        let Some(revoked) = revoked else {
            return Ok(RevokeUserSessionsPayload { user: None, revoked: None, user_errors });
        };
        let user = ctx.loader().load_one(UserById(user_id)).await?.map(Into::into);
        let revoked = Some(i32::try_from(revoked).map_err(Failure::internal)?);
        Ok(RevokeUserSessionsPayload { user, revoked, user_errors })
    }

    /// Makes somebody part of the market's staff, something else there, or a member again, on every process within a second.
    /// For admins. Needs a proof of who you are within the last 15 minutes, else it is `STEP_UP_REQUIRED`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(caller::StaffPermission::ManageStaff)")]
    async fn set_user_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is what.")] input: SetUserRoleInput,
    ) -> WireResult<SetUserRolePayload> {
        let SetUserRoleInput { user_id, role, reason } = input;
        let result = service::set_user_role(ctx.app(), ctx.caller(), user_id, role, &reason).await;
        let (changed, user_errors) = answer(ctx, result).await?;
        let role = changed.as_ref().map(|user| user.role);
        Ok(SetUserRolePayload { user: changed.map(Into::into), role, user_errors })
    }
}
