//! What people answer to messages with an emoji.

use diesel::{Queryable, QueryableByName, Selectable};

use super::Message;
use crate::{kernel::id::Id, platform::clock::Time, schema::message_reactions};

/// Kinds of emoji that a message has at the most, so that they can be shown below it.
pub const MAXIMUM_KINDS: usize = 20;
/// How many of them may be one person's.
pub const MAXIMUM_OWN: usize = 5;

/// What somebody answered.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_reactions)]
pub struct Reaction {
    pub message_id: Id<Message>,
    pub kind: String,
    pub emoji: String,
    pub created_at: Time,
}

/// How many answered a message with an emoji.
#[derive(Debug, Clone, QueryableByName)]
pub struct ReactionCount {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub message_id: Id<Message>,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub emoji: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub count: i64,
    /// Whether the reader is one of them.
    #[diesel(sql_type = diesel::sql_types::Bool)]
    pub is_mine: bool,
}
