//! Lists of conversations: a person's own, and a shop's.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Conversation, QuickReply, conversation, int};
use crate::{
    kernel::{id::Id, page::PageArgs},
    messages::{
        loaders::{DeskBadgesOf, QuickRepliesOf},
        model::{self, ConversationFilter, Kind, Seen, Side},
        policy, service,
    },
    platform::{
        caller::Caller,
        gql::{Ask, AtOnce, List, Listing, Total, WireResult, list_size},
    },
    shops::model::Desk,
};

/// Which of your conversations, or of your shop's, a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
pub struct ConversationFilterInput {
    /// Conversations of this kind.
    kind: Option<Kind>,
    /// Those that you have put away, or the others.
    is_archived: Option<bool>,
    /// Those that you have pinned, or the others.
    is_pinned: Option<bool>,
    /// Those in which something waits to be read, or the others.
    is_unread: Option<bool>,
}

impl From<ConversationFilterInput> for ConversationFilter {
    fn from(ConversationFilterInput { kind, is_archived, is_pinned, is_unread }: ConversationFilterInput) -> Self {
        Self { kind, is_archived, is_pinned, is_unread }
    }
}

/// How much waits for you to read it: in conversations in which you take part as a person, without those that you have put away or muted,
/// and in your list of notifications.
#[derive(SimpleObject)]
#[allow(clippy::struct_field_names, reason = "the names of the fields are part of the API")]
pub struct Badges {
    /// How many conversations have something unread.
    unread_conversations: i32,
    /// How many messages are unread in them.
    unread_messages: i32,
    /// How many notifications you have not read. Pushes carry this and `unreadMessages` together.
    unread_notifications: i32,
}

/// How much waits for you to read it at a shop's desk: in the 1,000 conversations in which something was written last, without those that you
/// have put away or muted. Each member reads for themself.
#[derive(SimpleObject)]
pub struct DeskBadges {
    /// How many conversations have something unread.
    unread_conversations: i32,
    /// How many messages are unread in them, the steps of orders among them.
    unread_messages: i32,
}

async fn conversations(
    ctx: &Context<'_>,
    side: Side,
    filter: ConversationFilter,
    args: &PageArgs,
) -> WireResult<AtOnce<List<AtOnce<Conversation>>>> {
    let listing = Listing::new(("conversations", side, filter), args)?;
    let seen = service::conversations(ctx.app(), ctx.caller(), side, filter, listing.page.clone()).await?;
    let (app, caller) = (ctx.app().clone(), ctx.caller().clone());
    let total = Total::new(move || {
        let (app, caller) = (app.clone(), caller.clone());
        async move { service::count_conversations(&app, &caller, side, filter).await }
    });
    let key = move |seen: &Seen| match side {
        Side::Participant => seen.activity(),
        Side::Shop(_) => (seen.conversation.last_message_at, seen.conversation.id),
    };
    Ok(listing.at_once(seen, key, total))
}

/// The messages' part of the viewer.
pub struct MessagesViewer(pub Caller);

#[Object]
impl MessagesViewer {
    /// The conversations in which you take part as a person and something was written, newest message first. Those of a shop
    /// that you work for are at its desk.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: ConversationFilterInput,
    ) -> WireResult<AtOnce<List<AtOnce<Conversation>>>> {
        conversations(ctx, Side::Participant, filter.into(), &PageArgs { first, after, last, before }).await
    }

    /// The conversations that you have pinned, the last one first; at most 10. Those of a shop that you answer for are among them.
    async fn pinned_conversations(&self, ctx: &Context<'_>) -> WireResult<Vec<Conversation>> {
        Ok(service::pinned(ctx.app(), ctx.caller()).await?.into_iter().map(Into::into).collect())
    }

    /// What an application shows on its icon.
    async fn badges(&self, ctx: &Context<'_>) -> WireResult<Badges> {
        let model::Badges { conversations, messages, notifications } = service::badges(ctx.app(), ctx.caller()).await?;
        Ok(Badges {
            unread_conversations: int(conversations),
            unread_messages: int(messages),
            unread_notifications: int(notifications),
        })
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
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: ConversationFilterInput,
    ) -> WireResult<Option<AtOnce<List<AtOnce<Conversation>>>>> {
        let Some(side) = self.0 else { return Ok(None) };
        Ok(Some(conversations(ctx, side, filter.into(), &PageArgs { first, after, last, before }).await?))
    }

    /// What waits for you to read it; null if your role does not answer messages.
    async fn badges(&self, ctx: &Context<'_>) -> WireResult<Option<DeskBadges>> {
        let Some(Side::Shop(shop)) = self.0 else { return Ok(None) };
        let found = ctx.loader().load_one(DeskBadgesOf(shop)).await?;
        Ok(Some(DeskBadges {
            unread_conversations: found.map_or(0, |badges| int(badges.conversations)),
            unread_messages: found.map_or(0, |badges| int(badges.messages)),
        }))
    }

    /// The texts with which the shop's members answer again and again, at most 50, in the order of their shortcuts; empty if your role does
    /// not answer messages.
    #[graphql(directive = list_size::apply(20))]
    async fn quick_replies(&self, ctx: &Context<'_>) -> WireResult<Vec<QuickReply>> {
        let Some(Side::Shop(shop)) = self.0 else { return Ok(Vec::new()) };
        let replies = ctx.loader().load_one(QuickRepliesOf(shop)).await?.unwrap_or_default();
        Ok(replies.into_iter().map(Into::into).collect())
    }
}
