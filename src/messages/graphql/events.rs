//! What is told of messages as it happens.

use async_graphql::{SimpleObject, dataloader::DataLoader};

use super::{Message, message};
use crate::{
    kernel::id::Id,
    messages::model::{
        self,
        editing::Change,
        groups::{self, GroupAccess},
    },
    platform::{
        events::Cursor,
        gql::{Reader, WireResult},
    },
};

/// A message was sent in a conversation in which you take part, by anybody, yourself included.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageSent {
    /// The event's position in your stream.
    cursor: String,
    /// The message.
    message: Message,
}

impl MessageSent {
    /// The event as the loader's caller sees it; none if they do not take part (any more).
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::MessageSent,
    ) -> WireResult<Option<Self>> {
        let message = message(loader, event.message).await?;
        Ok(message.map(|message| Self { cursor: cursor.to_string(), message }))
    }
}

/// Something has become of a message of a conversation in which you take part.
#[derive(Debug, Clone, SimpleObject)]
pub struct MessageChanged {
    /// The event's position in your stream.
    cursor: String,
    /// What has become of it.
    change: Change,
    /// The message as it is by now.
    message: Message,
}

impl MessageChanged {
    /// The event as the loader's caller sees it; none if they do not take part (any more), or if this version does not know what has
    /// become of the message.
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::editing::MessageChanged,
    ) -> WireResult<Option<Self>> {
        let Ok(change) = event.change.parse::<Change>() else { return Ok(None) };
        let message = message(loader, event.message).await?;
        Ok(message.map(|message| Self { cursor: cursor.to_string(), change, message }))
    }
}

/// You were asked into a group, are asked no more, or were removed: read `groupInvitations`, or your conversations, anew.
#[derive(Debug, Clone, SimpleObject)]
pub struct GroupAccessChanged {
    /// The event's position in your stream.
    cursor: String,
    /// What the group was to you from then on.
    access: GroupAccess,
    /// Which group.
    conversation_id: Id<model::Conversation>,
}

impl GroupAccessChanged {
    /// None if this version does not know what has become of it.
    pub fn new(cursor: Cursor, event: &groups::GroupAccessChanged) -> Option<Self> {
        let access = event.access.parse().ok()?;
        Some(Self { cursor: cursor.to_string(), access, conversation_id: event.conversation })
    }
}
