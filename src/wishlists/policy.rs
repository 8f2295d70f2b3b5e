//! Who may see a wish list.

use super::model::{Visibility, WishList};
use crate::{kernel::id::Id, users::model::User};

/// By what somebody comes to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By its id, which is no permission.
    Id,
    /// By its link.
    Link,
}

/// Whether somebody (nobody if they are not signed in), whom the owner may have blocked, sees a list.
pub fn may_see(list: &WishList, viewer: Option<Id<User>>, is_blocked: bool, way: Way) -> bool {
    let is_open = match list.visibility {
        Visibility::Private => false,
        Visibility::Link => way == Way::Link,
        Visibility::Public => true,
    };
    viewer == Some(list.owner_id) || (is_open && !is_blocked)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::platform::clock::Time;

    #[test]
    fn an_id_opens_only_what_is_public_and_nothing_to_the_blocked() {
        let (owner, other) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let list = |visibility| WishList {
            id: Id::from_uuid(Uuid::nil()),
            owner_id: owner,
            name: String::new(),
            visibility,
            link_id: None,
            version: 1,
            created_at: Time::UNIX_EPOCH,
            updated_at: Time::UNIX_EPOCH,
        };
        for (visibility, by_id, by_link) in
            [(Visibility::Private, false, false), (Visibility::Link, false, true), (Visibility::Public, true, true)]
        {
            let list = list(visibility);
            for viewer in [None, Some(other)] {
                assert_eq!(may_see(&list, viewer, false, Way::Id), by_id);
                assert_eq!(may_see(&list, viewer, false, Way::Link), by_link);
            }
            assert!(may_see(&list, Some(owner), false, Way::Id));
            assert!(!may_see(&list, Some(other), true, Way::Link));
        }
    }
}
