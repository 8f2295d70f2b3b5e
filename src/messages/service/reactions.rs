//! Answering messages with an emoji.

use super::editing::{lock_seen, tell_of_change};
use crate::{
    kernel::{emoji, id::Id},
    messages::{
        error::MessageError,
        model::{
            Message, Seen,
            editing::Change,
            reactions::{MAXIMUM_KINDS, MAXIMUM_OWN},
        },
        queries::reactions,
    },
    platform::{app::App, caller::Caller},
    users::model::oneself,
};

/// Answers a message that the caller sees with an emoji. Once more changes nothing.
pub async fn add_reaction(
    app: &App,
    caller: &Caller,
    id: Id<Message>,
    emoji: String,
) -> Result<Id<Message>, MessageError> {
    let user = oneself(caller)?;
    let kind = kind_of(&emoji)?;
    app.db
        .write(caller, move |tx| {
            let (message, Seen { conversation, .. }) = lock_seen(tx, user, id)?;
            if message.deleted_at.is_some() {
                return Err(MessageError::Deleted);
            }
            let own = reactions::kinds_by(tx.conn(), id, user)?;
            if own.contains(&kind) {
                return Ok(id);
            }
            let all = reactions::kinds(tx.conn(), id)?;
            if own.len() >= MAXIMUM_OWN || (all.len() >= MAXIMUM_KINDS && !all.contains(&kind)) {
                return Err(MessageError::TooManyReactions);
            }
            reactions::insert_reaction(tx, id, user, (kind.as_str(), emoji.as_str()))?;
            tell_of_change(tx, &conversation, &message, Change::Reactions)?;
            Ok(id)
        })
        .await
}

/// Takes a reaction of the caller's back. Without one it is as if it had been done.
pub async fn remove_reaction(
    app: &App,
    caller: &Caller,
    id: Id<Message>,
    emoji: &str,
) -> Result<Id<Message>, MessageError> {
    let user = oneself(caller)?;
    let kind = kind_of(emoji)?;
    app.db
        .write(caller, move |tx| {
            let (message, Seen { conversation, .. }) = lock_seen(tx, user, id)?;
            if reactions::delete_reaction(tx, id, user, &kind)? {
                tell_of_change(tx, &conversation, &message, Change::Reactions)?;
            }
            Ok(id)
        })
        .await
}

fn kind_of(given: &str) -> Result<String, MessageError> {
    if emoji::is_emoji(given) { Ok(emoji::kind(given)) } else { Err(MessageError::NotAnEmoji) }
}
