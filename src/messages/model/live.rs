//! What is told of conversations beside their messages.

use serde::{Deserialize, Serialize};

use super::Conversation;
use crate::{
    kernel::id::Id,
    platform::{clock::Time, events::EventBody},
    users::model::User,
};

/// Somebody takes part from now on, or in another role, or messages have come to them, or they have read further. Its topic is the
/// conversation, and where they have read the person, too, to whom it says the same as [`ConversationStateChanged`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ParticipantChanged {
    pub conversation: Id<Conversation>,
    pub user: Id<User>,
    /// Told to themself alone: how far they have got is their own affair.
    pub is_private: bool,
}

impl ParticipantChanged {
    /// Whether it is for somebody who takes part.
    pub fn is_for(&self, reader: Id<User>) -> bool {
        !self.is_private || self.user == reader
    }
}

impl EventBody for ParticipantChanged {
    const KIND: &'static str = "messages.participant_changed";
}

/// Somebody keeps a conversation otherwise than before, or has read on as one of a shop, or less by their own word. Its topic is the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConversationStateChanged {
    pub conversation: Id<Conversation>,
}

impl EventBody for ConversationStateChanged {
    const KIND: &'static str = "messages.conversation_state_changed";
}

/// Somebody is typing. It is in no log and no table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Typing {
    pub conversation: Id<Conversation>,
    pub user: Id<User>,
    /// Unless it is said again.
    pub until: Time,
    /// Who does not want to hear of them.
    pub hidden_from: Vec<Id<User>>,
}

impl EventBody for Typing {
    const KIND: &'static str = "messages.typing";
}
