//! Searching in messages, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Message, TextRange};
use crate::{
    kernel::{id::Id, page::PageArgs},
    messages::{
        model::{
            self, Side,
            mentions::range_in,
            search::{Hit, MessageFilter, MessageSearch},
        },
        policy, service,
    },
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, List, Listing, Total, WireResult, cost, list_size},
    },
    shops::model::Desk,
    users,
};

/// Which messages a search is among. What is absent does not narrow it.
#[derive(Default, InputObject)]
pub struct MessageFilterInput {
    /// What this person wrote.
    from_user_id: Option<Id<users::model::User>>,
    /// What stands in this conversation.
    conversation_id: Option<Id<model::Conversation>>,
    /// What was sent after this time.
    after: Option<Time>,
    /// What was sent before this time.
    before: Option<Time>,
    /// What has something attached, or the rest.
    has_attachment: Option<bool>,
}

impl From<MessageFilterInput> for MessageFilter {
    fn from(input: MessageFilterInput) -> Self {
        let MessageFilterInput { from_user_id, conversation_id, after, before, has_attachment } = input;
        Self { author: from_user_id, conversation: conversation_id, after, before, has_attachment }
    }
}

/// A message that a search has found.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageHit {
    /// The message.
    message: Message,
    /// Where in its text the words stand, in their order; at most 50.
    #[graphql(directive = list_size::apply(3))]
    highlights: Vec<TextRange>,
}

impl From<Hit> for MessageHit {
    fn from(Hit { message, places }: Hit) -> Self {
        let text = message.text.as_deref().unwrap_or_default();
        let range = |(start, length)| range_in(text, start, length).map(Into::into);
        let highlights = places.into_iter().filter_map(range).collect();
        Self { message: message.into(), highlights }
    }
}

async fn found(ctx: &Context<'_>, search: MessageSearch, args: &PageArgs) -> WireResult<List<MessageHit>> {
    let listing = Listing::new(("searchMessages", &search), args)?;
    let found = service::search_messages(ctx.app(), ctx.caller(), search.clone(), listing.page.clone()).await?;
    let (hits, terms) = found;
    let (app, caller) = (ctx.app().clone(), ctx.caller().clone());
    let total = Total::new(move || {
        let (app, caller, search, terms) = (app.clone(), caller.clone(), search.clone(), terms.clone());
        async move { service::count_found_messages(&app, &caller, search, terms).await }
    });
    Ok(listing.connection(hits, |hit: &Hit| hit.message.id, MessageHit::from, total))
}

/// The search's part of the viewer.
pub struct MessageSearchViewer(pub Caller);

#[Object]
impl MessageSearchViewer {
    /// The messages in your conversations, those in which something was written last and at most 1,000 of them, that have all of the words,
    /// newest first. Whatever is typed is a search; one without a letter or a digit finds nothing. Case and accents do not matter, and the
    /// last word may be only the beginning of one.
    #[graphql(directive = cost::apply(100))]
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a search its words and a filter")]
    async fn search_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look for.")] query: String,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Among which ones.", default)] filter: MessageFilterInput,
    ) -> WireResult<List<MessageHit>> {
        let search = MessageSearch { side: Side::Participant, query, filter: filter.into() };
        found(ctx, search, &PageArgs { first, after, last, before }).await
    }
}

/// The search's part of a shop's desk; without a side for members who do not answer messages.
pub struct MessageSearchDesk(Option<Side>);

impl From<&Desk> for MessageSearchDesk {
    fn from(desk: &Desk) -> Self {
        Self(policy::side_of(desk))
    }
}

#[Object]
impl MessageSearchDesk {
    /// The messages in the shop's conversations that have all of the words, as `Viewer.searchMessages` finds yours; null if your role does not
    /// answer messages.
    #[graphql(directive = cost::apply(100))]
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a search its words and a filter")]
    async fn search_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look for.")] query: String,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Among which ones.", default)] filter: MessageFilterInput,
    ) -> WireResult<Option<List<MessageHit>>> {
        let Some(side) = self.0 else { return Ok(None) };
        let search = MessageSearch { side, query, filter: filter.into() };
        Ok(Some(found(ctx, search, &PageArgs { first, after, last, before }).await?))
    }
}
