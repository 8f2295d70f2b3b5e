//! Conversations and messages by id, as the caller may see them: one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Conversation, Message, Participant, Seen, Standing},
    policy, queries,
};
use crate::{
    kernel::id::Id,
    platform::gql::{Reader, WireError},
    users::model::oneself,
};

/// A conversation, if the caller takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConversationById(pub Id<Conversation>);

impl Loader<ConversationById> for Reader {
    type Value = Seen;
    type Error = WireError;

    async fn load(&self, keys: &[ConversationById]) -> Result<HashMap<ConversationById, Seen>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, reader, &ids)).await?;
        let seen = rows.into_iter().filter_map(policy::seen);
        Ok(seen.map(|seen| (ConversationById(seen.conversation.id), seen)).collect())
    }
}

/// Everybody who takes part in a conversation as a person, longest first, if the caller takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParticipantsIn(pub Id<Conversation>);

impl Loader<ParticipantsIn> for Reader {
    type Value = Vec<Participant>;
    type Error = WireError;

    async fn load(&self, keys: &[ParticipantsIn]) -> Result<HashMap<ParticipantsIn, Vec<Participant>>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::participants_in(conn, reader, &ids)).await?;
        let mut found = HashMap::<_, (Standing, Vec<Participant>)>::new();
        for (participant, role) in rows {
            let nobody = Standing { is_participant: false, role, last_read_number: 0 };
            let (standing, people) =
                found.entry(ParticipantsIn(participant.conversation_id)).or_insert((nobody, Vec::new()));
            if participant.is_member {
                standing.is_participant |= participant.user.id == reader && !participant.has_blocked;
                people.push(participant);
            }
        }
        let visible = found.into_iter().filter(|(_, (standing, _))| policy::takes_part(standing));
        Ok(visible.map(|(key, (_, people))| (key, people)).collect())
    }
}

/// A message, if the caller takes part in its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageById(pub Id<Message>);

impl Loader<MessageById> for Reader {
    type Value = Message;
    type Error = WireError;

    async fn load(&self, keys: &[MessageById]) -> Result<HashMap<MessageById, Message>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::messages_by_ids(conn, reader, &ids)).await?;
        Ok(policy::visible(rows).map(|message| (MessageById(message.id), message)).collect())
    }
}

/// The newest message of a conversation, if the caller takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewestIn(pub Id<Conversation>);

impl Loader<NewestIn> for Reader {
    type Value = Message;
    type Error = WireError;

    async fn load(&self, keys: &[NewestIn]) -> Result<HashMap<NewestIn, Message>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::newest_in(conn, reader, &ids)).await?;
        Ok(policy::visible(rows).map(|message| (NewestIn(message.conversation_id), message)).collect())
    }
}
