//! What becomes of a message after it was sent.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::{Conversation, Message};
use crate::{
    kernel::id::Id,
    platform::{clock::Time, events::EventBody},
    schema::message_revisions,
    text_enum,
    users::model::User,
};

impl Message {
    /// How long its author may edit it.
    pub const EDITABLE: TimeDelta = TimeDelta::hours(24);
    /// How often.
    pub const MAXIMUM_EDITS: i32 = 50;
    /// How long what a deleted message said is kept, for the staff to whom it was reported.
    pub const KEPT: TimeDelta = TimeDelta::days(90);
    /// The same of one that the staff have hidden, and of what was sent along with it: so long it can be shown again.
    pub const HIDDEN_KEPT: TimeDelta = TimeDelta::days(180);

    /// Whether a person wrote it. Nobody wrote what tells of a step.
    pub fn is_by(&self, person: Id<User>) -> bool {
        self.step.is_none() && self.author_id == Some(person)
    }

    /// Whether its text may still become another one.
    pub fn is_editable(&self, now: Time) -> bool {
        self.text.is_some() && now < self.created_at + Self::EDITABLE
    }
}

/// What a message said before it was edited, or deleted.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_revisions)]
pub struct Revision {
    pub message_id: Id<Message>,
    /// The version of the message in which it said so.
    pub version: i32,
    pub text: String,
    pub written_at: Time,
    /// Until when it is kept; none unless the message was deleted.
    pub kept_until: Option<Time>,
}

text_enum! {
    /// Why the market took a text away.
    pub enum Removal {
        /// The staff have hidden it, and may show it again.
        Hidden = "HIDDEN",
        /// It was kept as long as the operator wants.
        Expired = "EXPIRED",
    }
}

/// Who takes a text away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    ByAuthor,
    /// Who moderates the group.
    ByOthers,
    ByMarket(Removal),
}

text_enum! {
    /// What has become of a message. New kinds may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "MessageChange")]
    pub enum Change {
        /// Its author has written something else.
        Edited = "EDITED",
        /// Its author, or who moderates the group, has taken it back for everybody.
        Deleted = "DELETED",
        /// Somebody has answered it with an emoji, or does not any more.
        Reactions = "REACTIONS",
        /// The market's staff have hidden it.
        Hidden = "HIDDEN",
        /// The market's staff show it again.
        Shown = "SHOWN",
        /// It was kept as long as the market keeps messages of this kind.
        Expired = "EXPIRED",
    }
}

/// Something has become of a message. Its topics are the participants, the shop, and the conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MessageChanged {
    pub conversation: Id<Conversation>,
    pub message: Id<Message>,
    /// The word of a [`Change`]. A process that does not know it yet passes over the event.
    pub change: String,
}

impl EventBody for MessageChanged {
    const KIND: &'static str = "messages.message_changed";
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::messages::model::{OrderStep, groups::MessageStep};

    #[test]
    fn a_text_is_edited_by_its_author_for_a_day_and_a_step_never() {
        let (ada, bob) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let sent = Time::UNIX_EPOCH;
        let text = Message {
            id: Id::from_uuid(Uuid::nil()),
            conversation_id: Id::from_uuid(Uuid::nil()),
            number: 1,
            author_id: Some(ada),
            text: Some("Hello".into()),
            step: None,
            client_key: None,
            created_at: sent,
            step_id: None,
            version: 1,
            edited_at: None,
            deleted_at: None,
            is_removed: false,
            reply_to_id: None,
            removal: None,
            held: None,
            held_number: None,
            is_by_support: false,
        };
        assert!(text.is_by(ada) && !text.is_by(bob));
        assert!(text.is_editable(sent) && text.is_editable(sent + Message::EDITABLE - TimeDelta::seconds(1)));
        assert!(!text.is_editable(sent + Message::EDITABLE));
        let step = Message { text: None, step: Some(MessageStep::Order(OrderStep::Paid)), ..text.clone() };
        assert!(!step.is_by(ada) && !step.is_editable(sent));
        let deleted = Message { text: None, deleted_at: Some(sent), ..text };
        assert!(deleted.is_by(ada) && !deleted.is_editable(sent));
    }
}
