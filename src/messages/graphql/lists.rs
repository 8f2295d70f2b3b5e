//! Lists of conversations: a person's own, and a shop's.

use async_graphql::{Context, Object};

use super::{Conversation, conversation};
use crate::{
    kernel::{id::Id, page::PageArgs},
    messages::{
        model::{self, Seen, Side},
        policy, service,
    },
    platform::{
        caller::Caller,
        gql::{Ask, AtOnce, List, Listing, Total, WireResult},
    },
    shops::model::Desk,
};

async fn conversations(
    ctx: &Context<'_>,
    side: Side,
    args: &PageArgs,
) -> WireResult<AtOnce<List<AtOnce<Conversation>>>> {
    let listing = Listing::new(("conversations", side), args)?;
    let seen = service::conversations(ctx.app(), ctx.caller(), side, listing.page.clone()).await?;
    let (app, caller) = (ctx.app().clone(), ctx.caller().clone());
    let total = Total::new(move || {
        let (app, caller) = (app.clone(), caller.clone());
        async move { service::count_conversations(&app, &caller, side).await }
    });
    let key = |seen: &Seen| (seen.conversation.last_message_at, seen.conversation.id);
    Ok(listing.at_once(seen, key, total))
}

/// The messages' part of the viewer.
pub struct MessagesViewer(pub Caller);

#[Object]
impl MessagesViewer {
    /// The conversations in which you take part as a person and something was written, newest message first. Those of a shop
    /// that you work for are at its desk.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<AtOnce<List<AtOnce<Conversation>>>> {
        conversations(ctx, Side::Participant, &PageArgs { first, after, last, before }).await
    }

    /// A conversation in which you take part, as a person or for a shop; null if there is no such one.
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] id: Id<model::Conversation>,
    ) -> WireResult<Option<Conversation>> {
        conversation(ctx, id).await
    }
}

/// The messages' part of a shop's desk; without a side for members who do not answer messages.
pub struct MessagesDesk(Option<Side>);

impl From<&Desk> for MessagesDesk {
    fn from(desk: &Desk) -> Self {
        Self(policy::side_of(desk))
    }
}

#[Object]
impl MessagesDesk {
    /// The conversations of the shop in which something was written, newest message first; null if your role does not answer
    /// messages.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<Option<AtOnce<List<AtOnce<Conversation>>>>> {
        let Some(side) = self.0 else { return Ok(None) };
        Ok(Some(conversations(ctx, side, &PageArgs { first, after, last, before }).await?))
    }
}
