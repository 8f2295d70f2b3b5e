//! Rows of conversations and messages.

pub mod attachments;
mod badges;
pub mod editing;
pub mod filters;
pub mod groups;
pub mod held;
pub mod live;
pub mod mentions;
pub mod news;
pub mod quick_replies;
pub mod reactions;
pub mod search;
pub mod support;

pub use self::badges::{Badges, DeskBadges};

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::{
    attachments::AttachmentDraft,
    editing::Removal,
    groups::{GroupRole, MessageStep},
    held::{Held, Hold},
    mentions::Mention,
};
use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, events::EventBody},
    products::model::Product,
    schema::{conversations, messages, participants},
    shops::model::{Shop, ShopRole},
    text_enum,
    users::model::User,
};

text_enum! {
    /// Who talks, and what about. New kinds may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ConversationKind")]
    pub enum Kind {
        /// Two people, about anything.
        Direct = "DIRECT",
        /// A person and a shop.
        Shop = "SHOP",
        /// Whoever placed an order and a shop, about the shop's part of the order.
        Order = "ORDER",
        /// Up to 100 people, about anything.
        Group = "GROUP",
    }
}

text_enum! {
    /// What happened to an order. New steps may appear.
    #[derive(async_graphql::Enum)]
    pub enum OrderStep {
        /// It was placed.
        Placed = "PLACED",
        /// It was paid.
        Paid = "PAID",
        /// Its buyer's bank has promised what is owed. It is paid when the first of it is sent.
        Authorized = "AUTHORIZED",
        /// The bank's promise came to nothing before the money was taken. It has to be paid anew.
        AuthorizationLost = "AUTHORIZATION_LOST",
        /// It was cancelled.
        Cancelled = "CANCELLED",
        /// Its money came after it had been called off, and everything was still there.
        Reopened = "REOPENED",
        /// Who ordered it as a guest has an account, and it is theirs from now on.
        Claimed = "CLAIMED",
        /// Money goes back to its buyer.
        Refunded = "REFUNDED",
        /// The provider could not give money back, or does not say whether it did. It has to be tried again.
        RefundFailed = "REFUND_FAILED",
        /// Pieces of it are ready to be sent.
        Packed = "PACKED",
        /// Pieces of it were unpacked again.
        Unpacked = "UNPACKED",
        /// Pieces of it are on their way.
        Shipped = "SHIPPED",
        /// Pieces of it have arrived.
        Delivered = "DELIVERED",
        /// Its buyer has added goods to it, or removed pieces.
        Edited = "EDITED",
        /// What its buyer has added to it after it was paid is paid, too, and part of it from now on.
        AdditionPaid = "ADDITION_PAID",
        /// What its buyer has added to it after it was paid was not paid in time, and fell away. The rest is as it was.
        AdditionLapsed = "ADDITION_LAPSED",
        /// A shop has called pieces of it off.
        PiecesCancelled = "PIECES_CANCELLED",
        /// Everything that was agreed has been done.
        Completed = "COMPLETED",
        /// Its buyer wants to send pieces of it back.
        ReturnRequested = "RETURN_REQUESTED",
        /// They may come back.
        ReturnApproved = "RETURN_APPROVED",
        /// They are not taken back.
        ReturnDeclined = "RETURN_DECLINED",
        /// Its buyer keeps them after all.
        ReturnWithdrawn = "RETURN_WITHDRAWN",
        /// They have come back.
        ReturnReceived = "RETURN_RECEIVED",
        /// Its buyer complains of it.
        ClaimOpened = "CLAIM_OPENED",
        /// The shop has answered a claim.
        ClaimAnswered = "CLAIM_ANSWERED",
        /// The market's staff are to decide on a claim.
        ClaimEscalated = "CLAIM_ESCALATED",
        /// The market's staff have decided on a claim.
        ClaimDecided = "CLAIM_DECIDED",
        /// A claim is over: its buyer asks for nothing more, has got what they wanted, or did not answer in time.
        ClaimClosed = "CLAIM_CLOSED",
        /// The buyer's bank takes back what they paid, or wants to. The buyer does not see this step.
        DisputeOpened = "DISPUTE_OPENED",
        /// It is decided who has the money. The buyer does not see this step.
        DisputeClosed = "DISPUTE_CLOSED",
    }
}

