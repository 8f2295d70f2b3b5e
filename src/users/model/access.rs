//! What somebody may hear of has become more or less.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::User;
use crate::{kernel::id::Id, platform::events::EventBody};

/// Somebody works for another shop than before, or for one less, or takes part in a conversation no more. Open streams of theirs
/// begin anew from there: nobody else is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessChanged {
    pub user: Id<User>,
}

impl EventBody for AccessChanged {
    const KIND: &'static str = "users.access_changed";
}

/// The version of ids that nobody has: what tells the topic of somebody's access from the topic that they are.
const VERSION: u128 = 0xf << 76;

/// The topic of [`AccessChanged`], so that a stream about one conversation need not hear everything that concerns its reader.
pub fn access_topic(user: Id<User>) -> Uuid {
    Uuid::from_u128(user.uuid().as_u128() ^ VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topic_of_somebodys_access_is_nobodys_id() {
        let user = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007);
        let topic = access_topic(Id::from_uuid(user));
        assert_eq!((user.get_version_num(), topic.get_version_num()), (7, 8));
        assert_eq!(topic.as_u128() ^ VERSION, user.as_u128());
    }
}
