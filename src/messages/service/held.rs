//! Messages that only their author sees: who is not heard by whoever they write to, and what the staff are to look at first.
//!
//! For its author such a message is sent like any other, whatever they do with it. What was held because of a block stays so for ever, also
//! when the block ends: nobody is to notice by it that there was one. Conversations are locked before the messages in them.

use super::{seen, tell};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::{
        error::MessageError,
        model::{Conversation, Draft, Kind, Message, MessageSent, Seen, held::Hold},
        policy,
        queries::{self, editing, held},
    },
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
    },
    users::model::{User, oneself},
};

/// Why nobody is told of what somebody is about to write, if so; `judged` is what filters say of it, and goes first: or whoever is blocked would
/// notice that the staff never decide.
pub(super) fn hold_of(
    conn: &mut Conn,
    id: Id<Conversation>,
    author: Id<User>,
    judged: Option<Hold>,
) -> Result<Option<Hold>, Failure> {
    if judged.is_some() {
        return Ok(judged);
    }
    let answering: Vec<_> = policy::answering().collect();
    Ok(held::is_unheard(conn, id, author, &answering)?.then_some(Hold::Blocked))
}

/// Locks a conversation in which no number is taken.
pub(super) fn lock(tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<Conversation, MessageError> {
    held::lock_conversation(tx, id)?.ok_or_else(|| MessageError::not_found("conversationId"))
}

/// A step: inserts a message that its author alone sees into a locked conversation, and tells their devices.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    conversation: &Conversation,
    (author, draft, client_key): (Id<User>, Draft<'_>, &str),
    hold: Hold,
) -> Result<Id<Message>, Failure> {
    let (id, last_number) = (conversation.id, conversation.last_number);
    queries::state::set_read(tx, id, author, (last_number, 0))?;
    let own = held::lock_held(tx, id, author)?.unwrap_or_default();
    let at = tx.now().max(conversation.last_message_at);
    let (place, at) = (own.last(last_number) + 1, own.at.map_or(at, |last| last.max(at)));
    let (message, number) = held::insert(tx, conversation, (author, draft, client_key), (hold, place, at))?;
    queries::mentions::insert_mentions(tx, message, draft.mentions)?;
    held::set_held(tx, id, author, &own.with(place, at))?;
    // Others who listen to the conversation do not see it, and so hear nothing.
    tx.emit(&MessageSent { conversation: id, message, number }, &[author.uuid(), id.uuid()])?;
    Ok(message)
}

/// A step: a message that waits for the staff to look at it.
///
/// # Errors
/// If the database fails.
pub fn held_message(conn: &mut Conn, id: Id<Message>) -> Result<Option<Message>, Failure> {
    let message = editing::by_id(conn, id)?;
    Ok(message.filter(|message| message.held == Some(Hold::Review) && message.text.is_some()))
}

/// A step: the same, locked, after its conversation. Who decides at the same time waits.
///
/// # Errors
/// If the database fails.
pub fn lock_held_message(tx: &mut Tx<'_>, id: Id<Message>) -> Result<Option<Message>, Failure> {
    let Some(waiting) = held_message(tx.conn(), id)? else { return Ok(None) };
    held::lock_conversation(tx, waiting.conversation_id)?;
    editing::lock_message(tx, id)?;
    // Under the lock.
    held_message(tx.conn(), id)
}

/// A step: has a message that waits for the staff be told to everybody, with the next number. If its author is not heard by now, it goes on
/// being theirs alone. False if it does not wait, or its author takes no part any more.
///
/// # Errors
/// If the database fails.
pub fn release_message(tx: &mut Tx<'_>, id: Id<Message>) -> Result<bool, Failure> {
    let Some(message) = lock_held_message(tx, id)? else { return Ok(false) };
    let (Some(author), Some(place)) = (message.author_id, message.held_number) else { return Ok(false) };
    let seen = match seen(tx.conn(), author, message.conversation_id) {
        Ok(seen) => seen,
        Err(MessageError::Failed(failure)) => return Err(failure),
        Err(_) => return Ok(false),
    };
    if hold_of(tx.conn(), message.conversation_id, author, None)?.is_some() {
        keep_on(tx, &seen, (author, &message, place))?;
        return Ok(true);
    }
    let conversation = queries::lock_for_next_number(tx, message.conversation_id)?;
    let conversation = conversation.ok_or_else(|| Failure::internal("a locked conversation vanished"))?;
    let own = held::lock_held(tx, conversation.id, author)?.unwrap_or_default();
    held::set_held(tx, conversation.id, author, &own.without(place))?;
    held::set_released(tx, &message, &conversation)?;
    queries::state::set_read_next(tx, &[conversation.id], author)?;
    let people = queries::support::people_seeing(tx.conn(), conversation.id, conversation.last_number)?;
    tell(tx, &conversation, id, people)?;
    Ok(true)
}

/// Has a message whose author is not heard by now go on being theirs alone: for them it is sent just now, as it would be for everybody.
fn keep_on(
    tx: &mut Tx<'_>,
    Seen { conversation, marker, .. }: &Seen,
    (author, message, place): (Id<User>, &Message, i64),
) -> Result<(), Failure> {
    let own = held::lock_held(tx, conversation.id, author)?.unwrap_or_default().without(place);
    let at = tx.now().max(conversation.last_message_at);
    let (last, at) = (own.last(conversation.last_number), own.at.map_or(at, |last| last.max(at)));
    let has_read = own.read(marker.last_read_number) == last;
    let unread = if has_read { 0 } else { own.unread + 1 };
    held::set_kept(tx, message, (last + 1, conversation.last_number, at))?;
    let mut kept = own.with(last + 1, at);
    kept.unread = unread;
    held::set_held(tx, conversation.id, author, &kept)?;
    let (id, topics) = (conversation.id, [author.uuid(), conversation.id.uuid()]);
    tx.emit(&MessageSent { conversation: id, message: message.id, number: message.number }, &topics)
}

/// A step: whether a conversation is somebody's own affair, or their shop's: then they do not decide about it as one of the staff.
///
/// # Errors
/// If the database fails.
pub fn is_own_affair(conn: &mut Conn, id: Id<Conversation>, person: Id<User>) -> Result<bool, Failure> {
    queries::support::is_own_affair(conn, id, person)
}

/// A page of the messages that wait for the caller, as one of the staff, newest first, and of which kind their conversations are.
///
/// # Errors
/// If the database fails.
pub async fn held_messages(
    app: &App,
    caller: &Caller,
    page: Page<(Time, Id<Message>)>,
) -> Result<Slice<(Message, Kind)>, Failure> {
    let reader = oneself(caller)?;
    app.db.read(move |conn| held::to_review(conn, reader, &page)).await
}

/// How many messages that is, counted to one more than 10,000.
///
/// # Errors
/// If the database fails.
pub async fn count_held_messages(app: &App, caller: &Caller) -> Result<i64, Failure> {
    let reader = oneself(caller)?;
    app.db.read(move |conn| held::count_to_review(conn, reader)).await
}
