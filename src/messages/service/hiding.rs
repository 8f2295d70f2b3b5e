//! What the staff do about messages, as steps of the moderation. A hidden message is a tombstone, and everything of it is kept for a while, so
//! that it can be shown again as it was, unless it is taken back.

use super::editing::tell_of_change;
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{
            Conversation, Message,
            attachments::AttachmentRow,
            editing::{Change, Deletion, Removal},
        },
        policy,
        queries::{self, attachments, editing, hiding},
    },
    platform::db::{Conn, Tx},
    users::model::User,
};

/// What a message says, as far as it is told to those to whom it was reported.
#[derive(Debug, Clone)]
pub struct Said {
    pub author: Option<Id<User>>,
    /// What it said before it was edited or deleted, the first words first, and what it says.
    pub texts: Vec<String>,
    /// What was sent along: names of files and places, and what else is named by an id.
    pub attachments: Vec<String>,
}

/// A step: what a message says that somebody sees, and said before. None if they do not see it, or it tells of a step.
///
/// # Errors
/// If the database fails.
pub fn said_to(conn: &mut Conn, reader: Id<User>, id: Id<Message>) -> Result<Option<Said>, Failure> {
    let found = policy::visible(reader, queries::messages_by_ids(conn, reader, &[id])?).next();
    let Some(message) = found.filter(|message| message.step.is_none()) else { return Ok(None) };
    let revisions = editing::revisions_of(conn, &[id])?.into_iter().map(|revision| revision.text);
    let texts = revisions.chain(message.text).filter(|text| !text.is_empty()).collect();
    let attached = attachments::attachments_of(conn, &[id])?;
    let attachments = attached.into_iter().filter_map(|(row, ..)| named(row)).collect();
    Ok(Some(Said { author: message.author_id, texts, attachments }))
}

fn named(row: AttachmentRow) -> Option<String> {
    let AttachmentRow { media_id, product_id, name, .. } = row;
    name.or_else(|| media_id.map(|id| id.to_string())).or_else(|| product_id.map(|id| id.to_string()))
}

/// A step: hides a message from everybody who takes part. False if it says nothing any more.
///
/// # Errors
/// If the database fails.
pub fn hide_message(tx: &mut Tx<'_>, id: Id<Message>) -> Result<bool, Failure> {
    let Some(message) = editing::lock_message(tx, id)? else { return Ok(false) };
    let Some(said) = message.text.as_deref() else { return Ok(false) };
    editing::insert_revision(tx, &message, said)?;
    let kept_until = tx.now() + Message::HIDDEN_KEPT;
    editing::set_deleted(tx, &[id], Deletion::ByMarket(Removal::Hidden))?;
    editing::set_kept_until(tx, id, kept_until)?;
    let conversation = conversation_of(tx, &message)?;
    tell_of_change(tx, &conversation, &message, Change::Hidden)?;
    Ok(true)
}

/// A step: shows a message again that the staff have hidden. False if it is not hidden, or what it said is forgotten.
///
/// # Errors
/// If the database fails.
pub fn show_message(tx: &mut Tx<'_>, id: Id<Message>) -> Result<bool, Failure> {
    let hidden = editing::lock_message(tx, id)?.filter(|message| message.removal == Some(Removal::Hidden));
    let Some(message) = hidden else { return Ok(false) };
    let Some(text) = hiding::take_hidden_text(tx, &message)? else { return Ok(false) };
    hiding::set_shown(tx, &message, &text)?;
    // What is held is looked for by itself.
    if !message.is_held() {
        hiding::set_text_left(tx, &message)?;
    }
    let conversation = conversation_of(tx, &message)?;
    tell_of_change(tx, &conversation, &message, Change::Shown)?;
    Ok(true)
}

fn conversation_of(tx: &mut Tx<'_>, message: &Message) -> Result<Conversation, Failure> {
    let id = message.conversation_id;
    hiding::conversation(tx.conn(), id)?.ok_or_else(|| Failure::internal(format!("{id} does not exist")))
}
