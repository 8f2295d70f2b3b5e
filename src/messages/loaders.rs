//! Conversations and messages by id, as the caller may see them: one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{
        Companion, Conversation, DeskBadges, Marker, Message, Seen, Standing,
        attachments::Attachment,
        editing::Revision,
        filters::MessageFilter,
        groups::{GroupRole, Invitation},
        held::Held,
        mentions::MentionRow,
        quick_replies::QuickReply,
        reactions::ReactionCount,
        support::SupportCall,
    },
    policy, queries,
};
use crate::{
    kernel::id::Id,
    platform::{
        caller::StaffPermission,
        gql::{Reader, WireError},
    },
    shops::model::Shop,
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
    type Value = Vec<Companion>;
    type Error = WireError;

    async fn load(&self, keys: &[ParticipantsIn]) -> Result<HashMap<ParticipantsIn, Vec<Companion>>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::state::participants_in(conn, reader, &ids)).await?;
        let own = rows.iter().filter(|(participant, ..)| participant.user.id == reader);
        let held: HashMap<_, _> = own
            .map(|(own, ..)| (own.conversation_id, Held::new(own.held_runs.clone(), own.held_unread, None)))
            .collect();
        let nothing = Held::default();
        let mut found = HashMap::<_, (Standing, Vec<Companion>)>::new();
        for (participant, role, has_receipts, is_support) in rows {
            let reading = (reader, held.get(&participant.conversation_id).unwrap_or(&nothing));
            let nobody = Standing { is_participant: false, role, is_support, marker: Marker::default() };
            let (standing, people) =
                found.entry(ParticipantsIn(participant.conversation_id)).or_insert((nobody, Vec::new()));
            if participant.is_member {
                standing.is_participant |= participant.user.id == reader && !participant.has_blocked;
                // Until they decide, people tell.
                people.push(policy::companion(participant, reading, has_receipts.unwrap_or(true)));
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
        Ok(policy::visible(reader, rows).map(|message| (MessageById(message.id), message)).collect())
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
        Ok(policy::visible(reader, rows).map(|message| (NewestIn(message.conversation_id), message)).collect())
    }
}

/// The message at a place of a conversation that the caller was shown in the same request, and that they alone see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HeldAt(pub Id<Conversation>, pub i64);

impl Loader<HeldAt> for Reader {
    type Value = Message;
    type Error = WireError;

    async fn load(&self, keys: &[HeldAt]) -> Result<HashMap<HeldAt, Message>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let (ids, places): (Vec<_>, Vec<_>) = keys.iter().map(|key| (key.0, key.1)).unzip();
        let rows = self.app.db.read(move |conn| queries::held::at_places(conn, reader, &ids, &places)).await?;
        // Its place is all that is shown of it, so what else is held does not matter.
        let shown = rows.into_iter().map(|message| message.placed(&Held::default()));
        Ok(shown.map(|message| (HeldAt(message.conversation_id, message.number), message)).collect())
    }
}

/// A call of support that is open. Yields nothing but to those of the staff who answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SupportCallById(pub Id<SupportCall>);

impl Loader<SupportCallById> for Reader {
    type Value = SupportCall;
    type Error = WireError;

    async fn load(&self, keys: &[SupportCallById]) -> Result<HashMap<SupportCallById, SupportCall>, WireError> {
        if !self.caller.may(StaffPermission::AnswerSupport) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::support::by_ids(conn, &ids)).await?;
        Ok(rows.into_iter().map(|call| (SupportCallById(call.id), call)).collect())
    }
}

/// Who is asked to come into a group, for who sees the conversation in this role: nobody, if they may not ask people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvitationsTo(pub Id<Conversation>, pub GroupRole);

impl Loader<InvitationsTo> for Reader {
    type Value = Vec<Invitation>;
    type Error = WireError;

    async fn load(&self, keys: &[InvitationsTo]) -> Result<HashMap<InvitationsTo, Vec<Invitation>>, WireError> {
        let ids: Vec<_> = keys.iter().filter(|key| policy::invites(key.1)).map(|key| key.0).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.app.db.read(move |conn| queries::groups::invitations_to(conn, &ids)).await?;
        let of = |key: &InvitationsTo| {
            let asked = rows.iter().filter(|row| policy::invites(key.1) && row.conversation_id == key.0);
            (*key, asked.copied().collect())
        };
        Ok(keys.iter().map(of).collect())
    }
}

/// What a message said before, the first words first, of which the caller was shown that it is there in the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RevisionsOf(pub Id<Message>);

impl Loader<RevisionsOf> for Reader {
    type Value = Vec<Revision>;
    type Error = WireError;