impl OrderStep {
    /// Whether it is the affair of the market and its shops alone: in a conversation with the buyer it never stands.
    pub const fn is_hidden_from_buyers(self) -> bool {
        matches!(self, Self::DisputeOpened | Self::DisputeClosed)
    }
}

/// A conversation. Its row is the lock under which messages get their numbers.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Conversation {
    pub id: Id<Conversation>,
    pub kind: Kind,
    /// The shop that takes part; none in a direct conversation and in a group.
    pub shop_id: Option<Id<Shop>>,
    /// What the shop was last asked about.
    pub product_id: Option<Id<Product>>,
    /// The number of the newest message; 0 if there is none.
    pub last_number: i64,
    /// When the newest message was written; before there is one, when the conversation began.
    pub last_message_at: Time,
    pub created_at: Time,
    /// What a group is called; none elsewhere.
    pub title: Option<String>,
    /// From 1, and one more with each change of the group itself.
    pub version: i32,
}

impl Entity for Conversation {
    const PREFIX: &'static str = "conversation";
}

/// The name under which the one conversation of two people is found, whoever of them starts it.
pub fn direct_key(one: Id<User>, other: Id<User>) -> String {
    let (first, second) = (one.min(other).uuid(), one.max(other).uuid());
    format!("direct:{first}:{second}")
}

/// The name under which the one conversation of a person and a shop is found.
pub fn shop_key(shop: Id<Shop>, person: Id<User>) -> String {
    format!("shop:{}:{}", shop.uuid(), person.uuid())
}

/// How somebody keeps a conversation. Who has no marker in it yet keeps it as it comes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marker {
    /// Up to which message they have read; 0 if they never did.
    pub last_read_number: i64,
    /// What came before they did, and is not theirs to see: 0 but in a group.
    pub joined_number: i64,
    /// What they may do in the group.
    pub role: Option<GroupRole>,
    pub is_archived: bool,
    pub pinned_at: Option<Time>,
    /// Until when nothing of it shall call them; it may be over.
    pub muted_until: Option<Time>,
    /// What they wrote that they alone see.
    pub held: Held,
}

/// What somebody is to a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Takes part as a person, and has not blocked the other one.
    pub is_participant: bool,
    /// Their role in the shop that takes part.
    pub role: Option<ShopRole>,
    /// Was called in as one of the market's staff.
    pub is_support: bool,
    pub marker: Marker,
}

/// A conversation as somebody sees it who may. Made by `policy` alone.
#[derive(Debug, Clone)]
pub struct Seen {
    pub conversation: Conversation,
    pub marker: Marker,
    /// Whether they see it only because support was called in.
    pub is_support: bool,
}

/// Which of the conversations on a side a list has. What is absent does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ConversationFilter {
    pub kind: Option<Kind>,
    pub is_archived: Option<bool>,
    pub is_pinned: Option<bool>,
    pub is_unread: Option<bool>,
}

/// How many conversations one person has pinned at the most.
pub const MAXIMUM_PINNED: usize = 10;

/// Whose conversations a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Those in which the reader takes part as a person.
    Participant,
    /// Those of a shop for which the reader answers.
    Shop(Id<Shop>),
}

/// Where a page of conversations goes on: newest activity first.
pub type ActivityKey = (Time, Id<Conversation>);

/// Somebody with a marker in a conversation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = participants)]
pub struct Participant {
    pub conversation_id: Id<Conversation>,
    /// Takes part as a person; if not, they read or wrote for the shop.
    pub is_member: bool,
    /// Wants to hear nothing of it.
    pub has_blocked: bool,
    pub created_at: Time,
    pub last_read_number: i64,
    pub furthest_read_number: i64,
    pub delivered_number: i64,
    pub role: Option<GroupRole>,
    pub held_runs: Vec<i64>,
    pub held_unread: i64,
    #[diesel(embed)]
    pub user: User,
}

