//! Starting conversations, sending messages, reading them.

mod attachments;
mod blocking;
mod editing;
mod filters;
mod groups;
mod held;
mod hiding;
mod inviting;
mod lists;
mod live;
mod mentions;
mod news;
mod privacy;
mod quick_replies;
mod reactions;
mod repair;
mod retention;
mod search;
mod sending;
mod state;
mod steps;
mod support;

pub use self::{
    attachments::{SentFile, file_by_url, file_url, picture_by_url},
    blocking::*,
    editing::{delete_message, edit_message, forget_deleted},
    filters::{create_message_filter, delete_message_filter, message_filters},
    groups::*,
    held::{count_held_messages, held_message, held_messages, is_own_affair, lock_held_message, release_message},
    hiding::{Said, hide_message, said_to, show_message},
    lists::{conversations, count_conversations, count_invitations, invitations, messages},
    live::send_typing,
    news::{digest_news, digest_to_tell, note_digest, push_messages, push_news},
    privacy::*,
    quick_replies::{create_quick_reply, delete_quick_reply, update_quick_reply},
    reactions::{add_reaction, remove_reaction},
    repair::repair,
    retention::forget_old_texts,
    search::*,
    state::*,
    steps::{OrderConversation, join_order_conversation, open_order_conversation, post_first_step, post_steps},
    support::*,
};
pub use super::queries::checks::CHECKS;

use serde::Serialize;
use uuid::Uuid;

use self::sending::Pace;
use super::{
    error::MessageError,
    model::{
        Content, Conversation, Draft, Kind, Message, MessageSent, Seen,
        attachments::{self as attached, AttachmentDraft},
        direct_key,
        filters::Spoken,
        held::Hold,
        mentions::{MentionDraft, placed},
        shop_key,
    },
    policy,
    queries::{self, NewConversation, NewParticipant},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        text::{self, TextError},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    products::model::Product,
    shops::{self, model::Shop},
    users::{
        self,
        model::{User, oneself},
    },
};

/// How many characters a message has at the most.
const MAXIMUM_TEXT: usize = 4_000;

/// Finds or starts the one conversation of the caller and another person.
pub async fn start_conversation(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    other: Id<User>,
) -> Result<Id<Conversation>, MessageError> {
    let user = oneself(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "startConversation", key, &other, Retention::Day)).transpose()?;
    if other == user {
        return Err(MessageError::Oneself);
    }
    let pace = Pace::of(app, user);
    app.once(caller, key, move |tx| {
        if !queries::has_person(tx.conn(), other)? {
            return Err(MessageError::not_found("userId"));
        }
        let (has_blocked, is_blocked) = users::service::blocks_between(tx, user, other)?;
        if has_blocked {
            return Err(MessageError::Blocked);
        }
        pace.count_contact(tx, &direct_key(user, other), false)?;
        let people = [(user, false), (other, is_blocked)];
        Ok(find_or_open(tx, Kind::Direct, &direct_key(user, other), None, &people)?)
    })
    .await
}

/// What somebody asks about a product.
#[derive(Debug, Serialize)]
pub struct ContactShop {
    pub product: Id<Product>,
    pub text: String,
    // Left out where there is none, so that keys that were used before there were attachments stay good.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentDraft>,
}

/// Writes to the shop of a product, in the one conversation of the caller and the shop.
pub async fn contact_shop(
    app: &App,
    caller: &Caller,
    idempotency_key: &str,
    input: ContactShop,
) -> Result<Id<Message>, MessageError> {
    let user = oneself(caller)?;
    let key = Key::new(&user, "contactShop", idempotency_key, &input, Retention::Day)?;
    let (text, client_key) = (text_of(&input.text, &input.attachments)?, idempotency_key.to_owned());
    let attachments = attached::checked(&input.attachments)?;
    let (pace, spoken) = (Pace::of(app, user), Spoken::of(&text, &attachments));
    app.once(caller, Some(key), move |tx| {
        let shop = queries::shop_of(tx.conn(), input.product)?.ok_or_else(|| MessageError::not_found("productId"))?;
        pace.count_contact(tx, &shop_key(shop, user), true)?;
        let judged = filters::judge(tx.conn(), &spoken)?;
        let draft = Draft { attachments: &attachments, ..Draft::of(&text) };
        ask_shop(tx, (user, draft, client_key.as_str()), input.product, judged).map(|(_, id)| id)
    })
    .await
}

