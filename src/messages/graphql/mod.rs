//! Conversations and messages on the wire.

mod attachments;
mod blocking;
mod editing;
mod events;
mod filters;
mod groups;
mod held;
mod lists;
mod live;
mod mentions;
mod message;
mod mutations;
mod people;
mod quick_replies;
mod reactions;
mod search;
mod state;
mod support;

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject, dataloader::DataLoader};

pub use self::{
    attachments::{
        Attachment, AttachmentInput, FileAttachment, ImageAttachment, OrderPartAttachment, PlaceAttachment,
        ProductAttachment,
    },
    blocking::BlockingMutation,
    editing::{EditingMutation, MessageRevision},
    events::{GroupAccessChanged, MessageChanged, MessageSent},
    filters::{MessageFiltersMutation, StaffMessageFilters},
    groups::GroupsMutation,
    held::{HeldMessage, StaffHeldMessages},
    lists::{MessagesDesk, MessagesViewer},
    live::{ConversationStateChanged, LiveMutation, ParticipantChanged, Typing},
    mentions::{MentionInput, MessageMention, TextRange},
    message::{DeletedContent, Message, MessageContent, OrderStepContent, TextContent},
    mutations::MessagesMutation,
    people::{GroupInvitation, GroupStepContent, GroupsViewer, Participant},
    quick_replies::{QuickRepliesMutation, QuickReply},
    reactions::{MessageReaction, ReactionsMutation},
    search::{MessageHit, MessageSearchDesk, MessageSearchViewer},
    state::StateMutation,
    support::{StaffSupportCalls, SupportCall, SupportMutation, SupportStepContent},
};
use super::{
    loaders::{ConversationById, HeldAt, InvitationsTo, MessageById, NewestIn, ParticipantsIn},
    model::{self, Kind, Marker, Seen, With, groups::GroupRole, held::Held},
    service,
};
use crate::{
    kernel::{id::Id, page::PageArgs},
    orders::{graphql::OrderPart, loaders::PartByConversation},
    platform::{
        clock::Time,
        gql::{Ask, AtHand, AtOnce, List, Listing, Plain, Reader, Total, WireResult},
    },
    products::{self, graphql::Product, loaders::ProductKey},
    shops::{self, graphql::Shop, loaders::ShopById},
};

/// What people write to each other, or to a shop. Only they and the members of the shop who answer messages see it.
///
/// There is one conversation for each pair of people, one for each person and shop, and one for each shop's part of an
/// order; groups there are as many as people make. Messages are numbered from 1 without gaps; numbers stay below 2,147,483,647. Of a
/// group you see those since you came in.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Conversation {
    /// Begins with `conversation_`.
    pub id: Id<model::Conversation>,
    /// Who talks, and what about.
    kind: Kind,
    /// What the group is called; null elsewhere.
    title: Option<String>,
    /// What you may do in the group; null elsewhere.
    role: Option<GroupRole>,
    /// For `expectedVersion` of `updateGroup`: from 1, and one more with each change of the group itself.
    version: i32,
    /// The number of the newest message; 0 before there is one.
    last_number: i32,
    /// Up to which number you have read; 0 if you never did. `markRead` and sending move it forward, and so does a step that you take
    /// yourself if you had read all before it; `markConversationUnread` moves it back.
    last_read_number: i32,
    /// How many messages you have not read: `lastNumber` less `lastReadNumber`.
    unread_count: i32,
    /// Whether you have put it away. What is written in it does not bring it back.
    is_archived: bool,
    /// Whether it is one of those that you have pinned.
    is_pinned: bool,
    /// When the conversation was started.
    created_at: Time,
    #[graphql(skip)]
    joined_number: i64,
    #[graphql(skip)]
    held: Held,
    #[graphql(skip)]
    is_held_last: bool,
    #[graphql(skip)]
    muted_until: Option<Time>,
    #[graphql(skip)]
    shop_id: Option<Id<shops::model::Shop>>,
    #[graphql(skip)]
    product_id: Option<Id<products::model::Product>>,
}

impl Plain for Conversation {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Conversation".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "kind" => AtHand::value(&self.kind),
            "title" => AtHand::value(&self.title),
            "role" => AtHand::value(&self.role),
            "version" => AtHand::value(&self.version),
            "lastNumber" => AtHand::value(&self.last_number),
            "lastReadNumber" => AtHand::value(&self.last_read_number),
            "unreadCount" => AtHand::value(&self.unread_count),
            "isArchived" => AtHand::value(&self.is_archived),
            "isPinned" => AtHand::value(&self.is_pinned),
            "createdAt" => AtHand::value(&self.created_at),
            _ => AtHand::NotYet,
        }
    }
}

