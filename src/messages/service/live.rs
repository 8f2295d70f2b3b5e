//! What people do in conversations beside writing, and who is told of it.

use std::sync::Arc;

use chrono::TimeDelta;

use super::seen;
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        error::MessageError,
        model::{
            Conversation, Receipt, Seen,
            live::{ConversationStateChanged, ParticipantChanged, Typing},
        },
        queries::live,
    },
    platform::{app::App, caller::Caller, db::Tx, events::pass_on},
    users::model::{User, oneself},
};

/// How long somebody is shown as typing who does not say so again.
const SHOWN: TimeDelta = TimeDelta::seconds(6);

/// Tells those who take part, and have a stream open, that the caller is typing. What comes too soon after that is not told again, and
/// of who shows it to nobody nothing is told, nor where too many do not want to hear of them.
pub async fn send_typing(app: &App, caller: &Caller, id: Id<Conversation>) -> Result<Seen, MessageError> {
    let user = oneself(caller)?;
    let (hub, until) = (Arc::clone(&app.hub), app.now() + SHOWN);
    app.db
        .read(move |conn| {
            let seen = seen(conn, user, id)?;
            if hub.is_due(id.uuid(), user.uuid()) && live::shows_typing(conn, user)? {
                let hidden_from = live::blockers_in(conn, &seen.conversation, user)?;
                pass_on(conn, &Typing { conversation: id, user, until, hidden_from }, id.uuid())?;
            }
            Ok(seen)
        })
        .await
}

/// A step: tells those who take part that somebody does from now on, or in another role. The caller holds the lock of the conversation, or
/// of their part in it.
///
/// # Errors
/// If the database fails.
pub(super) fn tell_of_part(tx: &mut Tx<'_>, id: Id<Conversation>, user: Id<User>) -> Result<(), Failure> {
    tx.emit(&ParticipantChanged { conversation: id, user, is_private: false }, &[id.uuid()])
}

/// A step: tells of somebody's markers, which have moved and are locked. `told` is where they stood, as far as that was told, and whether
/// it is; of who takes no part as a person there is none. If it is no news to others, or not for them, they alone are told.
///
/// # Errors
/// If the database fails.
pub(super) fn tell_of_marker(
    tx: &mut Tx<'_>,
    (id, user): (Id<Conversation>, Id<User>),
    told: Option<(Receipt, bool)>,
    is_news: impl Fn(Receipt) -> bool,
) -> Result<(), Failure> {
    let Some((told, is_shown)) = told else { return Ok(()) };
    let is_private = !is_shown || !is_news(told);
    tx.emit(&ParticipantChanged { conversation: id, user, is_private }, &[id.uuid()])
}

/// A step: tells that somebody has read up to a number, beyond where they stood; `told` is as for [`tell_of_marker`]. It is one event for others
/// and for their own devices.
///
/// # Errors
/// If the database fails.
pub(super) fn tell_of_reading(
    tx: &mut Tx<'_>,
    (id, user): (Id<Conversation>, Id<User>),
    told: Option<(Receipt, bool)>,
    up_to: i64,
) -> Result<(), Failure> {
    let Some((told, is_shown)) = told else { return tell_of_state(tx, id, user) };
    let is_private = !is_shown || up_to <= told.read;
    tx.emit(&ParticipantChanged { conversation: id, user, is_private }, &[id.uuid(), user.uuid()])
}

/// A step: tells somebody's own devices that they keep a conversation otherwise than before, or have something else left to read in it.
///
/// # Errors
/// If the database fails.
pub(super) fn tell_of_state(tx: &mut Tx<'_>, id: Id<Conversation>, user: Id<User>) -> Result<(), Failure> {
    tx.emit(&ConversationStateChanged { conversation: id }, &[user.uuid()])
}
