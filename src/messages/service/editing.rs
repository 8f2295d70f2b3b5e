//! Editing and taking back what was sent.

use super::{attachments::detach, checked, filters, mentions::check, sending::permit};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        error::MessageError,
        model::{
            Conversation, Message, Seen,
            editing::{Change, Deletion, MessageChanged, Removal},
            filters::Spoken,
            groups::Invitation,
            mentions::{Mention, MentionDraft, placed},
        },
        policy,
        queries::{self, editing, groups, mentions, reactions},
    },
    platform::{app::App, caller::Caller, db::Tx},
    users::model::{User, oneself},
};

/// Rows that are forgotten at once.
const BATCH: i64 = 500;

/// Has a message of the caller's say something else, if it is not a day old and nobody has changed it since `expected_version`.
/// What it said is kept, and shown beside it. It speaks of whom `drafts` say, and of nobody else.
pub async fn edit_message(
    app: &App,
    caller: &Caller,
    id: Id<Message>,
    expected_version: i32,
    text: &str,
    drafts: &[MentionDraft],
) -> Result<Id<Message>, MessageError> {
    let (user, wanted) = (oneself(caller)?, placed(text, drafts)?);
    let text = checked(text)?;
    let spoken = Spoken::of(&text, &[]);
    app.db
        .write(caller, move |tx| {
            let (message, Seen { conversation, .. }) = lock_seen(tx, user, id)?;
            if !message.is_by(user) {
                return Err(MessageError::NotTheAuthor);
            }
            if message.version != expected_version {
                return Err(MessageError::StaleVersion { current: message.version });
            }
            let said = message.text.as_deref().filter(|_| message.is_editable(tx.now()));
            let said = said.ok_or(MessageError::NotEditable)?;
            let named = speaks_of(tx, id)?;
            if said == text && named == sorted(&wanted) {
                return Ok(id);
            }
            permit(tx, user, Some(conversation.id))?;
            filters::check(tx.conn(), &spoken)?;
            let number = if message.is_held() { conversation.last_number + 1 } else { message.number };
            check(tx.conn(), (conversation.id, number), &named, &wanted)?;
            if message.version > Message::MAXIMUM_EDITS {
                return Err(MessageError::TooManyEdits);
            }
            // One that only showed something said nothing before.
            if !said.is_empty() {
                editing::insert_revision(tx, &message, said)?;
            }
            editing::set_text(tx, &message, &text)?;
            mentions::delete_mentions(tx, id)?;
            mentions::insert_mentions(tx, id, &wanted)?;
            tell_of_change(tx, &conversation, &message, Change::Edited)?;
            Ok(id)
        })
        .await
}

/// Takes a message of the caller's, or of a group that they moderate, back for everybody, however old it is. Its number and its author stay.
/// What it said is kept for a while, for the staff to whom it was reported; what was sent along is not. What the staff have hidden is not shown again
/// then. Once more changes nothing.
pub async fn delete_message(app: &App, caller: &Caller, id: Id<Message>) -> Result<Id<Message>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let (message, Seen { conversation, marker, .. }) = lock_seen(tx, user, id)?;
            if !policy::takes_back(&message, user, marker.role) {
                return Err(MessageError::NotTheAuthor);
            }
            if message.text.is_none() && message.removal != Some(Removal::Hidden) {
                return Ok(id);
            }
            // What a hidden one said is kept already.
            if let Some(said) = message.text.as_deref().filter(|said| !said.is_empty()) {
                editing::insert_revision(tx, &message, said)?;
            }
            let deletion = if message.is_by(user) { Deletion::ByAuthor } else { Deletion::ByOthers };
            let kept_until = tx.now() + Message::KEPT;
            detach(tx, &[id])?;
            editing::set_deleted(tx, &[id], deletion)?;
            editing::set_kept_until(tx, id, kept_until)?;
            reactions::delete_of(tx, id)?;
            mentions::delete_mentions(tx, id)?;
            tell_of_change(tx, &conversation, &message, Change::Deleted)?;
            Ok(id)
        })
        .await
}

fn forget_overdue(tx: &mut Tx<'_>) -> Result<usize, Failure> {
    let overdue = editing::lock_overdue(tx, BATCH)?;
    // Not of one that is shown again meanwhile.
    let forgotten = editing::delete_overdue_revisions(tx, &overdue)?;
    if !forgotten.is_empty() {
        detach(tx, &forgotten)?;
    }
    Ok(forgotten.len())
}

/// Of whom a message speaks, in the order of the places.
fn speaks_of(tx: &mut Tx<'_>, id: Id<Message>) -> Result<Vec<Mention>, Failure> {
    let rows = mentions::mentions_of(tx.conn(), &[id])?;
    Ok(rows.into_iter().map(|row| Mention { user: row.user_id, start: row.start, length: row.length }).collect())
}

fn sorted(mentions: &[Mention]) -> Vec<Mention> {
    let mut sorted = mentions.to_vec();
    sorted.sort_by_key(|mention| mention.start);
    sorted
}

/// A message that somebody sees, locked, and its conversation. For who does not see it, nobody waits.
pub(super) fn lock_seen(tx: &mut Tx<'_>, user: Id<User>, id: Id<Message>) -> Result<(Message, Seen), MessageError> {
    let not_found = || MessageError::not_found("messageId");
    if policy::visible(user, queries::messages_by_ids(tx.conn(), user, &[id])?).next().is_none() {
        return Err(not_found());
    }
    let message = editing::lock_message(tx, id)?.ok_or_else(not_found)?;
    // Under the lock.
    let found = queries::by_ids(tx.conn(), user, &[message.conversation_id])?.pop();
    let seen = found.and_then(policy::seen).filter(|seen| policy::shows(user, &seen.marker, &message));
    Ok((message, seen.ok_or_else(not_found)?))
}

/// Tells everybody who sees a locked message what has become of it.
pub(super) fn tell_of_change(
    tx: &mut Tx<'_>,
    conversation: &Conversation,
    message: &Message,
    change: Change,
) -> Result<(), Failure> {
    let mut topics = match message.author_id.filter(|_| message.is_held()) {
        Some(author) => vec![author.uuid()],
        None => queries::support::people_seeing(tx.conn(), conversation.id, message.number)?,
    };
    topics.extend(conversation.shop_id.filter(|_| !message.is_held()).map(Id::uuid));
    topics.push(conversation.id.uuid());
    let event = MessageChanged { conversation: conversation.id, message: message.id, change: change.as_str().into() };
    tx.emit(&event, &topics)
}

/// Forgets what deleted messages said whose time is over, what was sent along with those that the staff have hidden, and invitations that were
/// declined long ago.
///
/// # Errors
/// If the database fails.
pub async fn forget_deleted(app: &App, caller: &Caller) -> Result<(), Failure> {
    app.db.write_in_batches(caller, forget_overdue).await?;
    let before = app.now() - Invitation::DECLINED;
    app.db.write_in_batches(caller, move |tx| groups::delete_declined(tx, before, BATCH)).await
}