/// A step: a person writes to the shop of a product. The text is taken as it is.
///
/// # Errors
/// If there is no such product, or the person answers for its shop.
pub fn write_to_shop(
    tx: &mut Tx<'_>,
    author: Id<User>,
    product: Id<Product>,
    text: &str,
    client_key: &str,
) -> Result<(Id<Conversation>, Id<Message>), MessageError> {
    ask_shop(tx, (author, Draft::of(text), client_key), product, None)
}

/// What somebody writes, and under which key.
type Post<'a> = (Id<User>, Draft<'a>, &'a str);

fn ask_shop(
    tx: &mut Tx<'_>,
    said: Post<'_>,
    product: Id<Product>,
    judged: Option<Hold>,
) -> Result<(Id<Conversation>, Id<Message>), MessageError> {
    let shop = queries::shop_of(tx.conn(), product)?.ok_or_else(|| MessageError::not_found("productId"))?;
    let author = said.0;
    if shops::service::membership(tx.conn(), author, shop)?.is_some_and(policy::answers) {
        return Err(MessageError::OwnShop);
    }
    let id = find_or_open(tx, Kind::Shop, &shop_key(shop, author), Some(shop), &[(author, false)])?;
    queries::set_product(tx, id, product)?;
    let hold = held::hold_of(tx.conn(), id, author, judged)?;
    let conversation = lock(tx, id, hold)?;
    Ok((id, post_text(tx, &conversation, said, hold)?))
}

/// What somebody writes where.
#[derive(Debug, Serialize)]
pub struct SendMessage {
    pub conversation: Id<Conversation>,
    pub text: String,
    // Left out where there is none, so that keys that were used before there were replies stay good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Id<Message>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<MentionDraft>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentDraft>,
}

/// Writes into a conversation in which the caller takes part.
pub async fn send_message(
    app: &App,
    caller: &Caller,
    idempotency_key: &str,
    input: SendMessage,
) -> Result<Id<Message>, MessageError> {
    let user = oneself(caller)?;
    let key = Key::new(&user, "sendMessage", idempotency_key, &input, Retention::Day)?;
    let (text, client_key) = (text_of(&input.text, &input.attachments)?, idempotency_key.to_owned());
    let mentions = placed(&input.text, &input.mentions)?;
    let attachments = attached::checked(&input.attachments)?;
    let (pace, spoken) = (Pace::of(app, user), Spoken::of(&text, &attachments));
    app.once(caller, Some(key), move |tx| {
        // For who takes no part, nobody waits.
        seen(tx.conn(), user, input.conversation)?;
        pace.count_message(tx, input.conversation)?;
        let judged = filters::judge(tx.conn(), &spoken)?;
        let draft = Draft { text: &text, reply_to: input.reply_to, mentions: &mentions, attachments: &attachments };
        send(tx, (user, draft, client_key.as_str()), input.conversation, judged)
    })
    .await
}

/// A step: a person writes into a conversation. The text is taken as it is.
///
/// # Errors
/// If they take no part in it, or there is none: then the caller rolls back, which gives the number back.
pub fn write(
    tx: &mut Tx<'_>,
    author: Id<User>,
    id: Id<Conversation>,
    text: &str,
    client_key: &str,
) -> Result<Id<Message>, MessageError> {
    send(tx, (author, Draft::of(text), client_key), id, None)
}

fn send(
    tx: &mut Tx<'_>,
    said: Post<'_>,
    id: Id<Conversation>,
    judged: Option<Hold>,
) -> Result<Id<Message>, MessageError> {
    let (author, draft, _) = said;
    let hold = held::hold_of(tx.conn(), id, author, judged)?;
    let conversation = lock(tx, id, hold)?;
    // Under the lock.
    let seen = seen(tx.conn(), author, id)?;
    if let Some(answered) = draft.reply_to {
        let found = queries::editing::message_of(tx.conn(), id, answered)?;
        let found = found.filter(|found| policy::shows(author, &seen.marker, found));
        found.ok_or_else(|| MessageError::not_found("replyToId"))?;
    }
    let number = conversation.last_number + i64::from(hold.is_some());
    mentions::check(tx.conn(), (id, number), &[], draft.mentions)?;
    let message = post_text(tx, &conversation, said, hold)?;
    if seen.is_support {
        queries::support::set_by_support(tx, message)?;
    }
    Ok(message)
}

/// Locks a conversation, and takes the next number for what is told.
fn lock(tx: &mut Tx<'_>, id: Id<Conversation>, hold: Option<Hold>) -> Result<Conversation, MessageError> {
    match hold {
        None => next(tx, id),
        Some(_) => held::lock(tx, id),
    }
}

