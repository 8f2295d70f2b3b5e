//! How somebody keeps a conversation, and how far it has come to them.

use chrono::Datelike;

use super::{
    live::{tell_of_marker, tell_of_reading, tell_of_state},
    seen,
};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        error::MessageError,
        model::{Badges, Conversation, MAXIMUM_PINNED, Message, Seen},
        policy,
        queries::{self, state::Keeping},
    },
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    users::{
        self,
        model::{User, oneself},
    },
};

/// How the caller wants to keep a conversation. What is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    pub is_archived: Option<bool>,
    pub is_pinned: Option<bool>,
    /// None inside has it call them again.
    pub muted_until: Option<Option<Time>>,
}

/// Changes how the caller keeps a conversation in which they take part, and tells their other devices. What is pinned already keeps its place.
pub async fn update_settings(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    settings: Settings,
) -> Result<Seen, MessageError> {
    let (user, now) = (oneself(caller)?, app.now());
    if let Some(Some(until)) = settings.muted_until
        && (until <= now || until.year() > 9_999)
    {
        return Err(MessageError::MutedUntil);
    }
    app.db
        .write(caller, move |tx| {
            // So that of two at once one is too many.
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            let before = seen(tx.conn(), user, id)?.marker;
            let pinned_at = match (settings.is_pinned, before.pinned_at) {
                (Some(true), None) => {
                    make_room(tx, user)?;
                    Some(Some(now))
                }
                (Some(false), Some(_)) => Some(None),
                _ => None,
            };
            let keeping = Keeping { is_archived: settings.is_archived, pinned_at, muted_until: settings.muted_until };
            queries::state::set_kept(tx, id, user, keeping)?;
            let after = seen(tx.conn(), user, id)?;
            if after.marker != before {
                tell_of_state(tx, id, user)?;
            }
            Ok(after)
        })
        .await
}

/// A step: leaves of what somebody has pinned what they still see, and looks whether one more may be.
fn make_room(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), MessageError> {
    let visible: Vec<_> = queries::pinned(tx.conn(), user)?.into_iter().filter_map(policy::seen).collect();
    if visible.len() >= MAXIMUM_PINNED {
        return Err(MessageError::TooManyPinned);
    }
    let kept: Vec<_> = visible.iter().map(|seen| seen.conversation.id).collect();
    Ok(queries::state::unpin_others(tx, user, &kept)?)
}

/// What the caller has pinned, the last one first.
pub async fn pinned(app: &App, caller: &Caller) -> Result<Vec<Seen>, Failure> {
    let user = oneself(caller)?;
    let rows = app.db.read(move |conn| queries::pinned(conn, user)).await?;
    let mut seen: Vec<_> = rows.into_iter().filter_map(policy::seen).collect();
    seen.sort_by_key(|seen| std::cmp::Reverse((seen.marker.pinned_at, seen.conversation.id)));
    Ok(seen)
}

/// What waits for the caller to read it, as a person.
pub async fn badges(app: &App, caller: &Caller) -> Result<Badges, Failure> {
    let (user, now) = (oneself(caller)?, app.now());
    app.db.read(move |conn| queries::state::badges(conn, user, now)).await
}

/// Moves the caller's marker forward to a number, at most to the last one.
pub async fn mark_read(app: &App, caller: &Caller, id: Id<Conversation>, up_to: i64) -> Result<Seen, MessageError> {
    let user = oneself(caller)?;
    if up_to < 0 {
        return Err(MessageError::NegativeNumber);
    }
    app.db
        .write(caller, move |tx| {
            let seen = seen(tx.conn(), user, id)?;
            let Seen { conversation, mut marker, is_support } = seen;
            let told = queries::live::receipt(tx.conn(), id, user)?;
            let place = up_to.min(marker.held.last(conversation.last_number));
            let ((number, _), unread) = (marker.held.up_to(place), marker.held.unread_after(place));
            let before = marker.held.read(marker.last_read_number);
            marker.last_read_number = queries::state::set_read(tx, id, user, (number, unread))?;
            marker.held.unread = marker.held.unread.min(unread);
            if marker.held.read(marker.last_read_number) > before {
                tell_of_reading(tx, (id, user), told, marker.last_read_number)?;
            }
            Ok(Seen { conversation, marker, is_support })
        })
        .await
}

/// Says that the messages up to a number have come to the caller, at most to the last one. It never goes back.
pub async fn mark_delivered(
    app: &App,
    caller: &Caller,
    id: Id<Conversation>,
    up_to: i64,
) -> Result<Seen, MessageError> {
    let user = oneself(caller)?;
    if up_to < 0 {
        return Err(MessageError::NegativeNumber);
    }
    app.db
        .write(caller, move |tx| {
            let seen = seen(tx.conn(), user, id)?;
            let (told, held) = (queries::live::receipt(tx.conn(), id, user)?, &seen.marker.held);
            let (up_to, _) = held.up_to(up_to.min(held.last(seen.conversation.last_number)));
            if told.is_some_and(|(told, _)| up_to <= told.delivered) {
                return Ok(seen);
            }
            queries::state::set_delivered(tx, id, user, up_to)?;
            tell_of_marker(tx, (id, user), told, |_| true)?;
            Ok(seen)
        })
        .await
}

/// Makes a message, and what came after it, unread for the caller. Nobody but their other devices is told of it.
pub async fn mark_unread(app: &App, caller: &Caller, from: Id<Message>) -> Result<Seen, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let found = policy::visible(user, queries::messages_by_ids(tx.conn(), user, &[from])?).next();
            let message = found.ok_or_else(|| MessageError::not_found("fromMessageId"))?;
            let id = message.conversation_id;
            let (held, place) = (seen(tx.conn(), user, id)?.marker.held, message.number - 1);
            if queries::state::set_unread_from(tx, id, user, (held.up_to(place).0, held.unread_after(place)))? {
                tell_of_state(tx, id, user)?;
            }
            seen(tx.conn(), user, id)
        })
        .await
}