    async fn load(&self, keys: &[RevisionsOf]) -> Result<HashMap<RevisionsOf, Vec<Revision>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::editing::revisions_of(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for revision in rows {
            found.entry(RevisionsOf(revision.message_id)).or_default().push(revision);
        }
        Ok(found)
    }
}

/// What people answered to a message that the caller was shown in the same request, the first emoji first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ReactionsOf(pub Id<Message>);

impl Loader<ReactionsOf> for Reader {
    type Value = Vec<ReactionCount>;
    type Error = WireError;

    async fn load(&self, keys: &[ReactionsOf]) -> Result<HashMap<ReactionsOf, Vec<ReactionCount>>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::reactions::counts_of(conn, reader, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for count in rows {
            found.entry(ReactionsOf(count.message_id)).or_default().push(count);
        }
        Ok(found)
    }
}

/// Of whom a message speaks that the caller was shown in the same request, in the order of the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MentionsOf(pub Id<Message>);

impl Loader<MentionsOf> for Reader {
    type Value = Vec<MentionRow>;
    type Error = WireError;

    async fn load(&self, keys: &[MentionsOf]) -> Result<HashMap<MentionsOf, Vec<MentionRow>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::mentions::mentions_of(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for mention in rows {
            found.entry(MentionsOf(mention.message_id)).or_default().push(mention);
        }
        Ok(found)
    }
}

/// What was sent along with a message that the caller was shown in the same request, the first thing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AttachmentsOf(pub Id<Message>);

impl Loader<AttachmentsOf> for Reader {
    type Value = Vec<Attachment>;
    type Error = WireError;

    async fn load(&self, keys: &[AttachmentsOf]) -> Result<HashMap<AttachmentsOf, Vec<Attachment>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::attachments::attachments_of(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (row, medium, upload) in rows {
            let key = AttachmentsOf(row.message_id);
            found.entry(key).or_default().extend(Attachment::of(row, medium, upload));
        }
        Ok(found)
    }
}

/// The saved texts of a shop for which the caller was shown to answer in the same request, in the order of their shortcuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct QuickRepliesOf(pub Id<Shop>);

impl Loader<QuickRepliesOf> for Reader {
    type Value = Vec<QuickReply>;
    type Error = WireError;

    async fn load(&self, keys: &[QuickRepliesOf]) -> Result<HashMap<QuickRepliesOf, Vec<QuickReply>>, WireError> {
        let shops: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::quick_replies::of_shops(conn, &shops)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for reply in rows {
            found.entry(QuickRepliesOf(reply.shop_id)).or_default().push(reply);
        }
        Ok(found)
    }
}

/// What waits at the desk of a shop for which the caller was shown to answer in the same request; none if nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DeskBadgesOf(pub Id<Shop>);

impl Loader<DeskBadgesOf> for Reader {
    type Value = DeskBadges;
    type Error = WireError;

    async fn load(&self, keys: &[DeskBadgesOf]) -> Result<HashMap<DeskBadgesOf, DeskBadges>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let (shops, now): (Vec<_>, _) = (keys.iter().map(|key| key.0).collect(), self.app.now());
        let rows = self.app.db.read(move |conn| queries::state::desk_badges(conn, reader, &shops, now)).await?;
        Ok(rows.into_iter().map(|badges| (DeskBadgesOf(badges.shop_id), badges)).collect())
    }
}

/// A saved text of a shop, if the caller answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuickReplyById(pub Id<QuickReply>);

impl Loader<QuickReplyById> for Reader {
    type Value = QuickReply;
    type Error = WireError;

    async fn load(&self, keys: &[QuickReplyById]) -> Result<HashMap<QuickReplyById, QuickReply>, WireError> {
        let Ok(reader) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::quick_replies::by_ids(conn, reader, &ids)).await?;
        let answered = rows.into_iter().filter(|(_, role)| policy::answers(*role));
        Ok(answered.map(|(reply, _)| (QuickReplyById(reply.id), reply)).collect())
    }
}

/// A word or a domain that nobody sends. Yields nothing but to those of the staff who see to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MessageFilterById(pub Id<MessageFilter>);

impl Loader<MessageFilterById> for Reader {
    type Value = MessageFilter;
    type Error = WireError;

    async fn load(&self, keys: &[MessageFilterById]) -> Result<HashMap<MessageFilterById, MessageFilter>, WireError> {
        if !self.caller.may(StaffPermission::ModerateContent) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::filters::by_ids(conn, &ids)).await?;
        Ok(rows.into_iter().map(|filter| (MessageFilterById(filter.id), filter)).collect())
    }
}