impl From<Seen> for Conversation {
    fn from(Seen { conversation, marker, .. }: Seen) -> Self {
        let Marker { last_read_number, joined_number, role, is_archived, pinned_at, muted_until, held } = marker;
        let model::Conversation { id, kind, shop_id, product_id, last_number, created_at, title, version, .. } =
            conversation;
        let (last, read) = (held.last(last_number), held.read(last_read_number));
        Self {
            id,
            kind,
            title,
            role,
            version,
            last_number: int(last),
            last_read_number: int(read),
            unread_count: int(last - read),
            is_archived,
            is_pinned: pinned_at.is_some(),
            created_at,
            joined_number,
            is_held_last: held.is_last(last_number),
            held,
            muted_until,
            shop_id,
            product_id,
        }
    }
}

/// Numbers of messages fit: a conversation would take centuries to outgrow them.
fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[ComplexObject]
impl Conversation {
    /// Whether nothing of it calls you now: it does not count in `badges`.
    async fn is_muted(&self, ctx: &Context<'_>) -> bool {
        self.muted_until.is_some_and(|until| until > ctx.app().now())
    }

    /// Until when nothing of it calls you; null if it is not muted now.
    async fn muted_until(&self, ctx: &Context<'_>) -> Option<Time> {
        self.muted_until.filter(|until| *until > ctx.app().now())
    }

    /// The shop that takes part; null in a `DIRECT` conversation and in a `GROUP`.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        let Some(id) = self.shop_id else { return Ok(None) };
        Ok(ctx.loader().load_one(ShopById(id)).await?.map(Into::into))
    }

    /// The product that the shop was last asked about; null if it was about none, or if you do not see the product any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        let Some(id) = self.product_id else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(Into::into))
    }

    /// The shop's part of an order that an `ORDER` is about; null elsewhere, and if you do not see the part.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        if self.kind != Kind::Order {
            return Ok(None);
        }
        Ok(ctx.loader().load_one(PartByConversation(self.id)).await?.map(Into::into))
    }

    /// Who takes part as a person, longest first; at most 100. Members of the shop do not: the shop takes part as a whole, and how far they
    /// have read is told to nobody.
    async fn participants(&self, ctx: &Context<'_>) -> WireResult<Vec<Participant>> {
        let people = ctx.loader().load_one(ParticipantsIn(self.id)).await?;
        Ok(people.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// Who is asked to come into the group, first who was asked first; at most 99. Empty for who may not ask people in, and elsewhere.
    async fn invitations(&self, ctx: &Context<'_>) -> WireResult<Vec<GroupInvitation>> {
        let Some(role) = self.role else { return Ok(Vec::new()) };
        let asked = ctx.loader().load_one(InvitationsTo(self.id, role)).await?.unwrap_or_default();
        Ok(asked.into_iter().map(|invitation| (invitation, self.title.clone()).into()).collect())
    }

    /// The newest message; null before there is one.
    async fn last_message(&self, ctx: &Context<'_>) -> WireResult<Option<AtOnce<Message>>> {
        let newest = if self.is_held_last {
            ctx.loader().load_one(HeldAt(self.id, i64::from(self.last_number))).await?
        } else {
            ctx.loader().load_one(NewestIn(self.id)).await?
        };
        Ok(newest.map(AtOnce::of))
    }

    /// The messages, oldest first: `last: 50` reads the newest ones, and `before` what was written earlier.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<AtOnce<List<AtOnce<Message>>>> {
        let listing = Listing::new(("messages", self.id), &PageArgs { first, after, last, before })?;
        let selection = ctx.look_ahead();
        let nodes = [selection.field("nodes"), selection.field("edges").field("node")];
        let asks_for_people =
            nodes.iter().any(|node| node.field("author").exists() || node.field("content").field("actor").exists());
        let with = if asks_for_people { With::Author } else { With::Nothing };
        let (seen, held) = ((self.id, self.joined_number), self.held.clone());
        let messages = service::messages(ctx.app(), ctx.caller(), (seen, held), with, listing.page.clone()).await?;
        let count = i64::from(self.last_number) - self.joined_number;
        let total = Total::new(move || std::future::ready(Ok(count)));
        Ok(listing.at_once(messages, |(message, _)| message.number, total))
    }
}

async fn conversation(ctx: &Context<'_>, id: Id<model::Conversation>) -> WireResult<Option<Conversation>> {
    Ok(ctx.loader().load_one(ConversationById(id)).await?.map(Into::into))
}

async fn message(loader: &DataLoader<Reader>, id: Id<model::Message>) -> WireResult<Option<Message>> {
    Ok(loader.load_one(MessageById(id)).await?.map(Into::into))
}
