//! Who takes part in a conversation, and who is asked to.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use uuid::Uuid;

use super::{int, message::Author};
use crate::{
    kernel::{id::Id, page::PageArgs},
    messages::{
        model::{
            self,
            groups::{GroupRole, GroupStep, Invitation, InvitationKey},
        },
        service,
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, AtHand, COUNT_LIMIT, List, Listing, Total, WireResult},
    },
    users::{self, graphql::User, loaders::UserById},
};

/// Somebody who takes part in a conversation as a person.
#[derive(Debug, Clone, SimpleObject)]
pub struct Participant {
    /// Who it is.
    user: User,
    /// What they may do in the group; null elsewhere.
    role: Option<GroupRole>,
    /// Since when they take part.
    joined_at: Time,
    /// Up to which number they have read, at the furthest; null if they keep it to themself (`Preferences.hasReadReceipts`).
    last_read_number: Option<i32>,
    /// Up to which number messages have come to them; null if they keep it to themself.
    last_delivered_number: Option<i32>,
}

impl From<model::Companion> for Participant {
    fn from(model::Companion { participant, receipt }: model::Companion) -> Self {
        Self {
            last_read_number: receipt.map(|receipt| int(receipt.read)),
            last_delivered_number: receipt.map(|receipt| int(receipt.delivered)),
            role: participant.role,
            joined_at: participant.created_at,
            user: participant.user.into(),
        }
    }
}

/// Something happened in a group.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct GroupStepContent {
    /// What happened.
    step: GroupStep,
    #[graphql(skip)]
    actor: Option<Author>,
    #[graphql(skip)]
    person: Option<Uuid>,
}

impl GroupStepContent {
    pub(super) fn new(step: GroupStep, actor: Option<Author>, person: Option<Uuid>) -> Self {
        Self { step, actor, person }
    }

    pub(super) fn at_hand(&self, name: &str) -> AtHand<'_> {
        match name {
            "step" => AtHand::value(&self.step),
            "actor" => Author::at_hand(self.actor.as_ref()),
            _ => AtHand::NotYet,
        }
    }
}

#[ComplexObject]
impl GroupStepContent {
    /// Who did it; null if nobody did.
    async fn actor(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Author::load(self.actor.as_ref(), ctx).await
    }

    /// Whom it is about: who came in, left, was removed or gave the group another name, or whose the group is now.
    async fn person(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(id) = self.person else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(Id::from_uuid(id))).await?.map(Into::into))
    }
}

/// Somebody is asked to come into a group.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct GroupInvitation {
    /// Into which one, for `acceptGroupInvitation` and `declineGroupInvitation`.
    conversation_id: Id<model::Conversation>,
    /// What it is called.
    title: String,
    /// When they were asked.
    created_at: Time,
    #[graphql(skip)]
    user: Id<users::model::User>,
    #[graphql(skip)]
    inviter: Id<users::model::User>,
}

impl From<(Invitation, Option<String>)> for GroupInvitation {
    fn from((row, title): (Invitation, Option<String>)) -> Self {
        let Invitation { conversation_id, user_id, inviter_id, created_at, .. } = row;
        Self { conversation_id, title: title.unwrap_or_default(), created_at, user: user_id, inviter: inviter_id }
    }
}

#[ComplexObject]
impl GroupInvitation {
    /// Who is asked.
    async fn user(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.user)).await?.map(Into::into))
    }

    /// Who asks them.
    async fn inviter(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.inviter)).await?.map(Into::into))
    }
}

/// The groups' part of the viewer.
pub struct GroupsViewer(pub Caller);

#[Object]
impl GroupsViewer {
    /// The groups into which you are asked, the last one first. Whom you have blocked asks you in vain.
    async fn group_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<GroupInvitation>> {
        let listing = Listing::<InvitationKey>::new("group_invitations", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::invitations(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_invitations(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |(row, _)| (row.created_at, row.conversation_id), GroupInvitation::from, total))
    }
}
