//! Messages, and what they hold.

use std::borrow::Cow;

use async_graphql::{ComplexObject, Context, Enum, SimpleObject, Union, Value};
use uuid::Uuid;

use super::{
    Attachment, Conversation, GroupStepContent, MessageMention, MessageReaction, MessageRevision, SupportStepContent,
    conversation, int, message,
};
use crate::{
    kernel::id::Id,
    messages::{
        loaders::{AttachmentsOf, MentionsOf, ReactionsOf, RevisionsOf},
        model::{self, OrderStep, editing::Removal, groups::MessageStep},
    },
    orders::{graphql::OrderEvent, loaders::StepById},
    platform::{
        clock::Time,
        gql::{Ask, AtHand, Plain, WireResult, list_size},
    },
    users::{self, graphql::User, loaders::UserById, model::signed_in},
};

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
    /// For `expectedVersion`: from 1, and one more with each change of its text.
    version: i32,
    /// When its text was last changed; null if it never was.
    edited_at: Option<Time>,
    /// Whether one of the market's staff wrote it, who was called into the thread of an order.
    is_by_support: bool,
    #[graphql(skip)]
    reply_to_id: Option<Id<model::Message>>,
    #[graphql(skip)]
    pub(super) conversation_id: Id<model::Conversation>,
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
    GroupStep(GroupStepContent),
    SupportStep(SupportStepContent),
    Deleted(DeletedContent),
}

impl Plain for MessageContent {
    fn concrete_type(&self) -> Cow<'static, str> {
        match self {
            Self::Text(_) => "TextContent".into(),
            Self::OrderStep(_) => "OrderStepContent".into(),
            Self::GroupStep(_) => "GroupStepContent".into(),
            Self::SupportStep(_) => "SupportStepContent".into(),
            Self::Deleted(_) => "DeletedContent".into(),
        }
    }

    fn is(&self, condition: &str) -> Option<bool> {
        ["TextContent", "OrderStepContent", "GroupStepContent", "SupportStepContent", "DeletedContent"]
            .contains(&condition)
            .then(|| condition == self.concrete_type())
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match (self, name) {
            (Self::Text(content), "text") => AtHand::Text(&content.text),
            (Self::OrderStep(content), "step") => AtHand::value(&content.step),
            (Self::OrderStep(content), "actor") => Author::at_hand(content.actor.as_ref()),
            (Self::GroupStep(content), name) => content.at_hand(name),
            (Self::SupportStep(content), name) => content.at_hand(name),
            (Self::Deleted(content), "deletedAt") => AtHand::value(&content.deleted_at),
            (Self::Deleted(content), "isByModerator") => AtHand::value(&content.is_by_moderator),
            (Self::Deleted(content), "reason") => AtHand::value(&content.reason),
            _ => AtHand::NotYet,
        }
    }
}

/// What somebody wrote.
#[derive(Debug, Clone, SimpleObject)]
pub struct TextContent {
    /// 1 to 4,000 characters of plain text, with line breaks as they were written. Empty if nothing but `attachments` was sent.
    text: String,
}

/// It was taken away for everybody.
#[derive(Debug, Clone, SimpleObject)]
pub struct DeletedContent {
    /// When it was.
    deleted_at: Time,
    /// Whether somebody who moderates the group did it.
    is_by_moderator: bool,
    /// Who did it, and why.
    reason: DeletionReason,
}

/// Why a message says nothing any more. New reasons may appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DeletionReason {
    /// Its author took it back.
    Author,
    /// Somebody who moderates the group took it back.
    Moderator,
    /// The market's staff have hidden it. They may show it again within 180 days; after that, what it said and what was sent along is gone.
    Hidden,
    /// It is older than what the market keeps of conversations of this kind.
    Expired,
}

impl DeletedContent {
    fn of(deleted_at: Time, is_by_moderator: bool, removal: Option<Removal>) -> Self {
        let reason = match removal {
            Some(Removal::Hidden) => DeletionReason::Hidden,
            Some(Removal::Expired) => DeletionReason::Expired,
            None if is_by_moderator => DeletionReason::Moderator,
            None => DeletionReason::Author,
        };
        Self { deleted_at, is_by_moderator, reason }
    }
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
pub(super) struct Author {
    id: Id<users::model::User>,
    user: Option<User>,
}

impl Author {
    pub(super) async fn load(author: Option<&Self>, ctx: &Context<'_>) -> WireResult<Option<User>> {
        match author {
            None => Ok(None),
            Some(Self { user: Some(user), .. }) => Ok(Some(user.clone())),
            Some(Self { id, user: None }) => Ok(ctx.loader().load_one(UserById(*id)).await?.map(Into::into)),
        }
    }

