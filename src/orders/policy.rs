//! Who may see and move an order.

use super::model::{Order, Rights};
use crate::{
    kernel::id::Id,
    platform::{
        caller::{Caller, StaffPermission, Who},
        clock::Time,
    },
    shops::model::ShopRole,
    users::model::User,
};

/// Whether the caller sees an order as a whole: its buyer, and the market's staff.
pub fn sees(caller: &Caller, buyer: Option<Id<User>>) -> bool {
    match caller.who {
        Who::System => true,
        Who::Staff(_, role) => role.may(StaffPermission::ViewOrders),
        Who::Person(_) | Who::OnBehalf(_) => is(caller, buyer),
        Who::Guest | Who::ApiKey(_) => false,
    }
}

/// Whether the caller is the buyer, and sits there in person.
pub fn is_in_person(caller: &Caller, buyer: Option<Id<User>>) -> bool {
    caller.on_behalf().is_none() && is(caller, buyer)
}

/// Whether the caller may cancel and pay an order: its buyer.
pub fn may_act(caller: &Caller, order: &Order) -> bool {
    match caller.who {
        Who::System => true,
        Who::Person(_) | Who::Staff(..) | Who::OnBehalf(_) => is(caller, order.buyer_id),
        Who::Guest | Who::ApiKey(_) => false,
    }
}

/// Whether somebody who has the owner's token of an order is as its buyer: until somebody is, and as long as links lead to it.
pub fn is_held(order: &Order, now: Time) -> bool {
    order.buyer_id.is_none() && now < order.placed_at + Order::LINK_LIFETIME
}

/// What the caller is to an order, or to a part of it for whose shop they do this.
pub fn rights(caller: &Caller, order: &Order, role: Option<ShopRole>) -> Rights {
    let (is_buyer, is_oneself) = (may_act(caller, order), caller.on_behalf().is_none());
    Rights { is_buyer, is_oneself, role, staff: caller.staff_role() }
}

fn is(caller: &Caller, buyer: Option<Id<User>>) -> bool {
    caller.signed_in().zip(buyer).is_some_and(|(person, buyer)| person.user == buyer.uuid())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::platform::caller::{OnBehalf, Request, SignedIn, StaffRole};

    fn caller(who: Who) -> Caller {
        Caller { who, request: Arc::new(Request::default()) }
    }

    fn person(user: u128) -> SignedIn {
        SignedIn { user: Uuid::from_u128(user), session: Uuid::nil() }
    }

    #[test]
    fn an_order_is_seen_by_its_buyer_and_by_staff() {
        let buyer = Some(Id::from_uuid(Uuid::from_u128(1)));
        assert!(sees(&caller(Who::Person(person(1))), buyer));
        assert!(sees(&caller(Who::Staff(person(2), StaffRole::Support)), buyer));
        assert!(!sees(&caller(Who::Person(person(2))), buyer));
        assert!(!sees(&caller(Who::Guest), buyer));
        assert!(!sees(&caller(Who::Guest), None));
        assert!(!sees(&caller(Who::Person(person(1))), None));
        assert!(is_in_person(&caller(Who::Person(person(1))), buyer));
        assert!(is_in_person(&caller(Who::Staff(person(1), StaffRole::Support)), buyer));
        assert!(!is_in_person(&caller(Who::Staff(person(2), StaffRole::Admin)), buyer));
        let acting = OnBehalf { person: Uuid::from_u128(1), staff: person(2), grant: Uuid::nil() };
        assert!(sees(&caller(Who::OnBehalf(acting)), buyer) && !is_in_person(&caller(Who::OnBehalf(acting)), buyer));
    }
}
