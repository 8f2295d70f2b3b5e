//! Messages that wait for the staff to look at them, on the wire.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::Attachment;
use crate::{
    kernel::{id::Id, page::PageArgs},
    messages::{
        loaders::AttachmentsOf,
        model::{self, Kind},
        service,
    },
    platform::{
        caller::StaffPermission,
        clock::Time,
        gql::{Ask, List, Listing, StaffOnly, Total, WireResult, list_size},
    },
    users::{self, graphql::User, loaders::UserById},
};

/// A message that nobody but its author sees until the staff have looked at it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct HeldMessage {
    /// Begins with `message_`.
    id: Id<model::Message>,
    /// For `expectedVersion`: its author may still edit it.
    version: i32,
    /// In what kind of conversation it was sent.
    conversation_kind: Kind,
    /// What it says. Empty if nothing but `attachments` was sent.
    text: String,
    /// When it was sent.
    created_at: Time,
    #[graphql(skip)]
    author: Option<Id<users::model::User>>,
}

impl From<(model::Message, Kind)> for HeldMessage {
    fn from((message, conversation_kind): (model::Message, Kind)) -> Self {
        let model::Message { id, version, text, created_at, author_id, .. } = message;
        Self { id, version, conversation_kind, text: text.unwrap_or_default(), created_at, author: author_id }
    }
}

#[ComplexObject]
impl HeldMessage {
    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(id) = self.author else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(id)).await?.map(Into::into))
    }

    /// What was sent along with it, at most 10.
    #[graphql(directive = list_size::apply(2))]
    async fn attachments(&self, ctx: &Context<'_>) -> WireResult<Vec<Attachment>> {
        let attachments = ctx.loader().load_one(AttachmentsOf(self.id)).await?.unwrap_or_default();
        Ok(attachments.into_iter().map(Into::into).collect())
    }
}

/// The held messages' part of the staff's side.
#[derive(Default)]
pub struct StaffHeldMessages;

#[Object]
impl StaffHeldMessages {
    /// Messages that hold what a filter has you look at first, the newest first. `decideHeldMessage` has them sent, or not. Without those in
    /// conversations in which you take part, or a shop does for which you have accepted that you work.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateContent)")]
    async fn held_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<HeldMessage>> {
        let args = PageArgs { first, after, last, before };
        let listing = Listing::<(Time, Id<model::Message>)>::new("held_messages", &args)?;
        let (app, caller) = (ctx.app().clone(), ctx.caller().clone());
        let rows = service::held_messages(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_held_messages(&app, &caller).await }
        });
        let key = |(message, _): &(model::Message, Kind)| (message.created_at, message.id);
        Ok(listing.connection(rows, key, Into::into, total))
    }
}