    pub(super) fn at_hand(author: Option<&Self>) -> AtHand<'_> {
        match author {
            None => AtHand::Value(Value::Null),
            Some(Self { user: Some(user), .. }) => AtHand::Object(user),
            Some(Self { user: None, .. }) => AtHand::NotYet,
        }
    }
}

impl From<(model::Message, Option<users::model::Face>)> for Message {
    fn from((message, row): (model::Message, Option<users::model::Face>)) -> Self {
        let model::Message { id, conversation_id, number, author_id, text, step, client_key, .. } = message;
        let model::Message { created_at, step_id, version, edited_at, deleted_at, is_removed, reply_to_id, .. } =
            message;
        let (removal, is_by_support) = (message.removal, message.is_by_support);
        let person = author_id.map(|id| Author { id, user: row.map(Into::into) });
        let (content, author) = match (step, deleted_at) {
            (Some(MessageStep::Order(step)), _) => {
                (MessageContent::OrderStep(OrderStepContent { step, actor: person, id: step_id }), None)
            }
            (Some(MessageStep::Group(step)), _) => {
                (MessageContent::GroupStep(GroupStepContent::new(step, person, step_id)), None)
            }
            (Some(MessageStep::Support(step)), _) => {
                (MessageContent::SupportStep(SupportStepContent::new(step, person)), None)
            }
            (None, Some(deleted_at)) => {
                (MessageContent::Deleted(DeletedContent::of(deleted_at, is_removed, removal)), person)
            }
            (None, None) => (MessageContent::Text(TextContent { text: text.unwrap_or_default() }), person),
        };
        let number = int(number);
        Self {
            id,
            number,
            content,
            created_at,
            version,
            edited_at,
            is_by_support,
            reply_to_id,
            conversation_id,
            author,
            client_key,
        }
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
            "version" => AtHand::value(&self.version),
            "editedAt" => AtHand::value(&self.edited_at),
            "isBySupport" => AtHand::value(&self.is_by_support),
            "replyTo" if self.reply_to_id.is_none() => AtHand::Value(Value::Null),
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

    /// The message of the same conversation that this one answers, as it is by now: if it was taken back, with a `DeletedContent`. Null if it
    /// answers none, or one from before you came into the group.
    async fn reply_to(&self, ctx: &Context<'_>) -> WireResult<Option<Message>> {
        let Some(id) = self.reply_to_id else { return Ok(None) };
        message(ctx.loader(), id).await
    }

    /// What it said before it was edited, the first words first; at most 50. Everybody sees them who sees the message. Empty once it was
    /// taken back.
    #[graphql(directive = list_size::apply(3))]
    async fn revisions(&self, ctx: &Context<'_>) -> WireResult<Vec<MessageRevision>> {
        if self.edited_at.is_none() || matches!(self.content, MessageContent::Deleted(_)) {
            return Ok(Vec::new());
        }
        let revisions = ctx.loader().load_one(RevisionsOf(self.id)).await?.unwrap_or_default();
        Ok(revisions.into_iter().map(Into::into).collect())
    }

    /// Of whom its text speaks, in the order of the places; at most 50.
    #[graphql(directive = list_size::apply(3))]
    async fn mentions(&self, ctx: &Context<'_>) -> WireResult<Vec<MessageMention>> {
        let MessageContent::Text(TextContent { text }) = &self.content else { return Ok(Vec::new()) };
        let rows = ctx.loader().load_one(MentionsOf(self.id)).await?.unwrap_or_default();
        Ok(rows.iter().filter_map(|row| MessageMention::of(row, text)).collect())
    }

    /// What was sent along with it, in the order in which its author put it; at most 10. Empty once it was taken back.
    #[graphql(directive = list_size::apply(2))]
    async fn attachments(&self, ctx: &Context<'_>) -> WireResult<Vec<Attachment>> {
        if !matches!(self.content, MessageContent::Text(_)) {
            return Ok(Vec::new());
        }
        let attachments = ctx.loader().load_one(AttachmentsOf(self.id)).await?.unwrap_or_default();
        Ok(attachments.into_iter().map(Into::into).collect())
    }

    /// What people answered to it with an emoji, the first one first; at most 20. Empty once it was taken back.
    #[graphql(directive = list_size::apply(3))]
    async fn reactions(&self, ctx: &Context<'_>) -> WireResult<Vec<MessageReaction>> {
        if matches!(self.content, MessageContent::Deleted(_)) {
            return Ok(Vec::new());
        }
        let reactions = ctx.loader().load_one(ReactionsOf(self.id)).await?.unwrap_or_default();
        Ok(reactions.into_iter().map(Into::into).collect())
    }

    /// Where it was sent; null if you do not take part any more.
    async fn conversation(&self, ctx: &Context<'_>) -> WireResult<Option<Conversation>> {
        conversation(ctx, self.conversation_id).await
    }
}
