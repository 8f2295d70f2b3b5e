//! Support in the thread of an order: called by who takes part, answered by one of the market's staff.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use super::Conversation;
use crate::{
    kernel::id::{Entity, Id},
    platform::clock::Time,
    schema::support_calls,
    text_enum,
    users::model::User,
};

text_enum! {
    /// What happened when support was called. New steps may appear.
    #[derive(async_graphql::Enum)]
    pub enum SupportStep {
        /// Somebody who takes part has called the market's staff.
        #[graphql(name = "SUPPORT_CALLED")]
        Called = "SUPPORT_CALLED",
        /// One of them reads and writes here from now on, and what was written before.
        #[graphql(name = "SUPPORT_JOINED")]
        Joined = "SUPPORT_JOINED",
        /// They do not any more.
        #[graphql(name = "SUPPORT_LEFT")]
        Left = "SUPPORT_LEFT",
    }
}

/// The market's staff are wanted in the thread of an order. There is one open call of a thread at the most.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = support_calls)]
pub struct SupportCall {
    pub id: Id<SupportCall>,
    pub conversation_id: Id<Conversation>,
    pub called_by: Id<User>,
    pub called_at: Time,
    /// Who of the staff is there; none while nobody has answered.
    pub staff_id: Option<Id<User>>,
    pub answered_at: Option<Time>,
    /// None while it is open.
    pub closed_at: Option<Time>,
}

impl Entity for SupportCall {
    const PREFIX: &'static str = "call";
}

impl SupportCall {
    /// How often support is called into a thread at the most within [`SupportCall::COUNTED`].
    pub const MAXIMUM: i64 = 5;
    pub const COUNTED: TimeDelta = TimeDelta::days(1);
}
