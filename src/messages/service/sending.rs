//! Who may write, and how much. What is refused for now alone is not kept with an idempotency key, by which a client sends the same message
//! again.

use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        error::MessageError,
        model::Conversation,
        queries::{self, hiding},
    },
    platform::{app::App, clock::Time, config::MessagingSettings, db::Tx},
    users::{
        self,
        model::{GuessedAt, User, Writer},
    },
};

/// A step: lets somebody write whom the staff do not keep from it. About orders, who is suspended goes on talking.
pub(super) fn permit(
    tx: &mut Tx<'_>,
    user: Id<User>,
    conversation: Option<Id<Conversation>>,
) -> Result<Writer, MessageError> {
    let writer = users::service::writer(tx.conn(), user)?.ok_or(Failure::Unauthenticated(None))?;
    if !writer.is_suspended(tx.now()) {
        return Ok(writer);
    }
    match conversation {
        Some(id) if hiding::is_about_order(tx.conn(), id)? => Ok(writer),
        _ => Err(MessageError::Suspended),
    }
}

/// By what it is counted how much somebody writes.
pub(super) struct Pace {
    user: Id<User>,
    limits: MessagingSettings,
    messages: Vec<u8>,
    contacts: Vec<u8>,
}

impl Pace {
    pub(super) fn of(app: &App, user: Id<User>) -> Self {
        let key = |what: &[u8]| app.master.mac("sending", &[what, user.uuid().as_bytes()]).to_vec();
        Self { user, limits: app.market.messaging, messages: key(b"messages"), contacts: key(b"contacts") }
    }

    /// A step: counts a message that is about to be sent into a conversation.
    ///
    /// # Errors
    /// If they may not write, or have to wait: then it is not counted.
    pub(super) fn count_message(&self, tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<(), MessageError> {
        let writer = permit(tx, self.user, Some(id))?;
        let now = tx.now();
        count(tx, &[self.message(writer, now)])
    }

    /// A step: counts that somebody turns to who is on the other side of a pair, unless they have done so before; and a message, if there is one.
    ///
    /// # Errors
    /// As [`Pace::count_message`].
    pub(super) fn count_contact(&self, tx: &mut Tx<'_>, pair_key: &str, has_message: bool) -> Result<(), MessageError> {
        let writer = permit(tx, self.user, None)?;
        let (now, mut counted) = (tx.now(), Vec::new());
        if queries::by_pair_key(tx.conn(), pair_key)?.is_none() {
            counted.push(self.contact(writer, now));
        }
        if has_message {
            counted.push(self.message(writer, now));
        }
        if counted.is_empty() { Ok(()) } else { count(tx, &counted) }
    }

    fn message(&self, writer: Writer, now: Time) -> (GuessedAt, Vec<u8>) {
        let MessagingSettings { messages_per_minute, new_messages_per_minute, .. } = self.limits;
        let free = if writer.is_new(now) { new_messages_per_minute } else { messages_per_minute };
        (GuessedAt::Sender { free }, self.messages.clone())
    }

    fn contact(&self, writer: Writer, now: Time) -> (GuessedAt, Vec<u8>) {
        let MessagingSettings { first_contacts_per_day, new_first_contacts_per_day, .. } = self.limits;
        let free = if writer.is_new(now) { new_first_contacts_per_day } else { first_contacts_per_day };
        (GuessedAt::Newcomer { free }, self.contacts.clone())
    }
}

fn count(tx: &mut Tx<'_>, counted: &[(GuessedAt, Vec<u8>)]) -> Result<(), MessageError> {
    match users::service::count_guess(tx, counted)? {
        Some((_, retry_at)) => Err(MessageError::TooSoon { retry_at }),
        None => Ok(()),
    }
}