/// Posts what somebody wrote, with what they attached, or keeps it for them alone.
fn post_text(
    tx: &mut Tx<'_>,
    conversation: &Conversation,
    said: Post<'_>,
    hold: Option<Hold>,
) -> Result<Id<Message>, MessageError> {
    let (author, draft, client_key) = said;
    let message = match hold {
        None => post(tx, conversation, Content::Text { draft, author, client_key })?,
        Some(hold) => held::keep(tx, conversation, said, hold)?,
    };
    attachments::attach(tx, author, conversation, message, draft.attachments)?;
    Ok(message)
}

fn next(tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<Conversation, MessageError> {
    queries::lock_for_next_number(tx, id)?.ok_or_else(|| MessageError::not_found("conversationId"))
}

fn seen(conn: &mut Conn, user: Id<User>, id: Id<Conversation>) -> Result<Seen, MessageError> {
    let found = queries::by_ids(conn, user, &[id])?.pop();
    found.and_then(policy::seen).ok_or_else(|| MessageError::not_found("conversationId"))
}

/// Inserts the message whose number was just taken and tells everybody who takes part. The marker of who writes moves to it, and that of who
/// takes a step themself if they had read all before it: what is done in somebody's name while they are not there they have not read.
fn post(tx: &mut Tx<'_>, conversation: &Conversation, content: Content<'_>) -> Result<Id<Message>, Failure> {
    let Conversation { id, last_number: number, .. } = *conversation;
    let message = queries::insert_message(tx, conversation, content)?;
    match content {
        Content::Text { author, draft, .. } => {
            queries::mentions::insert_mentions(tx, message, draft.mentions)?;
            queries::state::set_read(tx, id, author, (number, 0))?;
        }
        Content::Step { actor: Some(actor), .. }
            if tx.caller().in_person().is_some_and(|own| own.user == actor.uuid()) =>
        {
            queries::state::set_read_next(tx, &[id], actor)?;
        }
        Content::Step { .. } => {}
    }
    let people = queries::support::people_seeing(tx.conn(), id, number)?;
    tell(tx, conversation, message, people)?;
    Ok(message)
}

/// Tells people, the shop that takes part, and who listens to the conversation, of its newest message.
fn tell(tx: &mut Tx<'_>, conversation: &Conversation, message: Id<Message>, people: Vec<Uuid>) -> Result<(), Failure> {
    let Conversation { id, last_number: number, shop_id, .. } = *conversation;
    let topics: Vec<Uuid> = people.into_iter().chain(shop_id.map(Id::uuid)).chain([id.uuid()]).collect();
    tx.emit(&MessageSent { conversation: id, message, number }, &topics)
}

fn find_or_open(
    tx: &mut Tx<'_>,
    kind: Kind,
    pair_key: &str,
    shop: Option<Id<Shop>>,
    people: &[(Id<User>, bool)],
) -> Result<Id<Conversation>, Failure> {
    if let Some(id) = queries::by_pair_key(tx.conn(), pair_key)? {
        return Ok(id);
    }
    let id = tx.new_id();
    if open(tx, id, kind, pair_key, shop, people)? {
        return Ok(id);
    }
    // Somebody opened it at the same moment.
    queries::by_pair_key(tx.conn(), pair_key)?.ok_or_else(|| Failure::internal("a conversation vanished"))
}

/// `people` take part; beside each stands whether they have blocked the other one. False if the pair has a conversation
/// already.
fn open(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    kind: Kind,
    pair_key: &str,
    shop_id: Option<Id<Shop>>,
    people: &[(Id<User>, bool)],
) -> Result<bool, Failure> {
    let now = tx.now();
    let pair_key = Some(pair_key);
    let conversation =
        NewConversation { id, kind, shop_id, pair_key, last_number: 0, last_message_at: now, created_at: now };
    if !queries::insert_conversation(tx, &conversation)? {
        return Ok(false);
    }
    let participant = |&(user_id, has_blocked): &(Id<User>, bool)| NewParticipant {
        conversation_id: id,
        user_id,
        is_member: true,
        has_blocked,
        last_read_number: 0,
        created_at: now,
    };
    queries::insert_participants(tx, &people.iter().map(participant).collect::<Vec<_>>())?;
    Ok(true)
}

/// What a message says. With something attached it need not say anything.
fn text_of(given: &str, attachments: &[AttachmentDraft]) -> Result<String, MessageError> {
    match checked(given) {
        Err(MessageError::Text(TextError::Blank)) if !attachments.is_empty() => Ok(String::new()),
        other => other,
    }
}

/// A text that somebody writes or saves, as it is kept: what turns the direction of writing is left out.
fn checked(given: &str) -> Result<String, MessageError> {
    text::paragraph(&text::without_turns(given), MAXIMUM_TEXT).map_err(MessageError::Text)
}
