//! Groups: who belongs to them, and what happens in them.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use diesel::{Queryable, Selectable, deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};

use super::{Conversation, OrderStep, support::SupportStep};
use crate::{
    kernel::{id::Id, scalar::UnknownWord},
    platform::{clock::Time, events::EventBody},
    schema::{group_invitations, participants},
    text_column, text_enum,
    users::model::User,
};

/// How many people a group has at the most, with those who are asked to come in.
pub const MAXIMUM_MEMBERS: usize = 100;

/// To how many groups one person belongs at the most.
pub const MAXIMUM_GROUPS: i64 = 200;

/// Where a page of somebody's invitations goes on.
pub type InvitationKey = (Time, Id<Conversation>);

/// How many characters the title of a group has at the most.
pub const MAXIMUM_TITLE: usize = 80;

text_enum! {
    /// What somebody may do in a group.
    #[derive(async_graphql::Enum)]
    pub enum GroupRole {
        /// Everything. A group has one owner.
        Owner = "OWNER",
        /// Invites people, removes members, names the group, and takes back what anybody wrote.
        Moderator = "MODERATOR",
        /// Reads and writes.
        Member = "MEMBER",
    }
}

text_enum! {
    /// What happened in a group. New steps may appear.
    #[derive(async_graphql::Enum)]
    pub enum GroupStep {
        /// It was made.
        Created = "CREATED",
        /// Somebody has come in.
        Joined = "JOINED",
        /// Somebody has left.
        Left = "LEFT",
        /// Somebody was removed.
        Removed = "REMOVED",
        /// It is somebody else's now.
        OwnerChanged = "OWNER_CHANGED",
        /// It is called something else now.
        Renamed = "RENAMED",
    }
}

text_enum! {
    /// What a group is to somebody from now on who does not belong to it. New kinds may appear.
    #[derive(async_graphql::Enum)]
    pub enum GroupAccess {
        /// They are asked to come in.
        Invited = "INVITED",
        /// They are asked no more.
        Withdrawn = "WITHDRAWN",
        /// They were removed.
        Removed = "REMOVED",
    }
}

/// Somebody was asked into a group, is asked no more, or was removed. Its topic is that person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GroupAccessChanged {
    pub conversation: Id<Conversation>,
    /// The word of a [`GroupAccess`]. A process that does not know it yet passes over the event.
    pub access: String,
}

impl EventBody for GroupAccessChanged {
    const KIND: &'static str = "messages.group_access_changed";
}

/// What happened to what a conversation is about, in a group, or when support was called in. The words of all differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum MessageStep {
    Order(OrderStep),
    Group(GroupStep),
    Support(SupportStep),
}

impl MessageStep {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order(step) => step.as_str(),
            Self::Group(step) => step.as_str(),
            Self::Support(step) => step.as_str(),
        }
    }
}

impl fmt::Display for MessageStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MessageStep {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let support = |_: UnknownWord| text.parse().map(Self::Support);
        text.parse().map(Self::Group).or_else(support).or_else(|_: UnknownWord| text.parse().map(Self::Order))
    }
}

text_column!(MessageStep);

/// Somebody who belongs to a group.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = participants)]
pub struct Member {
    pub user_id: Id<User>,
    pub role: Option<GroupRole>,
    /// Since when.
    pub created_at: Time,
}

/// Whose a group becomes that its owner leaves: the moderator's who has been there longest, else the member's.
pub fn heir(members: &[Member]) -> Option<Id<User>> {
    let rank = |member: &&Member| (member.role != Some(GroupRole::Moderator), member.created_at, member.user_id);
    members.iter().min_by_key(rank).map(|member| member.user_id)
}

/// Somebody is asked to come into a group, or did not want to.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = group_invitations)]
pub struct Invitation {
    pub conversation_id: Id<Conversation>,
    pub user_id: Id<User>,
    pub inviter_id: Id<User>,
    pub created_at: Time,
    /// None while they have not answered.
    pub declined_at: Option<Time>,
}

impl Invitation {
    /// How many people somebody asks at the most who have not answered.
    pub const MAXIMUM_OPEN: i64 = 100;
    /// For so long, whoever did not want to come into a group is not asked again.
    pub const DECLINED: TimeDelta = TimeDelta::days(30);

    /// Whether it waits for an answer.
    pub const fn is_open(&self) -> bool {
        self.declined_at.is_none()
    }

    /// Whether they have said lately that they do not want to.
    pub fn was_declined(&self, now: Time) -> bool {
        self.declined_at.is_some_and(|declined_at| now < declined_at + Self::DECLINED)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_has_moderated_longest_inherits_else_who_has_been_there_longest() {
        let member = |number: u128, role, days| Member {
            user_id: Id::from_uuid(Uuid::from_u128(number)),
            role: Some(role),
            created_at: Time::UNIX_EPOCH + TimeDelta::days(days),
        };
        let (old, young) = (member(1, GroupRole::Member, 1), member(2, GroupRole::Member, 2));
        let (first, second) = (member(3, GroupRole::Moderator, 3), member(4, GroupRole::Moderator, 4));
        assert_eq!(heir(&[young, old]), Some(old.user_id));
        assert_eq!(heir(&[old, second, young, first]), Some(first.user_id));
        assert_eq!(heir(&[]), None);
    }

    #[test]
    fn a_step_is_found_by_its_word_whatever_it_is_about() {
        let support = MessageStep::Support(SupportStep::Left);
        for step in [MessageStep::Group(GroupStep::Left), MessageStep::Order(OrderStep::Placed), support] {
            assert_eq!(step.to_string().parse::<MessageStep>().ok(), Some(step));
        }
        assert!("NOTHING".parse::<MessageStep>().is_err());
    }
}
