//! Conversations and messages on the wire.

mod blocking;
mod lists;
mod mutations;

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, SimpleObject, Union, Value, dataloader::DataLoader};
use uuid::Uuid;

pub use self::{
    blocking::BlockingMutation,
    lists::{MessagesDesk, MessagesViewer},
    mutations::MessagesMutation,
};
use super::{
    loaders::{ConversationById, MessageById, NewestIn, ParticipantsIn},
    model::{self, Kind, OrderStep, Seen, With},
    service,
};
use crate::{
    kernel::{id::Id, page::PageArgs},
    orders::{graphql::OrderEvent, loaders::StepById},
    platform::{
        clock::Time,
        events::Cursor,
        gql::{Ask, AtHand, AtOnce, List, Listing, Plain, Reader, Total, WireResult},
    },
    products::{self, graphql::Product, loaders::ProductKey},
    shops::{self, graphql::Shop, loaders::ShopById},
    users::{self, graphql::User, loaders::UserById, model::signed_in},
};

/// What people write to each other, or to a shop. Only they and the members of the shop who answer messages see it.
///
/// There is one conversation for each pair of people, one for each person and shop, and one for each shop's part of an
/// order. Messages are numbered from 1 without gaps; numbers stay below 2,147,483,647.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Conversation {
    /// Begins with `conversation_`.
    pub id: Id<model::Conversation>,
    /// Who talks, and what about.
    kind: Kind,
    /// The number of the newest message; 0 before there is one.
    last_number: i32,
    /// Up to which number you have read; 0 if you never did. `markRead` moves it, and so does sending.
    last_read_number: i32,
    /// How many messages you have not read: `lastNumber` less `lastReadNumber`.
    unread_count: i32,
    /// When the conversation was started.
    created_at: Time,
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
            "lastNumber" => AtHand::value(&self.last_number),
            "lastReadNumber" => AtHand::value(&self.last_read_number),
            "unreadCount" => AtHand::value(&self.unread_count),
            "createdAt" => AtHand::value(&self.created_at),
            _ => AtHand::NotYet,
        }
    }
}

impl From<Seen> for Conversation {
    fn from(Seen { conversation, last_read_number }: Seen) -> Self {
        let model::Conversation { id, kind, shop_id, product_id, last_number, created_at, .. } = conversation;
        Self {
            id,
            kind,
            last_number: int(last_number),
            last_read_number: int(last_read_number),
            unread_count: int(last_number - last_read_number),
            created_at,
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
    /// The shop that takes part; null in a `DIRECT` conversation.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        let Some(id) = self.shop_id else { return Ok(None) };
        Ok(ctx.loader().load_one(ShopById(id)).await?.map(Into::into))
    }

    /// The product that the shop was last asked about; null if it was about none, or if you do not see the product any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        let Some(id) = self.product_id else { return Ok(None) };
        Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(Into::into))
    }

    /// Who takes part as a person, longest first; at most 100. Members of the shop do not: the shop takes part as a whole.
    async fn participants(&self, ctx: &Context<'_>) -> WireResult<Vec<Participant>> {
        let people = ctx.loader().load_one(ParticipantsIn(self.id)).await?;
        Ok(people.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// The newest message; null before there is one.
    async fn last_message(&self, ctx: &Context<'_>) -> WireResult<Option<AtOnce<Message>>> {
        Ok(ctx.loader().load_one(NewestIn(self.id)).await?.map(AtOnce::of))
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
        let messages = service::messages(ctx.app(), self.id, with, listing.page.clone()).await?;
        let count = i64::from(self.last_number);
        let total = Total::new(move || std::future::ready(Ok(count)));
        Ok(listing.at_once(messages, |(message, _)| message.number, total))
    }
}

/// Somebody who takes part in a conversation as a person.
#[derive(Debug, Clone, SimpleObject)]
pub struct Participant {
    /// Who it is.
    user: User,
    /// Since when they take part.
    joined_at: Time,
}

impl From<model::Participant> for Participant {
    fn from(row: model::Participant) -> Self {
        Self { user: row.user.into(), joined_at: row.created_at }
    }
}

/// Something that was written, or that happened to what the conversation is about.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Message {
    /// Begins with `message_`.
    pub id: Id<model::Message>,
    /// Its place in the conversation, from 1 without gaps.
    number: i32,
    /// What was written, or what happened.
    content: MessageContent,
    /// When it was sent. Never earlier than the message before.
    created_at: Time,
    #[graphql(skip)]
    conversation_id: Id<model::Conversation>,
    #[graphql(skip)]
    author: Option<Author>,
    #[graphql(skip)]
    client_key: Option<String>,
}

/// What a message holds. New kinds may appear at any time: keep a default branch.
#[derive(Debug, Clone, Union)]
pub enum MessageContent {
    Text(TextContent),
    OrderStep(OrderStepContent),
}