impl Participant {
    /// How far the conversation has come to them: what was read has arrived, too.
    pub fn receipt(&self) -> Receipt {
        let read = self.last_read_number.max(self.furthest_read_number);
        Receipt { read, delivered: self.delivered_number.max(read) }
    }
}

/// Up to which messages somebody has got and read a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub read: i64,
    pub delivered: i64,
}

/// Somebody who takes part as a person, as one of them is told.
#[derive(Debug, Clone)]
pub struct Companion {
    pub participant: Participant,
    /// None if they keep it to themself.
    pub receipt: Option<Receipt>,
}

/// What was written, or what happened.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Message {
    pub id: Id<Message>,
    pub conversation_id: Id<Conversation>,
    /// From 1, without gaps; below 0 if it is held.
    pub number: i64,
    /// Who wrote the text, or took the step.
    pub author_id: Option<Id<User>>,
    /// Either this or `step` is there, unless the message was deleted. Empty if nothing but attachments was sent.
    pub text: Option<String>,
    pub step: Option<MessageStep>,
    /// The idempotency key with which the author sent it.
    pub client_key: Option<String>,
    pub created_at: Time,
    /// The row of the order's step, where it is known; of a step in a group whom it is about.
    pub step_id: Option<Uuid>,
    /// From 1, and one more with each change of its text.
    pub version: i32,
    pub edited_at: Option<Time>,
    /// When it was taken back.
    pub deleted_at: Option<Time>,
    /// Whether who moderates the group took it back, and not its author.
    pub is_removed: bool,
    /// The message of the same conversation that it answers.
    pub reply_to_id: Option<Id<Message>>,
    /// Why the market took the text away; none if people did.
    pub removal: Option<Removal>,
    /// Why nobody but its author sees it; none of what was told.
    pub held: Option<Hold>,
    /// Where it stands for its author, if it is held; none for who has come into the group again since.
    pub held_number: Option<i64>,
    /// Whether one of the market's staff wrote it as such.
    pub is_by_support: bool,
}

impl Entity for Message {
    const PREFIX: &'static str = "message";
}

/// What is read along with a page of messages, so that it costs no statement of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    Nothing,
    Author,
}

/// What somebody says.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    pub text: &'a str,
    /// The message of the same conversation that it answers.
    pub reply_to: Option<Id<Message>>,
    /// Of whom it speaks, and where.
    pub mentions: &'a [Mention],
    /// What is sent along, as it is kept.
    pub attachments: &'a [AttachmentDraft],
}

impl<'a> Draft<'a> {
    /// A text, and nothing else.
    pub const fn of(text: &'a str) -> Self {
        Self { text, reply_to: None, mentions: &[], attachments: &[] }
    }
}

/// What a new message holds.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    Text {
        draft: Draft<'a>,
        author: Id<User>,
        client_key: &'a str,
    },
    /// `actor` is who took the step, if somebody who was signed in did.
    Step {
        step: MessageStep,
        /// The row of the order's step, or whom a step in a group is about.
        id: Uuid,
        actor: Option<Id<User>>,
    },
}

/// A message was sent. Its topics are the participants, the shop, and the conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MessageSent {
    pub conversation: Id<Conversation>,
    pub message: Id<Message>,
    pub number: i64,
}

impl EventBody for MessageSent {
    const KIND: &'static str = "messages.message_sent";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_one_name_whoever_begins() {
        let (one, other) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        assert_eq!(direct_key(one, other), direct_key(other, one));
        assert_ne!(direct_key(one, other), direct_key(one, one));
        assert_ne!(
            shop_key(Id::from_uuid(Uuid::from_u128(1)), other),
            shop_key(Id::from_uuid(Uuid::from_u128(2)), one)
        );
    }
}
