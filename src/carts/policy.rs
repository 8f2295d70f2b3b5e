//! Who may see a cart.

use super::model::Cart;
use crate::{kernel::id::Id, users::model::User};

/// By what somebody comes to a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// By its id, which is no permission.
    Id,
    /// By its token, which opens guests' carts and no others.
    Token,
}

/// Whether somebody (nobody if they are not signed in) sees a cart.
pub fn may_see(cart: &Cart, viewer: Option<Id<User>>, way: Way) -> bool {
    match cart.owner_id {
        Some(owner) => viewer == Some(owner),
        None => way == Way::Token,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{kernel::money::CurrencyCode, platform::clock::Time};

    #[test]
    fn a_token_opens_what_is_nobodys_and_an_id_what_is_ones_own() {
        let (owner, other) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let cart = |owner_id| Cart {
            id: Id::from_uuid(Uuid::nil()),
            owner_id,
            currency: CurrencyCode::GBP,
            version: 1,
            created_at: Time::UNIX_EPOCH,
            updated_at: Time::UNIX_EPOCH,
        };
        for viewer in [None, Some(owner), Some(other)] {
            assert!(may_see(&cart(None), viewer, Way::Token));
            assert!(!may_see(&cart(None), viewer, Way::Id));
            for way in [Way::Id, Way::Token] {
                assert_eq!(may_see(&cart(Some(owner)), viewer, way), viewer == Some(owner));
            }
        }
    }
}
