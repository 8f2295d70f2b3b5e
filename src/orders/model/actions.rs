//! What may be done with an order, and with a part of it: by the state that it is in, and by what somebody is to it. Services ask
//! the same questions before they do it, so that nobody is told that they may and then refused.

use chrono::TimeDelta;

use super::{AddedLine, ClaimKind, Order, OrderLifecycle, OrderPart, ShipmentStatus};
use crate::{
    payments::model::DisputeMoney,
    platform::{
        caller::{StaffPermission, StaffRole},
        clock::Time,
    },
    shops::model::{Permission, ShopRole},
};

/// What can be done with an order as a whole. New actions may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum OrderAction {
    /// Pay what is owed, by `payOrder`: for its buyer.
    Pay,
    /// Call it off, by `cancelOrder`: for its buyer.
    Cancel,
    /// Have a refund tried again that is at no shop's cost, by `retryRefund`: for the market's staff.
    RetryRefund,
}

impl OrderAction {
    pub const ALL: [Self; 3] = [Self::Pay, Self::Cancel, Self::RetryRefund];
}

/// What can be done with a part of an order, and with what belongs to it. New actions may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum OrderPartAction {
    /// Pack pieces, or send them at once, by `createShipment`: for members of the shop, and for the staff. Not while a bank asks for
    /// the money, nor while something that was added waits for its own.
    Pack,
    /// Send a shipment that is packed, by `updateShipment`: for members of the shop, and for the staff. Not while a bank asks for the
    /// money, nor while it is not paid and no longer promised, nor while something that was added waits for its money.
    Ship,
    /// Unpack a shipment again, by `updateShipment`: for members of the shop, and for the staff.
    Unpack,
    /// Say that a shipment has arrived, by `updateShipment`: for members of the shop, and for the staff.
    MarkDelivered,
    /// Call off what cannot be sent, by `cancelOrderPart`: for members of the shop, and for the staff.
    CancelPieces,
    /// Give money back, by `refundOrderPart`: for members of the shop, and for the staff.
    Refund,
    /// Have a refund tried again, by `retryRefund`: for members of the shop, and for the staff.
    RetryRefund,
    /// Let a return come, by `approveReturn`: for members of the shop, and for the staff.
    ApproveReturn,
    /// Do not take a return back, by `declineReturn`: for members of the shop, and for the staff.
    DeclineReturn,
    /// Note what of a return has come back, by `receiveReturn`: for members of the shop, and for the staff.
    ReceiveReturn,
    /// Answer a claim, by `answerClaim`: for members of the shop.
    AnswerClaim,
    /// Decide on a claim, by `decideClaim`: for the staff.
    DecideClaim,
    /// Add goods or remove pieces, by `editOrderPart`: for the buyer. Of what is only promised, or free, pieces are removed only.
    Edit,
    /// Say that a shipment has arrived, by `confirmDelivery`: for the buyer.
    ConfirmDelivery,
    /// Ask to send something back, by `requestReturn`: for the buyer.
    RequestReturn,
    /// Keep what was to come back, by `withdrawReturn`: for the buyer.
    WithdrawReturn,
    /// Complain, by `openClaim`: for the buyer.
    OpenClaim,
    /// Have the staff decide on a claim, by `escalateClaim`: for the buyer.
    EscalateClaim,
    /// End a claim, by `withdrawClaim`: for the buyer.
    WithdrawClaim,
}

impl OrderPartAction {
    pub const ALL: [Self; 19] = [
        Self::Pack,
        Self::Ship,
        Self::Unpack,
        Self::MarkDelivered,
        Self::CancelPieces,
        Self::Refund,
        Self::RetryRefund,
        Self::ApproveReturn,
        Self::DeclineReturn,
        Self::ReceiveReturn,
        Self::AnswerClaim,
        Self::DecideClaim,
        Self::Edit,
        Self::ConfirmDelivery,
        Self::RequestReturn,
        Self::WithdrawReturn,
        Self::OpenClaim,
        Self::EscalateClaim,
        Self::WithdrawClaim,
    ];
}

impl Order {
    /// Whether it is agreed, and not over.
    pub fn is_open(&self) -> bool {
        self.status == OrderLifecycle::Open
    }

    /// What can be paid for it now, with what was added to it, if so much of what came in stays, or is promised; none if nothing can.
    pub fn payable(&self, kept: i64) -> Option<i64> {
        (self.owed() + self.added).checked_sub(kept).filter(|&left| left > 0 && self.is_open())
    }

    /// Whether all that is owed is there, or promised.
    pub const fn is_covered(&self, kept: i64) -> bool {
        kept >= self.owed()
    }

    /// Whether its buyer can call it off. `held` is what came in for it and was not passed on, as long as it is not all there.
    pub fn is_cancellable(&self, held: i64, is_packed: bool) -> bool {
        self.is_open() && held <= 0 && !is_packed
    }
}

impl OrderPart {
    /// Whether banks have taken back all that there was of it.
    pub const fn is_lost(&self) -> bool {
        self.disputed > 0 && self.kept() <= 0
    }

    /// Why nothing of it is packed or leaves for now, with what `waits` for its money beside it; none if it may: what is not paid, nor promised,
    /// where the market takes payments; what a bank asks about; of which it has taken all. What is added goes with the rest, once it is paid, or
    /// falls away.
    pub fn held_back(
        &self,
        order: &Order,
        money: OrderMoney,
        waits: &[AddedLine],
        market: &Circumstances,
    ) -> Option<HeldBack> {
        let is_paid = !market.takes_payments || order.is_covered(money.held());
        if self.is_lost() || money.disputed.is_some() {
            Some(HeldBack::Disputed)
        } else if is_paid && waits.is_empty() {
            None
        } else {
            Some(HeldBack::Unpaid)
        }
    }

