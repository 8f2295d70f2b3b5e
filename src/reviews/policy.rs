//! Who may see and answer a review.

use super::model::Review;
use crate::{
    kernel::id::Id,
    platform::caller::{Caller, StaffPermission},
    products::model::ProductStatus,
    shops::model::{Permission, ShopRole},
};

/// Whether the caller sees a review of a product in this state, for whose shop they do this, if anything.
pub fn may_see(caller: &Caller, review: &Review, status: ProductStatus, role: Option<ShopRole>) -> bool {
    let is_public = !review.is_hidden() && (status == ProductStatus::Active || role.is_some());
    is_public || is_author(caller, review) || caller.may(StaffPermission::ModerateReviews)
}

fn is_author(caller: &Caller, review: &Review) -> bool {
    caller.signed_in().is_some_and(|person| review.author_id == Id::from_uuid(person.user))
}

/// Whether members in this role answer reviews: those who answer messages.
pub const fn answers(role: ShopRole) -> bool {
    role.may(Permission::AnswerMessages)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::platform::{
        caller::{Request, SignedIn, StaffRole, Who},
        clock::Time,
    };

    fn person(number: u128) -> SignedIn {
        SignedIn { user: Uuid::from_u128(number), session: Uuid::nil() }
    }

    fn seen_by(who: Who, is_hidden: bool, status: ProductStatus, role: Option<ShopRole>) -> bool {
        let id = Uuid::nil();
        let review = Review {
            id: Id::from_uuid(id),
            product_id: Id::from_uuid(id),
            shop_id: Id::from_uuid(id),
            variant_id: None,
            author_id: Id::from_uuid(Uuid::from_u128(1)),
            rating: 5,
            title: String::new(),
            text: String::new(),
            photo_count: 0,
            version: 1,
            created_at: Time::UNIX_EPOCH,
            edited_at: None,
            reply: None,
            replied_at: None,
            reply_edited_at: None,
            hidden_at: is_hidden.then_some(Time::UNIX_EPOCH),
            hidden_reason: None,
            reported_at: None,
        };
        may_see(&Caller { who, request: Arc::new(Request::default()) }, &review, status, role)
    }

    #[test]
    fn what_is_hidden_is_seen_by_its_author_and_the_staff_alone() {
        use ProductStatus::{Active, Archived};
        let (author, other, staff) =
            (Who::Person(person(1)), Who::Person(person(2)), Who::Staff(person(3), StaffRole::Support));
        assert!(seen_by(Who::Guest, false, Active, None) && !seen_by(Who::Guest, true, Active, None));
        assert!(!seen_by(Who::Guest, false, Archived, None) && seen_by(author, false, Archived, None));
        assert!(seen_by(author, true, Active, None) && seen_by(staff, true, Archived, None));
        assert!(!seen_by(other, true, Active, Some(ShopRole::Owner)));
        assert!(seen_by(other, false, Archived, Some(ShopRole::Fulfillment)));
    }

    #[test]
    fn who_answers_messages_answers_reviews() {
        assert!(answers(ShopRole::Support) && answers(ShopRole::Owner) && !answers(ShopRole::Fulfillment));
    }
}
