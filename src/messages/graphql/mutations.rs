//! Starting conversations, writing and reading.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{AttachmentInput, Conversation, MentionInput, Message, conversation, message};
use crate::{
    kernel::id::Id,
    messages::{
        model,
        service::{self, ContactShop, SendMessage},
    },
    platform::gql::{Ask, SignedInOnly, WireResult, cost},
    products,
    user_errors::{UserError, answer},
    users,
};

/// With whom to talk.
#[derive(InputObject)]
pub struct StartConversationInput {
    /// Somebody else.
    user_id: Id<users::model::User>,
    /// 1 to 255 characters that name this very intent. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `startConversation` answers.
#[derive(SimpleObject)]
pub struct StartConversationPayload {
    /// The one conversation of the two of you.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to ask about which product.
#[derive(InputObject)]
pub struct ContactShopInput {
    /// The product, whose shop is written to.
    product_id: Id<products::model::Product>,
    /// 1 to 4,000 characters of plain text. White space at both ends is cut off, and what turns the direction of writing (such as U+2067) left
    /// out. It may be left out if something is attached.
    text: Option<String>,
    /// What to send along, at most 10 things.
    attachments: Option<Vec<AttachmentInput>>,
    /// 1 to 255 characters that name this very message, so that a repeat sends no second one. Kept for a day; you go on
    /// seeing it as the message's `clientKey`.
    idempotency_key: String,
}

/// What `contactShop` answers.
#[derive(SimpleObject)]
pub struct ContactShopPayload {
    /// Your one conversation with the shop.
    conversation: Option<Conversation>,
    /// The message that was sent.
    message: Option<Message>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What to write where.
#[derive(InputObject)]
pub struct SendMessageInput {
    /// Where to.
    conversation_id: Id<model::Conversation>,
    /// 1 to 4,000 characters of plain text. White space at both ends is cut off, and what turns the direction of writing (such as U+2067) left
    /// out. It may be left out if something is attached.
    text: Option<String>,
    /// What to send along, at most 10 things.
    attachments: Option<Vec<AttachmentInput>>,
    /// The message of this conversation that it answers.
    reply_to_id: Option<Id<model::Message>>,
    /// Of whom the text speaks, all of whom take part as people; at most 50 places, which do not overlap.
    mentions: Option<Vec<MentionInput>>,
    /// 1 to 255 characters that name this very message, so that a repeat sends no second one. Kept for a day; you go on
    /// seeing it as the message's `clientKey`.
    idempotency_key: String,
}

/// What `sendMessage` answers.
#[derive(SimpleObject)]
pub struct SendMessagePayload {
    /// The message that was sent.
    message: Option<Message>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What was read.
#[derive(InputObject)]
pub struct MarkReadInput {
    /// Where.
    conversation_id: Id<model::Conversation>,
    /// The number of the last message that was read, 0 or more. What is beyond the newest message means the newest; what is
    /// before what was already read changes nothing.
    up_to: i32,
}

/// What `markRead` answers.
#[derive(SimpleObject)]
pub struct MarkReadPayload {
    /// The conversation with what is left to read.
    conversation: Option<Conversation>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct MessagesMutation;

#[Object]
impl MessagesMutation {
    /// Finds or starts the conversation of you and another person, unless you have blocked them. They learn of it with the
    /// first message. How many people and shops you write to for the first time in a day has a bound, which is lower on the first day of your
    /// account; see `TooManyAttemptsError`.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `INVALID`, `ACCOUNT_SUSPENDED`, `TOO_MANY_ATTEMPTS`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(100))]
    async fn start_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With whom.")] input: StartConversationInput,
    ) -> WireResult<StartConversationPayload> {
        let StartConversationInput { user_id, idempotency_key } = input;
        let result = service::start_conversation(ctx.app(), ctx.caller(), idempotency_key.as_deref(), user_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let conversation = match id {
            Some(id) => conversation(ctx, id).await?,
            None => None,
        };
        Ok(StartConversationPayload { conversation, user_errors })
    }

    /// Asks the shop of a product. There is one conversation for you and the shop: asking about another of its products goes
    /// on in it, and `conversation.product` is the one that was asked about last. A shop that you answer for is not written
    /// to. It is bounded as `sendMessage` and `startConversation` are.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `TOO_MANY`, `UPLOAD_INCOMPLETE`,
    /// `MESSAGE_REFUSED`, `ACCOUNT_SUSPENDED`, `TOO_MANY_ATTEMPTS`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn contact_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What about what.")] input: ContactShopInput,
    ) -> WireResult<ContactShopPayload> {
        let ContactShopInput { product_id, text, attachments, idempotency_key } = input;
        let attachments = attachments.unwrap_or_default().into_iter().map(Into::into).collect();
        let input = ContactShop { product: product_id, text: text.unwrap_or_default(), attachments };
        let result = service::contact_shop(ctx.app(), ctx.caller(), &idempotency_key, input).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message = match id {
            Some(id) => message(ctx.loader(), id).await?,
            None => None,
        };
        let conversation = match &message {
            Some(message) => conversation(ctx, message.conversation_id).await?,
            None => None,
        };
        Ok(ContactShopPayload { conversation, message, user_errors })
    }

    /// Writes into a conversation in which you take part, as a person or for a shop. You have then read everything up to your
    /// message. What holds a word or a link that the market does not take is `MESSAGE_REFUSED`. How much you send in a minute has a bound, which
    /// is lower on the first day of your account: then it is `TOO_MANY_ATTEMPTS`, and the same key is good again at `retryAt`.
    ///
    /// Codes: `NOT_FOUND`, `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `TOO_MANY`, `UPLOAD_INCOMPLETE`, `MESSAGE_REFUSED`,
    /// `ACCOUNT_SUSPENDED`, `TOO_MANY_ATTEMPTS`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What where.")] input: SendMessageInput,
    ) -> WireResult<SendMessagePayload> {
        let SendMessageInput { conversation_id, text, attachments, reply_to_id, mentions, idempotency_key } = input;
        let text = text.unwrap_or_default();
        let attachments = attachments.unwrap_or_default().into_iter().map(Into::into).collect();
        let mentions = mentions.unwrap_or_default().into_iter().map(Into::into).collect();
        let input = SendMessage { conversation: conversation_id, text, reply_to: reply_to_id, mentions, attachments };
        let result = service::send_message(ctx.app(), ctx.caller(), &idempotency_key, input).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let message = match id {
            Some(id) => message(ctx.loader(), id).await?,
            None => None,
        };
        Ok(SendMessagePayload { message, user_errors })
    }

    /// Says up to which message you have read. It moves your marker forward, never back.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(10))]
    async fn mark_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was read.")] input: MarkReadInput,
    ) -> WireResult<MarkReadPayload> {
        let up_to = i64::from(input.up_to);
        let result = service::mark_read(ctx.app(), ctx.caller(), input.conversation_id, up_to).await;
        let (seen, user_errors) = answer(ctx, result).await?;
        Ok(MarkReadPayload { conversation: seen.map(Into::into), user_errors })
    }
}