    /// Whether its buyer can complain of this about it.
    pub fn is_claimable(&self, order: &Order, is_passed_on: bool, kind: ClaimKind, now: Time) -> bool {
        order.status != OrderLifecycle::Cancelled
            && self.owed() > 0
            && is_passed_on
            && kind.is_possible(self.fulfillment_state, now - order.placed_at)
    }
}

/// Why nothing of a part is packed or leaves for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// A bank asks for its money, or has taken it.
    Disputed,
    /// It is neither paid nor promised, or what was added to it is not.
    Unpaid,
}

impl ShipmentStatus {
    /// What may happen to a shipment now whose part is held back, or is not.
    pub fn next_now(self, held_back: Option<HeldBack>) -> impl Iterator<Item = Self> {
        self.next().iter().copied().filter(move |next| *next != Self::Shipped || held_back.is_none())
    }
}

/// What has become of an order's money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderMoney {
    /// What has come in, less what went back.
    pub paid: i64,
    /// The same, less what is on its way back.
    pub kept: i64,
    /// What is authorised, and not taken yet.
    pub authorized: i64,
    /// Whether it was all there once, and its shops have got it.
    pub is_passed_on: bool,
    /// Whether a provider is at work on a payment.
    pub is_in_progress: bool,
    /// Where the money is of disputes that are not decided, or won before it was given again; none if there are no such disputes.
    pub disputed: Option<DisputeMoney>,
}

impl OrderMoney {
    /// Whether a bank has some of it, and may give it again.
    pub const fn is_withheld(&self) -> bool {
        matches!(self.disputed, Some(DisputeMoney::Taken))
    }

    /// Whether nothing is added to these parts of an order that is paid, nor paid for that was added to them: a bank has taken back what they
    /// brought, or may. Once it was paid, goods would leave whose money is gone.
    pub fn bars_more(&self, parts: &[OrderPart]) -> bool {
        parts.iter().any(|part| self.disputed.is_some() || part.is_lost())
    }

    /// What of a part can still go back; none as long as a bank has some of it, and may give it again, for nobody knows.
    pub const fn left_of(&self, part: &OrderPart) -> Option<i64> {
        if part.disputed > 0 && self.is_withheld() { None } else { Some(part.kept()) }
    }

    /// What is here and stays, or is promised.
    pub const fn held(self) -> i64 {
        self.kept + self.authorized
    }

    /// That of an order which is paid.
    #[cfg(test)]
    pub const fn all(paid: i64) -> Self {
        Self { paid, kept: paid, authorized: 0, is_passed_on: true, is_in_progress: false, disputed: None }
    }
}

/// What the clock says, and the market lays down.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    pub now: Time,
    pub takes_payments: bool,
    /// For how long what has arrived can be sent back.
    pub returnable_for: TimeDelta,
}

/// What somebody is to an order, or to a part of it: perhaps more than one thing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rights {
    pub is_buyer: bool,
    /// Whether they are there themself, and nobody acts in their name.
    pub is_oneself: bool,
    /// What they do for the part's shop.
    pub role: Option<ShopRole>,
    pub staff: Option<StaffRole>,
}

impl Rights {
    /// Whether there is nothing that they might do.
    pub const fn are_none(self) -> bool {
        !self.is_buyer && self.role.is_none() && self.staff.is_none()
    }

    fn has_role(self, permission: Permission) -> bool {
        self.role.is_some_and(|role| role.may(permission))
    }

    pub(super) fn is_staff(self, permission: StaffPermission) -> bool {
        self.staff.is_some_and(|role| role.may(permission))
    }

    /// Whether they may do this in some state of the order.
    pub(super) fn allow_for_order(self, action: OrderAction) -> bool {
        match action {
            OrderAction::Pay => self.is_buyer && self.is_oneself,
            OrderAction::Cancel => self.is_buyer,
            OrderAction::RetryRefund => self.is_staff(StaffPermission::RefundOrders),
        }
    }

    /// Whether they may do this in some state of the part.
    pub(super) fn allow(self, action: OrderPartAction) -> bool {
        use OrderPartAction as A;
        match action {
            A::Pack | A::Ship | A::Unpack | A::MarkDelivered => {
                self.has_role(Permission::FulfillOrders) || self.is_staff(StaffPermission::FulfillOrders)
            }
            A::CancelPieces => self.deal_with_money(Permission::CancelOrders),
            A::Refund | A::RetryRefund | A::ApproveReturn | A::DeclineReturn | A::ReceiveReturn => {
                self.deal_with_money(Permission::RefundOrders)
            }
            A::AnswerClaim => self.is_oneself && self.has_role(Permission::RefundOrders),
            // Nobody decides in their own cause.
            A::DecideClaim => self.is_staff(StaffPermission::RefundOrders) && !self.is_buyer && self.role.is_none(),
            A::Edit | A::ConfirmDelivery | A::RequestReturn | A::WithdrawReturn => self.is_buyer,
            A::OpenClaim | A::EscalateClaim | A::WithdrawClaim => self.is_buyer && self.is_oneself,
        }
    }

    fn deal_with_money(self, permission: Permission) -> bool {
        self.is_oneself && (self.has_role(permission) || self.is_staff(StaffPermission::RefundOrders))
    }
}
