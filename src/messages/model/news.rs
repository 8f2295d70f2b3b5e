//! Telling people of messages who are not looking.

use chrono::TimeDelta;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};

use super::Conversation;
use crate::{
    kernel::id::Id,
    notifications::model::PushDevice,
    platform::{clock::Time, jobs::JobBody},
    text_enum,
    users::model::User,
};

text_enum! {
    /// Who reads the log for new messages, each from a place of its own.
    pub enum Watch {
        Push = "PUSH",
        Digest = "DIGEST",
    }
}

impl Watch {
    /// Places of the log that are read at once.
    pub const READ: i64 = 5_000;
    /// After how long a message is pushed no more.
    pub const PUSHED_WITHIN: TimeDelta = TimeDelta::hours(1);
    /// How long a push waits, so that who is just reading is not woken.
    pub const READING: TimeDelta = TimeDelta::seconds(2);
    /// How long a message is unread before there is mail about it, and how long nobody has seen who gets it.
    pub const QUIET: TimeDelta = TimeDelta::minutes(30);
    /// How long it is from one such mail to the next: at most four a day.
    pub const BETWEEN: TimeDelta = TimeDelta::hours(6);
}

/// A device of somebody who has not read a message.
#[derive(Debug, Clone, QueryableByName)]
pub struct ToWake {
    #[diesel(sql_type = SqlUuid)]
    pub conversation_id: Id<Conversation>,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<User>,
    #[diesel(sql_type = SqlUuid)]
    pub device_id: Id<PushDevice>,
    /// The newest message that they have not read.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

/// Somebody who has not read a message for a while.
#[derive(Debug, Clone, QueryableByName)]
pub struct ToWrite {
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<User>,
    /// When they were last told of such by mail.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub told_at: Option<Time>,
}

/// What waits for somebody since they were last told by mail.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = BigInt)]
    pub conversations: i64,
    #[diesel(sql_type = BigInt)]
    pub messages: i64,
}

/// Pushes to one device that there are messages.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PushMessages {
    pub conversation: Id<Conversation>,
    /// The newest message of which it tells; none for whatever is newest by then.
    pub number: Option<i64>,
    pub device: Id<PushDevice>,
    pub user: Id<User>,
    pub until: Time,
}

impl JobBody for PushMessages {
    const KIND: &'static str = "messages.push";
}

/// Tells somebody by mail that messages wait for them.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DigestMail {
    pub user: Id<User>,
    /// Whether it was put off an uneven number of times: a job that runs must not be in the way of the next one.
    pub is_again: bool,
}

impl JobBody for DigestMail {
    const KIND: &'static str = "messages.digest_mail";
}

impl DigestMail {
    /// Of somebody's there are two at the most.
    pub fn unique_key(&self) -> String {
        format!("digest:{}:{}", self.user.uuid(), self.is_again)
    }
}