impl Plain for MessageContent {
    fn concrete_type(&self) -> Cow<'static, str> {
        match self {
            Self::Text(_) => "TextContent".into(),
            Self::OrderStep(_) => "OrderStepContent".into(),
        }
    }

    fn is(&self, condition: &str) -> Option<bool> {
        ["TextContent", "OrderStepContent"].contains(&condition).then(|| condition == self.concrete_type())
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match (self, name) {
            (Self::Text(content), "text") => AtHand::Text(&content.text),
            (Self::OrderStep(content), "step") => AtHand::value(&content.step),
            (Self::OrderStep(content), "actor") => Author::at_hand(content.actor.as_ref()),
            _ => AtHand::NotYet,
        }
    }
}

/// What somebody wrote.
#[derive(Debug, Clone, SimpleObject)]
pub struct TextContent {
    /// 1 to 4,000 characters of plain text, with line breaks as they were written.
    text: String,
}

/// Something happened to the order that the conversation is about.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct OrderStepContent {
    /// What happened.
    step: OrderStep,
    #[graphql(skip)]
    actor: Option<Author>,
    #[graphql(skip)]
    id: Option<Uuid>,
}

#[ComplexObject]
impl OrderStepContent {
    /// Who did it; null if it was a guest, the market itself, or its staff in the buyer's name.
    async fn actor(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Author::load(self.actor.as_ref(), ctx).await
    }

    /// The same in the order's timeline, with what it is about; null of what happened before there were timelines, and for who
    /// sees the conversation but not the order.
    async fn event(&self, ctx: &Context<'_>) -> WireResult<Option<OrderEvent>> {
        let Some(id) = self.id else { return Ok(None) };
        Ok(ctx.loader().load_one(StepById(Id::from_uuid(id))).await?.map(Into::into))
    }
}

/// Whoever wrote a text or took a step, as they are seen if they were read together with the message.
#[derive(Debug, Clone)]
struct Author {
    id: Id<users::model::User>,
    user: Option<User>,
}

impl Author {
    async fn load(author: Option<&Self>, ctx: &Context<'_>) -> WireResult<Option<User>> {
        match author {
            None => Ok(None),
            Some(Self { user: Some(user), .. }) => Ok(Some(user.clone())),
            Some(Self { id, user: None }) => Ok(ctx.loader().load_one(UserById(*id)).await?.map(Into::into)),
        }
    }

    fn at_hand(author: Option<&Self>) -> AtHand<'_> {
        match author {
            None => AtHand::Value(Value::Null),
            Some(Self { user: Some(user), .. }) => AtHand::Object(user),
            Some(Self { user: None, .. }) => AtHand::NotYet,
        }
    }
}

impl From<(model::Message, Option<users::model::Face>)> for Message {
    fn from((message, row): (model::Message, Option<users::model::Face>)) -> Self {
        let model::Message { id, conversation_id, number, author_id, text, step, client_key, created_at, step_id } =
            message;
        let person = author_id.map(|id| Author { id, user: row.map(Into::into) });
        let (content, author) = match step {
            Some(step) => (MessageContent::OrderStep(OrderStepContent { step, actor: person, id: step_id }), None),
            None => (MessageContent::Text(TextContent { text: text.unwrap_or_default() }), person),
        };
        Self { id, number: int(number), content, created_at, conversation_id, author, client_key }
    }
}

impl From<model::Message> for Message {
    fn from(message: model::Message) -> Self {
        (message, None).into()
    }
}

impl Plain for Message {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Message".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "number" => AtHand::value(&self.number),
            "content" => AtHand::Object(&self.content),
            "createdAt" => AtHand::value(&self.created_at),
            "author" => Author::at_hand(self.author.as_ref()),
            _ => AtHand::NotYet,
        }
    }
}

#[ComplexObject]
impl Message {
    /// Who wrote it; null if nobody did, because it tells of something that happened.
    async fn author(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Author::load(self.author.as_ref(), ctx).await
    }

    /// The `idempotencyKey` with which you sent it, so that your client knows it again; null if somebody else did.
    async fn client_key(&self, ctx: &Context<'_>) -> Option<&str> {
        let reader = signed_in(ctx.caller()).ok()?;
        self.author.as_ref().filter(|author| author.id == reader)?;
        self.client_key.as_deref()
    }

    /// Where it was sent; null if you do not take part any more.
    async fn conversation(&self, ctx: &Context<'_>) -> WireResult<Option<Conversation>> {
        conversation(ctx, self.conversation_id).await
    }
}

async fn conversation(ctx: &Context<'_>, id: Id<model::Conversation>) -> WireResult<Option<Conversation>> {
    Ok(ctx.loader().load_one(ConversationById(id)).await?.map(Into::into))
}

async fn message(loader: &DataLoader<Reader>, id: Id<model::Message>) -> WireResult<Option<Message>> {
    Ok(loader.load_one(MessageById(id)).await?.map(Into::into))
}

/// A message was sent in a conversation in which you take part, by anybody, yourself included.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageSent {
    /// The event's position in your stream.
    cursor: String,
    /// The message.
    message: Message,
}

impl MessageSent {
    /// The event as the loader's caller sees it; none if they do not take part (any more).
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::MessageSent,
    ) -> WireResult<Option<Self>> {
        let message = message(loader, event.message).await?;
        Ok(message.map(|message| Self { cursor: cursor.to_string(), message }))
    }
}
