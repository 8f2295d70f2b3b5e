//! How orders and their parts stand, and what follows from it for somebody.

use super::{
    Arrival, Circumstances, Claim, ClaimKind, ClaimStatus, FullPart, FullShipment, HeldBack, Order, OrderAction,
    OrderLine, OrderLineKind, OrderMoney, OrderPart, OrderPartAction, Return, ReturnStatus, Rights, ShipmentStatus,
    returnable,
};
use crate::{
    payments::model::{Refund, RefundStatus},
    platform::caller::StaffPermission,
};

impl FullPart {
    /// Why nothing of it is packed or leaves for now, where so much of its order's money is there; none if it may.
    pub fn held_back(&self, money: OrderMoney, market: &Circumstances) -> Option<HeldBack> {
        self.part.held_back(&self.order.order, money, &self.added, market)
    }
}

/// A refund's status, and how often it was begun.
pub type Begun = (RefundStatus, i32);

/// How an order stands, for somebody.
#[derive(Debug, Clone)]
pub struct OrderStanding {
    pub order: Order,
    pub money: OrderMoney,
    /// Whether anything of it is packed, or was sent.
    pub is_packed: bool,
    /// The parts to which something was added that waits for its money.
    pub extended: Vec<OrderPart>,
    /// What goes back at no shop's cost.
    pub refunds: Vec<Begun>,
    pub rights: Rights,
}

impl OrderStanding {
    /// What they may do with it now.
    pub fn allowed(&self, market: &Circumstances) -> Vec<OrderAction> {
        let is_allowed = |action: &OrderAction| self.rights.allow_for_order(*action) && self.permits(*action, market);
        OrderAction::ALL.into_iter().filter(is_allowed).collect()
    }

    fn permits(&self, action: OrderAction, market: &Circumstances) -> bool {
        let money = self.money;
        match action {
            OrderAction::Pay => {
                let is_going_back = money.paid > money.kept && !money.is_passed_on;
                let is_barred = money.is_passed_on && money.bars_more(&self.extended);
                market.takes_payments
                    && !money.is_in_progress
                    && !is_going_back
                    && !is_barred
                    && self.order.payable(money.held()).is_some()
            }
            // Money goes back by nobody's word but their own.
            OrderAction::Cancel if money.is_passed_on => {
                self.rights.is_oneself && !money.is_withheld() && self.order.is_cancellable(0, self.is_packed)
            }
            OrderAction::Cancel => !money.is_in_progress && self.order.is_cancellable(money.kept, self.is_packed),
            OrderAction::RetryRefund => self.refunds.iter().any(|(status, _)| status.is_to_be_tried_again()),
        }
    }
}

/// How a part stands, for somebody.
#[derive(Debug, Clone)]
pub struct PartStanding {
    pub full: FullPart,
    pub money: OrderMoney,
    pub shipments: Vec<FullShipment>,
    pub returns: Vec<ReturnStatus>,
    pub claims: Vec<ClaimStatus>,
    /// What goes back at its shop's cost.
    pub refunds: Vec<Begun>,
    pub rights: Rights,
}

impl PartStanding {
    /// What they may do with it now.
    pub fn allowed(&self, market: &Circumstances) -> Vec<OrderPartAction> {
        let is_allowed = |action: &OrderPartAction| self.rights.allow(*action) && self.permits(*action, market);
        OrderPartAction::ALL.into_iter().filter(is_allowed).collect()
    }

    fn permits(&self, action: OrderPartAction, market: &Circumstances) -> bool {
        use OrderPartAction as A;
        let (order, money) = (&self.full.order.order, self.money);
        match action {
            A::Pack => order.is_open() && self.has_open() && self.held_back(market).is_none(),
            A::Ship => self.has_shipment(ShipmentStatus::Shipped, market),
            A::Unpack => self.has_shipment(ShipmentStatus::Unpacked, market),
            A::MarkDelivered | A::ConfirmDelivery => self.has_shipment(ShipmentStatus::Delivered, market),
            A::CancelPieces => self.can_shrink(),
            A::Edit => self.can_be_edited(),
            A::Refund => money.is_passed_on && self.full.part.kept() > 0,
            // Staff always may: what is owed must never be stuck.
            A::RetryRefund => {
                let is_unbounded = self.rights.is_staff(StaffPermission::RefundOrders);
                let can = |&(status, attempt): &Begun| {
                    status.is_to_be_tried_again() && (is_unbounded || attempt < Refund::MAXIMUM_ATTEMPTS)
                };
                self.refunds.iter().any(can)
            }
            A::ApproveReturn => self.has_return(ReturnStatus::Approved),
            A::DeclineReturn => self.has_return(ReturnStatus::Declined),
            A::ReceiveReturn => self.has_return(ReturnStatus::Received),
            A::WithdrawReturn => self.has_return(ReturnStatus::Withdrawn),
            A::AnswerClaim => self.has_claim(ClaimStatus::Answered),
            A::DecideClaim => self.has_claim(ClaimStatus::Decided),
            A::EscalateClaim => self.has_claim(ClaimStatus::Escalated),
            A::WithdrawClaim => self.has_claim(ClaimStatus::Closed),
            A::RequestReturn => self.has_returnable(market),
            A::OpenClaim => {
                let is_claimable = |kind| self.full.part.is_claimable(order, money.is_passed_on, kind, market.now);
                [ClaimKind::NotReceived, ClaimKind::NotAsDescribed].into_iter().any(is_claimable)
                    && self.claims.iter().all(|status| status.is_over())
                    && self.claims.len() < Claim::MAXIMUM
            }
        }
    }

    /// Why nothing of it is packed or leaves for now; none if it may.
    pub fn held_back(&self, market: &Circumstances) -> Option<HeldBack> {
        self.full.held_back(self.money, market)
    }

    fn goods(&self) -> impl Iterator<Item = &OrderLine> {
        self.full.lines.iter().filter(|line| line.kind == OrderLineKind::Goods)
    }

    pub(super) fn has_open(&self) -> bool {
        self.goods().any(|line| line.open() > 0)
    }

    fn has_shipment(&self, next: ShipmentStatus, market: &Circumstances) -> bool {
        let held_back = self.held_back(market);
        self.shipments.iter().any(|found| found.shipment.status.next_now(held_back).any(|now| now == next))
    }

    fn has_return(&self, next: ReturnStatus) -> bool {
        self.returns.iter().any(|status| status.next().contains(&next))
    }

    fn has_claim(&self, next: ClaimStatus) -> bool {
        self.claims.iter().any(|status| status.next().contains(&next))
    }

    fn has_returnable(&self, market: &Circumstances) -> bool {
        let arrived = self.shipments.iter().filter(|found| found.shipment.status == ShipmentStatus::Delivered);
        let lines = arrived.flat_map(|found| found.lines.iter().map(move |line| (line, found.shipment.delivered_at)));
        let arrivals: Vec<Arrival> = lines.map(|(line, at)| (line.line_id, line.quantity, at)).collect();
        let is_left = |line: &OrderLine| returnable(line, &arrivals, market.returnable_for, market.now) > 0;
        self.goods().any(is_left) && i64::try_from(self.returns.len()).is_ok_and(|returns| returns < Return::MAXIMUM)
    }
}

#[cfg(test)]
mod tests;
